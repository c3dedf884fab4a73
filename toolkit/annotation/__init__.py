"""Coded samples: which mentions people code, with the probability of every mention of being drawn."""

from toolkit.annotation.drawing import DESIGNS, Sample, sample_mentions

__all__ = ["DESIGNS", "Sample", "sample_mentions"]
