"""The table of agreement, by group, pair of coders and label, with intervals; and who confuses what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from toolkit.agreement.coding import Coding, gather_codes
from toolkit.agreement.coefficients import COEFFICIENTS, METRICS, coefficient, unit_sums
from toolkit.errors import InputError, nearest
from toolkit.resampling import check_level, cluster_draws, drawn_sums, percentiles

__all__ = ["agreement", "coder_agreement", "coder_confusion"]

FEW_ARTICLES = 30
"""Below this percentile intervals are too narrow: of 20, they cover 91 % (benchmarks/agreement_coverage.py)."""
SPECIAL = ("pair", "label")


class _View(NamedTuple):
    """The codes that some rows of the table look at: of all coders or of two, all labels or one against the rest."""

    keys: dict[str, Any]
    codes: np.ndarray
    labels: int
    coders: tuple[str, ...]


def coder_agreement(
    annotations: pd.DataFrame,
    task: str = "tone",
    *,
    mentions: pd.DataFrame | None = None,
    by: str | Sequence[str] | None = None,
    coefficients: str | Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """How far coders agree, with intervals by resampling articles.

    Parameters
    ----------
    annotations : pandas.DataFrame
        Columns mention_id, task, coder, label; not every coder need have labelled every mention.
    task : str
        The task whose labels are compared.
    mentions : pandas.DataFrame, optional
        Columns mention_id, article_id, and those of `by`. Without it mentions are resampled, not articles, and the
        intervals are too narrow where an article has several.
    by : str or sequence of str, optional
        Columns of `mentions` ("actor", "outlet", ...), "pair" for each pair of coders, "label" for each label against
        the rest; several are crossed.
    coefficients : str or sequence of str, optional
        Of "percent" (share of pairs of coders that agree, mean over mentions), "alpha", "alpha_ordinal",
        "alpha_interval" (Krippendorff), "cohen" (two coders), "fleiss", "ac1" (Gwet). By default all that fit.
    labels : sequence of str, optional
        The labels in their order; by default the codebook's, or for a task that it lacks those that occur, unordered.
    draws : int
        Resamples behind each interval, at least 100.
    level : float
        Between 0 and 1.
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row for each group and coefficient: the keys, `task, coefficient, estimate, low, high, level, n_units`
        (mentions with two labels or more), `n_articles, n_coders, resampled` ("articles" or "mentions"), `note`. What
        is not defined (one coder, no overlap, only one label where chance is taken off) is missing, and `note` says
        why.

    Raises
    ------
    InputError
        A table or a name cannot be used, an annotated mention is not among `mentions`, a label is foreign, or a coder
        labelled a mention twice.

    Notes
    -----
    The interval is the percentile interval over draws of articles with replacement; one draw serves all groups. It says
    how the figure would vary with other articles and the same coders. See
    :func:`toolkit.agreement.coefficients.coefficient` for the formulas' sources. Labels one by one are compared as the
    label against all others.

    References
    ----------
    Hayes, Krippendorff: Answering the call for a standard reliability measure for coding data. Communication Methods
    and Measures 1, 2007. Davison, Hinkley: Bootstrap Methods and their Application. 1997, section 3.8.

    Examples
    --------
    >>> import pandas as pd
    >>> said = {"Ann": "positive negative neutral neutral".split(), "Ben": "positive negative neutral positive".split()}
    >>> annotations = pd.DataFrame([(f"m{i}", "tone", coder, label) for coder, all_ in said.items()
    ...     for i, label in enumerate(all_)], columns=["mention_id", "task", "coder", "label"])
    >>> found = coder_agreement(annotations, coefficients=["percent", "alpha"])
    >>> found[["coefficient", "estimate", "n_units"]].round(3)
      coefficient  estimate  n_units
    0     percent     0.750        4
    1       alpha     0.667        4
    """
    coding = gather_codes(annotations, task, labels)
    keys = [by] if isinstance(by, str) else list(by or ())
    wanted = _coefficients(coefficients, coding, keys)
    check_level(level)
    columns = [key for key in keys if key not in SPECIAL]
    groups, cluster, resampled = _placed(coding, mentions, columns)
    weights = cluster_draws(int(cluster.max()) + 1, draws, seed)
    rows: list[dict[str, Any]] = []
    for view in _views(coding, keys):
        for group, inside in groups:
            measured = _measure(view, coding, inside, cluster, weights, wanted, level, resampled)
            rows += [
                {**group, **view.keys, "task": task, "level": level, "resampled": resampled, **m} for m in measured
            ]
    order = [*keys, "task", "coefficient", "estimate", "low", "high", "level", "n_units", "n_articles", "n_coders",
             "resampled", "note"]  # fmt: skip
    found = pd.DataFrame(rows)[order].astype({"note": object, "n_articles": "Int64"})
    return found if resampled == "articles" else found.assign(n_articles=pd.array([None] * len(found), dtype="Int64"))


agreement = coder_agreement


def _coefficients(given: str | Sequence[str] | None, coding: Coding, keys: list[str]) -> list[str]:
    by_label = "label" in keys
    several = not coding.ordered or by_label
    if given is None:
        fitting = [c for c in COEFFICIENTS if not (several and c in ("alpha_ordinal", "alpha_interval"))]
        return [c for c in fitting if c != "cohen" or len(coding.coders) == 2 or "pair" in keys]
    wanted = [given] if isinstance(given, str) else list(dict.fromkeys(given))
    for name in wanted:
        if name not in COEFFICIENTS:
            raise InputError(f"unknown coefficient {name!r}; {nearest(name, COEFFICIENTS)}")
        if several and METRICS.get(name, "nominal") != "nominal":
            why = (
                "a label against the rest has no order" if by_label else f"the labels of {coding.task!r} have no order"
            )
            raise InputError(
                f"{name!r} needs labels in an order, and {why}: use 'alpha', or give labels=[...] in order"
            )
    return wanted


def _placed(
    coding: Coding, mentions: pd.DataFrame | None, columns: list[str]
) -> tuple[list[tuple[dict[str, Any], np.ndarray]], np.ndarray, str]:
    """The groups with their units, the cluster of each unit, and what the clusters are."""
    everyone = np.ones(len(coding.units), dtype=bool)
    if mentions is None:
        if columns:
            raise InputError(f"by={columns!r} needs the table of mentions: agreement(..., mentions=mentions)")
        return [({}, everyone)], np.arange(len(coding.units)), "mentions"
    for column in ("mention_id", "article_id", *columns):
        if column not in mentions.columns:
            raise InputError(
                f"the table of mentions has no column {column!r}; {nearest(column, [*mentions.columns, *SPECIAL])}"
            )
    of = mentions.drop_duplicates("mention_id").set_index("mention_id")
    if len(lost := [unit for unit in coding.units if unit not in of.index]):
        raise InputError(
            f"{len(lost)} of {len(coding.units)} annotated mentions are not in the table of mentions, such as "
            f"{lost[0]!r}: give the mentions from which the sample was drawn"
        )
    of = of.loc[coding.units]
    cluster = np.unique(of["article_id"].astype(str), return_inverse=True)[1]
    if not columns:
        return [({}, everyone)], cluster, "articles"
    groups = of.reset_index(drop=True).groupby(columns, sort=True, dropna=False, observed=True).indices
    found = []
    for key, rows in groups.items():
        inside = np.zeros(len(everyone), dtype=bool)
        inside[rows] = True
        found.append((dict(zip(columns, key if isinstance(key, tuple) else (key,), strict=True)), inside))
    return found, cluster, "articles"


def _views(coding: Coding, keys: list[str]) -> Iterator[_View]:
    pairs: list[tuple[int, ...]] = [tuple(range(len(coding.coders)))]
    if "pair" in keys:
        pairs = list(combinations(range(len(coding.coders)), 2))
        if not pairs:
            raise InputError(f"by='pair' needs two coders; there is only {coding.coders[0]!r}")
    for pair in pairs:
        coders = tuple(coding.coders[i] for i in pair)
        codes = coding.codes[:, pair]
        named = {"pair": " and ".join(coders)} if "pair" in keys else {}
        if "label" not in keys:
            yield _View(named, codes, len(coding.labels), coders)
            continue
        for number, label in enumerate(coding.labels):
            yield _View({**named, "label": label}, np.where(codes < 0, -1, (codes == number).astype(int)), 2, coders)


def _measure(
    view: _View,
    coding: Coding,
    inside: np.ndarray,
    cluster: np.ndarray,
    weights: np.ndarray,
    wanted: list[str],
    level: float,
    resampled: str,
) -> Iterator[dict[str, Any]]:
    """The coefficients of one group of units."""
    codes = view.codes[inside]
    paired = (codes >= 0).sum(axis=1) > 1
    places = cluster[inside]
    by_unit = unit_sums(codes, view.labels)
    whole = by_unit.map(lambda part: part.sum(axis=0))
    drawn = by_unit.map(lambda part: drawn_sums(part, places, weights)) if paired.any() else None
    n_clusters = len(np.unique(places[paired]))
    facts = {"n_units": int(paired.sum()), "n_articles": n_clusters,
             "n_coders": int(((codes >= 0) & paired[:, None]).any(axis=0).sum())}  # fmt: skip
    values = coding.values if view.labels == len(coding.labels) else None
    for name in wanted:
        estimate = float(coefficient(name, whole, values))
        note = _why_undefined(name, codes, paired, view, coding) if np.isnan(estimate) else None
        low = high = float("nan")
        if note is None and n_clusters < 2:
            note = f"no interval: 1 {resampled[:-1]}"
        elif note is None and drawn is not None:
            sample = coefficient(name, drawn, values)
            low, high = percentiles(sample, level)
            note = _doubt(sample, n_clusters, resampled)
            if low == high:
                low = high = float("nan")
                note = "no interval: " + ("no disagreement seen" if estimate == 1 else "the same in all draws")
        yield {"coefficient": name, "estimate": estimate, "low": low, "high": high, **facts, "note": note}


def _why_undefined(name: str, codes: np.ndarray, paired: np.ndarray, view: _View, coding: Coding) -> str:
    if len(coding.coders) == 1:
        return f"one coder ({coding.coders[0]}): agreement is not known"
    if not paired.any():
        return "no overlap: no mention has labels of two coders"
    if name == "cohen" and len(view.coders) > 2:
        return f"Cohen's kappa is for two coders, here are {len(view.coders)}: use by='pair'"
    number = int(codes[codes >= 0][0])
    said = coding.labels[number] if "label" not in view.keys else ("the rest", view.keys["label"])[number]
    return f"only one label occurs ({said}): what goes beyond chance is not defined"


def _doubt(sample: np.ndarray, clusters: int, resampled: str) -> str | None:
    words = []
    if (empty := int(np.isnan(sample).sum())) > 0:
        words.append(f"{empty} of {len(sample)} draws were not defined and were left out")
    if clusters < FEW_ARTICLES:
        words.append(f"few {resampled} ({clusters}): the interval may be too narrow")
    return "; ".join(words) or None


def coder_confusion(
    annotations: pd.DataFrame, task: str = "tone", *, labels: Sequence[str] | None = None
) -> pd.DataFrame:
    """Which labels coders confuse: each pair of coders, label by label.

    Parameters
    ----------
    annotations : pandas.DataFrame
        Columns mention_id, task, coder, label.
    task : str
    labels : sequence of str, optional
        As for :func:`coder_agreement`.

    Returns
    -------
    pandas.DataFrame
        One row for each pair of coders and of labels: `task, a, b` (coders), `label_a, label_b, n` (mentions that both
        labelled so), `share` (of those to which `a` gave `label_a`; missing where there are none).

    Raises
    ------
    InputError
        There is one coder only, or as for :func:`coder_agreement`.

    Examples
    --------
    >>> import pandas as pd
    >>> annotations = pd.DataFrame({"mention_id": ["m1", "m2"] * 2, "task": "role", "coder": ["Ann"] * 2 + ["Ben"] * 2,
    ...     "label": ["victim", "villain", "victim", "victim"]})
    >>> coder_confusion(annotations, "role", labels=["victim", "villain"])[["label_a", "label_b", "n", "share"]]
       label_a  label_b  n  share
    0   victim   victim  1    1.0
    1   victim  villain  0    0.0
    2  villain   victim  1    1.0
    3  villain  villain  0    0.0
    """
    coding = gather_codes(annotations, task, labels)
    rows = []
    for view in _views(coding, ["pair"]):
        crossed = unit_sums(view.codes, view.labels).map(lambda part: part.sum(axis=0)).crossed
        assert crossed is not None
        for i, label_a in enumerate(coding.labels):
            of = crossed[i].sum()
            for j, label_b in enumerate(coding.labels):
                share = crossed[i, j] / of if of else np.nan
                rows.append((task, *view.coders, label_a, label_b, int(crossed[i, j]), share))
    return pd.DataFrame(rows, columns=["task", "a", "b", "label_a", "label_b", "n", "share"])
