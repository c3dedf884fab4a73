"""Sentences with labelled targets, from datasets whose card has them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.corpora.cards import Card, card_path, locate, read_card
from toolkit.errors import InputError, nearest
from toolkit.sentences import split_sentences

__all__ = ["load_labelled"]

_POLARITY = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}
_DIRECTED = {
    0: None,
    1: ("neutral", "positive"),
    2: ("positive", "neutral"),
    3: ("neutral", "negative"),
    4: ("negative", "neutral"),
}
_NARRATIVE = {"hero": "protagonist", "villain": "antagonist", "victim": "innocent"}
_Rows = Callable[[dict[str, Any], str], Iterator[dict[str, Any]]]
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

    Layout ``directed_sentiment``: Park, Pan and Joo (2021), "Who Blames or Endorses Whom?", Findings of ACL; of each
    sentence with a directed sentiment both entities, the one it goes to with its tone, the other neutral.

    Layout ``narrative_roles``: Frermann, Li, Khanehzar and Mikolajczak (2023), "Conflicts, Villains, Resolutions", ACL;
    the hero, villain or victim of an article is protagonist, antagonist or innocent in each sentence that has its words
    (the first place in each, any case). ``articles.jsonl`` lies beside the split; a further column ``entity`` has the
    words.

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
    layout = card.labelled.layout
    rows_of = _narrative_roles(card, home, path) if layout == "narrative_roles" else _LAYOUTS[layout]
    for number, value in _json_lines(path, layout):
        where = f"{path}, line {number}"
        try:
            rows += rows_of(value, where)
        except InputError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{where} is no line of the layout {layout!r} ({error!r}); get the file again") from None
    if not rows:
        raise InputError(f"{path} is empty; get the file again")
    table = pd.DataFrame(rows).assign(source=f"{home.resolve().name}/{split}")
    return table[[*_COLUMNS, *(column for column in table.columns if column not in _COLUMNS)]]


def _json_lines(path: Path, layout: str) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except ValueError as error:
                    raise InputError(
                        f"{path}, line {number} is no line of the layout {layout!r} ({error!r}); get the file again"
                    ) from None


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


def _directed_rows(value: dict[str, Any], _: str) -> Iterator[dict[str, Any]]:
    marked = value["sentence_marked"]
    tones = _DIRECTED[value["label"]]
    spans = [match.span(1) for match in re.finditer(r"\[([^\]]+)\]", marked)]
    if tones is None or len(spans) != 2:  # a bracket of the text's own
        return
    sentence = "".join(marked[a:b] for a, b in _between(spans, len(marked)))
    for number, (start, end) in enumerate(spans):
        shift = 2 * number + 1
        yield {
            "sentence": sentence,
            "start": start - shift,
            "end": end - shift,
            "label": tones[number],
            "group": sentence,
        }


def _between(spans: list[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    """The places of what is left without the brackets round each span."""
    last = 0
    for start, end in spans:
        yield last, start - 1
        yield start, end
        last = end + 1
    yield last, length


def _narrative_roles(card: Card, home: Path, path: Path) -> _Rows:
    """Reads the articles beside the roles first: a row of roles has the entity's words, the sentences are there."""
    articles = locate(card, home, "articles.jsonl")
    texts: dict[str, str] = {}
    for number, value in _json_lines(articles, "narrative_roles"):
        try:
            texts[value["id"]] = " ".join(value["text"].split())
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{articles}, line {number} is no article ({error!r}); get the file again") from None
    roles: dict[tuple[str, str], set[str]] = {}
    for _, value in _json_lines(path, "narrative_roles"):
        if isinstance(value, dict) and isinstance(value.get("entity"), str):
            roles.setdefault((value.get("id", ""), _entity(value["entity"])), set()).add(value.get("role", ""))
    done: set[tuple[str, str]] = set()

    def rows(value: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
        key = (value["id"], _entity(value["entity"]))
        if value["role"] not in _NARRATIVE:
            raise InputError(f"{where}: unknown role {value['role']!r}; {nearest(value['role'], _NARRATIVE)}")
        if value["id"] not in texts:
            raise InputError(f"{where}: {articles} has no article {value['id']!r}; get both files again")
        if len(roles[key]) > 1 or key in done or not key[1]:
            return
        done.add(key)
        text, words = texts[value["id"]], re.compile(rf"(?<!\w){re.escape(key[1])}(?!\w)", re.IGNORECASE)
        for start, end in split_sentences(text):
            if found := words.search(text, start, end):
                yield {
                    "sentence": text[start:end],
                    "start": found.start() - start,
                    "end": found.end() - start,
                    "label": _NARRATIVE[value["role"]],
                    "group": value["id"],
                    "entity": key[1],
                }

    return rows


def _entity(words: str) -> str:
    """An entity's words as they are searched: one kind of blank, no quotation marks round them, in lower case."""
    return " ".join(words.split()).strip("\"'\u201c\u201d ").lower()


_LAYOUTS: dict[str, _Rows] = {
    "newsmtsc": _newsmtsc_rows,
    "sentences": _sentence_rows,
    "directed_sentiment": _directed_rows,
}
