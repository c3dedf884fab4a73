"""Imports go one way: every module imports only from those before it."""

import ast
import subprocess
import sys

ORDER = """
errors files tables resampling config readers furniture cleaning stories corpora codebook manual sentences encoders
actors finetuning classifiers scoring store agreement evaluation comparison recipes training estimation portrayal
results plots report annotated annotation export fingerprints runs experiment drift verification bundling rebuilding
cli
""".split()  # noqa: SIM905 - read as the line that it is
HEAVY = {
    "torch",
    "sentence_transformers",
    "matplotlib",
    "onnxruntime",
    "trafilatura",
    "sklearn",
    "scipy",
    "transformers",
}


def imports(path, *, top_level_only=False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def modules(root):
    for path in sorted((root / "toolkit").rglob("*.py")):
        if path != root / "toolkit" / "__init__.py":
            yield path, path.relative_to(root / "toolkit").parts[0].removesuffix(".py")


def test_every_module_has_its_place(root):
    assert {name for _, name in modules(root)} == set(ORDER)


def test_imports_go_one_way(root):
    for path, name in modules(root):
        for imported in imports(path):
            if imported == "toolkit" or imported.startswith("toolkit."):
                assert imported != "toolkit", f"{path}: import the module, not the package"
                other = imported.split(".")[1]
                assert ORDER.index(other) <= ORDER.index(name), f"{path} imports {imported}, which comes later"


def test_heavy_libraries_are_imported_at_first_use(root):
    for path, _ in modules(root):
        heavy = {m.split(".")[0] for m in imports(path, top_level_only=True)} & HEAVY
        assert heavy <= ({"sklearn"} if path.parent.name == "classifiers" else set()), f"{path}: {heavy}"


def test_importing_the_toolkit_loads_nothing_heavy():
    code = "import sys, toolkit, toolkit.cli; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & (HEAVY | {"pandas", "numpy", "pydantic", "yaml", "rich"})


def test_every_public_name_is_there():
    import toolkit

    for name in toolkit.__all__:
        assert getattr(toolkit, name) is not None
    assert set(toolkit.__all__) == set(toolkit._HOMES)


def test_datasets_is_no_package(root):
    assert not list((root / "datasets").rglob("__init__.py"))


def test_nothing_is_unpickled(root):
    banned = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    for path, _ in modules(root):
        assert not banned & {m.split(".")[0] for m in imports(path)}, path
        text = path.read_text(encoding="utf-8")
        assert "allow_pickle=True" not in text, path
        assert "trust_remote_code=True" not in text, path
