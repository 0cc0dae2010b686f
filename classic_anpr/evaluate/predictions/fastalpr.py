"""fast-alpr's results dumped to JSON, as ``[dataclasses.asdict(r) for r in alpr.predict(path)]`` or under ``results``
beside a ``filename``."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, corners_between, filename, listed, mean
from classic_anpr.evaluate.types import PredictedPlate, Prediction

_ENDS = ("x1", "y1", "x2", "y2")


def recognise(document: Any) -> bool:
    results = listed(document, "results")
    return (
        isinstance(results, list)
        and bool(results)
        and all(isinstance(r, dict) and {"detection", "ocr"} <= r.keys() for r in results)
    )


def read(document: Any, where: str) -> Prediction:
    plates = []
    for result in listed(document, "results"):
        box, ocr = result["detection"]["bounding_box"], result["ocr"] or {"text": "", "confidence": 0.0}
        corners = corners_between([box[k] for k in _ENDS], where)
        plates.append(PredictedPlate(ocr["text"], mean(ocr["confidence"]), corners))
    return Prediction(filename(document), tuple(plates))


SYSTEM = System(recognise, read)
