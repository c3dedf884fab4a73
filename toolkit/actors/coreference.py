"""Further mentions of somebody an article has named: pronouns, and roles such as "the senator" or "the company".

Plain rules, in the order of the text, each from what stands before it: the nearest antecedent that fits. A pronoun that
could mean two is left alone where the rules have no ground to choose.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import yaml

from toolkit.actors.words import Found
from toolkit.errors import InputError, nearest
from toolkit.sentences import split_sentences

__all__ = ["KINDS", "Mention", "add_references", "find_named", "find_persons", "find_references"]

KINDS = ("person", "body", "group")
"""A person; a state, organisation or company ("it"); people without one name ("they")."""
REACH = 3
"""A pronoun points back over so many sentences at most."""
ROLE_REACH = 2500
"""And a role over so many characters."""

_PRONOUNS = {
    "he": ("person", "m", "subject"), "him": ("person", "m", "object"), "his": ("person", "m", "owner"),
    "himself": ("person", "m", "owner"), "she": ("person", "f", "subject"), "her": ("person", "f", "owner"),
    "hers": ("person", "f", "owner"), "herself": ("person", "f", "owner"), "it": ("body", "", "subject"),
    "its": ("body", "", "owner"), "itself": ("body", "", "owner"), "they": ("group", "", "subject"),
    "them": ("group", "", "object"), "their": ("group", "", "owner"), "themselves": ("group", "", "owner"),
}  # fmt: skip
_PRONOUN = re.compile(rf"\b(?:{'|'.join(_PRONOUNS)})\b", re.IGNORECASE)
_EMPTY_IT = re.compile(
    r"it(?:['’]s| is| was| will be| would be| has been| had been| may be| might be| seems| seemed| appears| appeared|"
    r" takes| took| turned out| turns out| remains| happens| happened| rain\w*| snow\w*| became| becomes| comes|"
    r" came)\b"
    r"(?! (?:a |an |the )?(?:member|company|ally|party to))",
    re.IGNORECASE,
)
"""An "it" that points to nothing: "it was raining", "it seems that"."""
_AFTER_OBJECTS = (*'.,;:!?"”’)', "")
_QUOTED = re.compile(r"[\"“][^\"“”\n]*[\"”]?")
_NAME_WORD = r"[A-Z][\w’'.-]*\w"
_FULL_NAME = re.compile(
    rf"\b(?:{_NAME_WORD}|[A-Z]\.)(?: (?:{_NAME_WORD}|[A-Z]\.|al|bin|de|da|del|der|di|la|van|von)){{0,3}} {_NAME_WORD}"
)
_BEFORE = re.compile(r"((?:[\w’'&.-]+ ){0,5})$")
_BEHIND = re.compile(
    r"^(?:, |,? who (?:is|was) |,? (?:is|was|became|has been|remains) )(?:(?:the|a|an) )?([^.;:()\"“”]{3,70})"
)
_ROLE = re.compile(
    r"\b[Tt]he ((?:(?!(?:of|in|and|to|for|on|at|by|with|from|that|who)\b)[\w’'-]+ ){0,3}?)([a-z][a-z-]+)\b"
)
_END_OF_PHRASE = re.compile(r",| (?:of|in|for|at|who|and|which|to|from|with|on|that|was|is|has|had|said) ")
_GENITIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a text that means somebody.

    Attributes
    ----------
    start, end : int
        Code points of the text.
    entity : str
        Who is meant: any id.
    kind : {"person", "body", "group"}
    form : {"name", "pronoun", "role"}
    """

    start: int
    end: int
    entity: str
    kind: str = "person"
    form: str = "name"


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    text = resources.files("toolkit").joinpath("data/references.yaml").read_text(encoding="utf-8")
    return {key: frozenset(value.split()) for key, value in yaml.safe_load(text).items()}


def find_named(text: str, name: str, *, kind: str = "person") -> list[Mention]:
    """Every place where a text names somebody: the whole name, and of a person a part of it that is nobody else's.

    Parameters
    ----------
    text : str
        Any text.
    name : str
        The name as it is written in full; it is the mentions' `entity`.
    kind : {"person", "body", "group"}

    Returns
    -------
    list of Mention
        In order, not overlapping.

    Raises
    ------
    InputError
        The name is empty or the kind unknown.

    Examples
    --------
    >>> text = "Rafael Nadal won. Nadal said that Maria Nadal had helped Rafael."
    >>> [text[m.start : m.end] for m in find_named(text, "Rafael Nadal")]
    ['Rafael Nadal', 'Nadal', 'Rafael']
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"name is {name!r}; expected the name of somebody, such as 'Rafael Nadal'")
    if kind not in KINDS:
        raise InputError(f"unknown kind {kind!r}; {nearest(kind, KINDS)}")
    parts = [w for w in dict.fromkeys(name.split()) if len(w) > 2 and w[0].isupper()]
    forms = [re.escape(name).replace(r"\ ", r"\s+")]
    if kind == "person" and parts:
        first, last = re.escape(parts[0]), re.escape(parts[-1])
        forms += [rf"{first}(?: [\w.’'-]+){{0,2}}? {last}"] if first != last else []
        forms += [last, first]
    forms += [re.escape(part.upper()) for part in parts[-1:]]
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?!\w)")
    found = []
    for match in pattern.finditer(text):
        if kind == "person" and match.group() in parts and _is_other(text, match, parts):
            continue
        found.append(Mention(match.start(), match.end(), name, kind))
    return found


def _is_other(text: str, match: re.Match[str], parts: list[str]) -> bool:
    """Whether a part of a name stands beside a name of somebody else: "Maria" before "Nadal"."""
    before = re.search(rf"({_NAME_WORD}) $", text[max(0, match.start() - 30) : match.start()])
    if before is None or before.group(1) in parts:
        return False
    word = before.group(1).lower().rstrip(".")
    lists = _words()
    if word in lists["titles"] | lists["titles_male"] | lists["titles_female"] | lists["roles"] | lists["not_persons"]:
        return False
    at = max(0, match.start() - 30) + before.start(1)
    opens = at == 0 or re.search(r"[.!?\n\"“”] ?$", text[max(0, at - 2) : at]) is not None
    return not opens and match.group() == parts[-1]


def find_persons(text: str) -> list[Mention]:
    """Persons that a text names: two or more capitalised words that are no place or body, and then the last of them.

    Parameters
    ----------
    text : str
        Any text in English.

    Returns
    -------
    list of Mention
        In order, not overlapping; `entity` is the full name as it stands first.

    Notes
    -----
    Meant to tell whom else a pronoun could point back to; a list of persons needs more than this.

    Examples
    --------
    >>> text = "The United Nations heard Jens Holt on Monday. Holt spoke for Prime Minister Ada Berg."
    >>> [(text[m.start : m.end], m.entity) for m in find_persons(text)]
    [('Jens Holt', 'Jens Holt'), ('Holt', 'Jens Holt'), ('Ada Berg', 'Ada Berg')]
    """
    lists = _words()
    titles = lists["titles"] | lists["titles_male"] | lists["titles_female"] | lists["roles"] | frozenset(["prime"])
    full: list[tuple[int, int]] = []
    for match in _FULL_NAME.finditer(text):
        words = [(w.start() + match.start(), w.group()) for w in re.finditer(r"\S+", match.group())]
        while words and (words[0][1].lower().rstrip(".") in titles | _OPENINGS):
            words = words[1:]
        if len(words) < 2 or any(_GENITIVE.sub("", word.lower()) in lists["not_persons"] for _, word in words):
            continue
        end = words[-1][0] + len(_GENITIVE.sub("", words[-1][1]))
        full.append((words[0][0], end))
    entities: dict[str, str] = {}
    for start, end in full:
        entities.setdefault(text[start:end].split()[-1], text[start:end])
    if not entities:
        return []
    found = {start: Mention(start, end, entities[text[start:end].split()[-1]]) for start, end in full}
    spans = sorted(full)
    starts = [start for start, _ in spans]
    for match in re.finditer(rf"(?<![\w-])(?:{'|'.join(map(re.escape, entities))})(?![\w-])", text):
        place = bisect_right(starts, match.start()) - 1
        if place < 0 or spans[place][1] <= match.start():
            found[match.start()] = Mention(match.start(), match.end(), entities[match.group()])
    return [found[start] for start in sorted(found)]


_OPENINGS = frozenset(
    """
    a after although an and as at because before both but by despite during even for former from he her his if in it its
    many meanwhile my no not now of on one only or our she since so some that their then there these they this though to
    under until we what when where while who why with you your
    """.split()  # noqa: SIM905 - read as the list that it is
)


def find_references(
    text: str, names: Iterable[Mention], *, sentences: Sequence[tuple[int, int]] | None = None
) -> list[Mention]:
    """Pronouns and roles that point back to somebody who was named.

    Parameters
    ----------
    text : str
        One article's text in English.
    names : iterable of Mention
        Whom it names, and where. The more of the persons of an article are in it, the safer the result: somebody who is
        not cannot be the antecedent (:func:`find_persons`).
    sentences : sequence of (int, int), optional
        Its sentences; found where left out.

    Returns
    -------
    list of Mention
        Without `names`, in order, with the form "pronoun" or "role".

    Notes
    -----
    "He" and "she" mean the first person of this sentence that fits, "his" and "her" the nearest; else the first of the
    nearest of the three sentences before, where a pronoun that was resolved counts like a name. Gender is learnt from
    titles, nouns beside the name, and the pronouns that follow a person who is alone in a sentence. Inside quotation
    marks only what is named there counts. "It" opens a sentence or stands behind its body; "they" is given to groups
    alone. Roles are learnt from "Senator X", "X, the former director" and "X is a lawyer".

    Examples
    --------
    >>> text = "Senator Ada Berg spoke. She was tired. Jens Holt left; the senator smiled."
    >>> for m in find_references(text, find_persons(text)):
    ...     print(text[m.start : m.end], "->", m.entity, m.form)
    She -> Ada Berg pronoun
    senator -> Ada Berg role
    """
    ordered = sorted(names, key=lambda m: (m.start, -m.end))
    if not ordered:
        return []
    spans = list(sentences) if sentences is not None else split_sentences(text)
    return _Resolver(text, ordered, spans).resolve()


class _Resolver:
    """Goes through one text from its beginning to its end."""

    def __init__(self, text: str, names: list[Mention], sentences: list[tuple[int, int]]) -> None:
        self.text, self.names, self.sentences = text, names, sentences
        self.starts = [start for start, _ in sentences]
        self.quotes = [match.span() for match in _QUOTED.finditer(text)]
        self.quote_starts = [start for start, _ in self.quotes]
        self.held: dict[int, list[Mention]] = defaultdict(list)
        for name in names:
            self.held[self._sentence(name.start)].append(name)
        self.kinds = {name.entity: name.kind for name in names}
        self.roles = self._learn_roles()
        self.genders = self._learn_genders()

    def resolve(self) -> list[Mention]:
        found: list[Mention] = []
        for index, (start, end) in enumerate(self.sentences):
            new: list[Mention] = []
            places = [
                (m.start(), m.end(), "pronoun", m.group().lower()) for m in _PRONOUN.finditer(self.text, start, end)
            ]
            places += self._role_places(start, end)
            for place in sorted(places):
                mention = self._of_pronoun(index, *place) if place[2] == "pronoun" else self._of_role(*place)
                if mention is not None:
                    new.append(mention)
                    self.held[index] = sorted([*self.held[index], mention], key=lambda m: m.start)
            found += new
        return found

    def _sentence(self, at: int) -> int:
        return max(0, bisect_right(self.starts, at) - 1)

    def _quote(self, at: int) -> int | None:
        place = bisect_right(self.quote_starts, at) - 1
        return place if place >= 0 and at < self.quotes[place][1] else None

    def _of_pronoun(self, index: int, start: int, end: int, form: str, word: str) -> Mention | None:
        kind, gender, case = _PRONOUNS[word]
        if word == "it" and (_EMPTY_IT.match(self.text, start) or not self._opens(index, start)):
            return None
        if word == "it" and self.text[end : end + 1] in _AFTER_OBJECTS:
            return None  # "the bombers that break it.": mostly a thing
        quote = self._quote(start)
        here = [m for m in self.held[index] if m.end <= start and self._fits(m, kind, gender)]
        here = [m for m in here if self._quote(m.start) == quote]
        chosen: Mention | None = None
        if here:
            chosen = here[-1] if case == "owner" else here[0] if case == "subject" else self._object(here)
        elif quote is None and kind != "group":
            chosen = self._before(index, kind, gender, case)
        return Mention(start, end, chosen.entity, chosen.kind, form) if chosen else None

    def _object(self, here: list[Mention]) -> Mention | None:
        """Not the nearest, where there are two: "Berg said that Holt told him"."""
        return here[0] if len({m.entity for m in here}) > 1 else None

    def _before(self, index: int, kind: str, gender: str, case: str) -> Mention | None:
        for earlier in range(index - 1, max(-1, index - 1 - REACH), -1):
            fitting = [m for m in self.held[earlier] if self._fits(m, kind, gender) and self._quote(m.start) is None]
            if kind == "body" and fitting and fitting[0].start - self.sentences[earlier][0] > 60:
                return None
            if fitting:
                if case == "object" and len({m.entity for m in fitting}) > 1:
                    return None
                return fitting[0]
        return None

    def _opens(self, index: int, start: int) -> bool:
        """Whether a pronoun is the subject of its sentence, or stands behind a mention that is."""
        begin = self.sentences[index][0]
        if start - begin <= 1 or any(
            m.kind == "body" and m.start - begin < 40 and m.end <= start for m in self.held[index]
        ):
            return True
        return self.text[max(begin, start - 2) : start] == ", " and start - begin < 60

    def _fits(self, mention: Mention, kind: str, gender: str) -> bool:
        if mention.kind != kind:
            return False
        known = self.genders.get(mention.entity, "")
        return not known or not gender or known == gender

    def _learn_genders(self) -> dict[str, str]:
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        lists = _words()
        for name in self.names:
            if name.kind != "person":
                continue
            before = self.text[max(0, name.start - 40) : name.start].lower()
            title = re.search(r"([\w-]+)\.? $", before)
            for key in ("male", "female"):
                sign = key[0]
                if title and title.group(1) in lists[f"titles_{key}"]:
                    votes[name.entity][sign] += 3
                if self.roles[name.entity] & lists[key]:
                    votes[name.entity][sign] += 3
        for index, (_, end) in enumerate(self.sentences):
            persons = {m.entity for m in self.held[index] if m.kind == "person"}
            if len(persons) != 1:
                continue
            who = next(iter(persons))
            first = min(m.end for m in self.held[index] if m.entity == who)
            spans = [(first, end)]
            if index + 1 < len(self.sentences) and not any(m.kind == "person" for m in self.held[index + 1]):
                spans.append(self.sentences[index + 1])
            for span in spans:
                for match in _PRONOUN.finditer(self.text, *span):
                    kind, gender, _ = _PRONOUNS[match.group().lower()]
                    if kind == "person" and self._quote(match.start()) is None:
                        votes[who][gender] += 1
        genders = {}
        for who, count in votes.items():
            (best, most), *rest = count.most_common(2)
            if most > 2 * (rest[0][1] if rest else 0):
                genders[who] = best
        return genders

    def _learn_roles(self) -> dict[str, set[str]]:
        roles: dict[str, set[str]] = defaultdict(set)
        lists = _words()
        for name in self.names:
            known = lists["roles"] if name.kind == "person" else lists["bodies"]
            if name.kind == "person":
                roles[name.entity].update(_title_roles(self.text, name.start, known))
            behind = _BEHIND.match(self.text[name.end : name.end + 90])
            if behind is not None:
                phrase = _END_OF_PHRASE.split(behind.group(1))[0]
                roles[name.entity].update(word for word in map(_full_role, phrase.split()) if word in known)
        return roles

    def _role_places(self, start: int, end: int) -> Iterator[tuple[int, int, str, str]]:
        lists = _words()
        for match in _ROLE.finditer(self.text, start, end):
            word = match.group(2)
            if word in lists["roles"] or word in lists["bodies"]:
                first = match.start(1) if match.group(1) else match.start(2)
                # "the prosecutor Jens Holt" has its name beside it, "the senator's aide" is another
                after = self.text[match.end() : match.end() + 3]
                if re.match(r" [A-Z]|['’]s|,? [A-Z]", after) or self._overlaps(first, match.end()):
                    continue
                yield first, match.end(), "role", word

    def _overlaps(self, start: int, end: int) -> bool:
        return any(m.start < end and m.end > start for m in self.held[self._sentence(start)])

    def _of_role(self, start: int, end: int, form: str, word: str) -> Mention | None:
        if self._quote(start) is not None:
            return None
        owners = {who for who, learnt in self.roles.items() if word in learnt}
        if not owners and word in _words()["bodies"]:
            bodies = {who for who, kind in self.kinds.items() if kind == "body"}
            owners = bodies if len(bodies) == 1 and word in _PLAIN_BODIES else set()
        for name in reversed(self.names):
            if name.start < start and name.entity in owners:
                return Mention(start, end, name.entity, name.kind, form) if start - name.end <= ROLE_REACH else None
        return None


_PLAIN_BODIES = frozenset(["company", "firm", "group", "organisation", "organization"])
"""Words for the only body that an article names, whatever it is called there."""


def _title_roles(text: str, start: int, known: frozenset[str]) -> Iterator[str]:
    """The role right before a name, and the one that "and" joins to it: "actor and director X"."""
    match = _BEFORE.search(text, max(0, start - 60), start)
    words = [_full_role(word) for word in match.group(1).split()] if match else []
    if words and words[-1] in known:
        yield words[-1]
        if len(words) > 2 and words[-2] == "and" and words[-3] in known:
            yield words[-3]


def _full_role(word: str) -> str:
    plain = word.lower().strip(".,'’")
    return _SHORT_ROLES.get(plain, plain)


def add_references(
    text: str, hits: list[Found], sentences: Sequence[tuple[int, int]], kinds: Mapping[str, str]
) -> list[Found]:
    """Mentions of actors with the pronouns and roles that point back to them.

    Parameters
    ----------
    text : str
        A text.
    hits : list of Found
        Its mentions, with readings; places ("in Moscow") are no antecedents.
    sentences : sequence of (int, int)
        Its sentences.
    kinds : mapping of str to str
        The kind of each actor in the lexicon; groups are "they", states and organisations "it", leaders persons.

    Returns
    -------
    list of Found
        Both, in order. What was added has the form "pronoun" or "role", and is marked as resolved.
    """
    names, owners = [], {}
    for hit in hits:
        if hit.reading != "actor" or hit.form == "demonym":
            continue
        kind = "person" if hit.form == "leader" else "group" if kinds.get(hit.actor) == "group" else "body"
        # Two leaders of one state are two persons, told apart by the last word of their names.
        entity = f"{hit.actor}/{hit.surface.split()[-1] if kind == 'person' else kind}"
        names.append(Mention(hit.start, hit.end, entity, kind))
        owners[entity] = hit
    if not names:
        return hits
    taken = [(m.start, m.end) for m in names]
    others = [p for p in find_persons(text) if not any(p.start < end and p.end > start for start, end in taken)]
    held = {(hit.start, hit.end) for hit in hits}
    added = []
    for m in find_references(text, [*names, *others], sentences=sentences):
        if m.entity in owners and not any(m.start < end and m.end > start for start, end in held):
            surface = text[m.start : m.end]
            owner = replace(owners[m.entity], form=m.form, resolved=True)
            added.append(replace(owner, start=m.start, end=m.end, surface=surface))
    return sorted([*hits, *added], key=lambda hit: hit.start)


_SHORT_ROLES = {"sen": "senator", "rep": "representative", "gov": "governor", "gen": "general", "pres": "president",
                "capt": "captain", "prof": "professor", "chairperson": "chair"}  # fmt: skip
