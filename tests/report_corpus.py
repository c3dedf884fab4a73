"""A small corpus with scores, the content of a report about it, and what reads such a report."""

import base64
import json
import zlib

import numpy as np
import pandas as pd
from lxml import html as lxml_html

from toolkit.estimation import contrast, estimate
from toolkit.report import Figure, ReportContent
from toolkit.tables import SCHEMAS

OUTLETS = ["The Aegean Ledger", "Volga Dispatch", "The Barada Post"]
LABELS = ("negative", "neutral", "positive")
NASTY = [
    "<script>alert(1)</script>", "{{ 7 * 7 }}", "{% raw %}", "</script><img src=x onerror=alert(1)>", "a\u202eb",
    "a\x00b", "<!--", "]]>", "&lt;b&gt;", "\u2028", "'\"><svg onload=alert(1)>",
]  # fmt: skip


def corpus(seed=0, stories=14, outlets=OUTLETS, actors=("turkey", "russia"), per=4):
    rng = np.random.default_rng(seed)
    articles, mentions = [], []
    for o, outlet in enumerate(outlets):
        for s in range(stories):
            shared = s < 3
            article = f"a{o:02}{s:03}"
            date = pd.Timestamp("2020-02-01") + pd.Timedelta(days=int(s))
            articles.append(
                {"article_id": article, "outlet": outlet, "date": date, "title": f"Title {o} {s}", "text": "x" * 50,
                 "url": f"https://outlet{o}.example/{s}", "language": "en", "source_file": f"{o}/{s}.txt",
                 "wire": "MPA" if shared else None, "story_id": f"s{s}" if shared else f"s{o}-{s}",
                 "copied": 0.9 if shared and o else 0.0}
            )  # fmt: skip
            for k in range(per):
                for actor in actors:
                    shift = {"turkey": 0.5, "russia": -0.2}.get(actor, 0) * (o - 1)
                    score = float(np.tanh(shift + rng.normal(0, 0.4)))
                    chance = np.array([max(-score, 0), 1 - abs(score), max(score, 0)])
                    sentence = f"On day {k} of story {s if shared else (o, s)} Ankara warned again."
                    start = sentence.index("Ankara")
                    mentions.append(
                        {**{c: articles[-1][c] for c in ("article_id", "outlet", "date", "story_id", "wire", "copied")},
                         "mention_id": f"m-{article}-{actor}-{k}", "part": "body", "actor": actor, "surface": "Ankara",
                         "form": "capital", "reading": "actor", "voice": "quoted" if k == 3 else "outlet",
                         "speaker": "russia" if k == 3 else None, "sentence_id": f"t{k}", "sentence": sentence,
                         "start": start, "end": start + 6, "position": 10 * k,
                         "tone_pred": LABELS[int(chance.argmax())], "tone_score": score,
                         **{f"tone_p_{name}": chance[i] for i, name in enumerate(LABELS)}}
                    )  # fmt: skip
    tables = []
    for rows, name in ((articles, "articles"), (mentions, "mentions")):
        table = pd.DataFrame(rows)
        table["date"] = table["date"].astype("datetime64[us]")
        tables.append(
            table[[*(c for c in SCHEMAS[name] if c in table), *(c for c in table.columns if c.startswith("tone_"))]]
        )
    return tables


def content(articles=None, mentions=None, **changes):
    if articles is None:
        articles, mentions = corpus()
    removed = pd.DataFrame(
        {"article_id": ["a00000", "a00001", "a00002"], "start": 0, "end": 9,
         "text": ["Subscribe", "Subscribe", "Read more"], "reason": ["paywall", "paywall", "related"]}
    )  # fmt: skip
    rejected = pd.DataFrame({"source_file": ["broken.html"], "locator": [None], "reason": ["no text was found"]})
    values = {
        "title": "How three outlets portrayed Ankara", "question": "Do they differ?", "config": {"seed": 1},
        "articles": articles,
        "removed": removed, "rejected": rejected, "mentions": mentions, "summary": estimate(mentions),
        "contrasts": contrast(mentions), "facts": {"seed": 1, "packages": {"numpy": "2.4"}},
        "labels": {"turkey": "Ankara", "russia": "Moscow"},
        "figures": [Figure("tone_by_outlet", "<svg xmlns='http://www.w3.org/2000/svg'/>", "A plot: −0.30.", "Tone")],
        **changes,
    }  # fmt: skip
    return ReportContent(**values)


def parse(text):
    return lxml_html.document_fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True))


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
