"""The swap audit: what a classifier says of the same sentences when they name another actor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.actors import Lexicon, load_lexicon
from toolkit.actors.counterparts import NAMELESS, Counterparts, put_names
from toolkit.errors import InputError, nearest
from toolkit.evaluation.judged import story_clusters
from toolkit.resampling import check_level, cluster_draws, drawn_sums, percentiles
from toolkit.scoring import score_mentions
from toolkit.tables import check_table

__all__ = ["swap_audit", "swap_by_actor", "swap_floor"]

NAMES = ("all", "target")
MASK = "X"
"""Stands for a masked name."""


def swap_audit(mentions: pd.DataFrame, classifier: Any, names: Sequence[str]) -> pd.DataFrame:
    """What a classifier says of the same sentences when the target bears another name.

    A tone that changes with the name is the classifier's, not the outlet's.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Columns sentence, start, end.
    classifier : object
        Fitted, with `predict`.
    names : sequence of str
        Two different names or more, each put in every target's place.

    Returns
    -------
    pandas.DataFrame
        One row a name: `name`, `changed` (share of sentences whose label differs from the one under another name, mean
        over the other names) and `share_<label>` for each label of the classifier.

    References
    ----------
    Prabhakaran, Hutchinson, Mitchell: Perturbation sensitivity analysis. EMNLP 2019.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.classifiers import CLASSIFIERS
    >>> mentions = pd.DataFrame({"sentence": ["Ankara lied."], "start": [0], "end": [6]})
    >>> swap_audit(mentions, CLASSIFIERS["lexicon"](), ["Moscow", "Washington"])["changed"].tolist()
    [0.0, 0.0]
    """
    check_table(mentions, "targets")
    if isinstance(names, str) or len(set(names)) < 2 or not all(isinstance(n, str) and n.strip() for n in names):
        raise InputError(f"names is {names!r}; expected at least two different names to put in the target's place")
    if not len(mentions):
        raise InputError("there are no mentions to swap names in")
    said = {name: np.asarray(classifier.predict(_renamed(mentions, name))) for name in dict.fromkeys(names)}
    rows = []
    for name, labels in said.items():
        others = [float((labels != other).mean()) for key, other in said.items() if key != name]
        shares = {f"share_{label}": float((labels == label).mean()) for label in classifier.classes_}
        rows.append({"name": name, "changed": float(np.mean(others)), **shares})
    return pd.DataFrame(rows)


def _renamed(mentions: pd.DataFrame, name: str) -> pd.DataFrame:
    spans = zip(mentions["sentence"], mentions["start"], mentions["end"], strict=True)
    table = pd.DataFrame({"sentence": [s[:a] + name + s[b:] for s, a, b in spans]}, index=mentions.index)
    return table.assign(start=mentions["start"], end=mentions["start"] + len(name))


def swap_by_actor(
    mentions: pd.DataFrame,
    classifier: Any,
    actors: Sequence[str] | None = None,
    lexicon: Lexicon | None = None,
    *,
    task: str = "tone",
    by: str | Sequence[str] = "actor",
    names: str = "all",
    mask: str = MASK,
    pairs: bool = False,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """What a classifier says of each sentence when it is about each other actor of the study, in the right form.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions: sentence, start, end, actor, form, story_id, and the columns of `by`; `date` says who held which
        office. Give those that are estimated, such as the outlets' own voice.
    classifier : str, pathlib.Path or object
        See :func:`toolkit.scoring.make_classifier`.
    actors : sequence of str, optional
        The actors of the study, two or more; by default those in `mentions`. Mentions of others are left out.
    lexicon : Lexicon, optional
        What actors are called; the lexicon that ships where left out.
    task : str
        A task with ordered labels.
    by : str or sequence of str
        The groups, such as "actor" or ["outlet", "actor"].
    names : {"all", "target"}
        "all": all names of the two actors in the sentence change places, so that it is a sentence about the other;
        "target": the target's alone.
    mask : str
        What stands for the masked name.
    pairs : bool
        Also give a row for each other actor by itself.
    draws, level, seed
        Of the intervals, by resampling stories.
    progress : callable, optional
        Called with (done, total), in different sentences.

    Returns
    -------
    pandas.DataFrame
        One row for each group and `against` ("others": the mean over the other actors; "mask"; with `pairs` each
        actor): `task`, `signed` (mean of the score as written minus the score under the other name: above 0, the own
        name makes the same sentence read better), `absolute` (mean of its absolute value, mention by mention),
        `changed` (share of changed labels), each with `_low` and `_high`; `level, n_mentions, n_sentences, n_stories,
        left_out` (mentions without a name, such as "the regime"), `names, note`.

    Raises
    ------
    InputError
        Fewer than two actors, an unknown one, nothing to swap, or a task without order.

    Notes
    -----
    Articles and possessives are adjusted ("a Turkish", "an Iranian"). A gap between actors that is smaller than the
    signed change may be the classifier's; :func:`swap_floor` says where. A classifier that masks its target is audited
    too: further names in the sentence still reach it, unless `names` is "target".

    References
    ----------
    Prabhakaran, Hutchinson, Mitchell: Perturbation sensitivity analysis to detect unintended model biases. EMNLP 2019.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({"sentence": ["Ankara lied.", "A Russian convoy fled."], "start": [0, 2], "end": [6, 9],
    ...     "actor": ["turkey", "russia"], "form": ["capital", "demonym"], "story_id": ["s1", "s2"]})
    >>> swap_by_actor(mentions, "lexicon", draws=100).query("against == 'others'")[["actor", "signed", "changed"]]
        actor  signed  changed
    0  russia     0.0      0.0
    2  turkey     0.0      0.0
    """
    lexicon = lexicon or load_lexicon()
    keys = [by] if isinstance(by, str) else list(by)
    used, left, chosen = _swappable(mentions, actors, lexicon, keys, names)
    check_level(level)
    table = _versions(used, chosen, lexicon, names, mask)
    scored = score_mentions(table, task, classifier=classifier, progress=progress)
    if scored[f"{task}_score"].isna().any():
        raise InputError(
            f"the labels of the task {task!r} have no order, so there is no score whose change could be measured"
        )
    shape = (len(used), len(chosen) + 2)
    score = scored[f"{task}_score"].to_numpy(dtype=float)[table["place"].to_numpy()].reshape(shape)
    said = scored[f"{task}_pred"].fillna("").to_numpy(dtype=str)[table["place"].to_numpy()].reshape(shape)
    changes = _changes(used["actor"].to_numpy(), chosen, score, said, pairs=pairs)
    story, stories = story_clusters(used)
    weights = cluster_draws(stories, draws, seed)
    rows = []
    for group, places in used.groupby(keys, sort=True, dropna=False, observed=True).indices.items():
        facts = dict(zip(keys, group if isinstance(group, tuple) else (group,), strict=True))
        out = int(left[(left[keys] == pd.Series(facts)).all(axis=1)].shape[0])
        for against, values in changes.items():
            of = places[~np.isnan(values[places, 0])]
            if len(of):
                measured = _swap_row(values[of], story[of], weights, level)
                counts = {"n_mentions": len(of), "n_sentences": used["sentence"].iloc[of].nunique(),
                          "n_stories": len(np.unique(story[of])), "left_out": out}  # fmt: skip
                rows.append(
                    {**facts, "task": task, "against": against, **measured, "level": level, **counts, "names": names}
                )
    order = [c for c in rows[0] if c != "note"]
    return pd.DataFrame(rows)[[*order, "note"]].astype({"note": object})


def _swappable(
    mentions: pd.DataFrame, actors: Sequence[str] | None, lexicon: Lexicon, keys: list[str], names: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """The mentions that bear a name, those that don't, and the actors of the study."""
    check_table(mentions, "targets")
    for column in ("actor", "form", "story_id", *keys):
        if column not in mentions.columns:
            raise InputError(f"the table of mentions has no column {column!r}; {nearest(column, mentions.columns)}")
    if names not in NAMES:
        raise InputError(f"names is {names!r}; {nearest(names, NAMES)}")
    chosen = lexicon.require(sorted(mentions["actor"].unique()) if actors is None else actors)
    if dotted := [a for a in chosen if "." in a]:
        raise InputError(f"{dotted[0]!r} is a part of an actor; the swap audit exchanges whole actors: leave it out")
    if len(chosen) < 2:
        raise InputError(f"the swap audit needs two actors or more to exchange, got {chosen}: name those of the study")
    mine = mentions[mentions["actor"].isin(chosen)].reset_index(drop=True)
    whole = Counterparts(lexicon)
    surfaces = [s[a:b] for s, a, b in zip(mine["sentence"], mine["start"], mine["end"], strict=True)]
    other = {actor: next(o for o in chosen if o != actor) for actor in chosen}
    bare = np.array([
        form in NAMELESS and whole.of(surface, form, actor, other[actor]) is None
        for surface, form, actor in zip(surfaces, mine["form"], mine["actor"], strict=True)
    ], dtype=bool)  # fmt: skip
    if not (~bare).any():
        raise InputError(f"there are no mentions by name of {', '.join(chosen)} to swap names in")
    return mine[~bare].reset_index(drop=True), mine[bare], chosen


def _versions(used: pd.DataFrame, chosen: list[str], lexicon: Lexicon, names: str, mask: str) -> pd.DataFrame:
    """Every sentence as it is, about each actor, and masked: mention by mention; `place` leads to the row to read.

    A mention about its own actor is the sentence as it is, so equal sentences are made, and later scored, once.
    """
    counterparts = Counterparts(lexicon)
    found_in: dict[str, list[tuple[int, int, str, str]]] = {}
    made: dict[tuple, tuple[str, int, int]] = {}
    rows = []
    days = used["date"].dt.strftime("%Y-%m-%d") if "date" in used.columns else pd.Series([None] * len(used))
    columns = zip(
        used["sentence"],
        used["start"].astype(int),
        used["end"].astype(int),
        used["actor"],
        used["form"],
        days,
        strict=True,
    )
    for sentence, start, end, actor, form, day in columns:
        day = day if isinstance(day, str) else None
        if sentence not in found_in:
            found_in[sentence] = [(a, b, who, f) for a, b, who, f, _ in lexicon.search(sentence)]
        rows.append((sentence, start, end))
        for other in [*chosen, None]:
            key = (sentence, start, end, actor, form, day, other)
            if key not in made:
                hits = [h for h in found_in[sentence] if h[1] <= start or h[0] >= end] if names == "all" else []
                made[key] = _about(sentence, (start, end), actor, form, other, hits, counterparts, day, mask)
            rows.append(made[key])
    table = pd.DataFrame(rows, columns=["sentence", "start", "end"])
    return table.assign(place=np.arange(len(table)))


def _about(
    sentence: str, target: tuple[int, int], own: str, form: str, other: str | None,
    hits: list[tuple[int, int, str, str]], counterparts: Counterparts, day: str | None, mask: str,
) -> tuple[str, int, int]:  # fmt: skip
    """The sentence about another actor, or about nobody."""
    if other == own:
        return sentence, *target
    swaps = []
    for start, end, actor, how in [(*target, own, form), *hits]:
        if actor not in (own, other):
            continue
        if other is None:
            new: str | None = mask
        elif actor == own:
            new = counterparts.of(sentence[start:end], how, own, other, day)
        else:
            new = counterparts.of(sentence[start:end], how, other, own, day)
        if new is not None:
            swaps.append((start, end, new, "mask" if other is None else how))
    return put_names(sentence, swaps, target)


def _changes(
    own: np.ndarray, chosen: list[str], score: np.ndarray, said: np.ndarray, *, pairs: bool
) -> dict[str, np.ndarray]:
    """Signed, absolute change of the score, change of the label; shape (mentions, 3), missing for the own name."""
    signed = score[:, :1] - score[:, 1:]
    every = np.stack([signed, np.abs(signed), (said[:, :1] != said[:, 1:]).astype(float)], axis=2)
    for number, actor in enumerate(chosen):
        every[own == actor, number] = np.nan
    found = {"others": np.nanmean(every[:, :-1], axis=1), "mask": every[:, -1]}
    return found | ({actor: every[:, number] for number, actor in enumerate(chosen)} if pairs else {})


def _swap_row(values: np.ndarray, story: np.ndarray, weights: np.ndarray, level: float) -> dict[str, Any]:
    drawn = drawn_sums(np.column_stack([values, np.ones(len(values))]), story, weights)
    row: dict[str, Any] = {}
    several = len(np.unique(story)) > 1
    for i, measure in enumerate(("signed", "absolute", "changed")):
        sample = np.divide(drawn[:, i], drawn[:, 3], out=np.full(len(drawn), np.nan), where=drawn[:, 3] > 0)
        low, high = percentiles(sample, level) if several else (np.nan, np.nan)
        row |= {measure: float(values[:, i].mean()), f"{measure}_low": low, f"{measure}_high": high}
    return {**row, "note": None if several else "no interval: 1 story"}


def swap_floor(table: pd.DataFrame, audit: pd.DataFrame) -> pd.DataFrame:
    """Say beside estimates or contrasts how much of them the classifier's reading of names may make.

    Parameters
    ----------
    table : pandas.DataFrame
        A summary or a table of contrasts with the column `estimate`, and `actor` (or `a` and `b`, where actors are
        compared).
    audit : pandas.DataFrame
        What :func:`swap_by_actor` gave; its rows against "others" count.

    Returns
    -------
    pandas.DataFrame
        The same rows with `swap` (the end of the interval of the signed change that is farther from 0; missing where
        the audit has no such group), `within_swap` (whether the estimate is no larger) and `swap_note`, which says so
        in words. Where groups of the audit are compared, the two add up: the names may pull in opposite directions.

    Raises
    ------
    InputError
        A column is missing, or the two tables share no keys.

    Examples
    --------
    >>> import pandas as pd
    >>> audit = pd.DataFrame({"actor": ["turkey"], "against": "others", "signed": 0.02, "signed_low": -0.01,
    ...     "signed_high": 0.05, "absolute": 0.1})
    >>> summary = pd.DataFrame({"actor": ["turkey", "turkey"], "estimate": [-0.03, 0.3]})
    >>> swap_floor(summary, audit)[["estimate", "swap", "within_swap"]].values.tolist()
    [[-0.03, 0.05, True], [0.3, 0.05, False]]
    """
    for what, held, needed in (("table", table, ("estimate",)), ("audit", audit, ("against", "signed", "signed_low"))):
        for column in needed:
            if column not in held.columns:
                raise InputError(f"the {what} has no column {column!r}; {nearest(column, held.columns)}")
    rows = audit[audit["against"] == "others"]
    keys = list(audit.columns[: list(audit.columns).index("against")].drop("task", errors="ignore"))
    bounds = rows[["signed", "signed_low", "signed_high"]].abs().max(axis=1)
    floor = dict(zip(rows[keys].itertuples(index=False, name=None), bounds, strict=True))
    lacking = [key for key in keys if key not in table.columns]
    if len(lacking) > 1 or (lacking and not {"a", "b"} <= set(table.columns)):
        raise InputError(
            f"the audit is by {', '.join(keys)}; the table has no column {lacking[0]!r}: make the audit with by=..., "
            "so that its groups are those of the table"
        )
    swap = np.zeros(len(table))
    for side in ("a", "b") if lacking else ("",):
        named = [table[side] if key in lacking else table[key] for key in keys]
        swap = swap + np.array([floor.get(group, np.nan) for group in zip(*named, strict=True)], dtype=float)
    within = (table["estimate"].abs().to_numpy(dtype=float) <= swap) & (swap > 0)
    note = "no larger than what the classifier's reading of names makes (swap audit)"
    notes = pd.Series([note if flag else None for flag in within], index=table.index).astype(object)
    return table.assign(swap=swap, within_swap=within, swap_note=notes)
