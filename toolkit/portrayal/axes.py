"""Axes: towards which of two opposite poles the words near an actor lean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from toolkit.config import Strict, check_config, read_yaml
from toolkit.encoders import Encoder, load_encoder
from toolkit.errors import InputError, nearest
from toolkit.estimation import estimate
from toolkit.portrayal.shares import as_mentions, select_mentions
from toolkit.portrayal.words import content_words

__all__ = ["STATES", "Axis", "axis_scores", "axis_words", "load_axes"]

STATES = ("words", "context")
"""What a word's vector is: the encoder's vector of the word alone, or its state in the sentence."""
SHIPPED = Path(__file__).parents[1] / "data" / "axes.yaml"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Axis:
    """A pair of opposite poles.

    Attributes
    ----------
    name : str
        Its name, low pole first.
    low, high : tuple of str
        The words of each pole; scores rise towards `high`.
    """

    name: str
    low: tuple[str, ...]
    high: tuple[str, ...]


class _Poles(Strict):
    low: list[str] = Field(min_length=1)
    high: list[str] = Field(min_length=1)


def load_axes(source: str | Path | Mapping[str, Any] | None = None) -> dict[str, Axis]:
    """Read axes.

    Parameters
    ----------
    source : path, mapping or None
        A YAML file or a mapping of names to ``{"low": [...], "high": [...]}``; those that ship if not given.

    Returns
    -------
    dict of str to Axis

    Raises
    ------
    InputError
        A pole is missing or empty, or a word stands at both poles.

    Examples
    --------
    >>> sorted(load_axes())[0]
    'cruel-humane'
    >>> load_axes({"cold-warm": {"low": ["cold"], "high": ["warm"]}})["cold-warm"].high
    ('warm',)
    """
    named = "axes" if isinstance(source, Mapping) else str(source or SHIPPED)
    raw = dict(source) if isinstance(source, Mapping) else read_yaml(Path(source or SHIPPED))
    axes = {}
    for name, value in raw.items():
        if not isinstance(value, dict):
            raise InputError(f"{named}, axis {name!r}: got {value!r}; expected its poles, low: [...] and high: [...]")
        poles = check_config(_Poles, value, f"{named}, axis {name!r}")
        both = sorted({w.lower() for w in poles.low} & {w.lower() for w in poles.high})
        if both:
            raise InputError(f"{named}, axis {name!r}: {both[0]!r} stands at both poles; keep it at one")
        axes[str(name)] = Axis(str(name), tuple(poles.low), tuple(poles.high))
    if not axes:
        raise InputError(f"{named} holds no axis; expected name: {{low: [...], high: [...]}}")
    return axes


def axis_scores(
    mentions: pd.DataFrame, axes: Mapping[str, Axis] | Sequence[str] | None = None, *,
    by: Sequence[str] = ("outlet", "actor"), voice: str = "outlet", copies: str = "own", reading: str = "actor",
    encoder: str | Encoder = "minilm", states: str = "words", level: float = 0.95, interval: str = "t", seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Towards which poles the words near each actor lean, and how strongly (FrameAxis).

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions, as :func:`toolkit.find_mentions` returns them; not changed. Row order does not matter.
    axes : mapping of str to Axis, or sequence of names
        As :func:`load_axes` returns them, or names of axes that ship; all that ship if not given.
    by : sequence of str
        The columns that make the groups.
    voice, copies, reading
        Which mentions count, as for :func:`toolkit.estimate`.
    encoder : str or Encoder
        As for :func:`toolkit.load_encoder`.
    states : {"words", "context"}
        What a word's vector is: the encoder's vector of the word alone, or the mean state of its pieces in the
        sentence (last layer; slower by the number of sentences).
    level, interval, seed
        As for :func:`toolkit.estimate`.
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    pandas.DataFrame
        A summary with `axis` after the keys: `estimate` is the bias B in [-1, 1], above 0 towards the second pole;
        `low` and `high` are clustered by story; further `baseline` (the bias of all words that count), `intensity` (at
        least 0), `n_words`. Compare groups on one axis; the zero of an axis is not a neutral portrayal, so read
        `estimate` against `baseline`.

    Raises
    ------
    InputError
        The table is not one of mentions, or an axis, a column or a choice is unknown.

    Notes
    -----
    With :math:`v` the mean vector of the high pole minus that of the low pole, and :math:`c_w = \cos(v, x_w)` for the
    words :math:`w` of the sentences (each once; function words and the actor's own names left out), which stand
    :math:`n_w` times:

    .. math:: B = \frac{\sum_w n_w c_w}{\sum_w n_w}, \qquad I = \frac{\sum_w n_w (c_w - B_T)^2}{\sum_w n_w}

    with :math:`B_T` the bias of all words that count.

    References
    ----------
    Kwak, An, Jing, Ahn: FrameAxis. PeerJ Computer Science 7:e644, 2021, equations 2 to 4.

    Examples
    --------
    >>> import pandas as pd
    >>> text = ["Ankara sent peaceful envoys.", "Ankara launched a hostile assault."]
    >>> mentions = pd.DataFrame({"sentence": text, "outlet": ["A", "B"]}).assign(
    ...     mention_id=list("12"), article_id=list("12"), story_id=list("12"), sentence_id=list("12"), start=0, end=6,
    ...     surface="Ankara", form="capital", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body",
    ...     actor="turkey", reading="actor", voice="outlet", speaker=None, position=0)
    >>> scores = axis_scores(mentions, ["peaceful-aggressive"]).set_index("outlet")
    >>> bool(scores.loc["A", "estimate"] < scores.loc["A", "baseline"] < scores.loc["B", "estimate"])
    True
    >>> scores["n_words"].tolist()
    [3, 3]
    """
    chosen, rows = _prepared(mentions, axes, voice, copies, reading, states)
    words, cosines = _word_cosines(rows, mentions, chosen, encoder, states, progress)
    options: dict[str, Any] = {"copies": copies, "level": level, "interval": interval, "seed": seed}
    tables = []
    for column, name in enumerate(chosen):
        c = cosines[:, column].astype(float)
        baseline = float(c.mean()) if len(c) else float("nan")
        scored = as_mentions(words, axis_score=c, _spread=(c - baseline) ** 2)
        table = estimate(scored, "axis", by=by, voice="all", reading="all", **options)
        strength = scored.assign(axis_score=scored["_spread"])
        table["intensity"] = estimate(strength, "axis", by=by, voice="all", reading="all", **options)["estimate"]
        table.insert(len(by), "axis", name)
        tables.append(table.assign(baseline=baseline))
    table = pd.concat(tables, ignore_index=True).rename(columns={"n_mentions": "n_words"})
    table["n_mentions"] = _mentions_in(rows, table, list(by))
    table = table.assign(task="axis", voice=voice, reading=reading, estimand="mean cosine of words with the axis")
    return table.sort_values(list(by), kind="stable").reset_index(drop=True)


def axis_words(
    mentions: pd.DataFrame, actor: str, axis: str | Axis, *, outlet: str | None = None, top: int = 10,
    voice: str = "outlet", copies: str = "own", reading: str = "actor", encoder: str | Encoder = "minilm",
) -> pd.DataFrame:  # fmt: skip
    r"""Which words move an actor along an axis.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions; the baseline is that of all that count.
    actor : str
        The actor's id.
    axis : str or Axis
        An axis, or the name of one that ships.
    outlet : str, optional
        Only its sentences; those of all if not given.
    top : int
        So many words towards each pole.
    voice, copies, reading, encoder
        As for :func:`axis_scores`.

    Returns
    -------
    pandas.DataFrame
        `word`, `n`, `cosine` with the axis, `contribution`: :math:`n_w (c_w - B_T) / \sum n`, the share in the group's
        distance from the baseline; from the strongest towards the low pole to the strongest towards the high one.

    Raises
    ------
    InputError
        As for :func:`axis_scores`; or the actor or outlet has no mention that counts.
    """
    named = {axis.name: axis} if isinstance(axis, Axis) else [axis]
    chosen, rows = _prepared(mentions, named, voice, copies, reading, "words")
    words, cosines = _word_cosines(rows, mentions, chosen, encoder, "words", None)
    table = words.assign(cosine=cosines[:, 0].astype(float))
    baseline = table["cosine"].mean()
    for column, value in (("actor", actor), ("outlet", outlet)):
        if value is not None:
            held = table[column].unique()
            if value not in held:
                raise InputError(f"no mention that counts has {column} {value!r}; {nearest(value, held)}")
            table = table[table[column].eq(value)]
    found = table.groupby("word", sort=True).agg(n=("cosine", "size"), cosine=("cosine", "first")).reset_index()
    found["contribution"] = found["n"] * (found["cosine"] - baseline) / found["n"].sum()
    found = found.sort_values(["contribution", "word"], kind="stable").reset_index(drop=True)
    keep = list(dict.fromkeys([*range(min(top, len(found))), *range(max(len(found) - top, 0), len(found))]))
    return found.iloc[keep].reset_index(drop=True)


def _prepared(
    mentions: pd.DataFrame, axes: Mapping[str, Axis] | Sequence[str] | None, voice: str, copies: str, reading: str,
    states: str,
) -> tuple[dict[str, Axis], pd.DataFrame]:  # fmt: skip
    if states not in STATES:
        raise InputError(f"unknown states {states!r}; {nearest(states, STATES)}")
    if isinstance(axes, Mapping):
        chosen = dict(axes)
    else:
        shipped = load_axes()
        names = list(shipped) if axes is None else [axes] if isinstance(axes, str) else list(axes)
        for name in names:
            if name not in shipped:
                raise InputError(f"unknown axis {name!r}; {nearest(name, shipped)}, or give one of yours: load_axes")
        chosen = {name: shipped[name] for name in names}
    return chosen, select_mentions(mentions, voice=voice, copies=copies, reading=reading)


def _mentions_in(rows: pd.DataFrame, table: pd.DataFrame, by: list[str]) -> np.ndarray:
    """How many mentions each group of words comes from."""
    if not by:
        return np.full(len(table), len(rows))
    counts = rows.groupby(by, sort=True, dropna=False).size().rename("_n").reset_index()
    return table[by].merge(counts, on=by, how="left")["_n"].fillna(0).astype("int64").to_numpy()


def _word_cosines(
    rows: pd.DataFrame, mentions: pd.DataFrame, axes: Mapping[str, Axis], encoder: str | Encoder, states: str,
    progress: Progress | None,
) -> tuple[pd.DataFrame, np.ndarray]:  # fmt: skip
    """A row for each word of each sentence and actor, and its cosine with every axis."""
    model = load_encoder(encoder) if isinstance(encoder, str) else encoder
    once = rows.drop_duplicates(["actor", "sentence_id"]).reset_index(drop=True)
    bags = content_words(once, mentions)
    sizes = [len(bag) for bag in bags]
    table = once.loc[np.repeat(once.index.to_numpy(), sizes)].reset_index(drop=True)
    flat = [word for bag in bags for word in bag]
    table = table.assign(word=[text for text, _, _ in flat]).drop(columns=["mention_id", "sentence"])
    directions = _directions(tuple(axes.values()), model)
    if states == "words":
        vocabulary = sorted({text for text, _, _ in flat})
        place = {word: i for i, word in enumerate(vocabulary)}
        vectors = model.vectors(vocabulary, progress=progress) if vocabulary else np.zeros((0, model.dims))
        return table, (vectors @ directions.T)[[place[text] for text, _, _ in flat]]
    texts = once["sentence"].tolist()
    found = model.states([(text, 0, len(text)) for text in texts], [model.n_layers], progress=progress)
    parts = [_in_context(state, bag) for state, bag in zip(found, bags, strict=True)]
    stacked = np.concatenate(parts) if parts else np.zeros((0, model.dims), dtype=np.float32)
    return table, stacked @ directions.T


def _in_context(found: Any, bag: Sequence[tuple[str, int, int]]) -> np.ndarray:
    """The mean state of each word's pieces, of length 1."""
    out = np.zeros((len(bag), found.states.shape[2]), dtype=np.float32)
    for i, (_, start, end) in enumerate(bag):
        inside = (found.offsets[:, 0] < end) & (found.offsets[:, 1] > start)
        if inside.any():
            out[i] = found.states[0, inside].mean(axis=0)
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    return out / np.where(norms > 0, norms, 1)


@lru_cache(maxsize=8)
def _directions(axes: tuple[Axis, ...], model: Encoder) -> np.ndarray:
    """The direction of each axis, of length 1: the mean of the high pole's words minus that of the low pole's."""
    out = np.stack([model.vectors(axis.high).mean(axis=0) - model.vectors(axis.low).mean(axis=0) for axis in axes])
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    if (norms < 1e-6).any():
        name = axes[int((norms < 1e-6).argmax())].name
        raise InputError(f"the poles of the axis {name!r} mean the same to the encoder; choose other words")
    return np.asarray(out / norms)
