"""Time and peak memory of reading one export of n articles of about 500 words: python benchmarks/export_memory.py.

Each row is a process of its own. Writes benchmarks/export_memory.csv.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path[:0] = ["tests", "."]

from fixtures import exports as made  # noqa: E402

from toolkit.readers import READERS, Item  # noqa: E402

TEXT = tuple(f"{made.PROSE} {made.MORE} " * 3 for _ in range(5))
SIZES = (1_000, 10_000)
FORMATS = ("nexis_text", "nexis_docx", "factiva_text", "factiva_xml", "proquest")
OUT = Path("benchmarks/export_memory.csv")


def write(path, name, n):
    if name == "nexis_docx":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("word/document.xml", "w") as part,
        ):
            part.write(f'<w:document xmlns:w="{made._W}"><w:body>{made.docx_cover(n)}'.encode())
            for number in range(1, n + 1):
                part.write(made.docx_item(number, text=TEXT).encode())
            part.write(b"</w:body></w:document>")
        return
    with path.open("w", encoding="utf-8") as handle:
        if name == "factiva_xml":
            handle.write(made.factiva_xml(()).removesuffix("</ns:r>"))
        handle.write(made.RULE if name == "proquest" else "")
        for number in range(1, n + 1):
            if name == "nexis_text":
                handle.write(made.nexis_item(number, n, text=TEXT))
            elif name == "proquest":
                handle.write(made.proquest_record(number, text=TEXT) + made.RULE)
            elif name == "factiva_text":
                handle.write(made.factiva_plain(numbers=(number,)).replace(made.PROSE, "\n\n".join(TEXT)))
            else:
                page = made.factiva_xml((number,)).removesuffix("</ns:r>")
                more = "</ns:paragraph><ns:paragraph>".join(TEXT)
                handle.write(page[page.index("<ns:article>") :].replace(made.MORE, more))
        handle.write("</ns:r>" if name == "factiva_xml" else "")


def measure(name, n):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export{made.SUFFIX[name]}"
        write(path, name, n)
        start = time.perf_counter()
        found = sum(isinstance(entry, Item) for entry in READERS[name].read(path, path.name, None))
        seconds = time.perf_counter() - start
        size = path.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [name, n, found, f"{size:.1f}", f"{seconds:.1f}", f"{peak:.0f}"]


def main():
    rows = [["reader", "articles", "read", "file_mb", "seconds", "peak_mb"]]
    for name in FORMATS:
        for n in SIZES:
            command = [sys.executable, __file__, name, str(n)]
            rows.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
            print(*rows[-1])
    with OUT.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(*measure(sys.argv[1], int(sys.argv[2])))
    else:
        main()
