"""Draw the mentions that people code: stratified, seeded, and with the probability of every mention of being drawn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.annotation.allocation import allocate, draw_units, random_key
from toolkit.annotation.sample import Sample, drawn_hash, frame_hash
from toolkit.codebook import Task, load_codebook, task_hash
from toolkit.errors import InputError, InputWarning, nearest
from toolkit.estimation import counted
from toolkit.estimation.selection import Options, as_names, check_options
from toolkit.tables import check_table

__all__ = ["ALLOCATIONS", "DESIGNS", "Sample", "sample_mentions"]

DESIGNS = {
    "mention": "mentions are drawn within strata",
    "story": "whole stories are drawn within strata of stories; all mentions of a story drawn are coded",
}
ALLOCATIONS = {
    "proportional": "strata are drawn from in proportion to their size, where the minimum leaves it so",
    "neyman": "strata in which the classifier is unsure give more (Neyman 1934)",
}
SEVERAL, MISSING = "(several)", "(missing)"


def sample_mentions(
    scored: pd.DataFrame, task: str | Task = "tone", *, n: int, by: Sequence[str] = ("outlet", "actor"),
    minimum: int = 2, design: str = "mention", allocation: str = "proportional", predicted: bool = True,
    voice: str = "outlet", reading: str | float = "actor", copies: str = "all", seed: int = 0,
) -> Sample:  # fmt: skip
    r"""Draw the mentions that people code.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions, as :func:`toolkit.score_mentions` returns them; not changed. Row order does not matter.
    task : str or Task, default "tone"
        What is to be coded.
    n : int
        Mentions to be coded. With ``design="story"`` as many stories are drawn as hold about `n` mentions.
    by : sequence of str, default ("outlet", "actor")
        The columns whose values make the strata; may be empty.
    minimum : int, default 2
        The least that is drawn from each stratum: mentions, or stories; all where it holds fewer. At least 1, since
        what cannot be drawn cannot be corrected; from 2 on the spread within a stratum can be seen.
    design : {"mention", "story"}
        See :data:`DESIGNS`. A story belongs to the stratum of its mentions' values of `by`; where they differ, the
        value is "(several)". Coding a story at a time is quicker, and gives wider intervals for the same `n`.
    allocation : {"proportional", "neyman"}
        See :data:`ALLOCATIONS`.
    predicted : bool, default True
        Also stratify by the machine's label (`<task>_pred`), so that rare classes are in the sample; mentions only.
        False for a task that nothing has been scored for.
    voice, reading, copies
        Which mentions can be drawn: those that would count in :func:`toolkit.estimate` with these options. Draw from
        all that you want to estimate anything about.
    seed : int, default 0
        The same seed and mentions give the same sample. With more `n` and the same seed, what was drawn from a
        stratum is drawn again as long as the stratum gives no less.

    Returns
    -------
    Sample

    Raises
    ------
    InputError
        A name is not known; the mentions are not scored; nothing can be drawn from; `n` is more than there is, or
        less than the minimum needs.

    Warns
    -----
    InputWarning
        Mentions without a voice or a score are left out; all mentions are drawn.

    Notes
    -----
    Every mention of stratum `h` is drawn with probability :math:`n_h / N_h` exactly (with whole stories, stories drawn
    over stories there), by simple random sampling without replacement within strata (Cochran 1977, Sampling Techniques,
    ch. 5 and 5A): those with the smallest SHA-256 of seed and id. Nothing but ids and values decides.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"mention_id": [f"m{i}" for i in range(9)], "outlet": ["A"] * 6 + ["B"] * 3}).assign(
    ...     article_id="a", story_id="s", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body",
    ...     actor="turkey", surface="Ankara", form="capital", reading="actor", voice="outlet", speaker=None,
    ...     sentence_id="t", sentence="Ankara warned.", start=0, end=6, position=0, tone_pred="neutral", tone_score=0.0)
    >>> sample = sample_mentions(scored, "tone", n=4, by=["outlet"], minimum=2)
    >>> sample.strata[["stratum", "mentions", "drawn", "probability"]].round(2).values.tolist()
    [['A | neutral', 6, 2, 0.33], ['B | neutral', 3, 2, 0.67]]
    """
    spec = _task(task).about(task.proposition if isinstance(task, Task) else None)
    options = _check(scored, spec, n, by, minimum, design, allocation, predicted, voice, reading, copies, seed)
    rows, left_out = _can_be_drawn(scored, spec, options, predicted)
    if n > len(rows):
        raise InputError(f"n is {n}, and only {len(rows)} mentions can be drawn; give at most {len(rows)}: that is all")
    whole = design == "story"
    stratum = _story_strata(rows, options.by) if whole else _strata(rows, options.by, spec.name if predicted else None)
    names, place = np.unique(stratum, return_inverse=True)
    unit_ids, unit_of = (np.unique(rows["story_id"].to_numpy(dtype=str), return_inverse=True) if whole
                         else (rows["mention_id"].to_numpy(dtype=str), np.arange(len(rows))))  # fmt: skip
    unit_stratum = np.empty(len(unit_ids), dtype=int)
    unit_stratum[unit_of] = place
    sizes = np.bincount(unit_stratum, minlength=len(names))
    cost = np.bincount(place, minlength=len(names)) / sizes
    spread = _unsure(rows, spec, place) if allocation == "neyman" else None
    taken = allocate(sizes, n, minimum, spread=spread, cost=cost)
    drawn = draw_units(unit_stratum, random_key(seed, "draw", unit_ids.tolist()), taken)[unit_of]
    frame = pd.DataFrame({
        "mention_id": rows["mention_id"].astype("str"), "stratum": pd.array(stratum, dtype="str"),
        "probability": (taken / sizes)[place], "drawn": drawn, "cluster": rows["story_id"].astype("str"),
    })  # fmt: skip
    mentions = rows[drawn]
    order = np.argsort(random_key(seed, "order", mentions["mention_id"].tolist()), kind="stable")
    mentions = mentions.iloc[order].reset_index(drop=True)
    if drawn.all():
        _warn(f"all {len(rows)} mentions are drawn: this is no sample but all there is")
    facts = {
        "task": spec.name, "task_sha256": task_hash(spec), "proposition": spec.proposition, "seed": int(seed),
        "n": int(n),
        "drawn": int(drawn.sum()), "frame": len(rows), "strata": len(names), "by": list(options.by),
        "predicted": bool(predicted and not whole), "design": design, "allocation": allocation, "minimum": int(minimum),
        "voice": voice, "reading": reading, "copies": copies, "left_out": left_out, "frame_sha256": frame_hash(frame),
        "drawn_sha256": drawn_hash(mentions),
    }  # fmt: skip
    return Sample(spec.name, frame, mentions, facts)


def _warn(message: str) -> None:
    warnings.warn(message, InputWarning, stacklevel=3)


def _task(task: str | Task) -> Task:
    if isinstance(task, Task):
        return task
    known = load_codebook()
    if task not in known:
        raise InputError(f"unknown task {task!r}; {nearest(task, known)}, or give the Task of a codebook of your own")
    return known[task]


def _check(
    scored: pd.DataFrame, task: Task, n: int, by: Sequence[str], minimum: int, design: str, allocation: str,
    predicted: bool, voice: str, reading: str | float, copies: str, seed: int,
) -> Options:  # fmt: skip
    """What is asked for, if it can be done; else InputError."""
    for what, value, valid in (("design", design, DESIGNS), ("allocation", allocation, ALLOCATIONS)):
        if value not in valid:
            raise InputError(f"unknown {what} {value!r}; {nearest(value, valid)}")
    for what, number in (("n", n), ("minimum", minimum)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 1:
            why = ": what cannot be drawn cannot be corrected" if what == "minimum" else ""
            raise InputError(f"{what} is {number!r}; expected a whole number of at least 1{why}")
    check_table(scored, "mentions")
    needed = [f"{task.name}_pred"] if predicted else []
    if allocation == "neyman":
        needed += [f"{task.name}_p_{label}" for label in task.labels]
    for column in needed:
        if column not in scored.columns:
            raise InputError(
                f"the mentions lack the column {column!r}: score them for the task {task.name!r} first "
                "(toolkit.score_mentions), or draw without the machine's labels: predicted=False, --no-predicted"
            )
    # The rules of estimates decide who counts; they want a score, which a task that is coded by hand has not got yet.
    score = f"{task.name}_score"
    as_scored = scored if score in scored.columns else scored.assign(**{score: 0.0})
    options = Options(task.name, as_names(by), voice, copies, reading, None, "t", 2000, 0.95, seed)
    return check_options(as_scored, options)


def _can_be_drawn(
    scored: pd.DataFrame, task: Task, options: Options, predicted: bool
) -> tuple[pd.DataFrame, dict[str, int]]:  # fmt: skip
    """The mentions that can be drawn, by id; and how many were left out for what they lack."""
    o = options
    all_scored = scored.assign(**{f"{o.task}_score": 0.0})
    counts = counted(all_scored, o.task, voice=o.voice, copies=o.copies, reading=o.reading)
    silent = int(scored["voice"].isna().sum())
    if not counts.any():
        why = f"; {silent} of {len(scored)} have no voice, since their language has no rules for it" if silent else ""
        raise InputError(
            f"no mention can be drawn: none of {len(scored)} has voice={o.voice!r}, reading={o.reading!r} and "
            f"copies={o.copies!r}{why}; choose otherwise"
        )
    if silent:
        _warn(f"{silent} of {len(scored)} mentions have no voice (no rules for their language) and are not drawn")
    rows = scored[counts.to_numpy()]
    unscored = np.zeros(len(rows), dtype=bool)
    if predicted:
        unscored = rows[f"{o.task}_pred"].isna().to_numpy()
        # A label that the classifier kept back, as too unsure, is no missing score.
        if f"{o.task}_score" in rows and task.values is not None:
            unscored = unscored & rows[f"{o.task}_score"].isna().to_numpy()
        if unscored.all():
            raise InputError(
                f"none of {len(rows)} mentions has a label or score of the task {o.task!r}: score them first "
                "(toolkit.score_mentions), or draw without the machine's labels: predicted=False, --no-predicted"
            )
        if unscored.any():
            _warn(f"{int(unscored.sum())} of {len(rows)} mentions have no score of {o.task!r} and are not drawn")
    rows = rows[~unscored].sort_values("mention_id", kind="stable").reset_index(drop=True)
    return rows, {"without_voice": silent, "without_score": int(unscored.sum())}


def _text(values: pd.Series) -> np.ndarray:
    return values.astype("str").where(values.notna(), MISSING).to_numpy(dtype=str)


def _strata(rows: pd.DataFrame, by: Sequence[str], task: str | None) -> np.ndarray:
    """The stratum of each mention: its values, joined."""
    parts = [_text(rows[column]) for column in by] + ([_text(rows[f"{task}_pred"])] if task else [])
    return _joined(parts, len(rows))


def _joined(parts: list[np.ndarray], n: int) -> np.ndarray:
    return np.array([" | ".join(values) for values in zip(*parts, strict=True)] if parts else ["all"] * n, dtype=str)


def _story_strata(rows: pd.DataFrame, by: Sequence[str]) -> np.ndarray:
    """The stratum of each mention's story: the values that all its mentions have."""
    parts = []
    for column in by:
        values = pd.Series(_text(rows[column]))
        by_story = values.groupby(rows["story_id"].to_numpy(dtype=str))
        parts.append(values.where(by_story.transform("nunique") == 1, SEVERAL).to_numpy(dtype=str))
    return _joined(parts, len(rows))


def _unsure(rows: pd.DataFrame, task: Task, place: np.ndarray) -> np.ndarray:
    """The spread of the label that the classifier's probabilities leave open, in each stratum."""
    proba = rows[[f"{task.name}_p_{label}" for label in task.labels]].to_numpy(dtype=float)
    if task.values is not None:
        values = np.array(task.values)
        variance = proba @ values**2 - (proba @ values) ** 2
    else:
        variance = 1 - (proba**2).sum(axis=1)
    return np.sqrt(np.maximum(np.bincount(place, variance) / np.bincount(place), 0))
