"""From a replication package and another person's own export to the same numbers, or to what differs."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from toolkit.bundling import signature, text_hash
from toolkit.cleaning import clean_articles
from toolkit.corpora import read_articles
from toolkit.drift import Difference, Tolerance, compare_tables, load_tolerance
from toolkit.errors import InputError
from toolkit.experiment import run_experiment
from toolkit.export import write_csv
from toolkit.files import write_atomically
from toolkit.runs import Progress

__all__ = ["Rebuilt", "match_articles", "read_bundle", "rebuild_bundle"]

LARGEST = 2_000_000_000
"""A bundle does not unpack to more than this (bytes)."""
NEAR = 0.5
"""Two texts that share at least this part of their 5-grams are versions of one."""
STATUSES = ("found", "changed", "missing")
COMPARED = ("mentions.csv", "summary.csv", "contrasts.csv")


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild gave.

    Attributes
    ----------
    path : pathlib.Path
        The run folder, with ``matches.csv`` in it.
    matches : pandas.DataFrame
        One row for each article of the bundle: ``article_id, outlet, date, status`` (found: the same words; changed: a
        near version; missing), ``similarity`` (share of 5-grams in common, estimated), ``source_file, locator``.
    differences : list of Difference
        Between the bundle's numbers and the new ones.
    """

    path: Path
    matches: pd.DataFrame
    differences: list[Difference]


def read_bundle(path: Path) -> dict[str, bytes]:
    """The files of a bundle, a folder or a ZIP file, by name; each against its hash.

    Raises
    ------
    InputError
        It is no bundle, or a file in it is missing or was changed.
    """
    path = Path(path)
    if path.is_dir():
        held = {p.relative_to(path).as_posix(): p for p in path.rglob("*") if p.is_file()}

        def read(name: str) -> bytes:
            return held[name].read_bytes()

        names = set(held)
    else:
        names, read = _open_zip(path)
    remedy = "give the file or folder that 'toolkit bundle' wrote"
    if "manifest.json" not in names:
        raise InputError(f"{str(path)!r} is no replication package (no manifest.json); {remedy}")
    try:
        hashes: dict[str, str] = json.loads(read("manifest.json"))["files"]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{str(path)!r}: manifest.json is damaged; {remedy}") from None
    files = {}
    for name, wanted in hashes.items():
        if name not in names:
            raise InputError(f"{str(path)!r} lacks its file {name!r}; {remedy}, whole")
        files[name] = read(name)
        if hashlib.sha256(files[name]).hexdigest() != wanted:
            raise InputError(f"{str(path)!r}: the file {name!r} was changed after the package was made; {remedy}")
    return files


def _open_zip(path: Path) -> tuple[set[str], Any]:
    try:
        content = path.read_bytes()
        archive = zipfile.ZipFile(io.BytesIO(content))
    except FileNotFoundError:
        raise InputError(f"there is no replication package {str(path)!r}; give its file or folder") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{str(path)!r} cannot be read as a ZIP file ({error}); fetch it again") from None
    if sum(info.file_size for info in archive.infolist()) > LARGEST:
        raise InputError(f"{str(path)!r} would unpack to more than {LARGEST:,} bytes; it is no package of the toolkit")
    # Members are read in memory by name, so that a name that points elsewhere writes nothing there.
    return set(archive.namelist()), archive.read


def rebuild_bundle(
    bundle: Path,
    exports: Path,
    out: Path,
    *,
    tolerance: str | Path | Tolerance | None = "default",
    progress: Progress | None = None,
) -> Rebuilt:
    """Match one's own export with a bundle's articles, run the experiment on them, and compare.

    Parameters
    ----------
    bundle : pathlib.Path
        What :func:`toolkit.bundle_run` wrote.
    exports : pathlib.Path
        A folder or file with articles, in any format that the toolkit reads.
    out : pathlib.Path
        The folder of the new run.
    tolerance : str, pathlib.Path or Tolerance, optional
        What may differ; see :func:`toolkit.verify_run`.
    progress : Progress, optional
        Told what goes on.

    Returns
    -------
    Rebuilt

    Raises
    ------
    InputError
        The bundle is damaged, or not one of its articles is in the export.

    Notes
    -----
    Outlet, date and id are the bundle's, the text is the export's. Mentions are compared over the articles that were
    found with the same words. Estimates are over all articles, so they differ where some are missing or changed.
    """
    files = read_bundle(Path(bundle))
    out = Path(out)
    allowed = tolerance if isinstance(tolerance, Tolerance) else load_tolerance(tolerance)
    wanted = _table(files["articles.csv"], dates=["date"])
    raw, rejected = read_articles(exports)
    if not len(raw):
        raise InputError(f"no article could be read from {str(exports)!r} ({len(rejected)} rejected)")
    cleaned, _ = clean_articles(raw)
    matches, places = match_articles(wanted, cleaned)
    if not len(places):
        raise InputError(
            f"none of the {len(wanted)} articles of the package is among the {len(raw)} of {str(exports)!r}; "
            "give the folder with your own export of the same sources"
        )
    with tempfile.TemporaryDirectory(prefix="toolkit-rebuild-") as folder:
        experiment = _experiment(files, _corpus(wanted, raw, places), Path(folder))
        run = run_experiment(experiment, out, progress=progress)
    with write_atomically(out / "matches.csv") as path:
        matches.to_csv(path, index=False, lineterminator="\n", date_format="%Y-%m-%d")
    found = set(matches.loc[matches["status"] == "found", "article_id"])
    differences = _compare(files, run.path, found, allowed)
    write_csv(pd.DataFrame([_row(d) for d in differences], columns=list(_ROW)), out / "drift.csv")
    return Rebuilt(out, matches, differences)


_ROW = ("stage", "file", "column", "count", "of", "largest", "mean", "tolerated", "rows", "what")


def _row(difference: Difference) -> dict[str, Any]:
    return {key: " ".join(v) if isinstance(v := getattr(difference, key), tuple) else v for key in _ROW}


def match_articles(wanted: pd.DataFrame, have: pd.DataFrame) -> tuple[pd.DataFrame, dict[int, int]]:
    """Which article of a bundle is which of an export.

    Parameters
    ----------
    wanted : pandas.DataFrame
        The bundle's ``articles.csv``.
    have : pandas.DataFrame
        Articles, cleaned.

    Returns
    -------
    matches : pandas.DataFrame
        See :class:`Rebuilt`.
    places : dict of int to int
        Row of `wanted` -> row of `have`. No article of either is used twice.
    """
    hashes = [text_hash(text) for text in have["text"]]
    by_hash: dict[str, list[int]] = {}
    for place, value in enumerate(hashes):
        by_hash.setdefault(value, []).append(place)
    places: dict[int, int] = {}
    share: dict[int, float] = {}
    taken: set[int] = set()
    pairs = [(row, place) for row, value in enumerate(wanted["text_sha256"]) for place in by_hash.get(value, [])]
    for row, place in sorted(pairs, key=lambda p: (-_likeness(wanted, have, *p), p)):
        if row not in places and place not in taken:
            places[row], share[row] = place, 1.0
            taken.add(place)
    for similarity, row, place in _near_pairs(wanted, have, set(places), taken):
        if row not in places and place not in taken:
            places[row], share[row] = place, similarity
            taken.add(place)
    rows = []
    for row, article in enumerate(wanted.itertuples()):
        at = places.get(row)
        status = "missing" if at is None else "found" if hashes[at] == article.text_sha256 else "changed"
        source: Any = {} if at is None else have.iloc[at]
        rows.append(
            {"article_id": article.article_id, "outlet": article.outlet, "date": article.date, "status": status,
             "similarity": share.get(row), "source_file": source.get("source_file"), "locator": source.get("locator")}
        )  # fmt: skip
    columns = ["article_id", "outlet", "date", "status", "similarity", "source_file", "locator"]
    return pd.DataFrame(rows, columns=columns), places


def _likeness(wanted: pd.DataFrame, have: pd.DataFrame, row: int, place: int) -> int:
    """Of articles with one text, printed by several outlets, which belong together."""
    one, other = wanted.iloc[row], have.iloc[place]
    url = other.get("url")
    same_url = isinstance(url, str) and hashlib.sha256(url.encode()).hexdigest() == one["url_sha256"]
    return 4 * same_url + 2 * (one["outlet"] == other["outlet"]) + (one["date"] == other["date"])


def _near_pairs(
    wanted: pd.DataFrame, have: pd.DataFrame, done: set[int], taken: set[int]
) -> list[tuple[float, int, int]]:
    """Pairs of texts that share much, the most alike first: an estimate from their smallest hashes."""
    left = {place: signature(have["text"].iloc[place]) for place in range(len(have)) if place not in taken}
    where: dict[int, list[int]] = {}
    for place, codes in left.items():
        for code in codes.tolist():
            where.setdefault(code, []).append(place)
    found = []
    for row, text in enumerate(wanted["signature"].fillna("")):
        if row in done:
            continue
        codes = np.array([int(code, 16) for code in str(text).split()], dtype=np.uint32)
        counts = Counter(place for code in codes.tolist() for place in where.get(code, []))
        for place in counts:
            union = np.union1d(codes, left[place])[: max(len(codes), len(left[place]))]
            shared = np.intersect1d(codes, left[place], assume_unique=True)
            similarity = float(np.isin(union, shared).mean()) if len(union) else 0.0
            if similarity >= NEAR:
                found.append((similarity, row, place))
    return sorted(found, key=lambda f: (-f[0], -_likeness(wanted, have, f[1], f[2]), f[1], f[2]))


def _corpus(wanted: pd.DataFrame, raw: pd.DataFrame, places: dict[int, int]) -> pd.DataFrame:
    """The export's articles as they were read, under the bundle's ids, outlets and dates."""
    rows = sorted(places)
    table = raw.iloc[[places[row] for row in rows]].reset_index(drop=True)
    named = wanted.iloc[rows].reset_index(drop=True)
    return table.assign(
        article_id=named["article_id"], story_id=named["article_id"], outlet=named["outlet"], date=named["date"],
        language=named["language"],
    )  # fmt: skip


def _experiment(files: dict[str, bytes], corpus: pd.DataFrame, folder: Path) -> Path:
    corpus.to_parquet(folder / "articles.parquet", index=False)
    config = yaml.safe_load(files["config.yaml"])
    kept = {key: value for key, value in config["corpus"].items() if key in ("agencies", "least_articles")}
    outlets = {name: name for name in corpus["outlet"]}  # they were folded before
    config["corpus"] = {**kept, "articles": str(folder / "articles.parquet"), "outlets": outlets}
    for name in (n for n in files if n.startswith("lexicon/") and ".." not in n.split("/")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(files[name])
    path = folder / "experiment.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _table(content: bytes, dates: list[str] | None = None) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), parse_dates=dates, low_memory=False)


def _compare(files: dict[str, bytes], run: Path, found: set[str], tolerance: Tolerance) -> list[Difference]:
    differences = []
    stages = {"mentions.csv": "score", "summary.csv": "estimate", "contrasts.csv": "estimate"}
    for name in COMPARED:
        old = _table(files[name])
        if name == "mentions.csv":
            made = pd.read_parquet(run / "mentions.parquet")
            # Through CSV, as the bundle's went.
            new = _table(made[[c for c in old.columns if c in made.columns]].to_csv(index=False).encode())
            old, new = (t[t["article_id"].isin(found)] for t in (old, new))
            # The story of a copy is named after one of its members, which may be missing here.
            old, new = (t.drop(columns=["story_id", "copied", "wire"], errors="ignore") for t in (old, new))
        else:
            new = _table((run / name).read_bytes())
        differences += compare_tables(old, new, name, stages[name], tolerance)
    return differences
