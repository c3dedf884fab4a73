"""Trends: how much the score changes from one period to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.estimation.cells import count_groups, group_rows, vote_shares
from toolkit.estimation.correction import METHODS, Outcomes
from toolkit.estimation.leastsquares import cluster_ols, gold_spread
from toolkit.estimation.selection import PERIODS, Options, as_names, check_options, select
from toolkit.estimation.variance import FEW_STORIES, TINY, benjamini_hochberg, holm
from toolkit.estimation.votes import MISSING, Gold, check_method, joined, t_facts, vote_outcomes

__all__ = ["trend"]


def trend(
    scored: pd.DataFrame, task: str = "tone", *, by: Sequence[str] = ("outlet", "actor"), period: str = "month",
    voice: str = "outlet", copies: str = "one_per_story", reading: str | float = "actor", level: float = 0.95,
    seed: int = 0, unit: str = "mention", method: str = "naive", label: str | None = None,
    gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""The straight line of each group's score over time.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions; not changed.
    task : str, default "tone"
        The task whose score is taken.
    by : sequence of str, default ("outlet", "actor")
        The columns that make the groups; empty for one trend over all.
    period : {"day", "week", "month", "quarter", "year"}
        What time is counted in: the slope is the change from one such period to the next. Dates inside a period are
        not told apart.
    voice, copies, reading, level, seed, unit, method, label, gold, frame
        As for :func:`toolkit.estimate`. ``ppi`` is refused: it is made for means.

    Returns
    -------
    pandas.DataFrame
        A summary: the keys; `task`, `estimate` (the slope per period), `low`, `high`, `method`, `voice`, `copies`,
        `n_mentions`, `n_articles`, `n_stories`, `n_periods`; `p`, `p_holm` and `p_bh` (of no change, corrected for all
        groups), `family`; `estimand` (with the unit of time), `se`, `df`, `level`, `reading`, `note`; with gold also
        `n_gold`.

    Raises
    ------
    InputError
        As for :func:`toolkit.estimate`.

    Warns
    -----
    InputWarning
        As for :func:`toolkit.estimate`; mentions without a date are left out.

    Notes
    -----
    Least squares of the outcome on the number of the period, votes weighed as for the mean; errors clustered by story
    (:func:`toolkit.estimation.leastsquares.cluster_ols`, CR2). Stories of neighbouring days are taken for independent:
    events that last make the interval too narrow. A straight line says nothing of ups and downs: look at
    :func:`toolkit.plot_tone_over_time` as well.

    Examples
    --------
    >>> dates = pd.to_datetime(["2020-01-05", "2020-01-20", "2020-02-10", "2020-03-01", "2020-03-15"])
    >>> scored = pd.DataFrame({"date": dates, "tone_score": [0.1, 0.3, 0.0, -0.3, -0.1]}).assign(
    ...     mention_id=[f"m{i}" for i in range(5)], article_id=[f"a{i}" for i in range(5)],
    ...     story_id=[f"s{i}" for i in range(5)], outlet="A", actor="turkey", sentence_id="t", wire=None, copied=0.0,
    ...     part="body", surface="x", form="name", reading="actor", voice="outlet", speaker=None, sentence="x warned.",
    ...     start=0, end=1, position=0)
    >>> found = trend(scored, period="month")
    >>> found[["outlet", "actor", "estimate", "n_periods", "estimand"]].round(2).values.tolist()
    [['A', 'turkey', -0.2, 3, 'mean tone per story: change from one month to the next']]
    """
    check_method(method, ("naive", "gold", "dsl"), "PPI++ is made for means and regressions here, not for trends")
    o = check_options(
        scored, Options(task, as_names(by), voice, copies, reading, period, "t", 100, level, seed, unit, method, label)
    )
    rows = select(scored, o)
    groups = group_rows(rows, list(o.by))
    out = vote_outcomes(rows, groups, o, Gold(gold, frame))
    weight = vote_shares(rows, groups, o) * out.weights
    time = pd.PeriodIndex(rows["date"], freq=PERIODS[period]).asi8.astype(float) if len(rows) else np.empty(0)
    found = [
        _slope(time[inside], out, weight, groups.story, inside, level)
        for inside in (np.flatnonzero(groups.group == k) for k in range(len(groups.keys)))
    ]
    numbers = ["estimate", "se", "df", "low", "high", "p"]
    facts = pd.DataFrame(found, columns=[*numbers, "n_periods", "note"], index=groups.keys.index)
    facts = facts.astype({**dict.fromkeys(numbers, float), "n_periods": "int64", "note": object})
    p = facts["p"].to_numpy()
    table = groups.keys.assign(
        task=task, **facts[["estimate", "low", "high"]], method=f"slope, {METHODS[method]}, clustered t",
        **({} if "voice" in o.by else {"voice": voice}), copies=copies, **count_groups(rows, groups),
        n_periods=facts["n_periods"], p=p, p_holm=holm(p), p_bh=benjamini_hochberg(p),
        family=int((~np.isnan(p)).sum()), estimand=f"{o.estimand}: change from one {period} to the next",
        se=facts["se"], df=facts["df"], level=level, **({} if "reading" in o.by else {"reading": reading}),
        note=pd.Series([joined(n, *out.notes) for n in facts["note"]], index=facts.index, dtype=object),
    )  # fmt: skip
    if method == "naive":
        return table
    return table.assign(n_gold=np.bincount(groups.group[out.sampled], minlength=len(table)))


def _slope(
    time: np.ndarray, out: Outcomes, weight: np.ndarray, story: np.ndarray, inside: np.ndarray, level: float
) -> dict[str, Any]:
    """The slope of one group; missing where there is none."""
    w, y = weight[inside], out.values[inside]
    voting, stories = w > 0, story[inside][w > 0]
    periods, n = len(np.unique(time[voting])), len(np.unique(stories))
    facts: dict[str, Any] = {"estimate": np.nan, **MISSING, "n_periods": periods, "note": None}
    if periods < 2:
        return {**facts, "note": f"no slope: {periods or 'no'} period{'s' * (not periods)} with an outcome"}
    if n < 2:
        return {**facts, "note": "no slope: 1 story"}
    X = np.column_stack([np.ones(len(y)), time - np.average(time, weights=w)])
    varied = gold_spread(X[voting], y[voting], w[voting], out.sampled[inside][voting], out.probability[inside][voting])
    fit = cluster_ols(X[voting], y[voting], stories, w[voting], spread=varied)
    slope, se = float(fit.estimate[1]), float(fit.se[1])
    if n < 3 or se < TINY:
        why = f"{n} stories" if n < 3 else "the scores lie on a line"
        return {**facts, "estimate": slope, "note": f"no interval: {why}"}
    note = f"few stories ({n}): the interval may be too narrow" if n < FEW_STORIES else None
    return {**facts, "estimate": slope, **t_facts(slope, se, float(fit.df[1]), level), "note": note}
