"""A folder, a file or a dataset to a table of articles, and a list of everything that could not be read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from toolkit.corpora.cards import FolderSpec, card_path, locate, read_card
from toolkit.corpora.rows import Options, Rows
from toolkit.errors import InputError, nearest
from toolkit.readers import READERS, Columns, Reject, find_reader
from toolkit.readers.common import HEAD, binary_kind, check_fields
from toolkit.readers.dates import DATE_ORDERS

__all__ = ["Corpus", "check_options", "corpus_files", "read_articles", "read_file", "resolve_corpus"]


@dataclass(frozen=True)
class Corpus:
    """What stands behind the path of a corpus.

    Attributes
    ----------
    root : pathlib.Path
        The folder or file with the articles.
    card : pathlib.Path or None
        The dataset card, where there is one.
    agencies : dict of str to list of str
        The card's agencies, for :func:`toolkit.group_stories`.

    Iterating gives the paths that the articles depend on.
    """

    root: Path
    card: Path | None = None
    agencies: dict[str, list[str]] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    folders: dict[str, FolderSpec] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Path]:
        yield from ([self.card] if self.card else [])
        yield self.root


def resolve_corpus(path: str | os.PathLike[str]) -> Corpus:
    """Find the articles of a corpus: a folder, a file, or a dataset's folder with a ``card.yaml``.

    Raises
    ------
    InputError
        There is nothing at `path`, the card is wrong, or its data is absent.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"there is no folder or file {str(path)!r}{_nearby(path)}; give the path of the articles")
    where = card_path(path)
    if not where.is_file():
        return Corpus(path)
    card = read_card(where)
    spec = card.articles
    if spec is None:
        raise InputError(f"{where}: {card.title!r} holds labelled sentences and no articles; see load_labelled")
    options = Options(spec.format or "auto", spec.columns, spec.outlet, spec.outlets or {}, spec.dates, card.language)
    root = locate(card, where.parent, spec.path)
    missing = [name for name in spec.folders if root.is_dir() and not (root / name).is_dir()]
    if missing:
        there = [entry.name for entry in root.iterdir() if entry.is_dir()]
        raise InputError(f"{where}: articles.folders: no folder {missing[0]!r}; {nearest(missing[0], there)}")
    return Corpus(root, where, spec.agencies, options, spec.folders)


def _nearby(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    hint = nearest(path.name, names)
    return f" ({hint.split('?')[0]}?)" if hint.startswith("did you mean") else ""


def read_articles(
    path: str | os.PathLike[str],
    *,
    format: str = "auto",
    columns: Columns | None = None,
    outlet: str | None = None,
    outlets: Mapping[str, str] | None = None,
    dates: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Read articles as they are, and list what could not be read.

    Parameters
    ----------
    path : path-like
        A folder (with all below it), a file, or a dataset's folder with a ``card.yaml``. The card's options hold where
        none is given here. Hidden files are passed over.
    format : str, default "auto"
        A name of :data:`toolkit.readers.READERS`, or ``auto``: each file by its content and suffix.
    columns : mapping, optional
        Field (title, text, date, outlet, url, language, wire, id, byline) -> column, or a list of columns of which the
        first that is there counts. Columns named exactly like a field need no entry, ``id`` excepted.
    outlet : str, optional
        The outlet of articles that name none.
    outlets : mapping, optional
        Name of a folder, or as the files write it -> the outlet's name. It comes before the table of well-known outlets
        (``toolkit/data/outlets.yaml``), which makes ``bbc.co.uk`` BBC News; ``{"bbc.co.uk": "bbc.co.uk"}`` undoes that.
    dates : {"dmy", "mdy"}, optional
        How dates in numbers are written. ISO dates and English month names are always read.
    progress : callable, optional
        Called with the files done and all files.

    Returns
    -------
    articles : pandas.DataFrame
        One row per article, ``SCHEMAS["articles"]`` and ``byline, locator, reader, encoding, warnings, truncated``;
        ``truncated`` says that the source holds the beginning of the text alone, so that no mention is taken from it;
        ``story_id`` is the article's own id and ``copied`` 0 until :func:`toolkit.group_stories`. ``text`` is as the
        file has it, with ``\n`` for line ends. ``warnings`` says what looks wrong and was kept: a guessed encoding,
        U+FFFD, text that looks decoded wrongly. The outlet is the article's own statement, else `outlet`, else the
        name of the folder right above the file, else the name that a web page gives its site.
    rejected : pandas.DataFrame
        ``source_file, locator, reason``.

    Raises
    ------
    InputError
        Nothing is at `path`, the folder is empty, the file is of no known type, a column is missing, a date in numbers
        can be two days, no outlet is known.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "The Courier").mkdir()
    >>> text = "Title: Ankara warns Damascus\n\nTurkey warned Syria on Friday.\n"
    >>> _ = (folder / "The Courier" / "2020-02-28.txt").write_text(text)
    >>> _ = (folder / "The Courier" / "2020-02-29.txt").write_text("Truce.")
    >>> articles, rejected = read_articles(folder)
    >>> articles[["outlet", "date", "title", "text"]].iloc[0].to_list()
    ['The Courier', Timestamp('2020-02-28 00:00:00'), 'Ankara warns Damascus', 'Turkey warned Syria on Friday.']
    >>> rejected.iloc[0].to_list()
    ['The Courier/2020-02-29.txt', nan, 'the text has 1 word; an article has at least 5']
    """
    corpus = resolve_corpus(path)
    given = check_options(format, columns, outlet, outlets, dates)
    table = Rows()
    files = corpus_files(corpus.root)
    for done, name in enumerate(files, 1):
        read_file(name, corpus, given, table)
        if progress is not None:
            progress(done, len(files))
    return table.finish(corpus.root)


def check_options(
    format: str, columns: Columns | None, outlet: str | None, outlets: Mapping[str, str] | None, dates: str | None
) -> dict[str, Any]:
    """The options that were given, checked."""
    if format not in ("auto", *READERS):
        raise InputError(f"format {format!r} is unknown; {nearest(format, ['auto', *READERS])}")
    if dates not in (None, *DATE_ORDERS):
        raise InputError(f"dates {dates!r} is no order of day, month and year; {nearest(dates, DATE_ORDERS)}")
    if outlet is not None and not outlet.strip():
        raise InputError("outlet is empty; give the outlet's name, or leave it out")
    check_fields(columns)
    given = {"columns": columns, "outlet": outlet, "outlets": outlets, "dates": dates}
    given["format"] = None if format == "auto" else format
    return {name: value for name, value in given.items() if value is not None}


def corpus_files(root: Path) -> list[str]:
    """The names in the tables of the files to read, in their order; :func:`file_of` leads back to the file.

    Names alone, since a folder may hold a file for each of a hundred thousand articles.
    """
    if not root.is_dir():
        return [root.name]
    found = []
    for folder, folders, names in os.walk(root):
        # as Path.rglob: hidden ones are passed over, links to folders are not followed
        folders[:] = [name for name in folders if not name.startswith(".")]
        within = Path(folder).relative_to(root).as_posix()
        prefix = "" if within == "." else f"{within}/"
        found += [prefix + name for name in names if not name.startswith(".")]
    if not found:
        raise InputError(f"the folder {str(root)!r} holds no files; put the articles into it, or give another folder")
    return sorted(found, key=lambda name: name.split("/"))


def file_of(root: Path, name: str) -> Path:
    """The file that bears this name in the tables."""
    return root / name if root.is_dir() else root


_ABOUT = re.compile(r"(card\.yaml|(upstream_)?(readme|licen[cs]e|copying|citation|changelog)\b.*)", re.IGNORECASE)


def read_file(name: str, corpus: Corpus, given: dict[str, Any], table: Rows, *, prefix: str = "") -> None:
    """Read a file of a corpus into `table`; `prefix` stands before its name there."""
    file = file_of(corpus.root, name)
    if file != corpus.root and _ABOUT.fullmatch(file.name):
        if corpus.card is None:
            table.reject(Reject(prefix + name, "", "the file tells about the data and is no article"))
        return
    outlets = {**corpus.options.outlets, **given.get("outlets", {})}
    options = replace(corpus.options, **{**_folder_options(corpus, name), **given, "outlets": outlets})
    try:
        if not file.is_file():
            raise OSError(0, "it is no regular file")
        with file.open("rb") as handle:
            head = handle.read(HEAD)
    except OSError as error:
        table.reject(Reject(prefix + name, "", f"the file cannot be opened ({error.strerror})"))
        return
    reader = _reader(file, prefix + name, head, options, alone=file == corpus.root)
    if isinstance(reader, Reject):
        table.reject(reader)
        return
    folder = PurePosixPath(name).parent.name
    for found in READERS[reader].read(file, prefix + name, options.columns):
        table.add(found, reader, options, folder)


def _folder_options(corpus: Corpus, name: str) -> dict[str, Any]:
    spec = corpus.folders.get(PurePosixPath(name).parts[0])
    return {key: value for key, value in (spec.model_dump() if spec else {}).items() if value is not None}


def _reader(file: Path, name: str, head: bytes, options: Options, *, alone: bool) -> str | Reject:
    """The name of the file's reader, or why it has none."""
    if options.format != "auto":
        if options.format not in READERS:
            raise InputError(f"format {options.format!r} is unknown; {nearest(options.format, ['auto', *READERS])}")
        return options.format
    reader = find_reader(file, head)
    if reader:
        return reader
    kind = binary_kind(head)
    what = f"the file is {kind}" if kind else f"the file is of no known type ({file.suffix or 'no suffix'})"
    if alone:
        raise InputError(
            f"{str(file)!r} cannot be read: {what}. Known are {', '.join(READERS)}; say which with format=..."
        )
    return Reject(name, "", f"{what}; known are {', '.join(READERS)}")
