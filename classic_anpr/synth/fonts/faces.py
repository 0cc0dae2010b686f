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
_RELATIVE = {"1": 0.55, "M": 1.08, "W": 1.1, "J": 0.93, "L": 0.95, "E": 0.95, "F": 0.95}

_BARS = {"1": "1.bar", "M": "M.deep", "W": "W.half"}
_DIN = {
    "1": "1.short",
    "4": "4.crossed",
    "6": "6.diagonal",
    "9": "9.diagonal",
    "M": "M.high",
    "W": "W.half",
    "S": "S.slant",
    "2": "2.din",
}
_FE = {
    **_DIN,
    **{c: f"{c}.fe" for c in "1347ACDEFGPRUVWY"},
    **{"I": "I.serif", "0": "0.slit", "J": "J.top", "6": "6.oval", "9": "9.oval", "M": "M.half"},
}
_BOWED = _DIN | {"6": "6.bow", "9": "9.bow"}
_SPURS = {"B": "B.spur", "D": "D.spur"}
_US = {"1": "1.serif", "I": "I.serif", "4": "4.closed", "M": "M.half", "W": "W.half", "7": "7.steep"}
_SINGAPORE = _SPURS | {"4": "4.closed", "1": "1.tick", "7": "7.steep", "W": "W.half"}
_CLOSED = {"1": "1.short", "4": "4.closed", "M": "M.half", "W": "W.half"}

_FE_WIDTHS = {
    **dict.fromkeys("HKMNUVWXY", 47.5), **dict.fromkeys("ABDPRST", 44), **dict.fromkeys("CEFGLOQZ", 42),
    "J": 38, "I": 27, "1": 38, "0": 40, "7": 41, "3": 42,
}  # fmt: skip
_GOST_WIDTHS = {
    "A": 54, "B": 49, "C": 53, "E": 48, "H": 49, "K": 50, "M": 63, "O": 58, "P": 50, "T": 49, "X": 53, "Y": 50, "1": 33,
}  # fmt: skip

FONTS: dict[str, FontInfo] = {
    f.name: f
    for f in (
        FontInfo(
            "mandatory-br", ("BR",), 63, 11, 9, 40, 40, 11, soften=1.0,
            forms=_BARS | {"4": "4.closed", "B": "B.spur", "D": "D.spur"},
            widths={**dict.fromkeys("AEFJLV", 40), "B": 43, "D": 43, "R": 42, "X": 42, "M": 42, "W": 41, "1": 11},
            notes="Old grey plates: the British Mandatory face at 63 mm (CONTRAN resolution 231/2007); 1 is I, O is 0, "
            "B and D have spurs at the left (seen on plates).",
        ),
        FontInfo(
            "us-california", ("US", "MX"), 63.5, 7, 9, 28, 28, 11, round=True, forms=_US,
            widths={"I": 20, "1": 22, "V": 26, "Y": 26},
            notes="Embossing dies of the west: pipe strokes, serifed I and 1.",
        ),
        FontInfo(
            "us-newyork", ("US", "CA"), 63.5, 6.3, 11, 27, 27, 12, soften=0.9,
            forms=_US | {"6": "6.diagonal", "9": "9.diagonal", "D": "D.square", "S": "S.slant"},
            widths={"I": 18, "1": 23, "A": 25, "V": 24, "Y": 24},
            notes="Embossing dies of the north-east and Arizona: thin, straight stems of 6 and 9, squarish D.",
        ),
        FontInfo(
            "us-missouri", ("US",), 63.5, 6.5, 10, 31, 31, 14, round=True, forms=_US | {"S": "S.slant"},
            widths={"1": 22, "I": 20, "M": 35, "W": 36}, notes="Wider embossing dies of the mid-west.",
        ),
        FontInfo(
            "us-texas", ("US",), 63.5, 7.5, 7, 26, 26, 9, soften=1.2, forms=_US | {"D": "D.square", "W": "W.half"},
            widths={"I": 18, "1": 22}, notes="Flat printed plates: condensed, flat stroke ends, squarish D.",
        ),
        FontInfo(
            "din-mittel", ("SK", "AT", "LV", "LT", "SI", "HU", "BG", "RO"), 76, 9.5, 10, 42, 42, 21, soften=0.8,
            forms=_BOWED, widths={"1": 23, "N": 44, "O": 44, "Q": 44, "V": 40},
            notes="DIN 1451 Mittelschrift as on Slovak plates.",
        ),
        FontInfo(
            "din-eng", ("CZ", "PL", "GR", "BY", "UA", "VN", "IL"), 76, 10.5, 8, 37, 34, 17, soften=0.8, forms=_DIN,
            widths={"1": 20},
            notes="DIN 1451 Engschrift.",
        ),
        FontInfo(
            "fe-mittel", ("DE", "UY"), 75, 10.5, 6, 47.5, 44.5, 18, soften=0.8, forms=_FE, widths=_FE_WIDTHS,
            notes="FE-Schrift, letters up to 47.5 mm and digits up to 44.5 mm wide; slit 0, serifed 1 and I.",
        ),
        FontInfo(
            "fe-eng", ("DE", "BR", "AR", "PH"), 75, 10.5, 6, 40.5, 38.5, 15, soften=0.8, forms=_FE,
            widths={c: round(w * 40.5 / 47.5, 1) for c, w in _FE_WIDTHS.items()},
            notes="FE-Schrift, narrow: letters up to 40.5 mm, digits up to 38.5 mm; also Mercosul and Philippine.",
        ),
        FontInfo(
            "gost-ru", ("RU", "KZ"), 76, 11, 11, 50, 43, 24, soften=0.8, widths=_GOST_WIDTHS,
            forms={
                **_DIN, **{c: f"{c}.oval" for c in "0O689C"},
                "Y": "Y.cyrillic", "4": "4.right", "1": "1.long", "3": "3.flat", "M": "M.half",
                "E": "E.full", "P": "P.high",
            },
            notes="GOST R 50577: digits 76 mm with strokes of 11; letters are printed 58 mm high and drawn here at 76.",
        ),
        FontInfo(
            "charles-wright", ("GB", "IE", "MT", "CY", "SG", "HK", "MY"), 79, 14, 11, 50, 50, 15,
            forms=_BARS | {"4": "4.closed"}, widths={**dict.fromkeys("EFJLMW", 50), "1": 14},
            notes="SI 2001/561: 79 x 50 mm, stroke 14, gap 11.",
        ),
        FontInfo(
            "sg-square", ("SG", "MY"), 70, 9, 9, 46, 45, 11, forms=_SINGAPORE,
            widths={"1": 20}, notes="Squarish acrylic letters of Singapore; B and D have spurs at the left.",
        ),
        FontInfo(
            "sg-bold", ("SG", "MY"), 70, 12, 9, 47, 46, 13, forms=_SINGAPORE,
            widths={"1": 22}, notes="Heavier squarish letters of Singapore and Malaysia.",
        ),
        FontInfo(
            "sg-wide", ("SG", "MY"), 70, 9, 9, 54, 52, 16, forms=_BARS | {"4": "4.closed"},
            widths={"1": 9}, notes="Wide thin acrylic letters of Singapore and Malaysia.",
        ),
        FontInfo(
            "my-slim", ("MY", "SG"), 70, 9.5, 9, 40, 38, 14, forms={"4": "4.closed", "1": "1.short"},
            widths={"1": 18}, notes="Slim acrylic letters of Malaysia.",
        ),
        FontInfo(
            "vn-long", ("VN",), 80, 12, 9, 50, 48, 22, soften=1.0, forms=_BOWED,
            widths={"1": 26}, notes="Vietnam, one-line plates.",
        ),
        FontInfo(
            "vn-plate", ("VN",), 80, 10, 9, 40, 38, 18, soften=1.0, forms=_BOWED,
            widths={"1": 20}, notes="Vietnam, two-line plates: 80 x 40 mm, bowed 6 and 9.",
        ),
        FontInfo(
            "id-slashed", ("ID",), 60, 8, 9, 31, 30, 12, round=True, forms=_CLOSED | {"O": "O.slashed"},
            widths={"1": 15}, notes="Indonesian dies: pipe strokes, O with a slash.",
        ),
        FontInfo(
            "id-slit", ("ID",), 60, 7.5, 9, 31, 31, 11, soften=1.5,
            forms={
                **_BOWED, **_SPURS, "0": "0.slit", "O": "O.slashed", "7": "7.fe",
            },
            widths={"1": 16}, notes="Indonesian dies that follow the FE-Schrift: slit 0, spurs of B and D.",
        ),
        FontInfo(
            "il-plate", ("IL",), 75, 10, 8, 38, 38, 17, soften=0.8, forms=_BOWED | {"1": "1", "7": "7.wide"},
            widths={"1": 22}, notes="Israeli digits: DIN-like and narrow, bowed 6 and 9, long flag of 1.",
        ),
        FontInfo(
            "cz-plate", ("CZ",), 75, 10, 9, 40, 40, 18, soften=0.8, forms=_BOWED,
            widths={"1": 22, "M": 40, "W": 40}, notes="Czechia: 75 x 40 mm, stroke 10.",
        ),
        FontInfo(
            "pl-plate", ("PL",), 80, 9.5, 9, 49, 39, 20, soften=0.8, forms=_BOWED | {"4": "4.closed"},
            widths={"1": 22, "I": 9.5, "W": 54},
            notes="Poland: wide letters beside narrow digits (seen on plates), closed 4.",
        ),
        FontInfo(
            "gr-plate", ("GR", "ES"), 77, 11, 9, 44, 44, 20, soften=0.8, forms=_BOWED | {"6": "6", "9": "9"},
            widths={"1": 24}, notes="Greece: 77 x 44 mm, stroke 11; Spain's 77 x 45 with a stroke of 10 looks alike.",
        ),
        FontInfo(
            "fr-plate", ("FR", "BE", "LU", "PT"), 75, 11, 9, 39, 39, 13, soften=0.8,
            forms=_CLOSED,
            widths={"1": 25, "M": 43, "W": 43}, notes="French SIV: 75 x 39 mm, stroke 11, M and W 43, 1 25.",
        ),
        FontInfo(
            "nl-plate", ("NL", "IT", "FI", "MT", "EE"), 77, 10, 9, 47, 44, 15, soften=0.8,
            forms={"1": "1.short", "4": "4.crossed", "M": "M.half", "W": "W.half", "C": "C.fe"},
            widths={"1": 24}, notes="Squarish European variety: hooked 6 and 9, small radii.",
        ),
        FontInfo(
            "eu-wide", ("LV", "LT", "AT", "BE", "IT"), 77, 10, 9, 49, 45, 22, soften=1.5,
            forms=_BOWED | {"4": "4.closed", "0": "0.oval", "O": "O.oval", "3": "3.flat"},
            widths={"1": 25}, notes="Wide European variety: oval 0 and O, flat-topped 3.",
        ),
    )
}  # fmt: skip
