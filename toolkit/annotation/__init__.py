"""Coded samples: which mentions people code, each with its probability of being drawn; sheets out and in."""

from toolkit.annotation.drawing import ALLOCATIONS, DESIGNS, sample_mentions
from toolkit.annotation.importing import read_annotations
from toolkit.annotation.plan import plan_sample
from toolkit.annotation.sample import Sample
from toolkit.annotation.sheets import write_sheets

__all__ = [
    "ALLOCATIONS",
    "DESIGNS",
    "Sample",
    "plan_sample",
    "read_annotations",
    "sample_mentions",
    "write_sheets",
]
