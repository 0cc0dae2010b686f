"""The plate fonts: published sizes and which form of each character they use. Plain data, cheap to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Font units in a millimetre; every font has 1000 units to the em.
UNITS_PER_MM = 10


@dataclass(frozen=True, slots=True)
class FontInfo:
    """One plate font. Lengths in millimetres on a real plate.

    Attributes
    ----------
    name : str
        Key in `FONTS`, and the file's name without `.ttf`.
    countries : tuple of str
        ISO codes of the countries whose plates look like this, upper case.
    height, stroke, gap : float
        Cap height, stroke width, distance between neighbouring characters (half of it on each side of a glyph).
    letter, digit : float
        Usual width of a letter and a digit.
    radius : float
        Centre-line radius of bowls.
    round : bool
        Pipe-like stroke ends.
    soften : float
        Rounding of the outline's corners.
    widths : mapping
        Widths of the glyphs that differ.
    forms : mapping
        Character to alternate in `strokes.STROKES`, or to strokes of its own where the text has a comma.
    notes : str
        Source of the sizes and what sets the font apart.
    """

    name: str
    countries: tuple[str, ...]
    height: float
    stroke: float
    gap: float
    letter: float
    digit: float
    radius: float
    notes: str
    round: bool = False
    soften: float = 0.0
    widths: Mapping[str, float] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the font file beside this module."""
        return f"{self.name}.ttf"

    @property
    def cap_height(self) -> int:
        """Cap height in font units."""
        return round(self.height * UNITS_PER_MM)

    def width(self, char: str) -> float:
        """Width of a character's ink in millimetres."""
        if char in self.widths:
            return self.widths[char]
        base = self.digit if char.isdigit() else self.letter
        if char == "-":
            return 0.45 * self.digit
        if char == "I":
            return self.stroke
        return base * _RELATIVE.get(char, 1.0)


#: Width of a character relative to its kind's usual width, where a font says nothing else.
_RELATIVE = {"1": 0.55, "M": 1.2, "W": 1.3, "J": 0.85, "L": 0.9, "E": 0.9, "F": 0.9, "A": 1.1, "V": 1.05, "X": 1.05}

_BARS = {"1": "1.bar"}

FONTS: dict[str, FontInfo] = {
    f.name: f
    for f in (
        FontInfo(
            "mandatory-br", ("BR",), 63, 10, 9, 45, 40, 12, soften=1.2, forms=_BARS,
            widths={
                "A": 54, "B": 44, "C": 44, "D": 43, "E": 40, "F": 40, "J": 36, "K": 49, "L": 40, "M": 54, "N": 47,
                "P": 44, "Q": 51, "R": 46, "S": 46, "T": 44, "V": 49, "W": 54, "X": 49, "Y": 47, "Z": 40, "1": 10,
                "4": 45,
            },
            notes="Old grey plates, CONTRAN resolution 231/2007: the British Mandatory face at 63 mm; 1 is I, O is 0.",
        ),
        FontInfo(
            "us-dies", ("US", "CA", "MX"), 63.5, 7.5, 9, 29, 29, 11, round=True,
            forms={"1": "1.serif", "I": "I.serif", "4": "4.closed", "J": "J.hook"},
            widths={"I": 20, "1": 20, "M": 33, "W": 36, "A": 32},
            notes="California-like embossing dies: 2.5 in high, pipe strokes, serifed I and 1.",
        ),
    )
}  # fmt: skip
