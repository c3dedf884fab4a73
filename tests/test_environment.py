"""environment.yml, pyproject.toml and the pins name the same packages and versions."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pins(text):
    return {canonicalize_name(n): v for n, v in re.findall(r"^\s*(?:- )?([\w.-]+)==([\w.]+)\s*$", text, re.M)}


@pytest.fixture(scope="module")
def required(root):
    return pins((root / "requirements.txt").read_text())


def test_the_pins_are_read(required):
    assert len(required) > 25
    assert required["torch"] == "2.13.0"


def test_conda_installs_the_pins(root, required):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    listed = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert pins("\n".join(listed)) == required
    assert "python=3.11" in environment["dependencies"]


def test_the_pins_meet_what_the_package_asks_for(root, required):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = [r for listed in project["optional-dependencies"].values() for r in listed]
    wanted = [Requirement(r) for r in [*project["dependencies"], *extras]]
    assert {canonicalize_name(r.name) for r in wanted} == set(required)
    for requirement in wanted:
        assert requirement.specifier.contains(required[canonicalize_name(requirement.name)]), requirement


def test_nothing_is_pinned_twice(root, required):
    further = pins((root / "constraints.txt").read_text())
    assert len(further) > 50
    assert not set(further) & set(required)


def test_no_licence_that_binds_the_user(required):
    """Nothing that is needed at run time is under the GPL (ours is MIT)."""
    from importlib import metadata

    for name in required:
        facts = metadata.metadata(name)
        licence = " ".join([facts.get("License", "") or "", facts.get("License-Expression", "") or ""])
        named = [c for c in facts.get_all("Classifier", []) if c.startswith("License")]
        assert not re.search(r"\b(A?GPL|General Public)", licence[:200] + " ".join(named)) or "LGPL" in licence, name
