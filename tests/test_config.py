"""What people write wrong in a YAML file is said in their words."""

import pytest

from toolkit.config import LARGEST, Strict, check_config, read_yaml
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
