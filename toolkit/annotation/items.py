"""What a coder sees of a mention, whatever the tool: the marked text, what stands around it, and nothing else."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from toolkit.errors import InputError
from toolkit.report.text import visible
from toolkit.sentences import split_sentences

__all__ = ["Item", "assign_items", "check_coder", "items_of", "with_context"]

MOST_TEXT = 8_000
"""A longer sentence is cut around its target (characters); a spreadsheet's cell ends at 32,767."""
OPEN, CLOSE = "[[", "]]"
_CODER = re.compile(r"\w(?:[\w .@+-]{0,78}\w)?")


@dataclass(frozen=True)
class Item:
    """One mention as a coder sees it.

    Attributes
    ----------
    mention_id : str
        What the label is kept by.
    left, target, right : str
        The sentence: before the target, the target, behind it.
    before, after : str
        The sentences around it; empty where there are none or none were asked for.
    proposition : str
        What the text is for or against, in a task of stance; else empty.
    """

    mention_id: str
    left: str
    target: str
    right: str
    before: str = ""
    after: str = ""
    proposition: str = ""

    @property
    def text(self) -> str:
        """The sentence with its target in double square brackets, as in the codebook."""
        return f"{self.left}{OPEN}{self.target}{CLOSE}{self.right}"

    @property
    def context(self) -> str:
        """What stands around the sentence, which is shown as ``[...]``; empty where nothing does."""
        return " ".join(filter(None, [self.before, "[...]", self.after])) if self.before or self.after else ""


def items_of(mentions: pd.DataFrame, proposition: str = "") -> list[Item]:
    """The items of a table of mentions, in its order.

    Nothing but the sentence, its surroundings and the id goes in: neither outlet nor date, actor's id, reading, voice
    or the machine's label.

    Parameters
    ----------
    mentions : pandas.DataFrame
        `mention_id`, `sentence`, `start`, `end`; and `before`, `after` where there are such columns.
    proposition : str, optional
        What they are for or against, in a task of stance.

    Raises
    ------
    InputError
        A target does not lie in its sentence, or an id occurs twice.

    Examples
    --------
    >>> table = pd.DataFrame({"mention_id": ["m1"], "sentence": ["Ankara warned."], "start": [0], "end": [6]})
    >>> items_of(table)[0].text
    '[[Ankara]] warned.'
    """
    items = []
    for row in mentions.to_dict("records"):
        sentence, start, end = row["sentence"], int(row["start"]), int(row["end"])
        if not 0 <= start < end <= len(sentence):
            raise InputError(
                f"the mention {row['mention_id']!r} goes from {start} to {end}, outside its sentence of "
                f"{len(sentence)} characters; find the mentions again"
            )
        left, right = _cut(sentence[:start], sentence[end:])
        parts = [visible(part) for part in (left, sentence[start:end], right)]
        before, after = _words(row.get("before")), _words(row.get("after"))
        items.append(Item(str(row["mention_id"]), parts[0], parts[1], parts[2], before, after, visible(proposition)))
    ids = pd.Series([item.mention_id for item in items], dtype="str")
    if ids.duplicated().any():
        raise InputError(f"the mention {ids[ids.duplicated()].iloc[0]!r} is drawn twice; ids must differ")
    return items


def _words(value: object) -> str:
    return visible(" ".join(value.split()))[:MOST_TEXT] if isinstance(value, str) else ""


def _cut(left: str, right: str) -> tuple[str, str]:
    half = MOST_TEXT // 2
    return ("…" + left[-half:] if len(left) > half else left), (right[:half] + "…" if len(right) > half else right)


def with_context(mentions: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Add the sentence before and the one behind each mention's own.

    Parameters
    ----------
    mentions, articles : pandas.DataFrame
        Mentions, and the articles that they were found in.

    Returns
    -------
    pandas.DataFrame
        `mentions` with the columns `before` and `after`: empty at the edges of an article, and for a mention in a
        title, or in an article that is not there.

    Examples
    --------
    >>> text = "Talks failed. Ankara warned Damascus. Moscow kept still."
    >>> articles = pd.DataFrame({"article_id": ["a"], "text": [text]})
    >>> mentions = pd.DataFrame({"article_id": ["a"], "part": ["body"], "start": [0], "position": [14]})
    >>> with_context(mentions, articles)[["before", "after"]].iloc[0].tolist()
    ['Talks failed.', 'Moscow kept still.']
    """
    texts = dict(zip(articles["article_id"], articles["text"], strict=True))
    sentences: dict[str, list[tuple[int, int]]] = {}
    before, after = [], []
    for article, part, start, position in zip(
        mentions["article_id"], mentions["part"], mentions["start"], mentions["position"], strict=True
    ):
        around = ["", ""]
        if part == "body" and article in texts and not pd.isna(position):
            text = texts[article]
            spans = sentences.setdefault(article, split_sentences(text))
            begin = int(position) - int(start)
            here = next((i for i, span in enumerate(spans) if span[0] <= begin < span[1]), None)
            if here is not None:
                near = [spans[i] if 0 <= i < len(spans) else (0, 0) for i in (here - 1, here + 1)]
                around = [text[low:high] for low, high in near]
        before.append(around[0])
        after.append(around[1])
    return mentions.assign(before=before, after=after)


def check_coder(name: object) -> str:
    """A coder's name that can name a file and stand in a table.

    Raises
    ------
    InputError
        It is empty, longer than 80 characters, or has other characters than letters, digits, blanks and ``. _ - + @``.

    Examples
    --------
    >>> check_coder("coder_1")
    'coder_1'
    >>> check_coder("../anna")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: '../anna' cannot be a coder's name; give letters, digits and . _ - + @, such as coder_1
    """
    if not (isinstance(name, str) and _CODER.fullmatch(name)):
        raise InputError(f"{name!r} cannot be a coder's name; give letters, digits and . _ - + @, such as coder_1")
    return name


def assign_items(
    ids: Sequence[str], coders: Sequence[str], *, overlap: float = 1.0, order: str = "own", seed: int = 0
) -> dict[str, list[str]]:
    """Who codes which mention, in which order.

    A mention's place depends on its id, the seed and the coder alone, not on the order of `ids`. Every mention is coded
    by somebody, so that the probabilities of being drawn stay as they are; those that all code are a simple random
    part of the sample.

    Parameters
    ----------
    ids : sequence of str
        The mentions drawn, in the sample's order.
    coders : sequence of str
        Who codes.
    overlap : float, default 1
        The share that all coders code, above 0 and at most 1; the rest is split evenly between them.
    order : {"own", "same"}, default "own"
        Each coder sees the mentions in an order of their own, or all in the sample's.
    seed : int, default 0
        The seed of the orders and of the split.

    Raises
    ------
    InputError
        No coders, or the same twice; `overlap` or `order` is none of these.

    Examples
    --------
    >>> shares = assign_items([f"m{i}" for i in range(10)], ["anna", "bo"], overlap=0.4)
    >>> len(shares["anna"]), len(shares["bo"]), len(set(shares["anna"]) & set(shares["bo"]))
    (7, 7, 4)
    """
    names = [check_coder(name) for name in coders]
    if not names or len({name.casefold() for name in names}) < len(names):
        raise InputError(f"coders: {list(coders)!r}; give at least one name, and none twice")
    if isinstance(overlap, bool) or not isinstance(overlap, int | float) or not 0 < overlap <= 1:
        raise InputError(f"overlap: {overlap!r}; expected the share that all coders code, above 0 and at most 1")
    if order not in ("own", "same"):
        raise InputError(f"order: {order!r}; expected 'own' (each coder's own) or 'same'")
    shuffled = sorted(ids, key=lambda name: _draw(seed, "split", name))
    shared = math.ceil(round(overlap * len(shuffled), 9))
    chosen = {name: set(shuffled[:shared]) | set(shuffled[shared + i :: len(names)]) for i, name in enumerate(names)}
    in_order = {name: _ordered(ids, order, seed, name) for name in names}
    return {name: [key for key in in_order[name] if key in chosen[name]] for name in names}


def _ordered(ids: Iterable[str], order: str, seed: int, coder: str) -> list[str]:
    return list(ids) if order == "same" else sorted(ids, key=lambda name: _draw(seed, coder, name))


def _draw(seed: int, *parts: str) -> bytes:
    return hashlib.sha256("\x1f".join([str(seed), *parts]).encode("utf-8", "surrogatepass")).digest()
