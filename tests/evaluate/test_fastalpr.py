"""The adapters in the real fast-alpr's pipeline."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("fast_alpr", reason="fast-alpr is not installed: pip install 'fast-alpr[onnx]'")

from fast_alpr import ALPR, BaseDetector, BaseOCR, OcrResult
from fast_alpr.base import DetectionResult

from classic_anpr.evaluate import systems
from classic_anpr.evaluate.fastalpr import ClassicDetector, ClassicOCR

SAMPLES = Path(__file__).parents[2] / "samples"
COUNTRIES = ["sk", "cz", "br", "sg"]


@pytest.fixture(scope="module")
def alpr() -> ALPR:
    return ALPR(detector=ClassicDetector(), ocr=ClassicOCR(countries=COUNTRIES))


@pytest.fixture(scope="module")
def rows(alpr: ALPR) -> list[dict[str, str]]:
    """Labels of the drawn pictures that this project reads by itself."""
    with (SAMPLES / "labels.csv").open(encoding="utf-8", newline="") as stream:
        labels = [r for r in csv.DictReader(stream) if r["country"].lower() in COUNTRIES and r["x"]]
    reader = alpr.ocr.reader
    read = [r for r in labels if r["text"] in [p.text for p in reader.read(SAMPLES / r["file"])]]
    assert len(read) >= 3
    return read


def test_adapters_are_what_fast_alpr_expects(alpr: ALPR) -> None:
    assert isinstance(alpr.detector, BaseDetector)
    assert isinstance(alpr.ocr, BaseOCR)
    blank = np.full((200, 300, 3), 127, np.uint8)
    assert alpr.detector.predict(blank) == []
    assert alpr.ocr.predict(blank) is None
    assert alpr.ocr.predict(blank[:0]) is None


def test_our_locator_and_reader_in_its_pipeline(alpr: ALPR, rows: list[dict[str, str]]) -> None:
    read = []
    for row in rows:
        results = alpr.predict(str(SAMPLES / row["file"]))
        right = next((r for r in results if r.ocr and r.ocr.text == row["text"]), None)
        read.append(right is not None)
        if right is None:
            continue
        assert isinstance(right.detection, DetectionResult)
        assert isinstance(right.ocr, OcrResult)
        cx, cy = right.detection.bounding_box.center
        x, y, w, h = (float(row[k]) for k in "xywh")
        assert x <= cx <= x + w
        assert y <= cy <= y + h
        assert 0 <= right.detection.confidence <= 1
        assert len(right.ocr.confidence) == len(row["text"])
        prediction = systems.live_fast_alpr(alpr)(SAMPLES / row["file"])
        assert row["text"] in [p.text for p in prediction.plates]
    assert sum(read) >= 0.6 * len(read)


def test_our_reader_behind_another_detector(alpr: ALPR, rows: list[dict[str, str]]) -> None:
    """A detector's tight crop: what another system cuts out must be readable without its surroundings."""
    read = []
    for row in rows:
        image = cv2.imread(str(SAMPLES / row["file"]))
        x, y, w, h = (round(float(row[k])) for k in "xywh")
        result = alpr.ocr.predict(image[max(y, 0) : y + h, max(x, 0) : x + w])
        read.append(result is not None and result.text == row["text"])
    assert sum(read) >= 0.6 * len(read)


def test_a_file_that_fast_alpr_cannot_load(alpr: ALPR, tmp_path: Path) -> None:
    prediction = systems.live_fast_alpr(alpr)(tmp_path / "absent.jpg")
    assert prediction.error
    assert prediction.plates == ()
