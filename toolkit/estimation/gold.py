"""Gold and the frame it was drawn from, checked against each other and against the mentions that count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.codebook import load_codebook
from toolkit.errors import InputError, nearest

__all__ = ["Design", "align_gold", "label_values", "task_labels"]

_FRAME = ("mention_id", "stratum", "probability", "drawn", "cluster")
_DRAW = "draw the mentions to be coded with `toolkit sample`, which writes the frame, and give both"
_METRICS = "gold that people picked can tell how accurate a classifier is (toolkit.accuracy), not correct an estimate"


@dataclass(frozen=True)
class Design:
    """The gold of the mentions that count, row by row.

    Attributes
    ----------
    sampled : array of bool, shape (n,)
        Which have gold.
    probability : array of float, shape (n,)
        That of having been drawn (and coded).
    label : array of object, shape (n,)
        The gold label; None where there is none.
    stratum : array of str, shape (n,)
    notes : tuple of str
        What a reader has to know.
    """

    sampled: np.ndarray
    probability: np.ndarray
    label: np.ndarray
    stratum: np.ndarray
    notes: tuple[str, ...] = ()


def task_labels(scored: pd.DataFrame, task: str) -> tuple[str, ...]:
    """The labels that the mentions were scored with; else those of the task in the shipped codebook.

    Examples
    --------
    >>> task_labels(pd.DataFrame(columns=["tone_pred", "tone_p_bad", "tone_p_good"]), "tone")
    ('bad', 'good')
    """
    head = f"{task}_p_"
    found = tuple(str(column)[len(head) :] for column in scored.columns if str(column).startswith(head))
    tasks = load_codebook() if not found else {}
    return tasks[task].labels if task in tasks else found


def label_values(scored: pd.DataFrame, task: str) -> dict[str, float]:
    """The number that each label stands for in `<task>_score`.

    Raises
    ------
    InputError
        The labels of this task have no order.
    """
    labels, spec = task_labels(scored, task), load_codebook().get(task)
    if spec is not None and spec.labels == labels and spec.values is not None:
        return dict(zip(labels, spec.values, strict=True))
    # A task of another codebook: the scores are probabilities times values, so they say the values themselves.
    columns = [f"{task}_p_{label}" for label in labels if f"{task}_p_{label}" in scored]
    known = scored[[*columns, f"{task}_score"]].astype(float).drop_duplicates().dropna().to_numpy()
    if columns and len(known) >= len(columns):
        values, _, rank, _ = np.linalg.lstsq(known[:, :-1], known[:, -1], rcond=1e-8)
        if rank == len(columns) and np.abs(known[:, :-1] @ values - known[:, -1]).max() < 1e-6:
            return {label: round(float(value), 9) for label, value in zip(labels, values, strict=True)}
    raise InputError(
        f"the labels of the task {task!r} have no numbers, so gold cannot stand beside its scores; estimate the share "
        f"of one label instead: label={(labels or ('...',))[0]!r}"
    )


def align_gold(
    scored: pd.DataFrame, task: str, gold: pd.DataFrame | None, frame: pd.DataFrame | None, *, method: str = "dsl"
) -> Design:  # fmt: skip
    """The gold label and the probability of each mention that counts.

    Parameters
    ----------
    scored : pandas.DataFrame
        The mentions that count.
    task : str
    gold : pandas.DataFrame
        `mention_id`, `label`, and `task` where it holds several.
    frame : pandas.DataFrame
        Every mention that could have been drawn: `mention_id, stratum, probability, drawn, cluster`.
    method : str
        For the messages.

    Raises
    ------
    InputError
        See :func:`toolkit.estimation.outcomes`.
    """
    if gold is None:
        raise InputError(f"method={method!r} needs gold labels: give gold=... and frame=...; {_DRAW}")
    if frame is None:
        raise InputError(
            f"gold without a frame: nothing says how probable it was that each mention was coded, so method={method!r} "
            f"would not be right on average; {_DRAW}. {_METRICS}"
        )
    frame = _checked_frame(frame)
    labels = _checked_gold(gold, task, task_labels(scored, task))
    place = frame.index.get_indexer(labels.index)
    if (place < 0).all() or not len(frame.index.intersection(pd.Index(scored["mention_id"]))):
        which = "the gold and the frame" if (place < 0).all() else "the frame and these mentions"
        raise InputError(
            f"{which} have no mention in common (the first are {labels.index[0]!r} and {frame.index[0]!r}), so they "
            "come from different corpora or runs: code a sample of this corpus, or give the table it was drawn from"
        )
    if (place < 0).any():
        raise InputError(
            f"{int((place < 0).sum())} of {len(labels)} gold mentions are outside the frame, such as "
            f"{labels.index[place < 0][0]!r}: they could not be drawn, so they were picked otherwise; leave them out. "
            f"{_METRICS}"
        )
    drawn = frame["drawn"].to_numpy(dtype=bool)
    if not drawn[place].all():
        raise InputError(
            f"{int((~drawn[place]).sum())} of {len(labels)} gold mentions were not drawn, such as "
            f"{labels.index[~drawn[place]][0]!r}: they were picked otherwise; leave them out. {_METRICS}"
        )
    where = frame.index.get_indexer(pd.Index(scored["mention_id"]))
    _check_covered(scored, frame, where)
    coded = np.zeros(len(frame), dtype=bool)
    coded[place] = True
    probability, notes = _coded_probability(frame, drawn, coded)
    label = labels.reindex(scored["mention_id"]).to_numpy(dtype=object)
    sampled = coded[where]
    if not sampled.any():
        raise InputError(
            f"none of the {len(labels)} gold mentions is among the {len(scored)} that count here; choose the voice, "
            "reading and copies that the sample was drawn for"
        )
    said = sorted(set(label[sampled]))
    if len(said) == 1:
        raise InputError(
            f"all {int(sampled.sum())} gold mentions that count have the label {said[0]!r}, so they say nothing about "
            "the machine's errors; code more mentions, or report the share with an exact binomial interval"
        )
    stratum = frame["stratum"].to_numpy(dtype=str)[where]
    return Design(sampled, probability[where], np.where(sampled, label, np.array(None)), stratum, notes)


def _checked_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, indexed by mention."""
    for column in _FRAME:
        if column not in getattr(frame, "columns", ()):
            raise InputError(f"the frame lacks the column {column!r}; it needs {', '.join(_FRAME)}: {_DRAW}")
    if not len(frame):
        raise InputError(f"the frame is empty; {_DRAW}")
    twice = frame["mention_id"][frame["mention_id"].duplicated()]
    if len(twice):
        raise InputError(f"the frame has the mention {twice.iloc[0]!r} twice; expected one row for each")
    p = pd.to_numeric(frame["probability"], errors="coerce").to_numpy(dtype=float)
    bad = ~((p > 0) & (p <= 1))
    if bad.any():
        row = frame[bad].iloc[0]
        raise InputError(
            f"the frame gives the mention {row['mention_id']!r} the probability {row['probability']} of being drawn; "
            "expected above 0 and at most 1. A mention that could not be drawn belongs neither into the frame nor into "
            "an estimate that the sample corrects"
        )
    if not pd.api.types.is_bool_dtype(frame["drawn"].dtype):
        raise InputError("the frame's column 'drawn' must hold True or False; read it from frame.parquet")
    return frame.set_index("mention_id").sort_index()


def _checked_gold(gold: pd.DataFrame, task: str, labels: tuple[str, ...]) -> pd.Series:
    """The labels of one task, indexed by mention."""
    for column in ("mention_id", "label"):
        if column not in getattr(gold, "columns", ()):
            raise InputError(f"the gold lacks the column {column!r}; it needs mention_id, task and label")
    rows = gold
    if "task" in gold.columns:
        rows = gold[gold["task"] == task]
        if not len(rows):
            held = ", ".join(sorted(map(str, gold["task"].unique()))) or "none"
            raise InputError(f"there is no gold of the task {task!r}; its tasks: {held}")
    empty = rows["label"].isna()
    if empty.any():
        raise InputError(
            f"the gold of {rows[empty]['mention_id'].iloc[0]!r} has no label; adjudicate it or drop the row"
        )
    if len(wrong := rows[~rows["label"].isin(labels)]):
        raise InputError(
            f"the gold of {wrong['mention_id'].iloc[0]!r} is {wrong['label'].iloc[0]!r}, which is no label of the task "
            f"{task!r}; {nearest(wrong['label'].iloc[0], labels)}"
        )
    pairs = rows[["mention_id", "label"]].drop_duplicates()
    twice = pairs["mention_id"][pairs["mention_id"].duplicated()]
    if len(twice):
        both = sorted(pairs.loc[pairs["mention_id"] == twice.iloc[0], "label"])
        raise InputError(
            f"the mention {twice.iloc[0]!r} has {len(both)} gold labels ({', '.join(both)}); adjudicate the coders' "
            "labels first (toolkit agreement), so that one is left"
        )
    return pairs.set_index("mention_id")["label"].sort_index()


def _check_covered(scored: pd.DataFrame, frame: pd.DataFrame, where: np.ndarray) -> None:
    """Every mention that counts could have been drawn, and its story is the one that it had then."""
    if (where < 0).any():
        first = scored["mention_id"].iloc[int((where < 0).argmax())]
        raise InputError(
            f"{int((where < 0).sum())} of {len(scored)} mentions that count are outside the frame, such as {first!r}: "
            "no sample speaks for them. Choose the voice, reading and copies that the sample was drawn for, or draw "
            "from all that should count"
        )
    other = frame["cluster"].to_numpy(dtype=str)[where] != scored["story_id"].to_numpy(dtype=str)
    if other.any():
        raise InputError(
            f"{int(other.sum())} mentions are in another story than when the sample was drawn, such as "
            f"{scored['mention_id'].iloc[int(other.argmax())]!r}; give the mentions of the run that it was drawn from"
        )


def _coded_probability(frame: pd.DataFrame, drawn: np.ndarray, coded: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The probability of being drawn and coded; drawn mentions without gold are taken as missing at random."""
    probability = frame["probability"].to_numpy(dtype=float)
    left = int((drawn & ~coded).sum())
    if not left:
        return probability, ()
    _, stratum = np.unique(frame["stratum"].to_numpy(dtype=str), return_inverse=True)
    share = np.bincount(stratum, coded) / np.maximum(np.bincount(stratum, drawn), 1)
    lost = (share == 0) & (np.bincount(stratum, drawn) > 0)
    if lost.any():
        name = frame["stratum"].iloc[int(lost[stratum].argmax())]
        raise InputError(
            f"none of the drawn mentions of the stratum {name!r} has gold, so nothing speaks for it; code them, or "
            "leave that stratum out of the mentions and of the frame"
        )
    share = np.where(np.bincount(stratum, drawn) > 0, share, 1.0)
    note = f"{left} of {int(drawn.sum())} drawn mentions have no gold: taken as missing by chance within their stratum"
    return probability * share[stratum], (note,)
