"""A small sample to code, with what is hard for a spreadsheet: ids like numbers and dates, text like formulas.

The exports in ``fixtures/annotation`` are those of these sentences, coded by two coders in Label Studio 1.23.2 and
doccano 1.8.4 on one machine.
"""

import pandas as pd

from toolkit.annotation.sample import Sample
from toolkit.codebook import load_codebook

TONE = load_codebook()["tone"]
SENTENCES = {
    "m00a1c3": ("Ankara kept its word, and the convoy came through.", "Ankara"),
    "m00b2d4": ("On Monday Turkish forces shelled positions near the town.", "Turkish"),
    "m00c3e5": ("Türkiye'nin sözü: “Moscow lied again,” the mayor said.", "Moscow"),
    "m00d4f6": ("=SUM(A1:A9) is what Damascus calls an apology.", "Damascus"),
    "m00e5a7": ("-7 degrees, and the Syrian army still keeps the road closed.", "Syrian army"),
    "m00f6b8": ("Москва предупредила, и NATO ответила.", "NATO"),
    "m0107c9": ('<b onclick="x()">Brussels</b> & others "welcomed" it.', "Brussels"),
    "0042": ("The UN asked both sides to stop.", "UN"),
    "12E5": ("@noon the regime bombed a hospital and called it a base.", "regime"),
    "3-4": ("+++ Moscow brought the two sides to the table +++", "Moscow"),
    "m0208da": ("First line of it,\nand Ankara in the second; with, separators\tin it.", "Ankara"),
    "m0309eb": ("حذرت أنقرة موسكو Moscow من الهجوم.", "Moscow"),
    "m040afc": ("Nobody believed what Damascus said.", "Damascus"),
    "m050b0d": ("The ministers of Russia will meet next week.", "Russia"),
    "m060c1e": ("'=quoted' is how Athens put it.", "Athens"),
    "m070d2f": ("Berlin paid, Paris praised.", "Paris"),
}
"""Mention -> sentence and target."""


def mentions(**columns):
    """The mentions, with all that coders must not see."""
    rows = [
        {
            "mention_id": key, "article_id": "a1", "part": "title", "position": pd.NA, "sentence": text,
            "start": text.index(target), "end": text.index(target) + len(target), "outlet": "The Secret Courier",
            "actor": "secret_actor", "date": pd.Timestamp("2020-02-28"), "tone_pred": "positive", "tone_score": 0.777,
            "voice": "outlet", "before": "It snowed.", "after": "",
        }
        for key, (text, target) in SENTENCES.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**columns)


def sample(task="tone", **columns):
    """The sample; one mention of its frame, m0, was not drawn."""
    table = mentions(**columns)
    ids = ["m0frame", *table["mention_id"]]
    frame = pd.DataFrame(
        {
            "mention_id": ids,
            "stratum": "all",
            "probability": 0.5,
            "drawn": [False] + [True] * len(table),
            "cluster": "s",
        }
    )
    return Sample(task, frame, table, {"task": task, "seed": 7})


def labels(coder, task=TONE):
    """What a coder says of each mention: the same for all but every fifth."""
    shift = 0 if coder == "anna" else 1
    return {key: task.labels[(i + shift * (i % 5 == 0)) % 3] for i, key in enumerate(SENTENCES)}
