"""A text that quotes a run: numbers by name, tables and figures from its folder, and where each comes from."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.export import markdown_table
from toolkit.files import write_atomically

__all__ = ["PARTS", "Paper", "fill_paper"]

PARTS = ("value", "low", "high", "interval", "n_mentions", "n_articles", "n_stories")
"""What can be quoted of a number, behind a bar: ``{{tone/The Courier/turkey|interval}}``."""
_NUMBER = re.compile(r"\{\{([^{}|]+)(?:\|([a-z_]+))?\}\}")
_TABLE = re.compile(r"^\[\[table:([\w/-]+)((?:\s+[\w=,%-]+)*)\]\]$", re.MULTILINE)
_FIGURE = re.compile(r"\]\(figure:([\w/-]+)\)")
_STYLE = """
@page { size: A4; margin: 22mm 20mm }
body { font: 11pt/1.45 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em;
  color: #111; background: #fff }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 1.6em }
table { border-collapse: collapse; font-size: .85em; margin: 1em 0; border-top: 1.5px solid;
  border-bottom: 1.5px solid }
th { border-bottom: 1px solid; text-align: left } td, th { padding: .15em .6em }
img { width: 100% } .sources { font-size: .75em } main, section { overflow-x: auto }
"""


@dataclass(frozen=True)
class Paper:
    """A text with the numbers of a run.

    Attributes
    ----------
    markdown : str
        The text, filled.
    sources : pandas.DataFrame
        One row for each thing quoted: `quoted` (its name in the text), `shown`, `source` (file and line of the run).
    """

    markdown: str
    sources: pd.DataFrame

    def to_html(self, title: str = "") -> str:
        """One page without anything from outside; pictures are inside it."""
        from markdown_it import MarkdownIt

        listed = markdown_table(self.sources.rename(columns={"source": "file and line of the run"}))
        reader = MarkdownIt("commonmark", {"html": False}).enable("table")
        # Pictures of a run are data addresses, which the reader refuses from strangers.
        reader.validateLink = _is_picture_or_web  # type: ignore[method-assign, assignment]
        body = reader.render(self.markdown)
        tail = reader.render(f"## Where each number comes from\n\n{listed}\n")
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src '
            f"'unsafe-inline'\"><style>{_STYLE}</style></head><body><main>\n{body}</main>\n"
            f'<section class="sources">{tail}</section></body></html>\n'
        )

    def save(self, path: str | Path, title: str = "") -> Path:
        """Write the page (``.html``), or the text alone (``.md``)."""
        target = Path(path)
        if target.suffix not in (".html", ".md"):
            raise InputError(f"{str(target)!r} ends in {target.suffix!r}; expected .html or .md")
        text = self.to_html(title or target.stem) if target.suffix == ".html" else self.markdown
        with write_atomically(target) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
        return target


def fill_paper(template: str | Path, run: str | Path) -> Paper:
    """Put the numbers, tables and figures of a run into a text.

    Parameters
    ----------
    template : str or pathlib.Path
        A Markdown file. ``{{tone/The Courier/turkey}}`` is a number of ``numbers.json``, and with ``|interval`` or
        another of :data:`PARTS` what belongs to it; ``[[table:summary]]`` in a line of its own is a table of
        ``tables/``, and with ``keep=outlet,actor,estimate`` some columns; ``![words](figure:tone_by_outlet)`` is a
        figure, with its alternative text where the words are empty.
    run : str or pathlib.Path
        A finished run.

    Returns
    -------
    Paper

    Raises
    ------
    InputError
        The run lacks what the text quotes; the message names the nearest.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> number = {"value": -0.25, "low": -0.5, "high": 0.0, "n_mentions": 12, "source": "summary.csv:2"}
    >>> _ = (folder / "numbers.json").write_text(json.dumps({"tone/A": number}))
    >>> _ = (folder / "p.md").write_text("A is at {{tone/A}} ({{tone/A|interval}}).")
    >>> fill_paper(folder / "p.md", folder).markdown
    'A is at −0.25 (−0.50 to 0.00).'
    """
    source, folder = Path(template), Path(run)
    text = _read(source, "the text")
    try:
        numbers = json.loads(_read(folder / "numbers.json", "the numbers of a finished run"))
    except ValueError as error:
        raise InputError(f"{folder / 'numbers.json'} is damaged ({error}); run the experiment again") from None
    quoted: dict[str, tuple[str, str]] = {}
    text = _NUMBER.sub(lambda match: _quote(match, numbers, quoted), text)
    text = _TABLE.sub(lambda match: _put_table(match, folder, quoted), text)
    text = re.sub(r"!\[([^\]]*)" + _FIGURE.pattern, lambda match: _put_figure(match, folder, quoted), text)
    rows = [(name, shown, where) for name, (shown, where) in quoted.items()]
    return Paper(text, pd.DataFrame(rows, columns=["quoted", "shown", "source"]))


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"there is no file {str(path)!r} ({what})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{str(path)!r} cannot be read ({error}); it must be a text in UTF-8") from None


def _quote(match: re.Match[str], numbers: dict[str, Any], quoted: dict[str, tuple[str, str]]) -> str:
    name, part = match[1].strip(), match[2] or "value"
    if name not in numbers:
        raise InputError(f"the run has no number {name!r}; {nearest(name, numbers)}")
    if part not in PARTS or (part.startswith("n_") and part not in numbers[name]):
        raise InputError(f"{match[0]}: nothing is called {part!r}; {nearest(part, PARTS)}")
    facts = numbers[name]
    if part == "interval":
        shown = f"{_number(facts['low'])} to {_number(facts['high'])}" if facts["low"] is not None else "no interval"
    elif part.startswith("n_"):
        shown = f"{facts[part]:,}"
    else:
        shown = _number(facts[part])
    quoted[name if part == "value" else f"{name}|{part}"] = (shown, str(facts["source"]))
    return shown


def _number(value: float | None) -> str:
    if value is None:
        return "not estimated"
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _put_table(match: re.Match[str], folder: Path, quoted: dict[str, tuple[str, str]]) -> str:
    name = match[1]
    path = folder / "tables" / f"{name}.csv"
    if not path.is_file():
        held = sorted(p.stem for p in (folder / "tables").glob("*.csv"))
        raise InputError(f"the run has no table {name!r}; {nearest(name, held)}")
    table = pd.read_csv(path)
    for option in match[2].split():
        key, _, value = option.partition("=")
        if key != "keep":
            raise InputError(f"{match[0]}: unknown option {key!r}; expected keep=column,column")
        columns = value.split(",")
        lacking = [column for column in columns if column not in table.columns]
        if lacking:
            raise InputError(f"{match[0]}: no column {lacking[0]!r}; {nearest(lacking[0], table.columns)}")
        table = table[columns]
    quoted[f"table:{name}"] = (f"{len(table)} rows", f"tables/{name}.csv")
    return markdown_table(table)


def _put_figure(match: re.Match[str], folder: Path, quoted: dict[str, tuple[str, str]]) -> str:
    words, name = match[1], match[2]
    path = folder / "figures" / f"{name}.svg"
    if not path.is_file():
        held = sorted(p.stem for p in (folder / "figures").glob("*.svg"))
        raise InputError(f"the run has no figure {name!r}; {nearest(name, held)}")
    said = path.with_suffix(".txt")
    alt = words or (said.read_text("utf-8").strip() if said.is_file() else name)
    alt = re.sub(r"([\[\]\\])", r"\\\1", " ".join(alt.split()))
    quoted[f"figure:{name}"] = ("figure", f"figures/{name}.svg")
    return f"![{alt}](data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode('ascii')})"


def _is_picture_or_web(address: str) -> bool:
    return address.startswith(("data:image/svg+xml;base64,", "https://", "http://", "#"))
