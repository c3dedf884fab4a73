"""What textacy's direct_quotations finds on PolNeAR's development articles, for voices_accuracy.py --library.

    python benchmarks/voices_textacy.py OUT.jsonl [--model en_core_web_sm] [--data FOLDER] [--split dev]

Runs in an environment of its own with textacy, spaCy and one of its English models; the toolkit is not needed. It
refuses a text whose quotation marks do not pair up; such an article is given to it paragraph by paragraph, and
paragraphs that it refuses too are left out.
"""

import argparse
import json
import os
import re
import time
from pathlib import Path

import spacy
from textacy import extract


def quotations(nlp, text: str, at: int) -> list[list]:
    """Start, end, and start and end of the speaker of each quotation; `at` is where the text begins."""
    found = []
    for quote in extract.direct_quotations(nlp(text)):
        speaker = [None, None]
        if quote.speaker:
            speaker = [at + quote.speaker[0].idx, at + quote.speaker[-1].idx + len(quote.speaker[-1])]
        found.append([at + quote.content.start_char, at + quote.content.end_char, *speaker])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="en_core_web_sm")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TOOLKIT_DATA", "")) / "polnear")
    parser.add_argument("--split", default="dev")
    options = parser.parse_args()
    nlp = spacy.load(options.model)
    began, size, refused, paragraphs = time.monotonic(), 0, 0, 0
    with (options.data / f"{options.split}.jsonl").open(encoding="utf-8") as source, options.out.open("w") as out:
        for row in map(json.loads, source):
            text = row["text"]
            size += len(text.encode())
            try:
                spans = quotations(nlp, text, 0)
            except ValueError:
                refused += 1
                spans = []
                for match in re.finditer(r"[^\n]+", text):
                    try:
                        spans += quotations(nlp, match.group(), match.start())
                    except ValueError:
                        paragraphs += 1
            out.write(json.dumps({"id": row["id"], "spans": spans}) + "\n")
    seconds = time.monotonic() - began
    print(f"{refused} articles refused and read by paragraph, {paragraphs} paragraphs refused; "
          f"{size / 1e6:.2f} MB in {seconds:.0f} s, {size / 1e6 / seconds * 60:.2f} MB a minute")  # fmt: skip


if __name__ == "__main__":
    main()
