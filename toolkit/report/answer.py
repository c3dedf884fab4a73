"""The result in words, made from the numbers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from toolkit.report.content import ReportContent, keys_of
from toolkit.report.text import day, number, p_words

__all__ = ["answer", "shown"]


def answer(content: ReportContent) -> list[str]:
    """The result in about three sentences, each number with its interval.

    Parameters
    ----------
    content : ReportContent
        What the report tells.

    Returns
    -------
    list of str
        The widest contrast of each actor (of at most three), then what cannot be told apart. Without contrasts, the
        lowest and the highest estimate.
    """
    summary = content.summary[(content.summary["task"] == content.task) & content.summary["estimate"].notna()]
    if not len(summary):
        return [
            "No mention fits the selection, so there is no estimate. "
            "The tables of voices and readings show what there is."
        ]
    pairs = content.contrasts
    if len(pairs):
        pairs = pairs[(pairs["task"] == content.task) & pairs["low"].notna()]
    if not len(pairs):
        return _extremes(content, summary)
    groups = keys_of(pairs)
    clear = pairs["p_holm"] < 0.05
    order = pairs.assign(clear=clear, size=pairs["estimate"].abs()).sort_values(
        ["clear", "size", "a", "b"], ascending=[False, False, True, True]
    )
    widest = order.drop_duplicates(groups).head(3) if groups else order.head(1)
    said = [_gap(content, row, groups) for row in widest.to_dict("records")]
    family = int(pairs["family"].iloc[0])
    rest = (
        "All differences hold." if clear.all() else
        f"The other {len(pairs) - int(clear.sum()):,} cannot be told apart with these data, "
        "which does not show that they are equal."
    )  # fmt: skip
    return [*said, f"Of {family:,} comparisons, {int(clear.sum()):,} hold after Holm's correction (p < 0.05). {rest}"]


def _gap(content: ReportContent, row: dict[Any, Any], groups: list[str]) -> str:
    sides = [(row["a"], row["estimate_a"], row["n_stories_a"]), (row["b"], row["estimate_b"], row["n_stories_b"])]
    high, low = sorted(sides, key=lambda s: -s[1])
    sign = 1 if row["estimate_a"] >= row["estimate_b"] else -1
    ends = sorted([sign * row["low"], sign * row["high"]])
    where = ", ".join(shown(content, key, row[key]) for key in groups)
    level = f"{100 * row.get('level', 0.95):g} %"
    verdict = (
        f"p after correction {p_words(row['p_holm'])}" if row["p_holm"] < 0.05 else
        "after correction for all comparisons not to be told from no difference"
    )  # fmt: skip
    start = f"Toward {where}, the" if "actor" in groups else f"{where}: the" if where else "The"
    return (
        f"{start} widest gap lies between "
        f"{high[0]} ({number(high[1])}, {high[2]:,} stories) and {low[0]} ({number(low[1])}, {low[2]:,} stories): "
        f"{number(abs(row['estimate']))} ({level} interval {number(ends[0])} to {number(ends[1])}; {verdict})."
    )


def _extremes(content: ReportContent, summary: pd.DataFrame) -> list[str]:
    keys = keys_of(summary)
    ordered = summary.sort_values(["estimate", *keys])
    ends = [("lowest", ordered.iloc[0]), ("highest", ordered.iloc[-1])][: len(ordered)]
    if len(ordered) == 1:
        ends = [("only", ordered.iloc[0])]
    return [
        f"The {which} estimate is {number(row['estimate'])} "
        + (f"(interval {number(row['low'])} to {number(row['high'])}, " if pd.notna(row["low"]) else "(no interval, ")
        + f"{row['n_stories']:,} stories)"
        + (": " + ", ".join(shown(content, k, row[k]) for k in keys) if keys else "")
        + "."
        for which, row in ends
    ]


def shown(content: ReportContent, key: str, value: Any) -> str:
    """A value of a key as it is printed."""
    if isinstance(value, pd.Timestamp):
        return day(value)
    if value is None or pd.isna(value):
        return "(none)"
    return str(content.labels.get(value, value)) if key == "actor" else str(value)
