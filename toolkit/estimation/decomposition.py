"""A gap of two outlets taken apart: which stories they carry, how much room they give them, how they tell them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.estimation.cells import Groups, group_rows, vote_shares
from toolkit.estimation.correction import METHODS, Outcomes
from toolkit.estimation.selection import Options, check_options, select
from toolkit.estimation.variance import FEW_STORIES, TINY
from toolkit.estimation.votes import MISSING, Gold, check_method, joined, story_df, t_facts, vote_outcomes
from toolkit.estimation.within import recluster

__all__ = ["PARTS", "decompose_gap"]

PARTS = {
    "gap": "the raw gap: a - b",
    "telling": "how they tell the stories that both carry",
    "emphasis": "how much room each gives to which of the stories that both carry",
    "selection": "how much each gives to stories that both carry, and to those it carries alone",
    "only_one": "stories that one of them alone carries: which they are and how they are told cannot be told apart",
}
"""The rows of a decomposition; all but the first sum to the first."""


def decompose_gap(
    scored: pd.DataFrame, a: str, b: str, *, actor: str | None = None, task: str = "tone", between: str = "outlet",
    story: str = "story_id", same_telling: bool = False, voice: str = "outlet", copies: str = "one_per_story",
    reading: str | float = "actor", level: float = 0.95, seed: int = 0, unit: str = "mention", method: str = "naive",
    label: str | None = None, gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Take the raw gap of two outlets apart into selection and telling.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions; not changed.
    a, b : str
        The two outlets: the gap is the mean of a less that of b.
    actor : str, optional
        The actor toward whom; all mentions if not given.
    task : str, default "tone"
        The task whose score is compared.
    between : str, default "outlet"
        The column of a and b.
    story : str, default "story_id"
        What both can carry: the story, or a column of yours such as the event, as for
        :func:`toolkit.contrast_within`.
    same_telling : bool, default False
        Assume that the two would differ in stories that one alone carries as they do, on average, in those that both
        carry. `telling` is then that difference in full, and everything else of `only_one` is `selection`.
    voice, copies, reading, level, seed, unit, label, gold, frame
        As for :func:`toolkit.estimate`.
    method : {"naive", "dsl"}
        As for :func:`toolkit.estimate`; gold alone says too little of single stories.

    Returns
    -------
    pandas.DataFrame
        One row for each of :data:`PARTS`: `part`, `task`, `a`, `b`, `actor`, `estimate`, `low`, `high`, `p`, `method`,
        `voice`, `copies`, `meaning`, `estimate_a`, `estimate_b`, `n_mentions_a`, `n_mentions_b`, `n_stories_a`,
        `n_stories_b`, `n_stories_shared`, `share_shared_a`, `share_shared_b` (of each outlet's votes, those in shared
        stories, 0 to 1), `story`, `estimand`, `se`, `df`, `level`, `reading`, `note`. The parts sum to the gap.
        `only_one` is 0 where not both carry stories alone. With `same_telling` and no shared story nothing but the gap
        is there.

    Raises
    ------
    InputError
        As for :func:`toolkit.contrast`; a or b has no mention that counts, or they are the same.

    Warns
    -----
    InputWarning
        As for :func:`toolkit.contrast`.

    Notes
    -----
    Let :math:`p_a` be the share of a's votes in shared stories, :math:`q_{as}` the share of story s in them,
    :math:`\bar y_{as}` its mean, :math:`S_a` and :math:`O_a` the means of a over shared stories and over those that it
    carries alone; bars without an outlet are means of the two. Then

    .. math:: \text{telling} = \bar p \sum_s \bar q_s (\bar y_{as} - \bar y_{bs}), \quad
              \text{emphasis} = \bar p \sum_s (q_{as} - q_{bs}) \bar y_s,

    .. math:: \text{selection} = (p_a - p_b)(\bar S - \bar O), \quad \text{only one} = (1 - \bar p)(O_a - O_b),

    an identity: the symmetrical decomposition of Kitagawa (1955), Journal of the American Statistical Association 50,
    twice, that of Oaxaca and Blinder (1973) with stories as the covariate. Telling is what D'Alessio and Allen (2000),
    Journal of Communication 50(4), call statement, emphasis their coverage, selection and only one their gatekeeping.
    With one vote per story emphasis is zero. Errors: the jackknife that leaves out one story (in both outlets) at a
    time, with Student's t and Satterthwaite's degrees of freedom over stories of a alone, of b alone and of both.

    Examples
    --------
    Both carry s1, which a tells by 0.2 more warmly; a also carries s2 and s3, b also s4 and s5. Half of the votes of
    a third are shared: 1/3 of 0.2 is telling; the rest is in the stories that one alone carries: 2/3 of 0.4 - 0.

    >>> rows = [("A", "s1", 0.3), ("B", "s1", 0.1), ("A", "s2", 0.5), ("A", "s3", 0.3), ("B", "s4", -0.1),
    ...         ("B", "s5", 0.1)]
    >>> scored = pd.DataFrame(rows, columns=["outlet", "story_id", "tone_score"]).assign(
    ...     mention_id=list("abcdef"), article_id=list("abcdef"), actor="turkey", date=pd.Timestamp("2020-02-28"),
    ...     sentence_id="t", wire=None, copied=0.0, part="body", surface="x", form="name", reading="actor",
    ...     voice="outlet", speaker=None, sentence="x warned.", start=0, end=1, position=0)
    >>> found = decompose_gap(scored, "A", "B", actor="turkey")
    >>> dict(zip(found["part"], found["estimate"].round(4).tolist()))
    {'gap': 0.3333, 'telling': 0.0667, 'emphasis': 0.0, 'selection': 0.0, 'only_one': 0.2667}
    """
    check_method(method, ("naive", "dsl"), "it says too little of single stories to tell the parts apart")
    o = check_options(
        scored, Options(task, (), voice, copies, reading, None, "t", 100, level, seed, unit, method, label), between
    )
    rows = select(scored if actor is None else scored[_toward(scored, actor)], o)
    rows = _two(rows, a, b, between)
    groups = group_rows(rows, [between])
    out = vote_outcomes(rows, groups, o, Gold(gold, frame))
    weight = vote_shares(rows, groups, o)
    groups = recluster(rows, groups, story)
    side = rows[between].eq(b).to_numpy(dtype=int)
    sums = _story_sums(side, groups, out, weight)
    table = _parts(sums, level, same_telling=same_telling)
    return _dress(table, side, sums, out, o, (a, b, actor, story, same_telling))


def _toward(scored: pd.DataFrame, actor: str) -> pd.Series:
    if "actor" in scored.columns and not scored["actor"].eq(actor).any():
        raise InputError(f"no mention has the actor {actor!r}; {nearest(actor, sorted(scored['actor'].unique()))}")
    return scored["actor"].eq(actor)


def _two(rows: pd.DataFrame, a: str, b: str, between: str) -> pd.DataFrame:
    """The mentions of both."""
    if a == b:
        raise InputError(f"a and b are both {a!r}; name two values of {between!r}")
    held = sorted(rows[between].dropna().unique())
    for value in (a, b):
        if value not in held:
            raise InputError(f"no mention that counts has {between} {value!r}; {nearest(value, held)}")
    return rows[rows[between].isin([a, b])]


def _story_sums(side: np.ndarray, groups: Groups, out: Outcomes, weight: np.ndarray) -> dict[str, np.ndarray]:
    """For each story the weight and total of a and of b, and those parts of the totals that gold makes."""
    size = groups.n_stories
    at = side * size + groups.story
    sums = {
        name: np.bincount(at, values, 2 * size).reshape(2, size)
        for name, values in (("weight", weight), ("total", weight * out.values), ("n", np.ones(len(at))))
    }
    gold = np.where(out.sampled, weight / np.where(out.sampled, out.probability, 1.0), 0.0)
    sums["gold_weight"] = np.bincount(at, gold, 2 * size).reshape(2, size)
    naive = np.bincount(at, weight * (out.values - out.correction), 2 * size).reshape(2, size)
    return {**sums, "rest": naive}


def _columns(weight: np.ndarray, total: np.ndarray) -> np.ndarray:
    """The ten numbers of each story whose sums make the parts, shape (stories, 10)."""
    (wa, wb), (ta, tb) = weight, total
    both = (wa > 0) & (wb > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        across_a, across_b = np.where(both, wa * (tb / wb), 0.0), np.where(both, wb * (ta / wa), 0.0)
    alone_a, alone_b = (wa > 0) & ~both, (wb > 0) & ~both
    return np.column_stack([
        both * wa, both * wb, alone_a * wa, alone_b * wb, both * ta, both * tb, alone_a * ta, alone_b * tb,
        across_a, across_b,
    ])  # fmt: skip


def _from_sums(z: np.ndarray, *, same_telling: bool) -> np.ndarray:
    """The parts from the ten sums, shape (..., 5): gap, telling, emphasis, selection, only_one."""
    was, wbs, wao, wbo, tas, tbs, tao, tbo, across_a, across_b = np.moveaxis(z, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = (tas + tao) / (was + wao) - (tbs + tbo) / (wbs + wbo)
        pa, pb = was / (was + wao), wbs / (wbs + wbo)
        p = (pa + pb) / 2
        Sa, Sb, Oa, Ob = tas / was, tbs / wbs, tao / wao, tbo / wbo
        # Shared stories: sum of mean q (ya - yb), and of (qa - qb) mean y.
        tell = (Sa - across_a / was + across_b / wbs - Sb) / 2
        room = (Sa + across_a / was - across_b / wbs - Sb) / 2
        # Where one carries no story alone, those of the other are all there is: the identity holds, only_one is zero.
        Oa, Ob = np.where(wao > 0, Oa, Ob), np.where(wbo > 0, Ob, Oa)
        # A part of nothing is zero, not missing.
        telling, emphasis = (np.where(p > 0, p * part, 0.0) for part in (tell, room))
        single = (wao <= 0) | (wbo <= 0)
        only = np.where(single, 0.0, (1 - p) * (Oa - Ob))
        apart = np.where((p <= 0) | (wao + wbo <= 0), 0.0, (pa - pb) * ((Sa + Sb) / 2 - (Oa + Ob) / 2))
        if same_telling:
            telling, apart, only = tell, apart + only - (1 - p) * tell, np.zeros_like(only)
    return np.stack([gap, telling, emphasis, apart, only], axis=-1)


def _parts(sums: dict[str, np.ndarray], level: float, *, same_telling: bool) -> pd.DataFrame:
    """Every part with its interval, by leaving out one story at a time."""
    weight = sums["weight"]
    z = _columns(weight, sums["total"])
    whole = _from_sums(z.sum(axis=0), same_telling=same_telling)
    size = len(z)
    without = _from_sums(z.sum(axis=0) - z, same_telling=same_telling)
    error = np.sqrt((size - 1) / size) * (without - without.mean(axis=0)) if size > 1 else without * np.nan
    rest = _columns(weight, sums["rest"])
    smooth = _from_sums(rest.sum(axis=0) - rest, same_telling=same_telling) if size > 1 else without
    base = np.sqrt((size - 1) / size) * (smooth - smooth.mean(axis=0)) if size > 1 else error
    share = weight / weight.sum(axis=1, keepdims=True)
    gold_share = sums["gold_weight"] / np.maximum(sums["gold_weight"].sum(axis=1, keepdims=True), TINY)
    a, b = weight > 0
    kinds = {"both": int((a & b).sum()), "a alone": int((a & ~b).sum()), "b alone": int((b & ~a).sum())}
    found = []
    for k, part in enumerate(PARTS):
        facts: dict[str, Any] = {"part": part, "estimate": whole[k], **MISSING, "note": _note(part, kinds, error[:, k])}
        if np.isfinite(whole[k]) and not str(facts["note"]).startswith("no ") and np.abs(error[:, k]).max() > TINY:
            df = story_df(error[:, k], share, error[:, k] - base[:, k], gold_share)
            facts |= t_facts(float(whole[k]), float(np.sqrt((error[:, k] ** 2).sum())), df, level)
        found.append(facts)
    return pd.DataFrame(found)


def _note(part: str, kinds: dict[str, int], error: np.ndarray) -> str | None:
    """What is wrong with a part or with its interval."""
    carried = (kinds["both"] + kinds["a alone"], kinds["both"] + kinds["b alone"])
    if not kinds["both"] and part not in ("gap", "only_one"):
        return "no story is shared"
    if min(carried) < 2:
        return "no interval: one of the two carries 1 story"
    needs = {"gap": (), "telling": ("both",), "emphasis": ("both",), "only_one": ("a alone", "b alone")}.get(
        part, tuple(kinds)
    )
    alone = [name for name in needs if kinds[name] == 1]
    if alone and np.abs(error).max() > TINY:
        return f"no interval: it rests on a single story ({alone[0]})"
    least = min([*carried, *(kinds[name] for name in needs if kinds[name])])
    return f"few stories ({least}): the interval may be too narrow" if least < FEW_STORIES else None


def _dress(
    table: pd.DataFrame, side: np.ndarray, sums: dict[str, np.ndarray], out: Outcomes, o: Options,
    asked: tuple[Any, ...],
) -> pd.DataFrame:  # fmt: skip
    a, b, actor, story, same_telling = asked
    weight, total = sums["weight"], sums["total"]
    both = (weight > 0).all(axis=0)
    meaning = dict(PARTS)
    if same_telling:
        meaning |= {
            "telling": "how they tell stories, if they differ in all as in those that both carry",
            "selection": "which stories each carries, under the same assumption",
            "only_one": "nothing, under the same assumption",
        }
    facts: dict[str, Any] = {}
    for k, name in enumerate("ab"):
        facts |= {f"estimate_{name}": float(total[k].sum() / weight[k].sum()),
                  f"n_mentions_{name}": int((side == k).sum()), f"n_stories_{name}": int((weight[k] > 0).sum()),
                  f"share_shared_{name}": float(weight[k][both].sum() / weight[k].sum())}  # fmt: skip
    table = table.assign(
        task=o.task, a=a, b=b, actor=pd.Series([actor] * len(table), dtype=object),
        method=f"decomposition, {METHODS[o.method]}, jackknife over stories", voice=o.voice, copies=o.copies,
        meaning=table["part"].map(meaning), **facts, n_stories_shared=int(both.sum()), story=story,
        estimand=f"{o.estimand}: parts of a difference", level=o.level, reading=o.reading,
        note=pd.Series([joined(n, *out.notes) for n in table["note"]], dtype=object),
        **({} if o.method == "naive" else {"n_gold": out.n_gold}),
    )  # fmt: skip
    pairs = [f"{name}_{k}" for name in ("estimate", "n_mentions", "n_stories") for k in "ab"]
    order = ["part", "task", "a", "b", "actor", "estimate", "low", "high", "p", "method", "voice", "copies", "meaning",
             *pairs, "n_stories_shared", "share_shared_a", "share_shared_b", "story", "estimand", "se", "df", "level",
             "reading", "note", *([] if o.method == "naive" else ["n_gold"])]  # fmt: skip
    return table[order]
