"""Files are written whole or not at all."""

import json

import pytest

from toolkit.files import content_id, file_hash, to_json, write_atomically


def test_a_file_appears_whole(tmp_path):
    with write_atomically(tmp_path / "deep" / "a.txt") as path:
        path.write_text("new")
        assert not (tmp_path / "deep" / "a.txt").exists()
    assert (tmp_path / "deep" / "a.txt").read_text() == "new"
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_an_interrupted_write_leaves_the_old_file(tmp_path, fault):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(fault), write_atomically(target) as path:
        path.write_text("half")
        raise fault
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_ids_tell_parts_apart():
    assert content_id("a", "xy", "z") != content_id("a", "x", "yz")
    assert content_id("a", "x", None) == content_id("a", "x", "")
    assert content_id("a", "\ud800") != content_id("a", "x")


def test_hashes_are_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_hash(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_json_refuses_what_is_no_number():
    assert json.loads(to_json({"b": 1, "a": "é"})) == {"a": "é", "b": 1}
    with pytest.raises(ValueError, match="Out of range"):
        to_json({"a": float("nan")})
