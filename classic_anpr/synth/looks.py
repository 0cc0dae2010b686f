"""What drawn plates need and country files do not know: faces, paints, seals, captions, how often to draw whom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from classic_anpr.countries.model import Plate
from classic_anpr.synth.fonts import FONTS as FACES
from classic_anpr.synth.glyphs import FONTS, GlyphFont, load_fonts

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "white": (245, 245, 245),
    "black": (25, 25, 25),
    "yellow": (40, 200, 250),
    "grey": (190, 190, 185),
    "silver": (200, 200, 200),
    "orange": (20, 120, 230),
    "red": (30, 30, 190),
    "blue": (150, 60, 10),
    "green": (60, 120, 20),
    "light-blue": (235, 205, 165),
    "light-green": (170, 225, 175),
    "dark-green": (40, 75, 10),
    "beige": (190, 220, 235),
    "brown": (30, 60, 110),
    "pink": (190, 170, 240),
    "violet": (150, 40, 120),
}
"""The colour names of country files as BGR."""

WEIGHTS: dict[str, float] = {
    "ru": 14, "us": 15, "br": 8, "de": 8, "sg": 7, "id": 8, "vn": 7, "il": 6, "ch": 3, "pl": 5, "sk": 5, "cz": 4,
    "ro": 4, "gb": 4, "fr": 4, "my": 3, "in": 3, "ph": 3, "by": 3, "ua": 3, "it": 3, "es": 3, "nl": 3, "at": 3, "hr": 3,
    "hu": 3,
}  # fmt: skip
"""How often a country is drawn for training; 1.5 for the others."""

SEALS = {"de": 2, "at": 1, "hr": 1, "sk": 1, "si": 1, "hu": 1, "rs": 1, "me": 1, "bg": 0, "us": 1, "ch": 0}
"""Round seals or shields between the first two groups, in place of a separator."""
FRAMELESS = frozenset({"us", "sg", "my", "gb", "il", "in", "ie", "nl"})
"""Plates whose edge bears no painted line."""
BANDS_ON_BOTH_SIDES = frozenset({"fr", "it", "al"})

_STATES = ("CALIFORNIA", "TEXAS", "NEW YORK", "FLORIDA", "OHIO", "GEORGIA", "MISSOURI", "NEVADA", "UTAH", "OREGON")
_SLOGANS = ("THE GOLDEN STATE", "EMPIRE STATE", "SUNSHINE STATE", "SHOW ME STATE", "LONE STAR", "", "")
_CITIES = ("SP SAO PAULO", "PR CURITIBA", "BA SALVADOR", "RS PORTO ALEGRE", "MG BELO HORIZONTE", "RJ RIO DE JANEIRO")

CAPTIONS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "us": (_STATES, _SLOGANS),
    "br": (_CITIES, ("",)),
    "id": (("",), ("05 21", "11 19", "08 23", "02 20", "12 22")),
}
"""Small print above and below the text, of sheets without a band."""
NAMES_ON_TOP = {"br": "BRASIL", "ar": "REPUBLICA ARGENTINA"}
"""What a band along the top says."""

_GENERAL = ("sans", "din", "charles-wright")
"""Font names of country files that say little: the faces of the country come first."""


@lru_cache(maxsize=1)
def own_fonts() -> tuple[GlyphFont, ...]:
    """The plate fonts of this repository."""
    return tuple(load_fonts([FONTS]))


@lru_cache(maxsize=1024)
def fonts_of(country: str, plate: Plate | None) -> tuple[GlyphFont, ...]:
    """The faces that plates of a country are drawn in.

    Parameters
    ----------
    country : str
        Two letters.
    plate : Plate, optional
        The sheet; its `font` chooses among the country's faces where it names one.
    """
    wanted = plate.font if plate else "din"
    fonts = own_fonts()
    local = [f for f in fonts if country.upper() in FACES[f.name].countries]
    named = [f for f in fonts if f.name.startswith(wanted)]
    both = [f for f in local if f in named]
    order = (local, named) if wanted in _GENERAL else (both, named, local)
    return tuple(next((found for found in order if found), [f for f in fonts if f.name.startswith("din")]))
