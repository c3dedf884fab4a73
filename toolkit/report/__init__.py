"""The report of a run: one HTML file that opens offline, leads with the answer, and shows the sentences behind it.

Everything that comes from a corpus is text and stays text: the template escapes it, the page allows no script but its
own (by hash), and no address outside itself. Control characters and those that turn the direction of writing are shown,
not obeyed.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.files import write_atomically
from toolkit.report.answer import answer
from toolkit.report.content import Figure, ReportContent, Section
from toolkit.report.text import cut, day, number, p_words, safe_json, visible
from toolkit.report.view import View
from toolkit.tables import check_table

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["Figure", "ReportContent", "Section", "answer", "render_report", "size_words", "write_report"]

_SIZE = "<!--size-->"
"""Stands for the size of the file until it is known; text like it is escaped, so it stands nowhere else."""
_DATA = Path(__file__).parents[1] / "data"


def write_report(content: ReportContent, path: Path) -> None:
    """Write the report.

    Parameters
    ----------
    content : ReportContent
        What it tells.
    path : pathlib.Path
        The HTML file; it is written whole or not at all, and the same content gives the same bytes.

    Raises
    ------
    InputError
        A table is not what it should be.
    """
    html = render_report(content)
    with write_atomically(Path(path)) as target:
        target.write_text(html, encoding="utf-8", newline="\n")


def render_report(content: ReportContent) -> str:
    """The report as one string of HTML."""
    from markupsafe import Markup

    check_table(content.mentions, "mentions", task=content.task)
    check_table(content.articles, "articles")
    check_table(content.summary, "summary")
    style, script = ((_DATA / f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    view = View(content)
    html = _template().render(
        content=content, view=view, style=Markup(style), script=Markup(script), size=Markup(_SIZE),
        style_hash=_csp_hash(style), script_hash=_csp_hash(script), data=Markup(safe_json(view.evidence.data())),
        packed=[(name, Markup(text)) for name, text in view.evidence.packed()],
    )  # fmt: skip
    return html.replace(_SIZE, size_words(len(html.encode("utf-8", "replace"))), 1)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_DATA), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )  # fmt: skip
    environment.filters.update(
        num=number, p=p_words, share=lambda v: f"{100 * v:.0f} %" if v == v else "–", count=lambda v: f"{int(v):,}",
        cut=cut, day=day,
    )  # fmt: skip
    return environment.get_template("report.html.j2")


def size_words(size: int) -> str:
    """The size of a file as people say it.

    Examples
    --------
    >>> size_words(912_345), size_words(12_345_678)
    ('0.9 MB', '12.3 MB')
    """
    return f"{size / 1e6:.1f} MB"


def _csp_hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
