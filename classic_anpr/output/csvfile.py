"""Comma-separated values: one row per plate, and one with an empty text for an image without plates."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, TextIO

from classic_anpr.output import total_ms
from classic_anpr.results import PlateReading, Record

HEADER = (
    *("filename", "image_width", "image_height", "plate_index", "text", "raw_text", "formatted"),
    *("country", "country_score", "template", "matches_template", "score", "detection_score"),
    *("char_scores", "candidates", "x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"),
    *("lines", "processing_ms", "sha256", "region", "watched", "warnings", "error"),
    *("frame", "time_s", "time_first_s", "time_last_s", "plates"),
)


class RecordWriter:
    """Writes rows under `HEADER`.

    ``char_scores`` and ``candidates`` hold JSON; ``lines``, ``watched`` and ``warnings`` their parts separated by
    ``|``; ``template`` the layout's id; ``country_score`` what `country_score` gives; unknown values are empty.
    ``frame`` and the times are those of a video, ``time_s`` that of the frame.

    ``plates`` is how many rows the image has, 0 for the one row of an image without plates: so a reader knows whether
    an image's rows are all there.
    """

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream = stream
        self._line = io.StringIO(newline="")
        # Python before 3.13 quotes a carriage return only where it is part of the line's end. Ours is a line feed.
        self._rows = csv.DictWriter(self._line, HEADER, restval="", lineterminator="\r\n")

    def begin(self) -> None:
        self._write(dict(zip(HEADER, HEADER, strict=True)))
        self._stream.flush()

    def write(self, record: Record) -> None:
        common: dict[str, Any] = {
            "filename": record.filename,
            "image_width": record.image_width,
            "image_height": record.image_height,
            "processing_ms": round(total_ms(record), 2),
            "sha256": record.sha256 or "",
            "error": record.error or "",
            "plates": len(record.plates),
        }
        if record.frame is not None:
            common |= {"frame": record.frame.number, "time_s": round(record.frame.time_s, 3)}
        if record.passage is not None:
            first, last = record.passage.time_first_s, record.passage.time_last_s
            common |= {"time_first_s": round(first, 3), "time_last_s": round(last, 3)}
        if not record.plates:
            self._write(common | {"warnings": "|".join(record.warnings)})
        for index, plate in enumerate(record.plates):
            warnings = "|".join(record.warnings + plate.warnings)
            self._write(common | _plate_cells(plate) | {"plate_index": index, "warnings": warnings})
        self._stream.flush()

    def close(self) -> None:
        pass

    def _write(self, row: dict[str, Any]) -> None:
        self._line.seek(0)
        self._line.truncate()
        self._rows.writerow(row)
        self._stream.write(self._line.getvalue().removesuffix("\r\n") + "\n")


def _plate_cells(plate: PlateReading) -> dict[str, Any]:
    score = country_score(plate)
    cells = {
        "text": plate.text,
        "raw_text": plate.raw_text,
        "formatted": plate.formatted,
        "country": plate.country or "",
        "country_score": "" if score is None else round(score, 4),
        "template": plate.layout or "",
        "matches_template": int(plate.layout is not None),
        "score": round(plate.confidence, 4),
        "detection_score": round(plate.detection_confidence, 4),
        "char_scores": json.dumps([round(c.confidence, 4) for c in plate.characters]),
        "candidates": json.dumps([[c.text, round(c.confidence, 4)] for c in plate.texts]),
        "lines": "|".join(plate.lines),
        "region": plate.region or "",
        "watched": "|".join(hit.text for hit in plate.watched or ()),
    }
    for number, (x, y) in enumerate(plate.corners, 1):
        cells[f"x{number}"], cells[f"y{number}"] = round(float(x), 1), round(float(y), 1)
    return cells


def country_score(plate: PlateReading) -> float | None:
    """The probability in [0, 1] of the plate's country; None where it is unknown."""
    return None if plate.country is None else plate.country_confidence
