"""Metrics against hand-computed cases, the standard library, SciPy-free brute force, and the rules of acceptance."""

from __future__ import annotations

import difflib
import itertools
import json
import math
import random
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classic_anpr.evaluate.calibration import calibration_error, operating_at, precision_recall, reliability
from classic_anpr.evaluate.errata import corrected, errata
from classic_anpr.evaluate.intervals import bootstrap, mcnemar, wilson
from classic_anpr.evaluate.metrics import summarise
from classic_anpr.evaluate.outcomes import Judged, PhotoOutcome, Predictions, judge_photo, judge_set
from classic_anpr.evaluate.overlap import box_iou, iou, quad_iou
from classic_anpr.evaluate.protocols import benchmark_py, endtoendtest
from classic_anpr.evaluate.strings import align, distance
from classic_anpr.evaluate.types import (
    PICTURES,
    Cost,
    DataSetError,
    LabelledSet,
    Photo,
    PlateLabel,
    PredictedPlate,
    Prediction,
    box_corners,
)
from classic_anpr.images import SUFFIXES

SHARED = Path(__file__).parents[2].parent / "shared"


def label(text: str, x: float = 100, **fields: object) -> PlateLabel:
    return PlateLabel(text, box=(x, 50, 80, 20), **fields)  # type: ignore[arg-type]


def said(text: str, x: float = 100, confidence: float = 0.9, **fields: object) -> PredictedPlate:
    return PredictedPlate(text, confidence, box_corners((x, 50, 80, 20)), **fields)  # type: ignore[arg-type]


def judged(labels: list[PlateLabel], predicted: list[PredictedPlate], floor: float = 0.0) -> PhotoOutcome:
    photo = Photo("a.jpg", tuple(labels))
    labelled = LabelledSet("set", Path("set"), (photo,))
    return judge_photo(labelled, photo, Prediction("a.jpg", tuple(predicted)), floor)


def test_picture_endings_are_those_of_the_loader() -> None:
    assert PICTURES == SUFFIXES


# --- strings and overlap ----------------------------------------------------------------------------------------------


def brute_distance(a: str, b: str) -> int:
    """By the definition, without a table."""
    if not a or not b:
        return len(a) + len(b)
    return min(
        brute_distance(a[1:], b) + 1, brute_distance(a, b[1:]) + 1, brute_distance(a[1:], b[1:]) + (a[0] != b[0])
    )


def test_distance_is_its_definition() -> None:
    texts = ["".join(t) for n in range(4) for t in itertools.product("A1", repeat=n)]
    for a, b in itertools.product(texts, texts):
        assert distance(a, b) == brute_distance(a, b)


def test_alignment_is_cheapest_and_complete() -> None:
    generator = random.Random(3)
    for _ in range(200):
        a, b = ("".join(generator.choices("AB01", k=generator.randrange(8))) for _ in range(2))
        pairs = align(a, b)
        assert "".join(x for x, _ in pairs) == a
        assert "".join(y for _, y in pairs) == b
        assert sum(x != y for x, y in pairs) == distance(a, b)


def test_equal_blocks_are_aligned_as_difflib_does() -> None:
    pairs = align("B123CD", "8123CD7")
    blocks = difflib.SequenceMatcher(None, "B123CD", "8123CD7").get_matching_blocks()
    assert sum(x == y for x, y in pairs) == sum(b.size for b in blocks)
    assert pairs[0] == ("B", "8")
    assert pairs[-1] == ("", "7")


def raster_iou(a: np.ndarray, b: np.ndarray) -> float:
    """By counting the pixels of two filled polygons, a tenth of a unit wide."""
    import cv2

    masks = []
    for quad in (a, b):
        mask = np.zeros((1000, 1000), np.uint8)
        cv2.fillPoly(mask, [np.round(quad * 10).astype(np.int32)], 1)
        masks.append(mask)
    both = int((masks[0] & masks[1]).sum())
    return both / int((masks[0] | masks[1]).sum())


def test_quadrilateral_overlap_against_counted_pixels() -> None:
    random_numbers = np.random.default_rng(1)
    unit = np.array([[-1, -0.4], [1, -0.4], [1, 0.4], [-1, 0.4]])
    for _ in range(30):
        quads = []
        for _ in range(2):
            angle = random_numbers.uniform(-0.6, 0.6)
            turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            size, centre = random_numbers.uniform(15, 25), random_numbers.uniform(42, 58, 2)
            quads.append(unit @ turn.T * size + centre)
        exact = quad_iou(*(tuple(map(tuple, q)) for q in quads))
        assert exact == pytest.approx(raster_iou(*quads), abs=0.02)


def test_overlap_of_boxes() -> None:
    assert box_iou((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert box_iou((0, 0, 10, 10), (10, 0, 10, 10)) == 0
    assert quad_iou(box_corners((0, 0, 10, 10)), box_corners((5, 0, 10, 10))[::-1]) == pytest.approx(1 / 3)


def test_a_box_label_is_compared_with_the_bounding_rectangle() -> None:
    diamond = ((140.0, 40.0), (180.0, 60.0), (140.0, 80.0), (100.0, 60.0))  # bounds 100, 40, 80 x 40
    plate = PredictedPlate("A", corners=diamond)
    assert iou(PlateLabel("A", box=(100, 40, 80, 40)), plate) == 1
    assert iou(PlateLabel("A", box=(100, 40, 80, 40), corners=box_corners((100, 40, 80, 40))), plate) == pytest.approx(
        0.5
    )


# --- one plate, every level -------------------------------------------------------------------------------------------


def test_levels_of_one_plate() -> None:
    truth = label("RK099AN", published="RKO99AN")
    (as_published,) = judged([truth], [said("rk o99an")]).plates
    (as_corrected,) = judged([truth], [said("RK-099AN")]).plates
    (wrong,) = judged([truth], [said("RK098AN", candidates=("RK098AN", "RK099AN"))]).plates
    (missed,) = judged([truth], [said("RK099AN", x=400)]).plates
    levels = [(p.strict, p.corrected, p.folded, p.found, p.rank) for p in (as_published, as_corrected, wrong, missed)]
    assert levels == [
        (True, False, True, True, None),
        (False, True, True, True, 1),
        (False, False, False, True, 2),
        (False, False, False, False, None),
    ]
    assert [p.edits for p in (as_published, as_corrected, wrong, missed)] == [1, 0, 1, 7]


def test_extra_plates_and_unreadable_ones() -> None:
    photo = judged([label("AB1"), label("?", 300)], [said("AB1"), said("XX", 300), said("YY", 600), said("ZZ", 500)])
    assert photo.extra == 2
    assert [(j.right) for j in photo.judged] == [True, False, False]  # that on the unreadable plate counts neither way
    assert judged([], [said("XX")]).extra == 1
    assert judged([PlateLabel("AB12")], [said("AB13"), said("ZZZZ")]).extra == 1  # without a place the text must tell
    assert judged([label("AB1")], [said("AB1"), said("AB7", 104)]).extra == 0  # two on one plate
    assert judged([], [said("XX", confidence=0.2)], floor=0.3).extra == 0


def test_table_of_four_plates_by_hand() -> None:
    photos = [
        judged([label("ABC123")], [said("ABC123", confidence=0.95)]),
        judged([label("OI99")], [said("0199", x=110, confidence=0.65, candidates=("0199", "X", "OI99"))]),
        judged([label("XYZ7")], []),
        judged([label("LONG77")], [said("LONG7", confidence=0.85), said("NOISE", x=700, confidence=0.35)]),
    ]
    photos = [
        PhotoOutcome(p.set_name, p.photo, Prediction("a", cost=Cost(t, t / 2, 50 + t)), p.plates, p.extra, p.judged)
        for p, t in zip(photos, (10.0, 20.0, 30.0, 100.0), strict=True)
    ]
    table = summarise(photos)
    assert (table.images, table.plates, table.missing) == (4, 4, 0)
    assert [r.right for r in (table.strict, table.corrected, table.folded, table.found)] == [1, 1, 2, 3]
    assert [table.detected[t].right for t in (0.4, 0.5, 0.7)] == [3, 3, 3]  # 110: 70 / 90 = 0.78
    assert table.end_to_end[0.5].right == 1
    assert [table.top[n].right for n in (1, 3)] == [1, 2]
    assert (table.characters.right, table.characters.total) == (2 + 4 + 1, 6 + 4 + 4 + 6)
    assert table.length.right == 2
    assert table.extra_per_image == 0.25
    # Confidences 0.95 right, 0.65 wrong, 0.85 wrong, 0.35 wrong, each in a bin of its own.
    assert table.calibration_error == pytest.approx((0.05 + 0.65 + 0.85 + 0.35) / 4)
    assert table.confusions["O", "0"] == 1
    assert table.confusions["7", ""] == 1
    assert sum(n for (t, _), n in table.confusions.items() if t) == 16  # the missed plate is not in it
    assert table.speed is not None
    assert (table.speed.median_ms, table.speed.p95_ms, table.speed.cpu_median_ms) == (25, 100, 12.5)
    assert table.speed.peak_mib == 150


def test_rates_without_plates() -> None:
    table = summarise([judged([], [])])
    assert math.isnan(table.corrected.value)
    assert table.corrected.interval == (0, 1)
    assert table.speed is None
    assert math.isnan(table.calibration_error)


# --- predictions find their pictures ----------------------------------------------------------------------------------


def test_predictions_are_found_by_path_name_or_stem() -> None:
    photos = (Photo("a.jpg"), Photo("sub/b.jpg"), Photo("c.png"), Photo("d.jpg"))
    labelled = LabelledSet("eu", Path("/data/eu"), photos)
    predictions = Predictions(
        [Prediction("/elsewhere/eu/a.jpg"), Prediction("other/a.jpg"), Prediction("b.jpg"), Prediction("c")]
    )
    found = [predictions.of(labelled, photo) for photo in photos]
    assert [f.filename if f else None for f in found] == ["/elsewhere/eu/a.jpg", "b.jpg", "c", None]
    with pytest.raises(DataSetError, match=r"a\.jpg is there twice"):
        Predictions([Prediction("a.jpg"), Prediction("a.jpg")])


def test_a_name_that_two_predictions_share_is_not_guessed(caplog: pytest.LogCaptureFixture) -> None:
    labelled = LabelledSet("eu", Path("/data/eu"), (Photo("a.jpg"),))
    assert Predictions([Prediction("x/a.jpg"), Prediction("y/a.jpg")]).of(labelled, labelled.photos[0]) is None
    assert "2 predictions" in caplog.text


# --- intervals, tests, calibration ------------------------------------------------------------------------------------


def test_wilson_solves_its_equation() -> None:
    """The bounds are the p at which the observed rate is z standard errors away."""
    for right, total in ((0, 10), (3, 10), (81, 263), (108, 108)):
        for bound in wilson(right, total):
            if 1e-9 < bound < 1 - 1e-9:
                assert abs(right / total - bound) == pytest.approx(1.959964 * math.sqrt(bound * (1 - bound) / total))


def test_bootstrap_of_single_plates_is_near_wilson() -> None:
    low, high = bootstrap([(k < 70, 1) for k in range(100)])
    assert (low, high) == pytest.approx(wilson(70, 100), abs=0.02)
    assert bootstrap([(k < 70, 1) for k in range(100)]) == (low, high)


def test_bootstrap_knows_that_plates_share_a_photograph() -> None:
    alone = bootstrap([(k % 2, 1) for k in range(40)])
    together = bootstrap([(4 * (k % 2), 4) for k in range(10)])
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])
    assert all(math.isnan(v) for v in bootstrap([(0, 0)]))


def test_mcnemar_by_counting_all_outcomes() -> None:
    """Of all ways in which n fair coins fall, the share that is at least as uneven."""
    for b, c in ((0, 0), (1, 0), (4, 4), (8, 2), (1, 9)):
        first = [True] * b + [False] * c + [True] * 7
        second = [False] * b + [True] * c + [True] * 7
        uneven = [abs(2 * sum(coins) - b - c) >= abs(b - c) for coins in itertools.product((0, 1), repeat=b + c)]
        result = mcnemar(first, second)
        assert (result.only_first, result.only_second) == (b, c)
        assert result.p == pytest.approx(sum(uneven) / len(uneven))


def test_calibration_of_a_known_forecaster() -> None:
    items = [Judged(0.8, k < 6, k < 6, "A") for k in range(10)] + [Judged(1.0, True, True, "A")] * 10
    diagram = reliability(items)
    assert [(b.low, b.count) for b in diagram] == [(0.8, 10), (0.9, 10)]
    assert calibration_error(diagram) == pytest.approx(0.5 * 0.2)


def test_judged_tells_the_truth_that_a_reading_is_for() -> None:
    photo = judged(
        [label("AB1"), label("OI99", 110)],
        [said("0199", confidence=0.9), said("AB1", confidence=0.8), said("AB7", 104, 0.7), said("ZZZ", 500, 0.6)],
    )
    found = [(j.confidence, j.right, j.folded, j.truth) for j in photo.judged]
    assert found[0] == (0.9, False, True, "OI99")
    assert found[1] == (0.8, True, True, "AB1")
    assert found[2][:3] == (0.7, False, False)
    assert found[3] == (0.6, False, False, "")


def test_precision_and_recall_by_hand() -> None:
    items = [Judged(c, ok, ok, "") for c, ok in ((0.9, True), (0.5, False), (0.7, True), (0.5, True), (0.2, False))]
    curve = precision_recall(items, plates=5)
    assert [p.threshold for p in curve] == [0.2, 0.5, 0.7, 0.9]  # what is equally certain is reported together
    assert [(p.precision, p.recall, p.reported) for p in curve] == [
        (3 / 5, 3 / 5, 5),
        (3 / 4, 3 / 5, 4),
        (1.0, 2 / 5, 2),
        (1.0, 1 / 5, 1),
    ]
    assert [operating_at(items, 5, p.threshold) for p in curve] == list(curve)
    assert operating_at(items, 5, 0.6) == replace(curve[2], threshold=0.6)
    assert math.isnan(operating_at(items, 5, 1.0).precision)
    assert precision_recall([], plates=5) == ()


# --- OpenALPR's protocols ---------------------------------------------------------------------------------------------


def test_benchmark_py_by_hand() -> None:
    photos = [
        judged([label("AAA111")], [said("AAA111", candidates=("AAA111", "AAA11I"), templates=(False, True))]),
        judged([label("BBB222")], [said("BB8222", x=120, candidates=("BB8222", "BBB222"), templates=(False, True))]),
        judged([label("CCC333")], [said("CCC333", x=150)]),  # IoU 30 / 130: not detected, but no false positive either
        judged([label("DDD444")], [said("NOISE", x=500)]),
    ]
    result = benchmark_py(photos)
    assert (result.plates, result.detected, result.top, result.top_n) == (4, 50, 25, 50)
    assert (result.top_pattern, result.false_positives) == (25, 25)


def test_endtoendtest_by_hand() -> None:
    wide = PredictedPlate("AAA111", corners=box_corners((60, 40, 160, 28)))  # 2.8 times the true area: passes
    wider = PredictedPlate("AAA111", corners=box_corners((60, 40, 160, 30)))  # 3 times: does not
    shifted = said("BBB222", x=110, candidates=("BBB222",))  # its left edge is right of 80 % but not of 20 %
    too_far = said("CCC333", x=117)
    photos = [
        judged([label("AAA111")], [said("NOISE", x=500), wide]),
        judged([label("AAA111")], [wider]),
        judged([label("BBB222")], [shifted]),
        judged([label("CCC333")], [too_far]),
        judged([label("DDD444")], [said("DD0444", candidates=("DD0444", "DDD444")), said("X", x=500)]),
    ]
    result = endtoendtest(photos)
    assert (result.images, result.detected, result.matches, result.top10) == (5, 60, 80, 100)
    assert result.false_detections == pytest.approx((1 + 1 + 0 + 1 + 0) / 5)
    assert result.false_results == pytest.approx((1 + 0 + 0 + 0 + 1) / 5)


# --- published errors -------------------------------------------------------------------------------------------------


def test_published_errors_are_corrected_and_kept() -> None:
    assert errata()["4BO4979"] == "4B04979"
    assert all(len(wrong) == len(right) for wrong, right in errata().items())
    labels = LabelledSet("eu", Path("eu"), (Photo("a.jpg", (label("RKO99AN"), label("BA123CD"))),))
    first, second = corrected(labels).photos[0].plates
    assert (first.text, first.published) == ("RK099AN", "RKO99AN")
    assert second == label("BA123CD")


def test_own_labels_hold_the_same_corrections() -> None:
    if not SHARED.exists():
        pytest.skip("needs the labelled photographs beside the repository")
    from classic_anpr.evaluate.formats import read_set

    for name in ("eu-openalpr-endtoend", "br-openalpr-endtoend"):
        labels = read_set(SHARED / "photos" / name)
        found = {p.published: p.text for photo in labels.photos for p in photo.plates if p.published}
        assert found
        assert found.items() <= errata().items()


# --- the rules of acceptance ------------------------------------------------------------------------------------------


def random_case(seed: int, folder: Path) -> tuple[LabelledSet, list[Prediction]]:
    """A set with every kind of label, and a system with every kind of mistake."""
    from classic_anpr.evaluate.formats import read_set, write_set

    generator = random.Random(seed)
    photos, predictions = [], []
    for k in range(40):
        labels: list[PlateLabel] = []
        plates: list[PredictedPlate] = []
        for slot in range(generator.randrange(4)):
            text = "".join(generator.choices("ABO1IZ02", k=generator.randrange(4, 8)))
            x = 50.0 + 150 * slot
            kind = generator.random()
            box = None if kind < 0.2 else (x, 50.0, 80.0, 20.0)
            labels.append(PlateLabel("?" if kind > 0.9 and box else f"{text[:2]}-{text[2:]}", box=box))
            for _ in range(generator.randrange(3)):
                read = "".join(generator.choice("AO01") if generator.random() < 0.1 else c for c in text)
                candidates = tuple(generator.sample([text, read, "XX", "YY", "ZZ", "WW"], 6))
                corners = box_corners((x + generator.uniform(-90, 90), 50.0, 80.0, 20.0))
                plates.append(PredictedPlate(read.lower(), round(generator.random(), 3), corners, candidates))
        if len({p.text for p in labels}) == len(labels):
            photos.append(Photo(f"{k}.jpg", tuple(labels)))
            if generator.random() < 0.9:
                predictions.append(Prediction(f"somewhere/{folder.name}/{k}.jpg", tuple(plates)))
    write_set(LabelledSet(folder.name, folder, tuple(photos)), "labels", folder)
    return read_set(folder), predictions


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("floor", [0.0, 0.4])
def test_same_counts_as_the_rules_of_acceptance(tmp_path: Path, seed: int, floor: float) -> None:
    script = SHARED / "score.py"
    if not script.exists():
        pytest.skip("needs the project's scoring script beside the repository")
    labels, predictions = random_case(seed, tmp_path)
    rules = runpy.run_path(str(script))
    readings = {(tmp_path.name, Path(p.filename).name): json.loads(json.dumps(p.to_dict())) for p in predictions}
    expected = rules["score"](readings, tmp_path, floor, False)
    table = summarise(judge_set(labels, Predictions(predictions), floor))
    assert expected["plates"] > 20
    assert expected["extra"] > 3
    assert {
        "images": table.images,
        "plates": table.plates,
        "found": table.found.right,
        "read": table.corrected.right,
        "folded": table.folded.right,
        "top5": table.top[5].right,
        "edits": table.characters.right,
        "chars": table.characters.total,
        "extra": table.extra,
        "missing": table.missing,
    } == expected
