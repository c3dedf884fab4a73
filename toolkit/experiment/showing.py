"""A run as a notebook shows it: its title, its estimates, its main figure, and where its report is."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.config import read_yaml
from toolkit.report import Figure
from toolkit.report.content import keys_of
from toolkit.report.text import cut, day, number, visible

if TYPE_CHECKING:
    from toolkit.experiment.running import Run

__all__ = ["run_html"]

MOST_ROWS = 60


def run_html(run: Run) -> str:
    """A small piece of HTML; nothing in it is fetched, and what comes from a corpus is text.

    Parameters
    ----------
    run : Run
        A finished run.
    """
    config = read_yaml(run.path / "config.yaml")
    table = run.summary.head(MOST_ROWS)
    keys = [*keys_of(table), *(["task"] if table["task"].nunique() > 1 else [])]
    head = "".join(f'<th scope="col">{_text(k)}</th>' for k in [*keys, "estimate", "interval", "stories", "mentions"])
    rows = "".join(_row(row, keys) for row in table.to_dict("records"))
    left = len(run.summary) - len(table)
    more = f"<p>{left:,} more estimates: <code>run.summary</code></p>" if left else ""
    return (
        f"<section><h3>{_text(config['title'])}</h3>\n{_figure(run, list(config.get('figures', [])))}\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}\n"
        f"<p>{len(run.articles):,} articles of {run.articles['outlet'].nunique():,} outlets, "
        f"{len(run.mentions):,} mentions. Labels are a machine’s. "
        f'<a href="{escape(_link(run.report), quote=True)}">The report, with the sentences behind each number</a></p>'
        "</section>"
    )


def _text(value: object) -> str:
    return escape(visible(cut(str(value), 200)))


def _row(row: dict[Any, Any], keys: list[str]) -> str:
    named = [day(v) if isinstance(v := row[k], pd.Timestamp) else v for k in keys]
    interval = "–" if pd.isna(row["low"]) else f"{number(row['low'])} to {number(row['high'])}"
    cells = [number(row["estimate"]), interval, f"{row['n_stories']:,}", f"{row['n_mentions']:,}"]
    return "<tr>" + "".join(f"<td>{_text(v)}</td>" for v in [*named, *cells]) + "</tr>"


def _figure(run: Run, figures: list[str]) -> str:
    svg, alt = (run.path / "figures" / f"{(figures or [''])[0]}{suffix}" for suffix in (".svg", ".txt"))
    if not (svg.is_file() and alt.is_file()):
        return ""
    image = Figure("", svg.read_text("utf-8"), alt.read_text("utf-8").strip())
    return f'<img style="max-width: 100%; background: #fff" src="{image.source}" alt="{_alt(image.alt)}">'


def _alt(text: str) -> str:
    return escape(visible(text), quote=True)


def _link(report: Path) -> str:
    """The report's address as a notebook in the current folder follows it."""
    path = report.resolve()
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_uri()
