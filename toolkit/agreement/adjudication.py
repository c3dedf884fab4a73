"""From annotations to gold: what coders disagree on, and who decided."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.agreement.coding import AGREEMENT, MAJORITY, Coding, gather_codes
from toolkit.errors import InputError, InputWarning, nearest

__all__ = ["adjudicate", "disagreements"]

RULES = (MAJORITY,)
GOLD = ["mention_id", "task", "label", "decided_by"]
_SHEET = ["mention_id", "task", "text", "labels", "label", "decided_by"]


def disagreements(
    annotations: pd.DataFrame,
    mentions: pd.DataFrame,
    task: str = "tone",
    *,
    labels: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The mentions on which coders disagree, as a sheet for the one who decides.

    Parameters
    ----------
    annotations : pandas.DataFrame
        Columns mention_id, task, coder, label.
    mentions : pandas.DataFrame
        Columns mention_id, sentence, start, end; where it has article_id, the sheet follows the articles.
    task : str
    labels : sequence of str, optional
        As for :func:`toolkit.coder_agreement`.

    Returns
    -------
    pandas.DataFrame
        `mention_id, task, text` (the sentence with the target between double square brackets), `labels` ("negative
        (Ann); neutral (Ben)"), and `label` and `decided_by`, empty: filled in, it is what :func:`adjudicate` takes.
        Neither the outlet nor what a classifier said is in it.

    Raises
    ------
    InputError
        A mention's sentence is not there, or as for :func:`toolkit.coder_agreement`.

    Examples
    --------
    >>> import pandas as pd
    >>> annotations = pd.DataFrame({"mention_id": "m1", "task": "tone", "coder": ["Ann", "Ben"],
    ...     "label": ["negative", "neutral"]})
    >>> mentions = pd.DataFrame({"mention_id": ["m1"], "sentence": ["Ankara warned."], "start": [0], "end": [6]})
    >>> disagreements(annotations, mentions)[["text", "labels"]].iloc[0].tolist()
    ['[[Ankara]] warned.', 'negative (Ann); neutral (Ben)']
    """
    coding = gather_codes(annotations, task, labels)
    for column in ("mention_id", "sentence", "start", "end"):
        if column not in mentions.columns:
            raise InputError(f"the table of mentions has no column {column!r}; {nearest(column, mentions.columns)}")
    of = mentions.drop_duplicates("mention_id").set_index("mention_id")
    rows = []
    for unit, codes in zip(coding.units, coding.codes, strict=True):
        if len(set(codes[codes >= 0])) < 2:
            continue
        if unit not in of.index:
            raise InputError(f"the mention {unit!r} is not in the table of mentions: give those that were drawn")
        one = of.loc[unit]
        sentence, start, end = str(one["sentence"]), int(one["start"]), int(one["end"])
        text = f"{sentence[:start]}[[{sentence[start:end]}]]{sentence[end:]}"
        said = "; ".join(f"{coding.labels[c]} ({who})" for who, c in zip(coding.coders, codes, strict=True) if c >= 0)
        place = (str(one.get("article_id", "")), _position(one, start), unit)
        rows.append((place, (unit, task, text, said, "", "")))
    return pd.DataFrame([row for _, row in sorted(rows)], columns=_SHEET, dtype="str")


def _position(mention: Any, start: int) -> int:
    """Where a mention stands in its article; those of the title, which have no position, come first."""
    position = mention.get("position", start)
    return -1 if pd.isna(position) else int(position)


def adjudicate(
    annotations: pd.DataFrame,
    task: str = "tone",
    decisions: pd.DataFrame | None = None,
    *,
    rule: str | None = None,
    labels: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The gold label of each mention, and who decided it.

    Parameters
    ----------
    annotations : pandas.DataFrame
        Columns mention_id, task, coder, label.
    task : str
    decisions : pandas.DataFrame, optional
        Columns mention_id, label, decided_by: the filled-in sheet of :func:`disagreements`. Rows without a label are
        not decided yet. A decision also goes before what all coders said.
    rule : {"majority"}, optional
        What decides where no person did: the label of more than half of the coders of a mention.
    labels : sequence of str, optional
        As for :func:`toolkit.coder_agreement`.

    Returns
    -------
    pandas.DataFrame
        `mention_id, task, label, decided_by`, sorted by mention: "agreement" where two coders or more all said it,
        "majority", the name of the person who decided, or of the only coder of that mention.

    Raises
    ------
    InputError
        A decision names no one, another mention or a foreign label, or decides a mention twice; the rule is unknown; or
        as for :func:`toolkit.coder_agreement`.

    Warns
    -----
    InputWarning
        Mentions are left out because nobody has decided; or there is one coder only, so that agreement is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> annotations = pd.DataFrame({"mention_id": ["m1", "m1", "m2", "m2"], "task": "tone",
    ...     "coder": ["Ann", "Ben"] * 2, "label": ["negative", "negative", "negative", "neutral"]})
    >>> decisions = pd.DataFrame({"mention_id": ["m2"], "label": ["neutral"], "decided_by": ["Cem"]})
    >>> adjudicate(annotations, "tone", decisions)[["mention_id", "label", "decided_by"]].values.tolist()
    [['m1', 'negative', 'agreement'], ['m2', 'neutral', 'Cem']]
    """
    coding = gather_codes(annotations, task, labels)
    if rule is not None and rule not in RULES:
        raise InputError(f"unknown rule {rule!r}; {nearest(rule, RULES)}, or None")
    decided = _decisions(decisions, coding)
    rows, open_ = [], []
    for unit, codes in zip(coding.units, coding.codes, strict=True):
        found = decided.get(unit) or _from_codes(codes, coding, rule)
        if found is None:
            open_.append(unit)
        else:
            rows.append((unit, task, *found))
    if len(coding.coders) == 1:
        _warn(
            f"one coder only ({coding.coders[0]}): how far coders agree on the task {task!r} is not known. Have a "
            "part of the sample coded by another person as well"
        )
    if open_:
        first = ", ".join(open_[:5]) + (f" and {len(open_) - 5} more" if len(open_) > 5 else "")
        _warn(
            f"{len(open_)} of {len(coding.units)} mentions are left out of the gold, because coders disagree and "
            f"nobody has decided: {first}. Fill in the sheet of disagreements, or use the rule 'majority'"
        )
    return pd.DataFrame(rows, columns=GOLD, dtype="str")


def _from_codes(codes: np.ndarray, coding: Coding, rule: str | None) -> tuple[str, str] | None:
    given = codes[codes >= 0]
    counts = np.bincount(given, minlength=len(coding.labels))
    label = coding.labels[int(counts.argmax())]
    if len(given) == 1:
        return label, coding.coders[int((codes >= 0).argmax())]
    if counts.max() == len(given):
        return label, AGREEMENT
    return (label, MAJORITY) if rule == MAJORITY and 2 * counts.max() > len(given) else None


def _decisions(decisions: pd.DataFrame | None, coding: Coding) -> dict[str, tuple[str, str]]:
    """Mention -> label and who decided; labels may differ in case and blanks, as typed by hand."""
    if decisions is None:
        return {}
    for column in ("mention_id", "label", "decided_by"):
        if column not in decisions.columns:
            held = ", ".join(map(str, decisions.columns))
            raise InputError(f"the decisions have no column {column!r}; they have: {held}")
    rows = decisions
    if "task" in rows.columns:
        rows = rows[rows["task"].map(_typed).isin(["", coding.task])]
    known, by_typed = set(coding.units), {_folded(label): label for label in coding.labels}
    found: dict[str, tuple[str, str]] = {}
    for unit, typed, who in zip(
        rows["mention_id"].map(_typed), rows["label"].map(_typed), rows["decided_by"].map(_typed), strict=True
    ):
        if not typed:
            continue
        if unit not in known:
            raise InputError(
                f"the decisions name the mention {unit!r}, which no coder has labelled: leave that row out"
            )
        if _folded(typed) not in by_typed:
            raise InputError(
                f"the decision on the mention {unit!r} is {typed!r}, no label of the task {coding.task!r}; "
                f"{nearest(typed, coding.labels)}"
            )
        if not who or who in (AGREEMENT, MAJORITY):
            raise InputError(
                f"the decision on the mention {unit!r} does not say who decided: write a name into decided_by"
            )
        if found.get(unit, (by_typed[_folded(typed)],))[0] != by_typed[_folded(typed)]:
            raise InputError(f"the mention {unit!r} is decided twice, and differently: keep one of the rows")
        found[unit] = (by_typed[_folded(typed)], who)
    return found


def _typed(value: Any) -> str:
    return "" if pd.isna(value) else str(value).strip()


def _folded(label: str) -> str:
    return " ".join(label.replace("_", " ").split()).casefold()


def _warn(message: str) -> None:
    warnings.warn(message, InputWarning, stacklevel=3)
