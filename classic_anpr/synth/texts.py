"""What is written on drawn plates and lines: texts of the country files' layouts, and pure chance beside them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from classic_anpr.countries import Country, load_countries
from classic_anpr.countries.model import Arrangement, Colours, Layout, Plate
from classic_anpr.errors import UsageError
from classic_anpr.synth.looks import WEIGHTS

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
CHARACTERS = DIGITS + LETTERS


@dataclass(frozen=True)
class Mark:
    """One printed mark.

    Attributes
    ----------
    character : str
        A character of the text, or a separator (space, ``-``, ``.`` ...).
    index : int
        Its place in the plate's text; -1 for a separator.
    raised : bool
        In the smaller, raised group at the right end (a Russian region).
    """

    character: str
    index: int
    raised: bool = False


@dataclass(frozen=True)
class Inscription:
    """What stands on a plate, line by line, and on what sheet.

    Attributes
    ----------
    text : str
        Without separators, in the order of the country file's groups.
    lines : tuple of tuple of Mark
        Top line first.
    """

    country: Country
    text: str
    lines: tuple[tuple[Mark, ...], ...]
    plate: Plate | None
    colours: Colours


@lru_cache(maxsize=1)
def all_countries() -> tuple[Country, ...]:
    """Every country that comes with the project."""
    return load_countries(None)


def inscribe(
    country: Country, layout: Layout, text: str, arrangement: Arrangement, colours: Colours | None = None
) -> Inscription:
    """A text of a layout in one of its arrangements (and in its commonest colours where none are given).

    Raises
    ------
    UsageError
        If the text is not of the layout.
    """
    groups = layout.best_split(text)
    if groups is None:
        raise UsageError(f"{text} is not of the layout {layout.id}")
    starts = np.cumsum([0, *(len(g) for g in groups)])
    raised = len(groups) if arrangement.plate is not None and arrangement.plate.band == "flag-right" else 0
    lines = []
    for members in arrangement.lines:
        line: list[Mark] = []
        for group in members:
            if not groups[group - 1]:
                continue
            if line:
                line += [Mark(c, -1) for c in layout.separators[group - 1]]
            at = int(starts[group - 1])
            line += [Mark(c, at + k, group == raised) for k, c in enumerate(groups[group - 1])]
        if line:
            lines.append(tuple(line))
    return Inscription(country, text, tuple(lines), arrangement.plate, colours or layout.colours[0])


def as_given(country: Country, printed: str) -> Inscription:
    """A text as it is given, with spaces and separators between groups and ``/`` between lines.

    It is set on the sheet of the layout that it fits, else of the country's commonest layout, in the first arrangement
    with that many lines. Without any separator it is divided as that layout does.

    Raises
    ------
    UsageError
        For characters other than 0-9, A-Z (after folding look-alikes), space, ``- . : /``.
    """
    rows = [[country.fold(c) or c for c in row] for row in printed.upper().split("/")]
    bad = [c for row in rows for c in row if not set(c) <= set(CHARACTERS + " -.:")]
    if bad:
        raise UsageError(f"cannot draw {bad[0]!r}: a plate's text is made of 0-9, A-Z, space, '-', '.', ':' and '/'")
    text = "".join(c for row in rows for part in row for c in part if c in CHARACTERS)
    fitting = country.matching(text)
    layout = fitting[0] if fitting else max(country.layouts, key=lambda lay: lay.weight)
    same = [a for a in layout.arrangements if len(a.lines) == len(rows)] or list(layout.arrangements)
    if fitting and text == printed.upper():
        return inscribe(country, layout, text, layout.arrangements[0])
    lines, index = [], 0
    for row in rows:
        line: list[Mark] = []
        for c in "".join(row):
            line.append(Mark(c, index if c in CHARACTERS else -1))
            index += c in CHARACTERS
        lines.append(tuple(line))
    return Inscription(country, text, tuple(lines), same[0].plate, layout.colours[0])


def choose_country(rng: np.random.Generator, countries: Sequence[Country]) -> Country:
    """A country by `looks.WEIGHTS`."""
    weights = np.array([WEIGHTS.get(country.code, 1.5) for country in countries])
    return countries[int(rng.choice(len(countries), p=weights / weights.sum()))]


def random_inscription(rng: np.random.Generator, country: Country, scramble: float = 0.0) -> Inscription:
    """A random text of one of a country's layouts, by their weights.

    Parameters
    ----------
    rng : numpy.random.Generator
    country : Country
    scramble : float
        How often the characters are replaced by others of chance (digits by digits, letters by letters, and sometimes
        by anything), so that a reader trained on them does not learn a language.
    """
    weights = np.array([lay.weight for lay in country.layouts])
    weights = np.maximum(weights, 0.02 * weights.sum())
    layout = country.layouts[int(rng.choice(len(weights), p=weights / weights.sum()))]
    text = layout.generate(random.Random(int(rng.integers(1 << 32))))
    arrangement = layout.arrangements[_early(rng, len(layout.arrangements))]
    colours = layout.colours[_early(rng, len(layout.colours))]
    drawn = inscribe(country, layout, text, arrangement, colours)
    if rng.random() >= scramble:
        return drawn
    anything = rng.random() < 0.2
    other = [
        str(rng.choice(list(CHARACTERS if anything else (DIGITS if c.isdigit() else LETTERS)))) for c in drawn.text
    ]
    lines = tuple(
        tuple(m if m.index < 0 else Mark(other[m.index], m.index, m.raised) for m in line) for line in drawn.lines
    )
    return Inscription(country, "".join(other), lines, arrangement.plate, colours)


def _early(rng: np.random.Generator, count: int) -> int:
    """An index below `count`; each is drawn half as often as the one before it."""
    shares = 0.5 ** np.arange(count)
    return int(rng.choice(count, p=shares / shares.sum()))


def printed(line: Sequence[Mark]) -> str:
    """A line as a string, with ``s`` before a raised group."""
    out = ""
    for k, mark in enumerate(line):
        if mark.raised and not line[k - 1].raised:
            out += "s"
        out += mark.character
    return out


def random_text(rng: np.random.Generator) -> str:
    """2 to 9 characters of pure chance in one to three groups, so that the reader does not learn a language."""
    count = int(rng.integers(2, 10))
    kind = rng.random()
    alphabet = CHARACTERS if kind < 0.6 else (LETTERS if kind < 0.75 else DIGITS + DIGITS + LETTERS)
    text = "".join(alphabet[int(k)] for k in rng.integers(0, len(alphabet), count))
    if rng.random() < 0.1:  # equal neighbours are what CTC readers lose
        at = int(rng.integers(count))
        text = text[:at] + text[at] * int(rng.integers(2, 4)) + text[at + 1 :]
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.45, 0.15]))):
        at = int(rng.integers(1, len(text)))
        text = text[:at] + str(rng.choice([" ", " ", "-", "."])) + text[at:]
    return text
