"""The report in a browser: from a dot to its sentences, by mouse or keyboard, nothing fetched, nothing run."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from report_corpus import NASTY, OUTLETS, content, corpus

from toolkit.estimation import estimate
from toolkit.report import Figure, Section, write_report

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def told(articles, mentions):
    """Articles whose text holds the sentences of their mentions, each mention at its place."""
    articles, mentions = articles.copy(), mentions.copy()
    for row, article in enumerate(articles["article_id"]):
        own = mentions["article_id"] == article
        text = "The reporter opens with this."
        for sentence in mentions.loc[own, "sentence"].drop_duplicates():
            at = own & (mentions["sentence"] == sentence)
            mentions.loc[at, "position"] = mentions.loc[at, "start"] + len(text) + 1
            text += f" {sentence} A sentence without anybody follows."
        articles.loc[row, "text"] = text
    return articles, mentions


def report_content(**changes):
    articles, mentions = told(*corpus(stories=8))
    weekly = estimate(mentions, by=["actor"], period="week")
    figures = [
        Figure("tone_by_outlet", "<svg xmlns='http://www.w3.org/2000/svg'/>", "A plot.", "Tone"),
        Figure("tone_over_time", "<svg xmlns='http://www.w3.org/2000/svg'/>", "Lines.", "Over time", weekly),
    ]
    coded = pd.DataFrame({"coder": ["Ana", "Bo"], "label": ["neutral", "negative"]})
    coded = coded.assign(mention_id="m-a00003-turkey-0", task="tone")
    numbers = pd.DataFrame({"outlet": OUTLETS, "accuracy": [0.7, 0.8, 0.9]})
    section = Section("accuracy", "Accuracy", "How often the labels are right.", numbers)
    return content(articles, mentions, figures=figures, annotations=coded, sections=[section], **changes)


@pytest.fixture(scope="module")
def made():
    return report_content()


@pytest.fixture(scope="module")
def report(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(made, path)
    return path


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (extra: dev)")
    if CHROMIUM is None:
        pytest.skip("no Chromium: install one (apt-get install chromium), or name it in the variable CHROMIUM")
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser):
    """Opens a page; afterwards nothing may have been fetched, and nothing may have gone wrong in it."""
    wrong, contexts = [], []

    def go(path, hash="", width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: wrong.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
        page.on("dialog", lambda d: wrong.append(f"dialog: {d.message}") or d.dismiss())
        page.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or wrong.append(f"request: {r.url}"))
        page.goto(path.as_uri() + hash)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not wrong


def until(page, condition):
    """Wait for a condition; the page's own policy keeps playwright from waiting inside it."""
    for _ in range(400):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never: {condition}; at {page.url}: {page.locator('#found').inner_text()}")


def found(page):
    """The ids in the list once the page has found them."""
    until(page, "document.getElementById('found').textContent.includes('mention')")
    return page.eval_on_selector_all("#results > li", "items => items.map(i => i.dataset.mention)")


def votes(made, **wanted):
    rows = made.mentions[made.mentions["voice"] == "outlet"]
    for key, value in wanted.items():
        rows = rows[rows[key] == value]
    return rows.sort_values(["tone_score", "mention_id"])


def test_a_dot_leads_to_its_sentences(made, report, visit):
    page = visit(report)
    dot = page.locator("#figure a[aria-label^='Volga Dispatch, toward Moscow']")
    row = made.summary.query("outlet == 'Volga Dispatch' and actor == 'russia'").iloc[0]
    assert f"{row['estimate']:.2f}".replace("-", "−") in dot.get_attribute("aria-label")
    dot.click()
    rows = votes(made, outlet="Volga Dispatch", actor="russia")
    assert set(found(page)) <= set(rows["mention_id"])
    assert found(page)[0] == rows["mention_id"].iloc[0]
    assert page.locator("#found").inner_text() == f"{len(rows)} mentions, {len(rows)} different sentences."
    assert page.evaluate("document.activeElement.id") == "h-evidence"
    item = page.locator("#results > li").first
    assert item.locator("mark").inner_text() == "Ankara"
    assert item.locator("blockquote").inner_text() == rows["sentence"].iloc[0]
    for said in ("Volga Dispatch", "toward Moscow", "the outlet’s own words", f"{rows['date'].iloc[0]:%Y-%m-%d}"):
        assert said in item.inner_text()
    chance = round(100 * rows["tone_p_negative"].iloc[0])
    assert item.locator("svg.chances").get_attribute("aria-label").startswith(f"negative {chance} %")
    link = item.locator("a[href^='https://outlet1.example/']")
    assert "noopener" in link.get_attribute("rel")
    page.evaluate("scrollTo(0, 0)")
    dot.click()  # again: the address does not change
    until(page, "document.getElementById('h-evidence').getBoundingClientRect().top < 100")


def test_cells_rows_and_dots_over_time_lead_to_theirs(made, report, visit):
    page = visit(report)
    page.locator(".matrix tbody tr").nth(0).locator("td a").nth(1).click()
    order = made.summary.groupby("outlet")["estimate"].mean().sort_values()
    first = page.locator(".matrix tbody th").first.inner_text()
    assert first == order.index[0] == page.locator("#figure .who").first.inner_text()
    assert set(found(page)) <= set(votes(made, outlet=first, actor="russia")["mention_id"])
    page.locator("#contrasts a[data-find]").first.click()
    until(page, "document.querySelectorAll('option.several').length === 1")
    best = made.contrasts.sort_values("p").iloc[0]
    rows = votes(made, actor=best["actor"])
    rows = rows[rows["outlet"].isin([best["a"], best["b"]])]
    until(page, f"document.getElementById('found').textContent.startsWith('{len(rows)} mentions')")
    assert made.mentions.set_index("mention_id").loc[found(page), "outlet"].nunique() == 2
    page.locator("#accuracy a").filter(has_text="The Barada Post").click()
    until(page, "location.hash === '#outlet=The%20Barada%20Post'")
    page.locator("a[aria-label^='Ankara, from 2020-02-03']").click()
    until(page, "location.hash.includes('from=2020-02-03&to=2020-02-09')")
    until(page, "document.getElementById('also').textContent !== ''")
    rows = votes(made, actor="turkey")
    rows = rows[rows["date"].between("2020-02-03", "2020-02-09")]
    until(page, f"document.getElementById('found').textContent.startsWith('{len(rows)} mentions')")


def test_filters_sorting_and_the_address_of_a_state(made, report, visit):
    page = visit(report, "#evidence")
    page.select_option("[name=actor]", "turkey")
    page.select_option("[name=sort]", "high")
    page.uncheck("[name=vote]")
    page.select_option("[name=voice]", "quoted")
    page.fill("[name=words]", "ON DAY 3")
    until(page, "location.hash.includes('words=')")
    rows = made.mentions.query("actor == 'turkey' and voice == 'quoted'")
    until(page, f"document.getElementById('found').textContent.startsWith('{len(rows)} mentions')")
    shown = found(page)
    scores = rows.set_index("mention_id")["tone_score"]
    assert scores[shown].is_monotonic_decreasing
    assert set(shown) < set(rows["mention_id"])  # the sentences that several outlets printed are there once
    assert "no vote (actor, quoted)" in page.locator("#results > li").first.inner_text()
    address = page.evaluate("location.hash")
    assert found(visit(report, address)) == shown
    page.select_option("[name=label]", "negative")
    until(page, "location.hash.includes('label=negative')")
    wanted = rows[rows["tone_pred"] == "negative"]
    until(page, f"document.getElementById('found').textContent.startsWith('{len(wanted)} mention')")
    page.fill("[name=words]", "nowhere")
    until(page, "document.getElementById('found').textContent.startsWith('0 mentions')")
    page.click("#clear")
    until(page, "document.querySelectorAll('#results > li').length === 50")
    page.click("#next")
    until(page, "document.getElementById('page').textContent.startsWith('51 to')")
    assert page.evaluate("location.hash") == "#page=2"


def test_a_link_addresses_one_mention_and_one_state(made, report, visit):
    rows = votes(made, actor="russia")
    mention = rows["mention_id"].iloc[60]
    page = visit(report, f"#m={mention}&actor=russia")
    assert mention in found(page)
    assert page.locator("li.linked").get_attribute("data-mention") == mention
    assert page.evaluate("document.activeElement.dataset.mention") == mention
    assert page.locator("[name=actor]").input_value() == "russia"
    address = page.locator("li.linked a.self").get_attribute("href")
    assert set(address[1:].split("&")) == {f"m={mention}", "actor=russia"}
    nobody = visit(report, "#m=nobody")
    until(nobody, "document.getElementById('found').textContent.startsWith('There is no mention nobody.')")
    old = visit(report, f"#m-{mention}")
    old.wait_for_selector(f"li.linked[data-mention='{mention}']")


def test_neighbours_copies_and_coders_on_demand(made, report, visit):
    page = visit(report, "#m=m-a00003-turkey-0")
    item = page.locator("li.linked")
    assert "Ana: neutral" in item.inner_text()
    assert "Bo: negative" in item.inner_text()
    item.get_by_role("button", name="Sentences around it").click()
    page.wait_for_selector("li.linked .near")
    assert item.locator("blockquote").inner_text().startswith("The reporter opens with this. On day 0")
    assert item.locator("blockquote").inner_text().endswith("again. A sentence without anybody follows.")
    assert item.locator("mark").inner_text() == "Ankara"
    page = visit(report, "#m=m-a00001-turkey-0")
    page.wait_for_selector("li.linked[data-mention='m-a00001-turkey-0'] details")
    copies = page.locator("li.linked[data-mention='m-a00001-turkey-0'] details")
    assert "2 more times: Volga Dispatch, The Barada Post" in copies.locator("summary").inner_text()
    copies.locator("summary").click()
    page.wait_for_selector("li.linked details[open] li a")
    assert copies.locator("li a").count() == 2


def test_the_keyboard_alone_is_enough(made, report, visit):
    page = visit(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#figure') !== null"):
            break
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    outlet, actor = label.split(":")[0].split(", toward ")
    page.keyboard.press("Enter")
    rows = votes(made, outlet=outlet, actor={"Ankara": "turkey", "Moscow": "russia"}[actor])
    assert found(page)[0] == rows["mention_id"].iloc[0]
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "voice"
    page.keyboard.press("q")  # quoted
    until(page, "location.hash.includes('voice=quoted')")
    page.locator("#back").focus()
    page.keyboard.press("Enter")
    until(page, "!location.hash.includes('voice')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_serious_finding(report, visit, scheme):
    axe_playwright_python = pytest.importorskip("axe_playwright_python", reason="needs axe (extra: dev)")
    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    # Only here: axe has to get into a page that lets no script in but its own.
    page = visit(report, "#outlet=Volga%20Dispatch", width=1000, bypass_csp=True, color_scheme=scheme)
    found(page)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    page.evaluate(script)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [
        (v["id"], v["help"], v["nodes"][0]["html"][:200])
        for v in result["violations"] if v["impact"] in ("serious", "critical")
    ]  # fmt: skip
    assert not bad
    assert len(result["passes"]) > 20


def test_hostile_text_stays_text_and_runs_nothing(visit, tmp_path):
    articles, mentions = told(*corpus(stories=len(NASTY)))
    for i, nasty in enumerate(NASTY):
        article = f"a00{i:03}"
        own = mentions["article_id"] == article
        start = len(nasty) + 1
        mentions.loc[own, ["sentence", "start", "end"]] = [f"{nasty} Ankara {nasty}", start, start + 6]
        articles.loc[articles["article_id"] == article, ["title", "url"]] = [nasty, f"https://x.example/{nasty}"]
    name = "The <script>alert(1)</script> & {{ Post }}"
    long = "word " * 200_000
    mentions.loc[0, ["sentence", "start", "end"]] = [f"{long}Ankara {long}", len(long), len(long) + 6]
    for table in (articles, mentions):
        table["outlet"] = table["outlet"].astype(object).replace(OUTLETS[0], name)
    made = content(articles, mentions, title=NASTY[0], labels={"turkey": NASTY[3], "russia": "Moscow"})
    write_report(made, tmp_path / "hostile.html")
    page = visit(tmp_path / "hostile.html", "#vote=0")
    assert page.title() == NASTY[0]
    found(page)
    page.select_option("[name=outlet]", name)
    until(page, "location.hash.includes('outlet=')")
    until(page, "document.querySelector('#results .meta').textContent.includes('{{ Post }}')")
    items = page.eval_on_selector_all(
        "#results > li", "all => all.map(i => [i.dataset.mention, i.querySelector('blockquote')?.textContent])"
    )
    texts = dict(items)
    for i, nasty in enumerate(NASTY):
        shown = [t for m, t in texts.items() if m.startswith(f"m-a00{i:03}")]
        assert shown or i
        if nasty.isprintable() and shown and i:
            assert f"{nasty} Ankara {nasty}" in shown
    assert page.locator("img").count() == 1  # the figure
    assert page.locator("#results script, #results img, #results svg:not(.chances)").count() == 0
    everything = page.evaluate("document.documentElement.textContent")
    assert "\u202e" not in everything
    assert "\x00" not in everything
    assert max(len(t) for t in texts.values()) < 1200


def test_a_phone_a_tablet_and_paper(made, visit, tmp_path):
    outlets = [f"The {w} Gazette of the Long Named Province" for w in "ABCDEFGHIJKLMNOP"]
    articles, mentions = told(*corpus(stories=4, outlets=outlets, actors=("turkey", "russia", "syria", "nato"), per=2))
    write_report(content(articles, mentions), tmp_path / "wide.html")
    page = visit(tmp_path / "wide.html", "#actor=turkey", width=360)
    found(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    box = page.locator("#figure .lines").first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.set_viewport_size({"width": 768, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 768
    assert page.locator("#figure .strip:not(.axis)").count() == len(outlets)
    assert not page.locator("#sentences").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#sentences details li").first.is_visible()
    assert not page.locator("#browser").is_visible()


def test_without_texts_the_mentions_are_still_found(made, visit, tmp_path):
    write_report(replace(made, text=False), tmp_path / "no-text.html")
    page = visit(tmp_path / "no-text.html", "#outlet=Volga%20Dispatch&actor=russia")
    rows = votes(made, outlet="Volga Dispatch", actor="russia")
    assert found(page)[0] == rows["mention_id"].iloc[0]
    item = page.locator("#results > li").first.inner_text()
    assert f"article {rows['article_id'].iloc[0]}" in item
    assert f"characters {rows['start'].iloc[0]} to {rows['end'].iloc[0]}" in item
    assert page.locator("[name=words], blockquote, mark").count() == 0
