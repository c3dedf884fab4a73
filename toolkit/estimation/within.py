"""Contrasts within stories: outlets compared on what they both carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.estimation.cells import Cells, Groups, group_rows
from toolkit.estimation.correction import METHODS, Outcomes
from toolkit.estimation.selection import Options, as_names, check_options, select, warn
from toolkit.estimation.variance import benjamini_hochberg, holm
from toolkit.estimation.votes import Gold, bound, check_method, combine, joined, vote_outcomes

__all__ = ["STORY_WEIGHTS", "contrast_within"]

STORY_WEIGHTS = {
    "story": "every shared story counts once",
    "mentions": "a shared story counts n_a n_b / (n_a + n_b), as in least squares with a constant for each story",
}


def contrast_within(
    scored: pd.DataFrame, task: str = "tone", *, between: str = "outlet", by: Sequence[str] = ("actor",),
    story: str = "story_id", weights: str = "story", voice: str = "outlet", copies: str = "all",
    reading: str | float = "actor", level: float = 0.95, seed: int = 0, method: str = "naive", label: str | None = None,
    gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Compare every pair of outlets on the stories that both carry.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions; not changed.
    task : str, default "tone"
        The task whose score is compared.
    between : str, default "outlet"
        The column whose values are compared.
    by : sequence of str, default ("actor",)
        The columns within whose groups they are compared; may be empty. A story is shared where both mention the actor.
    story : str, default "story_id"
        What is held fixed. Stories are articles that share their text; give a column of yours that says what an article
        is about (an event) to compare how outlets tell the same events in words of their own. Every story must lie in
        one event: errors are then clustered by it.
    weights : {"story", "mentions"}
        What a shared story counts: :data:`STORY_WEIGHTS`.
    copies : {"all", "own"}
        Which articles count.
    voice, reading, level, seed, method, label, gold, frame
        As for :func:`toolkit.estimate`. ``ppi`` is refused.

    Returns
    -------
    pandas.DataFrame
        The keys; `task`, `a`, `b`, `estimate` (the weighted mean of a - b within stories), `low`, `high`, `p`,
        `p_holm`, `p_bh`, `family`, `method`, `voice`, `copies`, `raw` (a - b over all stories, with votes of the same
        kind), `n_mentions` (in shared stories), `n_stories_shared`, `n_stories` (that either carries), `share_shared`
        (of the mentions of the two, those in shared stories, 0 to 1), `weights`, `story` (the column), `estimand`,
        `se`, `df`, `level`, `reading`, `note`; with gold also `n_gold` (in shared stories). A pair without a shared
        story has no estimate, and says so.

    Raises
    ------
    InputError
        As for :func:`toolkit.contrast`; the column of stories is unknown, empty somewhere, or cuts stories in parts.

    Warns
    -----
    InputWarning
        As for :func:`toolkit.contrast`.

    Notes
    -----
    :math:`\hat D = \sum_s \omega_s (\bar y_{as} - \bar y_{bs}) / \sum_s \omega_s` over shared stories. With weights
    "mentions" it is the coefficient of least squares with a constant for each story. Its error is that of a paired
    test over stories. Whatever a story is about drops out, with all that selects stories; what is left is how the two
    tell them, for the stories that both carry and for no others. Where copies of a dispatch are shared word for word,
    the difference is what editing adds.

    Examples
    --------
    >>> rows = [("A", "s1", 0.5), ("B", "s1", 0.3), ("A", "s2", -0.1), ("B", "s2", -0.2), ("A", "s3", 0.9)]
    >>> scored = pd.DataFrame(rows, columns=["outlet", "story_id", "tone_score"]).assign(
    ...     mention_id=list("abcde"), article_id=list("abcde"), actor="turkey", date=pd.Timestamp("2020-02-28"),
    ...     sentence_id="t", wire=None, copied=0.0, part="body", surface="x", form="name", reading="actor",
    ...     voice="outlet", speaker=None, sentence="x warned.", start=0, end=1, position=0)
    >>> found = contrast_within(scored)
    >>> found[["a", "b", "estimate", "raw", "n_stories_shared", "share_shared"]].round(3).values.tolist()
    [['A', 'B', 0.15, 0.383, 2, 0.8]]
    """
    check_method(method, ("naive", "gold", "dsl"), "PPI++ takes the outlets for independent, which stories make untrue")
    check_within(weights, copies)
    o = check_options(
        scored, Options(task, as_names(by), voice, copies, reading, None, "t", 100, level, seed, "mention", method,
                        label), between,
    )  # fmt: skip
    rows = select(scored, o)
    rows = rows[rows[between].notna()]
    groups = group_rows(rows, [*o.by, between])
    out = vote_outcomes(rows, groups, o, Gold(gold, frame))
    groups = recluster(rows, groups, story)
    pairs = _pairs(groups.keys, list(o.by))
    if len(rows) and not pairs:
        warn(f"nothing to compare: no group holds two values of {between!r}")
    found = [
        {**groups.keys[list(o.by)].iloc[i].to_dict(), "a": groups.keys[between].iloc[i],
         "b": groups.keys[between].iloc[j], **bound(_pair(groups, out, i, j, weights, level), out, o, 1)}
        for i, j in pairs
    ]  # fmt: skip
    return _table(found, groups.keys, story, weights, out.notes, o)


def check_within(weights: str, copies: str) -> None:
    """Refuse weights and copies that make no sense within stories."""
    if weights not in STORY_WEIGHTS:
        raise InputError(f"unknown weights {weights!r}; {nearest(weights, STORY_WEIGHTS)}")
    if copies == "one_per_story":
        raise InputError("copies='one_per_story': within stories weights= says what a story counts; use 'all' or 'own'")


def recluster(rows: pd.DataFrame, groups: Groups, story: str) -> Groups:
    """The same groups, with another column as the story; stories may not lie in two of its values."""
    if story == "story_id":
        return groups
    if story not in rows.columns:
        raise InputError(f"story names {story!r}, which is no column of the mentions; {nearest(story, rows.columns)}")
    if rows[story].isna().any():
        first = rows.loc[rows[story].isna(), "mention_id"].iloc[0]
        raise InputError(f"the mention {first!r} has no {story!r}; fill it in, or leave such mentions out")
    pairs = rows[["story_id", story]].drop_duplicates()
    cut = pairs["story_id"][pairs["story_id"].duplicated()]
    if len(cut):
        raise InputError(
            f"the story {cut.iloc[0]!r} has several values of {story!r}; every story must lie in one, else copies of "
            "one text would count as independent"
        )
    return group_rows(rows.assign(story_id=rows[story].astype(str)), list(groups.keys.columns))


def _pairs(keys: pd.DataFrame, by: list[str]) -> list[tuple[int, int]]:
    """Every pair of groups that agree in `by`."""
    from itertools import combinations

    if not by:
        return list(combinations(range(len(keys)), 2))
    parts = keys.groupby(by, sort=True, dropna=False, observed=True).indices.values()
    return [(int(i), int(j)) for part in parts for i, j in combinations(sorted(part), 2)]


def _pair(groups: Groups, out: Outcomes, i: int, j: int, weights: str, level: float) -> dict[str, Any]:
    """The contrast of two groups on the stories that both carry."""
    inside = np.flatnonzero((groups.group == i) | (groups.group == j))
    side = (groups.group[inside] == j).astype(int)
    story = np.unique(groups.story[inside], return_inverse=True)[1].ravel()
    n = np.stack([np.bincount(story[side == k], minlength=story.max() + 1) for k in (0, 1)])
    both = (n[0] > 0) & (n[1] > 0)
    omega = np.where(both, n.prod(axis=0) / n.sum(axis=0) if weights == "mentions" else 1.0, 0.0)
    shared = both[story]
    counts = {"n_mentions": int(shared.sum()), "n_stories_shared": int(both.sum()), "n_stories": len(both),
              "share_shared": float(shared.mean()), "n_gold": int(out.sampled[inside][shared].sum())}  # fmt: skip
    # The raw difference has votes of the same kind: stories alike, or mentions alike.
    vote = {"mentions": np.ones(len(story)), "story": 1 / n[side, story]}[weights]
    raw = side_cells(story, side, out, inside, vote)
    here = combine(raw, (0, 1), (1.0, -1.0), level)
    if not both.any():
        nothing = {"estimate": np.nan, "se": np.nan, "df": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
        return {**nothing, **counts, "raw": here["estimate"], "note": "no story is shared"}
    cells = side_cells(story, side, out, inside, omega[story] / n[side, story])
    return {**combine(cells, (0, 1), (1.0, -1.0), level), **counts, "raw": here["estimate"]}


def side_cells(story: np.ndarray, side: np.ndarray, out: Outcomes, inside: np.ndarray, vote: np.ndarray) -> Cells:
    """Sums by outlet and story."""
    size = int(story.max()) + 1
    at, weight = side * size + story, vote * out.weights[inside]
    gold = np.where(out.sampled[inside], vote / np.where(out.sampled[inside], out.probability[inside], 1.0), 0.0)
    parts = (weight * out.values[inside], weight, weight * out.correction[inside], gold)
    total, summed, gold_total, gold_weight = (np.bincount(at, part, 2 * size) for part in parts)
    kept = summed > 0
    alone = out.method == METHODS["gold"] or not out.n_gold
    extra = (None, None) if alone else (gold_total[kept], gold_weight[kept])
    keys = pd.DataFrame(index=range(2))
    cell_side, cell_story = np.divmod(np.flatnonzero(kept), size)
    return Cells(keys, cell_side, cell_story, total[kept], summed[kept], size, True, *extra)


def _table(
    found: list[dict[Any, Any]], keys: pd.DataFrame, story: str, weights: str, notes: tuple[str, ...], o: Options
) -> pd.DataFrame:
    numbers = ("estimate", "low", "high", "p", "raw", "share_shared", "se", "df")
    counts = ["n_mentions", "n_stories_shared", "n_stories", "n_gold"]
    table = pd.DataFrame(found, columns=[*o.by, "a", "b", *numbers, *counts, "note"])
    kinds: dict[str, Any] = {**dict.fromkeys(numbers, "float64"), **dict.fromkeys(counts, "int64")}
    if not found:
        kinds |= {**{key: keys[key].dtype for key in o.by}, "a": "str", "b": "str"}
    table = table.astype(kinds)
    if notes:
        table["note"] = [joined(note, *notes) for note in table["note"]]
    p = table["p"].to_numpy(dtype=float)
    what = replace(o, copies="one_per_story").estimand if weights == "story" else o.estimand
    table = table.assign(
        task=o.task, p_holm=holm(p), p_bh=benjamini_hochberg(p), family=int((~np.isnan(p)).sum()), weights=weights,
        story=story, method=f"difference within stories, {METHODS[o.method]}, clustered t", copies=o.copies,
        estimand=f"{what}: difference within shared stories", level=o.level,
        **{key: getattr(o, key) for key in ("voice", "reading") if key not in o.by},
    )  # fmt: skip
    order = [*o.by, "task", "a", "b", "estimate", "low", "high", "p", "p_holm", "p_bh", "family", "method", "voice",
             "copies", "raw", "n_mentions", "n_stories_shared", "n_stories", "share_shared", "weights", "story",
             "estimand", "se", "df", "level", "reading", "note"]  # fmt: skip
    order += [] if o.method == "naive" else ["n_gold"]
    return table[list(dict.fromkeys(order))]
