"""Make articles/ and truth/ from source/ (see GUIDE.md).

python3 build.py                  write articles/ and truth/
python3 build.py --check FILE...  report faults and counts of source files
python3 build.py --blind N OUT    write a blind sheet: every N-th article, mentions marked, labels left out

Needs the standard library and PyYAML; imports nothing of the toolkit, so that the truth cannot lean on it.
"""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import yaml

HERE = Path(__file__).resolve().parent
ACTORS = "turkey russia syria us nato un eu greece iran syrian_opposition hts".split()
REASONS = (
    "disclaimer paywall price newsletter related share caption live credit copyright author cookie repeat comments"
).split()
AGENCIES = {"MPA": "Meridian Press Agency", "NLN": "Northline News"}
MARK = re.compile(r"\[\[([^\[\]|]+)\|([a-z_]+)(?:\|([^\[\]|]*))?\]\]")
NAMES = re.compile(
    r"\b(Turkey|Türkiye|Turkish|Turks?|Ankara|Erdo[gğ]an|Russians?|Russia|Moscow|Kremlin|Putin|Syrians?|Syria|Damascus|Assad|"
    r"NATO|UN|U\.N\.|United Nations|EU|European Union|Greeks?|Greece|Athens|Iranians?|Iran|Tehran|Washington|U\.S\.|US|"
    r"United States|Americans?|Pentagon|White House|[Rr]ebels?|[Ii]nsurgents?|[Oo]pposition fighters?|Syrian National Army|"
    r"Hayat Tahrir al-Sham|HTS|Nusra|regime)\b"
)


class SourceError(Exception):
    """A fault in a source file, with the place."""


@dataclass(frozen=True)
class Mention:
    start: int
    end: int
    surface: str
    actor: str
    reading: str
    voice: str
    speaker: str
    tone: str


@dataclass
class Line:
    """One line of a page: body text (reason empty) or furniture."""

    text: str
    mentions: list[Mention] = field(default_factory=list)
    reason: str = ""


@dataclass
class Article:
    outlet: str
    slug: str
    date: str
    event: str
    title: Line
    byline: str
    lines: list[Line]
    story: str
    wire: str = ""
    credit: str = ""
    kind: str = "own"

    @property
    def body(self) -> list[Line]:
        return [line for line in self.lines if not line.reason]


def parse_line(raw: str, where: str) -> Line:
    """Text with [[words|actor|labels]] to plain text and mentions."""
    out, mentions, last, length = [], [], 0, 0
    for match in MARK.finditer(raw):
        plain = raw[last : match.start()]
        out.append(plain)
        length += len(plain)
        words, actor, labels = match.group(1), match.group(2), (match.group(3) or "").split()
        if actor not in ACTORS:
            raise SourceError(f"{where}: unknown actor {actor!r} in {match.group(0)}")
        reading, voice, speaker, tone = "actor", "outlet", "", "neutral"
        for label in labels:
            if label == "p":
                reading = "place"
            elif label in "+-":
                tone = {"+": "positive", "-": "negative"}[label]
            elif label[:2] in ("q:", "r:"):
                voice = {"q": "quoted", "r": "reported"}[label[0]]
                speaker = label[2:]
                if speaker not in [*ACTORS, "other"]:
                    raise SourceError(f"{where}: unknown speaker {speaker!r} in {match.group(0)}")
            else:
                raise SourceError(f"{where}: unknown label {label!r} in {match.group(0)}")
        if reading == "place" and tone != "neutral":
            raise SourceError(f"{where}: a place with a tone: {match.group(0)}")
        out.append(words)
        mentions.append(Mention(length, length + len(words), words, actor, reading, voice, speaker, tone))
        length += len(words)
        last = match.end()
    out.append(raw[last:])
    text = "".join(out)
    if "[[" in text or "]]" in text:
        raise SourceError(f"{where}: broken mark in {raw[:120]!r}")
    return Line(text, mentions)


def parse_file(path: Path) -> list[dict]:
    """The blocks of a source file: kind, header fields, lines."""
    blocks = []
    chunks = re.split(r"^=== (article|dispatch|print)[ \t]*$", path.read_text(encoding="utf-8"), flags=re.M)
    for kind, chunk in zip(chunks[1::2], chunks[2::2], strict=True):
        head, found, tail = chunk.partition("\n---")
        where = f"{path.name}: {kind} {head.strip()[:60]!r}"
        if not found:
            raise SourceError(f"{where}: no line '---' after the header")
        fields = {}
        for line in head.strip().splitlines():
            key, colon, value = line.partition(":")
            if not colon:
                raise SourceError(f"{where}: header line without colon: {line!r}")
            fields[key.strip()] = value.strip()
        lines = []
        for raw in tail.splitlines():
            raw = raw.strip()
            if not raw:
                continue
            if raw.startswith("%%"):
                reason, colon, text = raw[2:].strip().partition(":")
                if reason.strip() not in REASONS or not text.strip():
                    raise SourceError(f"{where}: unknown or empty furniture: {raw!r}")
                if "[[" in text:
                    raise SourceError(f"{where}: furniture carries no mentions: {raw!r}")
                lines.append(Line(text.strip(), reason=reason.strip()))
            else:
                lines.append(Line(raw) if raw == "@@dispatch" else parse_line(raw, where))
        blocks.append({"kind": kind, "fields": fields, "lines": lines, "where": where})
    return blocks


def need(block: dict, *keys: str) -> list[str]:
    for key in keys:
        if not block["fields"].get(key):
            raise SourceError(f"{block['where']}: header lacks {key!r}")
    return [block["fields"][key] for key in keys]


def shift(line: Line, prefix: Line) -> Line:
    """`line` with `prefix` put before it."""
    n = len(prefix.text)
    moved = [Mention(m.start + n, m.end + n, *list(vars(m).values())[2:]) for m in line.mentions]
    return Line(prefix.text + line.text, prefix.mentions + moved)


def to_article(block: dict) -> Article:
    slug, outlet, date, event, title = need(block, "slug", "outlet", "date", "event", "title")
    byline = block["fields"].get("byline", "")
    return Article(
        outlet, slug, date, event, parse_line(title, block["where"]), byline, block["lines"], f"{outlet}/{slug}"
    )


def to_print(block: dict, dispatches: dict[str, dict]) -> Article:
    name, outlet, slug, date = need(block, "dispatch", "outlet", "slug", "date")
    if name not in dispatches:
        raise SourceError(f"{block['where']}: unknown dispatch {name!r}")
    source = dispatches[name]
    wire, event, agency_title, dateline = need(source, "wire", "event", "title", "dateline")
    credit = block["fields"].get("credit", "none").split()
    unknown = set(credit) - {"dateline", "byline", "tail", "none"}
    if unknown:
        raise SourceError(f"{block['where']}: unknown credit {sorted(unknown)}")
    paragraphs = [line for line in source["lines"] if not line.reason]
    first, _, last = (block["fields"].get("keep") or f"1-{len(paragraphs)}").partition("-")
    kept = paragraphs[int(first) - 1 : int(last or first)]
    if "dateline" in credit:
        kept = [shift(kept[0], parse_line(dateline + " - ", source["where"])), *kept[1:]]
    if "tail" in credit:
        kept = [*kept, Line(f"Source: {AGENCIES[wire]}", reason="credit")]
    if not any(line.text == "@@dispatch" for line in block["lines"]):
        raise SourceError(f"{block['where']}: no line @@dispatch")
    lines, added = [], False
    for line in block["lines"]:
        if line.text == "@@dispatch":
            lines.extend(kept)
        else:
            lines.append(line)
            added = added or not line.reason
    retitled = bool(block["fields"].get("title"))
    title = parse_line(block["fields"].get("title") or agency_title, block["where"])
    byline = AGENCIES[wire] if "byline" in credit else block["fields"].get("byline", "")
    kind = "+".join(
        [
            "trimmed" if len(kept) - ("tail" in credit) < len(paragraphs) else "whole",
            *(["retitled"] if retitled else []),
            *(["prepended"] if added else []),
        ]
    )
    return Article(outlet, slug, date, event, title, byline, lines, name, wire, " ".join(credit), kind)


def load(paths: list[Path]) -> list[Article]:
    blocks = [block for path in paths for block in parse_file(path)]
    dispatches = {need(b, "id")[0]: b for b in blocks if b["kind"] == "dispatch"}
    articles = [
        to_article(b) if b["kind"] == "article" else to_print(b, dispatches) for b in blocks if b["kind"] != "dispatch"
    ]
    slugs = Counter((a.outlet, a.slug) for a in articles)
    twice = [key for key, n in slugs.items() if n > 1]
    if twice:
        raise SourceError(f"slugs used twice: {twice}")
    return sorted(articles, key=lambda a: (a.outlet, a.date, a.slug))


def words(article: Article) -> int:
    return sum(len(line.text.split()) for line in article.body)


def url(article: Article, outlets: dict) -> str:
    domain = outlets[article.outlet]["domain"]
    return f"https://{domain}/{article.date.replace('-', '/')}/{quote(article.slug)}"


# What the archive holds -----------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} | {name}</title>
<link rel="canonical" href="{url}">
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="{name}">
<meta property="og:url" content="{url}">
<meta property="article:published_time" content="{date}T{hour:02d}:15:00+00:00">
<meta name="author" content="{byline}">
</head>
<body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/business">Business</a></li>
<li><a href="/opinion">Opinion</a></li><li><a href="/video">Video</a></li></ul></nav></header>
<main>
<article>
<h1>{title}</h1>
<p class="byline">{byline_line}</p>
{body}
</article>
<aside><h3>Most read</h3><ol><li><a href="/1">Ten things to know before the markets open</a></li>
<li><a href="/2">The week in pictures</a></li></ol></aside>
</main>
<footer><p>About us | Contact | Privacy policy | Terms of use</p></footer>
</body>
</html>
"""


def page_line(line: Line) -> str:
    text = html.escape(line.text, quote=False)
    if line.reason == "caption":
        return f'<figure><img src="/pictures/lead.jpg" alt=""><figcaption>{text}</figcaption></figure>'
    if line.reason == "related":
        return f'<p class="related"><a href="/related">{text}</a></p>'
    if line.reason == "share":
        return f'<div class="share-bar"><p>{text}</p></div>'
    return f"<p>{text}</p>"


def write_html(folder: Path, articles: list[Article], outlets: dict) -> None:
    for a in articles:
        e = html.escape
        byline = a.byline or outlets[a.outlet]["name"]
        page = PAGE.format(
            title=e(a.title.text), name=e(outlets[a.outlet]["name"]), url=url(a, outlets), date=a.date,
            hour=len(a.slug) % 24, byline=e(byline), byline_line=e(f"By {byline}", quote=False),
            body="\n".join(page_line(line) for line in a.lines),
        )  # fmt: skip
        (folder / f"{a.date}-{a.slug}.html").write_text(page, encoding="utf-8", newline="\n")


def write_text(folder: Path, articles: list[Article], outlets: dict) -> None:
    for a in articles:
        head = [f"Title: {a.title.text}", f"Date: {a.date}", f"URL: {url(a, outlets)}"]
        head += [f"Byline: {a.byline}"] if a.byline else []
        text = "\n".join(head) + "\n\n" + "\n\n".join(line.text for line in a.lines) + "\n"
        (folder / f"{a.date}-{a.slug}.txt").write_text(text, encoding="utf-8", newline="\n")


def write_csv(folder: Path, articles: list[Article], outlets: dict) -> None:
    with (folder / "articles.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["published", "headline", "author", "body", "link"])
        for a in articles:
            body = "\n".join(line.text for line in a.lines)
            writer.writerow([a.date, a.title.text, a.byline, body, url(a, outlets)])


def write_jsonl(folder: Path, articles: list[Article], outlets: dict) -> None:
    with (folder / "articles.jsonl").open("w", encoding="utf-8", newline="\n") as handle:
        for a in articles:
            row = {
                "published_at": f"{a.date}T{len(a.slug) % 24:02d}:40:00+03:00", "headline": a.title.text,
                "byline": a.byline, "content": "\n\n".join(line.text for line in a.lines), "link": url(a, outlets),
            }  # fmt: skip
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")


WRITERS = {"html": write_html, "text": write_text, "csv": write_csv, "jsonl": write_jsonl}


# The truth --------------------------------------------------------------------------------------------------------------


def write_rows(path: Path, columns: list[str], rows: list[list]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def body_text(article: Article) -> tuple[str, list[Mention]]:
    """Paragraphs joined by a blank line, and the mentions at their place in it."""
    text, mentions = "", []
    for line in article.body:
        text += "\n\n" if text else ""
        mentions += shift(Line("", line.mentions), Line(text)).mentions
        text += line.text
    return text, mentions


def write_truth(folder: Path, articles: list[Article], outlets: dict) -> None:
    rows, removed, mentions, bodies = [], [], [], []
    for a in articles:
        key = url(a, outlets)
        text, found = body_text(a)
        bodies.append(json.dumps({"url": key, "body": text}, ensure_ascii=False))
        rows.append([key, outlets[a.outlet]["name"], a.date, a.title.text, a.event, a.story, a.wire, a.credit, a.kind])
        removed += [[key, line.reason, line.text] for line in a.lines if line.reason]
        for part, items in (("title", a.title.mentions), ("body", found)):
            mentions += [[key, part, *vars(m).values()] for m in items]
    write_rows(
        folder / "articles.csv",
        ["url", "outlet", "date", "title", "event", "story", "wire", "credit", "kind"],
        rows,
    )
    write_rows(folder / "removed.csv", ["url", "reason", "text"], removed)
    write_rows(
        folder / "mentions.csv",
        ["url", "part", "start", "end", "surface", "actor", "reading", "voice", "speaker", "tone"],
        mentions,
    )
    (folder / "bodies.jsonl").write_text("\n".join(bodies) + "\n", encoding="utf-8", newline="\n")
    write_tone(folder, articles, outlets)


END = re.compile(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])|\n+")
NO_END = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|St|vs|No)|\b[A-Z])\.$")


def sentences(text: str) -> list[tuple[int, int]]:
    """Where sentences stand; by a plain rule, so that the truth does not lean on the toolkit's own."""
    found, start = [], 0
    for match in END.finditer(text):
        end = match.start() + len(match.group().rstrip())
        if not NO_END.search(text[start:end]):
            found.append((start, end))
            start = match.end()
    return [(a, b) for a, b in [*found, (start, len(text))] if a < b]


def write_tone(folder: Path, articles: list[Article], outlets: dict) -> None:
    """Mentions read as actors in their sentences, as labelled data: in the outlet's own words, and in others'."""
    rows: dict[str, list[str]] = {"own": [], "spoken": []}
    for a in articles:
        body, found = body_text(a)
        for part, text, items in (("title", a.title.text, a.title.mentions), ("body", body, found)):
            places = [(0, len(text))] if part == "title" else sentences(text)
            for m in items:
                if m.reading == "place":
                    continue
                start, end = next((x, y) for x, y in places if x <= m.start < y)
                row = {
                    "sentence": text[start:end], "start": m.start - start, "end": min(m.end, end) - start,
                    "label": m.tone, "group": a.story, "outlet": outlets[a.outlet]["name"], "actor": m.actor,
                    "voice": m.voice, "url": url(a, outlets),
                }  # fmt: skip
                rows["own" if m.voice == "outlet" else "spoken"].append(json.dumps(row, ensure_ascii=False))
    for name, lines in rows.items():
        (folder / f"tone_{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def build(target: Path = HERE) -> None:
    """Write articles/ and truth/ below `target`."""
    outlets = yaml.safe_load((HERE / "outlets.yaml").read_text(encoding="utf-8"))
    articles = load(sorted((HERE / "source").glob("*.txt")))
    for name in ("articles", "truth"):
        shutil.rmtree(target / name, ignore_errors=True)
    for outlet, facts in outlets.items():
        folder = target / "articles" / outlet
        folder.mkdir(parents=True)
        WRITERS[facts["format"]](folder, [a for a in articles if a.outlet == outlet], outlets)
    (target / "truth").mkdir()
    write_truth(target / "truth", articles, outlets)


# For the authors --------------------------------------------------------------------------------------------------------


def check(paths: list[Path]) -> None:
    blocks = [block for path in paths for block in parse_file(path)]
    dispatches = HERE / "source" / "dispatches.txt"
    if any(b["kind"] == "print" for b in blocks) and dispatches not in [p.resolve() for p in paths]:
        paths = [*paths, dispatches]
    articles = load(paths)
    units = [(a.outlet, a.slug, a.event, words(a), [a.title, *a.body]) for a in articles]
    units += [
        (b["fields"].get("wire", ""), b["fields"].get("id", ""), b["fields"].get("event", ""),
         sum(len(x.text.split()) for x in b["lines"]), [parse_line(b["fields"].get("title", ""), b["where"]), *b["lines"]])
        for b in blocks if b["kind"] == "dispatch"
    ]  # fmt: skip
    counts: Counter = Counter()
    for outlet, slug, _event, n, lines in units:
        if not 150 <= n <= 500:
            print(f"LENGTH {outlet}/{slug}: {n} words")
        for line in lines:
            inside = [(m.start, m.end) for m in line.mentions]
            for match in NAMES.finditer(line.text):
                if not any(s < match.end() and match.start() < e for s, e in inside):
                    context = line.text[max(0, match.start() - 40) : match.end() + 40]
                    print(f"UNMARKED {outlet}/{slug}: {match.group(0)!r} in ...{context}...")
            for m in line.mentions:
                if m.actor in ("turkey", "russia", "syria"):
                    counts[outlet, m.actor, "place" if m.reading == "place" else f"{m.voice}", m.tone] += 1
    events: dict[str, set] = {}
    for outlet, _slug, event, _n, _lines in units:
        events.setdefault(outlet, set()).add(event)
    for outlet in sorted(events):
        mine = [u for u in units if u[0] == outlet]
        print(f"\n{outlet}: {len(mine)} texts, {sum(u[3] for u in mine)} words, {len(events[outlet])} events")
        for actor in ("turkey", "russia", "syria"):
            for voice in ("outlet", "quoted", "reported", "place"):
                n = [counts[outlet, actor, voice, tone] for tone in ("negative", "neutral", "positive")]
                print(f"  {actor:7} {voice:9} negative {n[0]:3} neutral {n[1]:3} positive {n[2]:3}")


def blind(step: int, out: Path) -> None:
    """Every step-th article with numbered mentions and no labels, for a second pass."""
    outlets = yaml.safe_load((HERE / "outlets.yaml").read_text(encoding="utf-8"))
    articles = load(sorted((HERE / "source").glob("*.txt")))
    order = sorted(articles, key=lambda a: (a.event, a.outlet, a.slug))[::step]
    pages = []
    for a in order:
        number, lines = 0, []
        for line in [a.title, *a.body]:
            out_line, last = "", 0
            for m in line.mentions:
                number += 1
                out_line += line.text[last : m.start] + f"[{number}:{m.surface}|{m.actor}]"
                last = m.end
            lines.append(out_line + line.text[last:])
        pages.append(f"### {url(a, outlets)}\n" + "\n\n".join(lines) + "\n")
    out.write_text("\n".join(pages), encoding="utf-8")
    print(f"{len(order)} articles -> {out}")


if __name__ == "__main__":
    try:
        if sys.argv[1:2] == ["--check"]:
            check([Path(p) for p in sys.argv[2:]])
        elif sys.argv[1:2] == ["--blind"]:
            blind(int(sys.argv[2]), Path(sys.argv[3]))
        elif not sys.argv[1:]:
            build()
        else:
            sys.exit(__doc__)
    except SourceError as error:
        sys.exit(str(error))
