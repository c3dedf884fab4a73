"""Files that extend each other, changes from the command line, variants."""

import pytest
import yaml

from toolkit.config import parse_yaml, read_yaml, to_yaml
from toolkit.errors import InputError
from toolkit.experiment.spec import ExperimentFile
from toolkit.layers import LONGEST, apply_changes, expand_matrix, merge, parse_changes, read_layers


def write(folder, **files):
    for name, value in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(value))


def test_the_nearest_file_wins_and_null_takes_the_default_back(tmp_path):
    write(
        tmp_path,
        low={
            "title": "low",
            "estimate": {"voice": "all", "by": ["outlet", "actor"]},
            "tasks": {"tone": {"train": "x"}},
        },
        mid={"extends": "low.yaml", "estimate": {"by": ["actor"], "level": 0.9}, "seed": 3},
        top={"extends": "mid.yaml", "title": "top", "seed": None, "tasks": {"tone": {"train": None}}},
    )
    assert read_layers(tmp_path / "top.yaml") == {
        "title": "top", "estimate": {"voice": "all", "by": ["actor"], "level": 0.9}, "tasks": {"tone": {}},
    }  # fmt: skip


def test_extends_is_meant_from_the_file_it_stands_in(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "low.yaml").write_text("title: low\n")
    (tmp_path / "a" / "mid.yaml").write_text("extends: b/low.yaml\n")
    (tmp_path / "top.yaml").write_text("extends: a/mid.yaml\nseed: 1\n")
    assert read_layers(tmp_path / "top.yaml") == {"title": "low", "seed": 1}


def test_a_circle_names_the_chain(tmp_path):
    write(
        tmp_path, a={"extends": "b.yaml"}, b={"extends": "c.yaml"}, c={"extends": "a.yaml"}, own={"extends": "own.yaml"}
    )
    with pytest.raises(InputError, match=r"in a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml; cut it"):
        read_layers(tmp_path / "a.yaml")
    with pytest.raises(InputError, match=r"in a circle: own.yaml -> own.yaml"):
        read_layers(tmp_path / "own.yaml")


def test_a_missing_or_broken_file_names_the_chain(tmp_path):
    write(tmp_path, a={"extends": "b.yaml"}, b={"extends": "../gone.yaml"}, c={"extends": "d.yaml"})
    with pytest.raises(
        InputError, match=r"there is no file .*gone.yaml.*\(it is extended: a.yaml -> b.yaml -> ../gone"
    ):
        read_layers(tmp_path / "a.yaml")
    (tmp_path / "d.yaml").write_text("title: [\n")
    with pytest.raises(InputError, match=r"d.yaml, line 2: .*\(it is extended: c.yaml -> d.yaml\)"):
        read_layers(tmp_path / "c.yaml")


@pytest.mark.parametrize("named", [3, ["a.yaml"], "", {"a": 1}, True])
def test_extends_takes_one_path(tmp_path, named):
    write(tmp_path, a={"extends": named})
    with pytest.raises(InputError, match="extends: .* is no path; give one YAML file"):
        read_layers(tmp_path / "a.yaml")


def test_a_chain_without_end_is_cut(tmp_path):
    write(tmp_path, **{f"f{i}": {"extends": f"f{i + 1}.yaml"} for i in range(40)})
    with pytest.raises(InputError, match="more than 20 files extend each other: f0.yaml -> f1.yaml"):
        read_layers(tmp_path / "f0.yaml")


def test_merging_changes_neither():
    below, above = {"a": {"x": [1]}}, {"a": {"y": 2}, "b": {"z": None}}
    assert merge(below, above) == {"a": {"x": [1], "y": 2}, "b": {}}
    assert (below, above) == ({"a": {"x": [1]}}, {"a": {"y": 2}, "b": {"z": None}})
    assert merge({"a": 1}, {"a": {"x": 2}}) == {"a": {"x": 2}}


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("estimate.copies", "own", ("estimate", "copies")),
        ("tasks.tone.classifier", "lexicon", ("tasks", "tone", "classifier")),
        ("tasks.tone.parameters.C", 0.5, ("tasks", "tone", "parameters", "C")),
        ("corpus.outlets.bbc.co.uk", "BBC", ("corpus", "outlets", "bbc.co.uk")),
        ("lexicon.mine.label", "Mine", ("lexicon", "mine", "label")),
        ("actors", ["turkey"], ("actors",)),
    ],
)
def test_a_path_leads_to_its_key(path, value, place):
    found = apply_changes({}, {path: value}, ExperimentFile, "--set")
    for key in place:
        found = found[key]
    assert found == value


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("estimate.copie", "--set: estimate.copie: unknown key; did you mean 'copies'"),
        ("estimat.copies", "--set: estimat: unknown key; did you mean 'estimate'"),
        ("tasks.tone.clasifier", "tasks.tone.clasifier: unknown key; did you mean 'classifier'"),
        ("seed.x", "seed.x: 'seed' holds one value and no keys; give seed=VALUE"),
        ("actors.0", "'actors' holds one value"),
        ("estimate..copies", "no path of keys"),
        ("extends", "extends: unknown key"),
        ("matrix", "matrix: unknown key"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path, message):
    with pytest.raises(InputError) as caught:
        apply_changes({}, {path: "x"}, ExperimentFile, "--set")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["estimate.copies", "=own", "a=[1", "a={x: 1, x: 2}"])
def test_a_change_that_is_none_is_refused(text):
    with pytest.raises(InputError, match="--set"):
        parse_changes([text])


def test_a_change_is_given_once_and_may_hold_an_equals_sign():
    assert parse_changes(["title=a = b", "estimate.level=9e-1"]) == {"title": "a = b", "estimate.level": 0.9}
    with pytest.raises(InputError, match="names 'a' twice"):
        parse_changes(["a=1", "a=2"])


def test_variants_are_named_by_their_values():
    matrix = {
        "tasks.tone.classifier": ["models/my tone", "lexicon"], "estimate.by": [["outlet", "actor"], ["actor"]],
        "estimate.level": [0.9],
    }  # fmt: skip
    found = expand_matrix(matrix, "study.yaml")
    assert list(found) == [
        "models_my_tone-outlet+actor-level_0.9", "models_my_tone-actor-level_0.9", "lexicon-outlet+actor-level_0.9",
        "lexicon-actor-level_0.9",
    ]  # fmt: skip
    assert found["lexicon-actor-level_0.9"] == {
        "tasks.tone.classifier": "lexicon", "estimate.by": ["actor"], "estimate.level": 0.9
    }  # fmt: skip
    assert list(expand_matrix({"estimate.voice": [None, "all"]}, "s")) == ["voice_null", "all"]


@pytest.mark.parametrize("values", [
    ["../../etc", "/etc/passwd", "..", ".", "a:b", "a*b?", "é", "", "con", "NUL.txt", " ", "x" * 300, "x" * 299, "A",
     "a", "a b", "a_b", "\u202e", "a\nb"],
])  # fmt: skip
def test_names_are_folders_on_every_system(values):
    names = list(expand_matrix({"title": values}, "study.yaml"))
    assert len({name.casefold() for name in names}) == len(values)
    for name in names:
        assert len(name) <= LONGEST + 9
        assert all(c.isascii() and (c.isalnum() or c in "_.+-") for c in name)
        assert name.strip(".") == name
        assert name.split(".")[0].lower() not in ("", "con", "nul")
    assert names == list(expand_matrix({"title": values}, "study.yaml"))


def test_a_matrix_does_not_explode():
    with pytest.raises(InputError, match="matrix: 1,000 variants; at most 500"):
        expand_matrix(
            {"seed": list(range(10)), "title": list("abcdefghij"), "estimate.level": [i / 100 for i in range(60, 70)]},
            "s",
        )
    with pytest.raises(InputError, match="matrix.seed: 1 stands there twice"):
        expand_matrix({"seed": [1, 2, 1]}, "s")
    assert len(expand_matrix({"mentions.resolve": [True, 1]}, "s")) == 2  # which the check of types then refuses


@pytest.mark.parametrize("value", ["1e5", "1e-3", "yes", "2020-01-01", "null", "~", "12:30", "0x1f", "", "- a", "é\n"])
def test_text_stays_text_through_yaml(tmp_path, value):
    (tmp_path / "a.yaml").write_text(to_yaml({"title": value, "number": 1e-5}), encoding="utf-8")
    assert read_yaml(tmp_path / "a.yaml") == {"title": value, "number": 1e-5}


def test_numbers_in_scientific_notation_are_numbers():
    assert parse_yaml("[1e-4, 7.0e-5, 2E3, -1e2, 1e, e5]", "x") == [1e-4, 7e-5, 2000.0, -100.0, "1e", "e5"]
