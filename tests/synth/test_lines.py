"""Drawn lines: what the contract with OCR asks of a line image, and the same bytes for the same seed."""

import numpy as np
import pytest

from classic_anpr.countries import load_countries
from classic_anpr.synth.cuts import draw_cuts
from classic_anpr.synth.glyphs import CAP, FONTS, PAD, load_fonts
from classic_anpr.synth.lines import HEIGHT, WIDTH_STEP, draw_line
from classic_anpr.synth.looks import fonts_of
from classic_anpr.synth.texts import all_countries, choose_country, printed, random_inscription, random_text


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
        line = draw_line(rng, fonts, load_countries(["il"])).pixels[12:24, 12:-12].astype(float)
        ground = np.percentile(line, 75)
        darker += (line < ground - 8).mean() > 0.05
    assert darker > 45


def test_random_texts_are_of_a_layout_unless_scrambled():
    rng = np.random.default_rng(0)
    other = 0
    for _ in range(60):
        country = choose_country(rng, all_countries())
        assert country.matching(random_inscription(rng, country).text)
        scrambled = random_inscription(rng, country, scramble=1.0)
        assert [m.index for line in scrambled.lines for m in line].count(-1) < 4
        other += not country.matching(scrambled.text)
    assert other > 10


def test_a_raised_group_is_marked_in_print():
    rng = np.random.default_rng(0)
    texts = [printed(random_inscription(rng, load_countries(["ru"])[0]).lines[-1]) for _ in range(20)]
    marked = [text.partition("s")[2] for text in texts if "s" in text]
    assert len(marked) > 10
    assert all(part.isdigit() for part in marked)


def test_faces_are_those_of_the_country_and_its_sheet():
    gb, br = load_countries(["gb"])[0], load_countries(["br"])[0]
    assert {f.name for f in fonts_of("gb", gb.plates["long"])} == {"charles-wright"}
    assert {f.name for f in fonts_of("br", br.plates["old"])} == {"mandatory-br"}
    assert {f.name for f in fonts_of("br", br.plates["mercosul"])} == {"fe-eng"}
    assert all(f.name.startswith("din") for f in fonts_of("dk", None))


def test_random_texts_hold_what_no_layout_holds():
    rng = np.random.default_rng(1)
    texts = [random_text(rng) for _ in range(300)]
    assert {c for text in texts for c in text} >= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_cuts_come_from_the_stages_and_hold_the_text_that_they_name(fonts):
    """On plates seen clearly the cut holds the whole text; the same seed gives the same lines."""
    found = {k: draw_cuts(np.random.default_rng(k), fonts, load_countries(["de"])) for k in range(12)}
    lines = [line for few in found.values() for line in few]
    assert len(lines) >= 8
    for line in lines:
        assert line.pixels.shape[0] == HEIGHT
        assert line.pixels.shape[1] % WIDTH_STEP == 0
        assert line.text
    # about a glyph every 24 px: the text and the width of a cut belong together
    widths = [line.pixels.shape[1] / (len(line.text) + 1.5) for line in lines]
    assert 12 < np.median(widths) < 36
    for k in (0, 1, 2):
        again = draw_cuts(np.random.default_rng(k), fonts, load_countries(["de"]))
        assert [a.text for a in again] == [b.text for b in found[k]]
        assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(again, found[k], strict=True))
