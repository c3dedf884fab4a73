"""The lexicon in words: what counts as a mention of an actor on a day, and what is wrong with a file of actors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from toolkit.actors.lexicon import Lexicon, load_lexicon
from toolkit.actors.loading import read_actors
from toolkit.actors.model import FORMS_OF, Actor
from toolkit.actors.people import gather_people
from toolkit.actors.surfaces import find_clashes
from toolkit.errors import InputError, nearest

__all__ = ["check_lexicon", "describe_actor", "list_actors"]


def describe_actor(actor: str, day: str | None = None, lexicon: Lexicon | None = None) -> str:
    """Say what counts as a mention of an actor, who holds which office, its relations, and what does not count.

    Parameters
    ----------
    actor : str
        Its id.
    day : str, optional
        A date (``2020-02-28``) for the offices; all terms on record where left out.
    lexicon : Lexicon, optional
        The actors; those that ship where left out.

    Raises
    ------
    InputError
        The actor is unknown.

    Examples
    --------
    >>> said = describe_actor("nato", "2015-01-01")
    >>> said.splitlines()[0], "Jens Stoltenberg" in said, "Mark Rutte" in said
    ('nato: NATO (organisation)', True, False)
    """
    lexicon = lexicon or load_lexicon()
    if actor not in lexicon.actors:
        raise InputError(f"unknown actor {actor!r}; {nearest(actor, lexicon.actors)}")
    entry = lexicon.actors[actor]
    lines = [f"{entry.id}: {entry.label} ({entry.kind})"]
    for field, form in FORMS_OF.items():
        lines += _names(entry, field, form)
    if entry.epithets_need:
        lines.append(f"    epithets count where one of these is named in the article: {', '.join(entry.epithets_need)}")
    lines += ["", f"on {day}" if day else "offices on record"]
    offices = lexicon.officers(actor, day)
    wide = max((len(office) for office, _ in offices), default=0)
    for office, person in offices:
        also = [name if not alone else f"~{name}" for name, alone in person.surfaces.items() if name != person.name]
        terms = [f"{t.start} to {'' if t.end.startswith('9999') else t.end}".strip() for t in person.terms
                 if t.actor == actor and t.office == office]  # fmt: skip
        when = "" if day else f" {'; '.join(terms)}"
        lines.append(f"  {office:{wide}}  {person.name}" + (f" (also: {', '.join(also)})" if also else "") + when)
    if not offices:
        lines.append("  nobody on record")
    if any("~" in line for line in lines):
        lines.append("  ~ counts only where the full name stands in the article, or after a title")
    for relation, others in entry.relations.items():
        lines.append(f"{relation.replace('_', ' ')}: {', '.join(others)}")
    languages: dict[str, list[str]] = {}
    now = {person.name for _, person in offices}
    for foreign in entry.foreign:
        if foreign.form != "not_actor" and (not foreign.person or foreign.person in now):
            languages.setdefault(foreign.language, []).append(foreign.name)
    for language, names in languages.items():
        shown = _fold_cases(names) if language == "ru" else list(dict.fromkeys(names))
        lines.append(f"in {language}: {', '.join(shown)}")
    if entry.not_actor:
        lines.append(f"does not count: {', '.join(entry.not_actor)}")
    for name, words in entry.unless.items():
        lines.append(f"{name} does not count where nothing else of the actor is named, and one of: {', '.join(words)}")
    if entry.personal:
        lines.append(f"does not count beside a given name or surname: {', '.join(entry.personal)}")
    return "\n".join(lines)


def _fold_cases(names: Iterable[str]) -> list[str]:
    """Names of which those that differ in the endings of their words alone stand once, as what they share.

    Examples
    --------
    >>> _fold_cases(["Турция", "Турции", "Анкара", "Реджеп Эрдоган", "Реджепа Эрдогана"])
    ['Турци…', 'Анкара', 'Реджеп… Эрдоган…']
    """
    alike: dict[tuple[str, ...], list[list[str]]] = {}
    for name in dict.fromkeys(names):
        words = name.split()
        alike.setdefault(tuple(word[:4] for word in words), []).append(words)
    return [" ".join(map(_shared, zip(*group, strict=True))) for group in alike.values()]


def _shared(forms: Sequence[str]) -> str:
    """The beginning that all forms of a word share; the word itself where there is one form."""
    if len(set(forms)) == 1:
        return forms[0]
    length = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*forms, strict=False)))
    return f"{forms[0][:length]}…"


def _names(entry: Actor, field: str, form: str) -> Iterator[str]:
    names = getattr(entry, field)
    if field == "people":
        names = tuple(name for name in names if name not in entry.adjectives)
    by_organ: dict[str, list[str]] = {}
    for name in names:
        by_organ.setdefault(entry.organs.get(name, ""), []).append(name)
    for organ, listed in by_organ.items():
        yield f"  {form + (f' ({organ})' if organ else ''):28}{', '.join(listed)}"


def list_actors(lexicon: Lexicon | None = None) -> str:
    """One line per actor: id, kind, label, and how many names and persons it has."""
    lexicon = lexicon or load_lexicon()
    rows = [
        (
            a.id,
            a.kind,
            a.label,
            f"{sum(1 for _ in a.written_names())} names, {len({p.name for p in a.leaders})} persons",
        )
        for a in lexicon.actors.values()
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join("  ".join(text.ljust(widths[i]) if i < 3 else text for i, text in enumerate(row)) for row in rows)


def check_lexicon(source: str | Path | Mapping[str, Any]) -> tuple[Lexicon | None, list[str]]:
    """Read a user's actors on top of those that ship, and say everything that is wrong with them.

    Returns
    -------
    (Lexicon or None, list of str)
        The whole lexicon where nothing is wrong, and the faults.

    Examples
    --------
    >>> check_lexicon({"acme": ["Ankara", "Tehran"]})[1]
    ["the name 'Ankara' stands for two actors, ...", "the name 'Tehran' stands for two actors, ..."]
    """
    try:
        actors = read_actors(source, load_lexicon().actors)
    except InputError as error:
        return None, [str(error)]
    faults = find_clashes(actors.values(), gather_people(actors.values()))
    for actor in actors.values():
        needed = {*actor.epithets_need, *(other for others in actor.relations.values() for other in others)}
        faults += [f"actor {actor.id!r}: unknown actor {key!r} in epithets_need or relations; {nearest(key, actors)}"
                   for key in sorted(needed - set(actors))]  # fmt: skip
        faults += [
            f"actor {actor.id!r}: {leader.name!r} ends ({leader.end}) before the start ({leader.start})"
            for leader in actor.leaders
            if leader.start and leader.end and leader.end < leader.start[: len(leader.end)]
        ]
    return (None if faults else Lexicon({key: replace(actor) for key, actor in actors.items()})), faults
