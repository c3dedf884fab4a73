"""Names in Turkish, Russian, Arabic, German, French and Spanish: their endings, prefixes and letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from toolkit.actors.model import NO_OFFICE, Actor, ForeignName
from toolkit.actors.people import Person
from toolkit.actors.surfaces import plain, same_length
from toolkit.actors.words import Found

__all__ = ["ForeignNames"]

_WORD = re.compile(r"\w+")
_GAP = re.compile(r"(?:[ '’\-]|\. ?)")
_INVISIBLE = re.compile(r"[\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Arabic tatweel and vowel signs, and marks of direction."""

_TR_LOWER = str.maketrans({"I": "ı", "İ": "i", "Â": "a", "â": "a", "Î": "i", "î": "i", "Û": "u", "û": "u"})
_TR_SUFFIX = re.compile(
    r"(?:l[ae]r)?(?:[ıiuü]|s[ıiuü]|l[ae]r[ıi])?"
    r"(?:n?[ıiuü]n|[yn]?[ıiuü]|[yn]?[ae]|n?[dt][ae](?:ki(?:l[ae]r)?)?(?:n)?|y?l[ae]|l[ıiuü](?:l[ae]r)?(?:[ıi]n?)?)?"
)
"""Plural, possessive and case behind a Turkish name that is written without an apostrophe."""
_TR_SHORTEST = 3
_DE_SUFFIX = {
    "name": ("s", "es"),
    "capital": ("s", "es"),
    "institution": ("s", "es", "n"),
    "leader": ("s",),
    "demonym": ("e", "en", "er", "em", "es", "n", "s", "in", "innen", "nen"),
}
_AR_FOLD = str.maketrans("أإآٱىة", "اااايه")
_AR_PREFIX = re.compile(r"[وف]?(?:[بك]?ال|لل|[بكل])|[وف]")
_AR_SUFFIX = ("ه", "ون", "ين", "ات", "ان", "تين", "تان", "يون", "يين")
_AR_SHORTEST = 3


class _Entry(NamedTuple):
    """A name as a row of folded words, and what it means; nothing where a longer name means something else."""

    keys: tuple[str, ...]
    name: ForeignName | None
    actor: str
    capital: bool
    shouted: bool


class ForeignNames:
    """The names of one language, and the search for them.

    Parameters
    ----------
    actors : dict of str to Actor
        The actors.
    people : list of Person
        Their persons.
    language : str
        One of :data:`toolkit.actors.model.LANGUAGES`.

    Examples
    --------
    >>> from toolkit.actors.lexicon import load_lexicon
    >>> names = {"ar": {"names": ["تركيا"]}, "tr": {"names": ["Türkiye"]}}
    >>> lexicon = load_lexicon(extra={"turkey": {"languages": names}})
    >>> [hit.surface for hit in lexicon.names_in("tr").find("TÜRKİYE’nin ve Türkiyenin", None)]
    ['TÜRKİYE', 'Türkiyenin']
    >>> [hit.actor for hit in lexicon.names_in("ar").find("وقالت تركـيا", None)]
    ['turkey']
    """

    def __init__(self, actors: Mapping[str, Actor], people: Iterable[Person], language: str) -> None:
        self.language = language
        self.fold: Callable[[str], str] = _FOLDS[language]
        self.people: dict[str, Person] = {person.name: person for person in people}
        self.kinds = {key: actor.kind for key, actor in actors.items()}
        self.entries: dict[str, list[_Entry]] = {}
        seen: set[tuple[str, ...]] = set()
        own = [(key, name) for key, actor in actors.items() for name in actor.foreign if name.language == language]
        for not_actor in (
            False,
            True,
        ):  # what is a name stays one where another actor says that it means something else
            for key, name in own:
                if (name.form == "not_actor") is not_actor:
                    self._add(key, name, seen)
        for entries in self.entries.values():
            entries.sort(key=lambda entry: -len(entry.keys))

    def _add(self, actor: str, name: ForeignName, seen: set[tuple[str, ...]]) -> None:
        words = _WORD.findall(_INVISIBLE.sub("", same_length(name.name)))
        capital, shouted = words[0][0].isupper(), words[0].isupper() and len(words[0]) > 1
        spellings = [words] if self.language != "de" else [words, [_without_umlauts(word) for word in words]]
        for spelling in spellings:
            keys = tuple(self.fold(word) for word in spelling)
            for row in self._rows(keys, name):
                if row not in seen:
                    seen.add(row)
                    entry = _Entry(row, None if name.form == "not_actor" else name, actor, capital, shouted)
                    self.entries.setdefault(row[0], []).append(entry)

    def _rows(self, keys: tuple[str, ...], name: ForeignName) -> Iterator[tuple[str, ...]]:
        """The row of words, and those with endings that a language adds by rule."""
        yield keys
        if self.language == "de" and name.form in _DE_SUFFIX:
            for ending in _DE_SUFFIX[name.form]:
                yield (*keys[:-1], keys[-1] + ending)
        if self.language == "ar" and name.form == "demonym":
            for ending in _AR_SUFFIX:
                yield (*keys[:-1], keys[-1] + ending)

    def find(self, text: str, day: str | None) -> list[Found]:
        """The mentions by name in a text, on a day; readings and voices stay open."""
        clean, offsets = _without_invisible(text)
        words = [(m.start(), m.end(), m.group()) for m in _WORD.finditer(clean)]
        hits: list[Found] = []
        i = 0
        while i < len(words):
            found = self._at(clean, words, i)
            if found is None:
                i += 1
                continue
            entry, count, cut = found
            if entry.name is not None:
                start = offsets[words[i][0] + cut] if offsets else words[i][0] + cut
                last = words[i + count - 1][1] - 1
                end = (offsets[last] if offsets else last) + 1
                hits.append(self._hit(entry, start, end, text[start:end], day))
            i += count
        return hits

    def _at(self, text: str, words: list[tuple[int, int, str]], i: int) -> tuple[_Entry, int, int] | None:
        """The longest name that begins at a word, how many words it has, and how many letters precede it."""
        start, _, written = words[i]
        if text[start - 1 : start] == "@":
            return None
        best: tuple[_Entry, int, int] | None = None
        for key, cut, is_stem in self._candidates(written):
            for entry in self.entries.get(key, ()):
                count = len(entry.keys)
                if (best is not None and count <= best[1]) or (is_stem and count > 1):
                    continue
                if entry.capital and not written[: len(key) if entry.shouted else 1].isupper():
                    continue
                if self._follows(text, words, i, entry.keys):
                    best = (entry, count, cut)
        return best

    def _follows(self, text: str, words: list[tuple[int, int, str]], i: int, keys: tuple[str, ...]) -> bool:
        if i + len(keys) > len(words):
            return False
        for j in range(1, len(keys)):
            before, (start, _, written) = words[i + j - 1], words[i + j]
            if not _GAP.fullmatch(text[before[1] : start]):
                return False
            last = j == len(keys) - 1
            if not any(key == keys[j] and (last or not stem) for key, _, stem in self._candidates(written)):
                return False
        return True

    def _candidates(self, written: str) -> Iterator[tuple[str, int, bool]]:
        """The folded word, and without prefix or suffix: key, letters cut in front, whether cut behind."""
        word = self.fold(written)
        yield word, 0, False
        if self.language == "tr" and written[0].isupper():
            for size in range(len(word) - 1, _TR_SHORTEST - 1, -1):
                if _TR_SUFFIX.fullmatch(word, size):
                    yield word[:size], 0, True
        elif self.language == "ar":
            bare = written.translate(_AR_FOLD)
            for size in range(1, 5):
                if _AR_PREFIX.fullmatch(bare[:size]) and len(bare) - size >= _AR_SHORTEST:
                    # the article belongs to the name, what stands before it does not
                    yield bare[size:], size - 2 if bare[:size].endswith("ال") else size, False

    def _hit(self, entry: _Entry, start: int, end: int, surface: str, day: str | None) -> Found:
        name = entry.name
        assert name is not None
        actor, organ = entry.actor, name.organ or ("other" if name.form == "institution" else self.kinds[entry.actor])
        hit = Found(start, end, actor, name.form, surface, organ=organ)
        person = self.people.get(name.person)
        if name.form == "leader":
            hit.organ = name.organ or "leader"
        if person is not None:
            standing = person.at(day)
            hit.person, hit.office, hit.organ = person.name, standing.office, standing.organ
            hit.actor = f"{standing.actor}.{standing.organ}" if standing.organ in NO_OFFICE else standing.actor
        return hit


def _without_invisible(text: str) -> tuple[str, list[int] | None]:
    """A text without marks that are no letters, and the offset of each of its characters in the text that was given."""
    text = same_length(text)
    if not _INVISIBLE.search(text):
        return text, None
    kept = [i for i, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[i] for i in kept), kept


def _without_umlauts(word: str) -> str:
    for letter, plainer in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss")):
        word = word.replace(letter, plainer)
    return word


def _fold_turkish(word: str) -> str:
    return unicodedata.normalize("NFC", word).translate(_TR_LOWER).lower()


def _fold_russian(word: str) -> str:
    return word.lower().replace("ё", "е")


def _fold_arabic(word: str) -> str:
    """The word without article: names are compared bare."""
    word = word.translate(_AR_FOLD)
    return word[2:] if word.startswith("ال") and len(word) > _AR_SHORTEST + 1 else word


def _fold_german(word: str) -> str:
    return word.lower()


def _fold_plain(word: str) -> str:
    return plain(word).lower()


_FOLDS: dict[str, Callable[[str], str]] = {
    "tr": _fold_turkish, "ru": _fold_russian, "ar": _fold_arabic, "de": _fold_german, "fr": _fold_plain,
    "es": _fold_plain,
}  # fmt: skip
