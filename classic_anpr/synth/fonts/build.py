"""Draw every font of `FONTS` into a TrueType file: `python -m classic_anpr.synth.fonts.build [DIR]`.

Needs shapely and fontTools (the `train` extra). The same sources give the same bytes.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import unary_union

from classic_anpr.synth.fonts.faces import FONTS, UNITS_PER_MM, FontInfo
from classic_anpr.synth.fonts.outline import Pen, outline
from classic_anpr.synth.fonts.strokes import STROKES

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
#: Composed of a lower letter and dots: plates keep their cap height.
UMLAUTS = {"Ä": "A", "Ö": "O", "Ü": "U"}
#: Share of the cap height that an umlaut's letter keeps.
UMLAUT_LETTER = 0.8
#: Outlines may lose this many millimetres of detail.
TOLERANCE = 0.03
#: 2026-01-01 in seconds since 1904, TrueType's epoch.
DATE = 3849984000


def _dot(x: float, y: float, size: float) -> BaseGeometry:
    h = size / 2
    return Polygon([(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)])


def drawn(face: FontInfo, char: str) -> BaseGeometry:
    """Outline of one character in millimetres, from x = 0 and the baseline up."""
    pen = Pen(face.height, face.stroke, face.radius, face.round, face.soften)
    if char == "·":
        return _dot(face.stroke / 2, face.height * 0.46, face.stroke)
    if char not in UMLAUTS:
        return outline(_strokes(face, char), pen, face.width(char))
    letter, width = UMLAUTS[char], face.width(UMLAUTS[char])
    low = outline(_strokes(face, letter), replace(pen, height=UMLAUT_LETTER * pen.height), width)
    top = pen.height - pen.stroke / 2
    return unary_union([low, _dot(width / 4, top, pen.stroke), _dot(width * 3 / 4, top, pen.stroke)])


def _strokes(face: FontInfo, char: str) -> str:
    form = face.forms.get(char, char)
    return form if "," in form else STROKES[form]


def glyph(shape: BaseGeometry, left: int) -> Glyph:
    """TrueType glyph of an outline, moved right by its bearing; outer contours clockwise, as the format wants."""
    pen = TTGlyphPen(None)
    for polygon in getattr(shape, "geoms", [shape]):
        p = orient(polygon.simplify(TOLERANCE), -1.0)
        for ring in (p.exterior, *p.interiors):
            points: list[tuple[int, int]] = []
            for x, y in ring.coords[:-1]:
                at = (round(x * UNITS_PER_MM) + left, round(y * UNITS_PER_MM))
                if not points or points[-1] != at:
                    points.append(at)
            pen.moveTo(points[0])
            for at in points[1:]:
                pen.lineTo(at)
            pen.closePath()
    return pen.glyph()


def build(face: FontInfo, path: Path) -> None:
    """Write one font file."""
    half = round(face.gap * UNITS_PER_MM / 2)
    glyphs: dict[str, Glyph] = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    advance = round((face.digit + face.gap) * UNITS_PER_MM)
    metrics = {".notdef": (advance, 0), "space": (round(advance * 0.6), 0)}
    names = {ord(" "): "space"}
    for char in [*CHARACTERS, "·", *UMLAUTS]:
        name = f"uni{ord(char):04X}"
        shape = drawn(face, char)
        glyphs[name] = glyph(shape, half)
        metrics[name] = (round(shape.bounds[2] * UNITS_PER_MM) + 2 * half, half)
        names[ord(char)] = name
    fb = FontBuilder(1000, isTTF=True)
    fb.setupGlyphOrder(list(glyphs))
    fb.setupCharacterMap(names)
    fb.setupGlyf(glyphs)
    fb.setupHorizontalMetrics(metrics)
    fb.setupHorizontalHeader(ascent=face.cap_height, descent=0)
    family = f"Classic ANPR {face.name}"
    fb.setupNameTable(
        {
            "familyName": family,
            "styleName": "Regular",
            "uniqueFontIdentifier": family,
            "fullName": family,
            "psName": family.replace(" ", ""),
            "version": "Version 1.000",
            "licenseDescription": "Apache License, Version 2.0",
        }
    )
    fb.setupOS2(sTypoAscender=face.cap_height, sCapHeight=face.cap_height, usWinAscent=face.cap_height, usWinDescent=0)
    fb.setupPost()
    fb.font["head"].created = fb.font["head"].modified = DATE
    fb.font.recalcTimestamp = False
    fb.save(path)


def main(folder: Path) -> None:
    """Write every font into a folder."""
    for face in FONTS.values():
        build(face, folder / face.file)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
