"""How much memory and time `toolkit import` takes as an export grows.

    python benchmarks/import_memory.py [--articles 10000 100000] [--words 400] [--layouts jsonl csv ...] [--csv FILE]

Text: words of the sample corpus drawn with a fixed seed, so that no two articles are alike. Each import runs in a
process of its own, whose peak resident memory is reported. "empty" imports one article: the libraries.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
CHILD = """
import resource, sys, time
from toolkit.corpora import import_articles
started = time.perf_counter()
found = import_articles(sys.argv[1:2], sys.argv[2])
print(found.articles, found.rejected, time.perf_counter() - started,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def articles(number: int, words: int) -> Iterator[dict[str, str]]:
    text = " ".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "datasets/idlib_2020/source").glob("*.txt")))
    pool = np.array(re.findall(r"[A-Za-z][\w’'-]*[,.]?", text))
    rng = np.random.default_rng(2020)
    for i in range(number):
        body = " ".join(rng.choice(pool, words))
        yield {
            "title": f"Report {i}", "date": f"2020-{1 + i % 12:02}-{1 + i % 28:02}", "outlet": f"Outlet {i % 40}",
            "url": f"https://news.example/{i}", "text": body,
        }  # fmt: skip


def page(row: dict[str, str]) -> bytes:
    text = f"<html><head><title>{row['title']}</title><meta name='date' content='{row['date']}'></head><body><article>"
    return f"{text}<h1>{row['title']}</h1><p>{row['text']}</p></article></body></html>".encode()


def write(folder: Path, layout: str, rows: Iterator[dict[str, str]]) -> Path:
    path = folder / f"export.{layout}"
    names = ["title", "date", "outlet", "url", "text"]
    if layout == "jsonl":
        with path.open("w", encoding="utf-8") as handle:
            handle.writelines(json.dumps(row) + "\n" for row in rows)
    elif layout == "json":
        with path.open("w", encoding="utf-8") as handle:
            handle.write('{"status": "ok", "articles": [')
            handle.writelines((", " if i else "") + json.dumps(row) for i, row in enumerate(rows))
            handle.write("]}")
    elif layout == "csv":
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, names)
            writer.writeheader()
            writer.writerows(rows)
    elif layout == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        with pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in names])) as table:
            batch = []
            for row in rows:
                batch.append(row)
                if len(batch) == 10_000:
                    table.write_table(pa.Table.from_pylist(batch, table.schema))
                    batch = []
            if batch:
                table.write_table(pa.Table.from_pylist(batch, table.schema))
    elif layout == "xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("articles")
        sheet.append(names)
        for row in rows:
            sheet.append([row[name] for name in names])
        book.save(path)
    elif layout == "warc":
        path = folder / "archive" / "site.example" / "export.warc.gz"
        write_warc(path, rows)
        return path.parent.parent
    else:
        path = folder / "files"
        for i, row in enumerate(rows):
            file = path / row["outlet"] / f"{row['date']}-{i}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"Title: {row['title']}\n\n{row['text']}\n", encoding="utf-8")
    return path


def write_warc(path: Path, rows: Iterator[dict[str, str]]) -> None:
    import io

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path.parent.mkdir(parents=True)
    with path.open("wb") as handle:
        writer = WARCWriter(handle, gzip=True)
        for row in rows:
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(row["url"], "response", payload=io.BytesIO(page(row)), http_headers=headers)
            )


def measure(layout: str, number: int, words: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        path = write(Path(name), layout, articles(number, words))
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        size = sum(p.stat().st_size for p in files) / 1e6
        command = [sys.executable, "-c", CHILD, str(path), str(Path(name) / "out" / "articles.parquet")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    read, rejected, seconds, peak = done.stdout.split()
    return {
        "layout": layout, "articles": int(read), "rejected": int(rejected), "input_mb": round(size, 1),
        "seconds": round(float(seconds), 1), "peak_mib": round(float(peak)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--layouts", nargs="+", default=["jsonl", "csv", "parquet"],
                        choices=["jsonl", "json", "csv", "parquet", "xlsx", "warc", "files"])  # fmt: skip
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    rows = [{**measure("jsonl", 1, options.words), "layout": "empty"}]
    for layout in options.layouts:
        for number in options.articles:
            started = time.perf_counter()
            rows.append(measure(layout, number, options.words))
            print(f"{layout} {number}: {time.perf_counter() - started:.0f} s with making the file", file=sys.stderr)
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    if options.csv:
        table.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
