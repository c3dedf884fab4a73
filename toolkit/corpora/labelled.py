"""Sentences with labelled targets, from datasets whose card has them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from toolkit.corpora.cards import card_path, locate, read_card
from toolkit.errors import InputError, nearest

__all__ = ["load_labelled"]

_POLARITY = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}
_COLUMNS = ["sentence", "start", "end", "label", "source", "group"]
_GID = re.compile(r"(.+?_\d+)_-?\d+_\d+_")


def load_labelled(folder: str | os.PathLike[str], split: str) -> pd.DataFrame:
    """Labelled mentions of a dataset whose card has ``labelled``.

    Parameters
    ----------
    folder : path-like
        The dataset's folder.
    split : str
        A split that its card names, such as ``train``.

    Returns
    -------
    pandas.DataFrame
        One row per labelled mention, in the file's order: ``sentence, start, end`` (code points), ``label``, ``source``
        (the dataset and the split), ``group`` (the article or event of the sentence: rows of one group belong into one
        fold), and what else the layout ``sentences`` has.

    Raises
    ------
    InputError
        The card has no such split, the data is absent (the message says how to get it), or a line is not as expected:
        offsets that do not give the mention, an unknown label.

    Notes
    -----
    Layout ``newsmtsc``: Hamborg and Donnay (2021), "NewsMTSC: A Dataset for (Multi-)Target-dependent Sentiment
    Classification in Political News Articles", EACL; polarity 2, 4, 6 is negative, neutral, positive. A target that the
    data lists twice with the same span stays twice, as in the published counts.

    Layout ``sentences``: JSON Lines with the keys ``sentence``, ``start``, ``end``, ``label``, ``group``; further keys
    become columns.
    """
    card = read_card(folder)
    if card.labelled is None:
        raise InputError(f"the dataset {card.title!r} has no labelled sentences: its card.yaml lacks 'labelled'")
    if split not in card.labelled.splits:
        raise InputError(f"{card.title!r} has no split {split!r}; {nearest(split, card.labelled.splits)}")
    home = card_path(folder).parent
    path = locate(card, home, card.labelled.splits[split])
    rows: list[dict[str, Any]] = []
    rows_of = _LAYOUTS[card.labelled.layout]
    with path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            if line.strip():
                where = f"{path}, line {number}"
                try:
                    rows += rows_of(json.loads(line), where)
                except InputError:
                    raise
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise InputError(
                        f"{where} is no line of the layout {card.labelled.layout!r} ({error!r}); get the file again"
                    ) from None
    if not rows:
        raise InputError(f"{path} is empty; get the file again")
    table = pd.DataFrame(rows).assign(source=f"{home.resolve().name}/{split}")
    return table[[*_COLUMNS, *(column for column in table.columns if column not in _COLUMNS)]]


def _newsmtsc_rows(value: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
    sentence, gid = value["sentence_normalized"], value["primary_gid"]
    article = _GID.match(gid)
    if article is None:
        raise InputError(f"{where}: the gid {gid!r} names no article; expected one like 'allsides_1000_401_25_...'")
    for target in value["targets"]:
        start, end = target["from"], target["to"]
        if sentence[start:end] != target["mention"]:
            raise InputError(
                f"{where}: characters {start} to {end} are {sentence[start:end]!r}, "
                f"the mention is {target['mention']!r}; get the file again"
            )
        if target["polarity"] not in _POLARITY:
            raise InputError(f"{where}: the polarity {target['polarity']!r} is none of 2, 4, 6")
        label = _POLARITY[target["polarity"]]
        yield {"sentence": sentence, "start": start, "end": end, "label": label, "group": article[1]}


def _sentence_rows(value: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
    sentence, start, end = value["sentence"], value["start"], value["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(sentence)):
        raise InputError(
            f"{where}: start {start!r} and end {end!r} mark nothing in a sentence of {len(sentence)} signs"
        )
    if not isinstance(value["label"], str) or not isinstance(value["group"], str):
        raise InputError(f"{where}: label and group must be text, got {value['label']!r} and {value['group']!r}")
    yield value


_LAYOUTS = {"newsmtsc": _newsmtsc_rows, "sentences": _sentence_rows}
