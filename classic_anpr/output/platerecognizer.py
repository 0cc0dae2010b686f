"""The JSON of Plate Recognizer's Snapshot service, one object per image and line, for programs that parse it.

Plates are in lower case, scores run from 0 to 1, the box is axis-aligned in whole pixels. ``vehicle`` is left out,
since no vehicle is looked for; ``error`` is added to an image that could not be read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TextIO

from classic_anpr.geometry import box_of
from classic_anpr.output import total_ms
from classic_anpr.output.csvfile import country_score
from classic_anpr.results import PlateReading, Record


class RecordWriter:
    """Writes one Snapshot reply per image; ``usage.calls`` counts the images of this run."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream = stream
        self._calls = 0

    def begin(self) -> None:
        pass

    def write(self, record: Record) -> None:
        self._calls += 1
        reply: dict[str, Any] = {
            "filename": record.filename,
            "timestamp": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "camera_id": None,
            "results": [_result(plate) for plate in record.plates],
            "usage": {"calls": self._calls, "max_calls": None},
            "processing_time": round(total_ms(record), 3),
        }
        if record.error is not None:
            reply["error"] = record.error
        self._stream.write(json.dumps(reply, ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        pass


def _result(plate: PlateReading) -> dict[str, Any]:
    x, y, width, height = box_of(plate.corners)
    score = country_score(plate)
    return {
        "box": {"xmin": round(x), "ymin": round(y), "xmax": round(x + width), "ymax": round(y + height)},
        "plate": plate.text.lower(),
        "region": {"code": plate.country or "", "score": 0.0 if score is None else round(score, 3)},
        "score": round(plate.confidence, 3),
        "dscore": round(plate.detection_confidence, 3),
        "candidates": [{"plate": c.text.lower(), "score": round(c.confidence, 3)} for c in plate.texts],
    }
