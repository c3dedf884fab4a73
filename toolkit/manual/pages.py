"""The manual as Markdown and as a page."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from toolkit.manual.content import Block, Run

__all__ = ["html_page", "markdown_text"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 Georgia, "Times New Roman", serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { font-family: "Segoe UI", Roboto, Helvetica, Arial, sans-serif; line-height: 1.25; }
h1 { font-size: 1.9rem; } h2 { font-size: 1.4rem; margin-top: 2.2rem; } h3 { font-size: 1.1rem; margin-top: 1.6rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border: 1px solid #888; padding: .4rem .6rem; text-align: left; vertical-align: top; }
th { background: #e8edf2; color: #111; }
td { overflow-wrap: anywhere; } td:nth-child(2) { min-width: 4.5rem; }
mark { background: #ffe08a; color: #111; font-weight: bold; padding: 0 .1em; }
tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
@media print { body { max-width: none; margin: 0; font-size: 10.5pt; } }
""".strip()


def markdown_text(title: str, blocks: Sequence[Block]) -> str:
    """The manual in Markdown; what a codebook says is escaped."""
    parts = [f"# {_escaped(title)}"]
    for block in blocks:
        lines = [[_markdown(cell) for cell in row] for row in block.rows]
        if block.kind.startswith("heading"):
            parts.append("#" * (int(block.kind[-1]) + 1) + f" {lines[0][0]}")
        elif block.kind == "paragraph":
            parts.append(lines[0][0])
        elif block.kind == "table":
            head, *rows = ["| " + " | ".join(line) + " |" for line in lines]
            parts.append("\n".join([head, "|" + " --- |" * len(lines[0]), *rows]))
        else:
            marks = [f"{i}." if block.kind == "numbers" else "-" for i in range(1, len(lines) + 1)]
            parts.append("\n".join(f"{mark} {line[0]}" for mark, line in zip(marks, lines, strict=True)))
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", html.escape(text, quote=False))


def _markdown(cell: Sequence[Run]) -> str:
    return "".join(f"**{_escaped(text)}**" if style else _escaped(text) for text, style in cell)


def html_page(title: str, blocks: Sequence[Block]) -> str:
    """The manual as one page that needs nothing from outside."""
    parts = [f"<h1>{html.escape(title)}</h1>"]
    for block in blocks:
        lines = [[_html(cell) for cell in row] for row in block.rows]
        if block.kind.startswith("heading"):
            level = int(block.kind[-1]) + 1
            parts.append(f"<h{level}>{lines[0][0]}</h{level}>")
        elif block.kind == "paragraph":
            parts.append(f"<p>{lines[0][0]}</p>")
        elif block.kind == "table":
            head, *rows = lines
            top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
            body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
            parts.append(f"<table>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>")
        else:
            tag = "ol" if block.kind == "numbers" else "ul"
            parts.append(f"<{tag}>\n" + "\n".join(f"<li>{line[0]}</li>" for line in lines) + f"\n</{tag}>")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _html(cell: Sequence[Run]) -> str:
    tags = {"": "{}", "strong": "<strong>{}</strong>", "target": "<mark>{}</mark>"}
    return "".join(tags[style].format(html.escape(text)) for text, style in cell)
