"""One article with its mentions, readings and voices marked, as a web page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pandas as pd

from toolkit.actors import Lexicon, load_lexicon
from toolkit.errors import InputError, nearest
from toolkit.files import write_atomically
from toolkit.report.text import cut, day, number, split_sentence, visible
from toolkit.sentences import Attribution, find_attributions
from toolkit.tables import check_table

__all__ = ["AnnotatedArticle", "AnnotatedMention", "show_article", "show_mention"]

COLOURS = 7
"""So many actors have a colour of their own; the label says who the others are."""
_ORDER = {"reported": 0, "quoted": 1}


@dataclass(frozen=True)
class AnnotatedArticle:
    """An article as HTML; a notebook shows it where it is the last thing in a cell.

    Attributes
    ----------
    title : str
        Its title.
    body : str
        The HTML of the article, with its style.
    """

    title: str
    body: str

    def _repr_html_(self) -> str:
        return self.body

    def to_html(self) -> str:
        """A whole page, offline."""
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(visible(self.title))}</title>\n</head>\n<body>\n<main>\n{self.body}\n</main>\n"
            "</body>\n</html>\n"
        )

    def save(self, path: str | Path) -> None:
        """Write the page."""
        with write_atomically(Path(path)) as temporary:
            temporary.write_text(self.to_html(), encoding="utf-8")


class _Mark(NamedTuple):
    """A mention within a part."""

    start: int
    end: int
    row: Any


def show_article(
    articles: pd.DataFrame, mentions: pd.DataFrame, article_id: str, *, lexicon: Lexicon | None = None
) -> AnnotatedArticle:
    """Mark the mentions, readings and voices of one article.

    Parameters
    ----------
    articles : pandas.DataFrame
        A table of articles.
    mentions : pandas.DataFrame
        Mentions found in it (:func:`toolkit.find_mentions`).
    article_id : str
        Which article.
    lexicon : Lexicon, optional
        Where the labels of actors stand; the lexicon that ships where left out.

    Returns
    -------
    AnnotatedArticle
        For a notebook; ``.save(path)`` writes a page.

    Raises
    ------
    InputError
        The article is not there, or a mention does not stand where it says.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.actors import find_mentions
    >>> articles = pd.DataFrame([dict(article_id="a1", outlet="The Courier", date=pd.Timestamp("2020-02-28"),
    ...     title="Talks", text="Ankara <x> warned.", url=None, language="en", source_file="x", wire=None,
    ...     story_id="a1", copied=0.0)])
    >>> page = show_article(articles, find_mentions(articles), "a1")
    >>> "Ankara<small>Ankara · actor</small></mark> &lt;x&gt; warned." in page.body
    True
    """
    check_table(articles, "articles")
    check_table(mentions, "mentions")
    found = articles[articles["article_id"] == article_id]
    if found.empty:
        hint = nearest(str(article_id), articles["article_id"].astype(str).head(5000))
        raise InputError(f"no article {article_id!r} in this table; {cut(hint, 200)}")
    article = found.iloc[0]
    own = mentions[mentions["article_id"] == article_id]
    lexicon = lexicon or load_lexicon()
    painter = _Painter(own, lexicon)
    title = article["title"] if isinstance(article["title"], str) else ""
    parts = {"title": title, "body": article["text"]}
    shown = {part: painter.paint(text, _marks(own, part, text)) for part, text in parts.items()}
    paragraphs = "\n".join(f'<p dir="auto">{line}</p>' for line in shown["body"].split("\n") if line.strip())
    style = resources.files("toolkit").joinpath("data/article.css").read_text(encoding="utf-8")
    about = " · ".join(escape(visible(x)) for x in (str(article["outlet"]), day(article["date"]), str(article_id)) if x)
    body = (
        f'<article class="tk-article">\n<style>\n{style}</style>\n<p class="meta">{about}</p>\n'
        f'<h2 dir="auto">{shown["title"] or "(no title)"}</h2>\n{painter.legend()}\n{paragraphs}\n</article>'
    )
    return AnnotatedArticle(title or str(article_id), body)


@dataclass(frozen=True)
class AnnotatedMention:
    """A mention as HTML; a notebook shows it where it is the last thing in a cell.

    Attributes
    ----------
    mention_id : str
        Which mention.
    body : str
        The HTML, with its style.
    """

    mention_id: str
    body: str

    def _repr_html_(self) -> str:
        return self.body


def show_mention(scored: pd.DataFrame, mention_id: str, *, lexicon: Lexicon | None = None) -> AnnotatedMention:
    """Show one mention: its sentence with the target marked, its voice and reading, and its scores where it has any.

    Parameters
    ----------
    scored : pandas.DataFrame
        A table of mentions, scored or not.
    mention_id : str
        Which mention.
    lexicon : Lexicon, optional
        Where the labels of actors stand; the lexicon that ships where left out.

    Returns
    -------
    AnnotatedMention
        For a notebook.

    Raises
    ------
    InputError
        The mention is not there, or its target does not stand in its sentence.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.actors import find_mentions
    >>> articles = pd.DataFrame([dict(article_id="a1", outlet="The Courier", date=pd.Timestamp("2020-02-28"),
    ...     title=None, text="Then Ankara <x> warned.", url=None, language="en", source_file="x", wire=None,
    ...     story_id="a1", copied=0.0)])
    >>> mentions = find_mentions(articles)
    >>> "Then <mark" in show_mention(mentions, mentions["mention_id"].iloc[0]).body
    True
    """
    check_table(scored, "mentions")
    found = scored[scored["mention_id"] == mention_id]
    if found.empty:
        hint = nearest(str(mention_id), scored["mention_id"].astype(str).head(5000))
        raise InputError(f"no mention {mention_id!r} in this table; {cut(hint, 200)}")
    row = found.iloc[0]
    before, target, after = (
        escape(visible(p)) for p in split_sentence(row["sentence"], int(row["start"]), int(row["end"]))
    )
    label = (lexicon or load_lexicon()).label
    said = [label(row["actor"]), *(str(v) for v in (row["reading"],) if isinstance(v, str))]
    voice = row["voice"] if isinstance(row["voice"], str) else "voice not known"
    speaker = f", speaker: {label(row['speaker'])}" if isinstance(row["speaker"], str) else ""
    facts = [f"voice: {voice}{speaker}", str(row["outlet"]), day(row["date"]), f"article {row['article_id']}"]
    about = " · ".join(escape(visible(cut(x, 120))) for x in facts if x)
    style = resources.files("toolkit").joinpath("data/article.css").read_text(encoding="utf-8")
    scores = "".join(
        _scores_line(row, str(c).removesuffix("_score")) for c in scored.columns if str(c).endswith("_score")
    )
    return AnnotatedMention(
        str(mention_id),
        f'<article class="tk-article">\n<style>\n{style}</style>\n<p dir="auto">{before}<mark class="c0">{target}'
        f"<small>{escape(visible(' · '.join(said)))}</small></mark>{after}</p>\n{scores}"
        f'<p class="meta">{about}</p>\n</article>',
    )


def _scores_line(row: pd.Series, task: str) -> str:
    """The label of a task, its score and its probabilities."""
    prefix = f"{task}_p_"
    chances = [f"{str(c)[len(prefix) :]} {100 * row[c]:.0f} %" for c in row.index if str(c).startswith(prefix)]
    predicted = row.get(f"{task}_pred")
    words = f"{task}: {predicted if isinstance(predicted, str) else 'not labelled'} {number(row[f'{task}_score'])}"
    return f"<p>{escape(visible(words + (' (' + ', '.join(chances) + ')' if chances else '')))}</p>\n"


def _marks(mentions: pd.DataFrame, part: str, text: str) -> list[_Mark]:
    """The mentions of a part in order, each where it says that it stands."""
    marks: list[_Mark] = []
    for values in mentions[mentions["part"] == part].to_dict("records"):
        row = SimpleNamespace(**{str(name): value for name, value in values.items()})
        start = int(row.start if part == "title" else row.position)
        mark = _Mark(start, start + len(row.surface), row)
        if text[mark.start : mark.end] != row.surface:
            raise InputError(
                f"the mention {row.mention_id!r} does not stand at {start} in its article: "
                "find the mentions of this table again"
            )
        if not marks or mark.start >= marks[-1].end:
            marks.append(mark)
    return sorted(marks)


class _Painter:
    """Turns a text into HTML."""

    def __init__(self, mentions: pd.DataFrame, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.counts = Counter(mentions["actor"])
        order = sorted(self.counts, key=lambda actor: (-self.counts[actor], actor))
        self.colour = {actor: f"c{i}" if i < COLOURS else "" for i, actor in enumerate(order)}

    def legend(self) -> str:
        """Who is marked how."""
        rows = [
            f'<li><mark class="{self.colour[a]}">{self._label(a)}</mark> {self.counts[a]}</li>' for a in self.colour
        ]
        rows += ['<li><mark class="place">dotted line</mark> a place, not the state</li>',
                 '<li><span class="quoted">quoted</span></li>',
                 '<li><span class="reported">reported</span></li>']  # fmt: skip
        return f'<ul aria-label="Legend">{"".join(rows)}</ul>'

    def _label(self, actor: str) -> str:
        return escape(visible(self.lexicon.label(actor)))

    def paint(self, text: str, marks: list[_Mark]) -> str:
        """The text with its mentions, and the stretches that are others' words."""
        pieces: list[str] = []
        named: set[int] = set()  # of a paraphrase that goes on behind a quotation the speaker is named once
        for start, end, spoken in _stretches(text, find_attributions(text), marks):
            inside = [mark for mark in marks if start <= mark.start < end]
            words = "".join(self._words(text, start, end, inside))
            if spoken is not None:
                who = "" if id(spoken) in named else self._speaker(text, spoken, inside)
                named.add(id(spoken))
                words = _on_each_line(words, spoken.voice, who)
            pieces.append(words)
        return "".join(pieces)

    def _words(self, text: str, start: int, end: int, marks: list[_Mark]) -> Iterator[str]:
        for mark in marks:
            yield escape(visible(text[start : mark.start]))
            yield self._mention(mark)
            start = mark.end
        yield escape(visible(text[start:end]))

    def _mention(self, mark: _Mark) -> str:
        row = mark.row
        reading = row.reading if isinstance(row.reading, str) else "reading not known"
        place = " place" if reading == "place" else ""
        said = [f"form: {row.form}"]
        said += [f"{name}: {value}" for name in ("organ", "person", "office", "voice", "speaker")
                 if isinstance(value := getattr(row, name, None), str)]  # fmt: skip
        hint = escape(visible("; ".join(said)), quote=True)
        words = escape(visible(row.surface))
        return (
            f'<mark class="{self.colour[row.actor]}{place}" title="{hint}">{words}'
            f"<small>{self._label(row.actor)} · {reading}</small></mark>"
        )

    def _speaker(self, text: str, spoken: Attribution, inside: list[_Mark]) -> str:
        """The voice of a stretch and who speaks: the actor where it is known, else the words that name the speaker."""
        known = [m.row.speaker for m in inside if isinstance(m.row.speaker, str)]
        who = self.lexicon.label(known[0]) if known else ""
        if not who and spoken.speaker_start is not None:
            who = cut(" ".join(text[spoken.speaker_start : spoken.speaker_end].split()), 60)
        return f'<span class="who">{spoken.voice}{": " + escape(visible(who)) if who else ""}</span>'


def _on_each_line(words: str, voice: str, who: str) -> str:
    """HTML in an element of its own on each line: paragraphs must not cut one in two."""
    lines = words.split("\n")
    return "\n".join(
        f'<span class="{voice}">{who if i == 0 else ""}{line}</span>' if line.strip() else line
        for i, line in enumerate(lines)
    )


def _stretches(
    text: str, attributions: list[Attribution], marks: list[_Mark]
) -> Iterator[tuple[int, int, Attribution | None]]:
    """The text in pieces, each with the attribution that holds there: quotations over paraphrase, inner over outer."""
    holder: list[Attribution | None] = [None] * len(text)
    for item in sorted(attributions, key=lambda a: (_ORDER[a.voice], a.start)):
        holder[item.start : item.end] = [item] * (item.end - item.start)
    for mark in marks:  # a mention is not cut in two
        holder[mark.start : mark.end] = [holder[mark.start]] * (mark.end - mark.start)
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or holder[at] is not holder[start]:
            yield start, at, holder[start]
            start = at
