"""HyperLPR3: the list that its Python interface returns, ``[code, confidence, type, [x1, y1, x2, y2]]`` per plate, or
the reply of its REST service, ``{"result": {"plate_list": [{"code", "conf", "box"}]}}``."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, corners_between, filename, listed
from classic_anpr.evaluate.types import PredictedPlate, Prediction


def _rows(document: Any) -> Any:
    inner = document.get("result") if isinstance(document, dict) else None
    return inner["plate_list"] if isinstance(inner, dict) and "plate_list" in inner else listed(document, "results")


def recognise(document: Any) -> bool:
    rows = _rows(document)
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(
            (isinstance(r, dict) and {"code", "box"} <= r.keys())
            or (isinstance(r, list) and len(r) == 4 and isinstance(r[0], str) and isinstance(r[3], list))
            for r in rows
        )
    )


def read(document: Any, where: str) -> Prediction:
    plates = []
    for row in _rows(document):
        code, score, box = (row["code"], row["conf"], row["box"]) if isinstance(row, dict) else (row[0], row[1], row[3])
        plates.append(PredictedPlate(code, float(score), corners_between(box, where)))
    return Prediction(filename(document), tuple(plates))


SYSTEM = System(recognise, read)
