"""Tables as people pass them on: CSV, LaTeX and Markdown, and numbers with names."""

from __future__ import annotations

import html
import io
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.files import timeless_zip, write_atomically

__all__ = ["docx_table", "latex_table", "markdown_table", "number_commands", "number_ids", "write_csv", "write_tables"]

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#|~])")


def cell_text(value: Any) -> str:
    """A value as a table for people shows it: three decimals, nothing for missing.

    Examples
    --------
    >>> cell_text(-0.12345), cell_text(12), cell_text(None), cell_text("Ankara")
    ('-0.123', '12', '', 'Ankara')
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        text = f"{value:.3f}"
        return "0.000" if text == "-0.000" else text
    return str(value)


def latex_table(table: pd.DataFrame) -> str:
    r"""A booktabs table; text is escaped, so that no cell can run a command.

    Examples
    --------
    >>> import pandas as pd
    >>> print(latex_table(pd.DataFrame({"outlet": ["A & B"], "tone": [0.5]})))
    \begin{tabular}{lr}
    \toprule
    outlet & tone \\
    \midrule
    A \& B & 0.500 \\
    \bottomrule
    \end{tabular}
    """

    def escape(value: Any) -> str:
        return "".join(_LATEX.get(c, c) for c in " ".join(cell_text(value).split()))

    align = "".join("r" if pd.api.types.is_numeric_dtype(dtype) else "l" for dtype in table.dtypes)
    rows = [" & ".join(map(escape, row)) + r" \\" for row in table.astype(object).itertuples(index=False, name=None)]
    head = " & ".join(map(escape, table.columns)) + r" \\"
    return "\n".join(
        [rf"\begin{{tabular}}{{{align}}}", r"\toprule", head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}"]
    )


def markdown_table(table: pd.DataFrame) -> str:
    r"""A pipe table; text is escaped.

    Examples
    --------
    >>> import pandas as pd
    >>> print(markdown_table(pd.DataFrame({"outlet": ["A|B"], "tone": [0.5]})))
    | outlet | tone |
    | --- | ---: |
    | A\|B | 0.500 |
    """

    def row(cells: Sequence[Any]) -> str:
        return (
            "| "
            + " | ".join(
                _MARKDOWN.sub(r"\\\1", html.escape(" ".join(cell_text(c).split()), quote=False)) for c in cells
            )
            + " |"
        )

    rule = ["---:" if pd.api.types.is_numeric_dtype(dtype) else "---" for dtype in table.dtypes]
    rows = [row(r) for r in table.astype(object).itertuples(index=False, name=None)]
    return "\n".join([row(list(table.columns)), "| " + " | ".join(rule) + " |", *rows])


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table for analysis: UTF-8, full precision, text unescaped."""
    with write_atomically(path) as target:
        table.to_csv(target, index=False, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d")


def docx_table(table: pd.DataFrame, title: str = "") -> bytes:
    """A table for word processors (Office Open XML), on a page across; the same table gives the same bytes.

    Parameters
    ----------
    table : pandas.DataFrame
    title : str
        Stands above it.

    Returns
    -------
    bytes
        The DOCX file.

    Examples
    --------
    >>> import io, docx, pandas as pd
    >>> made = docx.Document(io.BytesIO(docx_table(pd.DataFrame({"outlet": ["A & B"], "tone": [0.5]}))))
    >>> [cell.text for row in made.tables[0].rows for cell in row.cells]
    ['outlet', 'tone', 'A & B', '0.500']
    """
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.oxml import parse_xml
    from docx.shared import Cm

    document = Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(1.5)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by, facts.comments = title, "", "", ""
    facts.created = facts.modified = facts.last_printed = datetime(2000, 1, 1)
    facts.revision, facts.language = 1, "en"
    if title:
        document.add_heading(title, level=2)
    # One piece of XML: cell by cell the library takes minutes for a table of some thousand cells.
    document.element.body.insert(len(document.element.body) - 1, parse_xml(_docx_xml(table)))
    made = io.BytesIO()
    document.save(made)
    return timeless_zip(made.getvalue())


def _docx_xml(table: pd.DataFrame) -> str:
    right = [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]

    def row(cells: Sequence[Any], *, head: bool = False) -> str:
        made = []
        for value, number in zip(cells, right, strict=True):
            # What XML cannot hold (control characters, lone surrogates) is left out.
            text = "".join(c for c in " ".join(cell_text(value).split()) if c.isprintable())
            style = '<w:jc w:val="right"/>' if number else ""
            bold = "<w:b/>" if head else ""
            made.append(
                f'<w:tc><w:tcPr/><w:p><w:pPr><w:spacing w:after="0"/>{style}</w:pPr><w:r><w:rPr>{bold}'
                f'<w:sz w:val="14"/></w:rPr><w:t xml:space="preserve">{html.escape(text)}</w:t></w:r></w:p></w:tc>'
            )
        kept = "<w:cantSplit/><w:tblHeader/>" if head else "<w:cantSplit/>"
        return f"<w:tr><w:trPr>{kept}</w:trPr>{''.join(made)}</w:tr>"

    rows = [row(list(table.columns), head=True)]
    rows += [row(values) for values in table.astype(object).itertuples(index=False, name=None)]
    grid = "<w:gridCol/>" * max(len(table.columns), 1)
    return (
        '<w:tbl xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:tblPr>'
        '<w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def write_tables(table: pd.DataFrame, stem: Path) -> None:
    """Write a table as CSV, LaTeX, Markdown and DOCX beside each other."""
    with write_atomically(stem.with_name(stem.name + ".docx")) as target:
        target.write_bytes(docx_table(table, stem.name.replace("_", " ")))
    write_csv(table, stem.with_name(stem.name + ".csv"))
    for suffix, render in ((".tex", latex_table), (".md", markdown_table)):
        with write_atomically(stem.with_name(stem.name + suffix)) as target:
            target.write_text(render(table) + "\n", encoding="utf-8", newline="\n")


def number_ids(table: pd.DataFrame, keys: Sequence[str], prefix: str, source: str) -> dict[str, dict[str, Any]]:
    """Name every estimate of a table, so that a text can quote it by name.

    Parameters
    ----------
    table : pandas.DataFrame
        A summary or a table of contrasts.
    keys : sequence of str
        The columns that tell its rows apart.
    prefix : str
        Stands before every name, such as the task.
    source : str
        The file that holds the table.

    Returns
    -------
    dict
        For each name (prefix and keys, joined by ``/``) the estimate, its interval, its counts and its source row.
    """
    numbers: dict[str, dict[str, Any]] = {}
    for row, record in enumerate(table.to_dict("records"), start=2):  # line 1 of the file is the header
        name = "/".join([prefix, *(cell_text(record[key]) for key in keys)])
        numbers[name] = {
            "value": _number(record["estimate"]), "low": _number(record["low"]), "high": _number(record["high"]),
            **{key: int(record[key]) for key in ("n_mentions", "n_articles", "n_stories") if key in record},
            "source": f"{source}:{row}",
        }  # fmt: skip
    return numbers


def number_commands(numbers: Mapping[str, Mapping[str, Any]]) -> str:
    r"""The numbers of a run as LaTeX commands, so that a paper quotes them by name and never by hand.

    Parameters
    ----------
    numbers : mapping
        As ``numbers.json`` holds them (:func:`number_ids`).

    Returns
    -------
    str
        A ``\newcommand`` for each value, its ends (``...Low``, ``...High``) and counts (``...Mentions``,
        ``...Articles``, ``...Stories``). Names are made of the letters of the id; digits are spelled; where two ids
        would have one name, the later gets a letter more.

    Examples
    --------
    >>> print(number_commands({"tone/Le Monde/us": {"value": 0.125, "low": 0.0, "high": 0.25, "source": "s"}}))
    \newcommand{\toneLeMondeUs}{\ensuremath{0.12}}
    \newcommand{\toneLeMondeUsLow}{\ensuremath{0.00}}
    \newcommand{\toneLeMondeUsHigh}{\ensuremath{0.25}}
    """
    taken: set[str] = set()
    lines = []
    for name, facts in numbers.items():
        base = _command(name)
        parts = {"": _decimal(facts["value"]), "Low": _decimal(facts["low"]), "High": _decimal(facts["high"])}
        parts |= {
            key[2:].title(): f"{facts[key]:,}" for key in ("n_mentions", "n_articles", "n_stories") if key in facts
        }
        while any(base + part in taken for part in parts):
            base += "X"
        taken |= {base + part for part in parts}
        lines += [rf"\newcommand{{\{base}{part}}}{{{text}}}" for part, text in parts.items()]
    return "\n".join(lines)


def _command(name: str) -> str:
    """An id as the name of a LaTeX command: its letters, without accents, words joined by capitals."""
    plain = unicodedata.normalize("NFKD", name)
    spelled = "".join(_DIGITS.get(c, c) for c in plain if not unicodedata.combining(c))
    words = re.findall("[A-Za-z]+", spelled)
    return "".join(word if not i else word[0].upper() + word[1:] for i, word in enumerate(words)) or "number"


_COUNTS = ("mentions", "articles", "stories")
_DIGITS = {
    str(i): f" {word} "
    for i, word in enumerate(["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"])
}


def _decimal(value: float | None) -> str:
    if value is None:
        return "--"
    text = f"{value:.2f}"
    return rf"\ensuremath{{{'0.00' if text == '-0.00' else text}}}"


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
