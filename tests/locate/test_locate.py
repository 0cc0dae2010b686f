"""The three localisers together, their ranking, and what must not upset them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from classic_anpr.locate import Candidate, LocateSettings, locate
from classic_anpr.locate.borders import BorderSettings
from tests.drawn import (
    DrawnPlate,
    Floats,
    Scene,
    background,
    bricks,
    distance_to_line,
    draw_plate,
    grille,
    place,
)

SETTINGS = LocateSettings()
DARK, LIGHT = draw_plate("ABC1234"), draw_plate("ABC1234", light_on_dark=True)


def on(candidate: Candidate, band: Floats) -> bool:
    """Whether a candidate's band lies on a true one: the same middle, and the same length within a tenth."""
    length, height = np.linalg.norm(band[1] - band[0]), np.linalg.norm(band[3] - band[0])
    found = np.linalg.norm(candidate.band[1] - candidate.band[0])
    centre = candidate.band.mean(axis=0)
    return bool(
        distance_to_line(centre, band) < 0.2 * height
        and np.linalg.norm(centre - band.mean(axis=0)) < 0.5 * height
        and abs(found / length - 1) < 0.1
    )


def found_first(scene: Scene) -> Candidate:
    candidates = locate(scene.pixels, SETTINGS)
    assert candidates
    assert on(candidates[0], scene.band())
    return candidates[0]


@pytest.mark.parametrize(("plate", "light"), [(DARK, False), (LIGHT, True)])
def test_finds_a_plate_of_either_polarity(plate: DrawnPlate, light: bool) -> None:
    best = found_first(place((plate, (320, 240), 240, 3)))
    assert best.light_on_dark is light
    assert "glyphs" in best.evidence


@pytest.mark.parametrize("tilt", [-30, -15, 15, 30])
def test_finds_a_tilted_plate(tilt: float) -> None:
    best = found_first(place((DARK, (320, 240), 240, tilt)))
    along = best.band[1] - best.band[0]
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(tilt, abs=2)


@pytest.mark.parametrize("plate", [DARK, LIGHT])
def test_finds_a_plate_60_pixels_wide_in_a_megapixel(plate: DrawnPlate) -> None:
    scene = place((plate, (700, 300), 60, 0), size=(1200, 860))
    best = found_first(scene)
    np.testing.assert_allclose(best.band, scene.band(), atol=2)


def test_candidates_of_a_large_picture_are_in_its_own_pixels() -> None:
    scene = place((DARK, (320, 240), 160, 0))
    large = cv2.resize(scene.pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    best = locate(large, SETTINGS)[0]
    np.testing.assert_allclose(best.band, 3 * scene.band() + 1, atol=6)


def test_finds_two_plates_before_anything_else() -> None:
    scene = place((DARK, (160, 120), 180, 3), (LIGHT, (450, 330), 200, -8))
    first, second = locate(scene.pixels, SETTINGS)[:2]
    assert on(first, scene.band(0)) or on(first, scene.band(1))
    assert on(second, scene.band(1 if on(first, scene.band(0)) else 0))


def test_finds_both_lines_of_a_two_line_plate() -> None:
    scene = place((draw_plate("ABCD", "1234"), (320, 240), 140, 4))
    candidates = locate(scene.pixels, SETTINGS)[:3]
    assert any(on(c, scene.band(0, 0)) for c in candidates)
    assert any(on(c, scene.band(0, 1)) for c in candidates)


def test_takes_the_drawn_border_for_the_corners() -> None:
    scene = place((DARK, (320, 240), 240, 0))
    best = found_first(scene)
    assert "border" in best.evidence
    cap = float(np.linalg.norm(best.band[3] - best.band[0]))
    assert float(np.abs(best.corners - scene.corners()).max()) < 0.25 * cap


def test_without_a_border_the_corners_are_the_band_with_margins() -> None:
    scene = place((DARK, (320, 240), 240, 0))
    no_borders = replace(SETTINGS, borders=BorderSettings(largest=0.0))
    best = locate(scene.pixels, no_borders)[0]
    assert on(best, scene.band())
    assert best.evidence == ("glyphs",)
    cap = float(np.linalg.norm(best.band[3] - best.band[0]))
    outwards = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [0.35 * cap, 0.25 * cap]
    np.testing.assert_allclose(best.corners, best.band + outwards, atol=1)


def test_ranks_a_plate_before_a_grille() -> None:
    scene = place((DARK, (320, 360), 180, 3))
    grille(scene.pixels, 100, 40, 400, 90)
    found_first(scene)


def test_ranks_a_plate_before_a_brick_wall() -> None:
    scene = place((DARK, (320, 390), 180, 3))
    bricks(scene.pixels, 60, 20, 500, 260)
    found_first(scene)


def test_scores_are_probabilities_best_first_and_not_too_many() -> None:
    scene = place((DARK, (160, 120), 180, 3), (LIGHT, (450, 330), 200, -8))
    grille(scene.pixels, 20, 220, 250, 60)
    grille(scene.pixels, 20, 300, 250, 90)
    everything = locate(scene.pixels, SETTINGS)
    scores = [c.score for c in everything]
    assert len(scores) > 2
    assert all(0 <= s <= 1 for s in scores)
    assert scores == sorted(scores, reverse=True)
    assert len(locate(scene.pixels, replace(SETTINGS, most=2))) == 2


def test_an_empty_wall_has_no_line_of_glyphs() -> None:
    found = locate(background(640, 480), SETTINGS)
    assert not any("glyphs" in c.evidence for c in found)
    assert all(c.score <= SETTINGS.unsupported for c in found)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (8, 8), (8, 400), (17, 17), (40, 900), (69, 69)])
@pytest.mark.parametrize("value", [0, 255, None])
def test_tiny_pictures_do_not_crash(shape: tuple[int, int], value: int | None) -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (*shape, 3), np.uint8) if value is None else np.full((*shape, 3), value, np.uint8)
    found = locate(picture, SETTINGS)
    if value is not None:
        assert found == []
    assert all(np.isfinite(c.band).all() and 0 <= c.score <= 1 for c in found)


def test_the_same_picture_gives_the_same_candidates() -> None:
    scene = place((DARK, (320, 240), 180, 3))
    grille(scene.pixels, 20, 20, 250, 60)
    first, second = locate(scene.pixels, SETTINGS), locate(scene.pixels, SETTINGS)
    assert [c.score for c in first] == [c.score for c in second]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.band, b.band)
