"""Differences of differences: is the gap of two outlets wider toward one actor than toward another?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation.cells import Cells, group_rows
from toolkit.estimation.correction import METHODS
from toolkit.estimation.selection import Options, as_names, check_options, select, warn
from toolkit.estimation.variance import benjamini_hochberg, group_sums, holm
from toolkit.estimation.votes import Gold, bound, cell_sums, check_method, combine, joined

__all__ = ["double_contrast"]

_SIDES = ("ax", "bx", "ay", "by")
_SIGNS = (1.0, -1.0, -1.0, 1.0)


def double_contrast(
    scored: pd.DataFrame, task: str = "tone", *, between: str = "outlet", across: str = "actor",
    by: Sequence[str] = (), voice: str = "outlet", copies: str = "one_per_story", reading: str | float = "actor",
    period: str | None = None, level: float = 0.95, seed: int = 0, unit: str = "mention", method: str = "naive",
    label: str | None = None, gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Compare the gaps of all pairs of outlets toward all pairs of actors.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions; not changed.
    task : str, default "tone"
        The task whose score is compared.
    between, across : str, default "outlet" and "actor"
        The two columns: `estimate` is (a - b on x) - (a - b on y) for values a, b of `between` and x, y of `across`.
    by : sequence of str, default ()
        Columns within whose groups this is done.
    voice, copies, reading, period, level, seed, unit, method, label, gold, frame
        As for :func:`toolkit.estimate`. ``ppi`` is refused: it takes its groups for independent.

    Returns
    -------
    pandas.DataFrame
        The keys; `task`, `a`, `b`, `x`, `y`, `estimate`, `low`, `high`, `p`, `p_holm` and `p_bh` (corrected for all
        tests of the table), `family` (their number), `method`, `voice`, `copies`, `gap_x` and `gap_y` (a - b on each),
        `estimate_ax` and so on, `n_mentions`, `n_articles`, `n_stories` of the four groups together, `n_stories_least`
        (of the smallest of the four), `n_stories_shared` (in more than one), `estimand`, `se`, `df`, `level`,
        `reading`, `note`; with gold also `n_gold_least`, that of the group that has the least.

    Raises
    ------
    InputError
        As for :func:`toolkit.contrast`; or the method is ``ppi``.

    Warns
    -----
    InputWarning
        As for :func:`toolkit.contrast`.

    Notes
    -----
    A story is one cluster across the four groups: with :math:`e_{gs}` a story's share in the error of the mean of
    group g (CR2), the variance is :math:`\sum_s (e_{ax,s} - e_{bx,s} - e_{ay,s} + e_{by,s})^2`. Degrees of freedom are
    Satterthwaite's over the sorts of story, by which of the four groups it is in. That the gaps differ does not say
    which of them is right; and a classifier that is wrong about one actor alike in all outlets drops out of the
    difference, one that is wrong about an outlet's style does not.

    Examples
    --------
    >>> rows = [("A", "turkey", 0.5), ("A", "turkey", 0.7), ("B", "turkey", 0.1), ("B", "turkey", 0.1),
    ...         ("A", "syria", 0.2), ("A", "syria", 0.0), ("B", "syria", -0.2), ("B", "syria", 0.0)]
    >>> scored = pd.DataFrame(rows, columns=["outlet", "actor", "tone_score"]).assign(
    ...     mention_id=[f"m{i}" for i in range(8)], article_id=[f"a{i}" for i in range(8)],
    ...     story_id=[f"s{i}" for i in range(8)], sentence_id="t", date=pd.Timestamp("2020-02-28"), wire=None,
    ...     copied=0.0, part="body", surface="x", form="name", reading="actor", voice="outlet", speaker=None,
    ...     sentence="x warned.", start=0, end=1, position=0)
    >>> found = double_contrast(scored)
    >>> found[["a", "b", "x", "y", "estimate", "gap_x", "gap_y"]].round(2).values.tolist()
    [['A', 'B', 'syria', 'turkey', -0.3, 0.2, 0.5]]
    """
    check_method(method, ("naive", "gold", "dsl"), "PPI++ takes the groups for independent, which stories make untrue")
    if across not in scored.columns or across == between:
        raise InputError(f"across is {across!r}; expected another column of the mentions than between={between!r}")
    o = check_options(
        scored, Options(task, (*as_names(by), across), voice, copies, reading, period, "t", 100, level, seed, unit,
                        method, label), between,
    )  # fmt: skip
    rows = select(scored, o)
    rows = rows[rows[between].notna() & rows[across].notna()]
    within = [*as_names(by), "period"] if period else list(as_names(by))
    groups = group_rows(rows, [*within, between, across])
    out, cells = cell_sums(rows, groups, o, Gold(gold, frame))
    quads = list(_quads(groups.keys, within, between, across))
    if len(rows) and not quads:
        warn(f"nothing to compare: no group holds two values of {between!r} that both have two of {across!r}")
    facts = _Facts(rows, groups.group, cells, np.bincount(groups.group[out.sampled], minlength=len(groups.keys)))
    found = [{**keys, **bound(facts.of(quad, o), out, o, 2)} for keys, quad in quads]
    return _table(found, groups.keys, within, o, out.notes)


class _Facts:
    """The numbers of four groups together."""

    def __init__(self, rows: pd.DataFrame, group: np.ndarray, cells: Cells, n_gold: np.ndarray) -> None:
        self.cells, self.n_gold = cells, n_gold
        totals, weights = group_sums(cells)
        with np.errstate(invalid="ignore"):
            self.mean = totals / weights
        self.n_stories = np.bincount(cells.group, minlength=len(cells.keys))
        size = len(cells.keys)
        self.n_mentions = np.bincount(group, minlength=size)
        # Mentions stand in one group each; articles and stories may stand in several, so their numbers are kept.
        self.articles, self.stories = (_held(rows[name], group, size) for name in ("article_id", "story_id"))

    def of(self, quad: tuple[int, int, int, int], o: Options) -> dict[str, Any]:
        index, mean = list(quad), self.mean[list(quad)]
        return {
            **combine(self.cells, index, _SIGNS, o.level),
            "gap_x": mean[0] - mean[1], "gap_y": mean[2] - mean[3],
            **{f"estimate_{side}": value for side, value in zip(_SIDES, mean, strict=True)},
            "n_mentions": int(self.n_mentions[index].sum()),
            "n_articles": len(np.unique(np.concatenate([self.articles[k] for k in index]))),
            "n_stories": len(np.unique(np.concatenate([self.stories[k] for k in index]))),
            "n_stories_least": int(self.n_stories[index].min()),
            "n_gold_least": int(self.n_gold[index].min()),
        }  # fmt: skip


def _held(values: pd.Series, group: np.ndarray, size: int) -> list[np.ndarray]:
    """For each group the numbers of the different values in it."""
    code = pd.factorize(values)[0].astype(np.int64)
    pairs = np.unique(group * (code.max(initial=0) + 1) + code)
    owner, value = np.divmod(pairs, code.max(initial=0) + 1)
    return np.split(value, np.searchsorted(owner, np.arange(1, size))) if size else []


def _quads(
    keys: pd.DataFrame, within: list[str], between: str, across: str
) -> Iterator[tuple[dict[Any, Any], tuple[int, int, int, int]]]:
    """The numbers of the groups (a, x), (b, x), (a, y), (b, y), with what they agree in."""
    parts: Any = keys.groupby(within, sort=True, dropna=False, observed=True).indices.values() if within else []
    for rows in parts if within else [np.arange(len(keys))]:
        part = keys.iloc[rows]
        place = {pair: int(k) for pair, k in zip(zip(part[between], part[across], strict=True), rows, strict=True)}
        fixed = dict(part[within].iloc[0].to_dict()) if within else {}
        for a, b in combinations(sorted(part[between].unique()), 2):
            for x, y in combinations(sorted(part[across].unique()), 2):
                quad = [place.get(pair, -1) for pair in ((a, x), (b, x), (a, y), (b, y))]
                if min(quad) >= 0:
                    yield {**fixed, "a": a, "b": b, "x": x, "y": y}, (quad[0], quad[1], quad[2], quad[3])


def _table(
    found: list[dict[Any, Any]], keys: pd.DataFrame, within: list[str], o: Options, notes: tuple[str, ...]
) -> pd.DataFrame:
    numbers = ("estimate", "low", "high", "p", "gap_x", "gap_y", *(f"estimate_{s}" for s in _SIDES), "se", "df")
    counts = ["n_mentions", "n_articles", "n_stories", "n_stories_least", "n_stories_shared", "n_gold_least"]
    table = pd.DataFrame(found, columns=[*within, "a", "b", "x", "y", *numbers, *counts, "note"])
    kinds: dict[str, Any] = {**dict.fromkeys(numbers, "float64"), **dict.fromkeys(counts, "int64")}
    if not found:
        kinds |= {**{key: keys[key].dtype for key in within}, **dict.fromkeys("abxy", "str")}
    table = table.astype(kinds)
    if notes:
        table["note"] = [joined(note, *notes) for note in table["note"]]
    p = table["p"].to_numpy(dtype=float)
    table = table.assign(
        task=o.task, p_holm=holm(p), p_bh=benjamini_hochberg(p), family=int((~np.isnan(p)).sum()),
        method=f"difference of differences, {METHODS[o.method]}, clustered t", copies=o.copies,
        estimand=f"{o.estimand}: difference of differences", level=o.level,
        **{key: getattr(o, key) for key in ("voice", "reading") if key not in within},
    )  # fmt: skip
    order = [*within, "task", "a", "b", "x", "y", "estimate", "low", "high", "p", "p_holm", "p_bh", "family", "method",
             "voice", "copies", "gap_x", "gap_y", *(f"estimate_{s}" for s in _SIDES), *counts[:5], "estimand", "se",
             "df", "level", "reading", "note", *([] if o.method == "naive" else counts[5:])]  # fmt: skip
    return table[list(dict.fromkeys(order))]
