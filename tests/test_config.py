"""What people write wrong in a YAML file is said in their words."""

import datetime
from typing import Literal

import pytest
from pydantic import JsonValue

from toolkit.config import LARGEST, Exact, Strict, check_config, read_yaml
from toolkit.errors import InputError


class Inner(Strict):
    classifier: str = "embedding"
    draws: int = 10


class Outer(Strict):
    title: str
    tasks: dict[str, Inner] = {}
    inner: Inner = Inner()
    names: list[str] = []


def write(folder, text):
    path = folder / "study.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_mapping_is_read(tmp_path):
    assert read_yaml(write(tmp_path, "title: Über uns\nseed: 3\n")) == {"title": "Über uns", "seed": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: a\ntitle: b\n", "line 2: the key 'title' is given twice"),
        ("- a\n- b\n", "holds the list; expected keys with values"),
        ("", "holds nothing; expected keys"),
        ("title: [a\n", "line 2: expected"),
        ("a: &x [1]\nb: *x\n", r"line 2: aliases \(\*name\) are not read"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1: could not determine a constructor"),
        (b"title: \xff\n", r"not UTF-8 text \(byte 7\)"),
        ("? [a]\n: b\n", "line 1"),
        ("x" * (LARGEST + 1), "a configuration has at most 1,000,000"),
        ("[" * 5000, "mend the YAML there"),
    ],
)
def test_what_is_no_configuration_is_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_yaml(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no file .*nothing.yaml"):
        read_yaml(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"titel": "x", "title": "y"}, "titel: unknown key; did you mean 'title'"),
        (
            {"title": "y", "tasks": {"tone": {"clasifier": "x"}}},
            "tasks.tone.clasifier: unknown key; did you mean 'class",
        ),
        ({"title": "y", "inner": {"draw": 1}}, "inner.draw: unknown key; did you mean 'draws'"),
        ({}, "title: this key is needed and missing"),
        ({"title": 3}, "title: the number 3: input should be a valid string"),
        ({"title": "y", "inner": {"draws": "many"}}, "inner.draws: the text 'many': input should be a valid integer"),
        ({"title": "y", "names": "x"}, "names: the text 'x': input should be a valid list"),
    ],
)
def test_faults_are_worded(value, message):
    with pytest.raises(InputError, match=r"^study.yaml:\n") as caught:
        check_config(Outer, value, "study.yaml")
    assert message in str(caught.value)


def test_all_faults_come_at_once():
    with pytest.raises(InputError) as caught:
        check_config(Outer, {"a": 1, "b": 2}, "study.yaml")
    assert len(str(caught.value).splitlines()) == 4


class Careful(Exact):
    title: str
    number: int = 1
    share: float = 0.5
    flag: bool = False
    order: Literal["dmy", "mdy"] | None = None
    names: dict[str, str | list[str]] | None = None
    either: str | float = "x"
    inner: Inner = Inner()
    parameters: dict[str, JsonValue] = {}
    entries: list[Inner] = []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"title": 2020}, 'title: the number 2020: input should be a valid string; write it in quotes, "2020"'),
        (
            {"title": True},
            "title: the value True: .*YAML reads yes, no, on and off as true and false: write it in quotes",
        ),
        ({"title": datetime.date(2020, 1, 2)}, 'title: the date 2020-01-02: .*write it in quotes, "2020-01-02"'),
        ({"title": None}, "title: nothing: input should be a valid string; leave the key out"),
        ({"number": "5"}, "number: the text '5': input should be a valid integer; write it without quotes, 5"),
        ({"number": True}, "number: the value True: input should be a valid integer"),
        ({"number": 1.5}, "number: the number 1.5: "),
        ({"share": ".5"}, "share: the text '.5': input should be a valid number; write it without quotes"),
        ({"share": float("nan")}, "share: the number nan: input should be a finite number"),
        ({"share": float("inf")}, "share: the number inf: input should be a finite number"),
        ({"flag": "yes"}, "flag: the text 'yes': input should be a valid boolean; write it without quotes, yes"),
        ({"flag": 1}, "flag: the number 1: input should be a valid boolean"),
        ({"order": "dym"}, "order: the text 'dym': did you mean 'mdy'"),
        ({"names": {"text": 5}}, "names.text: the number 5: input should be a valid string, or a valid list"),
        ({"names": {"text": ["a", 5]}}, "names.text.1: the number 5: input should be a valid string"),
        ({"names": {2020: "x"}}, 'names.2020: 2020 is no text, and keys are text; write it in quotes, "2020"'),
        ({True: "x"}, "True: True is no text, and keys are text; YAML reads yes, no"),
        ({"either": [1]}, r"either: the list \[1\]: input should be a valid string, or a valid number"),
        ({"inner": None}, "inner: nothing: input should be keys with values"),
        ({"inner": [1]}, r"inner: the list \[1\]: input should be keys with values"),
        ({"inner": {"draws": 1, "drows": 2}}, "inner.drows: unknown key; did you mean 'draws'"),
        ({"entries": [{}, {"draw": 1}]}, "entries.1.draw: unknown key; did you mean 'draws'"),
        ({"entries": [{}, 3]}, "entries.1: the number 3: input should be keys with values"),
        (
            {"parameters": {"a": datetime.date(2020, 1, 1)}},
            "parameters.a: the date 2020-01-01: input should be text, a number",
        ),
        ({"title": ["x" * 500]}, r"title: the list \['x{76,80}\.\.\.: "),
    ],
)
def test_types_are_exact_and_what_yaml_did_is_said(value, message):
    with pytest.raises(InputError, match=message) as caught:
        check_config(Careful, {"title": "t", **value}, "study.yaml")
    assert len(str(caught.value).splitlines()) == 2
    assert "str]" not in str(caught.value)


def test_what_is_exact_is_taken():
    value = {"title": "t", "share": 1, "names": {"text": ["a"]}, "either": 0.5, "parameters": {"a": [1, None]}}
    assert check_config(Careful, value, "study.yaml").share == 1.0
