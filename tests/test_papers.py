"""A text with the numbers of a run in it."""

import json
import re

import pandas as pd
import pytest

from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.papers import fill_paper


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    (folder / "tables").mkdir(parents=True)
    (folder / "figures").mkdir()
    numbers = {
        "tone/A/turkey": {"value": -0.254, "low": -0.5, "high": 0.004, "n_mentions": 1234, "source": "summary.csv:2"},
        "tone/B/turkey": {"value": None, "low": None, "high": None, "n_mentions": 0, "source": "summary.csv:3"},
    }
    (folder / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    pd.DataFrame({"outlet": ["A|x", "<b>"], "estimate": [0.5, 0.25]}).to_csv(folder / "tables" / "summary.csv")
    (folder / "figures" / "tone_by_outlet.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "figures" / "tone_by_outlet.txt").write_text("Dots [with] intervals")
    return folder


def filled(run, text):
    path = run.parent / "paper.md"
    path.write_text(text, encoding="utf-8")
    return fill_paper(path, run)


def test_numbers_are_quoted_by_name_and_listed_with_their_source(run):
    paper = filled(
        run, "A: {{tone/A/turkey}} ({{tone/A/turkey|interval}}; {{tone/A/turkey|n_mentions}}). B: {{tone/B/turkey}}."
    )
    assert paper.markdown == "A: −0.25 (−0.50 to 0.00; 1,234). B: not estimated."
    assert paper.sources["quoted"].tolist() == [
        "tone/A/turkey", "tone/A/turkey|interval", "tone/A/turkey|n_mentions", "tone/B/turkey",
    ]  # fmt: skip
    assert paper.sources["source"].tolist() == ["summary.csv:2"] * 3 + ["summary.csv:3"]


def test_tables_and_figures_are_put_in(run):
    paper = filled(run, "![](figure:tone_by_outlet)\n\n[[table:summary keep=outlet,estimate]]\n")
    page = paper.to_html("Title & more")
    assert page.count("<table>") == 2
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'alt="Dots [with] intervals"' in page
    assert "A|x" in page
    assert "<title>Title &amp; more</title>" in page


def test_nothing_in_a_text_or_table_becomes_markup(run):
    page = filled(run, "<script>alert(1)</script> [x](javascript:alert(1))\n\n[[table:summary]]\n").to_html()
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{tone/A/turky}}", "the run has no number 'tone/A/turky'; did you mean 'tone/A/turkey'"),
        ("{{tone/A/turkey|intervals}}", "nothing is called 'intervals'; did you mean 'interval'"),
        ("{{tone/A/turkey|n_stories}}", "nothing is called 'n_stories'"),
        ("[[table:sumary]]", "the run has no table 'sumary'; did you mean 'summary'"),
        ("[[table:summary keep=outlets]]", "no column 'outlets'; did you mean 'outlet'"),
        ("[[table:summary drop=outlet]]", "unknown option 'drop'"),
        ("![](figure:tone_by_outle)", "the run has no figure 'tone_by_outle'; did you mean 'tone_by_outlet'"),
    ],
)
def test_what_the_run_lacks_is_said(run, text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        filled(run, text)


def test_the_command(run, capsys):
    (run.parent / "paper.md").write_text("{{tone/A/turkey}}", encoding="utf-8")
    out = run.parent / "paper.html"
    assert main(["paper", str(run.parent / "paper.md"), str(run), "--out", str(out)]) == 0
    assert "1 numbers, tables and figures quoted" in capsys.readouterr().out
    assert "−0.25" in out.read_text(encoding="utf-8")
    assert main(["paper", str(run.parent / "none.md"), str(run), "--out", str(out)]) == 2
    assert main(["paper", str(run.parent / "paper.md"), str(run.parent), "--out", str(out)]) == 2
    assert main(["paper", str(run.parent / "paper.md"), str(run), "--out", str(run / "x.pdf")]) == 2
    assert "expected .html or .md" in capsys.readouterr().err


def test_the_example_has_no_number_of_its_own(root):
    """Every number in the text's results is quoted from the run."""
    text = (root / "docs" / "paper" / "paper.md").read_text(encoding="utf-8")
    results = text[text.index("## Results") : text.index("## What these")]
    assert not re.findall(r"\d", re.sub(r"\{\{.*?\}\}", "", results, flags=re.DOTALL))
    assert len(re.findall(r"\{\{", results)) > 10
