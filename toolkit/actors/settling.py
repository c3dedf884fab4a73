"""What the article decides about a name: whose it is on that day, and which part of the actor is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from toolkit.actors.lexicon import Lexicon
from toolkit.actors.lists import load_list
from toolkit.actors.model import NO_OFFICE
from toolkit.actors.names import NAMED, Name, noun_organ, title_before
from toolkit.actors.people import Person, is_surname, same_office
from toolkit.actors.surfaces import Sense
from toolkit.actors.words import Found, load_words

__all__ = ["settle_names"]

NOUN_WITHIN = 5
"""The noun that tells the organ is among so many words behind a demonym."""

_WORDS = re.compile(r"[ \xa0]?([\w'’-]*\w|[,])")
_SHORT_NAME = re.compile(r"[A-Z.]{2,6}")
_FORMER = re.compile(r"\b(?:former|ex-|ousted|late|deposed|disgraced|then-)[ \xa0]?$|\bex[ \xa0-]$", re.IGNORECASE)
_PASSED_OVER = frozenset(["and", "or", ",", "the"])
_STOPS = frozenset(
    ["in", "on", "at", "to", "of", "from", "by", "with", "for", "who", "that", "is", "are", "was", "were", "has",
     "have", "had", "said", "as", "which", "but", "regime"]
)  # fmt: skip


def settle_names(
    found: Mapping[str, list[Name]], texts: Mapping[str, str], day: str | None, lexicon: Lexicon
) -> dict[str, list[Found]]:
    """The mentions by name in the parts of one article, without plain words, which :mod:`toolkit.actors.epithets` adds.

    Parameters
    ----------
    found : dict of str to list of Name
        Names by part (title, body).
    texts : dict of str to str
        The texts of these parts.
    day : str or None
        The article's date (ISO), by which offices are told.
    lexicon : Lexicon
        The actors.

    Returns
    -------
    dict of str to list of Found
        Mentions by part, with actor, form, organ, person, office.
    """
    full: set[Person | None] = {
        sense.person
        for names in found.values()
        for name in names
        for sense in name.senses
        if sense.person is not None and not sense.dependent and not is_surname(name.surface)
    }
    settled: dict[str, list[Found]] = {}
    for part, names in found.items():
        hits = (_settle(name, texts[part], day, full) for name in names if not _is_plain_word(name))
        settled[part] = [hit for hit in hits if hit is not None]
    for part in settled:
        settled[part] = list(_without_others(settled[part], settled, texts, lexicon))
        _tell_organs(settled[part], texts[part], day, lexicon)
    return settled


def _is_plain_word(name: Name) -> bool:
    return name.senses[0].form == "epithet"


def _settle(name: Name, text: str, day: str | None, full: set[Person | None]) -> Found | None:
    first = name.senses[0]
    if first.person is not None and _is_month(name, text):
        return None
    if first.person is None:
        return Found(name.start, name.end, first.actor, name.form, name.surface, organ=name.organ)
    person = _person(name, text, day, full)
    if person is None:
        return None
    standing = person.at(day)
    organ = standing.organ
    if not name.stands_alone and organ not in NO_OFFICE:
        organ = name.organ  # "Assad's army" is none, the "Assad regime" is the government
    # who holds no office is no part of the actor: an actor of its own, such as "us.former"
    actor = f"{standing.actor}.{organ}" if organ in NO_OFFICE else standing.actor
    return Found(
        name.start, name.end, actor, name.form, name.surface, organ=organ, person=person.name, office=standing.office
    )


_MONTHS = frozenset(["March", "April", "May", "June", "August"])
_BEFORE_MONTH = re.compile(
    r"\b(?:in|since|until|till|during|last|next|this|early|mid|late|end of|\d{1,2}(?:st|nd|rd|th)?(?: of)?)[ \xa0-]$",
    re.IGNORECASE,
)
_BEHIND_MONTH = re.compile(r",? \d{1,4}\b")


def _is_month(name: Name, text: str) -> bool:
    """Whether a surname is the month here: "in May", "4 May", "May 2019"."""
    if name.surface not in _MONTHS or text.startswith(("'s", "’s"), name.end):
        return False
    left = text[max(0, name.start - 12) : name.start]
    return _BEFORE_MONTH.search(left) is not None or _BEHIND_MONTH.match(text, name.end) is not None


def _person(name: Name, text: str, day: str | None, full: set[Person | None]) -> Person | None:
    """Whose name it is: of those named in full, under this title, or alone of that name, who is in office."""
    senses = [s for s in name.senses if s.person is not None]
    title = title_before(text, name.start)
    fitting: list[tuple[tuple[bool, bool, bool, str], Sense]] = []
    for sense in senses:
        assert sense.person is not None
        standing = sense.person.at(day)
        in_office = standing.organ not in NO_OFFICE
        called = title is not None and in_office and _is_called(title, sense.person, day)
        if sense.dependent and sense.person not in full and not called:
            continue
        last = max(term.end for term in sense.person.terms)
        fitting.append(((sense.person in full, called, in_office, last), sense))
    if not fitting:
        return None
    best, chosen = max(fitting, key=lambda item: item[0])
    rivals = {s.person.terms[-1].actor for rank, s in fitting if rank[:3] == best[:3] and s.person is not None}
    return chosen.person if len(rivals) == 1 else None


def _is_called(title: str, person: Person, day: str | None) -> bool:
    return any(same_office(title, t.office) for t in person.terms if day is None or t.start <= day <= t.end)


def _without_others(
    hits: list[Found], settled: Mapping[str, list[Found]], texts: Mapping[str, str], lexicon: Lexicon
) -> Iterator[Found]:
    """Leave out names that the article has for something else: Georgia beside Atlanta, and no word of Tbilisi."""
    for hit in hits:
        words = lexicon.actors[hit.actor].unless.get(hit.surface) if hit.form in NAMED else None
        if words:
            own = lexicon.actors[hit.actor].unless
            known = any(h.actor == hit.actor and h.surface not in own for found in settled.values() for h in found)
            if not known and any(_named_in(words).search(text) for text in texts.values()):
                continue
        yield hit


@lru_cache(maxsize=256)
def _named_in(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


def _tell_organs(hits: list[Found], text: str, day: str | None, lexicon: Lexicon) -> None:
    """Tell the part: "Turkish soldiers" are the forces, "the US president" is who held the office on the day."""
    starts = {hit.start: hit for hit in hits}
    for i, hit in enumerate(hits):
        reach = _owns_noun(hit, text, lexicon) if hit.form in NAMED else 0
        organ, title, end = _noun_after(text, hit.end, starts, reach)
        if not organ:
            continue
        if organ == "leader" and title:
            after = hits[i + 1] if i + 1 < len(hits) else None
            if _FORMER.search(text, max(0, hit.start - 12), hit.start):
                hit.actor, hit.organ, hit.office = f"{hit.actor}.former", "former", f"former {title}"
                continue
            named = after if after is not None and after.person and after.start - end <= 2 else None
            if named is not None and named.actor == hit.actor:
                hit.person, hit.office, hit.organ = named.person, named.office, named.organ
                continue
        hit.organ = organ
        if title and lexicon.actors[hit.actor].kind == "state":
            hit.office = title
            standing = lexicon.holder(hit.actor, title, day)
            hit.person = standing.name if standing is not None else None


def _owns_noun(hit: Found, text: str, lexicon: Lexicon) -> int:
    """Within how many words the noun may stand to which a name belongs; 0 for none."""
    if text[hit.end : hit.end + 2] in ("'s", "’s") or text[hit.end : hit.end + 1] in ("'", "’"):
        return NOUN_WITHIN
    if hit.form == "demonym":
        return NOUN_WITHIN if hit.surface in lexicon.actors[hit.actor].adjectives else 0
    return 2 if _SHORT_NAME.fullmatch(hit.surface) else 0


def _noun_after(text: str, end: int, starts: Mapping[int, Found], reach: int) -> tuple[str, str | None, int]:
    """The organ that the noun behind a name tells, the office where the noun is one, and where it ends."""
    if not reach or text[end : end + 1] == "-":
        return "", None, end  # "US-led coalition warplanes" are not the US's
    if text[end : end + 2] in ("'s", "’s"):
        end += 2
    title = _office_after().match(text, end)
    if title is not None:
        office = title.group(1).lower().replace("\xa0", " ")
        office = office if office in _titles() else office.removesuffix("s")
        return ("leader" if office in load_list("heads") else "ministry"), office, title.end()
    at, joined = end, False
    for _ in range(reach):
        word = _WORDS.match(text, at)
        if word is None:
            break
        written = word.group(1).lower()
        if written in _STOPS or written in load_words()["place_nouns"]:
            break
        if (joined and word.start(1) in starts) or written in _PASSED_OVER:
            # "the Russian and Turkish presidents"
            joined = written in _PASSED_OVER
            at = starts[word.start(1)].end if word.start(1) in starts else word.end()
            title = _office_after().match(text, at)
            if title is not None:
                office = title.group(1).lower().removesuffix("s")
                return ("leader" if office in load_list("heads") else "ministry"), office, title.end()
            continue
        organ = noun_organ(written)
        if organ:
            return organ, None, word.end()
        if word.group(1) == "," or word.group(1)[0].isupper() or written.endswith(("s", "ed")):
            break  # "Syrian activists accused ..."
        at = word.end()
    return "", None, end


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset([*load_list("heads"), *(title for group in load_list("same_offices") for title in group)])


@lru_cache(maxsize=1)
def _office_after() -> re.Pattern[str]:
    titles = "|".join(map(re.escape, sorted(_titles() - {"leader", "prince"}, key=lambda t: (-len(t), t))))
    return re.compile(rf"[ \xa0](?i:({titles})s?)(?![\w-])")
