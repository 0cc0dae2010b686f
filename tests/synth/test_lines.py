"""Drawn lines: what the contract with OCR asks of a line image, and the same bytes for the same seed."""

import numpy as np
import pytest

from classic_anpr.synth.glyphs import CAP, FONTS, PAD, load_fonts
from classic_anpr.synth.lines import HEIGHT, WIDTH_STEP, draw_line
from classic_anpr.synth.texts import STYLES, arrange, fill, random_text, style_of


@pytest.fixture(scope="module")
def fonts():
    return load_fonts([FONTS])


def test_glyphs_stand_on_the_base_line_and_reach_the_cap_line(fonts):
    for font in fonts:
        rows = np.flatnonzero(font.glyphs["H"].max(axis=1) > 127)
        assert abs(rows[0] - PAD) <= 1
        assert abs(rows[-1] + 1 - PAD - CAP) <= 1
        assert font.own


def test_a_line_is_grey_36_px_high_with_a_text_of_the_alphabet(fonts):
    rng = np.random.default_rng(5)
    lines = [draw_line(rng, fonts) for _ in range(40)]
    for line in lines:
        assert line.pixels.dtype == np.uint8
        assert line.pixels.shape[0] == HEIGHT
        assert line.pixels.shape[1] % WIDTH_STEP == 0
        assert set(line.text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert len({line.text for line in lines}) > 30


def test_the_same_seed_draws_the_same_line(fonts):
    first, again = (draw_line(np.random.default_rng(11), fonts) for _ in range(2))
    other = draw_line(np.random.default_rng(12), fonts)
    assert first.text == again.text
    assert np.array_equal(first.pixels, again.pixels)
    assert first.text != other.text


def test_text_is_dark_on_light(fonts):
    """The middle row crosses ink: on most lines its dark end lies farther from the median than its light end."""
    rng = np.random.default_rng(2)
    darker = 0
    for _ in range(60):
        line = draw_line(rng, fonts, [style_of("il")]).pixels[12:24, 12:-12].astype(float)
        ground = np.percentile(line, 75)
        darker += (line < ground - 8).mean() > 0.05
    assert darker > 45


def test_styles_fill_only_their_letters():
    rng = np.random.default_rng(0)
    for style in STYLES:
        for template in style.lines:
            text = fill(rng, template, style.letters)
            for mark, character in zip(template, text, strict=True):
                if mark == "L":
                    assert character in style.letters
                if mark in "DN":
                    assert character.isdigit()


def test_random_texts_hold_what_no_layout_holds():
    rng = np.random.default_rng(1)
    texts = [random_text(rng) for _ in range(300)]
    assert {c for text in texts for c in text} >= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_arrange_puts_text_into_the_groups_of_its_country():
    assert arrange("A123BC77", style_of("ru")) == "A123BC s77"
    assert arrange("1234567", style_of("il")) == "12-345-67"
    assert arrange("QQQQQQQQQ", style_of("il")) == "QQQQQQQQQ"
