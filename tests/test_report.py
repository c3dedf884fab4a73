import base64
import hashlib
import itertools
import json
import re
import zlib
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from lxml import html as lxml_html
from report_corpus import LABELS, NASTY, OUTLETS, content, corpus

from toolkit.actors import find_mentions
from toolkit.cleaning import clean_articles
from toolkit.corpora import load_articles
from toolkit.errors import InputError
from toolkit.estimation import contrast, estimate
from toolkit.plots.style import draw_figure
from toolkit.report import Figure, ReportContent, Section, answer, render_report, write_report
from toolkit.report.finding import row_address
from toolkit.scoring import score_mentions
from toolkit.stories import group_stories
from toolkit.tables import empty_table


def parse(text):
    return lxml_html.document_fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True))


@pytest.fixture(scope="module")
def page():
    return render_report(content())


@pytest.fixture(scope="module")
def tree(page):
    return parse(page)


def unpacked(tree, name):
    return json.loads(zlib.decompress(base64.b64decode(tree.get_element_by_id(name).text)))


def data_of(tree):
    """The names, the columns of all mentions, and for each mention its sentence in three parts."""
    data = {**json.loads(tree.get_element_by_id("data").text), **unpacked(tree, "columns")}
    parts = tree.xpath("//script[starts-with(@id, 'chunk-')]/@id")
    data["sentences"] = [s for name in parts for s in unpacked(tree, name)]
    assert [data["sentences"][start] for start in data["starts"]] == [unpacked(tree, name)[0] for name in parts]
    if data["text"]:
        data["parts"] = []
        for at, start, end in zip(data["sentence"], data["start"], data["end"], strict=True):
            units = data["sentences"][at].encode("utf-16-le")
            cut = (units[: 2 * start], units[2 * start : 2 * end], units[2 * end :])
            data["parts"].append([u.decode("utf-16-le") for u in cut])
    return data


def words(element):
    return " ".join(" ".join(element.itertext()).split())


def test_nothing_is_fetched_and_only_its_own_script_runs(page, tree):
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; ")
    for kind, element in (("style", tree.xpath("//style")[0]), ("script", tree.xpath("//script[not(@type)]")[0])):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert len(tree.xpath("//script[not(@type)]")) == 1
    inert = {s.get("type") for s in tree.xpath("//script[@type]")}
    assert inert == {"application/json", "text/plain"}
    assert not tree.xpath("//link | //iframe | //object | //embed | //base | //*[@style]")
    assert not [a for e in tree.iter() for a in e.attrib if a.startswith("on")]
    for address in tree.xpath("//@src"):
        assert address.startswith("data:image/svg+xml;base64,")
    for address in tree.xpath("//@href"):
        assert address.startswith(("#", "https://outlet"))
    assert "innerHTML" not in page


def test_every_link_inside_leads_somewhere_and_ids_are_unique(tree):
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    inside = [h[1:] for h in tree.xpath("//a/@href") if h.startswith("#")]
    assert set(inside) <= set(ids)


def test_every_cell_leads_to_the_sentences_that_made_it(tree):
    made = content()
    cells = tree.xpath("//table[contains(@class, 'matrix')]//td/a/@href")
    assert len(cells) == len(made.summary) == 6
    base = made.mentions[made.mentions["voice"] == "outlet"].set_index("mention_id")
    for href in cells:
        part = tree.get_element_by_id(href[1:])
        items = part.xpath(".//ol/li")
        rows = base.loc[[i.get("id")[2:] for i in items]]
        assert rows["outlet"].nunique() == 1
        assert rows["actor"].nunique() == 1
        assert rows["tone_score"].is_monotonic_increasing
        assert 0 < len(items) <= 20
        assert all(words(i.xpath(".//mark")[0]) == "Ankara" for i in items)
        of = base[(base["outlet"] == rows["outlet"].iloc[0]) & (base["actor"] == rows["actor"].iloc[0])]
        assert f"{len(of)} mentions" in words(part.xpath("./summary")[0])
        # Where not all fit, the lowest and the highest are there.
        assert {of["tone_score"].idxmin(), of["tone_score"].idxmax()} <= {i.get("id")[2:] for i in items}


def test_the_table_holds_the_numbers(tree):
    made = content()
    text = words(tree.xpath("//table[contains(@class, 'matrix')]")[0])
    for row in made.summary.to_dict("records"):
        for value in (row["estimate"], row["low"], row["high"]):
            assert f"{value:.2f}".replace("-", "−") in text
        assert f"{row['n_stories']} stories" in text


def test_the_answer_says_the_widest_gaps_with_intervals():
    made = content()
    said = answer(made)
    assert len(said) == 3
    for actor, label in (("turkey", "Ankara"), ("russia", "Moscow")):
        sentence = next(s for s in said if f"Toward {label}" in s)
        pairs = made.contrasts[made.contrasts["actor"] == actor]
        pairs = pairs[pairs["p_holm"] < 0.05] if (pairs["p_holm"] < 0.05).any() else pairs
        row = pairs.loc[pairs["estimate"].abs().idxmax()]
        assert row["a"] in sentence
        assert row["b"] in sentence
        assert f"{abs(row['estimate']):.2f} (95 % interval " in sentence
    held = int((made.contrasts["p_holm"] < 0.05).sum())
    assert f"Of 6 comparisons, {held} hold after Holm's correction" in said[2]
    if held < 6:
        assert f"{6 - held} cannot be told apart" in said[2]


def test_the_gap_is_told_from_the_higher_outlet_with_a_positive_interval():
    _, mentions = corpus()
    made = content()
    sentence = next(s for s in answer(made) if "Ankara" in s)
    means = estimate(mentions).query("actor == 'turkey'").set_index("outlet")["estimate"]
    assert sentence.index(means.idxmax()) < sentence.index(means.idxmin())
    low, high = map(float, re.search(r"interval (\S+) to (\S+);", sentence).groups())
    assert 0 < low < means.max() - means.min() < high


def test_answer_without_contrasts_or_without_mentions():
    articles, mentions = corpus()
    said = answer(content(articles, mentions, contrasts=pd.DataFrame()))
    assert len(said) == 2
    assert said[0].startswith("The lowest estimate is ")
    nothing = answer(content(articles, mentions, summary=estimate(mentions).iloc[:0]))
    assert nothing[0].startswith("No mention fits the selection")


def test_it_says_that_labels_are_a_machines_and_not_corrected(tree):
    assert "were not corrected" in words(tree.get_element_by_id("answer"))
    assert "were not corrected with a coded sample" in words(tree.get_element_by_id("method"))


def test_removed_rejected_copied_and_voices_are_told(tree):
    removed = words(tree.get_element_by_id("removed"))
    assert "3 spans in 3 of 42 articles" in removed
    assert re.search(r"paywall 2 2 18 Subscribe ×2", removed)
    assert "broken.html" in words(tree.get_element_by_id("corpus"))
    assert "no text was found" in words(tree.get_element_by_id("corpus"))
    copies = words(tree.get_element_by_id("copies"))
    assert "Title 0 0 MPA The Aegean Ledger, The Barada Post, Volga Dispatch 3 2020-02-01" in copies
    assert re.search(r"Volga Dispatch 14 3 3 3", copies)
    assert "Volga Dispatch 112 75 % 25 % 0 %" in words(tree.get_element_by_id("voices"))


def test_copies_of_a_sentence_are_folded(tree):
    item = next(e for e in tree.xpath("//details//li") if "also printed by" in e.text_content())
    own = words(item.xpath(".//p")[0])
    assert sum(name in own for name in OUTLETS) == 3


def test_a_screen_reader_finds_its_way(tree):
    assert tree.get("lang") == "en"
    for path in ("//main", "//nav[@aria-label]", "//header", "//footer", "//a[@class='skip'][@href='#main']"):
        assert len(tree.xpath(path)) == 1
    levels = [int(e.tag[1]) for e in tree.xpath("//h1 | //h2 | //h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    for table in tree.xpath("//table"):
        assert words(table.xpath("./caption")[0])
        assert table.xpath(".//thead//th[@scope='col']")
        assert len(table.xpath(".//tbody/tr[not(th[@scope='row'])]")) == 0
    assert all(e.get("alt") for e in tree.xpath("//img"))
    for control in tree.xpath("//select | //input"):
        assert words(control.getparent()) if control.getparent().tag == "label" else control.get("aria-label")
    assert all(e.get("aria-label") for e in tree.xpath("//*[@role='region']"))


def test_dark_narrow_and_printed_pages_have_rules(tree):
    style = tree.xpath("//style")[0].text
    for rule in ("prefers-color-scheme: dark", "max-width: 40rem", "@media print", ":focus-visible"):
        assert rule in style
    assert tree.xpath("//meta[@name='viewport']")


def test_the_data_holds_every_mention(tree):
    made, data = content(), data_of(tree)
    columns = [data[c] for c in ("id", "article", "outlet", "actor", "voice", "reading", "fold", "part", "parts")]
    columns += [data["tasks"]["tone"][c] for c in ("label", "score", "chances", "vote")]
    assert {len(column) for column in columns} == {len(made.mentions)}
    row = made.mentions.sort_values("mention_id").reset_index(drop=True).iloc[5]
    assert data["names"]["outlet"][data["outlet"][5]] == row["outlet"]
    assert data["names"]["actor"][data["actor"][5]] == row["actor"]
    assert data["actors"][data["actor"][5]] in ("Ankara", "Moscow")
    assert "".join(data["parts"][5]) == row["sentence"]
    assert data["parts"][5][1] == row["surface"]
    tone = data["tasks"]["tone"]
    assert tone["score"][5] == pytest.approx(row["tone_score"], abs=0.0006)
    assert sum(tone["vote"]) == made.summary["n_mentions"].sum()


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_stays_text(nasty):
    articles, mentions = corpus(stories=4)
    before = parse(render_report(content(articles, mentions)))
    name = OUTLETS[0] + nasty
    articles["outlet"] = articles["outlet"].astype(object).replace(OUTLETS[0], name)
    mentions = mentions.assign(
        outlet=mentions["outlet"].astype(object).replace(OUTLETS[0], name), speaker=nasty,
        sentence=nasty + " Ankara " + nasty, start=len(nasty) + 1, end=len(nasty) + 7,
    )  # fmt: skip
    articles = articles.assign(title=nasty, url=f"https://x.example/{nasty}", wire=nasty)
    made = content(
        articles, mentions, title=nasty, question=nasty, config={nasty: [nasty]}, facts={nasty: nasty},
        labels={"turkey": nasty},
        figures=[Figure("f", f"<svg>{nasty}</svg>", nasty, nasty)],
        removed=pd.DataFrame({"article_id": ["a00000"], "start": 0, "end": 1, "text": [nasty], "reason": [nasty]}),
        rejected=pd.DataFrame({"source_file": [nasty], "locator": [nasty], "reason": [nasty]}),
    )  # fmt: skip
    text = render_report(made)
    text.encode("utf-8")
    assert "\u202e" not in text
    assert "\x00" not in text
    tree = parse(text)
    for tag in ("script", "img", "style", "meta", "iframe"):
        assert len(tree.xpath(f"//{tag}")) == len(before.xpath(f"//{tag}")), tag
    assert not [a for e in tree.iter() for a in e.attrib if a.startswith("on")]
    assert len(list(tree.iter("svg"))) == len(list(before.iter("svg")))
    assert not [h for h in tree.xpath("//@href") if not h.startswith(("#", "https://x.example/"))]
    if nasty.isprintable():
        assert nasty in tree.xpath("//h1")[0].text_content()
        assert nasty in data_of(tree)["parts"][0][0]


def test_characters_that_turn_the_writing_are_shown(tree):
    articles, mentions = corpus(stories=3)
    text = render_report(content(articles, mentions, title="safe\u202efdp.exe"))
    assert "safe⟨U+202E⟩fdp.exe" in words(parse(text).xpath("//h1")[0])


def test_half_characters_do_not_break_the_file(tmp_path):
    write_report(replace(content(*corpus(stories=2)), title="x\ud800y", config={"k": "\udfff"}), tmp_path / "a.html")
    assert "x\ufffdy" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_sentence_of_a_megabyte_is_cut_around_its_target(tmp_path):
    articles, mentions = corpus(stories=3)
    plain = len(render_report(content(articles, mentions)))
    long = "x" * 500_000
    mentions.loc[0, ["sentence", "start", "end"]] = [f"{long} Ankara {long}", len(long) + 1, len(long) + 7]
    text = render_report(content(articles, mentions))
    assert len(text) < plain + 5000
    assert "[499,601 characters]" in text
    item = parse(text).get_element_by_id("m-" + mentions.loc[0, "mention_id"])
    assert words(item.xpath(".//mark")[0]) == "Ankara"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "https://", "http://a b", None, "ftp://x.example"]
)
def test_only_web_addresses_become_links(url):
    articles, mentions = corpus(stories=3)
    tree = parse(render_report(content(articles.assign(url=url), mentions)))
    assert all(h.startswith("#") for h in tree.xpath("//@href"))
    assert all(a[2] == "" for a in data_of(tree)["articles"])
    good = parse(render_report(content(articles, mentions)))
    links = good.xpath("//a[starts-with(@href, 'https://outlet')]")
    assert links
    assert all("noopener" in a.get("rel") for a in links)


def test_the_same_content_gives_the_same_bytes(tmp_path):
    articles, mentions = corpus()
    write_report(content(), tmp_path / "a.html")
    turned = content(articles.sample(frac=1, random_state=1), mentions.sample(frac=1, random_state=2))
    write_report(turned, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["a.html", "b.html"]


@pytest.mark.parametrize("by", [["outlet"], ["actor"], [], ["outlet", "actor", "form"]])
def test_other_groups_make_a_plain_table_with_evidence(by):
    articles, mentions = corpus(stories=5)
    tree = parse(render_report(content(articles, mentions, summary=estimate(mentions, by=by))))
    cells = tree.xpath("//table[contains(@class, 'matrix')]//td/a/@href")
    assert len(cells) == len(estimate(mentions, by=by))
    assert all(tree.get_element_by_id(href[1:]).xpath(".//li") for href in cells)


def test_an_empty_corpus_gives_a_report_that_says_so(recwarn):
    nothing = empty_table("mentions").assign(**{f"tone_p_{k}": 0.0 for k in LABELS}, tone_pred="", tone_score=0.0)
    articles, _ = corpus(stories=2)
    made = content(
        articles, nothing, removed=empty_table("removed"), rejected=empty_table("rejected"), figures=[],
    )  # fmt: skip
    text = words(parse(render_report(made)).get_element_by_id("main"))
    for said in ("No mention fits", "Every input could be read", "Nothing was removed", "Nothing was compared"):
        assert said in text


def test_missing_values_are_shown_as_missing():
    articles, mentions = corpus(stories=1)
    articles = articles.assign(title=None, url=None, date=pd.NaT)
    mentions = mentions.assign(date=pd.NaT, tone_pred=None)
    articles["date"] = articles["date"].astype("datetime64[us]")
    mentions["date"] = mentions["date"].astype("datetime64[us]")
    text = words(parse(render_report(content(articles, mentions))).get_element_by_id("main"))
    assert "no interval" in text
    assert "(no title)" in text
    assert "not labelled" in text
    assert not re.search(r"\b(nan|NaN|NaT|None)\b", text)


def test_wrong_tables_and_offsets_are_refused():
    articles, mentions = corpus(stories=2)
    with pytest.raises(InputError, match="lacks the column 'voice'"):
        render_report(replace(content(articles, mentions), mentions=mentions.drop(columns="voice")))
    mentions.loc[0, "end"] = 10_000
    with pytest.raises(InputError, match=r"stands at \d+ to 10000 in a sentence of \d+ characters"):
        render_report(content(articles, mentions))


def test_from_tables_reads_the_figures(tmp_path):
    articles, mentions = corpus()
    draw_figure("tone_by_outlet", estimate(mentions), tmp_path / "tone_by_outlet")
    made = content(articles, mentions)
    tables = {
        k: getattr(made, k)
        for k in ("title", "question", "config", "articles", "removed", "rejected", "mentions", "summary", "contrasts")
    }
    loaded = ReportContent.from_tables(
        figures=[("tone_by_outlet", tmp_path / "tone_by_outlet.svg", tmp_path / "tone_by_outlet.txt")], **tables
    )
    assert loaded.task == "tone"
    assert loaded.labels["turkey"] == "Ankara"
    image = parse(render_report(loaded)).xpath("//img")[0]
    assert image.get("alt").startswith("Dot plot with intervals.")
    assert base64.b64decode(image.get("src").split(",")[1]) == (tmp_path / "tone_by_outlet.svg").read_bytes()


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
