import base64
import hashlib
import itertools
import re
from dataclasses import replace

import pandas as pd
import pytest
from report_corpus import LABELS, NASTY, OUTLETS, content, corpus, data_of, parse, words

from toolkit.errors import InputError
from toolkit.estimation import estimate
from toolkit.plots.style import draw_figure
from toolkit.report import Figure, ReportContent, answer, render_report, write_report
from toolkit.tables import empty_table


@pytest.fixture(scope="module")
def page():
    return render_report(content())


@pytest.fixture(scope="module")
def tree(page):
    return parse(page)


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
