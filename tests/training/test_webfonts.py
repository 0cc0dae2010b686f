"""Web fonts are unpacked, upright Latin ones of four weights only."""

import pytest

pytest.importorskip("brotli", reason="needs the train extra")

from fontTools.ttLib import TTFont

from classic_anpr.synth.glyphs import FONTS, load_font
from classic_anpr.training.webfonts import unpack


def test_woff2_becomes_a_font_that_can_be_drawn(tmp_path):
    files = tmp_path / "packages" / "face" / "files"
    files.mkdir(parents=True)
    font = TTFont(FONTS / "din-mittel.ttf")
    font.flavor = "woff2"
    for name in ("face-latin-500-normal", "face-latin-500-italic", "face-latin-900-normal", "face-greek-500-normal"):
        font.save(files / f"{name}.woff2")
    assert unpack(tmp_path / "packages", tmp_path / "fonts") == 1
    assert len(load_font(tmp_path / "fonts" / "face-500.ttf").glyphs) == 36
