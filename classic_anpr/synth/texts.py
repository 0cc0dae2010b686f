"""What is written on drawn lines: texts in the layouts of many countries, and pure chance beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classic_anpr.errors import UsageError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"


@dataclass(frozen=True)
class PlateStyle:
    """How a country writes one text line.

    Attributes
    ----------
    country : str
        Two small letters.
    weight : float
        How often the style is drawn among the styles.
    letters : str
        The letters that the country uses.
    lines : tuple of str
        Printed lines: ``L`` letter, ``D`` digit, ``N`` digit 1-9, a space for a group gap, ``-`` or ``.`` for a
        printed separator (never part of the text), ``s`` for a small region code that follows, other characters as
        they are (lower case: that letter itself).
    fonts : tuple of str
        Beginnings of the names of the fonts to prefer.
    """

    country: str
    weight: float
    letters: str
    lines: tuple[str, ...]
    fonts: tuple[str, ...] = ()


_NO_IO = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIN = ("din",)
_FE = ("fe",)

STYLES: tuple[PlateStyle, ...] = (
    PlateStyle("ru", 11, "ABCEHKMOPTXY", ("LDDDLL sDD", "LDDDLL sDDD", "LDDDLL", "LLDDD sDD", "DDDDLL sDD"), ("gost",)),
    PlateStyle("by", 3, "ABCEHIKMOPTX", ("DDDD LL-D", "eDDD LL-D", "LL DDDD-D"), ("din", "gost")),
    PlateStyle("ua", 3, "ABCEHIKMOPTX", ("LLDDDDLL", "LL DDDD LL"), ("din", "gost")),
    PlateStyle(
        "de",
        8,
        LETTERS,
        ("L LLDDD", "LL LLDDD", "LLL LDDD", "LL LLDDDD", "L LLDDDD", "LLL LLDD", "L LDDD", "LL LDDDDE"),
        _FE,
    ),
    PlateStyle("gb", 4, "ABCDEFGHJKLMNOPRSTUVWXYZ", ("LLDD LLL", "LDDD LLL", "LLDD", "LLL", "LLL DDDL"), ("charles",)),
    PlateStyle("fr", 4, "ABCDEFGHJKLMNPQRSTVWXYZ", ("LL-DDD-LL", "DDDD LL DD", "DDD LLL DD"), ("fr", "din")),
    PlateStyle("it", 3, "ABCDEFGHJKLMNPRSTVWXYZ", ("LL DDDLL", "LLDDDLL"), ("din", "fr")),
    PlateStyle("es", 3, "BCDFGHJKLMNPRSTVWXYZ", ("DDDD LLL", "L DDDD LL"), ("fr", "din")),
    PlateStyle(
        "pl", 5, LETTERS, ("LL DDDDD", "LLL DDDD", "LL DDDDL", "LLL LDDD", "LLL DDLL", "LLDDDDD", "LL DDDLL"), _DIN
    ),
    PlateStyle(
        "nl",
        3,
        "BDFGHJKLMNPRSTVWXYZ",
        ("DD-LL-LL", "DD-LLL-D", "D-LLL-DD", "LL-DDD-L", "L-DDD-LL", "LL-DD-LL", "LLL-DD-L"),
        ("nl",),
    ),
    PlateStyle("cz", 4, "ABCEHJKLMPSTUZVNRXY", ("DLD DDDD", "DLL DDDD", "eLDDDLL"), _DIN),
    PlateStyle("sk", 5, "ABCDEFGHIJKLMNOPRSTUVXYZ", ("LL DDDLL", "LL-DDDLL", "bL DDDLL"), _DIN),
    PlateStyle("at", 3, LETTERS, ("L DDDDLL", "LL DDDLL", "L DDDDDL", "LL LLLD"), _DIN),
    PlateStyle("hr", 3, "ABCDEFGHIJKLMNOPRSTUVZ", ("LL DDD-LL", "LL DDDD-LL", "LL DDD-L"), _DIN),
    PlateStyle("ro", 4, "ABCDEFGHIJKLMNOPRSTUVWXYZ", ("LL DD LLL", "b DD LLL", "b DDD LLL", "LL-DD-LLL"), _DIN),
    PlateStyle("gr", 2, "ABEHIKMNOPTXYZ", ("LLL-DDDD", "LLL DDDD"), _DIN),
    PlateStyle("hu", 3, LETTERS, ("LLL-DDD", "LL LL-DDD", "LL:LL-DDD"), _DIN),
    PlateStyle("se", 2, "ABCDEFGHJKLMNOPRSTUWXYZ", ("LLL DDD", "LLL DDL"), _DIN),
    PlateStyle("ch", 2, LETTERS, ("LL DDDDDD", "LL-DDDDD", "LL.DDDD"), _DIN),
    PlateStyle("be", 2, LETTERS, ("D-LLL-DDD", "LLL-DDD"), _DIN),
    PlateStyle("bg", 2, "ABEKMHOPCTYX", ("LL DDDD LL", "L DDDD LL"), _DIN),
    PlateStyle("lt", 2, LETTERS, ("LLL DDD", "LLL:DDD"), _DIN),
    PlateStyle("tr", 2, LETTERS, ("DD LL DDD", "DD L DDDD", "DD LLL DD"), _DIN),
    PlateStyle(
        "sg",
        6,
        _NO_IO,
        ("LLLDDDDL", "LLL DDDD L", "LLLDDDL", "LLDDDDL", "LLLDDL", "DDDDL", "LLL"),
        ("sg", "charles"),
    ),
    PlateStyle(
        "my",
        3,
        "ABCDEFGHJKLMNPQRSTUVWXY",
        ("LLL NDDD", "LL NDDD", "LLLNDDD", "L NDDD L", "NDDD", "LLL"),
        ("sg", "charles", "id"),
    ),
    PlateStyle("id", 6, LETTERS, ("L DDDD LLL", "LL DDDD LL", "LL DDDD LLL", "L DDDD LL", "LL NDDD L"), ("id",)),
    PlateStyle(
        "vn",
        5,
        "ABCDEFGHKLMNPSTUVXYZ",
        ("DDL-DDDDD", "DDL-DDD.DD", "DDL-DDDD", "DD-LD", "DDL", "DDD.DD", "DDDD"),
        ("vn",),
    ),
    PlateStyle("ph", 3, LETTERS, ("LLL DDDD", "LLL DDD", "DDD LLL", "LL DDDDD"), _FE),
    PlateStyle("il", 5, "", ("DD-DDD-DD", "DDD-DD-DDD", "DD.DDD.DD", "DDDDDDD"), ("il",)),
    PlateStyle("br", 8, LETTERS, ("LLL-DDDD", "LLL DDDD", "LLL.DDDD", "LLLDLDD"), ("mandatory", "mandatory", "fe-eng")),
    PlateStyle(
        "us",
        10,
        LETTERS,
        (
            "LLL DDDD",
            "LLL DDD",
            "DLLLDDD",
            "DDD LLL",
            "LLDDDDD",
            "LLL-DDDD",
            "DDDLLL",
            "LLLDDDD",
            "LLDDLLL",
            "DLL DDDD",
            "LDD DDD",
            "LLL.DDDD",
            "DDDLLD",
            "LD DDDDL",
        ),
        ("us",),
    ),
    PlateStyle("in", 3, LETTERS, ("LLDDLLDDDD", "LL DD LL DDDD", "LLDDLDDDD", "LL-DD LL-DDDD"), ()),
    PlateStyle("ae", 1, LETTERS, ("L DDDDD", "DDDDD", "DD DDDDD"), ()),
)


def style_of(country: str) -> PlateStyle:
    """The style of a country.

    Raises
    ------
    UsageError
        For a country without one.
    """
    for style in STYLES:
        if style.country == country.lower():
            return style
    known = " ".join(sorted(style.country for style in STYLES))
    raise UsageError(f"no plates are drawn for country {country!r}: known are {known}")


def arrange(text: str, style: PlateStyle) -> str:
    """Text without separators as the style prints it; the text itself where no layout of the style fits."""
    for template in style.lines:
        marks = [mark for mark in template if mark not in " -.:s"]
        if len(marks) == len(text) and all(_fits(c, mark) for c, mark in zip(text, marks, strict=True)):
            rest = iter(text)
            return "".join(mark if mark in " -.:s" else next(rest) for mark in template)
    return text


def _fits(character: str, mark: str) -> bool:
    if mark == "L":
        return character in LETTERS
    return character in DIGITS if mark in "DN" else character == mark.upper()


def country_text(rng: np.random.Generator, styles: Sequence[PlateStyle] = STYLES) -> tuple[str, PlateStyle]:
    """A line of one of some styles: the text as printed (spaces, separators, ``s`` marks) and its style."""
    weights = np.array([style.weight for style in styles])
    style = styles[int(rng.choice(len(styles), p=weights / weights.sum()))]
    template = style.lines[int(rng.integers(len(style.lines)))]
    return fill(rng, template, style.letters), style


def fill(rng: np.random.Generator, template: str, letters: str) -> str:
    """Replace the placeholders of a template (see `PlateStyle.lines`) by random characters."""
    out = []
    for mark in template:
        if mark == "L":
            out.append(letters[int(rng.integers(len(letters)))])
        elif mark == "D":
            out.append(DIGITS[int(rng.integers(10))])
        elif mark == "N":
            out.append(DIGITS[int(rng.integers(1, 10))])
        elif mark in " -.:s":
            out.append(mark)
        else:
            out.append(mark.upper())
    return "".join(out)


def random_text(rng: np.random.Generator) -> str:
    """2 to 9 characters of pure chance in one to three groups, so that the reader does not learn a language."""
    count = int(rng.integers(2, 10))
    kind = rng.random()
    alphabet = DIGITS + LETTERS if kind < 0.6 else (LETTERS if kind < 0.75 else DIGITS + DIGITS + LETTERS)
    text = "".join(alphabet[int(k)] for k in rng.integers(0, len(alphabet), count))
    if rng.random() < 0.1:  # equal neighbours are what CTC readers lose
        at = int(rng.integers(count))
        text = text[:at] + text[at] * int(rng.integers(2, 4)) + text[at + 1 :]
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.45, 0.15]))):
        at = int(rng.integers(1, len(text)))
        text = text[:at] + str(rng.choice([" ", " ", "-", "."])) + text[at:]
    return text
