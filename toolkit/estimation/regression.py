"""Regressions of the score, or of a label, on what is known of each mention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.estimation.cells import Groups, group_rows, vote_shares
from toolkit.estimation.correction import METHODS, dsl_moment, outcomes, ppi_ols
from toolkit.estimation.formula import Formula, category_levels, design_matrix, read_formula
from toolkit.estimation.leastsquares import ERRORS, LeastSquares, cluster_ols, gold_spread
from toolkit.estimation.selection import Options, check_options, select, warn
from toolkit.estimation.variance import FEW_STORIES, TINY, benjamini_hochberg, holm
from toolkit.estimation.votes import Gold, check_method, joined, t_facts

__all__ = ["regress"]

MODELS = {"linear": "least squares", "logit": "logit"}


def regress(
    scored: pd.DataFrame, formula: str, task: str = "tone", *, model: str = "linear", voice: str = "outlet",
    copies: str = "one_per_story", reading: str | float = "actor", level: float = 0.95, seed: int = 0,
    unit: str = "mention", method: str = "naive", label: str | None = None, gold: pd.DataFrame | None = None,
    frame: pd.DataFrame | None = None, reference: Mapping[str, Any] | None = None, errors: str = "CR2",
) -> pd.DataFrame:  # fmt: skip
    r"""Regress the score on columns of the mentions, or a column of the mentions on the score.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions, with any columns of yours; not changed. Row order does not matter.
    formula : str
        Such as ``tone ~ C(outlet) * C(actor) + copied``: a part of the notation of statsmodels, see
        :func:`toolkit.estimation.formula.read_formula`. The name of the task stands for its score (or for the label):
        on the left as the outcome, or on the right (``clicks ~ tone + C(outlet)``) with a column of numbers as outcome.
        Columns of text are categories with or without ``C()``; ``C()`` makes one of a column of numbers.
    task : str, default "tone"
    model : {"linear", "logit"}
        Least squares, or a logit of the share of `label`, whose estimates are differences of log odds.
    voice, reading, level, seed, unit, gold, frame
        As for :func:`toolkit.estimate`.
    copies : {"one_per_story", "own", "all"}
        As for :func:`toolkit.estimate`; ``one_per_story`` gives a story one vote in each combination of the formula's
        categories, so that a formula of categories alone gives the means and differences of `estimate` and `contrast`.
    method : {"naive", "gold", "dsl", "ppi"}
        As for :func:`toolkit.estimate`. ``ppi`` with the score as the outcome of least squares alone.
    label : str, optional
        The text variable is whether a mention has this label, in place of the score.
    reference : mapping of str to value, optional
        For each category the value that the others are compared with; the first in order by default.
    errors : {"CR2", "CR1", "CR0"}
        How least squares clusters its errors by story: :data:`toolkit.estimation.leastsquares.ERRORS`.

    Returns
    -------
    pandas.DataFrame
        One row a term, named as statsmodels names it: `term`, `task`, `estimate`, `low`, `high`, `p`, `p_holm`, `p_bh`
        (corrected for all terms but the constant), `family` (their number), `formula`, `method`, `voice`, `copies`,
        `n_mentions`, `n_articles`, `n_stories`, `estimand`, `se`, `df`, `level`, `reading`, `note`; with gold also
        `n_gold`.

    Raises
    ------
    InputError
        The formula holds anything but names, ``C()``, 0, 1, ``+ - * :`` and brackets; a name is unknown or holds no
        numbers; a column follows from the others; the task is nowhere in the formula or on both sides; a method that
        this model has no form for; or as for :func:`toolkit.estimate`.

    Warns
    -----
    InputWarning
        Mentions that lack a value of a column of the formula are left out.

    Notes
    -----
    Least squares with the outcome as `estimate` has it: for ``dsl`` the pseudo-outcome
    :math:`g + (S/\pi)(Y - g)`. With the text variable on the right, and for logits, ``dsl`` solves corrected moments
    (:func:`toolkit.estimation.dsl_moment`); these errors, and those of ``ppi`` and of every logit, are the sandwich's
    times G/(G-1), with Student's t of G-1 degrees of freedom, G the stories (with gold, where there is some).
    Egami et al. (2023), arXiv 2306.04746. A coefficient is a difference that remains among mentions alike in the other
    columns, not an effect.

    Examples
    --------
    >>> scored = pd.DataFrame({"outlet": list("AAABBB"), "tone_score": [0.1, 0.3, 0.2, 0.8, 0.9, 0.4]}).assign(
    ...     mention_id=[f"m{i}" for i in range(6)], article_id=[f"a{i}" for i in range(6)],
    ...     story_id=[f"s{i}" for i in range(6)], actor="turkey", date=pd.Timestamp("2020-02-28"), sentence_id="t",
    ...     wire=None, copied=[0.0, 0.2, 0.4, 0.3, 0.1, 0.2], part="body", surface="x", form="name", reading="actor",
    ...     voice="outlet", speaker=None, sentence="x warned.", start=0, end=1, position=0)
    >>> found = regress(scored, "tone ~ C(outlet) + copied")
    >>> found[["term", "estimate", "se", "family"]].round(2).values.tolist()
    [['Intercept', 0.18, 0.14, 2], ['C(outlet)[T.B]', 0.5, 0.17, 2], ['copied', 0.1, 0.44, 2]]
    """
    parsed = read_formula(formula)
    o = check_options(
        scored, Options(task, (), voice, copies, reading, None, "t", 100, level, seed, unit, method, label)
    )
    right = _check(scored, parsed, o, model, errors)
    rows = _complete(select(scored, o), parsed, task)
    levels = _levels(rows, parsed, task, reference or {})
    groups = group_rows(rows, [name for name in parsed.names if name in levels])
    fit, names, n_gold, notes = _fit(rows, parsed, groups, levels, o, Gold(gold, frame), model, errors, right=right)
    return _table(rows, parsed, fit, names, n_gold, notes, o, model, errors, right=right)


def _check(scored: pd.DataFrame, f: Formula, o: Options, model: str, errors: str) -> bool:
    """Whether the text variable stands on the right; refuse what cannot be fitted."""
    for what, value, valid in (("model", model, MODELS), ("errors", errors, ERRORS)):
        if value not in valid:
            raise InputError(f"unknown {what} {value!r}; {nearest(value, valid)}")
    columns = [f.left, *f.names]
    for name in columns:
        if name != o.task and name not in scored.columns:
            raise InputError(
                f"the formula names {name!r}, which is no column of the mentions and not the task {o.task!r}; "
                f"{nearest(name, [o.task, *scored.columns])}"
            )
    right = o.task in f.names
    if columns.count(o.task) != 1:
        raise InputError(
            f"the formula {f.text!r} has the task {o.task!r} {'on both sides' if right else 'nowhere'}; "
            "put it on one side of ~"
        )
    if o.task in f.categories:
        raise InputError(f"C({o.task}) would make a category of every score; write {o.task}, or give label=...")
    if not right and f.left != o.task:
        raise InputError(f"the outcome is {f.left!r}; expected the task {o.task!r}, or the task on the right of ~")
    if right and not pd.api.types.is_numeric_dtype(scored[f.left]):
        raise InputError(f"the outcome {f.left!r} holds no numbers (type {scored[f.left].dtype})")
    if model == "logit":
        _check_logit(scored, f, o, right=right)
    if right or model == "logit":
        check_method(o.method, ("naive", "gold", "dsl"), "PPI++ is here for least squares of the score alone")
    return right


def _check_logit(scored: pd.DataFrame, f: Formula, o: Options, *, right: bool) -> None:
    if right and not scored[f.left].dropna().isin([0, 1]).all():
        raise InputError(f"a logit needs an outcome of 0 and 1; {f.left!r} has other values")
    if not right and o.label is None:
        raise InputError("a logit needs the label whose share it explains: give label=..., such as label='negative'")


def _complete(rows: pd.DataFrame, f: Formula, task: str) -> pd.DataFrame:
    """The mentions that have a value in every column of the formula."""
    used = [name for name in dict.fromkeys([f.left, *f.names]) if name != task]
    lacking = rows[used].isna().any(axis=1)
    if lacking.any():
        first = next(name for name in used if rows[name].isna().any())
        warn(f"{int(lacking.sum())} of {len(rows)} mentions lack a value of the formula, such as {first!r}, "
             "and are left out")  # fmt: skip
        rows = rows[~lacking]
    if not len(rows):
        raise InputError(f"no mention is left for the formula {f.text!r}; loosen the filters, or leave a column out")
    return rows


def _levels(rows: pd.DataFrame, f: Formula, task: str, reference: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The values of each category."""
    levels: dict[str, list[Any]] = {}
    for name in f.names:
        if name == task:
            continue
        values = rows[name]
        if name in f.categories or not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            if pd.api.types.is_datetime64_any_dtype(values):
                raise InputError(f"{name!r} holds dates; toolkit.trend fits time, or make a column of numbers of it")
            levels[name] = category_levels(values, name, reference.get(name))
        elif not np.isfinite(values.to_numpy(dtype=float)).all():
            raise InputError(f"the column {name!r} must hold finite numbers")
    for name in reference:
        if name not in levels:
            raise InputError(f"reference names {name!r}, which is no category of the formula: {', '.join(levels)}")
    return levels


def _fit(
    rows: pd.DataFrame, f: Formula, groups: Groups, levels: Mapping[str, list[Any]], o: Options, g: Gold, model: str,
    errors: str, *, right: bool,
) -> tuple[LeastSquares, list[str], int, tuple[str, ...]]:  # fmt: skip
    """The coefficients, their names, the mentions with gold, and what there is to say of it."""
    share, story = vote_shares(rows, groups, o), groups.story
    found = outcomes(rows, o.task, method=o.method, label=o.label, gold=g.gold, frame=g.frame, seed=o.seed)
    coded = found.sampled
    truth = found.values if o.method in ("naive", "gold") else _gold_values(rows, o, g)
    text = found.proxy if o.method == "dsl" else found.values
    known = rows[f.left].to_numpy(dtype=float) if right else None
    data = {name: rows[name].to_numpy() for name in f.names if name != o.task}
    X, names = design_matrix(f, {**data, o.task: text}, levels)
    facts = names, found.n_gold, found.notes
    _check_rank(X[coded] if o.method == "gold" else X, names)
    w = share * found.weights
    if o.method == "ppi":
        root = np.sqrt(share)
        fit = ppi_ols(X * root[:, None], truth * root, found.proxy * root, coded, clusters=story)
        G = len(np.unique(story[coded]))
        return _plain(fit.estimate, fit.covariance * (G / max(G - 1, 1)), G), *facts
    if model == "linear" and (o.method != "dsl" or not right):
        y = found.values if known is None else known
        varied = gold_spread(X, y, w, coded, found.probability) if o.method == "dsl" else None
        return cluster_ols(X, y, story, w, errors=errors, spread=varied), *facts
    X_true = design_matrix(f, {**data, o.task: truth}, levels)[0] if right else X
    y, y_proxy = (known, known) if known is not None else (truth, found.proxy)
    sampled, p = (coded, found.probability) if o.method != "naive" else (np.ones(len(X), dtype=bool), np.ones(len(X)))
    X_proxy = np.zeros_like(X) if o.method == "gold" else X  # without the machine's part gold alone is left
    fit = dsl_moment(X_true, y, X_proxy, y_proxy, sampled, np.where(sampled, p, 1.0), model=model, clusters=story,
                     weights=share)  # fmt: skip
    G = len(np.unique(story[sampled]))
    return _plain(fit.estimate, fit.covariance * (G / max(G - 1, 1)), G), *facts


def _gold_values(rows: pd.DataFrame, o: Options, g: Gold) -> np.ndarray:
    """Gold as numbers, 0 where there is none."""
    return outcomes(rows, o.task, method="gold", label=o.label, gold=g.gold, frame=g.frame, seed=o.seed).values


def _plain(estimate: np.ndarray, covariance: np.ndarray, G: int) -> LeastSquares:
    df = np.full(len(estimate), max(G - 1.0, 1.0))
    return LeastSquares(estimate, np.sqrt(np.diag(covariance)), df, covariance, G)


def _check_rank(X: np.ndarray, names: Sequence[str]) -> None:
    """Name a column that follows from the others."""
    from scipy.linalg import qr

    _, R, order = qr(X, mode="economic", pivoting=True)
    size = np.abs(np.diag(R))
    spare = [names[order[i]] for i in range(len(names)) if i >= len(size) or size[i] <= 1e-9 * max(size[0], TINY)]
    if spare:
        raise InputError(
            f"{len(spare)} of {len(names)} columns of the formula follow from the others, such as "
            f"{sorted(spare)[0]!r}: a combination of categories without any mention, or what two columns say alike; "
            "leave a term out"
        )


def _table(
    rows: pd.DataFrame, f: Formula, fit: LeastSquares, names: list[str], n_gold: int, notes: tuple[str, ...],
    o: Options, model: str, errors: str, *, right: bool,
) -> pd.DataFrame:  # fmt: skip
    pairs = zip(fit.estimate, fit.se, fit.df, strict=True)
    table = pd.DataFrame({"term": names, "estimate": fit.estimate})
    table = table.assign(**pd.DataFrame([t_facts(float(b), float(s), float(d), o.level) for b, s, d in pairs]))
    flat = fit.se < TINY
    table.loc[flat, ["se", "df", "low", "high", "p"]] = np.nan
    tested = np.where(table["term"].eq("Intercept"), np.nan, table["p"])
    G = fit.n_clusters
    few = f"few stories ({G}): the interval may be too narrow" if G < FEW_STORIES else None
    note = [joined("no interval: it fits without error" if bare else few, *notes) for bare in flat]
    how = errors if model == "linear" and o.method != "ppi" and not (right and o.method == "dsl") else "sandwich"
    outcome = f.left if right else (o.task if o.label is None else f"share of {o.label} {o.task}")
    what = "log odds of " if model == "logit" else ""
    vote = "story" if o.copies == "one_per_story" else o.unit
    table = table.assign(
        task=o.task, p_holm=holm(tested), p_bh=benjamini_hochberg(tested), family=int((~np.isnan(tested)).sum()),
        formula=f.text, method=f"{MODELS[model]}, {METHODS[o.method]}, clustered t ({how})", voice=o.voice,
        copies=o.copies, n_mentions=len(rows), n_articles=rows["article_id"].nunique(),
        n_stories=rows["story_id"].nunique(), estimand=f"change in {what}{outcome} per {vote}", level=o.level,
        reading=o.reading, note=pd.Series(note, dtype=object), n_gold=n_gold,
    )  # fmt: skip
    order = ["term", "task", "estimate", "low", "high", "p", "p_holm", "p_bh", "family", "formula", "method", "voice",
             "copies", "n_mentions", "n_articles", "n_stories", "estimand", "se", "df", "level", "reading", "note",
             *([] if o.method == "naive" else ["n_gold"])]  # fmt: skip
    return table[order]
