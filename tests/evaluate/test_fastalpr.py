"""The adapters in the real fast-alpr's pipeline."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def alpr() -> ALPR:
    return ALPR(detector=ClassicDetector(), ocr=ClassicOCR(countries=["ru", "de", "sk", "cz"]))


def test_adapters_are_what_fast_alpr_expects(alpr: ALPR) -> None:
    assert isinstance(alpr.detector, BaseDetector)
    assert isinstance(alpr.ocr, BaseOCR)
    blank = np.full((200, 300, 3), 127, np.uint8)
    assert alpr.detector.predict(blank) == []
    assert alpr.ocr.predict(blank) is None
    assert alpr.ocr.predict(blank[:0]) is None


def test_our_locator_and_reader_in_its_pipeline(alpr: ALPR) -> None:
    import csv

    with (SAMPLES / "labels.csv").open(encoding="utf-8", newline="") as stream:
        row = next(r for r in csv.DictReader(stream) if r["country"].lower() in ("ru", "de", "sk", "cz") and r["x"])
    results = alpr.predict(str(SAMPLES / row["file"]))
    texts = [r.ocr.text for r in results if r.ocr]
    assert row["text"] in texts
    right = next(r for r in results if r.ocr and r.ocr.text == row["text"])
    assert isinstance(right.detection, DetectionResult)
    box = right.detection.bounding_box
    cx, cy = box.center
    x, y, w, h = (float(row[k]) for k in "xywh")
    assert x <= cx <= x + w
    assert y <= cy <= y + h
    assert 0 <= right.detection.confidence <= 1
    assert isinstance(right.ocr, OcrResult)
    assert len(right.ocr.confidence) == len(row["text"])
    (prediction,) = [systems.live_fast_alpr(alpr)(SAMPLES / row["file"])]
    assert row["text"] in [p.text for p in prediction.plates]


def test_our_reader_behind_another_detector() -> None:
    """A detector's tight crop: what another system cuts out must be readable without its surroundings."""
    import csv

    with (SAMPLES / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["x"] and r["country"].lower() in ("ru", "de", "sk", "cz")]
    reader = ClassicOCR(countries=["ru", "de", "sk", "cz"])
    read = []
    for row in rows:
        image = cv2.imread(str(SAMPLES / row["file"]))
        x, y, w, h = (round(float(row[k])) for k in "xywh")
        result = reader.predict(image[max(y, 0) : y + h, max(x, 0) : x + w])
        read.append(result is not None and result.text == row["text"])
    assert sum(read) >= len(read) / 2
