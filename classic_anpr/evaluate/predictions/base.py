"""What the modules of the systems have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from classic_anpr.evaluate.textfile import numbers
from classic_anpr.evaluate.types import Corners, Prediction, box_corners


@dataclass(frozen=True)
class System:
    """How one system's documents are told from others', and read.

    Attributes
    ----------
    recognise : object -> bool
    read : (document, where) -> Prediction, its filename empty where the document has none
    """

    recognise: Callable[[Any], bool]
    read: Callable[[Any, str], Prediction]


def corners_between(values: Sequence[object], where: str) -> Corners:
    """The corners of a box given by two opposite ones, x1 y1 x2 y2."""
    x1, y1, x2, y2 = numbers(values, where, "box", 4)
    return box_corners((x1, y1, x2 - x1, y2 - y1))


def points(values: Sequence[Sequence[object]], where: str) -> Corners:
    """Corners from pairs of numbers."""
    return tuple((x, y) for x, y in (numbers(p, where, "corners", 2) for p in values))


def mean(values: float | Sequence[float]) -> float:
    """A confidence that is one number or one per character: the mean, as fast-alpr takes it."""
    if isinstance(values, int | float):
        return float(values)
    return sum(values) / len(values) if values else 0.0


def filename(document: Any) -> str:
    """The picture that a document names; empty where it names none."""
    if isinstance(document, dict):
        for key in ("filename", "image", "file", "input_path", "image_path"):
            if isinstance(document.get(key), str):
                return str(document[key])
    return ""


def listed(document: Any, *keys: str) -> Any:
    """The list in a document that names its picture, ``{"filename": ..., key: [...]}``, or the document itself."""
    if isinstance(document, dict):
        for key in keys:
            if key in document:
                return document[key]
    return document
