"""How fast a large report opens: first paint, time from a click to its sentences, size of the file.

    PYTHONPATH=. python benchmarks/report_speed.py [--mentions 50000] [--out report.html]

Makes up a corpus, writes its report, opens it in headless Chromium (playwright, extra: dev), each visit in a new
profile, and prints a table, which also goes to benchmarks/report_speed.csv. Times are medians of several visits.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.estimation import contrast, estimate
from toolkit.report import ReportContent, write_report

ACTS = {
    "click on a dot to its sentences, first":
        "document.querySelector('#figure a').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))",
    "another filter": "choose({outlet: '', actor: 'syria'})",
    "words in all sentences, first": "form.elements.vote.checked = false; choose({actor: '', words: 'ceasefire'})",
    "words in all sentences, again": "choose({words: 'convoy'})",
}  # fmt: skip
TIMED = """() => new Promise((done) => {
  const found = document.getElementById('found'), form = document.getElementById('filter');
  const choose = (values) => {
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    form.dispatchEvent(new Event('change'));
  };
  found.textContent = '';
  const start = performance.now();
  const wait = () => requestAnimationFrame(() =>
    found.textContent.includes('mention') ? done(performance.now() - start) : wait());
  ACT;
  wait();
})"""
LABELS = ("negative", "neutral", "positive")
ACTORS = ("turkey", "russia", "syria", "us", "iran")
WORDS = Path(__file__).parents[1] / "datasets" / "idlib_2020" / "articles"


def made_up(mentions: int, outlets: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Articles of some 25 sentences of real words in random order, ten mentions in each; a tenth is printed twice."""
    draw, rng = random.Random(seed), np.random.default_rng(seed)
    texts = [p.read_text("utf-8") for p in sorted(WORDS.rglob("*.txt"))] if WORDS.is_dir() else []
    words = " ".join(texts).split() or [f"word{i}" for i in range(5000)]
    words = [w.strip('.!?:;"“”') or "and" for w in words]
    articles, rows = [], []
    for a in range(mentions // 10):
        outlet = f"Outlet {a % outlets:02}"
        date = pd.Timestamp("2019-01-01") + pd.Timedelta(days=a % 700)
        story = f"s{a if a % 10 else max(a - 1, 0)}"
        text, at = "", []
        for s in range(25):
            sentence = " ".join(draw.choices(words, k=draw.randint(12, 34)))
            where = draw.randint(0, len(sentence) // 2)
            where = sentence.find(" ", where) + 1
            sentence = "The " + sentence[:where] + "Ankara " + sentence[where:] + "."
            if s % 5 < 2:
                at.append((sentence, where + 4, len(text) + where + 4))
            text += sentence + " "
        articles.append(
            {"article_id": f"a{a:06}", "outlet": outlet, "date": date, "title": f"Title of article {a} in the series",
             "text": text, "url": f"https://outlet{a % outlets}.example/{a}", "language": "en", "source_file": "x",
             "wire": None, "story_id": story, "copied": 0.0}
        )  # fmt: skip
        for k, (sentence, start, position) in enumerate(at):
            rows.append(
                {**{c: articles[-1][c] for c in ("article_id", "outlet", "date", "story_id", "wire", "copied")},
                 "mention_id": f"m{a:06}{k}", "part": "body", "surface": "Ankara",
                 "actor": ACTORS[(a + k) % len(ACTORS)],
                 "form": "capital", "reading": "actor" if k % 4 else "place", "speaker": None,
                 "voice": ("outlet", "outlet", "quoted")[k % 3], "sentence_id": f"t{a}-{k}", "sentence": sentence,
                 "start": start, "end": start + 6,
                 "position": position}
            )  # fmt: skip
    table = pd.DataFrame(rows)
    chances = rng.dirichlet((0.5, 0.8, 0.4), len(table))
    for i, name in enumerate(LABELS):
        table[f"tone_p_{name}"] = chances[:, i]
    table["tone_pred"] = np.array(LABELS)[chances.argmax(axis=1)]
    table["tone_score"] = chances[:, 2] - chances[:, 0]
    return pd.DataFrame(articles), table


def visit(playwright, path: Path, chromium: str) -> dict[str, float]:
    """One visit with a fresh profile: milliseconds."""
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=["--no-sandbox", "--disable-gpu"],
            viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        page = context.new_page()
        page.goto(path.resolve().as_uri(), wait_until="commit")
        page.wait_for_load_state("load")
        page.wait_for_timeout(1000)
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        times = {"first paint": paint, "page loaded": loaded}
        for name, act in ACTS.items():
            times[name] = page.evaluate(TIMED.replace("ACT", act))
        times["items in the page"] = page.locator("#results > li").count()
        context.close()
        return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=50_000)
    parser.add_argument("--outlets", type=int, default=16)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    articles, mentions = made_up(options.mentions, options.outlets)
    empty = pd.DataFrame({"article_id": [], "start": [], "end": [], "text": [], "reason": []}).astype(
        {"article_id": "str", "text": "str", "reason": "str"}
    )
    content = ReportContent(
        title="A large corpus", question="", config={}, articles=articles, removed=empty,
        rejected=pd.DataFrame({"source_file": [], "locator": [], "reason": []}, dtype="str"),
        mentions=mentions, summary=estimate(mentions), contrasts=contrast(mentions),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = options.out or Path(folder) / "report.html"
        began = time.process_time()
        write_report(content, path)
        took = time.process_time() - began
        rows = [("mentions", len(mentions)), ("outlets", options.outlets)]
        rows += [("file, MB", round(path.stat().st_size / 1e6, 1)), ("writing it, s of one processor", round(took, 1))]
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            raise SystemExit("no Chromium: install one, or name it in the variable CHROMIUM")
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            visits = [visit(playwright, path, chromium) for _ in range(options.visits)]
    for name in visits[0]:
        middle = round(statistics.median(v[name] for v in visits))
        rows.append((name if name.startswith("items") else f"{name}, ms", middle))
    table = pd.DataFrame([(what, str(value)) for what, value in rows], columns=["what", "value"])
    print(table.to_string(index=False))
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)


if __name__ == "__main__":
    main()
