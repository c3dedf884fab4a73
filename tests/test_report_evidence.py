"""From the numbers of a report to its sentences, its further sections, and the report without texts."""

import json
import re
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from report_corpus import OUTLETS, content, corpus, data_of, parse, unpacked, words

from toolkit.actors import find_mentions
from toolkit.cleaning import clean_articles
from toolkit.corpora import load_articles
from toolkit.errors import InputError
from toolkit.estimation import contrast, estimate
from toolkit.report import Section, render_report, write_report
from toolkit.report.finding import row_address
from toolkit.scoring import score_mentions
from toolkit.stories import group_stories


@pytest.fixture(scope="module")
def page():
    return render_report(content())


@pytest.fixture(scope="module")
def tree(page):
    return parse(page)


def test_rows_of_figure_and_table_stand_in_the_same_order(tree):
    rows = [words(e) for e in tree.xpath("//table[contains(@class, 'matrix')]//tbody//th")]
    drawn = [words(e) for e in tree.xpath("//*[@id='figure']//*[@class='who']")]
    assert drawn[:-1] == rows
    made = content()
    dots = tree.xpath("//*[@id='figure']//a[@data-find]")
    assert len(dots) == len(made.summary)
    for dot in dots:
        outlet, actor = re.match(r"(.*), toward (.*): ", dot.get("aria-label")).groups()
        row = made.summary[(made.summary["outlet"] == outlet) & (made.summary["actor"] == ACTORS[actor])].iloc[0]
        end = float(re.search(r"strips from −([\d.]+) to", words(tree.xpath("//caption")[0])).group(1))
        x = float(dot.xpath("./svg/@x")[0].rstrip("%"))
        assert x == pytest.approx(50 + 48 * row["estimate"] / end, abs=0.01)
        line = dot.xpath("./line[@class='ci-line']")[0]
        assert float(line.get("x1").rstrip("%")) == pytest.approx(50 + 48 * row["low"] / end, abs=0.01)


ACTORS = {"Ankara": "turkey", "Moscow": "russia"}


def test_every_number_leads_to_sentences(tree):
    made = content()
    for part, least in (("figure", 6), ("estimates", 6), ("contrasts", 6), ("corpus", 3), ("copies", 3), ("voices", 9)):
        finds = tree.get_element_by_id(part).xpath(".//a/@data-find")
        assert len(finds) >= least, part
        assert all(finds), part
    quoted = tree.xpath("//table[caption='Voices by outlet']//td/a/@data-find")
    assert "outlet=Volga%20Dispatch&voice=quoted&vote=0" in quoted
    assert len(made.contrasts) == len(tree.xpath("//*[@id='contrasts']//a[@data-find]"))


def test_rows_lead_to_what_they_are_about():
    names = {"outlet": {"A": "A"}, "actor": {"x": "x"}, "voice": {"outlet": "outlet", "quoted": "quoted"},
             "reading": {"actor": "actor"}}  # fmt: skip
    own = {"voice": "outlet", "reading": "actor"}

    def to(options=own, **row):
        return row_address(row, names, options)

    assert to(outlet="A", actor="x", voice="outlet", n_mentions=3) == "outlet=A&actor=x"
    assert to(outlet="A", voice="quoted") == "outlet=A&voice=quoted&reading=actor&vote=0"
    assert to(outlet="A", voice="all", reading="actor") == "outlet=A&reading=actor&vote=0"
    assert to({"voice": "all", "reading": "actor"}, voice="quoted") == "voice=quoted"
    assert to(mention_id="m1", outlet="A") == "m=m1"
    assert to(period=pd.Timestamp("2020-02-03")) == "from=2020-02-03&to=2020-02-09"
    assert to(outlet="unknown", value=3) == ""
    assert to(n_mentions=3) == ""


def test_sections_stand_under_what_it_rests_on():
    table = pd.DataFrame(
        {"outlet": [*OUTLETS, "<b>x</b>"], "accuracy": [0.5, 0.61, np.nan, 1], "n": [1000, 2, 3, 4],
         "p_value": [0.0001, 0.5, 0.04, 1], "held": [True, False, True, True]}
    )  # fmt: skip
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    sections = [
        Section("accuracy", "Accuracy", ["One.", "Two <i>."], table, svg, "Bars."),
        Section("swap-audit", "Swap audit", "It was done."),
    ]  # fmt: skip
    tree = parse(render_report(content(sections=sections)))
    rests = tree.get_element_by_id("rests")
    assert [e.get("id") for e in rests.xpath("./section")][-2:] == ["accuracy", "swap-audit"]
    part = rests.xpath("./section[@id='accuracy']")[0]
    said = words(part)
    assert "Two <i>." in said
    assert f"{OUTLETS[0]} 0.50 1,000 < 0.001 yes" in said
    assert f"{OUTLETS[2]} – 3 0.040 yes" in said
    assert part.xpath(".//img/@alt") == ["Bars."]
    assert part.xpath(".//tbody//a/@data-find") == [f"outlet={quote(o)}" for o in OUTLETS]
    assert tree.xpath("//header//a[@href='#swap-audit']")
    assert "This was not checked here" not in words(tree)
    assert "How it errs here" in words(tree.get_element_by_id("method"))


def test_sections_that_cannot_be_are_refused():
    for bad in ("Accuracy", "a b", "", "x" * 60, "1"):
        with pytest.raises(InputError, match="expected small letters, digits and hyphens"):
            Section(bad, "T", "W")
    for taken in ("evidence", "m-1", "cell-3"):
        with pytest.raises(InputError, match="which the page uses itself"):
            Section(taken, "T", "W")
    with pytest.raises(InputError, match="two sections of the report have the id 'x'"):
        render_report(content(sections=[Section("x", "T", "W"), Section("x", "T", "W")]))


def test_corrected_estimates_are_not_called_uncorrected():
    text = words(parse(render_report(content(corrected=True))).get_element_by_id("main"))
    assert "were corrected with mentions coded by people" in text
    assert "were not corrected" not in text


def test_several_tasks_stand_in_the_data():
    articles, mentions = corpus(stories=3)
    other = {c: c.replace("tone_", "stance_") for c in mentions.columns if c.startswith("tone_")}
    mentions = mentions.assign(**{new: mentions[old] for old, new in other.items()})
    mentions["stance_score"] = -mentions["stance_score"]
    summary = pd.concat([estimate(mentions), estimate(mentions, "stance")], ignore_index=True)
    tree = parse(render_report(content(articles, mentions, summary=summary)))
    data = data_of(tree)
    assert data["tasks"]["stance"]["score"] == [-s for s in data["tasks"]["tone"]["score"]]
    assert tree.xpath("//select[@name='task']/option/@value") == ["tone", "stance"]
    cells = tree.xpath("//table[contains(@class, 'matrix')]//td/a/@data-find")
    assert sum("task=stance" in c for c in cells) == len(cells) / 2 == 6


def test_groups_of_ones_own_can_be_chosen():
    articles, mentions = corpus(stories=5)
    summary = estimate(mentions, by=["outlet", "actor", "form"])
    tree = parse(render_report(content(articles, mentions, summary=summary)))
    assert tree.xpath("//select[@name='form']/option/@value") == ["", "capital"]
    assert all("form=capital" in f for f in tree.xpath("//table[contains(@class, 'matrix')]//td/a/@data-find"))


def test_without_texts_no_five_words_of_an_article_are_left(root):
    articles = load_articles(root / "datasets/idlib_2020").iloc[::8]
    articles, removed = clean_articles(articles)
    articles = group_stories(articles)
    mentions = find_mentions(articles, ["turkey", "russia", "syria"])
    scored = score_mentions(mentions, "tone", classifier="lexicon")
    made = content(
        articles, scored, removed=removed, labels={}, contrasts=contrast(scored),
        sections=[Section("quotes", "Quotes", articles["text"].iloc[0], has_text=True), Section("kept", "Kept", "So.")],
    )  # fmt: skip
    fives = set()
    for text in [*articles["text"], *articles["title"].dropna(), *removed["text"]]:
        tokens = re.findall(r"\w+", text.casefold())
        fives |= {" ".join(tokens[i : i + 5]) for i in range(len(tokens) - 4)}

    def leaked(made):
        tree = parse(render_report(made))
        packed = [unpacked(tree, name) for name in tree.xpath("//script[@type='text/plain']/@id")]
        tokens = re.findall(r"\w+", (render_report(made) + json.dumps(packed, ensure_ascii=False)).casefold())
        return tree, {" ".join(tokens[i : i + 5]) for i in range(len(tokens) - 4)} & fives

    tree, found = leaked(replace(made, text=False))
    assert not found
    assert len(leaked(made)[1]) > 1000  # the check can find them
    assert "Without texts." in words(tree.get_element_by_id("no-text"))
    assert not tree.xpath("//*[@id='quotes']")
    assert tree.xpath("//*[@id='kept']")
    assert not [h for h in tree.xpath("//@href") if not h.startswith("#")]
    data = data_of(tree)
    rows = scored.sort_values("mention_id").reset_index(drop=True)
    assert data["id"] == list(rows["mention_id"])
    assert data["start"] == list(rows["start"])
    assert len(data["tasks"]["tone"]["score"]) == len(rows)


def test_labels_of_coders_stand_with_their_mentions():
    coded = pd.DataFrame(
        {"mention_id": ["m-a00003-turkey-1", "gone"], "task": "tone", "coder": "<b>", "label": "neutral"}
    )
    gold = pd.DataFrame({"mention_id": ["m-a00003-turkey-1"], "task": "tone", "label": "positive"})
    data = data_of(parse(render_report(content(annotations=coded, gold=gold))))
    at = str(data["id"].index("m-a00003-turkey-1"))
    assert data["coded"] == {at: [["tone", "<b>", "neutral"], ["tone", "decided", "positive"]]}


def test_the_size_of_the_file_is_stated(tmp_path):
    write_report(content(), tmp_path / "a.html")
    size = (tmp_path / "a.html").stat().st_size
    assert f"mentions in {size / 1e6:.1f} MB" in words(
        parse((tmp_path / "a.html").read_text("utf-8")).xpath("//footer")[0]
    )
