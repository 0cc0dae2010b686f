"""nomeroff-net's result, its tuple written as an object: ``texts``, ``confidences``, and ``points`` (four per plate) or
``bboxs`` (x1, y1, x2, y2, ...) of one picture. The confidences are those of its classifiers of region and number of
lines: it gives none of a text."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, corners_between, filename, mean, points
from classic_anpr.evaluate.types import PredictedPlate, Prediction


def recognise(document: Any) -> bool:
    return isinstance(document, dict) and "texts" in document and ("points" in document or "bboxs" in document)


def read(document: Any, where: str) -> Prediction:
    texts = [t if isinstance(t, str) else "".join(t) for t in document["texts"]]
    if document.get("points"):
        places = [points(p, where) for p in document["points"]]
    else:
        places = [corners_between(b[:4], where) for b in document["bboxs"]]
    scores = document.get("confidences")
    plates = tuple(
        PredictedPlate(text, 1.0 if scores is None else mean(scores[k]), place, scored=scores is not None)
        for k, (text, place) in enumerate(zip(texts, places, strict=True))
    )
    return Prediction(filename(document), plates)


SYSTEM = System(recognise, read)
