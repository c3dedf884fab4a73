"""How many units of each stratum are drawn, and which."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from toolkit.errors import InputError

__all__ = ["allocate", "draw_units", "random_key"]


def allocate(
    sizes: np.ndarray, n: int, minimum: int, *, spread: np.ndarray | None = None, cost: np.ndarray | None = None
) -> np.ndarray:
    r"""How many units each stratum gives.

    Parameters
    ----------
    sizes : array of int, shape (strata,)
        Units in each stratum, all above 0.
    n : int
        What may be spent.
    minimum : int
        The least that a stratum gives (all of it where it is smaller); at least 1.
    spread : array of float, shape (strata,), optional
        For Neyman's allocation: the standard deviation in each stratum. Ones by default: proportional.
    cost : array of float, shape (strata,), optional
        What a unit costs: mentions a story. Ones by default.

    Returns
    -------
    array of int, shape (strata,)

    Raises
    ------
    InputError
        The minimum costs more than `n`.

    Notes
    -----
    The number is :math:`\min(N_h, \max(m, c N_h S_h))` with the one `c` that spends `n`, rounded by largest remainders:
    proportional to size, where the minimum leaves it so (Neyman 1934, JRSS 97: to size times standard deviation).

    Examples
    --------
    >>> allocate(np.array([100, 50, 4]), 30, 3).tolist()
    [18, 9, 3]
    """
    price = np.ones(len(sizes)) if cost is None else cost
    least = np.minimum(sizes, minimum).astype(float)
    if (needed := float(least @ price)) > n + 1e-9:
        fits = max((m for m in range(1, minimum) if np.minimum(sizes, m) @ price <= n), default=0)
        lower = f"lower the minimum to {fits}, " if fits else ""
        raise InputError(
            f"a minimum of {minimum} in each of {len(sizes)} strata needs {int(np.ceil(needed))} mentions, and n is "
            f"{n}: {lower}raise n, or stratify by fewer columns"
        )
    weight = sizes * (np.ones(len(sizes)) if spread is None else np.maximum(spread, 1e-3))
    low, high = 0.0, float((sizes / weight).max())
    for _ in range(200):  # bisection on the one number that spends n
        c = (low + high) / 2
        spent = np.clip(c * weight, least, sizes) @ price
        low, high = (c, high) if spent < n else (low, c)
    exact = np.clip(high * weight, least, sizes)
    down = np.floor(exact + 1e-9)
    left = round(float(exact.sum() - down.sum()))
    # Ties go to the stratum that comes first, so that the result depends on nothing else.
    order = np.lexsort((np.arange(len(sizes)), -np.round(exact - down, 9)))
    order = order[down[order] < sizes[order]]
    down[order[:left]] += 1
    return down.astype(int)


def random_key(seed: int, purpose: str, ids: Sequence[str]) -> np.ndarray:
    """A number for each id, as good as random, that depends on the seed, the purpose and the id alone.

    Returns
    -------
    array of bytes, shape (n,)

    Examples
    --------
    >>> both = random_key(0, "draw", ["m1", "m2"])
    >>> bool(both[0] == random_key(0, "draw", ["m1"])[0]), bool(both[0] == random_key(1, "draw", ["m1"])[0])
    (True, False)
    """
    start = hashlib.sha256(f"{purpose}\x1f{seed}\x1f".encode())
    keys = []
    for name in ids:
        one = start.copy()
        one.update(name.encode("utf-8", "surrogatepass"))
        keys.append(int.from_bytes(one.digest()[:8], "big"))
    return np.array(keys, dtype=np.uint64)


def draw_units(stratum: np.ndarray, key: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Which units are drawn: in each stratum those with the smallest keys, a simple random sample without replacement.

    Parameters
    ----------
    stratum : array of int, shape (units,)
        From 0.
    key : array, shape (units,)
        A random number for each unit.
    taken : array of int, shape (strata,)
        How many each stratum gives.

    Returns
    -------
    array of bool, shape (units,)

    Examples
    --------
    >>> draw_units(np.array([0, 0, 1, 1]), np.array([5, 2, 9, 1]), np.array([1, 2])).tolist()
    [False, True, True, True]
    """
    order = np.lexsort((key, stratum))
    first = np.searchsorted(stratum[order], np.arange(len(taken)))
    drawn = np.zeros(len(stratum), dtype=bool)
    drawn[order] = np.arange(len(stratum)) - first[stratum[order]] < taken[stratum[order]]
    return drawn
