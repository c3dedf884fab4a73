"""Formulas of regressions: read by a grammar of their own, because they travel in files that people share.

A formula in R's notation is a program to the libraries that read it: they run any Python expression in it. Here only
names of columns, ``C(name)``, the numbers 0 and 1, ``+ - * :`` and brackets are let through, and the names are replaced
by others before the library sees them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest

__all__ = ["Formula", "design_matrix", "read_formula"]

_TOKEN = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+*:()~]))")
_ALLOWED = "names of columns, C(name), 0, 1, + - * : and brackets"
MOST_PARTS = 80
"""Parts (names, signs, brackets) that a formula may have."""
MOST_TERMS = 100
"""Terms that a formula may make."""
MOST_LEVELS = 200
"""Values that a category may have."""
MOST_COLUMNS = 500
"""Columns that a formula may make."""
_PLACE = "toolkit_column_{}_"
_COLUMN = re.compile(r"toolkit_column_(?P<place>\d+)_(?P<end>\)?)(?:\[(?P<kind>(?:T\.)?)(?P<level>\d+)\])?")


@dataclass(frozen=True)
class Formula:
    """A formula that can do no harm.

    Attributes
    ----------
    text : str
        As it was written, with single blanks.
    left : str
        The column of the outcome, or the task.
    right : str
        The right-hand side for the library, in which every column has another name.
    names : tuple of str
        The columns of the right-hand side, in the order of those names.
    categories : tuple of str
        Those of them that stand inside ``C()``.
    """

    text: str
    left: str
    right: str
    names: tuple[str, ...]
    categories: tuple[str, ...]


def read_formula(formula: str) -> Formula:
    """Read a formula such as ``tone ~ C(outlet) * C(actor) + copied``.

    Parameters
    ----------
    formula : str
        In the notation of R, patsy and statsmodels, of which this is a part: names of columns, ``C(name)`` for a
        category, ``+``, ``-``, ``:`` (interaction), ``*`` (both and their interaction), brackets, ``0`` or ``- 1`` for
        no constant.

    Returns
    -------
    Formula

    Raises
    ------
    InputError
        Anything else stands in it.

    Examples
    --------
    >>> read_formula("tone ~ C(outlet) + copied").right
    'C(toolkit_column_0_)+toolkit_column_1_'
    >>> read_formula("tone ~ __import__('os').system('ls')")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: the formula has "'os').syste..." where only names of columns, C(name), 0, 1, + - * : and
    brackets are allowed: formulas are shared, so they may run nothing
    """
    if not isinstance(formula, str) or formula.count("~") != 1:
        raise InputError(f"formula is {formula!r}; expected an outcome, ~, and terms, such as 'tone ~ C(outlet)'")
    tokens = _tokens(formula)
    at = [text for _, text in tokens].index("~")
    if at != 1 or tokens[0][0] != "name":
        raise InputError(f"the formula {formula!r} must have one name before ~: the task, or a column")
    parser = _Parser(tokens[at + 1 :], formula)
    parser.side()
    if parser.at < len(parser.tokens):
        parser.fail("one of + - * :")
    if not parser.names:
        raise InputError(f"the formula {formula!r} names no column after ~; expected terms, such as C(outlet)")
    return Formula(" ".join(formula.split()), tokens[0][1], "".join(parser.out), tuple(parser.names),
                   tuple(dict.fromkeys(parser.categories)))  # fmt: skip


def _tokens(formula: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(formula.rstrip())
    while at < end:
        match = _TOKEN.match(formula, at)
        if match is None:
            rest = formula[at:].strip()
            shown = rest if len(rest) <= 14 else rest[:11] + "..."
            raise InputError(
                f'the formula has "{shown}" where only {_ALLOWED} are allowed: formulas are shared, so they may run '
                "nothing"
            )
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        at = match.end()
        if len(found) > MOST_PARTS:
            raise InputError(f"the formula has more than {MOST_PARTS} parts; make it shorter")
    return found


class _Parser:
    """Sums of products of names; writes the same with other names."""

    def __init__(self, tokens: list[tuple[str, str]], formula: str) -> None:
        self.tokens, self.formula, self.at = tokens, formula, 0
        self.out: list[str] = []
        self.names: list[str] = []
        self.categories: list[str] = []

    def fail(self, wanted: str) -> None:
        got = repr(self.tokens[self.at][1]) if self.at < len(self.tokens) else "its end"
        raise InputError(f"the formula {self.formula!r} has {got} where {wanted} was expected; it may hold {_ALLOWED}")

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def side(self) -> int:
        """A sum; the number of terms that it makes, as for the other two."""
        if self.peek() == "-":
            self.out.append(self.take())
        terms = self.product()
        while self.peek() in ("+", "-"):
            self.out.append(self.take())
            terms += self.product()
        return self.limited(terms)

    def product(self) -> int:
        """Interactions that bring their main effects: a * b is a + b + a:b."""
        terms = self.interaction()
        while self.peek() == "*":
            self.out.append(self.take())
            other = self.column_only()
            terms = self.limited(terms * other + terms + other)
        return terms

    def interaction(self) -> int:
        terms = self.factor()
        while self.peek() == ":":
            self.out.append(self.take())
            terms = self.limited(terms * self.column_only(factor=True))
        return terms

    def column_only(self, *, factor: bool = False) -> int:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "number":
            self.fail("a column")
        return self.factor() if factor else self.interaction()

    def limited(self, terms: int) -> int:
        if terms > MOST_TERMS:
            raise InputError(f"the formula {self.formula!r} makes more than {MOST_TERMS} terms; leave some out")
        return terms

    def factor(self) -> int:
        kind, terms = self.tokens[self.at][0] if self.at < len(self.tokens) else "", 1
        if self.peek() == "(":
            self.out.append(self.take())
            terms = self.side()
            self.close()
        elif kind == "number":
            if self.peek() not in ("0", "1"):
                self.fail("0 or 1 (without or with a constant)")
            self.out.append(self.take())
        elif kind == "name" and self.peek(1) == "(":
            if self.peek() != "C":
                self.fail("a column or C(name)")
            self.at += 2
            self.out.append("C(")
            if self.at >= len(self.tokens) or self.tokens[self.at][0] != "name":
                self.fail("a column")
            self.categories.append(self.peek())
            self.name()
            self.close()
        elif kind == "name":
            self.name()
        else:
            self.fail("a column")
        return terms

    def name(self) -> None:
        name = self.take()
        if name not in self.names:
            self.names.append(name)
        self.out.append(_PLACE.format(self.names.index(name)))

    def close(self) -> None:
        if self.peek() != ")":
            self.fail("')'")
        self.out.append(self.take())


def category_levels(values: pd.Series, name: str, reference: str | None) -> list[Any]:
    """The values of a category, the one that the others are compared with first."""
    levels = sorted(values.unique())
    if len(levels) > MOST_LEVELS:
        raise InputError(
            f"{name!r} has {len(levels):,} values, too many for a category (at most {MOST_LEVELS}); to compare within "
            "stories use toolkit.contrast_within"
        )
    if reference is None:
        return levels
    if reference not in levels:
        raise InputError(f"reference[{name!r}] is {reference!r}, which no mention has; {nearest(reference, levels)}")
    return [reference, *(level for level in levels if level != reference)]


def design_matrix(
    formula: Formula, data: Mapping[str, Any], levels: Mapping[str, list[Any]]
) -> tuple[np.ndarray, list[str]]:
    """The columns of a formula.

    Parameters
    ----------
    formula : Formula
    data : mapping of str to array, shape (n,)
        Each named column: numbers, or values of a category.
    levels : mapping of str to list
        The values of each category, the reference first.

    Returns
    -------
    array of float, shape (n, k), and list of str
        The matrix, and the name of each column as patsy and statsmodels name it.

    Raises
    ------
    InputError
        It would have more than 500 columns.
    """
    from patsy import EvalEnvironment, PatsyError, dmatrix

    columns = {
        _PLACE.format(i): np.asarray(data[name], dtype=float) if name not in levels
        # Values go in by number, so that none can look like a part of the formula.
        else pd.Categorical(pd.Index(levels[name]).get_indexer(np.asarray(data[name])), range(len(levels[name])))
        for i, name in enumerate(formula.names)
    }  # fmt: skip
    _check_width(formula, levels)
    try:
        # No names but those of the columns: the library can reach nothing else.
        made = dmatrix(formula.right, columns, EvalEnvironment([{}]))
    except PatsyError as problem:
        raise InputError(f"the formula {formula.text!r} cannot be used: {str(problem).splitlines()[0]}") from None

    def named(match: re.Match[str]) -> str:
        name, level = formula.names[int(match["place"])], match["level"]
        return name + match["end"] + ("" if level is None else f"[{match['kind']}{levels[name][int(level)]}]")

    return np.asarray(made), [_COLUMN.sub(named, column) for column in made.design_info.column_names]


def _check_width(formula: Formula, levels: Mapping[str, list[Any]]) -> None:
    """Refuse interactions of categories with so many values that they would fill the memory."""
    from patsy import ModelDesc

    width = 0
    for term in ModelDesc.from_formula(formula.right).rhs_termlist:
        columns = 1
        for factor in term.factors:
            place = re.findall(r"toolkit_column_(\d+)_", factor.name())
            columns *= len(levels.get(formula.names[int(place[0])], [0])) if place else 1
        width += columns
    if width > MOST_COLUMNS:
        raise InputError(
            f"the formula {formula.text!r} makes {width:,} columns, more than {MOST_COLUMNS}: the categories have too "
            "many values; group them, or leave an interaction out"
        )
