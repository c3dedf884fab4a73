"""Classifiers of mentions: a shelf, one file per method.

A new one is a subclass of :class:`~toolkit.classifiers.base.TargetClassifier` in a file of its own and one line in
:data:`CLASSIFIERS`; the contract tests, the command and experiments then know it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from toolkit.classifiers.anchors import AnchorsClassifier
from toolkit.classifiers.base import FORMAT, NotFitted, TargetClassifier
from toolkit.classifiers.embedding import EmbeddingClassifier
from toolkit.classifiers.lexicon import LexiconClassifier
from toolkit.classifiers.majority import MajorityClassifier
from toolkit.classifiers.tfidf import TfidfClassifier
from toolkit.classifiers.transformer import TransformerClassifier
from toolkit.errors import InputError, nearest

__all__ = ["CLASSIFIERS", "NotFitted", "TargetClassifier", "load_classifier"]

CLASSIFIERS: dict[str, type[TargetClassifier]] = {
    "majority": MajorityClassifier,
    "lexicon": LexiconClassifier,
    "anchors": AnchorsClassifier,
    "tfidf": TfidfClassifier,
    "embedding": EmbeddingClassifier,
    "transformer": TransformerClassifier,
}

_KEYS = ("classifier", "facts", "format", "hashes", "labels", "parameters")


def load_classifier(folder: str | Path, *, labels: Sequence[str] | None = None) -> TargetClassifier:
    """Load a classifier that :meth:`TargetClassifier.save` wrote. No code in the folder is run.

    Parameters
    ----------
    folder : str or pathlib.Path
        Holds `head.json` and the files that it names.
    labels : sequence of str, optional
        The labels that it may give.

    Returns
    -------
    TargetClassifier

    Raises
    ------
    InputError
        The folder is missing, incomplete, damaged, of another encoder, or gives other labels.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"there is no folder {str(folder)!r} with a classifier; {nearest(str(folder), CLASSIFIERS)}")
    head = _read_head(folder)
    contents = {}
    for name, wanted in head["hashes"].items():
        if not (folder / name).is_file():
            raise InputError(f"the classifier in {str(folder)!r} lacks its file {name!r}; save or fetch it again")
        contents[name] = (folder / name).read_bytes()
        if (found := hashlib.sha256(contents[name]).hexdigest()) != wanted:
            raise InputError(
                f"{folder / name} is damaged or belongs to another classifier: its SHA-256 is {found[:12]}..., "
                f"head.json expects {str(wanted)[:12]}...; save or fetch the classifier again"
            )
    if labels is not None and (foreign := [label for label in head["labels"] if label not in labels]):
        raise InputError(
            f"the classifier in {str(folder)!r} gives the label {foreign[0]!r}, which the task lacks; "
            f"the task has {', '.join(labels)}: choose a classifier trained for it"
        )
    try:
        return CLASSIFIERS[head["classifier"]].from_parts(head, contents, str(folder))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the classifier in {str(folder)!r} is broken ({error!r}); save or fetch it again") from None


def _read_head(folder: Path) -> dict:
    path = folder / "head.json"
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError(f"the folder {str(folder)!r} holds no classifier: head.json is missing") from None
    except ValueError as error:
        raise InputError(f"{path} is not JSON ({error}); save or fetch the classifier again") from None
    if not isinstance(head, dict) or any(key not in head for key in _KEYS):
        missing = [key for key in _KEYS if not isinstance(head, dict) or key not in head]
        raise InputError(f"{path} lacks {missing[0]!r}; it was not written by this toolkit, or is damaged")
    if head["format"] != FORMAT:
        raise InputError(f"{path} has the format {head['format']!r}; this toolkit reads {FORMAT}: save it again")
    if head["classifier"] not in CLASSIFIERS:
        raise InputError(
            f"{path}: unknown classifier {head['classifier']!r}; {nearest(head['classifier'], CLASSIFIERS)}"
        )
    for name in CLASSIFIERS[head["classifier"]].files:
        if name not in head["hashes"]:
            raise InputError(f"{path} states no hash of {name}; save or fetch the classifier again")
    return head
