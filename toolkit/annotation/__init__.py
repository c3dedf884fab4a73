"""Coded samples: which mentions people code, with the probability of every mention of being drawn."""

from toolkit.annotation.drawing import ALLOCATIONS, DESIGNS, sample_mentions
from toolkit.annotation.plan import plan_sample
from toolkit.annotation.sample import Sample

__all__ = ["ALLOCATIONS", "DESIGNS", "Sample", "plan_sample", "sample_mentions"]
