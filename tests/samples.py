"""A small good file for each reader whose format is more than text, and the makers of such files."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from docx import Document
from openpyxl import Workbook

PROSE = "Turkey warned Syria on Friday that its patience was at an end."
PAGE = (
    f"<html><head><title>Ankara warns</title></head><body><article><h1>Ankara warns</h1><p>{PROSE}</p>"
    f"<p>{PROSE.replace('Friday', 'Monday')}</p></article></body></html>"
)


def newsapi(**changes):
    article = {
        "source": {"id": "bbc-news", "name": "BBC News"}, "author": "A. Reporter", "title": "Ankara warns",
        "description": "Ankara warned.", "url": "https://news.example/1", "urlToImage": None,
        "publishedAt": "2020-02-28T18:40:00Z", "content": f"{PROSE} Damascus… [+3214 chars]",
    }  # fmt: skip
    return {"status": "ok", "totalResults": 1, "articles": [article | changes]}


def newsplease(**changes):
    return {
        "authors": ["A. Reporter", "B. Writer"], "date_download": "2020-03-01 10:00:00", "date_modify": "None",
        "date_publish": "2020-02-28 18:40:00", "description": "None", "filename": "x.html.json", "image_url": "None",
        "language": "en", "localpath": "None", "maintext": PROSE, "source_domain": "www.bbc.co.uk", "text": "None",
        "title": "Ankara warns", "title_page": "None", "title_rss": "None", "url": "https://www.bbc.co.uk/news/1",
    } | changes  # fmt: skip


def fundus(**changes):
    return {
        "title": "Ankara warns", "plaintext": PROSE, "authors": ["A. Reporter"], "topics": [], "lang": "en",
        "publishing_date": "2020-02-28 18:40:00+00:00",
        "body": {"summary": ["In short."], "sections": [{"headline": ["Talks"], "paragraphs": [PROSE, "It did."]}]},
        "html": {"requested_url": "https://x.example/1", "source_info": {"publisher": "The Courier"}},
    } | changes  # fmt: skip


def warc_record(kind, headers, body):
    named = {"WARC-Type": kind, "WARC-Record-ID": "<urn:uuid:1>", "WARC-Date": "2020-03-01T00:00:00Z", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"WARC/1.0\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def warc(pages, *, packed=True, **headers):
    """A web archive; pages are (url, status, content type, bytes)."""
    records = [warc_record("warcinfo", {"Content-Type": "application/warc-fields"}, b"software: test\r\n")]
    for url, status, kind, body in pages:
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        about = {"WARC-Target-URI": url, "Content-Type": "application/http; msgtype=response", **headers}
        records.append(warc_record("response", about, answer))
    return b"".join(gzip.compress(record, mtime=0) if packed else record for record in records)


def parquet(table, **options):
    out = io.BytesIO()
    pq.write_table(pa.table(table), out, **options)
    return out.getvalue()


def xlsx(*sheets):
    """A workbook; a sheet is a list of rows, or a name with one."""
    book = Workbook()
    book.remove(book.active)
    for number, sheet in enumerate(sheets, 1):
        name, rows = sheet if isinstance(sheet, tuple) else (f"Sheet{number}", sheet)
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def docx(*lines):
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(*pages):
    """A PDF whose pages hold these lines; a page without any is a scanned one."""
    bodies = []
    for page in pages:
        shown = "".join(f"({line.translate({40: None, 41: None, 92: None})}) Tj T* " for line in page)
        bodies.append(f"BT /F1 12 Tf 14 TL 50 750 Td {shown}ET".encode("cp1252"))
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, body in enumerate(bodies):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * i} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


SUFFIX = {
    "newsapi": ".json", "newsplease": ".json", "fundus": ".json", "mediacloud": ".csv", "warc": ".warc.gz",
    "parquet": ".parquet", "xlsx": ".xlsx", "docx": ".docx", "pdf": ".pdf",
}  # fmt: skip
TEXT = {
    "newsapi": json.dumps(newsapi(), indent=1, ensure_ascii=False),
    "newsplease": json.dumps(newsplease(), ensure_ascii=False),
    "fundus": json.dumps(fundus(), ensure_ascii=False) + "\n",
    "mediacloud": "id,indexed_date,language,media_name,media_url,publish_date,title,url,text\n"
    f"1,2020-03-01,en,BBC,bbc.co.uk,2020-02-28,Ankara warns,https://www.bbc.co.uk/1,{PROSE}\n",
}
BINARY = {
    "warc": warc([("https://x.example/1", "200 OK", "text/html; charset=utf-8", PAGE.encode())]),
    "parquet": parquet({"title": ["Ankara warns"], "text": [PROSE]}),
    "xlsx": xlsx([["title", "text"], ["Ankara warns", PROSE]]),
    "docx": docx("Ankara warns", "", PROSE),
    "pdf": pdf(["Ankara warns", "", PROSE]),
}
