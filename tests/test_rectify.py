"""Crops: where the band comes to lie, and that brightness and place survive the pyramid and the warp."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.geometry import transform
from classic_anpr.locate import Candidate
from classic_anpr.rectify import CAP, RectifySettings, pyramid, rectify, unwarp, warp
from tests.drawn import Floats, background, draw_plate, place

SETTINGS = RectifySettings()


def candidate(band: Floats) -> Candidate:
    return Candidate(band, band, 0.5, ("glyphs",))


@pytest.mark.parametrize("tilt", [-25, 0, 10])
@pytest.mark.parametrize("width", [60, 300])
def test_the_band_lies_at_the_documented_place(tilt: float, width: float) -> None:
    scene = place((draw_plate("ABC7234"), (320, 240), width, tilt))
    band = scene.band()
    crop = rectify(pyramid(scene.pixels), candidate(band), SETTINGS)
    x0, y0, x1, y1 = crop.band
    assert y1 - y0 == pytest.approx(CAP)
    assert (x0, y0) == pytest.approx((SETTINGS.side * CAP, SETTINGS.above * CAP))
    length, height = np.linalg.norm(band[1] - band[0]), np.linalg.norm(band[3] - band[0])
    assert (x1 - x0) / CAP == pytest.approx(length / height, rel=1e-3)
    moved = transform(band, crop.homography)
    np.testing.assert_allclose(moved, [[x0, y0], [x1, y0], [x1, y1], [x0, y1]], atol=0.02)
    h, w = crop.pixels.shape[:2]
    assert (w, h) == (round(x1 + x0), round(y1 + y0))
    np.testing.assert_allclose(unwarp(moved, crop.homography), band, atol=0.05)


def test_the_crop_shows_the_glyphs_in_the_band() -> None:
    scene = place((draw_plate("HHHHHHH"), (320, 240), 300, 12))
    crop = rectify(pyramid(scene.pixels), candidate(scene.band()), SETTINGS)
    x0, y0, x1, y1 = (round(v) for v in crop.band)
    dark = cv2.cvtColor(crop.pixels, cv2.COLOR_BGR2GRAY) < 100
    rows = np.flatnonzero(dark[y0 - 5 : y1 + 5, x0:x1].mean(axis=1) > 0.2)
    assert rows[0] == pytest.approx(5, abs=1)
    assert rows[-1] == pytest.approx(4 + CAP, abs=1)


def test_more_surroundings_where_the_settings_ask_for_them() -> None:
    scene = place((draw_plate("ABC7234"), (320, 240), 200, 0))
    small = rectify(pyramid(scene.pixels), candidate(scene.band()), RectifySettings(side=1, above=0.5))
    large = rectify(pyramid(scene.pixels), candidate(scene.band()), RectifySettings(side=3, above=1.5))
    assert large.pixels.shape[1] - small.pixels.shape[1] == pytest.approx(4 * CAP, abs=1)
    assert large.pixels.shape[0] - small.pixels.shape[0] == pytest.approx(2 * CAP, abs=1)


def test_a_band_without_extent_does_not_crash() -> None:
    band = np.full((4, 2), 50, np.float32)
    band[1:3, 0] += 1
    crop = rectify(pyramid(background(200, 100)), candidate(band), SETTINGS)
    assert crop.pixels.dtype == np.uint8


def test_every_level_of_the_pyramid_halves_and_keeps_the_brightness() -> None:
    picture = background(640, 480)
    levels = pyramid(picture)
    assert [level.shape[:2] for level in levels] == [(480, 640), (240, 320), (120, 160), (60, 80)]
    for level in levels:
        assert level.mean() == pytest.approx(picture.mean(), abs=0.6)
    assert levels[0] is picture


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (64, 64, 3)])
def test_a_small_picture_is_its_own_pyramid(shape: tuple[int, ...]) -> None:
    assert len(pyramid(np.zeros(shape, np.uint8))) == 1


@pytest.mark.parametrize("shrink", [1.0, 1.5, 2.0, 3.0, 4.0, 7.0])
def test_a_warp_from_any_level_keeps_place_and_brightness(shrink: float) -> None:
    """A white disc far off the corner: half a pixel of error per level would add up to whole pixels here."""
    picture = np.full((800, 800, 3), 60, np.uint8)
    centre = np.array([[500.0, 300.0]], np.float32)
    cv2.circle(picture, (500, 300), 70, (220, 220, 220), -1)
    homography = np.array([[1 / shrink, 0, 0], [0, 1 / shrink, 0], [0, 0, 1.0]])
    size = round(800 / shrink)
    out: NDArray[np.uint8] = warp(pyramid(picture), homography, (size, size), shrink)
    assert out.shape == (size, size, 3)
    weight = out[..., 0].astype(float) - 60
    weight[weight < 8] = 0
    ys, xs = np.mgrid[:size, :size]
    found = np.array([(xs * weight).sum(), (ys * weight).sum()]) / weight.sum()
    np.testing.assert_allclose(found, transform(centre, homography)[0], atol=0.5)
    assert out[round(300 / shrink), round(500 / shrink), 0] == pytest.approx(220, abs=2)
    assert out[2, 2, 0] == pytest.approx(60, abs=2)
    assert weight.sum() * shrink**2 == pytest.approx(160 * np.pi * 70**2, rel=0.03)


def test_a_shrinking_warp_averages_fine_stripes() -> None:
    """Skipping pixels would give stripes of any grey; an average gives their mean."""
    picture = np.zeros((512, 512, 3), np.uint8)
    picture[:, ::2] = 200
    homography = np.diag([1 / 8, 1 / 8, 1.0])
    out = warp(pyramid(picture), homography, (64, 64), 8.0)
    np.testing.assert_allclose(out[4:-4, 4:-4], 100, atol=3)


def test_unwarp_undoes_transform() -> None:
    homography = np.array([[0.4, 0.05, 3], [-0.02, 0.5, 9], [1e-4, 0, 1]])
    points = np.array([[0, 0], [300, 20], [40, 500]], np.float32)
    np.testing.assert_allclose(unwarp(transform(points, homography), homography), points, atol=0.01)
