"""The errors that users meet, and the helpers that word them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["InputError", "InputWarning", "nearest"]


class InputError(ValueError):
    """Something that the user gave cannot be used.

    The message quotes the value, says what was expected and what to do. The command line prints it
    without a traceback.
    """


class InputWarning(UserWarning):
    """Something that the user gave was used, but not all of it."""


def nearest(value: object, choices: Iterable[str]) -> str:
    """Word the valid choices, the nearest one first.

    Examples
    --------
    >>> nearest("turky", ["russia", "turkey"])
    "did you mean 'turkey'? Valid: russia, turkey"
    >>> nearest("x", ["russia", "turkey"])
    'Valid: russia, turkey'
    """
    names = sorted(choices)
    by_lower = {name.lower(): name for name in reversed(names)}
    close = [by_lower[c] for c in difflib.get_close_matches(str(value).lower(), by_lower, n=1, cutoff=0.6)]
    listed = "Valid: " + ", ".join(names[:40]) + (f" and {len(names) - 40} more" if len(names) > 40 else "")
    return f"did you mean {close[0]!r}? {listed}" if close else listed
