"""Known plates: which of them a reading is, or nearly is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from classic_anpr.countries.model import fold
from classic_anpr.errors import UsageError


@dataclass(frozen=True)
class Watched:
    """A plate to look out for: its text without separators, and the remark behind it in the file."""

    text: str
    remark: str = ""


@dataclass(frozen=True)
class WatchMatch:
    """A watched plate within reach of a reading; `distance` 0 is the plate itself."""

    watched: Watched
    distance: int


def read_watchlist(path: str | Path) -> tuple[Watched, ...]:
    """Read a watchlist: one plate per line, separators as you like, a remark after ``#``.

    Raises
    ------
    UsageError
        If the file cannot be read, or a line holds no plate.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    found = []
    for number, line in enumerate(lines, 1):
        plate, _, remark = line.partition("#")
        if not plate.strip():
            continue
        text = fold(plate)
        if not text:
            raise UsageError(f"{path}, line {number}: {plate.strip()!r} is no plate")
        found.append(Watched(text, remark.strip()))
    return tuple(found)


def watchlist(text: str, plates: Iterable[Watched], max_distance: int = 1) -> tuple[WatchMatch, ...]:
    """Find the watched plates within an edit distance of a reading.

    Parameters
    ----------
    text : str
        A reading without separators; ``?``, an unread glyph, agrees with every character.
    plates : iterable of Watched
    max_distance : int
        Most insertions, deletions and substitutions together (Levenshtein's distance).

    Returns
    -------
    tuple of WatchMatch
        The nearest first.
    """
    matches = [WatchMatch(plate, edit_distance(text, plate.text)) for plate in plates]
    near = [match for match in matches if match.distance <= max_distance]
    return tuple(sorted(near, key=lambda match: match.distance))


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's distance of two texts; ``?`` agrees with every character."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            substituted = previous + (x != y and "?" not in (x, y))
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, substituted)
    return row[-1]
