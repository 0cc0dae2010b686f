"""EasyOCR's list of words, ``[[four corners], text, confidence]``: every word of a picture is taken for a plate."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, filename, listed, points
from classic_anpr.evaluate.types import PredictedPlate, Prediction


def recognise(document: Any) -> bool:
    rows = listed(document, "words", "results")
    return isinstance(rows, list) and all(
        isinstance(r, list) and len(r) == 3 and isinstance(r[0], list) and isinstance(r[1], str) for r in rows
    )


def read(document: Any, where: str) -> Prediction:
    rows = listed(document, "words", "results")
    plates = tuple(PredictedPlate(text, float(score), points(corners, where)) for corners, text, score in rows)
    return Prediction(filename(document), plates)


SYSTEM = System(recognise, read)
