"""What every test stands on."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Nothing may be fetched while tests run.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def root():
    """The root of the repository."""
    return ROOT
