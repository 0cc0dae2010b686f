"""Distances between texts."""

from __future__ import annotations

FOLDS = {"O": "0", "I": "1"}
"""The pairs that the folded level does not tell apart: many plate fonts, and many annotators, do not either."""

_FOLD = str.maketrans(FOLDS)


def fold(text: str) -> str:
    """The text with O read as 0 and I as 1.

    >>> fold("IO10")
    '1010'
    """
    return text.translate(_FOLD)


def distance(a: str, b: str) -> int:
    """Levenshtein's distance: fewest insertions, deletions and substitutions (Levenshtein 1966).

    >>> distance("kitten", "sitting")
    3
    """
    return _table(a, b)[-1][-1]


def align(truth: str, read: str) -> list[tuple[str, str]]:
    """Character pairs (true, read) of a cheapest alignment, in order; ``""`` stands for a missing character.

    Substitutions come before gaps where both are cheapest, and gaps come late in the text.

    >>> align("AB1", "A81")
    [('A', 'A'), ('B', '8'), ('1', '1')]
    >>> align("AB1", "A1")
    [('A', 'A'), ('B', ''), ('1', '1')]
    """
    cost = _table(truth, read)
    pairs: list[tuple[str, str]] = []
    i, j = len(truth), len(read)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (truth[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], read[j]))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        else:
            j -= 1
            pairs.append(("", read[j]))
    return pairs[::-1]


def _table(a: str, b: str) -> list[list[int]]:
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        above, row = rows[-1], [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
        rows.append(row)
    return rows
