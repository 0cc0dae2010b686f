"""Each localiser alone, and the fusing and ranking of chains."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.locate.borders import BorderSettings, find_border
from classic_anpr.locate.edges import EdgeSettings, find_dense_boxes, upright
from classic_anpr.locate.glyphs import Chain, GlyphSettings, find_chains, link, median_slope
from classic_anpr.locate.rank import Group, covers, group, measure, scores
from tests.drawn import Floats, background, draw_plate, grille, place

DARK, LIGHT = draw_plate("ABC1234"), draw_plate("ABC1234", light_on_dark=True)
SCENE = place((DARK, (320, 240), 160, 0))
GREY = cv2.cvtColor(SCENE.pixels, cv2.COLOR_BGR2GRAY)


# glyph chains


@pytest.mark.parametrize("light", [False, True])
def test_a_chain_has_the_glyphs_left_to_right(light: bool) -> None:
    scene = place((LIGHT if light else DARK, (320, 240), 160, 0))
    grey = cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY)
    chains = [c for c in find_chains(grey, GlyphSettings()) if c.light_on_dark is light and len(c.boxes) == 7]
    assert chains
    scale = 160 / DARK.pixels.shape[1]
    height = 60 * scale
    for chain in chains:
        np.testing.assert_allclose(chain.quad, scene.band(), atol=2.5)
        assert chain.height == pytest.approx(height, abs=2)
        assert abs(chain.slope) < 0.02
        assert chain.contrast > 60
        drawn = np.array(scene.plates[0].lines[0]) * scale + [*scene.corners()[0], 0, 0]
        np.testing.assert_allclose(chain.boxes, drawn, atol=2.5)


def test_the_slope_of_a_chain_is_that_of_the_line() -> None:
    scene = place((DARK, (320, 240), 240, 20))
    chains = find_chains(cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY), GlyphSettings())
    best = max(chains, key=lambda c: len(c.boxes))
    assert best.slope == pytest.approx(np.tan(np.radians(20)), abs=0.04)


def test_too_few_glyphs_make_no_chain() -> None:
    plate = place((draw_plate("AB", frame=False), (320, 240), 100, 0))
    grey = cv2.cvtColor(plate.pixels, cv2.COLOR_BGR2GRAY)
    assert find_chains(grey, GlyphSettings()) == []
    assert find_chains(grey, GlyphSettings(min_glyphs=2))


def test_faint_glyphs_need_a_lower_contrast() -> None:
    faint = (128 + (GREY.astype(np.float32) - 128) * 0.03).astype(np.uint8)
    assert find_chains(faint, GlyphSettings()) == []
    assert find_chains(faint, GlyphSettings(views=(((13, 2.0),),)))


def boxes(*xs: float, height: float = 20, y: float = 50) -> Floats:
    return np.array([[x, y, 12, height, 150] for x in xs], np.float32)


def test_link_joins_neighbours_and_ends_at_a_wide_gap() -> None:
    rows = boxes(0, 16, 32, 48, 200, 216, 232)
    found = [sorted(g.tolist()) for g in link(rows, GlyphSettings())]
    assert sorted(found) == [[0, 1, 2, 3], [4, 5, 6]]


def test_link_sorts_by_x_whatever_the_order() -> None:
    rows = boxes(48, 0, 32, 16)
    (members,) = link(rows, GlyphSettings())
    assert rows[members, 0].tolist() == [0, 16, 32, 48]


def test_link_keeps_sizes_and_lines_apart() -> None:
    rows = np.vstack([boxes(0, 16, 32), boxes(0, 20, 40, height=34, y=75)])
    found = sorted(sorted(g.tolist()) for g in link(rows, GlyphSettings()))
    assert found == [[0, 1, 2], [3, 4, 5]]


def test_median_slope_withstands_an_outlier() -> None:
    x = np.arange(7, dtype=np.float32)
    y = 0.25 * x
    y[3] += 50
    assert median_slope(x, y) == pytest.approx(0.25, abs=1e-6)
    assert median_slope(x[:1], y[:1]) == 0.0
    assert median_slope(np.zeros(3, np.float32), y[:3]) == 0.0


# dense edges


def test_a_dense_box_covers_the_plate() -> None:
    found = find_dense_boxes(GREY, EdgeSettings())
    assert found
    quad, strength = found[0]
    np.testing.assert_allclose(quad, SCENE.corners(), atol=9)
    assert strength > 20
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)


def test_a_plate_too_blurred_for_chains_is_still_a_dense_box() -> None:
    scene = place((DARK, (320, 240), 100, 0))
    blurred = cv2.GaussianBlur(cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY), (0, 0), 3.6)
    centre = scene.band().mean(axis=0)
    chains = find_chains(blurred, GlyphSettings())
    assert not any(len(c.boxes) > 4 and covers(scene.band(), c.quad.mean(axis=0)) for c in chains)
    found = find_dense_boxes(blurred, EdgeSettings())
    assert any(np.linalg.norm(quad.mean(axis=0) - centre) < 12 for quad, _ in found)


def test_at_most_so_many_boxes() -> None:
    scene = place((DARK, (160, 120), 160, 0), (LIGHT, (450, 330), 160, 0))
    grey = cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY)
    assert len(find_dense_boxes(grey, EdgeSettings())) > 1
    assert len(find_dense_boxes(grey, EdgeSettings(most=1))) == 1


@pytest.mark.parametrize("angle", [-40, -10, 0, 10, 40])
def test_upright_starts_top_left_and_runs_clockwise(angle: float) -> None:
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    quad = np.array([[-50, -10], [50, -10], [50, 10], [-50, 10]], np.float32) @ np.array([[c, s], [-s, c]], np.float32)
    for order in ([0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]):
        np.testing.assert_allclose(upright(quad[order] + 200), quad + 200, atol=1e-4)


# borders


@pytest.mark.parametrize("plate", [DARK, LIGHT])
@pytest.mark.parametrize("tilt", [0, 12])
@pytest.mark.parametrize("width", [80, 160, 400])
def test_the_border_of_a_plate(plate: object, tilt: float, width: int) -> None:
    scene = place((plate, (320, 240), width, tilt))  # type: ignore[arg-type]
    found = find_border(cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY), scene.band(), BorderSettings())
    assert found is not None
    assert float(np.abs(found - scene.corners()).max()) < 0.05 * width


def wall_with(corner: tuple[int, int], opposite: tuple[int, int]) -> NDArray[np.uint8]:
    wall = background(640, 480)
    cv2.rectangle(wall, corner, opposite, (240, 240, 240), -1)
    return cv2.cvtColor(wall, cv2.COLOR_BGR2GRAY)


def level_band(x0: float, y0: float, x1: float, y1: float) -> Floats:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


def test_a_border_of_other_proportions_is_left_out() -> None:
    grey = wall_with((200, 100), (400, 124))  # 8 : 1
    band = level_band(220, 104, 380, 120)
    assert find_border(grey, band, BorderSettings()) is None
    assert find_border(grey, band, BorderSettings(aspect=(1.1, 12.0))) is not None


def test_a_border_larger_than_the_settings_allow_is_left_out() -> None:
    grey = wall_with((200, 100), (330, 146))
    band = level_band(230, 112, 300, 134)
    assert find_border(grey, band, BorderSettings(largest=1.2)) is None
    assert find_border(grey, band, BorderSettings(largest=6.0)) is not None


def test_a_border_holds_its_text() -> None:
    grey = wall_with((200, 100), (330, 130))
    assert find_border(grey, level_band(210, 107, 320, 123), BorderSettings()) is not None
    assert find_border(grey, level_band(260, 107, 370, 123), BorderSettings()) is None


def test_text_at_the_picture_s_corner_has_no_border() -> None:
    assert find_border(wall_with((0, 0), (4, 4)), level_band(-3, -3, 60, 10), BorderSettings()) is None


# fusing and ranking


def chain(x: float, y: float, glyphs: int = 7, height: float = 20, light: bool = False, jitter: float = 0.0) -> Chain:
    """A level chain of glyphs whose sizes vary by `jitter`."""
    rng = np.random.default_rng(1)
    h = height * (1 + jitter * rng.standard_normal(glyphs))
    xs = x + 0.8 * height * np.arange(glyphs) * (1 + jitter * rng.random(glyphs))
    rows = np.column_stack([xs, np.full(glyphs, y), np.full(glyphs, 0.55 * height), h]).astype(np.float32)
    x1 = float(xs[-1] + 0.55 * height)
    quad = np.array([[x, y], [x1, y], [x1, y + height], [x, y + height]], np.float32)
    return Chain(rows, quad, height, 0.0, light, 80.0)


def test_group_unites_chains_over_the_same_text_only() -> None:
    whole, part = chain(100, 100), chain(116, 101, glyphs=5)
    below, other = chain(100, 130), chain(100, 100, light=True)
    larger = chain(100, 90, glyphs=4, height=40)
    groups = group([part, whole, below, other, larger])
    assert {id(g.chain): g.support for g in groups} == {id(whole): 2, id(below): 1, id(other): 1, id(larger): 1}


def test_covers() -> None:
    band = chain(100, 100).quad
    inside: NDArray[np.float32] = band.mean(axis=0)
    assert covers(band, inside)
    assert not covers(band, inside + np.array([0, 12], np.float32))
    assert not covers(band, inside + np.array([200, 0], np.float32))


WALL = np.full((300, 400), 128, np.uint8)


def belief(*chains: Chain, grey: NDArray[np.uint8] = WALL) -> list[float]:
    """The scores of chains that four masks found."""
    return [float(v) for v in scores(measure([Group(c, 4) for c in chains], grey))]


def test_the_score_is_a_probability_whatever_the_features() -> None:
    usual = measure([Group(chain(100, 100), 4)], WALL)
    for name in usual:
        for value in (-1e6, 0.0, 1e6):
            assert 0 <= scores({**usual, name: np.array([value])})[0] <= 1


def test_a_chain_is_measured_alike_alone_and_among_others() -> None:
    rows = [chain(40, 60), chain(100, 150, glyphs=3, jitter=0.1), chain(30, 240, glyphs=14, height=12, light=True)]
    together = measure([Group(c, 4) for c in rows], GREY)
    for i, one in enumerate(rows):
        alone = measure([Group(one, 4)], GREY)
        for name in alone.keys() - {"crowd"}:
            assert together[name][i] == pytest.approx(alone[name][0]), name


def test_the_measures_of_even_glyphs() -> None:
    found = {name: float(v[0]) for name, v in measure([Group(chain(100, 100), 4)], WALL).items()}
    assert found["glyphs"] == pytest.approx(7 / 9)
    assert found["support"] == 0.5
    assert found["mean_pitch"] == pytest.approx(0.8)
    assert found["mean_width"] == pytest.approx(0.55)
    assert found["gap"] == pytest.approx(0.25)
    for name in ("height_spread", "pitch_spread", "width_spread", "slope", "log_height", "light", "crowd"):
        assert found[name] == pytest.approx(0, abs=1e-5), name


def test_rows_near_by_are_a_crowd() -> None:
    rows = [chain(100, 60), chain(110, 100), chain(100, 140), chain(100, 60, height=60), chain(100, 280)]
    crowd = measure([Group(c, 1) for c in rows], WALL)["crowd"]
    np.testing.assert_allclose(crowd, np.array([2, 2, 2, 0, 0]) / 6)


@pytest.mark.parametrize("light", [False, True])
def test_the_ground_and_the_strokes_are_those_of_the_picture(light: bool) -> None:
    wall = np.full((300, 400), 50 if light else 200, np.uint8)
    bars = np.array([[100 + 16 * k, 100, 6, 12] for k in range(7)], np.float32)
    for x, y, w, h in bars.astype(int):
        wall[y : y + h, x : x + w] = 150 if light else 100
    row = Group(Chain(bars, level_band(100, 100, 202, 112), 12.0, 0.0, light, 80.0), 4)
    found = {name: float(v[0]) for name, v in measure([row], wall).items()}
    assert found["ground"] == pytest.approx((205 if light else 200) / 255, abs=0.01)
    assert found["range"] == pytest.approx(100 / 255, abs=0.02)
    assert found["strokes"] == pytest.approx(12 / 8.5 / 10, rel=0.02)  # each of six gaps has two sides
    assert found["busy"] == pytest.approx(12 / 8.5 / 10, rel=0.05)
    assert found["clear"] == pytest.approx(60 / 102, abs=0.1)
    assert found["around"] == 0.0
    wall[70:98, 90:210:6] = wall[114:150, 90:210:6] = 0
    assert measure([row], wall)["around"][0] > 0.5


def test_even_glyphs_score_higher_than_uneven_ones() -> None:
    even, uneven = belief(chain(100, 100), chain(100, 100, jitter=0.12))
    assert even > uneven


def test_more_glyphs_score_higher_than_three() -> None:
    more, three = (belief(chain(100, 100, glyphs=n))[0] for n in (7, 3))
    assert more > three


def test_the_chains_of_a_grille_score_below_those_of_a_plate() -> None:
    wall = background(640, 480)
    grille(wall, 100, 200, 400, 40)

    def best(grey: NDArray[np.uint8]) -> float:
        found = group(find_chains(grey, GlyphSettings()))
        return float(scores(measure(found, grey)).max()) if found else 0.0

    assert best(cv2.cvtColor(wall, cv2.COLOR_BGR2GRAY)) < best(GREY)
