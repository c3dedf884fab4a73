"""The sentences behind the numbers: a few of each estimate in the page itself, and all of them in its packed data."""

from __future__ import annotations

import base64
import bisect
import json
import zlib
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.files import content_id
from toolkit.report.text import CONTEXT, cut, day, split_sentence, visible
from toolkit.sentences import split_sentences

if TYPE_CHECKING:
    from toolkit.report.view import View

__all__ = ["Evidence", "pack"]

SHOWN = 20
"""Most sentences of an estimate that stand in the page itself; the others come from its data when asked for."""
BUDGET = 1200
"""Sentences of all estimates together that stand in the page itself, however many estimates there are."""
PRINTED = 3
"""Of each end of an estimate, so many sentences are printed on paper."""
LONG = 2 * CONTEXT
"""Longer sentences are cut around each of their mentions; the others are held once for all their mentions."""
CHUNK = 200_000
"""Characters of text that are packed, and unpacked, together."""


def pack(value: Any) -> str:
    """JSON, deflated (RFC 1950), as base64: about a fifth of its size, and no character of it means anything in HTML.

    Examples
    --------
    >>> import base64, zlib
    >>> zlib.decompress(base64.b64decode(pack(["</script>"])))
    b'["</script>"]'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode("ascii")


class Evidence:
    """The mentions of a view, folded, and their sentences."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.folds = _folds(view.mentions)
        pairs = pd.DataFrame({"fold": self.folds, "outlet": view.mentions["outlet"]}).drop_duplicates()
        self._printers: dict[Any, list[str]] = {k: sorted(v) for k, v in pairs.groupby("fold")["outlet"]}

    # In the page itself

    @property
    def parts(self) -> list[dict[str, Any]]:
        """One part for each estimate of the main task: its sentences."""
        view = self.view
        rows = view.summary[view.summary["task"] == view.task]
        base = view.mentions[view.mentions["counted"]]
        groups: Mapping[Any, Any] = {}
        if view.keys:
            rows = rows.drop_duplicates(view.keys)
            found = base.groupby(view.keys, dropna=False, sort=False).indices
            groups = {_plain_key(key): where for key, where in found.items()}
        else:
            rows = rows.head(1)
        most = max(2, min(SHOWN, BUDGET // max(1, len(rows))))
        parts = []
        for row in view.records(rows):
            name = tuple(row[k] for k in view.keys)
            of = base.iloc[groups.get(_plain_key(name), [])] if view.keys else base
            parts.append({**row, "name": [view.label(k, row[k]) for k in view.keys], **self._sentences(of, most)})
        return parts

    def _sentences(self, found: pd.DataFrame, most: int) -> dict[str, Any]:
        found = found.assign(fold=self.folds[found.index]).sort_values(["score", "mention_id"])
        first = found.drop_duplicates("fold")
        half = most // 2
        shown = first if len(first) <= most else pd.concat([first.head(half), first.tail(half)])
        times = found["fold"].value_counts()
        items = [{**self.sentence(r), "times": int(times[r["fold"]])} for r in shown.to_dict("records")]
        for place, item in enumerate(items):
            item["middle"] = PRINTED <= place < len(items) - PRINTED
        return {"items": items, "total": len(found), "distinct": len(first), "left": len(first) - len(shown)}

    def sentence(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """One mention as the page itself shows it."""
        view = self.view
        before, target, after = "", "", ""
        if view.content.text:
            before, target, after = split_sentence(row["sentence"], int(row["start"]), int(row["end"]))
        return {
            "id": "m-" + row["mention_id"], "before": before, "target": target, "after": after,
            "others": [o for o in self._printers[row["fold"]] if o != row["outlet"]],
            "pred": row.get(f"{view.task}_pred"), "score": row["score"], "outlet": row["outlet"], "date": row["date"],
            "probabilities": [(n, row[f"{view.task}_p_{n}"]) for n in view.label_names[view.task]],
            "voice": row["voice"], "speaker": row["speaker"] if isinstance(row["speaker"], str) else None,
            "part": row["part"], "reading": row["reading"], "url": view.urls.get(row["article_id"]),
            "title": view.titles.get(row["article_id"], "(no title)"), "article": row["article_id"],
            "start": int(row["start"]), "end": int(row["end"]), "form": row["form"],
        }  # fmt: skip

    # In the packed data

    def data(self) -> dict[str, Any]:
        """The small part of the data that is not packed: the names that the packed numbers stand for."""
        view = self.view
        listed = {key: list(names.values()) for key, names in view.names.items()}
        return {
            "names": listed, "actors": [visible(cut(n, 120)) for n in view.actor_names], "tasks": view.tasks,
            "labels": {t: [visible(n) for n in names] for t, names in view.label_names.items()},
            "text": view.content.text, "mentions": len(view.mentions),
        }  # fmt: skip

    def packed(self) -> list[tuple[str, str]]:
        """The id and the content of each packed element: the columns of all mentions, then the texts in parts."""
        texts = _Texts(self.view) if self.view.content.text else None
        chunks = list(_chunks(texts.sentences)) if texts else []
        columns = self._columns(texts)
        columns["starts"] = [start for start, _ in chunks]
        return [("columns", pack(columns)), *((f"chunk-{i}", pack(part)) for i, (_, part) in enumerate(chunks))]

    def _columns(self, texts: _Texts | None) -> dict[str, Any]:
        view, m = self.view, self.view.mentions
        used = m.drop_duplicates("article_id").sort_values("article_id")
        articles = {a: i for i, a in enumerate(used["article_id"])}
        numbers = {key: {value: i for i, value in enumerate(names)} for key, names in view.names.items()}
        stories = {s: i for i, s in enumerate(sorted(m["story_id"].unique()))}
        where = texts.places if texts else {key: m[key].astype(int).tolist() for key in ("start", "end")}
        coded = self._coded()
        return {
            "articles": [self._article(a, d) for a, d in zip(used["article_id"], used["date"], strict=True)],
            "stories": [visible(s) for s in stories],
            "id": [visible(i) for i in m["mention_id"]], "article": [articles[a] for a in m["article_id"]],
            "story": [stories[s] for s in m["story_id"]],
            **{key: [known[v] for v in m[key]] for key, known in numbers.items()},
            "form": list(m["form"]), "part": [int(v == "title") for v in m["part"]],
            "speaker": [visible(view.label("actor", v)) if isinstance(v, str) else "" for v in m["speaker"]],
            "fold": [int(v) for v in self.folds], "tasks": {t: self._scores(t) for t in view.tasks},
            "coded": coded, **where,
        }  # fmt: skip

    def _article(self, article: str, date: Any) -> list[str]:
        """Its day, title, address and id."""
        view = self.view
        title = visible(cut(view.titles.get(article, "(no title)"))) if view.content.text else ""
        return [day(date), title, view.urls.get(article, ""), visible(article)]

    def _scores(self, task: str) -> dict[str, Any]:
        view, m = self.view, self.view.mentions
        names = view.label_names[task]
        known = {name: i for i, name in enumerate(names)}
        chances = m[[f"{task}_p_{n}" for n in names]].fillna(0).to_numpy(dtype=float)
        predicted = m[f"{task}_pred"] if f"{task}_pred" in m else pd.Series(None, index=m.index, dtype=object)
        return {
            "label": [known.get(v, -1) for v in predicted],
            "score": [None if pd.isna(v) else round(float(v), 3) for v in m[f"{task}_score"]],
            "chances": [[round(100 * v) for v in row] for row in chances.tolist()],
            "vote": [int(v) for v in view.votes(task)],
        }

    def _coded(self) -> dict[str, list[list[str]]]:
        """For each mention that people labelled, by its place: task, who, and the label."""
        content = self.view.content
        place = {mention: str(i) for i, mention in enumerate(self.view.mentions["mention_id"])}
        rows = [content.annotations, *([content.gold.assign(coder="decided")] if len(content.gold) else [])]
        found: dict[str, list[list[str]]] = {}
        for table in rows:
            for r in table.sort_values(["mention_id", "task", "coder", "label"]).to_dict("records"):
                if r["mention_id"] in place:
                    said = [visible(cut(str(r[k]), 80)) for k in ("task", "coder", "label")]
                    found.setdefault(place[r["mention_id"]], []).append(said)
        return found


def _folds(m: pd.DataFrame) -> pd.Series:
    """For each mention a key: the same actor in the same sentence of the same story."""
    flat = m["sentence"].str.split().str.join(" ").str.casefold()
    parts = pd.DataFrame({"a": m["actor"], "s": m["story_id"], "t": flat, "at": m["surface"]})
    return parts.groupby(["a", "s", "t", "at"], sort=True).ngroup()


def _plain_key(key: Any) -> tuple[Any, ...]:
    """A key of groups that can be looked up: missing values are equal."""
    return tuple(None if pd.isna(v) else v for v in (key if isinstance(key, tuple) else (key,)))


def _chunks(sentences: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The sentences in parts, each with the number of its first."""
    start, size, part = 0, 0, []
    for i, text in enumerate(sentences):
        part.append(text)
        size += len(text)
        if size >= CHUNK:
            yield start, part
            start, size, part = i + 1, 0, []
    if part:
        yield start, part


class _Texts:
    """Every sentence once, with its neighbours, and where each mention stands in it.

    Attributes
    ----------
    sentences : list of str
        The texts, outlet by outlet and article by article.
    places : dict of str to list of int
        For each mention the number of its `sentence`, its `start` and `end` there in UTF-16 units (as JavaScript
        counts), and how far its neighbours are (`before`, `after`; 0 for none).
    """

    def __init__(self, view: View) -> None:
        self.sentences: list[str] = []
        self.places: dict[str, list[int]] = {k: [0] * len(view.mentions) for k in
                                             ("sentence", "start", "end", "before", "after")}  # fmt: skip
        texts = dict(zip(view.content.articles["article_id"], view.content.articles["text"], strict=True))
        columns = ["outlet", "article_id", "part", "sentence", "start", "end", "position"]
        rows = view.mentions[columns].reset_index(names="row")
        rows["position"] = rows["position"].fillna(-1).astype(int)
        # Outlet by outlet: who looks at an estimate unpacks the texts of its outlet alone.
        rows = rows.sort_values(["outlet", "article_id", "part", "position", "start", "row"])
        for article, of in groupby(rows.itertuples(), key=lambda row: row.article_id):
            self._article(texts.get(article, ""), list(of))

    def _article(self, text: str, mentions: list[Any]) -> None:
        spans = split_sentences(text) if any(m.part == "body" for m in mentions) else []
        ends = [end for _, end in spans]
        held: dict[Any, int] = {}
        for m in mentions:
            begin = m.position - m.start if m.part == "body" else -1
            stop = begin + len(m.sentence)
            before, target, after = split_sentence(m.sentence, m.start, m.end)
            whole = len(m.sentence) <= LONG
            stands = begin >= 0 and text[begin:stop] == m.sentence
            near = self._neighbours(text, spans, ends, begin, stop, held) if stands else (None, None)
            parts = (m.sentence[: m.start], target, m.sentence[m.end :]) if whole else (before, target, after)
            shown = [visible(part) for part in parts]
            number = self._hold(held, (m.sentence,) if whole else (m.row,), "".join(shown))
            start = _units(shown[0])
            values = (number, start, start + _units(shown[1]),
                      *(0 if n is None else n - number for n in near))  # fmt: skip
            for column, value in zip(self.places.values(), values, strict=True):
                column[m.row] = value

    def _neighbours(
        self, text: str, spans: list[tuple[int, int]], ends: list[int], begin: int, stop: int, held: dict[Any, int]
    ) -> tuple[int | None, int | None]:
        """The numbers of the sentences before and behind a stretch of the text."""
        i = bisect.bisect_right(ends, begin) - 1
        j = bisect.bisect_left(spans, (stop, stop))
        found: list[int | None] = [None, None]
        for side, at in ((0, i), (1, j)):
            if 0 <= at < len(spans):
                sentence = text[slice(*spans[at])]
                short = sentence
                if len(sentence) > LONG:
                    short = cut(sentence, CONTEXT) if side else "…" + sentence[-CONTEXT:]
                found[side] = self._hold(held, (short,), visible(short))
        return found[0], found[1]

    def _hold(self, held: dict[Any, int], key: Any, text: str) -> int:
        if key not in held:
            held[key] = len(self.sentences)
            self.sentences.append(text)
        return held[key]


def _units(text: str) -> int:
    """How long JavaScript takes a text to be."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cell_id(names: list[str]) -> str:
    """The address of the sentences of an estimate in the page itself."""
    return content_id("cell-", *names)
