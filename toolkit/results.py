"""The result block: what a reader has to know beside a number, and the same as a paragraph for a methods section."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation import ASSUMPTIONS, COPIES, METHODS, counted
from toolkit.estimation.selection import OWN_COPY
from toolkit.evaluation import accuracy_by, swap_by_actor, swap_floor

__all__ = ["AUDITED", "ResultBlock", "audit_names", "gold_quality", "result_block"]

UNKNOWN = "unknown"
AUDITED = 300
"""Mentions in whose sentences names are exchanged, unless more are asked for."""


@dataclass(frozen=True)
class ResultBlock:
    """What estimates rest on.

    Attributes
    ----------
    lines : tuple of (str, str)
        Name and text of each fact, in order: what is estimated, n, copies, voices, gold, accuracy, agreement, swap
        audit, method, tests, assumptions. None is left out: what was not done is said.
    facts : dict
        The numbers in them, by name.
    """

    lines: tuple[tuple[str, str], ...]
    facts: dict[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.lines)
        rows = []
        for name, text in self.lines:
            first, *rest = _wrapped(text, 100 - width)
            rows += [f"{name:{width}}  {first}", *(" " * (width + 2) + line for line in rest)]
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{html.escape(n)}</th><td>{html.escape(t)}</td></tr>" for n, t in self.lines)
        return f'<table class="toolkit-result"><tbody>{rows}</tbody></table>'

    def table(self) -> pd.DataFrame:
        """The lines as a table with the columns `fact` and `text`."""
        return pd.DataFrame(self.lines, columns=["fact", "text"])

    def paragraph(self) -> str:
        """The lines as a paragraph for a methods section, with the run's numbers."""
        return " ".join(_sentence(name, text) for name, text in self.lines)


def result_block(
    summary: pd.DataFrame, scored: pd.DataFrame, task: str = "tone", *, audit: pd.DataFrame | None = None,
    gold: pd.DataFrame | None = None, accuracy: pd.DataFrame | None = None, agreement: pd.DataFrame | None = None,
    contrasts: pd.DataFrame | None = None,
) -> ResultBlock:  # fmt: skip
    """Everything that has to stand beside estimates.

    Parameters
    ----------
    summary : pandas.DataFrame
        What :func:`toolkit.estimate` gave, of one choice of voice, copies and reading.
    scored : pandas.DataFrame
        The scored mentions that it was given.
    task : str
    audit : pandas.DataFrame, optional
        What :func:`toolkit.swap_by_actor` gave.
    gold : pandas.DataFrame, optional
        What :func:`toolkit.adjudicate` gave.
    accuracy : pandas.DataFrame, optional
        What :func:`toolkit.accuracy_by` gave, without groups.
    agreement : pandas.DataFrame, optional
        What :func:`toolkit.coder_agreement` gave, without groups.
    contrasts : pandas.DataFrame, optional
        What :func:`toolkit.contrast` gave, for the number of tests.

    Returns
    -------
    ResultBlock

    Raises
    ------
    InputError
        The summary is empty or mixes choices.

    References
    ----------
    Birkenmaier, Wagner, Lechner: ValiText. arXiv 2307.02863, 2023 (what validity needs to be shown);
    TeBlunthuis, Hase, Chan: Misclassification in automated content analysis. Communication Methods and Measures, 2024.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.estimation import estimate
    >>> scored = pd.DataFrame({"story_id": ["s1", "s2", "s3"], "tone_score": [-0.5, -0.3, -0.1]}).assign(
    ...     mention_id=["m1", "m2", "m3"], article_id=["a1", "a2", "a3"], sentence_id=["t1", "t2", "t3"],
    ...     outlet="The Courier", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", actor="turkey",
    ...     surface="Ankara", form="capital", reading="actor", voice="outlet", speaker=None,
    ...     sentence="Ankara warned.", start=0, end=6, position=0)
    >>> block = result_block(estimate(scored), scored)
    >>> print(block.lines[1][1])
    3 mentions in 3 articles and 3 stories of 1 outlet
    """
    options = _choices(summary)
    rows = scored[counted(scored, task, **options)]
    method = _method(summary)
    facts: dict[str, Any] = {"task": task, "method": method, **options}
    lines = [
        ("estimand", _estimand(summary, options)),
        ("n", _counts(rows, facts)),
        ("copies", _copies(rows, options["copies"], facts)),
        ("voices", _voices(scored, options, facts)),
        ("gold", _gold(summary, gold, rows, method, facts)),
        ("accuracy", _accuracy(accuracy, facts)),
        ("agreement", _agreement(agreement, gold, facts)),
        ("swap audit", _audit(summary, audit, facts)),
        ("method", _method_words(summary)),
        ("tests", _tests(contrasts, facts)),
        ("assumed", "; ".join(ASSUMPTIONS[method])),
    ]
    return ResultBlock(tuple(lines), facts)


def _choices(summary: pd.DataFrame) -> dict[str, Any]:
    if not len(summary):
        raise InputError("the summary is empty: there is no estimate that could be described")
    found: dict[str, Any] = {}
    for column in ("voice", "copies", "reading"):
        values: list[Any] = list(summary[column].unique()) if column in summary.columns else []
        if len(values) != 1:
            raise InputError(
                f"the summary has {len(values)} values of {column!r}; describe the estimates of one choice at a time"
            )
        found[column] = values[0]
    return found


def _method(summary: pd.DataFrame) -> str:
    words = str(summary["method"].iloc[0])
    return next((name for name, text in METHODS.items() if text in words), "naive")


def _estimand(summary: pd.DataFrame, options: dict[str, Any]) -> str:
    estimand = ", ".join(dict.fromkeys(summary["estimand"]))
    return f"{estimand}; voice: {options['voice']}; reading: {options['reading']}; {COPIES[options['copies']]}"


def _counts(rows: pd.DataFrame, facts: dict[str, Any]) -> str:
    facts |= {"n_mentions": len(rows), "n_articles": rows["article_id"].nunique(),
              "n_stories": rows["story_id"].nunique(), "n_outlets": rows["outlet"].nunique()}  # fmt: skip
    return (
        f"{_count(facts['n_mentions'], 'mention')} in {_count(facts['n_articles'], 'article')} and "
        f"{_count(facts['n_stories'], 'story')} of {_count(facts['n_outlets'], 'outlet')}"
    )


def _count(n: int, noun: str) -> str:
    plural = noun if n == 1 else noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n:,} {plural}"


def _copies(rows: pd.DataFrame, copies: str, facts: dict[str, Any]) -> str:
    if not len(rows):
        return "no mention counts"
    agency = rows["wire"].notna()
    copied = ~agency & (rows["copied"] >= OWN_COPY)
    facts |= {"share_agency": float(agency.mean()), "share_copied": float(copied.mean())}
    words = f"{agency.mean():.0%} of the mentions stand in agency copy, {copied.mean():.0%} in other copied articles"
    return f"{words} (left out)" if copies == "own" else words


def _voices(scored: pd.DataFrame, options: dict[str, Any], facts: dict[str, Any]) -> str:
    rows = scored[counted(scored, str(facts["task"]), **{**options, "voice": "all"})]
    known = rows["voice"].dropna()
    if not len(known):
        return f"{UNKNOWN}: no mention has a voice"
    shares = {voice: float((known == voice).mean()) for voice in ("outlet", "quoted", "reported")}
    facts |= {f"share_{voice}": share for voice, share in shares.items()}
    return (
        f"{shares['outlet']:.0%} of these actors' mentions are in outlets' own words, {shares['quoted']:.0%} quoted, "
        f"{shares['reported']:.0%} reported; {options['voice']} counts here"
    )


def _gold(
    summary: pd.DataFrame, gold: pd.DataFrame | None, rows: pd.DataFrame, method: str, facts: dict[str, Any]
) -> str:
    if gold is None or not len(gold):
        return "none: nobody has coded these mentions, so the machine's errors are in every number"
    inside = int(rows["mention_id"].isin(gold["mention_id"]).sum())
    facts |= {"n_gold": inside, "share_gold": inside / max(len(rows), 1)}
    words = f"{inside:,} of {len(rows):,} mentions coded ({inside / max(len(rows), 1):.1%})"
    if "decided_by" in gold.columns:
        decided = gold["decided_by"].value_counts()
        words += "; decided by " + ", ".join(f"{who} {n:,}" for who, n in decided.head(4).items())
    if method != "naive" and {"probability_min", "probability_max"} <= set(summary.columns):
        low, high = summary["probability_min"].min(), summary["probability_max"].max()
        words += f"; probability of being drawn {low:.3f} to {high:.3f}"
    return words


def _accuracy(accuracy: pd.DataFrame | None, facts: dict[str, Any]) -> str:
    if accuracy is None or not len(accuracy):
        return f"{UNKNOWN} on this corpus: it needs a coded sample"
    row = _row(accuracy, "macro_f1")
    if row is None or pd.isna(row["estimate"]):
        return f"{UNKNOWN}: the gold does not tell"
    facts |= {"macro_f1": float(row["estimate"])}
    coders = _row(accuracy, "macro_f1", "coders")
    words = f"macro-F1 {row['estimate']:.2f}{_interval(row)} on {int(row['n']):,} gold mentions"
    if coders is not None and not pd.isna(coders["estimate"]):
        words += f"; coders against each other {coders['estimate']:.2f}"
    return words


def _row(table: pd.DataFrame, measure: str, who: str = "classifier") -> Any:
    found = table[(table["measure"] == measure) & (table["who"] == who)]
    return found.iloc[0] if len(found) else None


def _interval(row: Any) -> str:
    return "" if pd.isna(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"


def _agreement(agreement: pd.DataFrame | None, gold: pd.DataFrame | None, facts: dict[str, Any]) -> str:
    if agreement is None or not len(agreement):
        return UNKNOWN + ("" if gold is None else ": errors of the coders are in the gold")
    row = agreement[agreement["coefficient"] == "alpha"]
    if not len(row) or pd.isna(row.iloc[0]["estimate"]):
        return f"{UNKNOWN}: {row.iloc[0]['note'] if len(row) else 'alpha was not asked for'}"
    facts |= {"alpha": float(row.iloc[0]["estimate"])}
    first = row.iloc[0]
    return (
        f"Krippendorff's alpha {first['estimate']:.2f}{_interval(first)} on {int(first['n_units']):,} mentions that "
        "two or more coded"
    )


def _audit(summary: pd.DataFrame, audit: pd.DataFrame | None, facts: dict[str, Any]) -> str:
    if audit is None or not len(audit):
        return "not made: how much of a number is the classifier's reading of names is unknown"
    rows = audit[audit["against"] == "others"]
    most = rows.iloc[int(rows["signed"].abs().to_numpy().argmax())]
    facts |= {"swap_signed": float(most["signed"]), "swap_changed": float(rows["changed"].max())}
    words = (
        f"with other actors' names in the same sentences scores move by {most['signed']:+.3f}{_signed(most)} at most "
        f"({most['actor']}), {rows['changed'].max():.0%} of labels change"
    )
    if "actor" not in summary.columns:
        return words
    held = swap_floor(summary, audit)
    inside = int(held["within_swap"].fillna(False).astype(bool).sum())
    facts |= {"within_swap": inside}
    return f"{words}; {inside} of {len(summary)} estimates are no larger than that"


def _signed(row: Any) -> str:
    return "" if pd.isna(row["signed_low"]) else f" ({row['signed_low']:+.3f} to {row['signed_high']:+.3f})"


def _method_words(summary: pd.DataFrame) -> str:
    return f"{summary['method'].iloc[0]}; {100 * float(summary['level'].iloc[0]):g} % intervals, clustered by story"


def _tests(contrasts: pd.DataFrame | None, facts: dict[str, Any]) -> str:
    if contrasts is None or not len(contrasts):
        return "none"
    family = int(contrasts["family"].max())
    right = int((contrasts["p_holm"] < 0.05).sum())
    facts |= {"family": family, "rejected_holm": right}
    words = f"{family} contrasts in the family; {right} differ at 5 % after Holm's correction"
    if "p_bh" in contrasts.columns:
        words += f", {int((contrasts['p_bh'] < 0.05).sum())} after Benjamini and Hochberg's"
    return words


def _wrapped(text: str, width: int) -> Sequence[str]:
    import textwrap

    return textwrap.wrap(text, max(width, 30)) or [""]


def _sentence(name: str, text: str) -> str:
    start = {
        "estimand": "What is estimated: ", "n": "The estimates rest on ", "copies": "Copies: ", "voices": "Voices: ",
        "gold": "Gold: ", "accuracy": "Accuracy of the classifier: ", "agreement": "Agreement of the coders: ",
        "swap audit": "Swap audit: ", "method": "Method: ", "tests": "Tests: ", "assumed": "Assumed: ",
    }[name]  # fmt: skip
    return f"{start}{text}."


def gold_quality(
    scored: pd.DataFrame, gold: pd.DataFrame, task: str = "tone", *, frame: pd.DataFrame | None = None,
    annotations: pd.DataFrame | None = None, seed: int = 0,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """What gold says of the classifier and coders of each other: the tables that a report of a study needs.

    Parameters
    ----------
    scored, gold, task, frame, annotations, seed
        As for :func:`toolkit.accuracy_by`.

    Returns
    -------
    dict of str to pandas.DataFrame
        `accuracy`, `accuracy_by_actor`, `accuracy_by_outlet`, and `agreement` where two coders or more are there.
    """
    from toolkit.agreement import coder_agreement

    given: dict[str, Any] = {"frame": frame, "seed": seed}
    found = {"accuracy": accuracy_by(scored, gold, task, annotations=annotations, **given)}
    for key in ("actor", "outlet"):
        found[f"accuracy_by_{key}"] = accuracy_by(scored, gold, task, by=key, baselines=False, **given)
    if annotations is not None and annotations.loc[annotations["task"].eq(task), "coder"].nunique() > 1:
        found["agreement"] = coder_agreement(annotations, task, mentions=scored, seed=seed)
    return found


def audit_names(
    scored: pd.DataFrame, classifier: Any, task: str = "tone", *, n: int = AUDITED, voice: str = "outlet",
    copies: str = "one_per_story", reading: str | float = "actor", lexicon: Any = None, seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame | None:  # fmt: skip
    """The swap audit of some of the mentions that count; None where there is one actor only.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions.
    classifier : str, pathlib.Path or object
        See :func:`toolkit.scoring.make_classifier`.
    n : int
        So many mentions, drawn by the seed from those that count; all where there are fewer.
    voice, copies, reading
        As for :func:`toolkit.estimate`.
    task, lexicon, seed, progress
        As for :func:`toolkit.swap_by_actor`.
    """
    keep = counted(scored, task, voice=voice, copies=copies, reading=reading)
    rows = scored[keep].sort_values("mention_id", kind="stable").reset_index(drop=True)
    if rows["actor"].nunique() < 2:
        return None
    if len(rows) > n:
        rng = np.random.default_rng(np.random.SeedSequence([seed, len(rows)]))
        rows = rows.iloc[np.sort(rng.choice(len(rows), n, replace=False))].reset_index(drop=True)
    return swap_by_actor(rows, classifier, task=task, lexicon=lexicon, seed=seed, progress=progress)
