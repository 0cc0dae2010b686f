"""Following plates and voting on their texts, on readings made up by the tests: no video, no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from classic_anpr.countries import Country, load_countries
from classic_anpr.results import Character, Frame, PlateReading
from classic_anpr.tracking import Followed, Tracker, TrackSettings, similarity

STEP = 0.2  # seconds between frames


@cache
def countries() -> dict[str, Country]:
    return {country.code: country for country in load_countries(["ru", "vn"])}


def reading(
    text: str,
    x: float = 100.0,
    y: float = 100.0,
    confidence: float = 0.9,
    layout: tuple[str, str] | None = None,
    lines: tuple[str, ...] | None = None,
    second: str | None = None,
) -> PlateReading:
    """A reading of 80 x 20 px at (x, y); `second` holds a character per place that the OCR held possible, too."""
    corners = np.array([[x, y], [x + 80, y], [x + 80, y + 20], [x, y + 20]], np.float32)
    characters = tuple(
        Character(char, 0.6, corners, ((char, 0.6),) + (((second[k], 0.3),) if second else ()))
        for k, char in enumerate(text)
    )
    code, layout_id = layout or (None, None)
    region = text[6:] if layout else None
    return PlateReading(
        text, text, text, lines or (text,), code, layout_id, region, None, confidence, 0.9, corners, characters
    )


def follow(frames: Sequence[Sequence[PlateReading]], settings: TrackSettings | None = None) -> list[Followed]:
    """All passages of a video with these readings in its frames, by their beginning."""
    tracker = Tracker(countries(), settings)
    passages = []
    for number, plates in enumerate(frames):
        passages += tracker.step(Frame(number, number * STEP), plates)
    passages += tracker.finish()
    return sorted(passages, key=lambda p: p.passage.time_first_s)


def texts(passages: Sequence[Followed]) -> list[str]:
    return [p.best.plate.text for p in passages]


def test_a_plate_that_moves_is_one_passage() -> None:
    frames = [[], *([reading("A123BC77", 20 + 90 * i, confidence=0.5 + 0.05 * i)] for i in range(6)), []]
    (passage,) = follow(frames)
    assert passage.best.plate.text == "A123BC77"
    assert passage.passage.time_first_s == pytest.approx(STEP)
    assert passage.passage.time_last_s == pytest.approx(6 * STEP)
    assert passage.passage.frames_read == 6
    assert passage.best.frame.number == 6
    assert passage.best.plate.confidence == pytest.approx(0.75)


def test_frames_without_a_reading_are_bridged_up_to_the_gap() -> None:
    seen = [[reading("A123BC77", 20 + 30 * i)] for i in range(3)]
    later = [[reading("A123BC77", 400 + 30 * i)] for i in range(3)]
    assert texts(follow([*seen, *[[]] * 8, *later])) == ["A123BC77"]
    first, second = follow([*seen, *[[]] * 12, *later])
    assert first.passage.time_last_s < second.passage.time_first_s


def test_a_passage_is_reported_once_its_gap_has_gone_by_and_not_before() -> None:
    tracker = Tracker(countries(), TrackSettings(max_gap_s=1.0))
    for number in range(3):
        assert tracker.step(Frame(number, number * STEP), [reading("A123BC77")]) == []
    assert tracker.step(Frame(7, 1.4), []) == []
    assert texts(tracker.step(Frame(8, 1.6), [])) == ["A123BC77"]
    assert tracker.finish() == []


def test_two_plates_in_one_frame_stay_apart_even_where_they_cross_and_hardly_differ() -> None:
    frames = [[reading("A001BC77", 60 * i), reading("A002BC77", 540 - 60 * i, y=115)] for i in range(10)]
    frames[4] = [frames[4][0]]  # One of them is hidden for a moment.
    assert sorted(texts(follow(frames))) == ["A001BC77", "A002BC77"]


def test_the_next_car_at_the_barrier_is_another_one() -> None:
    frames = [*[[reading("A123BC77")]] * 4, *[[]] * 5, *[[reading("M456OP99")]] * 4]
    assert texts(follow(frames)) == ["A123BC77", "M456OP99"]


def test_a_car_of_the_same_fleet_that_follows_on_the_same_way_is_another_one() -> None:
    way = [20.0, 100.0, 180.0, 260.0, 340.0, 420.0, 500.0]
    frames = [[reading(text, x)] for text in ("A001BC77", "A002BC77") for x in way]
    assert texts(follow(frames)) == ["A001BC77", "A002BC77"]


def test_a_plate_cut_off_by_the_edge_belongs_to_the_passage_but_does_not_vote() -> None:
    frames = [[reading(t, 15 * i)] for i, t in enumerate(("BC77", "23BC77", "A123BC77", "A123BC77", "A123BC77"))]
    (passage,) = follow(frames)
    assert (passage.best.plate.text, passage.passage.frames_read) == ("A123BC77", 5)


def test_something_read_by_chance_is_left_out() -> None:
    frames = [[reading("A123BC77")], [reading("A123BC77"), reading("TAXI", 500)], [reading("A123BC77")]]
    assert texts(follow(frames)) == ["A123BC77"]
    assert sorted(texts(follow(frames, TrackSettings(min_frames=1)))) == ["A123BC77", "TAXI"]


def test_one_text_twice_in_a_frame_is_one_vehicle() -> None:
    frames = [[reading("A123BC77"), reading("A123BC77", y=300, confidence=0.4)]] * 4
    assert texts(follow(frames)) == ["A123BC77"]


def test_characters_are_voted_on_so_the_text_may_be_one_that_no_frame_had() -> None:
    frames = [[reading(t)] for t in ("A128BC77", "A123RC77", "M123BC77")]
    (passage,) = follow(frames)
    plate = passage.best.plate
    assert plate.text == "A123BC77"
    assert "".join(c.char for c in plate.characters) == plate.text
    (edit,) = plate.edits
    assert plate.text[edit.position] == edit.used
    assert plate.confidence < 0.9  # It is less certain than one that was read as a whole.
    assert plate.candidates[0].text == "A123BC77"
    assert {c.text for c in plate.candidates[1:]} == {"A128BC77", "A123RC77", "M123BC77"}


def test_the_more_certain_reading_counts_more() -> None:
    frames = [[reading("A128BC77", confidence=0.3)], [reading("A128BC77", confidence=0.3)], [reading("A123BC77")]]
    assert texts(follow(frames)) == ["A123BC77"]


def test_the_vote_keeps_to_the_layout_of_most_readings_and_sees_to_what_follows_from_the_text() -> None:
    # The third place was mostly taken for a letter, which a Russian car has not got there.
    ru = ("ru", "car")
    frames = [
        *[[reading("A12BBC77", second="A123BC77")]] * 2,
        *[[reading(text, confidence=0.65, layout=ru)] for text in ("A123BC79", "A128BC17", "A125BC97")],
    ]
    plate = follow(frames)[0].best.plate
    assert (plate.text, plate.country, plate.layout) == ("A123BC77", "ru", "car")
    assert (plate.formatted, plate.region, plate.region_name) == ("A 123 BC 77", "77", "Moscow")


def test_both_lines_of_a_voted_text_are_right() -> None:
    vn = ("vn", next(lay.id for lay in countries()["vn"].layouts if lay.matches("51F12345")))
    frames = [[reading(text, layout=vn, lines=(text[:3], text[3:]))] for text in ("51F12346", "51F72345", "57F12345")]
    (passage,) = follow(frames)
    assert (passage.best.plate.text, passage.best.plate.lines) == ("51F12345", ("51F", "12345"))


def test_only_the_best_frame_s_pixels_are_kept() -> None:
    tracker = Tracker(countries())
    pictures = [np.full((2, 2, 3), i, np.uint8) for i in range(4)]
    for i, confidence in enumerate((0.5, 0.6, 0.9, 0.7)):
        tracker.step(Frame(i, i * STEP), [reading("A123BC77", confidence=confidence)], pictures[i])
    (passage,) = tracker.finish()
    assert passage.best.frame.number == 2
    assert passage.best.pixels is pictures[2]


@pytest.mark.parametrize(
    ("a", "b", "expected"), [("A123BC77", "A123BC77", 1.0), ("A123BC77", "A128BC77", 0.875), ("A123", "A123BC77", 0.5)]
)
def test_similarity(a: str, b: str, expected: float) -> None:
    assert similarity(a, b) == similarity(b, a) == pytest.approx(expected)
