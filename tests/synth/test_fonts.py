"""The plate fonts: complete, to size, reproducible, and no two characters alike that differ on plates."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.synth.fonts import FONTS, UNITS_PER_MM, font_path

pytest.importorskip("fontTools")
pytest.importorskip("shapely")
pytest.importorskip("PIL")

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from classic_anpr.synth.fonts.build import build
from classic_anpr.synth.fonts.outline import Pen, outline, parse
from classic_anpr.synth.fonts.strokes import STROKES

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMES = sorted(FONTS)


def box(font: TTFont, char: str) -> tuple[int, int, int, int]:
    glyph = font["glyf"][font.getBestCmap()[ord(char)]]
    return glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax


@pytest.mark.parametrize("name", NAMES)
def test_size_and_characters(name: str) -> None:
    face, font = FONTS[name], TTFont(font_path(name))
    for char in CHARACTERS + "ÄÖÜ-·":
        assert ord(char) in font.getBestCmap()
    for char in CHARACTERS:
        x0, y0, x1, y1 = box(font, char)
        assert y0 == pytest.approx(0, abs=0.01 * face.cap_height), char
        assert y1 == pytest.approx(face.cap_height, rel=0.01), char
        assert x1 - x0 == pytest.approx(face.width(char) * UNITS_PER_MM, rel=0.03), char
        advance, bearing = font["hmtx"][font.getBestCmap()[ord(char)]]
        assert advance - (x1 - x0) == pytest.approx(face.gap * UNITS_PER_MM, abs=4), char
        assert bearing == x0


@pytest.mark.parametrize(
    ("name", "height", "letter", "digit", "stroke"),
    [
        ("charles-wright", 79, 50, 50, 14),
        ("fr-plate", 75, 39, 39, 11),
        ("cz-plate", 75, 40, 40, 10),
        ("gr-plate", 77, 44, 44, 11),
        ("fe-mittel", 75, 47.5, 44.5, 10.5),
        ("fe-eng", 75, 40.5, 38.5, 10.5),
        ("vn-plate", 80, 40, 38, 10),
    ],
)
def test_published_sizes(name: str, height: float, letter: float, digit: float, stroke: float) -> None:
    font = TTFont(font_path(name))
    x0, _, x1, y1 = box(font, "H")
    assert y1 / UNITS_PER_MM == pytest.approx(height, rel=0.03)
    assert (x1 - x0) / UNITS_PER_MM == pytest.approx(letter, rel=0.03)
    x0, _, x1, _ = box(font, "5")
    assert (x1 - x0) / UNITS_PER_MM == pytest.approx(digit, rel=0.03)
    glyph = font["glyf"][font.getBestCmap()[ord("T")]]
    feet = [x for x, y in glyph.coordinates if y < 0.3 * height * UNITS_PER_MM]
    assert (max(feet) - min(feet)) / UNITS_PER_MM == pytest.approx(stroke, rel=0.03)


@pytest.mark.parametrize("name", NAMES)
def test_building_again_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    build(FONTS[name], tmp_path / "again.ttf")
    assert (tmp_path / "again.ttf").read_bytes() == font_path(name).read_bytes()


def picture(name: str, char: str) -> NDArray[np.bool_]:
    """The character at 24 px of cap height, stretched to 24 px of width: only its shape counts."""
    font = ImageFont.truetype(str(font_path(name)), round(96 * 1000 / FONTS[name].cap_height))
    image = Image.new("L", (300, 120))
    ImageDraw.Draw(image).text((20, 110), char, font=font, fill=255, anchor="ls")
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    wide = max(right - left, 48)  # a bar stays a bar
    return np.asarray(image.crop((left, top, left + wide, bottom)).resize((24, 24), Image.Resampling.BOX)) > 127


#: Printed alike on real plates of these fonts, or told apart by their width only.
ALIKE = {frozenset("0O"), frozenset("1I")}


@pytest.mark.parametrize("name", NAMES)
def test_characters_differ(name: str) -> None:
    shapes = {char: picture(name, char) for char in CHARACTERS}
    for a, b in combinations(CHARACTERS, 2):
        if frozenset((a, b)) not in ALIKE:
            assert np.mean(shapes[a] != shapes[b]) > 0.015, (a, b)


def test_special_features() -> None:
    assert not np.array_equal(picture("fe-mittel", "0"), picture("fe-mittel", "O"))
    assert not np.array_equal(picture("us-california", "1"), picture("us-california", "I"))
    assert np.array_equal(picture("mandatory-br", "1"), picture("mandatory-br", "I"))
    assert np.array_equal(picture("charles-wright", "0"), picture("charles-wright", "O"))


def test_every_stroke_is_used_and_legal() -> None:
    used = {form for face in FONTS.values() for form in face.forms.values()}
    assert {key for key in STROKES if "." in key} == {form for form in used if "." in form}
    assert all(parse(text) for text in STROKES.values())
    with pytest.raises(ValueError, match="could not convert"):
        parse("0,0 q")


def test_outline_keeps_the_stroke_of_stems() -> None:
    shape = outline(STROKES["K"], Pen(height=70, stroke=10, radius=10), 40)
    assert shape.bounds == pytest.approx((0, 0, 40, 70), abs=0.05)
    foot = [x for x, y in shape.exterior.coords if y < 0.01]
    assert sorted(foot)[1] - sorted(foot)[0] == pytest.approx(10, abs=0.05)


def test_unknown_font() -> None:
    with pytest.raises(KeyError):
        font_path("comic")
