"""The files of a lexicon: actors in YAML, leaders and names in other languages in CSV (``docs/adding.md``)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from toolkit.actors.lists import load_list, parse_yaml
from toolkit.actors.model import FORMS_OF, KINDS, LANGUAGES, ORGANS, RELATIONS, Actor, ForeignName, Leader
from toolkit.config import read_yaml
from toolkit.errors import InputError, nearest

__all__ = ["read_actors", "split_names"]

_LISTS = ("names", "capitals", "adjectives", "people", "epithets_need", "not_actor", "personal")
_ORGANISED = ("institutions", "epithets")
_CSV_COLUMNS = {
    "leaders.csv": ("actor", "name", "also", "office", "from", "to"),
    "names.csv": ("actor", "language", "form", "names"),
}
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_SHIPPED = Path(__file__).resolve().parents[1] / "data"
_BRACES = re.compile(r"\{([^{}]*)\}")
_FOREIGN_FORMS = {**FORMS_OF, "name": "name", "capital": "capital", "demonym": "demonym", "leader": "leader",
                  "institution": "institution", "epithet": "epithet", "not_actor": "not_actor"}  # fmt: skip


def read_actors(
    source: str | Path | Mapping[str, Any], known: Mapping[str, Actor] | None = None, where: str | None = None
) -> dict[str, Actor]:
    """Read actors from a mapping, a YAML file, or a folder of YAML files with ``leaders.csv`` and ``names.csv``.

    Parameters
    ----------
    source : mapping, str or Path
        Ids mapped to entries (or to plain lists of names), or where such are written.
    known : mapping of str to Actor, optional
        Actors that are there already: what `source` says of them is added.
    where : str, optional
        What messages call the source.

    Returns
    -------
    dict of str to Actor
        The known actors and the new ones.

    Raises
    ------
    InputError
        A file cannot be read, or an entry is unknown or of the wrong type.

    Examples
    --------
    >>> read_actors({"acme": {"label": "Acme", "names": ["Acme {Corporation|Corp}"]}})["acme"].names
    ('Acme Corporation', 'Acme Corp')
    """
    actors = dict(known or {})
    if isinstance(source, Mapping):
        _add_entries(actors, source, where or "extra")
        return _with_names(actors, where or "extra")
    path = Path(source)
    named = where or str(source)
    if not path.is_dir():
        _add_entries(actors, _read_yaml(path), named)
        return _with_names(actors, named)
    files = sorted(path.glob("*.yaml"))
    tables = {name: path / name for name in _CSV_COLUMNS if (path / name).exists()}
    if not files and not tables:
        raise InputError(f"the folder {named!r} holds no lexicon: expected *.yaml, leaders.csv or names.csv in it")
    for file in files:
        _add_entries(actors, _read_yaml(file), f"{named}/{file.name}")
    if "leaders.csv" in tables:
        _add_leaders(actors, _read_csv(tables["leaders.csv"]), f"{named}/leaders.csv")
    if "names.csv" in tables:
        _add_foreign(actors, _read_csv(tables["names.csv"]), f"{named}/names.csv")
    return _with_names(actors, named)


def _read_yaml(path: Path) -> Mapping[str, Any]:
    if not path.resolve().is_relative_to(_SHIPPED):
        return read_yaml(path)  # what people wrote: slower, and a key given twice is told
    try:
        loaded = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            f"the lexicon {str(path)!r} cannot be read: {error}. It must be a YAML file in UTF-8"
        ) from error
    if not isinstance(loaded, Mapping):
        raise InputError(f"the lexicon {str(path)!r} must map ids to actors, got {type(loaded).__name__}")
    return loaded


def _read_csv(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with their line numbers."""
    expected = _CSV_COLUMNS[path.name]
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, strict=True)
            if tuple(reader.fieldnames or ()) != expected:
                got = ",".join(reader.fieldnames or ()) or "nothing"
                raise InputError(f"{path}: the first line must be {','.join(expected)}, got {got}")
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"the lexicon {str(path)!r} cannot be read: {error}. It must be a CSV in UTF-8") from error
    for number, row in rows:
        if None in row or None in row.values():
            raise InputError(
                f"{path}, line {number}: expected {len(expected)} fields ({','.join(expected)}); a field that holds a "
                "comma stands in quotation marks"
            )
    return rows


def split_names(text: str, language: str | None = None) -> list[str]:
    """Names that stand in one field, separated by bars, with their braces written out.

    Examples
    --------
    >>> split_names("Турци{я|и|ю}|Анкара")
    ['Турция', 'Турции', 'Турцию', 'Анкара']
    """
    parts, depth, last = [], 0, 0
    for i, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == "|" and not depth:
            parts.append(text[last:i])
            last = i + 1
    parts.append(text[last:])
    return list(dict.fromkeys(chain.from_iterable(_expand(part.strip(), language) for part in parts if part.strip())))


def _expand(name: str, language: str | None = None) -> Iterator[str]:
    """A name for each of the alternatives in its braces; ``{ADJ}`` and the like stand for endings of a language."""
    found = _BRACES.search(name)
    if found is None:
        yield " ".join(name.split())
        return
    inner = found.group(1)
    endings = _endings(language).get(inner) if language else None
    for choice in endings or inner.split("|"):
        yield from _expand(name[: found.start()] + choice + name[found.end() :], language)


@lru_cache(maxsize=8)
def _endings(language: str) -> dict[str, list[str]]:
    return {k: v.split("|") for k, v in load_list("endings").get(language, {}).items()}


def _add_entries(actors: dict[str, Actor], raw: Mapping[str, Any], where: str) -> None:
    entries = raw.get("actors", raw)
    if not isinstance(entries, Mapping):
        raise InputError(f"{where}: 'actors' must map ids to actors, got {type(entries).__name__}")
    for key, value in entries.items():
        if not isinstance(key, str):
            raise InputError(f"{where}: the id {key!r} is read as {type(key).__name__}: put it in quotation marks")
        if "." in key:
            raise InputError(
                f"{where}: the id {key!r} has a dot, which stands before the part of an actor; leave it out"
            )
        actors[key] = _to_actor(key, {"names": value} if isinstance(value, list) else value, actors.get(key), where)


def _to_actor(key: str, entry: object, known: Actor | None, where: str) -> Actor:
    if not isinstance(entry, Mapping):
        raise InputError(f"{where}: actor {key!r} must be a list of names or a mapping, got {entry!r}")
    allowed = [field.name for field in fields(Actor) if field.name not in ("id", "organs", "foreign")]
    for name in entry:
        if name not in allowed:
            raise InputError(f"{where}: actor {key!r} has the unknown entry {name!r}; {nearest(name, allowed)}")
    actor = known or Actor(id=key, label=key)
    changes: dict[str, Any] = {name: str(entry[name]) for name in ("label", "kind") if name in entry}
    if changes.get("kind", actor.kind) not in KINDS:
        raise InputError(f"{where}: actor {key!r} is of kind {changes['kind']!r}; {nearest(changes['kind'], KINDS)}")
    place = f"{where}: actor {key!r}"
    for name in _LISTS:
        if name in entry:
            changes[name] = _joined(getattr(actor, name), _names(entry[name], f"{place}, {name}"))
    organs = dict(actor.organs)
    for name in _ORGANISED:
        if name in entry:
            by_organ = _by_organ(entry[name], f"{place}, {name}")
            changes[name] = _joined(getattr(actor, name), chain.from_iterable(by_organ.values()))
            organs |= {word: organ for organ, words in by_organ.items() if organ for word in words}
    changes["organs"] = organs
    if "relations" in entry:
        changes["relations"] = dict(actor.relations) | _listed(entry["relations"], f"{place}, relations", RELATIONS)
    if "unless" in entry:
        changes["unless"] = dict(actor.unless) | _listed(entry["unless"], f"{place}, unless", None)
    if "languages" in entry:
        changes["foreign"] = (*actor.foreign, *_foreign_of(entry["languages"], place))
    if "leaders" in entry:
        if not isinstance(entry["leaders"], list):
            raise InputError(f"{place}, leaders: expected a list, got {entry['leaders']!r}")
        changes["leaders"] = (*actor.leaders, *(_to_leader(item, key, where) for item in entry["leaders"]))
    return replace(actor, **changes)


def _with_names(actors: dict[str, Actor], where: str) -> dict[str, Actor]:
    for actor in actors.values():
        if not any(True for _ in actor.written_names()):
            raise InputError(f"{where}: actor {actor.id!r} has no names; give names: [...]")
    return actors


def _joined(before: tuple[str, ...], added: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *added)))


def _names(listed: object, place: str) -> list[str]:
    wrong = listed if not isinstance(listed, list) else next((x for x in listed if not _is_name(x)), None)
    if wrong is not None:
        raise InputError(f"{place}: expected a list of texts, got {wrong!r}")
    assert isinstance(listed, list)
    return [name for item in listed for name in _expand(item.strip())]


def _by_organ(given: object, place: str) -> dict[str, list[str]]:
    """Names by organ; a plain list stands under no organ."""
    if not isinstance(given, Mapping):
        return {"": _names(given, place)}
    for organ in given:
        if organ not in ORGANS:
            raise InputError(f"{place}: unknown organ {organ!r}; {nearest(str(organ), ORGANS)}")
    return {organ: _names(words, f"{place}, {organ}") for organ, words in given.items()}


def _listed(given: object, place: str, allowed: tuple[str, ...] | None) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, Mapping):
        raise InputError(f"{place}: expected a mapping to lists, got {given!r}")
    for name in given:
        if allowed and name not in allowed:
            raise InputError(f"{place}: unknown relation {name!r}; {nearest(str(name), allowed)}")
    return {str(name): tuple(_names(words, f"{place}, {name}")) for name, words in given.items()}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and any(char.isalnum() for char in value)


def _to_leader(item: object, key: str, where: str) -> Leader:
    allowed = ("name", "also", "office", "from", "to")
    if not isinstance(item, Mapping) or not _is_name(item.get("name")):
        raise InputError(
            f"{where}: actor {key!r}, leaders: expected {{name: ..., office: ..., from: ...}}, got {item!r}"
        )
    for name in item:
        if name not in allowed:
            raise InputError(
                f"{where}: leader {item['name']!r} has the unknown entry {name!r}; {nearest(name, allowed)}"
            )
    also = item.get("also", [])
    if not isinstance(also, list) or not all(map(_is_name, also)):
        raise InputError(f"{where}: leader {item['name']!r}, also: expected a list of texts, got {also!r}")
    dates = [
        None if item.get(k) is None else _date(str(item[k]), f"{where}: leader {item['name']!r}")
        for k in ("from", "to")
    ]
    names = [name for text in also for name in _expand(text.strip())]
    return Leader(item["name"], tuple(names), str(item.get("office", "")), *dates)


def _date(text: str, place: str) -> str:
    if not _DATE.fullmatch(text):
        raise InputError(f"{place}: {text!r} is no date; expected 2014-08-28, 2014-08 or 2014")
    return text


def _add_leaders(actors: dict[str, Actor], rows: list[tuple[int, dict[str, str]]], where: str) -> None:
    found: dict[str, list[Leader]] = {}
    for number, row in rows:
        place = f"{where}, line {number}"
        _need_actor(row["actor"], actors, place)
        if not _is_name(row["name"]):
            raise InputError(f"{place}: the leader has no name")
        dates = [_date(row[k].strip(), place) if row[k].strip() else None for k in ("from", "to")]
        name, *others = split_names(row["name"])
        leader = Leader(name, (*others, *split_names(row["also"])), row["office"].strip(), *dates)
        found.setdefault(row["actor"], []).append(leader)
    for key, leaders in found.items():
        actors[key] = replace(actors[key], leaders=(*actors[key].leaders, *leaders))


def _need_actor(key: str, actors: Mapping[str, Actor], place: str) -> None:
    if key not in actors:
        raise InputError(f"{place}: unknown actor {key!r}; {nearest(key, actors)}")


def _add_foreign(actors: dict[str, Actor], rows: list[tuple[int, dict[str, str]]], where: str) -> None:
    found: dict[str, list[ForeignName]] = {}
    for number, row in rows:
        place = f"{where}, line {number}"
        _need_actor(row["actor"], actors, place)
        names = split_names(row["names"], row["language"])
        found.setdefault(row["actor"], []).extend(_foreign(row["language"], row["form"], names, place))
    for key, added in found.items():
        actors[key] = replace(actors[key], foreign=(*actors[key].foreign, *added))


def _foreign_of(given: object, place: str) -> Iterator[ForeignName]:
    """``languages: {tr: {names: [...], capitals: [...]}}`` of a YAML file."""
    if not isinstance(given, Mapping) or not all(isinstance(v, Mapping) for v in given.values()):
        raise InputError(f"{place}, languages: expected {{tr: {{names: [...]}}}}, got {given!r}")
    for language, by_form in given.items():
        for form, listed in by_form.items():
            where = f"{place}, languages, {language}, {form}"
            _names(listed, where)
            names = [name for item in listed for name in _expand(item.strip(), str(language))]
            yield from _foreign(str(language), str(form), names, where)


def _foreign(language: str, written: str, names: list[str], place: str) -> Iterator[ForeignName]:
    if language not in LANGUAGES:
        raise InputError(f"{place}: unknown language {language!r}; {nearest(language, LANGUAGES)}")
    form, _, person = written.partition("=")
    form, _, organ = form.partition(":")
    if form not in _FOREIGN_FORMS:
        raise InputError(f"{place}: unknown form {form!r}; {nearest(form, sorted(set(_FOREIGN_FORMS.values())))}")
    if organ and organ not in ORGANS:
        raise InputError(f"{place}: unknown organ {organ!r}; {nearest(organ, ORGANS)}")
    for name in names:
        if not _is_name(name):
            raise InputError(f"{place}: expected a name with letters, got {name!r}")
        yield ForeignName(language, _FOREIGN_FORMS[form], name, organ, person.strip())
