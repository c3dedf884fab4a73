"""Before anything is coded: how wide intervals will be, and which differences a sample of such a size can find."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toolkit.annotation.pilot import Errors, find_errors
from toolkit.annotation.strata import Layout, check_design, find_task, lay_out
from toolkit.codebook import Task, require_single
from toolkit.errors import InputError, InputWarning, nearest
from toolkit.estimation import contrast, counted, estimate
from toolkit.estimation.variance import FEW_STORIES

__all__ = ["plan_sample"]

_COUNTS = ("n_mentions", "n_stories")
FITTED_ON = 0.8
"""The share of gold that recalibrates a mention: four of five folds."""


def plan_sample(
    scored: pd.DataFrame, task: str | Task = "tone", *, n: int | Sequence[int] = (200, 400, 800),
    by: Sequence[str] = ("outlet", "actor"), between: str = "outlet", label: str | None = None,
    pilot: tuple[pd.DataFrame, pd.DataFrame] | None = None, assumptions: Mapping[str, float] | None = None,
    level: float = 0.95, power: float = 0.8, minimum: int = 2, design: str = "mention",
    allocation: str = "proportional", predicted: bool = True, voice: str = "outlet", reading: str | float = "actor",
    copies: str = "one_per_story",
) -> pd.DataFrame:  # fmt: skip
    r"""What a coded sample of each size would buy, for every estimate and every contrast.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions; not changed.
    task : str or Task, default "tone"
    n : int or sequence of int, default (200, 400, 800)
        Sizes to compare. Those beyond the number of mentions are left out.
    by : sequence of str, default ("outlet", "actor")
        The groups that will be estimated; they also make the strata, as in :func:`sample_mentions`.
    between : str, default "outlet"
        The column of `by` whose values will be compared, each with each; no contrasts where `by` lacks it.
    label : str, optional
        Plan for the share of this label instead of the mean score.
    pilot : (gold, frame), optional
        Gold labels (`mention_id, label`) of a sample drawn before, and the frame that they were drawn from: how far the
        machine is from gold is then estimated.
    assumptions : mapping, optional
        ``residual_variance``: that of gold minus the recalibrated score, 0.3 by default (a quarter of it for a share);
        ``icc``: how alike the machine's errors are within a story, from 0 to 1, 0.1 by default. Comes before the pilot.
    level : float, default 0.95
        Of the intervals.
    power : float, default 0.8
        The chance with which the smallest difference is found.
    minimum, design, allocation, predicted, voice, reading, copies
        As for :func:`sample_mentions`, and as for :func:`toolkit.estimate`: ``copies`` says what has a vote.

    Returns
    -------
    pandas.DataFrame
        For each `n` one row an estimate and one a contrast: `n`, `kind` ("estimate" or "contrast"), the keys, `a` and
        `b` (of a contrast), `n_mentions`, `n_stories`, `n_gold` (mentions with gold to be expected), `se`,
        `half_width` (of the interval), `smallest_difference` (from zero, or for an estimate from any fixed value, that
        is found with the given power), `level`, `power`, `assumed` (in words), `note`.

    Raises
    ------
    InputError
        A name is not known; the minimum needs more than `n`; an assumption is out of range; the pilot has too little.

    Warns
    -----
    InputWarning
        A size beyond the number of mentions is left out.

    Notes
    -----
    With weights :math:`d_i` of the mentions in an estimate (for a contrast those of `b` are negative), probabilities
    :math:`\pi_i`, and stories `s`,

    .. math:: SE^2 = \sigma^2 [\sum_i d_i^2 / \pi_i + \rho \sum_s ((\sum_{i \in s} d_i)^2 - \sum_{i \in s} d_i^2)
              / \pi_s] + b^2 SE_g^2,

    where :math:`\sigma^2` is the variance of gold minus the recalibrated score (within groups; with a pilot, plus what
    the recalibration leaves of the groups' own shifts), :math:`\rho` its intra-story correlation, :math:`\pi_s` the
    story's probability where whole stories are drawn (else 1), :math:`SE_g` the standard error of the machine's own
    mean, clustered by story, and `b` the slope of the recalibration (1 without a pilot).
    With equal probabilities n/M and one mention a story that is :math:`Var(Y-g)/n + Var(g)/M`; with whole stories of
    m mentions the first part grows by :math:`1 + (m - 1) \rho`, the design effect (Kish 1965, Survey Sampling, ch. 5).
    The interval is Student's with the degrees of freedom that the estimate of the scores has; the smallest difference
    is (t + z) SE, z the normal quantile of the power.

    Examples
    --------
    >>> import pandas as pd
    >>> i = range(120)
    >>> scored = pd.DataFrame({"mention_id": [f"m{k:03}" for k in i], "story_id": [f"s{k:03}" for k in i]}).assign(
    ...     outlet=["A", "B"] * 60, tone_score=[k % 5 / 4 - 0.5 for k in i], tone_pred="neutral", article_id="a",
    ...     date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", actor="turkey", surface="Ankara",
    ...     form="capital", reading="actor", voice="outlet", speaker=None, sentence_id="t", sentence="Ankara warned.",
    ...     start=0, end=6, position=0)
    >>> plan = plan_sample(scored, "tone", n=[40, 80], by=["outlet"])
    >>> plan[["n", "kind", "n_gold", "half_width", "smallest_difference"]].round(2).values.tolist()[2:4]
    [[40, 'contrast', 40.0, 0.37, 0.52], [80, 'estimate', 40.0, 0.2, 0.28]]
    """
    spec = require_single(find_task(task), "a plan")
    sizes = [n] if isinstance(n, int | np.integer) else list(n)
    if not sizes:
        raise InputError("n is empty; give at least one size, such as n=[200, 400]")
    table, name = _with_score(scored, spec, label, predicted)
    for size in sizes:
        checked = check_design(
            table, spec, size, by, minimum, design, allocation, predicted, voice, reading,
            "own" if copies == "own" else "all", 0,
        )  # fmt: skip
    _check_numbers(level, power)
    layout = lay_out(table, spec, checked, design, allocation, predicted)
    fitting = [size for size in sizes if size <= len(layout.rows)]
    if not fitting:
        layout.taken(min(sizes), minimum)  # says how many there are
    if left := sorted(set(sizes) - set(fitting)):
        message = f"n of {', '.join(map(str, left))} is left out: only {len(layout.rows)} mentions can be drawn"
        warnings.warn(message, InputWarning, stacklevel=2)
    errors = find_errors(layout.rows, spec, label, name, checked.by, pilot, dict(assumptions or {}))
    shape = _Shape.make(layout.rows, checked.by, between, name, copies, level, design)
    return pd.concat(
        [_plan_one(shape, layout, layout.taken(size, minimum), size, errors, level, power) for size in sorted(fitting)],
        ignore_index=True,
    )


def _with_score(
    scored: pd.DataFrame, task: Task, label: str | None, predicted: bool
) -> tuple[pd.DataFrame, str | None]:
    """The mentions with what is estimated in `<task>_score`, and the column it came from, if there is one."""
    if label is not None and label not in task.labels:
        raise InputError(f"unknown label {label!r} of the task {task.name!r}; {nearest(label, task.labels)}")
    if label is None and task.values is None:
        raise InputError(
            f"the labels of the task {task.name!r} have no order; plan for a share: label={task.labels[0]!r}"
        )
    column = f"{task.name}_score" if label is None else f"{task.name}_p_{label}"
    if column in getattr(scored, "columns", ()):
        return scored.assign(**{f"{task.name}_score": scored[column].astype(float)}), column
    if predicted or not isinstance(scored, pd.DataFrame):
        return scored, column  # the checks that follow say what is missing
    return scored.assign(**{f"{task.name}_score": 0.0}), None


def _check_numbers(level: float, power: float) -> None:
    for what, value in (("level", level), ("power", power)):
        if not isinstance(value, float) or not 0.5 <= value < 1:
            raise InputError(f"{what} is {value!r}; expected a number from 0.5 to 1, such as 0.95")


@dataclass(frozen=True)
class _Shape:
    """The groups and pairs to be estimated, the weights of their mentions, and the error of the machine's own means."""

    estimates: pd.DataFrame
    contrasts: pd.DataFrame
    pairs: np.ndarray
    keys: list[str]
    group: np.ndarray
    story: np.ndarray
    weight: np.ndarray
    whole: bool

    @classmethod
    def make(
        cls, rows: pd.DataFrame, by: Sequence[str], between: str, column: str | None, copies: str, level: float,
        design: str,
    ) -> _Shape:  # fmt: skip
        task = "planned"
        known = rows.assign(planned_score=0.0 if column is None else rows[column].astype(float))
        options: dict[str, Any] = {"voice": "all", "reading": "all", "copies": copies, "level": level}
        known = known[counted(known, task, voice="all", copies=copies, reading="all").to_numpy()]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)
            estimates = estimate(known, task, by=by, **options)
            within = [key for key in by if key != between]
            contrasts = contrast(known, task, between=between, by=within, **options) if between in by else None
        if column is None:  # nothing is scored: gold alone makes the error
            estimates = estimates.assign(se=0.0, df=estimates["n_stories"] - 1.0, note=None)
            contrasts = None if contrasts is None else contrasts.assign(
                se=0.0, df=contrasts[["n_stories_a", "n_stories_b"]].min(axis=1) - 1.0, note=None)  # fmt: skip
        group = known.groupby(list(by), sort=True, dropna=False, observed=True).ngroup().to_numpy() if by else None
        group = np.zeros(len(known), dtype=int) if group is None else group
        story = np.unique(known["story_id"].to_numpy(dtype=str), return_inverse=True)[1]
        cell = np.unique(np.stack([group, story]), axis=1, return_inverse=True)[1]
        weight = 1 / np.bincount(cell)[cell] if copies == "one_per_story" else np.ones(len(known))
        weight = weight / np.bincount(group, weight)[group]
        full_group, full_story, full_weight = (np.zeros(len(rows), dtype=t) for t in (int, int, float))
        place = rows.index.get_indexer(known.index)
        full_group[place], full_story[place], full_weight[place] = group, story, weight
        pairs = _pairs_of(estimates, contrasts, within, between)
        empty = pd.DataFrame(columns=[*within, "a", "b"])
        return cls(estimates, empty if contrasts is None else contrasts, pairs, list(by), full_group, full_story,
                   full_weight, design == "story")  # fmt: skip


def _pairs_of(
    estimates: pd.DataFrame, contrasts: pd.DataFrame | None, within: Sequence[str], between: str
) -> np.ndarray:  # fmt: skip
    """The rows of `estimates` that each contrast compares, shape (contrasts, 2)."""
    if contrasts is None or not len(contrasts):
        return np.zeros((0, 2), dtype=int)
    place = {
        key: i for i, key in enumerate(estimates[[*within, between]].astype(str).itertuples(index=False, name=None))
    }
    sides = [contrasts[[*within, side]].astype(str).itertuples(index=False, name=None) for side in ("a", "b")]
    return np.array([[place[key] for key in side] for side in sides], dtype=int).T


def _plan_one(
    shape: _Shape, layout: Layout, taken: np.ndarray, n: int, errors: Errors, level: float, power: float
) -> pd.DataFrame:  # fmt: skip
    """The plan for one size."""
    from scipy.sparse import csr_array

    p, d, groups = layout.probability(taken), shape.weight, len(shape.estimates)
    apart = 1 / p if shape.whole else np.ones(len(p))
    # Sums of weights by group and story; a story is drawn as a whole or its mentions are drawn one by one.
    sums = csr_array((d * np.sqrt(apart), (shape.group, shape.story)), shape=(groups, shape.story.max() + 1))
    together = (sums @ sums.T).toarray()
    alone = np.bincount(shape.group, d**2 / p, groups)
    own = np.diag(together) - np.bincount(shape.group, d**2 * apart, groups)
    gold = np.bincount(shape.group, p * (d > 0), groups)
    # What the recalibration cannot take out of a group's mean difference; it learns from four fifths of the gold.
    shift = errors.between * errors.variance / np.maximum(FITTED_ON * gold * errors.between + errors.variance, 1e-12)
    each = errors.variance * (alone + errors.icc * own) + shift * (alone + own * shape.whole)
    coded = _stories_with_gold(shape, p)
    estimates = shape.estimates.assign(residual=each, n_gold=gold, coded=coded, kind="estimate")
    a, b = shape.pairs.T
    contrasts = shape.contrasts.assign(
        residual=each[a] + each[b] - 2 * errors.variance * errors.icc * together[a, b], n_gold=gold[a] + gold[b],
        coded=np.minimum(coded[a], coded[b]),
        kind="contrast",
        **{key: shape.contrasts[[f"{key}_a", f"{key}_b"]].sum(axis=1) if len(a) else 0 for key in _COUNTS},
    )  # fmt: skip
    parts = [part for part in (estimates, contrasts) if len(part)]
    return _finished(pd.concat(parts, ignore_index=True), n, shape.keys, errors, level, power)


def _stories_with_gold(shape: _Shape, p: np.ndarray) -> np.ndarray:
    """How many stories of each group will have gold, to be expected."""
    counts = shape.weight > 0
    pairs, place = np.unique(np.stack([shape.group[counts], shape.story[counts]]), axis=1, return_inverse=True)
    with np.errstate(divide="ignore"):
        none = np.exp(np.bincount(place.ravel(), np.log1p(-p[counts])))
    if shape.whole:
        none = 1 - np.bincount(place.ravel(), p[counts]) / np.bincount(place.ravel())
    return np.bincount(pairs[0], 1 - none, len(shape.estimates))


def _finished(
    table: pd.DataFrame, n: int, keys: list[str], errors: Errors, level: float, power: float
) -> pd.DataFrame:  # fmt: skip
    from scipy.special import ndtri, stdtrit

    se = np.sqrt(table["residual"] + errors.slope**2 * table["se"].astype(float) ** 2)
    t = stdtrit(table["df"].to_numpy(dtype=float), (1 + level) / 2)
    table = table.assign(
        n=n, se=se, half_width=t * se, smallest_difference=(t + ndtri(power)) * se, level=level, power=power,
        assumed=errors.words,
    )  # fmt: skip
    few = table["coded"].lt(FEW_STORIES) & table["note"].isna()
    rough = "gold in about " + table["coded"].round().astype(int).astype(str) + " stories: the plan is rough"
    table["note"] = table["note"].astype(object).where(~few, rough)
    for side in ("a", "b"):
        table[side] = table[side].astype("str") if side in table else pd.Series(pd.NA, index=table.index, dtype="str")
    order = ["n", "kind", *keys, "a", "b", *_COUNTS, "n_gold", "se", "half_width", "smallest_difference", "level",
             "power", "assumed", "note"]  # fmt: skip
    return table[order].astype(dict.fromkeys(_COUNTS, "int64"))


def plan_columns(plan: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The name and the heading of each column of a plan that people look at."""
    for name in plan.columns:
        if name not in ("level", "power", "assumed", "note", "se"):
            yield name, name.replace("_", " ")
