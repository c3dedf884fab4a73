"""The published schema and reference are those of the models, and say the same as the toolkit itself."""

import json

import pytest
import yaml
from jsonschema import Draft7Validator

from toolkit.cli import main
from toolkit.config import Exact, check_config
from toolkit.errors import InputError
from toolkit.experiment.schema import _sections, choices, experiment_reference, experiment_schema
from toolkit.experiment.spec import ExperimentFile
from toolkit.training import TrainingFile

GOOD = {"title": "t", "corpus": {"articles": "x"}, "actors": ["turkey"]}
TRAIN = {"kind": "train", "title": "t", "classifier": "tfidf", "data": {"newsmtsc": {"train": "train"}}, "out": "x"}
MARK = "<!-- From here on printed by: toolkit schema --reference -->\n\n"


@pytest.fixture(scope="module")
def valid():
    schema = experiment_schema()
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema).is_valid


def models():
    return [part for model in (ExperimentFile, TrainingFile) for _, part in _sections(model, "")]


def test_the_published_files_are_the_generated_ones(root, capsys):
    published = (root / "docs" / "experiment.schema.json").read_text(encoding="utf-8")
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == published, "toolkit schema > docs/experiment.schema.json"
    assert main(["schema", "--reference"]) == 0
    reference = (root / "docs" / "experiment.md").read_text(encoding="utf-8").partition(MARK)[2]
    assert capsys.readouterr().out == reference, "toolkit schema --reference, below the comment in docs/experiment.md"


def test_every_shipped_experiment_is_valid_and_names_the_schema(root, valid):
    files = sorted((root / "experiments").glob("*.yaml"))
    assert len(files) >= 5
    for path in files:
        text = path.read_text(encoding="utf-8")
        line = text.partition("\n")[0]
        assert line.startswith("# yaml-language-server: $schema="), path
        named = (path.parent / line.partition("$schema=")[2]).resolve()
        assert named == (root / "docs" / "experiment.schema.json"), path
        assert valid(yaml.safe_load(text)), path


def change(value, path, new):
    """A deep copy with one key changed; ... takes it out."""
    value = json.loads(json.dumps(value))
    *way, last = path.split(".")
    inner = value
    for key in way:
        inner = inner.setdefault(key, {})
    if new is ...:
        del inner[last]
    else:
        inner[last] = new
    return value


WRONG = [
    (GOOD, "titel", "x"),
    (GOOD, "title", ...),
    (GOOD, "title", 3),
    (GOOD, "title", ""),
    (GOOD, "corpus.articles", ...),
    (GOOD, "corpus", "x"),
    (GOOD, "corpus.format", "nexus"),
    (GOOD, "corpus.dates", "ymd"),
    (GOOD, "corpus.least_articles", 0),
    (GOOD, "corpus.columns", {"headline": "title"}),
    (GOOD, "corpus.columns", {"text": 3}),
    (GOOD, "corpus.agencies", {"A": "A"}),
    (GOOD, "actors", []),
    (GOOD, "actors", "turkey"),
    (GOOD, "seed", -1),
    (GOOD, "seed", "1"),
    (GOOD, "seed", 1.5),
    (GOOD, "mentions.pronoun", True),
    (GOOD, "mentions.pronouns", "yes"),
    (GOOD, "mentions.readings", "rule"),
    (GOOD, "tasks", {}),
    (GOOD, "tasks", {"tune": {}}),
    (GOOD, "tasks.tone.clasifier", "x"),
    (GOOD, "estimate.by", []),
    (GOOD, "estimate.voice", "outlets"),
    (GOOD, "estimate.copies", "none"),
    (GOOD, "estimate.reading", 1.5),
    (GOOD, "estimate.reading", "actors"),
    (GOOD, "estimate.draws", 3),
    (GOOD, "estimate.draws", 200000),
    (GOOD, "estimate.level", 1),
    (GOOD, "estimate.interval", "T"),
    (GOOD, "estimate.period", "decade"),
    (GOOD, "estimate.unit", "story"),
    (GOOD, "figures", ["tone"]),
    (GOOD, "figures", "tone_by_outlet"),
    (GOOD, "kind", "measured"),
    (GOOD, "lexicon", 3),
    (TRAIN, "classifier", ...),
    (TRAIN, "classifier", "tfdif"),
    (TRAIN, "out", ...),
    (TRAIN, "data", {}),
    (TRAIN, "data.newsmtsc.chose_on", "dev"),
    (TRAIN, "choose_by", "f1"),
    (TRAIN, "grid", {"C": 1}),
    (TRAIN, "actors", ["x"]),
    (TRAIN, "task", "tune"),
    (TRAIN, "recipe", {"encoder": "x", "average": {"a": 1.0}}),
    (TRAIN, "recipe", {"encoder": "x", "members": {"a": {"epochs": 1}}, "average": {"a": 1.0}}),
    (TRAIN, "recipe", {"encoder": "x", "members": {"a": {"data": {"b": 1}, "mask": 2}}, "average": {"a": 1.0}}),
]


@pytest.mark.parametrize(("base", "path", "new"), WRONG)
def test_schema_and_toolkit_refuse_the_same(valid, base, path, new):
    model = TrainingFile if base is TRAIN else ExperimentFile
    assert valid(base)
    check_config(model, base, "study.yaml")
    assert not valid(change(base, path, new))
    with pytest.raises(InputError, match="study.yaml"):
        check_config(model, change(base, path, new), "study.yaml")


@pytest.mark.parametrize("value", [
    {"extends": "base.yaml"}, {"extends": "base.yaml", "corpus": {"format": "text"}},
    {"extends": "base.yaml", "estimate": {"voice": None}, "figures": None}, {**GOOD, "estimate": None},
    {**GOOD, "matrix": {"estimate.copies": ["own", "all"]}}, {**GOOD, "estimate": {"by": ["form"], "reading": 0.5}},
    {**GOOD, "tasks": {"tone": {"classifier": "models/own"}}}, {**GOOD, "lexicon": {"x": {"label": "X"}}},
    {"kind": "train", "extends": "base.yaml", "recipe": {"members": {"a": {"epochs": 1}}}},
])  # fmt: skip
def test_what_the_toolkit_takes_the_schema_takes(valid, value):
    assert valid(value)


@pytest.mark.parametrize("value", [
    {"extends": "b.yaml", "title": 3}, {"extends": 3}, {"extends": None}, {"extends": "b.yaml", "corpus": {"x": 1}},
    {**GOOD, "matrix": {"estimate.copies": "own"}}, {**GOOD, "title": None}, {**GOOD, "matrix": {"seed": []}},
])  # fmt: skip
def test_what_extends_is_checked_too(valid, value):
    assert not valid(value)


def test_every_key_is_described_with_an_example_that_holds():
    seen = set()
    for model in models():
        assert issubclass(model, Exact), model
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name} has no description below it"
            assert field.examples, f"{model.__name__}.{name} has no example"
            for example in field.examples:
                model.__pydantic_validator__.validate_assignment(model.model_construct(), name, example)
            seen.add(f"{model.__name__}.{name}")
    assert set(choices()) <= seen


def test_the_reference_has_every_key():
    reference = experiment_reference()
    for path in ("corpus.articles", "tasks.NAME.classifier", "estimate.copies", "matrix", "recipe.members.NAME.epochs"):
        assert f"**`{path}`**" in reference
    assert "default: `one_per_story`" in reference
    assert "One of: `outlet`, `quoted`" in reference
