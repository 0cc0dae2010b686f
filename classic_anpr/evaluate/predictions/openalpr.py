"""OpenALPR's JSON (version 2): ``results`` with ``plate``, confidences to 100, four coordinates. It names no picture,
so one file per picture is kept; classic-anpr's ``--format openalpr`` adds ``filename``."""

from __future__ import annotations

from typing import Any

from classic_anpr.evaluate.predictions.base import System, filename
from classic_anpr.evaluate.types import Cost, PredictedPlate, Prediction


def recognise(document: Any) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        return False
    return document.get("data_type") == "alpr_results" or any("coordinates" in r for r in document["results"])


def read(document: Any, where: str) -> Prediction:
    time = document.get("processing_time_ms")
    cost = None if not isinstance(time, int | float) else Cost(float(time))
    return Prediction(filename(document), tuple(map(_plate, document["results"])), cost, document.get("error"))


def _plate(result: dict[str, Any]) -> PredictedPlate:
    candidates = result.get("candidates", [])
    return PredictedPlate(
        result["plate"],
        float(result["confidence"]) / 100,
        tuple((float(c["x"]), float(c["y"])) for c in result["coordinates"]) if "coordinates" in result else None,
        tuple(c["plate"] for c in candidates),
        tuple(bool(c.get("matches_template", 0)) for c in candidates),
    )


SYSTEM = System(recognise, read)
