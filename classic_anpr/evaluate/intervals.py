"""How certain a rate is, and whether two systems differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


def wilson(right: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Score interval of a proportion, in [0, 1]; 95 % at the default `z`. (0, 1) where nothing was counted.

    References
    ----------
    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212,
    doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(81, 263)]    # Newcombe 1998, table I
    [0.255, 0.366]
    """
    if not total:
        return 0.0, 1.0
    p, d = right / total, 1 + z * z / total
    centre = p + z * z / (2 * total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return max((centre - half) / d, 0.0), min((centre + half) / d, 1.0)


def bootstrap(parts: Sequence[tuple[float, float]], samples: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of ``sum(a) / sum(b)`` when whole photographs are drawn anew.

    Plates of one photograph succeed and fail together, which `wilson` does not know.

    Parameters
    ----------
    parts : sequence of (float, float)
        Numerator and denominator of each photograph.
    samples : int
        Number of resamples.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    (float, float)
        (NaN, NaN) where the denominators sum to zero.

    References
    ----------
    B. Efron, Bootstrap methods: another look at the jackknife, Ann. Statist. 7 (1979), doi:10.1214/aos/1176344552;
    resampling of clusters: Davison and Hinkley, Bootstrap Methods and their Application (1997), sec. 3.8.
    """
    import numpy as np

    values = np.asarray(parts, np.float64).reshape(-1, 2)
    values = values[(values[:, 1] != 0) | (values[:, 0] != 0)]
    if not len(values) or values[:, 1].sum() == 0:
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(values), np.full(len(values), 1 / len(values)), size=samples)
    sums = weights @ values
    sums = sums[sums[:, 1] > 0]
    low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
    return float(low), float(high)


@dataclass(frozen=True)
class McNemar:
    """A paired comparison: plates that only the first, and only the second system got right, and the p-value."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Exact two-sided McNemar test of two systems on the same plates: only those that they disagree on count.

    Parameters
    ----------
    first, second : sequences of bool, equally long
        Whether each system was right on each plate.

    Returns
    -------
    McNemar
        `p` is the probability of a split at least as uneven when both were equally good.

    References
    ----------
    Q. McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 12 (1947),
    doi:10.1007/BF02295996; the exact form is the binomial test of b successes in b + c trials.

    Examples
    --------
    >>> mcnemar([True] * 8 + [False], [False] * 8 + [True]).p    # 2 * (1 + 9) / 2**9
    0.0390625
    """
    b = sum(x and not y for x, y in zip(first, second, strict=True))
    c = sum(y and not x for x, y in zip(first, second, strict=True))
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    return McNemar(b, c, min(1.0, 2 * tail))
