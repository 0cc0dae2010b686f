"""Line images: size, polarity, what is cut off, what is kept, and the way back to the photograph."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.locate import Candidate, LocateSettings, locate
from classic_anpr.rectify import RectifySettings, pyramid, rectify
from classic_anpr.segment import LINE_CAP, LINE_HEIGHT, STRETCH, Line, SegmentSettings, segment
from tests.drawn import DrawnPlate, Floats, Scene, background, carry, draw_plate, draw_russian, place

SETTINGS = SegmentSettings()
TEXT = "ABC7234"
DARK, LIGHT = draw_plate(TEXT), draw_plate(TEXT, light_on_dark=True)
DARK_WALL = 40


def lines_of(scene: Scene, line: int = 0, light: bool | None = None) -> list[Line]:
    """The lines around a drawn one, as if a localiser had given its exact band."""
    band = scene.band(0, line)
    levels = pyramid(scene.pixels)
    crop = rectify(levels, Candidate(band, band, 0.5, ("glyphs",), light), RectifySettings())
    return segment(levels, crop, SETTINGS)


def the_line(scene: Scene, light: bool | None = None) -> Line:
    (line,) = lines_of(scene, light=light)
    return line


def inked_columns(pixels: NDArray[np.uint8]) -> int:
    """How many runs of columns with ink there are between cap and base line."""
    ink = (pixels[6:-6] < 120).any(axis=0).astype(np.int8)
    return int((np.diff(np.concatenate([[0], ink, [0]])) == 1).sum())


def inked_rows(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    """First and last row that ink fills well, away from the ends."""
    rows = np.flatnonzero((pixels[:, 14:-14] < 120).mean(axis=1) > 0.08)
    return int(rows[0]), int(rows[-1])


def glyphs_in_line(scene: Scene, line: Line, row: int = 0) -> Floats:
    """x0, y0, x1, y1 of the drawn glyphs in the line image, by its first piece."""
    corners = []
    for x, y, w, h in scene.plates[0].lines[row]:
        quad = carry(np.array([[x, y], [x + w, y + h]], np.float32), scene.homographies[0])
        corners.append(carry(quad, line.pieces[0].homography).ravel())
    return np.array(corners, np.float32)


@pytest.mark.parametrize("tilt", [0, 12])
@pytest.mark.parametrize("width", [70, 240, 560])
@pytest.mark.parametrize(("plate", "light"), [(DARK, False), (LIGHT, True)])
def test_a_line_is_dark_on_light_and_of_the_canonical_size(
    plate: DrawnPlate, light: bool, width: float, tilt: float
) -> None:
    scene = place((plate, (320, 240), width, tilt), wall=DARK_WALL if not light else 190)
    line = the_line(scene)
    assert line.light_on_dark is light
    assert line.pixels.dtype == np.uint8
    assert line.pixels.shape[0] == LINE_HEIGHT
    assert np.median(line.pixels) > 180
    drawn = glyphs_in_line(scene, line)
    heights = drawn[:, 3] - drawn[:, 1]
    np.testing.assert_allclose(heights, LINE_CAP, atol=2.5)
    np.testing.assert_allclose(drawn[:, 1], (LINE_HEIGHT - LINE_CAP) / 2, atol=2.5)
    np.testing.assert_allclose(drawn[:, 2] - drawn[:, 0], 0.6 * LINE_CAP * STRETCH, rtol=0.15)
    # the text with 0.3 to 0.6 cap heights of ground at either end, and nothing else
    assert 0.25 * LINE_CAP * STRETCH < drawn[0, 0] < 0.65 * LINE_CAP * STRETCH
    assert 0.25 * LINE_CAP * STRETCH < line.pixels.shape[1] - drawn[-1, 2] < 0.65 * LINE_CAP * STRETCH
    assert len(line.pieces) == 1
    assert line.height == pytest.approx(60 * width / plate.pixels.shape[1], rel=0.08)
    np.testing.assert_allclose(line.band, scene.band(), atol=0.1 * line.height + 1)


def test_the_ink_fills_the_rows_between_the_margins() -> None:
    first, last = inked_rows(the_line(place((DARK, (320, 240), 300, 8), wall=DARK_WALL)).pixels)
    assert first == pytest.approx(6, abs=2)
    assert last == pytest.approx(29, abs=2)


def test_a_known_polarity_is_kept_to() -> None:
    scene = place((DARK, (320, 240), 240, 0), wall=DARK_WALL)
    assert the_line(scene, light=False).light_on_dark is False
    assert all(line.light_on_dark for line in lines_of(scene, light=True))


@pytest.mark.parametrize("tilt", [-8, 0, 8])
@pytest.mark.parametrize(("plate", "wall"), [(DARK, DARK_WALL), (DARK, 190), (LIGHT, DARK_WALL), (LIGHT, 190)])
def test_cuts_off_the_bars_of_the_frame(plate: DrawnPlate, wall: float, tilt: float) -> None:
    line = the_line(place((plate, (320, 240), 240, tilt), wall=wall))
    assert len(line.boxes) == len(TEXT)


@pytest.mark.parametrize(("text", "count"), [("AB", 0), ("AB7", 0), ("AB72", 1), ("A  7  2", 1)])
def test_a_short_lone_line_is_no_plate(text: str, count: int) -> None:
    assert len(lines_of(place((draw_plate(text), (320, 240), 100, 0), wall=60))) == count


@pytest.mark.parametrize("tilt", [-8, 0, 8])
def test_cuts_off_the_eu_band(tilt: float) -> None:
    scene = place((draw_plate("M AB7234", eu_band=True), (320, 240), 260, tilt))
    line = the_line(scene)
    assert len(line.boxes) == 7
    drawn = glyphs_in_line(scene, line)
    assert 0 < drawn[0, 0] < 0.65 * LINE_CAP * STRETCH
    assert inked_columns(line.pixels[:, 3:-3]) == 7


def test_a_band_that_covers_only_some_glyphs_is_walked_outwards() -> None:
    scene = place((DARK, (320, 240), 240, 4), wall=DARK_WALL)
    (x0, y0, _, _), (x, y, w, h) = DARK.lines[0][2], DARK.lines[0][4]
    x1, y1 = x + w, y + h
    part = carry(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32), scene.homographies[0])
    levels = pyramid(scene.pixels)
    crop = rectify(levels, Candidate(part, part, 0.5, ("glyphs",)), RectifySettings())
    (line,) = segment(levels, crop, SETTINGS)
    assert len(line.boxes) == len(TEXT)


@pytest.mark.parametrize("width", [180, 400])
@pytest.mark.parametrize("tilt", [-6, 0, 6])
def test_a_russian_region_is_taken_along_and_brought_to_full_height(width: float, tilt: float) -> None:
    scene = place((draw_russian(), (320, 240), width, tilt))
    line = the_line(scene)
    assert len(line.boxes) == 8
    assert len(line.pieces) == 2
    assert line.pieces[0].x == 0 < line.pieces[1].x < line.pixels.shape[1]
    assert line.pixels.shape[0] == LINE_HEIGHT
    assert inked_columns(line.pixels[:, 3:-3]) == 8, "the bar between number and region must be gone"
    region = line.pixels[:, line.pieces[1].x :]
    rows = np.flatnonzero((region < 120).any(axis=1))
    assert rows[0] == pytest.approx(6, abs=2.5)
    assert rows[-1] == pytest.approx(29, abs=2.5)


def test_columns_of_a_region_lead_back_to_the_region() -> None:
    scene = place((draw_russian(), (320, 240), 400, 5))
    line = the_line(scene)
    for drawn, x in zip(scene.plates[0].lines[0][-2:], centres_of_ink(line)[-2:], strict=True):
        quad = line.original(x - 8, x + 8)
        expected = middle_of(drawn, scene)
        np.testing.assert_allclose(quad.mean(axis=0), expected, atol=0.12 * line.height)


def middle_of(box: tuple[float, float, float, float], scene: Scene) -> Floats:
    x, y, w, h = box
    return carry(np.array([[x + w / 2, y + h / 2]], np.float32), scene.homographies[0])[0]


def centres_of_ink(line: Line) -> list[float]:
    """Middles of the runs of inked columns in a line image, the ends left out."""
    ink = np.concatenate([[0], (line.pixels[6:-6, 3:-3] < 120).any(axis=0).astype(np.int8), [0]])
    steps = np.diff(ink)
    return [(a + b) / 2 + 3 for a, b in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)]


@pytest.mark.parametrize("tilt", [-10, 0, 10])
@pytest.mark.parametrize("seed", [0, 1])
def test_two_lines_come_top_first_whichever_was_found(seed: int, tilt: float) -> None:
    scene = place((draw_plate("ABCDE", "72348"), (320, 240), 170, tilt), wall=DARK_WALL)
    top, bottom = lines_of(scene, seed)
    for line, row in ((top, 0), (bottom, 1)):
        np.testing.assert_allclose(line.band, scene.band(0, row), atol=0.15 * line.height)
        drawn = glyphs_in_line(scene, line, row)
        np.testing.assert_allclose(drawn[:, 3] - drawn[:, 1], LINE_CAP, atol=3)
        assert len(line.boxes) == 5


@pytest.mark.parametrize("tilt", [-5, 0, 5])
@pytest.mark.parametrize("texts", [("B", "NC7234"), ("G2978", "H")])
def test_a_line_of_one_glyph_belongs_to_the_plate(texts: tuple[str, str], tilt: float) -> None:
    """German and Austrian districts, the last letter in Gibraltar and the Netherlands."""
    scene = place((draw_plate(*texts), (320, 240), 170, tilt), wall=DARK_WALL)
    longer = int(len(texts[1]) > 1)
    found = lines_of(scene, longer)
    assert [len(line.boxes) for line in found] == [len(text) for text in texts]
    alone = found[1 - longer]
    np.testing.assert_allclose(alone.band, scene.band(0, 1 - longer), atol=0.2 * alone.height)


@pytest.mark.parametrize(("plate", "wall"), [(DARK, DARK_WALL), (LIGHT, 190)])
@pytest.mark.parametrize("tilt", [-12, 0, 12])
def test_columns_lead_back_to_the_drawn_glyphs(plate: DrawnPlate, wall: float, tilt: float) -> None:
    scene = place((plate, (320, 240), 300, tilt), wall=wall)
    line = the_line(scene)
    centres = centres_of_ink(line)
    assert len(centres) == len(TEXT)
    for box, x in zip(plate.lines[0], centres, strict=True):
        quad = line.original(x - 0.3 * LINE_CAP * STRETCH, x + 0.3 * LINE_CAP * STRETCH)
        x0, y0, w, h = box
        drawn = np.array([[x0, y0], [x0 + w, y0], [x0 + w, y0 + h], [x0, y0 + h]], np.float32)
        np.testing.assert_allclose(quad, carry(drawn, scene.homographies[0]), atol=0.13 * line.height)


def test_from_the_localiser_to_the_line() -> None:
    scene = place((draw_plate(TEXT, frame=False), (320, 240), 240, 5), wall=DARK_WALL)
    levels = pyramid(scene.pixels)
    best = locate(scene.pixels, LocateSettings())[0]
    (line,) = segment(levels, rectify(levels, best, RectifySettings()), SETTINGS)
    assert len(line.boxes) == len(TEXT)
    assert inked_columns(line.pixels) == len(TEXT)


def test_no_line_where_there_is_no_text() -> None:
    wall = background(640, 480)
    band = np.array([[200, 200], [400, 200], [400, 240], [200, 240]], np.float32)
    levels = pyramid(wall)
    assert segment(levels, rectify(levels, Candidate(band, band, 0.5, ("edges",)), RectifySettings()), SETTINGS) == []


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (20, 400)])
def test_tiny_pictures_do_not_crash(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    picture = rng.integers(0, 256, (*shape, 3), np.uint8)
    band = np.array([[0, 0], [shape[1], 0], [shape[1], shape[0]], [0, shape[0]]], np.float32)
    levels = pyramid(picture)
    crop = rectify(levels, Candidate(band, band, 0.5, ("edges",)), RectifySettings())
    assert all(line.pixels.shape[0] == LINE_HEIGHT for line in segment(levels, crop, SETTINGS))


def test_a_plate_at_the_edge_of_the_picture() -> None:
    scene = place((DARK, (130, 240), 240, 0), wall=DARK_WALL)
    cut = Scene(np.ascontiguousarray(scene.pixels[:, 20:280]), scene.plates, (scene.homographies[0].copy(),))
    cut.homographies[0][0, 2] -= 20
    (line,) = lines_of(cut)
    assert len(line.boxes) in (len(TEXT) - 1, len(TEXT))
    assert cv2.countNonZero((line.pixels < 120).astype(np.uint8)) > 0
