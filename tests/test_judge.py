"""The probability of a reading, what is reported of it, and which of two readings on one place stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from classic_anpr.constrain import Hypothesis
from classic_anpr.countries import load_countries
from classic_anpr.judge import JudgeSettings, agreement, features_of, judge, probability, without_overlaps
from classic_anpr.locate import Candidate
from classic_anpr.ocr.lattice import Lattice, Slot
from classic_anpr.results import PlateReading
from classic_anpr.segment import LINE_CAP, LINE_HEIGHT, STRETCH, Line, Piece
from tests.drawn import Floats

SETTINGS = JudgeSettings()
COUNTRIES = {c.code: c for c in load_countries(["de", "ru", "sg"])}
SCALE = 0.5  # original pixels per pixel of a line image
PITCH = 0.8 * LINE_CAP * STRETCH


def rectangle(x: float, y: float, width: float, height: float) -> Floats:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)


def line(glyphs: int, x: float = 100, y: float = 100) -> Line:
    """A level line whose image is twice as large as the photograph, and stretched."""
    width = round((glyphs + 1) * PITCH)
    homography = np.array([[STRETCH / SCALE, 0, -x * STRETCH / SCALE], [0, 1 / SCALE, -y / SCALE], [0, 0, 1]])
    margin = (LINE_HEIGHT - LINE_CAP) / 2 * SCALE
    band = rectangle(x, y + margin, width * SCALE / STRETCH, LINE_CAP * SCALE)
    pixels = np.full((LINE_HEIGHT, width), 255, np.uint8)
    boxes = np.zeros((glyphs, 4), np.float32)
    return Line(pixels, (Piece(0, homography),), band, boxes, False, LINE_CAP * SCALE)


def lattice(text: str) -> Lattice:
    slots = [Slot(((c, 0.9), ("0", 0.1)), 0.05, k * PITCH + 12, k * PITCH + 30) for k, c in enumerate(text)]
    return Lattice(tuple(slots))


def hypothesis(text: str, *rows: str, certainty: float = 0.95, share: float = 0.9, **changes: object) -> Hypothesis:
    rows = rows or (text,)
    slots = tuple((r, i) for r, row in enumerate(rows) for i in range(len(row)))
    made = Hypothesis(
        text=text,
        lines=rows,
        score=-1.0,
        confidence=share * certainty,
        share=share,
        glyphs=(certainty,) * len(text),
        country=None,
        layout=None,
        edits=(),
        slots=slots,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def candidate(score: float = 0.9, evidence: tuple[str, ...] = ("glyphs",), corners: Floats | None = None) -> Candidate:
    band = rectangle(100, 106, 90, 24)
    return Candidate(band, band if corners is None else corners, score, evidence)


def judged(*hypotheses: Hypothesis, settings: JudgeSettings = SETTINGS, top: int = 5) -> PlateReading:
    rows = hypotheses[0].lines
    lines = [line(len(row), y=100 + 30 * k) for k, row in enumerate(rows)]
    return judged_at(candidate(), lines, [lattice(row) for row in rows], hypotheses, settings, top)


def judged_at(
    place: Candidate,
    lines: list[Line],
    lattices: list[Lattice],
    hypotheses: Sequence[Hypothesis],
    settings: JudgeSettings = SETTINGS,
    top: int = 5,
) -> PlateReading:
    features = features_of(place, lines, hypotheses, COUNTRIES)
    return judge(place, lines, lattices, hypotheses, features, COUNTRIES, settings, top)


# the probability

USUAL = {
    **features_of(candidate(), [line(7)], [hypothesis("BNO1234")], COUNTRIES),
    **agreement("BNO1234", []),
}


@pytest.mark.parametrize(
    ("feature", "values"),
    [
        ("mean_log_glyph", (-3, -1, -0.3, -0.01)),
        ("log_share", (-3, -1, -0.2, 0)),
        ("gain", (0, 0.5, 1)),
        ("rank", (-1.5, -0.3, 0, 1)),
        ("check", (-1, 0, 1)),
        ("repeated", (0.7, 0.3, 0.1, 0)),
        ("apart", (1, 0.5, 0)),
    ],
)
def test_the_probability_rises_with_what_speaks_for_a_reading(feature: str, values: Sequence[float]) -> None:
    found = [probability({**USUAL, feature: value}) for value in values]
    assert found == sorted(found)
    assert found[-1] > found[0]


def test_a_row_of_equal_things_is_told_from_a_text() -> None:
    def repeated(text: str) -> float:
        return features_of(candidate(), [line(7)], [hypothesis(text)], COUNTRIES)["repeated"]

    assert repeated("AB1234") == 0
    assert repeated("99V99999") == pytest.approx(7 / 8 - 0.3)


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ((0.1,) * 6, 0.0),
        ((1.5, 0.1, 1.5, 0.1, 0.1, 0.1), 0.0),  # B-NO 1234: between the groups
        ((0.1, 0.1, 0.1, 1.3, 0.1, 0.1), 0.4),
        ((0.1, 0.1, float("nan"), 0.1, 0.1, 2.5), 1.0),  # another line
    ],
)
def test_a_wide_gap_counts_inside_a_group_only(gaps: tuple[float, ...], expected: float) -> None:
    best = hypothesis("BNO1234", country="de", layout="car", gaps=gaps)
    assert features_of(candidate(), [line(7)], [best], COUNTRIES)["apart"] == pytest.approx(expected)


def test_without_a_layout_a_text_is_one_group() -> None:
    best = hypothesis("2004428", gaps=(0.0, 0.1, 0.2, 1.6, 0.8, 0.1))
    assert features_of(candidate(), [line(7)], [best], COUNTRIES)["apart"] == pytest.approx(0.7)


@pytest.mark.parametrize("feature", list(USUAL))
@pytest.mark.parametrize("value", [-1e9, 0.0, 1e9])
def test_the_probability_is_one_whatever_the_features(feature: str, value: float) -> None:
    assert 0 <= probability({**USUAL, feature: value}) <= 1


def test_surer_glyphs_and_a_larger_share_make_a_surer_reading() -> None:
    confidences = [judged(hypothesis("BNO1234", certainty=c)).confidence for c in (0.2, 0.5, 0.8, 0.99)]
    assert confidences == sorted(set(confidences))
    shares = [judged(hypothesis("BNO1234", share=s)).confidence for s in (0.05, 0.3, 0.6, 1.0)]
    assert shares == sorted(set(shares))


def test_a_matching_layout_makes_a_surer_reading() -> None:
    free = hypothesis("BNO1234")
    assert judged(replace(free, country="de", layout="car", score=2.0), free).confidence > judged(free).confidence


def test_agreement_counts_equal_texts_and_weighs_the_others() -> None:
    assert agreement("BNO1234", []) == {"agree": 0, "differ": 0, "contained": 0, "contains": 0}
    others = [("BNO1234", 0.3), ("BNO1284", 0.2), ("BNO1Z34", 0.1)]
    assert agreement("BNO1234", others) == {"agree": 0.5, "differ": 0.2, "contained": 0, "contains": 0}


def test_a_longer_or_shorter_text_on_the_same_place_is_no_other_one() -> None:
    assert agreement("1234", [("BNO1234", 0.7)]) == {"agree": 0, "differ": 0, "contained": 0.7, "contains": 0}
    assert agreement("BNO1234", [("1234", 0.4)]) == {"agree": 0, "differ": 0, "contained": 0, "contains": 0.4}


@pytest.mark.parametrize("feature", ["differ", "contained"])
def test_a_likely_other_text_makes_a_reading_less_sure(feature: str) -> None:
    assert probability({**USUAL, feature: 0.9}) < probability({**USUAL, feature: 0.1}) < probability(USUAL)


def test_the_features_are_finite_at_the_limits() -> None:
    for h in (hypothesis("A", certainty=0.0, share=0.0), hypothesis("", certainty=1.0)):
        for score in (0.0, 1.0):
            features = features_of(candidate(score), [replace(line(1), height=0.0)], [h], COUNTRIES)
            assert all(np.isfinite(v) for v in features.values())
            assert set(features) | set(agreement(h.text, [])) == set(USUAL)


# what is reported


def test_an_unread_glyph_is_a_question_mark_without_a_layout() -> None:
    glyphs = (0.9, 0.9, 0.9, 0.5 * SETTINGS.unread, 0.9, 0.9, 0.9)
    free = hypothesis("BNO1234", glyphs=glyphs)
    reading = judged(free)
    assert reading.text == "BNO?234"
    assert [c.char for c in reading.characters] == list("BNO?234")
    assert reading.formatted == "BNO?234"
    assert reading.country is None


def test_a_layout_says_what_an_unread_glyph_must_be() -> None:
    glyphs = (0.9, 0.9, 0.9, 0.5 * SETTINGS.unread, 0.9, 0.9, 0.9)
    assert judged(hypothesis("BNO1234", glyphs=glyphs, country="de", layout="car")).text == "BNO1234"


def test_country_and_layout_fill_region_and_format() -> None:
    free = hypothesis("W0BDH786")
    reading = judged(hypothesis("WOBDH786", country="de", layout="car", checked=True), free)
    assert (reading.country, reading.layout) == ("de", "car")
    assert (reading.region, reading.region_name) == ("WOB", "Wolfsburg")
    assert reading.formatted == "WOB-DH 786"
    assert reading.raw_text == "W0BDH786"
    assert reading.warnings == ()


def test_a_wide_gap_says_where_the_district_ends() -> None:
    """``BNO1234`` is Berlin, or Bonn if the gap is after the N."""
    slots = list(lattice("BNO1234").slots)
    slots = [*slots[:2], *(replace(s, x0=s.x0 + 20, x1=s.x1 + 20) for s in slots[2:])]
    best = hypothesis("BNO1234", country="de", layout="car")
    reading = judged_at(candidate(), [line(8)], [Lattice(tuple(slots))], [best])
    assert reading.formatted == "BN-O 1234"
    assert reading.region == "BN"


def test_without_a_country_there_is_no_region_and_the_format_is_the_text() -> None:
    reading = judged(hypothesis("BNO1234"))
    assert (reading.country, reading.layout, reading.region, reading.region_name) == (None, None, None, None)
    assert reading.formatted == reading.text == reading.raw_text == "BNO1234"


def test_candidates_are_sorted_different_and_at_most_top() -> None:
    texts = ("BNO1234", "BN01234", "8NO1234", "BNO1Z34", "BNO123A", "BNO12B4")
    shares = (0.4, 0.3, 0.1, 0.08, 0.04, 0.03)
    hypotheses = [hypothesis(t, share=s) for t, s in zip(texts, shares, strict=True)]
    for top in (1, 3, 5):
        reading = judged(*hypotheses, top=top)
        found = [c.text for c in reading.candidates]
        assert len(found) == len(set(found)) == top
        assert found[0] == "BNO1234"
        confidences = [c.confidence for c in reading.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert confidences[0] == reading.confidence


def test_a_doubtful_country_is_unknown_and_the_candidates_name_the_likeliest() -> None:
    """A text that two countries issue: neither region nor format is told, and both stand among the candidates."""
    first = replace(hypothesis("BNO1234", country="de", layout="car"), country_share=0.45)
    second = replace(hypothesis("BNO1234", country="pl", layout="city"), country_share=0.4)
    reading = judged(first, second)
    assert (reading.country, reading.layout, reading.region, reading.country_confidence) == (None, None, None, None)
    assert reading.formatted == "BNO1234"
    named = [(c.text, c.country, c.country_confidence) for c in reading.candidates]
    assert named == [("BNO1234", "de", 0.45), ("BNO1234", "pl", 0.4)]
    assert {c.confidence for c in reading.candidates} == {reading.confidence}


def test_a_likely_country_is_named_with_its_probability() -> None:
    reading = judged(replace(hypothesis("BNO1234", country="de", layout="car"), country_share=0.8))
    assert (reading.country, reading.country_confidence, reading.region) == ("de", 0.8, "B")


def test_characters_lie_on_the_line_in_order() -> None:
    reading = judged(hypothesis("BNO1234"))
    band = line(7).band
    middles = [c.corners.mean(axis=0) for c in reading.characters]
    assert [m[0] for m in middles] == sorted(m[0] for m in middles)
    for k, (character, middle) in enumerate(zip(reading.characters, middles, strict=True)):
        assert middle[0] == pytest.approx(100 + (k * PITCH + 21) * SCALE / STRETCH, abs=0.5)
        assert middle[1] == pytest.approx(band[:, 1].mean(), abs=0.5)
        assert character.alternatives == lattice("BNO1234").slots[k].alternatives


def test_characters_of_two_lines_lie_in_their_own_line() -> None:
    reading = judged(hypothesis("SBA1234", "SBA", "1234"))
    tops = [float(c.corners[0, 1]) for c in reading.characters]
    assert tops[:3] == pytest.approx([tops[0]] * 3)
    assert tops[3:] == pytest.approx([tops[0] + 30] * 4)
    assert reading.lines == ("SBA", "1234")


@pytest.mark.parametrize("rows", [("BNO1234",), ("SBA", "1234")])
def test_the_corners_hold_all_lines_with_a_margin(rows: tuple[str, ...]) -> None:
    reading = judged(hypothesis("".join(rows), *rows))
    bands = np.vstack([line(len(row), y=100 + 30 * k).band for k, row in enumerate(rows)])
    (x0, y0), (x1, y1) = reading.corners.min(axis=0), reading.corners.max(axis=0)
    height = LINE_CAP * SCALE
    assert bands[:, 0].min() - x0 == pytest.approx(0.35 * height, abs=0.1)
    assert x1 - bands[:, 0].max() == pytest.approx(0.35 * height, abs=0.1)
    assert bands[:, 1].min() - y0 == pytest.approx(0.25 * height, abs=0.1)
    assert y1 - bands[:, 1].max() == pytest.approx(0.25 * height, abs=0.1)


def test_the_border_gives_the_corners_where_it_holds_the_line() -> None:
    h = hypothesis("BNO1234")
    around, elsewhere = rectangle(80, 90, 200, 60), rectangle(300, 300, 200, 60)
    for border, used in ((around, True), (elsewhere, False)):
        place = candidate(evidence=("glyphs", "border"), corners=border)
        reading = judged_at(place, [line(7)], [lattice("BNO1234")], [h])
        assert np.array_equal(reading.corners, border) is used


# accepting and rejecting


def test_a_good_reading_is_accepted() -> None:
    free = hypothesis("BNO1234", certainty=0.99)
    # a layout of seven glyphs gains 8 to 11 on photographs, where most plates have a border, too
    best = replace(free, country="de", layout="car", score=8.0, checked=True)
    framed = candidate(evidence=("glyphs", "border"))
    reading = judged_at(framed, [line(7)], [lattice("BNO1234")], [best, free])
    assert reading.accepted
    assert reading.reason == ""
    assert reading.confidence > 0.7
    assert reading.detection_confidence == 0.9


def test_too_few_glyphs_are_rejected_with_a_reason() -> None:
    reading = judged(hypothesis("AB", certainty=0.999, share=1.0))
    assert not reading.accepted
    assert "2 glyphs" in reading.reason


def test_a_long_text_without_a_layout_is_rejected_with_a_reason() -> None:
    long = hypothesis("A" * (SETTINGS.max_glyphs + 1), certainty=0.999, share=1.0)
    reading = judged(long)
    assert not reading.accepted
    assert reading.reason
    shorter = replace(SETTINGS, max_glyphs=4, min_confidence=0.0)
    layout = judged(hypothesis("BNO1234", country="de", layout="car", certainty=0.99), settings=shorter)
    assert layout.accepted
    assert not judged(hypothesis("BNO1234", certainty=0.99), settings=shorter).accepted


def test_an_unsure_reading_is_rejected_with_a_reason() -> None:
    reading = judged(hypothesis("BNO1234", certainty=0.05, share=0.05))
    assert not reading.accepted
    assert reading.confidence < SETTINGS.min_confidence
    assert f"{reading.confidence:.2f}" in reading.reason
    generous = judged(hypothesis("BNO1234", certainty=0.05, share=0.05, country="de", layout="car"),
                      settings=JudgeSettings(min_confidence=0.0))  # fmt: skip
    assert generous.accepted


def reading_at(x: float, confidence: float, text: str = "BNO1234", accepted: bool = True) -> PlateReading:
    reading = judged(hypothesis(text))
    return replace(
        reading,
        corners=rectangle(x, 100, 100, 25),
        confidence=confidence,
        accepted=accepted,
        reason="" if accepted else "-",
    )


def test_the_less_certain_of_two_overlapping_readings_is_rejected_with_a_reason() -> None:
    unsure, sure = reading_at(110, 0.5, "BNO1Z34"), reading_at(100, 0.9)
    for order in ([unsure, sure], [sure, unsure]):
        result = without_overlaps(order, SETTINGS)
        assert [r.text for r in result] == [r.text for r in order], "the order stays"
        by_text = {r.text: r for r in result}
        assert by_text["BNO1234"].accepted
        assert not by_text["BNO1Z34"].accepted
        assert "BNO1234" in by_text["BNO1Z34"].reason


def test_a_small_reading_inside_a_large_one_overlaps_it() -> None:
    small = replace(reading_at(100, 0.4, "123"), corners=rectangle(130, 105, 20, 10))
    result = without_overlaps([reading_at(100, 0.9), small], SETTINGS)
    assert [r.accepted for r in result] == [True, False]


def test_readings_beside_each_other_stay() -> None:
    # a shared strip below the admitted overlap
    apart = 100 * (1 - SETTINGS.max_overlap) + 5
    result = without_overlaps([reading_at(100, 0.9), reading_at(100 + apart, 0.5)], SETTINGS)
    assert all(r.accepted for r in result)


def test_a_rejected_reading_rejects_no_other() -> None:
    result = without_overlaps([reading_at(100, 0.9, accepted=False), reading_at(105, 0.5)], SETTINGS)
    assert [r.accepted for r in result] == [False, True]
    assert result[0].reason == "-"
