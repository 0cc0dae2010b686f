"""HyperLPR3: the list that its Python interface returns, ``[code, confidence, type, [x1, y1, x2, y2]]`` per plate, or
the reply of its REST service, ``{"result": {"plate_list": [{"code", "conf", "plate_type", "box"}]}, "code": 5000,
"msg"}``, whose result is null where the request failed."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, corners_between, filename, listed
from classic_anpr.evaluate.types import PredictedPlate, Prediction


def _reply(document: Any) -> bool:
    """Whether a document is the service's, with plates, without one, or with its excuse."""
    if not isinstance(document, dict) or "result" not in document:
        return False
    inner = document["result"]
    return isinstance(inner.get("plate_list"), list) if isinstance(inner, dict) else inner is None and "msg" in document


def _rows(document: Any) -> Any:
    return document["result"]["plate_list"] if _reply(document) else listed(document, "results")


def recognise(document: Any) -> bool:
    if _reply(document):
        return True
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
    if _reply(document) and document["result"] is None:
        return Prediction(filename(document), error=f"{document.get('code', '')} {document['msg']}".strip())
    plates = []
    for row in _rows(document):
        code, score, box = (row["code"], row["conf"], row["box"]) if isinstance(row, dict) else (row[0], row[1], row[3])
        plates.append(PredictedPlate(code, float(score), corners_between(box, where)))
    return Prediction(filename(document), tuple(plates))


SYSTEM = System(recognise, read)
