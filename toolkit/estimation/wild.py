"""The wild cluster bootstrap: intervals and tests where stories are few.

Cameron, Gelbach, Miller (2008), Review of Economics and Statistics 90(3); Webb (2023), Canadian Journal of Economics
56, for the six-point weights; MacKinnon, Nielsen, Webb (2023), Journal of Econometrics 232.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

WEBB_BELOW = 13
"""Below this number of stories weights have six points, else two: two would give too few different samples."""
NO_WILD = "no interval: too few stories for a wild cluster bootstrap of this level"
_SIX = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
_TWO = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0])


def wild_faces(n_stories: int, draws: int, seed: int) -> np.ndarray:
    """A die for each story and draw, draws x stories; one for all groups of a selection."""
    purpose = int.from_bytes(hashlib.sha256(b"wild weights of stories").digest()[:8], "big")
    rng = np.random.default_rng(np.random.SeedSequence([seed, purpose]))
    return rng.integers(0, 6, (draws, n_stories), dtype=np.int8)


@dataclass(frozen=True)
class Side:
    """A group's stories, or one side of a contrast, over the stories of both.

    Attributes
    ----------
    fixed, slope : array of float, shape (stories,)
        The share of a story in the error under the null hypothesis that the estimate is t: fixed + t * slope.
    lever : array of float, shape (stories,)
        The story's share of the group's weight.
    scale : array of float, shape (stories,)
        What makes an error larger for the lever of its story (CR2).
    sign : float
        1, or -1 for what is subtracted.
    """

    fixed: np.ndarray
    slope: np.ndarray
    lever: np.ndarray
    scale: np.ndarray
    sign: float


class WildTest:
    """The bootstrap distribution of t under any null hypothesis, prepared so that each costs little."""

    def __init__(self, sides: list[Side], faces: np.ndarray, estimate: float, se: float) -> None:
        self.estimate, self.se = estimate, se
        fixed, slope = (sum(s.sign * s.scale * values for s, values in zip(sides, parts, strict=True))
                        for parts in ([s.fixed for s in sides], [s.slope for s in sides]))  # fmt: skip
        levers = [s.sign * s.scale * s.lever for s in sides]
        columns = [v for s in sides for v in (s.fixed, s.slope)] + [p * z for z in levers for p in (fixed, slope)]
        drawn, self.squares = _products(
            faces, np.column_stack(columns), np.column_stack([fixed**2, 2 * fixed * slope, slope**2])
        )
        k = len(sides)
        self.signs = [s.sign for s in sides]
        self.moved = [(drawn[2 * i], drawn[2 * i + 1]) for i in range(k)]
        self.cross = [(drawn[2 * (k + i)], drawn[2 * (k + i) + 1]) for i in range(k)]
        self.levers = np.array([[a @ b for b in levers] for a in levers])

    def p(self, null: float) -> float:
        """The share of draws, and of the sample itself, whose t is at least as large as the sample's."""
        moved = [fixed + null * slope for fixed, slope in self.moved]
        variance = self.squares[0] + null * self.squares[1] + null**2 * self.squares[2]
        for i, (fixed, slope) in enumerate(self.cross):
            variance = variance - 2 * moved[i] * (fixed + null * slope)
            for j in range(len(moved)):
                variance = variance + self.levers[i, j] * moved[i] * moved[j]
        away = np.abs(sum(sign * values for sign, values in zip(self.signs, moved, strict=True)))
        # t* >= t without a division: a draw without any spread counts as extreme.
        extreme = away * self.se >= np.abs(self.estimate - null) * np.sqrt(np.maximum(variance, 0.0)) * (1 - 1e-12)
        return float(extreme.sum() + 1) / (len(away) + 1)

    def interval(self, level: float) -> tuple[float, float]:
        """The nulls that are not refused; missing where the stories are too few to refuse any."""
        low, high = self._end(-1.0, 1 - level), self._end(1.0, 1 - level)
        return (low, high) if np.isfinite([low, high]).all() else (np.nan, np.nan)

    def _end(self, side: float, alpha: float) -> float:
        inside, outside = 0.0, 2.0
        while self.p(self.estimate + side * outside * self.se) > alpha:
            inside, outside = outside, 2 * outside
            if outside > 1e4:
                return np.nan
        for _ in range(40):
            middle = (inside + outside) / 2
            if self.p(self.estimate + side * middle * self.se) > alpha:
                inside = middle
            else:
                outside = middle
        return self.estimate + side * inside * self.se


def _products(faces: np.ndarray, columns: np.ndarray, squared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sums of columns times weights, and of others times squared weights, for each draw; some draws at a time."""
    values = _SIX if faces.shape[1] < WEBB_BELOW else _TWO
    step, parts = max(1, 2_000_000 // max(faces.shape[1], 1)), []
    for start in range(0, len(faces), step):
        weights = values[faces[start : start + step]]
        parts.append((weights @ columns, weights**2 @ squared))
    drawn, squares = (np.concatenate(part).T for part in zip(*parts, strict=True))
    return drawn, squares


def wild_mean(total: np.ndarray, weight: np.ndarray, faces: np.ndarray, se: float, level: float) -> tuple[float, float]:
    """The interval of one group's estimate."""
    lever = weight / weight.sum()
    side = Side(total / weight.sum(), -lever, lever, _scale(lever), 1.0)
    return WildTest([side], faces, float(total.sum() / weight.sum()), se).interval(level)


def wild_compare(
    pair: list[tuple[np.ndarray, np.ndarray, np.ndarray]], faces: np.ndarray, found: dict[str, float], level: float
) -> dict[str, float]:
    """The interval and p-value of a difference, in place of those by t.

    `pair` holds totals, weights and stories of both groups. Under the null hypothesis both have one mean, less the
    difference assumed.
    """
    stories = np.unique(np.concatenate([pair[0][2], pair[1][2]]))
    total, weight = np.zeros((2, len(stories))), np.zeros((2, len(stories)))
    for k, (t, w, s) in enumerate(pair):
        at = np.searchsorted(stories, s)
        total[k, at], weight[k, at] = t, w
    whole = weight.sum(axis=1)
    common, part = total.sum() / whole.sum(), whole[0] / whole.sum()
    sides = []
    for k, (sign, slope) in enumerate(((1.0, part - 1), (-1.0, part))):
        lever = weight[k] / whole[k]
        sides.append(Side((total[k] - common * weight[k]) / whole[k], slope * lever, lever, _scale(lever), sign))
    test = WildTest(sides, faces[:, stories], found["estimate"], found["se"])
    low, high = test.interval(level)
    return {**found, "df": np.nan, "low": low, "high": high, "p": test.p(0.0) if np.isfinite(low) else np.nan}


def _scale(lever: np.ndarray) -> np.ndarray:
    return 1 / np.sqrt(np.maximum(1 - lever, 1e-12))
