"""Dataset cards: what a dataset is, how to get it, how to read it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from toolkit.config import Strict, check_config, read_yaml
from toolkit.errors import InputError
from toolkit.files import file_hash
from toolkit.readers.common import check_fields

__all__ = ["CARD", "ArticlesSpec", "Card", "FolderSpec", "LabelledSpec", "card_path", "locate", "read_card"]

CARD = "card.yaml"


def _inside(value: str) -> str:
    if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts or "\\" in value:
        raise ValueError("expected a path inside the dataset's folder, with / between its parts")
    return value


def _known_fields(value: dict[str, Any] | None) -> dict[str, Any] | None:
    check_fields(value)
    return value


InnerPath = Annotated[str, AfterValidator(_inside)]
Paths = InnerPath | Annotated[list[InnerPath], Field(min_length=1)]
ColumnMap = Annotated[dict[str, str | list[str]], AfterValidator(_known_fields)]


class FolderSpec(Strict):
    """How the files of one folder are read, where it differs from the rest."""

    format: str | None = None
    columns: ColumnMap | None = None
    outlet: str | None = None
    dates: Literal["dmy", "mdy"] | None = None


class ArticlesSpec(FolderSpec):
    """Where the articles of a dataset are, and how they are read; see :func:`read_articles`."""

    path: Paths
    outlets: dict[str, str] | None = None
    folders: dict[str, FolderSpec] = Field(default={})
    agencies: dict[str, list[str]] = Field(default={})


class LabelledSpec(Strict):
    """Labelled sentences; see :func:`load_labelled`."""

    layout: Literal["newsmtsc", "sentences", "directed_sentiment", "narrative_roles"]
    splits: Annotated[dict[str, Paths], Field(min_length=1)]


class Card(Strict):
    """What a ``card.yaml`` says.

    Attributes
    ----------
    title, licence, citation : str
        What it is, under which terms, and how to cite it.
    source : str, optional
        Where it comes from.
    access : str, optional
        How to get the data where it does not lie beside the card, in words; printed when it is absent.
    language : str, optional
        Of articles that do not state theirs.
    notes : str, optional
        What a user has to know.
    articles : ArticlesSpec, optional
        A corpus of articles.
    labelled : LabelledSpec, optional
        Labelled sentences.
    sha256 : dict of str to str
        File -> its SHA-256; checked when it is read.
    counts : dict of str to int
        What the data holds; pinned by tests.
    """

    title: str
    licence: str
    citation: str
    source: str | None = None
    access: str | None = None
    language: str | None = None
    notes: str | None = None
    articles: ArticlesSpec | None = None
    labelled: LabelledSpec | None = None
    sha256: dict[InnerPath, str] = Field(default={})
    counts: dict[str, int] = Field(default={})

    @model_validator(mode="after")
    def _holds_something(self) -> Card:
        if self.articles is None and self.labelled is None:
            raise ValueError("a card names articles or labelled data, or both")
        return self


def card_path(folder: str | os.PathLike[str]) -> Path:
    """The card of a dataset's folder; it need not be there."""
    path = Path(folder)
    return path if path.name == CARD else path / CARD


def read_card(folder: str | os.PathLike[str]) -> Card:
    """Read a dataset's card.

    Parameters
    ----------
    folder : path-like
        The dataset's folder, or its ``card.yaml``.

    Raises
    ------
    InputError
        There is no card, a key is unknown (the nearest valid one is named), or a value is wrong.

    Examples
    --------
    >>> read_card("datasets/fakes_syria").articles.dates
    'mdy'
    """
    path = card_path(folder)
    if not path.is_file():
        raise InputError(f"there is no dataset card {str(path)!r}; give the folder of a dataset that has one")
    return check_config(Card, read_yaml(path), str(path))


def locate(card: Card, folder: Path, paths: Paths) -> Path:
    """The first of `paths` that is there: beside the card, or below $TOOLKIT_DATA.

    Raises
    ------
    InputError
        None is there (the message says how to get the data), or a file is not the one that the card's hash names.
    """
    wanted = [paths] if isinstance(paths, str) else paths
    shelf = os.environ.get("TOOLKIT_DATA", "")
    homes = [folder, *([Path(shelf) / folder.resolve().name] if shelf else [])]
    for home in homes:
        for name in wanted:
            if (home / name).exists():
                _check_hash(card, home, name)
                return home / name
    how = f"\nHow to get it: {card.access.strip()}" if card.access else ""
    raise InputError(
        f"the data of {card.title!r} is not here: looked for {' or '.join(wanted)} in "
        f"{' and in '.join(repr(str(home)) for home in homes)}."
        f"{how}\nPut it there, or into a folder named {folder.resolve().name!r} in the folder that the environment "
        "variable TOOLKIT_DATA names."
    )


def _check_hash(card: Card, home: Path, name: str) -> None:
    for listed, digest in card.sha256.items():
        file = home / listed
        inside = listed == name or listed.startswith(f"{name.rstrip('/')}/")
        if inside and file.is_file() and file_hash(file) != digest:
            raise InputError(
                f"{file} is not the file that the card of {card.title!r} describes (its SHA-256 differs): "
                "get it again, or change the card if another version is meant"
            )
