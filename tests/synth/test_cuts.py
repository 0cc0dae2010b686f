"""Lines cut out of drawn plates: the same again for the same seed, and true labels whatever is done to the plate."""

from __future__ import annotations

import numpy as np
import pytest

from classic_anpr.countries import load_countries
from classic_anpr.geometry import transform
from classic_anpr.segment import LINE_HEIGHT
from classic_anpr.synth.cuts import _at_the_edge, _dressed, _framed, draw_cuts
from classic_anpr.synth.lines import WIDTH_STEP, emblem
from classic_anpr.synth.looks import own_fonts
from classic_anpr.synth.plates import draw_plate


def test_lines_are_reproducible_and_labelled() -> None:
    first, again = (
        [line for k in range(12) for line in draw_cuts(np.random.default_rng([7, k]), own_fonts())] for _ in range(2)
    )
    assert len(first) > 4
    for line, other in zip(first, again, strict=True):
        assert line.text == other.text
        assert np.array_equal(line.pixels, other.pixels)
        assert line.pixels.dtype == np.uint8
        assert line.pixels.shape[0] == LINE_HEIGHT
        assert line.pixels.shape[1] % WIDTH_STEP == 0
        assert line.text.isalnum()


@pytest.mark.parametrize("seed", range(8))
def test_a_picture_that_ends_at_the_plate_keeps_its_places(seed: int) -> None:
    photo = np.zeros((60, 120, 3), np.uint8)
    photo[31, 52] = 255
    square = np.array([[30, 20], [90, 20], [90, 45], [30, 45]], float)
    to_photo = np.array([[1, 0, 50], [0, 1, 30], [0, 0, 1.0]])
    cropped, moved = _at_the_edge(np.random.default_rng(seed), photo, to_photo, square, 12.0)
    x, y = transform(np.array([[2, 1]], np.float32), moved)[0]
    assert cropped[round(float(y)), round(float(x))].tolist() == [255, 255, 255]
    assert np.count_nonzero(cropped.any(axis=2)) == 1


def test_a_frame_goes_around_the_text() -> None:
    paint = np.full((80, 200, 3), 200, np.float32)
    bands = np.array([[60, 30, 140, 50]], np.float32)
    for seed in range(20):
        framed = _framed(np.random.default_rng(seed), paint, bands, np.zeros(3))
        assert (framed[31:49, 61:139] == 200).all()
        assert (framed != 200).any()


def test_characters_stay_visible_on_a_dressed_sheet() -> None:
    rng = np.random.default_rng(3)
    country = load_countries(["us"])[0]
    for _ in range(10):
        plate = draw_plate(rng, country, "HLK 7384", 0.5)
        paint = _dressed(rng, plate)
        assert paint.shape == plate.pixels.shape
        for x, y, w, h in plate.boxes:
            part = paint[y : y + h, x : x + w].mean(axis=2)
            assert np.ptp(part) > 15


def test_emblems_have_the_asked_size() -> None:
    rng = np.random.default_rng(5)
    shapes = [emblem(rng, 9.0) for _ in range(30)]
    assert {shape.shape for shape in shapes} == {(19, 19)}
    assert len({shape.tobytes() for shape in shapes}) > 20
