"""PaddleOCR's words: version 2's ``[[corners], [text, confidence]]``, in a list per picture or not, and version 3's
``rec_texts``, ``rec_scores``, ``rec_polys``. Every word of a picture is taken for a plate."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, filename, listed, points
from classic_anpr.evaluate.types import PredictedPlate, Prediction


def _rows(document: Any) -> Any:
    inner = listed(document, "res", "words", "results")
    if isinstance(inner, dict) and {"rec_texts", "rec_scores"} <= inner.keys():
        corners = inner.get("rec_polys") or inner.get("dt_polys") or []
        return [
            [place, [text, score]]
            for place, text, score in zip(corners, inner["rec_texts"], inner["rec_scores"], strict=True)
        ]
    if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], list) and all(map(_word, inner[0])):
        return inner[0]
    return inner


def _word(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 2 and isinstance(row[1], list) and len(row[1]) == 2


def recognise(document: Any) -> bool:
    rows = _rows(document)
    return isinstance(rows, list) and bool(rows) and all(map(_word, rows))


def read(document: Any, where: str) -> Prediction:
    inner = document.get("res", document) if isinstance(document, dict) else document
    words = tuple(PredictedPlate(text, float(p), points(corners, where)) for corners, (text, p) in _rows(document))
    return Prediction(filename(document) or filename(inner), words)


SYSTEM = System(recognise, read)
