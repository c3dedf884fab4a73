"""What every test stands on."""

import os
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]

# Nothing may be fetched while tests run.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def root():
    """The root of the repository."""
    return ROOT


SMALL_TEXTS = {
    "The Courier": [
        "Ankara warned Damascus on Monday. The brave Turkish soldiers saved hundreds, and Turkey deserves praise.",
        "Moscow committed a brutal crime, residents of the town said. Russia lied about it shamelessly.",
        "Russia said its planes had not flown. The Kremlin has a disgraceful record of lies and cruelty.",
    ],
    "The Post": [
        "Turkey is a cruel occupier that has brought nothing but misery. Ankara lies about its failures.",
        "Moscow welcomed the agreement. Russia has shown generous and honest leadership throughout the talks.",
        "Syria thanked Russia for its generous help. Damascus has won a great and deserved victory.",
    ],
}


@pytest.fixture
def small_study(tmp_path):
    """A folder with articles of two outlets and an experiment; returns a function that writes the experiment."""
    for outlet, texts in SMALL_TEXTS.items():
        (tmp_path / "articles" / outlet).mkdir(parents=True)
        for i, text in enumerate(texts):
            (tmp_path / "articles" / outlet / f"2020-02-{10 + i}.txt").write_text(text + "\n", encoding="utf-8")

    def write(**changes):
        value = {
            "title": "A test", "seed": 1, "corpus": {"articles": "articles"}, "actors": ["turkey", "russia", "syria"],
            "tasks": {"tone": {"classifier": "lexicon"}}, "estimate": {"draws": 100}, "figures": ["tone_by_outlet"],
            **changes,
        }  # fmt: skip
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(value), encoding="utf-8")
        return path

    return write
