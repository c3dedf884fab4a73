"""How good a classifier is: accuracy by class and group, calibration, folds by story, and the swap audit."""

from toolkit.evaluation.calibration import brier_score, calibration_error, cross_calibrate, reliability
from toolkit.evaluation.classes import accuracy, macro_f1
from toolkit.evaluation.folds import grouped_folds
from toolkit.evaluation.grouped import accuracy_by, gold_confusion
from toolkit.evaluation.swaps import swap_audit, swap_by_actor, swap_floor

__all__ = [
    "accuracy",
    "accuracy_by",
    "brier_score",
    "calibration_error",
    "cross_calibrate",
    "gold_confusion",
    "grouped_folds",
    "macro_f1",
    "reliability",
    "swap_audit",
    "swap_by_actor",
    "swap_floor",
]
