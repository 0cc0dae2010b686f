"""deep-anpr prints nothing itself. A document is ``{"filename": ..., "detections": [...]}`` with what its
``post_process`` yields for each plate: upper-left and lower-right corner as [y, x], the probability of a plate, and
the code."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, corners_between, filename
from classic_anpr.evaluate.types import PredictedPlate, Prediction


def recognise(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("detections"), list)


def read(document: Any, where: str) -> Prediction:
    plates = tuple(
        PredictedPlate(code, float(present), corners_between([upper[1], upper[0], lower[1], lower[0]], where))
        for upper, lower, present, code in document["detections"]
    )
    return Prediction(filename(document), plates)


SYSTEM = System(recognise, read)
