"""Folds that never split a story."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toolkit.errors import InputError

__all__ = ["grouped_folds"]


def grouped_folds(groups: Sequence[str], labels: Sequence[str], folds: int = 5, seed: int = 0) -> np.ndarray:
    """Deal rows out to folds so that no group is in two of them and labels are spread evenly.

    Parameters
    ----------
    groups : sequence of str, shape (n,)
        What belongs together: the story, the article, the event.
    labels : sequence of str, shape (n,)
    folds : int
        From 2 to the number of groups.
    seed : int

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        The fold of each row, from 0 on.

    Raises
    ------
    InputError
        There are fewer groups than folds.

    Examples
    --------
    >>> folds = grouped_folds(["a", "a", "b", "c"], ["x", "y", "x", "y"], folds=3)
    >>> bool(folds[0] == folds[1]), sorted(set(folds.tolist()))
    (True, [0, 1, 2])
    """
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    number = len(set(groups))
    if not isinstance(folds, int) or not 2 <= folds <= number:
        raise InputError(f"folds is {folds!r}; expected a whole number from 2 to {number}, the number of groups")
    of_row = np.zeros(len(groups), dtype=int)
    # Which groups meet depends on the order of the rows; sorted, it depends on what they are alone.
    order = np.lexsort((np.asarray(labels, dtype=str), np.asarray(groups, dtype=str)))
    ordered = np.asarray(labels, dtype=str)[order]
    rarest = np.unique(ordered, return_counts=True)[1].min()
    kind = StratifiedGroupKFold if rarest >= folds else GroupKFold  # a label in too few rows cannot be spread
    spread = kind(folds, shuffle=True, random_state=seed)
    for fold, (_, held_out) in enumerate(spread.split(order, ordered, np.asarray(groups, dtype=str)[order])):
        of_row[order[held_out]] = fold
    return of_row
