"""This project's JSONL (schema 1), and the lines that ``bench --out`` keeps of any system. The plain form is a part
of it: ``{"filename": ..., "plates": [{"text": ..., "confidence": ..., "corners": [[x, y] * 4]}]}``, of which only
filename, plates and text are needed."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, filename, points
from classic_anpr.evaluate.types import Cost, PredictedPlate, Prediction


def recognise(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("plates"), list) and "result" not in document


def read(document: Any, where: str) -> Prediction:
    cost = None
    if "cost" in document:
        c = document["cost"]
        cost = Cost(float(c["wall_ms"]), c.get("cpu_ms"), c.get("peak_mib"))
    elif document.get("timings_ms"):
        cost = Cost(sum(document["timings_ms"].values()))
    plates = tuple(_plate(p, where) for p in document["plates"])
    return Prediction(filename(document), plates, cost, document.get("error"))


def _plate(plate: dict[str, Any], where: str) -> PredictedPlate:
    candidates = [c if isinstance(c, dict) else {"text": c} for c in plate.get("candidates", ())]
    said = all("matches_template" in c or "layout" in c for c in candidates)
    return PredictedPlate(
        str(plate["text"]),
        float(plate.get("confidence", 1.0)),
        points(plate["corners"], where) if plate.get("corners") else None,
        tuple(str(c["text"]) for c in candidates),
        tuple(bool(c.get("matches_template", c.get("layout") is not None)) for c in candidates) if said else (),
        "confidence" in plate,
    )


SYSTEM = System(recognise, read)
