"""The notebooks run, and keep what they print."""

import importlib.util

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("notebooks_build", ROOT / "notebooks" / "build.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_prints_what_it_keeps(path, build):
    fresh = build.shown(build.run(path))
    assert fresh == build.shown(nbformat.read(path, as_version=4)), f"{path.name} is out of date: run make notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_imports_nothing_else(path):
    allowed = {"toolkit", "pandas", "matplotlib"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            imported = [
                line.split()[1].split(".")[0]
                for line in cell.source.splitlines()
                if line.startswith(("import ", "from "))
            ]
            assert set(imported) <= allowed
