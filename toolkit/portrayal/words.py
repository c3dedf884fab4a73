"""Which words an outlet puts near an actor more than other outlets do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.portrayal.shares import select_mentions

__all__ = ["actor_words", "log_odds"]

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
FUNCTION_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being between both but by can could did do
    does doing down during each few for from further had has have having he her here hers him his how i if in into is it
    its itself just me more most my no nor not now of off on once only or other our out over own same she should so some
    such than that the their them then there these they this those through to too under until up very was we were what
    when where which while who whom why will with would you your said says say told""".split()  # noqa: SIM905 - read as the line that it is
)
"""English words without content of their own; they are left out unless asked for."""


def log_odds(count_a: np.ndarray, count_b: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Log-odds ratios with an informative Dirichlet prior, and their z-scores.

    Parameters
    ----------
    count_a, count_b : array of float, shape (..., words)
        How often each word stands in the two texts.
    prior : array of float, shape (words,)
        Pseudo-counts, all above 0.

    Returns
    -------
    (array, array), each of shape (..., words)
        :math:`\delta_w`, positive where a uses the word more, in log units; and :math:`z_w`.

    Notes
    -----
    With counts :math:`y`, their sums :math:`n`, and pseudo-counts :math:`\alpha` with the sum :math:`\alpha_0`:

    .. math:: \delta_w = \log\frac{y^a_w+\alpha_w}{n^a+\alpha_0-y^a_w-\alpha_w}
              - \log\frac{y^b_w+\alpha_w}{n^b+\alpha_0-y^b_w-\alpha_w},
              \quad z_w = \delta_w \Big/ \sqrt{\frac{1}{y^a_w+\alpha_w} + \frac{1}{y^b_w+\alpha_w}}

    References
    ----------
    Monroe, Colaresi, Quinn: Fightin' words. Political Analysis 16(4), 2008, equations 15, 16, 20 and 22.

    Examples
    --------
    Three and one of four words, with one pseudo-count each for two words: log(4 / 2) - log(2 / 4) = 2 log 2.

    >>> delta, z = log_odds(np.array([3.0, 1.0]), np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    >>> delta.round(4).tolist(), z.round(4).tolist()
    ([1.3863, -1.3863], [1.6008, -1.6008])
    """
    a, b = count_a + prior, count_b + prior
    rest_a, rest_b = a.sum(axis=-1, keepdims=True) - a, b.sum(axis=-1, keepdims=True) - b
    delta = np.log(a / rest_a) - np.log(b / rest_b)
    return delta, delta / np.sqrt(1 / a + 1 / b)


def actor_words(
    mentions: pd.DataFrame, actor: str, a: str, b: str | None = None, *, between: str = "outlet",
    voice: str = "outlet", copies: str = "own", reading: str = "actor", minimum: int = 5, prior: float = 500.0,
    function_words: bool = False, level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    r"""Which words `a` puts near an actor more than `b`, or than all others, does.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions, as :func:`toolkit.find_mentions` returns them; not changed. Row order does not matter.
    actor : str
        The actor's id.
    a : str
        An outlet (or a value of `between`).
    b : str, optional
        Another; all others if not given.
    between : str
        The column that holds a and b.
    voice, reading
        Which mentions count, as for :func:`toolkit.estimate`; by default the outlet's own words.
    copies : {"own", "all"}
        Whether articles of agencies and copied ones count.
    minimum : int
        Words that stand less often in a and b together are left out.
    prior : float
        The sum of the pseudo-counts; each word gets its share of it by its frequency in all sentences about the actor.
        Larger numbers pull rare words towards no difference.
    function_words : bool
        Also give "the", "said" and their like.
    level : float
        Between 0.5 and 1.

    Returns
    -------
    pandas.DataFrame
        One row a word, from the one that tells a most to the one that tells b most (by `z_stories`): `word`, `n_a`,
        `n_b` (sentences with it; a sentence counts once however often the actor is named in it), `log_odds`, `z` (as if
        words were independent), `z_stories`, `low`, `high` (with the larger of two standard
        errors: clustered by story, and as if words were independent), `n_stories` that hold the word; `actor`, `a`, `b`
        ("all others" if not given) and `level`, the same in every row.

    Raises
    ------
    InputError
        An actor or outlet is not in the table, or a number is out of range.

    Notes
    -----
    See :func:`log_odds` for the formula. Words of one story come together, so z-scores that take words as independent
    are too large; `low`, `high` and `z_stories` take stories as the independent units (the linearised, cluster-robust
    variance; resampling stories was tried and is worse, because a resample that lacks a rare word is far off). The
    actor's own names are left out
    (:func:`naming_shares` counts those). Many words are looked at: expect one in twenty intervals to miss 0 by chance.

    References
    ----------
    Monroe, Colaresi, Quinn: Fightin' words. Political Analysis 16(4), 2008.

    Examples
    --------
    "Aids" has 1.75 of 7 pseudo-counts (2 of 8 words): log(3.75 / 7.25) - log(1.75 / 9.25) = 1.006.

    >>> import pandas as pd
    >>> text = ["Ankara aids refugees.", "Ankara aids civilians.", "Ankara bombs civilians.", "Ankara bombs towns."]
    >>> mentions = pd.DataFrame({"sentence": text, "outlet": ["A", "A", "B", "B"]}).assign(
    ...     mention_id=list("1234"), article_id=list("1234"), story_id=list("1234"), sentence_id=list("1234"), start=0,
    ...     end=6, surface="Ankara", form="capital", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0,
    ...     part="body", actor="turkey", reading="actor", voice="outlet", speaker=None, position=0)
    >>> words = actor_words(mentions, "turkey", "A", "B", minimum=2, prior=7)
    >>> words[["word", "n_a", "n_b", "log_odds"]].round(3).values.tolist()
    [['aids', 2, 0, 1.006], ['civilians', 1, 1, 0.0], ['bombs', 0, 2, -1.006]]
    """
    _check_numbers(minimum, prior, level)
    rows = select_mentions(mentions, voice=voice, copies=copies, reading=reading)
    if between not in rows.columns:
        raise InputError(f"cannot compare by {between!r}: the mentions have no such column; "
                         f"{nearest(between, rows.columns)}")  # fmt: skip
    rows = _of(rows, "actor", actor)
    inside = [("a", rows[between].eq(_known(rows, between, a)))]
    inside += [("b", rows[between].ne(a) if b is None else rows[between].eq(_known(rows, between, b)))]
    for side, mask in inside:
        if not mask.any():
            raise InputError(f"no sentence about {actor!r} is left for {side}; loosen voice, copies or reading")
    sentences = rows.drop_duplicates("sentence_id")
    in_a = sentences[between].eq(a).to_numpy()
    in_b = ~in_a if b is None else sentences[between].eq(b).to_numpy()
    chosen = sentences[in_a | in_b]
    words, place = _counts(content_words(chosen, mentions, function_words=function_words))
    story = np.unique(chosen["story_id"].to_numpy(dtype=str), return_inverse=True)[1]
    table = _compare(in_a[in_a | in_b], words, story, place, minimum, prior, level)
    return table.assign(actor=actor, a=a, b="all others" if b is None else b, level=level)


def _check_numbers(minimum: int, prior: float, level: float) -> None:
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < 1:
        raise InputError(f"minimum is {minimum!r}; expected a whole number of at least 1")
    if not prior > 0:
        raise InputError(f"prior is {prior!r}; expected a number above 0")
    if not 0.5 < level < 1:
        raise InputError(f"level is {level!r}; expected a number between 0.5 and 1, such as 0.95")


def _known(rows: pd.DataFrame, column: str, value: str) -> str:
    held = rows[column].dropna().unique()
    if value not in held:
        raise InputError(f"no mention that counts has {column} {value!r}; {nearest(value, held)}")
    return value


def _of(rows: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    return rows[rows[column].eq(_known(rows, column, value))]


def content_words(
    rows: pd.DataFrame, mentions: pd.DataFrame, *, function_words: bool = False
) -> list[list[tuple[str, int, int]]]:
    """The words of each row's sentence, each once at its first place, without the actor's own names.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns `actor`, `sentence_id`, `sentence`.
    mentions : pandas.DataFrame
        All mentions: every name of the row's actor in the sentence is left out, whether it counts or not.
    function_words : bool
        Also give "the", "said" and their like.

    Returns
    -------
    list of list of (word, start, end)
        Words in lower case, in the order of their places; offsets in the sentence.
    """
    names: dict[tuple[str, str], list[tuple[int, int]]] = {}
    columns = ["actor", "sentence_id", "start", "end"]
    for actor, sentence, start, end in mentions[columns].itertuples(index=False, name=None):
        names.setdefault((actor, sentence), []).append((start, end))
    bags = []
    for actor, key, text in rows[["actor", "sentence_id", "sentence"]].itertuples(index=False, name=None):
        spans = names.get((actor, key), [])
        bag: dict[str, tuple[str, int, int]] = {}
        for match in _WORD.finditer(text):
            if any(match.start() < end and match.end() > start for start, end in spans):
                continue
            word = match[0].lower().replace("’", "'")
            if function_words or (len(word) > 1 and word not in FUNCTION_WORDS):
                bag.setdefault(word, (word, *match.span()))
        bags.append(list(bag.values()))
    return bags


def _counts(bags: list[list[tuple[str, int, int]]]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The words, and for each sentence their places among them."""
    words = np.array(sorted({word for bag in bags for word, _, _ in bag}), dtype=object)
    index = {word: i for i, word in enumerate(words)}
    return words, [np.array([index[word] for word, _, _ in bag], dtype=int) for bag in bags]


def _compare(
    in_a: np.ndarray, words: np.ndarray, story: np.ndarray, place: Sequence[np.ndarray], minimum: int, prior: float,
    level: float,
) -> pd.DataFrame:  # fmt: skip
    from scipy.sparse import csr_array
    from scipy.special import ndtri

    n_stories = int(story.max()) + 1
    row = np.repeat(story, [len(p) for p in place])
    column = np.concatenate(place) if len(place) else np.zeros(0, dtype=int)
    where = np.repeat(in_a, [len(p) for p in place])
    shape = (n_stories, len(words))
    sides = [csr_array((np.ones(int(m.sum())), (row[m], column[m])), shape=shape) for m in (where, ~where)]
    total = [np.asarray(m.sum(axis=0)).ravel() for m in sides]
    both = total[0] + total[1]
    keep = both >= minimum
    if not keep.any():
        most = int(both.max()) if len(both) else 0
        raise InputError(f"no word stands {minimum} times near the actor (the most frequent: {most}); lower minimum")
    pseudo = prior * both / both.sum()
    delta, z = (values[keep] for values in log_odds(total[0], total[1], pseudo))
    independent = np.sqrt(sum(1 / (y + pseudo)[keep] for y in total))
    by_story = _story_errors(sides, total, pseudo, np.flatnonzero(keep))
    # A word that one side never uses does so in every story: then the error of independent words is the larger one.
    error = np.maximum(by_story, independent)
    half = float(ndtri((1 + level) / 2)) * error
    held = np.asarray(((sides[0] + sides[1]) > 0).sum(axis=0)).ravel()
    table = pd.DataFrame(
        {
            "word": words[keep], "n_a": total[0][keep].astype("int64"), "n_b": total[1][keep].astype("int64"),
            "log_odds": delta, "z": z, "low": delta - half, "high": delta + half, "z_stories": delta / error,
            "n_stories": held[keep].astype("int64"),
        }
    )  # fmt: skip
    return table.sort_values(["z_stories", "word"], ascending=[False, True]).reset_index(drop=True)


def _story_errors(
    sides: Sequence[Any], total: Sequence[np.ndarray], pseudo: np.ndarray, keep: np.ndarray
) -> np.ndarray:
    """The standard error of each log-odds ratio from the stories' shares in it; one in both texts enters once."""
    size = sides[0].shape[0]
    out = np.zeros(len(keep))
    sums = [np.asarray(m.sum(axis=1)).ravel() for m in sides]
    for start in range(0, len(keep), 512):
        part = keep[start : start + 512]
        share = np.zeros((size, len(part)))
        for sign, matrix, count, n in zip((1, -1), sides, total, sums, strict=True):
            a = (count + pseudo)[part]
            rest = (count + pseudo).sum() - a
            share += sign * (matrix[:, part].toarray() * (1 / a + 1 / rest) - n[:, None] / rest)
        share -= share.mean(axis=0)
        out[start : start + 512] = np.sqrt((share**2).sum(axis=0) * size / max(size - 1, 1))
    return out
