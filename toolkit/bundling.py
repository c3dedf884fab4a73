"""A replication package: all that a run's numbers rest on, without the texts that may not be passed on."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from toolkit.errors import InputError
from toolkit.experiment.spec import find_path
from toolkit.files import to_json, write_atomically
from toolkit.stories.shingles import shingle, words_of
from toolkit.tables import SCHEMAS
from toolkit.verification import read_facts

__all__ = ["SIGNATURE", "bundle_run", "signature", "text_hash"]

SIGNATURE = 64
"""5-grams of an article whose hashes are kept, to recognise a slightly other version of it."""
WORDS = 5
"""So many words of an article in a row are text, and stand nowhere in a bundle."""
_DATE = (1980, 1, 1, 0, 0, 0)
_ARTICLES = ("article_id", "outlet", "date", "language", "wire", "story_id", "copied", "truncated")
_NO_TEXT = ("sentence", "before", "after", "context", "title", "text")
"""Columns of mentions that hold text of articles."""
_FOLDERS = ("tables/", "figures/", "quality/")
_FILES = ("summary.csv", "contrasts.csv", "numbers.json", "numbers.tex")
_COPIED = (".csv", ".json", ".tex", ".md", ".svg", ".pdf", ".png", ".txt", ".docx")
MAKES = {
    "summary.csv": "the estimates", "contrasts.csv": "the differences between outlets",
    "numbers.json": "every number that a text may quote, by name",
    "tables/": "each table as CSV, LaTeX, Markdown and DOCX",
    "numbers.tex": "the same numbers as LaTeX commands",
    "quality/": "what the numbers rest on: swap audit, and accuracy and agreement where a sample was coded",
    "figures/": "each figure, with its description in words",
    "mentions.csv": "the scored mentions behind the estimates",
    "articles.csv": "the articles: hashes in place of texts", "removed.csv": "where page furniture was taken out",
    "config.yaml": "the experiment with every default", "environment.json": "versions, processor, hashes of code",
    "manifest.json": "the SHA-256 of every file here",
    "lexicon/": "the actors that were added", "gold/gold.csv": "the labels that coders settled on",
    "gold/frame.csv": "from what, and how probably, mentions were drawn",
    "gold/annotations.csv": "what each coder said",
}  # fmt: skip


def text_hash(text: str) -> str:
    r"""The SHA-256 of a text's words: without letter case, accents, punctuation and line breaks.

    Examples
    --------
    >>> text_hash("Ankara warned\nDamascus.") == text_hash("ANKARA warned Damascus")
    True
    """
    return hashlib.sha256(" ".join(words_of(text)).encode("utf-8", "replace")).hexdigest()


def signature(text: str) -> np.ndarray:
    """The smallest 64 hashes of a text's 5-grams: enough to tell how much two texts share, too little to read one.

    Each is the hash of five words in a row, cut to 32 bits; they are unordered, and of a text of 500 words seven in
    eight are left out.

    Returns
    -------
    numpy.ndarray of uint32, sorted, at most 64

    References
    ----------
    Broder: On the resemblance and containment of documents. SEQUENCES 1997.
    """
    codes = np.unique(shingle([text]).codes)
    with np.errstate(over="ignore"):
        mixed = (codes ^ (codes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))[:SIGNATURE]


def bundle_run(run: Path, out: Path, *, gold: Path | None = None) -> list[str]:
    """Write the replication package of a run.

    Parameters
    ----------
    run : pathlib.Path
        The run folder.
    out : pathlib.Path
        A file ending in ``.zip``, or a folder that is new or empty. The same run gives the same bytes.
    gold : pathlib.Path, optional
        The folder of a coded sample (``toolkit sample``), whose labels and probabilities go along.

    Returns
    -------
    list of str
        The names of the files in it.

    Raises
    ------
    InputError
        The run is not finished, the target holds something, the sample's folder lacks its tables.
    """
    run, out = Path(run), Path(out)
    facts = read_facts(run)
    if out.suffix != ".zip" and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise InputError(f"{str(out)!r} is there and holds something; give a new folder, or a file ending in .zip")
    articles = pd.read_parquet(run / "articles.parquet")
    held = _Texts(articles)
    files = {
        "articles.csv": _csv(_article_rows(articles)),
        "mentions.csv": _csv(_without_text(pd.read_parquet(run / "mentions.parquet"), held)),
        "removed.csv": _csv(pd.read_parquet(run / "removed.parquet")[["article_id", "start", "end", "reason"]]),
        **_config(run, Path(facts["experiment"])),
        "environment.json": to_json(_environment(facts)).encode(),
    }
    left_out = []
    for name in sorted(facts["outputs"]):
        if name.startswith(_FOLDERS) or name in _FILES:
            content = (run / name).read_bytes()
            if Path(name).suffix in _COPIED and not held.stand_in(content, Path(name).suffix):
                files[name] = content
            else:
                left_out.append(name)
    if gold is not None:
        files |= _gold(Path(gold), held)
    files["README.md"] = _readme(facts, articles, files, left_out).encode()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files["manifest.json"] = to_json({"format": 1, "files": hashes}).encode()
    _write(files, out)
    return sorted(files)


class _Texts:
    """All 5-grams of all articles, to ask whether something holds text of theirs."""

    def __init__(self, articles: pd.DataFrame) -> None:
        titles = articles["title"].dropna().astype(str) if "title" in articles else pd.Series(dtype=str)
        made = shingle([*articles["text"].astype(str), *titles])
        whole = np.repeat(made.words >= WORDS, np.diff(made.ends))
        self.codes = np.unique(made.codes[whole])

    def stand_in(self, content: bytes, suffix: str) -> bool:
        """Whether five words in a row of an article stand in a file of text."""
        if suffix in (".png", ".pdf"):  # drawn by us from labels and numbers, as the SVG is that is looked at
            return False
        if suffix == ".docx":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = re.sub(rb"<[^>]*>", b" ", archive.read("word/document.xml"))
        return self.of_text(content.decode("utf-8", "replace"))

    def of_text(self, text: str) -> bool:
        """Whether five words in a row of an article stand in a text."""
        made = shingle([text])
        return bool(made.words[0] >= WORDS and np.isin(made.codes, self.codes).any())


def _article_rows(articles: pd.DataFrame) -> pd.DataFrame:
    table = articles[[c for c in _ARTICLES if c in articles.columns]].copy()
    table["characters"] = articles["text"].str.len()
    table["words"] = [len(words_of(text)) for text in articles["text"]]
    table["text_sha256"] = articles["text"].map(text_hash)
    urls = articles["url"] if "url" in articles else pd.Series(None, index=articles.index)
    # An address often spells out the headline.
    table["url_sha256"] = [hashlib.sha256(u.encode()).hexdigest() if isinstance(u, str) and u else "" for u in urls]
    table["signature"] = [" ".join(f"{code:08x}" for code in signature(text)) for text in articles["text"]]
    return table


def _without_text(mentions: pd.DataFrame, held: _Texts) -> pd.DataFrame:
    """Mentions without their sentences; names of five words and more that stand in a text are left blank."""
    table = mentions.drop(columns=[c for c in _NO_TEXT if c in mentions.columns])
    for column in table.columns:
        if pd.api.types.is_string_dtype(table[column]) or table[column].dtype == object:
            values = [v for v in table[column].dropna().unique() if isinstance(v, str)]
            bad = {value for value in values if len(words_of(value)) >= WORDS and held.of_text(value)}
            if bad:
                table[column] = table[column].where(~table[column].isin(bad), None)
    return table


def _config(run: Path, experiment: Path) -> dict[str, bytes]:
    """The experiment, without paths of the machine that ran it, and the actors that it adds from files."""
    config = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    config["corpus"]["articles"] = "my_exports"
    # Gold can correct the run that it was drawn from alone: who rebuilds from another export gets uncorrected numbers.
    config["gold"] = config["estimate"]["method"] = None
    files = {}
    if isinstance(config.get("lexicon"), str):
        path = find_path(config["lexicon"], experiment)
        if not path.exists():
            raise InputError(f"the lexicon of the run, {str(path)!r}, is gone; put it back: it goes into the package")
        inside = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
        for file in inside:
            within = file.relative_to(path).as_posix() if path.is_dir() else file.name
            files[f"lexicon/{within}"] = file.read_bytes()
        config["lexicon"] = "lexicon" if path.is_dir() else f"lexicon/{path.name}"
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    return {"config.yaml": text.encode(), **files}


def _environment(facts: dict[str, Any]) -> dict[str, Any]:
    """What the run was made with; names of input files may spell out headlines, so only their hashes go along."""
    kept = ("toolkit", "commit", "code_sha256", "python", "system", "processor", "packages", "libraries", "code",
            "models", "seed", "title")  # fmt: skip
    return {
        **{key: facts.get(key) for key in kept},
        "inputs_sha256": sorted(facts["inputs"].values()),
        "outputs": facts["outputs"],
        "stages": [stage["stage"] for stage in facts["stages"]],
        "made_by": facts["made_by"],
    }


def _gold(folder: Path, held: _Texts) -> dict[str, bytes]:
    files = {}
    wanted = {
        "gold.csv": ("mention_id", "task", "label", "decided_by"),
        "annotations.csv": tuple(SCHEMAS["annotations"]),
    }
    if not any((folder / name).is_file() for name in ("gold.csv", "annotations.csv")):
        raise InputError(
            f"{str(folder)!r} holds neither gold.csv nor annotations.csv; give the folder of a sample that was coded"
        )
    for name, columns in wanted.items():
        if (folder / name).is_file():
            table = pd.read_csv(folder / name, dtype=str)
            files[f"gold/{name}"] = _csv(table[[c for c in columns if c in table.columns]])
    if (folder / "frame.parquet").is_file():
        files["gold/frame.csv"] = _csv(_without_text(pd.read_parquet(folder / "frame.parquet"), held))
    return files


def _csv(table: pd.DataFrame) -> bytes:
    text = table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d", quoting=csv.QUOTE_MINIMAL)
    return text.encode("utf-8", "replace")


def _readme(facts: dict[str, Any], articles: pd.DataFrame, files: dict[str, bytes], left_out: Sequence[str]) -> str:
    from toolkit.export import markdown_table

    dates = articles["date"].dropna()
    span = f"{dates.min().date()} to {dates.max().date()}" if len(dates) else "no dates known"
    counts = articles["outlet"].value_counts().sort_index().rename_axis("outlet").reset_index(name="articles")
    made = {name: stage for name, stage in facts["made_by"].items() if not name.startswith(".")}
    rows = []
    for name in sorted({re.sub(r"/[^/]*$", "/", f) if f.startswith((*_FOLDERS, "lexicon/")) else f for f in files}):
        stage = next((s for f, s in sorted(made.items()) if f == name or f.startswith(name)), "bundle")
        source = {"mentions.csv": "score", "articles.csv": "stories", "removed.csv": "clean"}.get(name, stage)
        rows.append({"file": name, "what": MAKES.get(name, "-"), "stage": source})
    missing = f"\nLeft out, because they quote articles: {', '.join(left_out)}.\n" if left_out else ""
    table = markdown_table(pd.DataFrame(rows)).replace("\\_", "_")
    tasks = yaml.safe_load(files["config.yaml"])["tasks"].values()
    named = sorted({t[key] for t in tasks for key in ("classifier", "train") if "/" in str(t.get(key) or "")})
    own = f" It also needs, under these names: {', '.join(named)}." if named else ""
    return f"""# Replication package

{facts["title"]}

## Data availability statement

The numbers rest on {len(articles):,} articles of {articles["outlet"].nunique()} outlets ({span}). Their texts belong to
publishers and are not part of this package, nor are headlines, sentences and addresses. `articles.csv` names each by
its outlet and date and by hashes, from which no text can be read; who has access to the same sources can export the
articles and have them matched:

    toolkit rebuild THIS_PACKAGE --from my_exports/ --out rebuilt/

That says which articles were found, changed or missing (`rebuilt/matches.csv`), runs the experiment on those found,
and compares its results with those in here.{own}

{markdown_table(counts)}

## What makes which number

Seed {facts["seed"]}. Every number can be followed: the row of `summary.csv` or `contrasts.csv` that `numbers.json`
names, the mentions of `mentions.csv` with the same outlet and actor, their article.

{table}
{missing}
Columns of `articles.csv`: `text_sha256` (of the words of the cleaned text, without letter case and punctuation),
`url_sha256`, `signature` (the {SIGNATURE} smallest hashes of five words in a row). Of `mentions.csv`: `start` and `end`
in the sentence and `position` in the article's text, in code points; `*_p_*` probabilities, `*_pred` the label,
`*_score` from -1 to 1.

## Software

stance-toolkit {facts["toolkit"]}, Python {facts["python"]}, {facts["system"]}, {facts.get("processor", "")}.
`environment.json` has the version of every library and the hash of every file of code, data and weights that the
stages use.
"""


def _write(files: dict[str, bytes], out: Path) -> None:
    if out.suffix == ".zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name in sorted(files):
                info = zipfile.ZipInfo(name, _DATE)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(info, files[name], compresslevel=6)
        with write_atomically(out) as path:
            path.write_bytes(held.getvalue())
        return
    for name in sorted(files):  # the manifest is what makes a folder a bundle: it comes last
        if name != "manifest.json":
            with write_atomically(out / name) as path:
                path.write_bytes(files[name])
    with write_atomically(out / "manifest.json") as path:
        path.write_bytes(files["manifest.json"])
