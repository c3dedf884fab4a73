"""What every classifier of this shelf shares: the checks at the door, saving and loading without pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from toolkit.errors import InputError, nearest
from toolkit.files import file_hash, to_json, write_atomically
from toolkit.tables import check_table

__all__ = ["NotFitted", "TargetClassifier", "fit_logistic", "mask_target"]

FORMAT = 1


class NotFitted(InputError, NotFittedError):  # noqa: N818 - named after scikit-learn's
    """A classifier was asked before it was fitted; scikit-learn's kind of error, worded for users."""


class TargetClassifier(ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier of mentions.

    `fit`, `predict` and `predict_proba` take any table with the columns sentence, start and end (the target, in code
    points of the sentence); further columns are not looked at, save those that `further` names. A row's result does not
    depend on the rows beside it.

    A new classifier writes `_fit` and `_proba`, and `_facts`, `_arrays` and `_restore` for saving and loading; one
    whose weights are no arrays names its `files` and writes `_write` and `_read` in place of the last two.
    """

    name: ClassVar[str]
    files: ClassVar[tuple[str, ...]] = ("weights.npz",)
    """What :meth:`save` writes beside `head.json`."""
    further: ClassVar[tuple[str, ...]] = ()
    """Further columns that are looked at where a table has them."""
    needs_fit: ClassVar[bool] = True
    """Whether it has to be fitted before it is asked."""
    classes_: np.ndarray

    def fit(self, mentions: pd.DataFrame, y: Any) -> TargetClassifier:
        """Fit on labelled targets.

        Parameters
        ----------
        mentions : pandas.DataFrame
            Columns sentence, start, end.
        y : array-like of str, shape (rows,)
            The labels; they may not be missing.

        Returns
        -------
        TargetClassifier
            Itself.

        Raises
        ------
        InputError
            The table is wrong, labels are missing, of another number than the rows, or all the same.
        """
        targets = self._targets(mentions)
        labels = self._labels(y, len(targets))
        self.classes_ = np.unique(labels)
        self._fit(targets, labels)
        return self

    def predict_proba(self, mentions: pd.DataFrame) -> np.ndarray:
        """Probabilities, shape (rows, classes), columns as in `classes_`, rows sum to 1."""
        if not self._is_fitted():
            raise NotFitted(
                f"the classifier {self.name!r} is not fitted; call fit(mentions, labels) first, or load one"
            )
        targets = self._targets(mentions)
        if not targets:
            return np.zeros((0, len(self.classes_)))
        return self._proba(targets)

    def predict(self, mentions: pd.DataFrame) -> np.ndarray:
        """The most probable label of each row."""
        proba = self.predict_proba(mentions)
        return self.classes_[proba.argmax(axis=1)] if len(proba) else np.empty(0, dtype=self.classes_.dtype)

    def save(self, folder: str | Path, *, about: dict[str, Any] | None = None) -> Path:
        """Write a fitted classifier: `head.json` and its weights (`weights.npz`, or ONNX), which hold no code.

        Parameters
        ----------
        folder : str or pathlib.Path
            Made where it is missing.
        about : dict, optional
            Facts of the training, kept in `head.json`.

        Returns
        -------
        pathlib.Path
            The folder.
        """
        if not self._is_fitted():
            raise NotFitted(f"the classifier {self.name!r} is not fitted, so there is nothing to save; call fit first")
        folder = Path(folder)
        self._write(folder)
        head = {
            "about": about or {},
            "classifier": self.name,
            "facts": self._facts(),
            "format": FORMAT,
            "hashes": {name: file_hash(folder / name) for name in self.files},
            "labels": [str(label) for label in self.classes_],
            "parameters": self._parameters(),
        }
        with write_atomically(folder / "head.json") as part:
            part.write_text(to_json(head), encoding="utf-8")
        return folder

    @classmethod
    def from_parts(cls, head: dict[str, Any], contents: dict[str, bytes], source: str) -> TargetClassifier:
        """Put together what `save` wrote: `contents` by the names of the files; `source` names it in errors."""
        known = cls._get_param_names()
        for key in head["parameters"]:
            if key not in known:
                raise InputError(f"{source}: unknown parameter {key!r} of {cls.name!r}; {nearest(key, known)}")
        made = cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in head["parameters"].items()})
        made.classes_ = np.array(head["labels"])
        made._read(head["facts"], contents, source)
        return made

    def _is_fitted(self) -> bool:
        return hasattr(self, "classes_")

    def _targets(self, mentions: pd.DataFrame) -> list[tuple[str, int, int]]:
        check_table(mentions, "targets")
        found = list(zip(mentions["sentence"], mentions["start"].astype(int), mentions["end"].astype(int), strict=True))
        for row, (sentence, start, end) in zip(mentions.index, found, strict=True):
            if not start < end <= len(sentence):
                raise InputError(
                    f"row {row}: the target runs from {start} to {end} in a sentence of {len(sentence)} characters; "
                    "expected start < end <= length"
                )
        return found

    def _labels(self, y: Any, rows: int) -> np.ndarray:
        labels = pd.Series(y).reset_index(drop=True)
        if len(labels) != rows:
            raise InputError(f"{len(labels)} labels for {rows} mentions; expected one label for each")
        if labels.isna().any():
            raise InputError(f"label number {int(labels.isna().argmax()) + 1} is missing; leave such mentions out")
        if not rows:
            raise InputError("there are no labelled mentions to fit on")
        return labels.astype(str).to_numpy(dtype=np.str_)

    def _fit(self, targets: list[tuple[str, int, int]], labels: np.ndarray) -> None:
        raise NotImplementedError

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        raise NotImplementedError

    def _parameters(self) -> dict[str, Any]:
        """What `__init__` was given, as it goes into `head.json`."""
        return self.get_params()

    def _facts(self) -> dict[str, Any]:
        return {}

    def _arrays(self) -> dict[str, np.ndarray]:
        return {}

    def _write(self, folder: Path) -> None:
        with write_atomically(folder / "weights.npz") as part, part.open("wb") as handle:
            np.savez(handle, allow_pickle=False, **self._arrays())  # type: ignore[arg-type]

    def _read(self, facts: dict[str, Any], contents: dict[str, bytes], source: str) -> None:
        self._restore(facts, read_arrays(contents["weights.npz"], f"{source}/weights.npz"), source)

    def _restore(self, facts: dict[str, Any], arrays: dict[str, np.ndarray], source: str) -> None:
        pass


def mask_target(sentence: str, start: int, end: int, placeholder: str | None) -> tuple[str, int, int]:
    """Put `placeholder` in the target's place; with None the sentence stays.

    Examples
    --------
    >>> mask_target("In Ankara, a minister resigned.", 3, 9, "they")
    ('In they, a minister resigned.', 3, 7)
    """
    if placeholder is None:
        return sentence, start, end
    return sentence[:start] + placeholder + sentence[end:], start, start + len(placeholder)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Linear algebra on one thread: with more, sums are split differently and the last bits move."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def fit_logistic(features: Any, labels: np.ndarray, C: float) -> tuple[np.ndarray, np.ndarray]:
    """Multinomial logistic regression with an L2 penalty.

    Returns
    -------
    coefficients : numpy.ndarray of float64, shape (classes, features)
    intercepts : numpy.ndarray of float64, shape (classes,)

    Raises
    ------
    InputError
        All labels are the same, or it does not converge.
    """
    from sklearn.linear_model import LogisticRegression

    if len(set(labels)) < 2:
        raise InputError(f"all labels are {str(labels[0])!r}; a classifier needs at least two different ones to fit")
    if not (isinstance(C, int | float) and C > 0):
        raise InputError(f"C is {C!r}; expected a number above 0")
    with _one_thread():
        model = LogisticRegression(C=C, max_iter=2000, tol=1e-4).fit(features, labels)
    coefficients, intercepts = model.coef_.astype(np.float64), model.intercept_.astype(np.float64)
    if len(coefficients) == 1:  # two classes: scikit-learn keeps the second one's row only
        coefficients, intercepts = np.vstack([0 * coefficients, coefficients]), np.r_[0.0, intercepts]
    return coefficients, intercepts


def read_arrays(content: bytes, path: str) -> dict[str, np.ndarray]:
    """Read the content of an npz file without unpickling anything; `path` names it in errors."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            return {key: held[key] for key in held.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} cannot be read ({error}); save or fetch the classifier again") from None
