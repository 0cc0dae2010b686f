"""What a drawn plate shows besides its text."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.countries import Colours, load_countries
from classic_anpr.evidence import COLOURS, Evidence, observe
from classic_anpr.locate.candidate import Candidate
from classic_anpr.ocr.lattice import Lattice, Slot
from classic_anpr.rectify import CAP, Crop
from classic_anpr.segment import LINE_CAP, LINE_HEIGHT, STRETCH, Line, Piece

Bgr = tuple[int, int, int]
WHITE, BLACK, YELLOW, RED, BLUE = (235, 235, 235), (25, 25, 25), (40, 200, 235), (40, 40, 190), (150, 60, 20)
X0, Y0 = 112, 59  # where a crop's band of text begins


def plate(
    ground: Bgr = WHITE, ink: Bgr = BLACK, band: Bgr | None = None, gaps: tuple[float, ...] = (0.1,) * 5
) -> tuple[Crop, Line, Lattice]:
    """Six bars half a cap height wide on a sheet, the line image that segmentation would cut, and its slots."""
    starts = np.cumsum([0.0, *(0.5 + gap for gap in gaps)])
    width = starts[-1] + 0.5
    picture = np.full((round(CAP + 2 * Y0), round(2 * X0 + width * CAP), 3), 90, np.uint8)
    cv2.rectangle(picture, (X0 - 30, Y0 - 8), (round(X0 + width * CAP) + 8, Y0 + CAP + 8), ground, -1)
    if band is not None:
        cv2.rectangle(picture, (X0 - 30, Y0 - 8), (X0 - 10, Y0 + CAP + 8), band, -1)
    for start in starts:
        left = X0 + start * CAP
        cv2.rectangle(picture, (round(left), Y0), (round(left + 0.5 * CAP) - 1, Y0 + CAP - 1), ink, -1)
    corners = np.array([[X0, Y0], [X0 + width * CAP, Y0], [X0 + width * CAP, Y0 + CAP], [X0, Y0 + CAP]], np.float32)
    light = sum(ink) > sum(ground)
    crop = Crop(
        picture, np.eye(3), (X0, Y0, float(corners[1, 0]), Y0 + CAP), Candidate(corners, corners, 0.9, ("glyphs",))
    )
    scale = LINE_CAP / CAP
    margin = (LINE_HEIGHT - LINE_CAP) / 2
    to_line = np.array([[STRETCH * scale, 0, 10 - X0 * STRETCH * scale], [0, scale, margin - Y0 * scale]])
    size = (round(width * LINE_CAP * STRETCH) + 20, LINE_HEIGHT)
    pixels = cv2.cvtColor(cv2.warpAffine(picture, to_line, size), cv2.COLOR_BGR2GRAY)
    homography = np.vstack([to_line, [0, 0, 1]])
    line = Line(
        255 - pixels if light else pixels, (Piece(0, homography),), corners, np.zeros((0, 4), np.float32), light, CAP
    )
    middles = 10 + (starts + 0.25) * LINE_CAP * STRETCH
    return crop, line, Lattice(tuple(Slot((("H", 0.9),), 0.01, m - 3, m + 3) for m in middles))


def seen(**drawn: object) -> Evidence:
    crop, line, lattice = plate(**drawn)  # type: ignore[arg-type]
    return observe(crop, [line], [lattice])


@pytest.mark.parametrize(
    ("ground", "ink", "names"),
    [
        (WHITE, BLACK, ("neutral", "neutral")),
        (YELLOW, BLACK, ("yellow", "neutral")),
        (WHITE, RED, ("neutral", "red")),
        (RED, WHITE, ("red", "neutral")),
        (BLUE, WHITE, ("blue", "neutral")),
        (BLACK, WHITE, ("neutral", "neutral")),
    ],
)
def test_colours_and_polarity(ground: Bgr, ink: Bgr, names: tuple[str, str]) -> None:
    evidence = seen(ground=ground, ink=ink)
    assert (evidence.ground, evidence.ink) == names
    assert evidence.light_on_dark == (ink == WHITE)
    assert set(names) <= set(COLOURS)


def test_a_cast_is_no_colour() -> None:
    """Street light lies on ground and ink alike."""
    assert seen(ground=(150, 190, 235), ink=(20, 45, 90)).ground == "neutral"


def test_the_blue_band() -> None:
    left, right, above = seen(band=BLUE).blue
    assert left > 0.2
    assert max(abs(right), abs(above)) < 0.05
    assert abs(seen().blue[0]) < 0.05


def test_gaps_and_width() -> None:
    evidence = seen(gaps=(0.1, 0.6, 0.1, 0.15, 0.1))
    gaps = [evidence.gap(0, k, k + 1) for k in range(5)]
    assert gaps == pytest.approx([0.1, 0.6, 0.1, 0.15, 0.1], abs=0.06)
    assert evidence.gap(0, 0, 2) > 1.1
    assert evidence.width == pytest.approx(0.5, abs=0.05)
    divides = evidence.divisions([(0, k) for k in range(6)], "HHHHHH")
    assert divides.shape == (5, 2)
    assert (divides[:, 0] > divides[:, 1]).tolist() == [False, True, False, False, False]


def test_a_change_of_line_says_nothing() -> None:
    edges = (np.array([[0, 0.5]], np.float32), np.array([[0, 0.5]], np.float32))
    evidence = Evidence(False, "neutral", "neutral", (0, 0, 0), None, edges)
    assert not evidence.divisions([(0, 0), (1, 0)], "AB").any()


def look(evidence: Evidence, printed: str, band: str = "") -> float:
    characters, _, background = printed.partition(" on ")
    return evidence.look([Colours(characters, background)], band)


def test_looks_are_weighed() -> None:
    yellow = seen(ground=YELLOW)
    assert look(yellow, "black on yellow") > 1 > -1 > look(yellow, "black on white")
    plain = seen()
    assert look(plain, "black on white") > 0 > look(plain, "black on yellow") > look(plain, "white on black")
    band = seen(band=BLUE)
    assert look(band, "black on white", "eu") > look(plain, "black on white", "eu")
    assert look(band, "black on white") < look(plain, "black on white")
    # A layout of several colours is not worse than half as likely as one of the colour that is seen.
    several = [Colours("black", "white"), Colours("black", "yellow")]
    assert plain.look(several, "") > look(plain, "black on white") - 0.7


def test_width_is_weighed() -> None:
    right, wide, unknown = seen().proportions(np.array([0.55, 1.2, 0.0], np.float32))
    assert right > unknown == 0 > wide


def test_every_built_in_band_is_known() -> None:
    from classic_anpr.evidence import BANDS

    bands = {plate.band for country in load_countries(None) for plate in country.plates.values()}
    assert bands <= set(BANDS)


def test_observation_reads_only() -> None:
    crop, line, lattice = plate()
    before: NDArray[np.uint8] = crop.pixels.copy()
    observe(crop, [line], [lattice])
    assert (crop.pixels == before).all()
