"""Plate Recognizer's Snapshot JSON: ``results`` with ``plate`` in lower case, ``box`` and ``score``."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, corners_between, filename
from classic_anpr.evaluate.types import Cost, PredictedPlate, Prediction

_ENDS = ("xmin", "ymin", "xmax", "ymax")


def recognise(document: Any) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        return False
    return "processing_time" in document or any("box" in r and "score" in r for r in document["results"])


def read(document: Any, where: str) -> Prediction:
    plates = tuple(
        PredictedPlate(
            result["plate"].upper(),
            float(result["score"]),
            corners_between([result["box"][k] for k in _ENDS], where),
            tuple(c["plate"].upper() for c in result.get("candidates", [])),
        )
        for result in document["results"]
    )
    time = document.get("processing_time")
    cost = None if not isinstance(time, int | float) else Cost(float(time))
    return Prediction(filename(document), plates, cost, document.get("error"))


SYSTEM = System(recognise, read)
