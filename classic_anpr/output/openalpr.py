"""The JSON of OpenALPR's ``alpr -j`` (version 2), one object per image and line, for programs that parse it.

Confidences run from 0 to 100, times are milliseconds, coordinates are whole pixels clockwise from the top-left corner.
OpenALPR has no file name in its JSON; the keys ``filename`` and, on failure, ``error`` are added to it. Its ``region``
is filled with the country's code, and the time of an image is shared evenly among its plates.
"""

from __future__ import annotations

import json
import time
from typing import Any, TextIO

from classic_anpr.output import total_ms
from classic_anpr.output.csvfile import country_score
from classic_anpr.results import PlateReading, Record


class RecordWriter:
    """Writes one OpenALPR result object per image."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream = stream
        self._top = top

    def begin(self) -> None:
        pass

    def write(self, record: Record) -> None:
        self._stream.write(json.dumps(self._convert(record), ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        pass

    def _convert(self, record: Record) -> dict[str, Any]:
        milliseconds = total_ms(record)
        result = {
            "version": 2,
            "data_type": "alpr_results",
            "epoch_time": int(time.time() * 1000),
            "img_width": record.image_width,
            "img_height": record.image_height,
            "processing_time_ms": round(milliseconds, 3),
            "regions_of_interest": [],
            "results": [
                self._plate(index, plate, milliseconds / len(record.plates))
                for index, plate in enumerate(record.plates)
            ],
            "filename": record.filename,
        }
        return result if record.error is None else result | {"error": record.error}

    def _plate(self, index: int, plate: PlateReading, milliseconds: float) -> dict[str, Any]:
        score = country_score(plate)
        return {
            "plate": plate.text,
            "confidence": round(plate.confidence * 100, 4),
            "matches_template": int(plate.layout is not None),
            "plate_index": index,
            "region": plate.country or "",
            "region_confidence": 0 if score is None else round(score * 100),
            "processing_time_ms": round(milliseconds, 3),
            "requested_topn": self._top,
            "coordinates": [{"x": round(float(x)), "y": round(float(y))} for x, y in plate.corners],
            "candidates": [
                {
                    "plate": candidate.text,
                    "confidence": round(candidate.confidence * 100, 4),
                    "matches_template": int(candidate.layout is not None),
                }
                for candidate in plate.texts
            ],
        }
