"""One contrast under every choice that could as well have been made."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, InputWarning, nearest
from toolkit.estimation.cells import group_rows, vote_shares
from toolkit.estimation.correction import Outcomes
from toolkit.estimation.selection import Options, check_options, select
from toolkit.estimation.votes import MISSING, Gold, bound, check_method, combine, joined, vote_outcomes
from toolkit.estimation.within import side_cells

__all__ = ["CHOICES", "specification_curve", "specification_shares"]

CHOICES = ("classifier", "task", "voice", "copies", "reading", "unit", "method")
"""The columns of a curve that say what was chosen."""


def specification_curve(
    scored: pd.DataFrame | Mapping[str, pd.DataFrame], a: str, b: str, actor: str | None = None, *,
    tasks: Sequence[str] = ("tone",), between: str = "outlet", voices: Sequence[str] = ("outlet", "all"),
    copies: Sequence[str] = ("one_per_story", "own", "all"), readings: Sequence[str | float] = ("actor", "all"),
    units: Sequence[str] = ("mention", "article"), methods: Sequence[str] = ("naive",), label: str | None = None,
    gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None, level: float = 0.95, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Estimate the contrast of two outlets under every combination of choices.

    Parameters
    ----------
    scored : pandas.DataFrame, or mapping of str to pandas.DataFrame
        Scored mentions; or one such table of the same mentions for each classifier, by its name. Not changed.
    a, b : str
        The outlets (values of `between`): estimates are a - b.
    actor : str, optional
        Toward whom; all mentions if not given.
    tasks, voices, copies, readings, units, methods : sequences
        The choices, as :func:`toolkit.contrast` takes each. The first of each makes the headline specification.
    between, label, gold, frame, level, seed
        As for :func:`toolkit.contrast`. ``ppi`` is refused, since outlets share stories.

    Returns
    -------
    pandas.DataFrame
        One row a specification, from the lowest estimate to the highest: `classifier` (a name, or "scores" for a single
        table), `task`, `voice`, `copies`, `reading`, `unit`, `method`, `estimate`, `low`, `high`, `p`, `n_mentions`,
        `n_stories`, `headline` (which one), `a`, `b`, `actor`, `estimand`, `se`, `df`, `level`, `note`. A specification
        that cannot be estimated (no mention is left, the sample was not drawn for it) has none, and `note` says why;
        such rows stand last. The p-values are not corrected for their number: they are one question asked often.

    Raises
    ------
    InputError
        A name is unknown, a list of choices is empty or holds one twice, or no specification can be estimated.

    Notes
    -----
    Every estimate equals that of :func:`toolkit.contrast` with these options. What is to be learned is how far the
    estimate depends on choices that are open to argument: Simonsohn, Simmons, Nelson (2020), Nature Human Behaviour 4;
    Steegen et al. (2016), Perspectives on Psychological Science 11. Specifications are not independent of one another,
    and a majority of them is no evidence.

    Examples
    --------
    >>> rows = [("A", "s1", 0.5), ("B", "s1", 0.3), ("A", "s2", -0.1), ("B", "s2", -0.2), ("A", "s3", 0.9)]
    >>> scored = pd.DataFrame(rows, columns=["outlet", "story_id", "tone_score"]).assign(
    ...     mention_id=list("abcde"), article_id=list("abcde"), actor="turkey", date=pd.Timestamp("2020-02-28"),
    ...     sentence_id="t", wire=None, copied=[0.0, 0.9, 0, 0, 0], part="body", surface="x", form="name",
    ...     reading="actor", voice="outlet", speaker=None, sentence="x warned.", start=0, end=1, position=0)
    >>> curve = specification_curve(scored, "A", "B", "turkey", voices=["outlet"], readings=["actor"],
    ...     units=["mention"])
    >>> curve[["copies", "estimate", "headline"]].round(3).values.tolist()
    [['all', 0.383, False], ['one_per_story', 0.383, True], ['own', 0.633, False]]
    >>> specification_shares(curve)["share_same_sign"].tolist()
    [1.0]
    """
    tables = dict(scored) if isinstance(scored, Mapping) else {"scores": scored}
    lists = (list(tables), tasks, voices, copies, readings, units, methods)
    for name, values in zip(CHOICES, lists, strict=True):
        if isinstance(values, str) or not len(values) or len({str(v) for v in values}) < len(values):
            raise InputError(f"the choices of {name} are {values!r}; expected a list of different ones")
    for method in methods:
        check_method(method, ("naive", "gold", "dsl"), "PPI++ takes the outlets for independent")
    curve = _Curve(tables, a, b, actor, between, label, Gold(gold, frame), level, seed)
    curve.check(dict(zip(CHOICES, lists, strict=True)))
    rows = [curve.estimate(dict(zip(CHOICES, choice, strict=True))) for choice in product(*lists)]
    table = pd.DataFrame(rows)
    if table["estimate"].isna().all():
        raise InputError(f"no specification can be estimated; the first says: {table['note'].iloc[0]}")
    numbers = ["estimate", "low", "high", "p", "se", "df"]
    table = table.astype(dict.fromkeys(numbers, float)).assign(
        headline=np.arange(len(table)) == 0, a=a, b=b, actor=pd.Series([actor] * len(table), dtype=object), level=level
    )
    order = [*CHOICES, "estimate", "low", "high", "p", "n_mentions", "n_stories", "headline", "a", "b", "actor",
             "estimand", "se", "df", "level", "note"]  # fmt: skip
    return in_order(table)[order].reset_index(drop=True)


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """From the lowest estimate to the highest; equal ones by what was chosen, those without one last."""
    return table.sort_values(
        ["estimate", *CHOICES], key=lambda values: values if values.name == "estimate" else values.astype(str)
    )


class _Curve:
    """One specification after another; what several have in common is done once."""

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], a: str, b: str, actor: str | None, between: str, label: str | None,
        g: Gold, level: float, seed: int,
    ) -> None:  # fmt: skip
        self.tables, self.pair, self.actor, self.between = tables, (a, b), actor, between
        self.label, self.gold, self.level, self.seed = label, g, level, seed
        self.rows: dict[tuple[Any, ...], pd.DataFrame] = {}
        self.outcomes: dict[tuple[Any, ...], Outcomes | str] = {}

    def estimate(self, choice: dict[str, Any]) -> dict[str, Any]:
        o = self._options(choice)
        key = (choice["classifier"], o.task, o.voice, o.reading, o.copies == "own", o.method)
        if key not in self.rows:
            self.rows[key], self.outcomes[key] = self._prepare(choice["classifier"], o)
        rows, out = self.rows[key], self.outcomes[key]
        facts = {**choice, "estimand": f"{o.estimand}: difference", "n_mentions": 0, "n_stories": 0}
        nothing = {**facts, "estimate": np.nan, **MISSING}
        if isinstance(out, str):
            return {**nothing, "note": f"not estimated: {out}"}
        value = rows[self.between].to_numpy()
        of_actor = np.ones(len(rows), dtype=bool) if self.actor is None else rows["actor"].eq(self.actor).to_numpy()
        inside = np.flatnonzero(of_actor & np.isin(value.astype(str), self.pair))
        side = (value[inside] == self.pair[1]).astype(int)
        for k, name in enumerate(self.pair):
            if not (side == k).any():
                return {**nothing, "note": f"not estimated: no mention of {name!r} is left"}
        part = rows.iloc[inside]
        groups = group_rows(part.assign(_side=side), ["_side"])
        cells = side_cells(groups.story, side, out, inside, vote_shares(part, groups, o))
        found = bound(combine(cells, (0, 1), (1.0, -1.0), self.level), out, o, 1)
        note = joined(found.pop("note"), *out.notes)
        del found["n_stories_shared"]
        return {**facts, **found, "n_mentions": len(inside), "n_stories": groups.n_stories, "note": note}

    def _options(self, choice: dict[str, Any]) -> Options:
        return Options(choice["task"], (), choice["voice"], choice["copies"], choice["reading"], None, "t", 100,
                       self.level, self.seed, choice["unit"], choice["method"], self.label)  # fmt: skip

    def check(self, choices: Mapping[str, Sequence[Any]]) -> None:
        """Every choice once, with the first of the others; a table in full once for each task."""
        first = {name: values[0] for name, values in choices.items()}
        for table in self.tables.values():
            for task in choices["task"]:
                check_options(table, self._options({**first, "task": task}), self.between)
            self._check_names(table)
            for column in CHOICES[2:]:
                for value in choices[column]:
                    check_options(table.iloc[:1], self._options({**first, column: value}), self.between)

    def _check_names(self, table: pd.DataFrame) -> None:
        named = [(self.between, value) for value in self.pair] + ([("actor", self.actor)] if self.actor else [])
        for column, value in named:
            held = table[column].dropna()
            if not held.eq(value).any():
                raise InputError(f"no mention has {column} {value!r}; {nearest(str(value), sorted(held.unique()))}")
        if self.pair[0] == self.pair[1]:
            raise InputError(f"a and b are both {self.pair[0]!r}; name two values of {self.between!r}")

    def _prepare(self, name: str, o: Options) -> tuple[pd.DataFrame, Outcomes | str]:
        """The mentions that count and their outcomes, or why there are none."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # an empty selection is said in the row
            rows = select(self.tables[name], o)
        rows = rows[rows[self.between].notna()]
        if not len(rows):
            return rows, "no mention is left"
        try:
            return rows, vote_outcomes(rows, group_rows(rows, []), o, self.gold)
        except InputError as problem:
            if self.gold.gold is None and o.method != "naive":
                raise
            return rows, str(problem)


def specification_shares(curve: pd.DataFrame) -> pd.DataFrame:
    """How many specifications agree with the headline one.

    Parameters
    ----------
    curve : pandas.DataFrame
        As :func:`toolkit.specification_curve` returns it.

    Returns
    -------
    pandas.DataFrame
        One row: `n_specifications`, `n_estimated`, `headline` (its estimate), `lowest`, `median`, `highest`,
        `share_same_sign` (of those estimated, whose estimate has the headline's sign), `share_excludes_zero` (whose
        interval does not hold 0), `share_same_sign_excludes_zero` (both). Shares are from 0 to 1.

    Raises
    ------
    InputError
        The table is no curve.

    Examples
    --------
    >>> curve = pd.DataFrame({"estimate": [-0.1, 0.2, 0.3], "low": [-0.3, 0.1, -0.1], "high": [0.1, 0.3, 0.7],
    ...     "headline": [False, True, False]})
    >>> specification_shares(curve)[["share_same_sign", "share_excludes_zero"]].round(2).values.tolist()
    [[0.67, 0.33]]
    """
    for column in ("estimate", "low", "high", "headline"):
        if column not in getattr(curve, "columns", ()):
            raise InputError(f"the curve lacks the column {column!r}; make it with toolkit.specification_curve")
    if int(curve["headline"].sum()) != 1:
        raise InputError(f"{int(curve['headline'].sum())} rows are the headline; expected one")
    known = curve[curve["estimate"].notna()]
    head = float(curve.loc[curve["headline"], "estimate"].iloc[0])
    same = np.sign(known["estimate"]).eq(np.sign(head)) & bool(np.isfinite(head))
    apart = (known["low"] > 0) | (known["high"] < 0)
    facts = {
        "n_specifications": len(curve), "n_estimated": len(known), "headline": head,
        "lowest": known["estimate"].min(), "median": known["estimate"].median(), "highest": known["estimate"].max(),
        "share_same_sign": same.mean() if np.isfinite(head) else np.nan, "share_excludes_zero": apart.mean(),
        "share_same_sign_excludes_zero": (same & apart).mean() if np.isfinite(head) else np.nan,
    }  # fmt: skip
    return pd.DataFrame([facts])
