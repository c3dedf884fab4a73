"""Tables for people: nothing in a cell can run, and every number has a name."""

import math
import re

import pandas as pd
import pytest

from toolkit.export import docx_table, latex_table, markdown_table, number_commands, number_ids, write_csv, write_tables

HOSTILE = [
    r"\input{/etc/passwd}",
    "50% & more",
    "$x_1$ #{}~^",
    "a | b",
    "<script>alert(1)</script>",
    "a\nb",
    "`rm`",
    "[x](y)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_latex_cells_are_text(text):
    row = latex_table(pd.DataFrame({"outlet": [text]})).splitlines()[4]
    assert row.endswith(r" \\")
    inner = row.removesuffix(r" \\")
    for known in (r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}"):
        inner = inner.replace(known, "")
    assert all(inner[i - 1] == "\\" for i, c in enumerate(inner) if c in "&%$#_{}~^")
    assert r"\input" not in row


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_cells_are_text(text):
    lines = markdown_table(pd.DataFrame({"outlet": [text], "n": [1]})).splitlines()
    assert len(lines) == 3
    assert lines[2].replace("\\|", "").count("|") == 3
    assert "<script" not in lines[2]


def test_csv_keeps_full_precision_and_text_as_it_is(tmp_path):
    table = pd.DataFrame({"outlet": ['A, "B"', "=1+1"], "estimate": [0.1 + 0.2, math.nan]})
    write_csv(table, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), table)


def test_each_table_comes_in_four_forms(tmp_path):
    write_tables(pd.DataFrame({"a": [1]}), tmp_path / "t")
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".csv", ".docx", ".md", ".tex"]


def test_numbers_name_their_row():
    table = pd.DataFrame(
        {"outlet": ["A", "B"], "estimate": [0.5, math.nan], "low": [0.1, math.nan], "high": [0.9, math.nan],
         "n_mentions": [3, 0]}
    )  # fmt: skip
    numbers = number_ids(table, ["outlet"], "tone", "summary.csv")
    assert numbers["tone/A"] == {"value": 0.5, "low": 0.1, "high": 0.9, "n_mentions": 3, "source": "summary.csv:2"}
    assert numbers["tone/B"]["value"] is None


def test_a_table_for_word_processors_keeps_text_as_text_and_has_the_same_bytes():
    import io

    import docx

    hostile = ["<w:p>", "=1+1", "a & b", "\x00x\u202e", "]]>"]
    table = pd.DataFrame({"outlet": hostile, "tone": [0.5, float("nan"), -0.25, 1, 0], "n": range(5)})
    made = docx_table(table, "by outlet")
    assert made == docx_table(table.copy(), "by outlet")
    cells = [[cell.text for cell in row.cells] for row in docx.Document(io.BytesIO(made)).tables[0].rows]
    assert cells[0] == ["outlet", "tone", "n"]
    assert [row[0] for row in cells[1:]] == ["<w:p>", "=1+1", "a & b", "x", "]]>"]
    assert [row[1] for row in cells[1:]] == ["0.500", "", "-0.250", "1.000", "0.000"]


def test_numbers_become_commands_of_latex():
    numbers = {
        "tone/The Aegean Ledger/russia": {
            "value": -0.0345,
            "low": -0.2,
            "high": 0.131,
            "n_mentions": 1046,
            "source": "x",
        },
        "tone/24 Saat/türkiye": {"value": None, "low": None, "high": None, "n_mentions": 0},
    }
    lines = number_commands(numbers).splitlines()
    assert r"\newcommand{\toneTheAegeanLedgerRussia}{\ensuremath{-0.03}}" in lines
    assert r"\newcommand{\toneTheAegeanLedgerRussiaLow}{\ensuremath{-0.20}}" in lines
    assert r"\newcommand{\toneTheAegeanLedgerRussiaMentions}{1,046}" in lines
    assert r"\newcommand{\toneTwoFourSaatTurkiye}{--}" in lines
    assert not [line for line in lines if re.search(r"newcommand\{\\[a-zA-Z]*[^a-zA-Z}\\]", line)]


def test_two_numbers_never_share_a_command():
    value = {"value": 0.5, "low": 0.1, "high": 0.9, "source": "x"}
    lines = number_commands({"tone/A B": value, "tone/AB": value, "tone/a-b": value, "tone/!": value, "tone/?": value})
    names = re.findall(r"newcommand\{(\\[a-zA-Z]+)\}", lines)
    assert len(names) == len(set(names)) == 15
