"""The plainest ways to say what was read: a CSV with a row per plate, and lines of text per picture."""

from __future__ import annotations

from collections.abc import Iterable

from classic_anpr.evaluate.predictions.base import corners_between
from classic_anpr.evaluate.textfile import corners_of, numbers, parse_table
from classic_anpr.evaluate.types import Corners, DataSetError, PredictedPlate, Prediction

_FILE = ("filename", "file", "image", "image_path")
_TEXT = ("text", "plate", "plate_text")
_SCORE = ("confidence", "score")
_QUAD = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")
_ENDS = (("x1", "y1", "x2", "y2"), ("xmin", "ymin", "xmax", "ymax"))


def parse_table_of_plates(text: str, where: str) -> list[Prediction]:
    """A CSV with the columns filename, text, and maybe confidence and four corners or a box's ends: what
    ``classic-anpr read --format csv`` writes, among others. A row without a text is a picture without a plate."""
    plates: dict[str, list[PredictedPlate]] = {}
    for line, row in parse_table(text, where, ()):
        here = f"{where}:{line}"
        file, plate = _first(row, _FILE), _first(row, _TEXT)
        if file is None or plate is None:
            raise DataSetError(f"{where}:1: columns filename and text are wanted")
        if not file:
            raise DataSetError(f"{here}: no file name")
        known = plates.setdefault(file, [])
        if plate:
            score = _first(row, _SCORE)
            confidence = numbers([score], here, "confidence")[0] if score else 1.0
            known.append(PredictedPlate(plate, confidence, _place(row, here), scored=bool(score)))
    return [Prediction(file, tuple(known)) for file, known in plates.items()]


def _first(row: dict[str, str], names: Iterable[str]) -> str | None:
    return next((row[name] for name in names if name in row), None)


def _place(row: dict[str, str], where: str) -> Corners | None:
    if all(row.get(k) for k in _QUAD):
        return corners_of([row[k] for k in _QUAD], where)
    for ends in _ENDS:
        if all(row.get(k) for k in ends):
            return corners_between([row[k] for k in ends], where)
    return None


def parse_lines(text: str, where: str) -> tuple[PredictedPlate, ...]:
    """One plate per line: its text, and maybe its confidence behind the last blank, comma or tab.

    >>> [(p.text, p.confidence) for p in parse_lines("AB 123\\nXY99\\t0.75\\n", "stdout")]
    [('AB 123', 1.0), ('XY99', 0.75)]
    """
    plates = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        head, _, tail = line.replace(",", " ").replace("\t", " ").rpartition(" ")
        scored = "." in tail and tail.replace(".", "", 1).isdigit() and bool(head.strip())
        plates.append(PredictedPlate(head.strip(), float(tail)) if scored else PredictedPlate(line, scored=False))
    return tuple(plates)
