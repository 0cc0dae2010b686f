"""What is compared: labelled photographs on one side, a system's predictions on the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from classic_anpr.errors import AnprError

Box: TypeAlias = tuple[float, float, float, float]
"""x, y, width, height in pixels of the picture, axis-aligned."""

Corners: TypeAlias = tuple[tuple[float, float], ...]
"""Four (x, y) in pixels, clockwise from the top-left corner of the reading direction."""

PICTURES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".tif", ".tiff", ".webp"})
"""File name endings, lower case, of pictures: those of `images.SUFFIXES`, which a test holds, without its imports."""

UNREADABLE = "?"
"""The text of a plate that nobody can read with certainty: readings on it count neither for nor against a system."""


class DataSetError(AnprError):
    """A file of labels or predictions is wrong; the message names file, line and reason."""

    exit_code = 2


def clean(text: str) -> str:
    """The text as it is compared: upper case, letters and digits only, since separators differ between annotators.

    >>> clean("ab-12 cd")
    'AB12CD'
    """
    return "".join(c for c in text.upper() if c.isalnum())


def box_corners(box: Box) -> Corners:
    """The four corners of a box."""
    x, y, w, h = box
    return (x, y), (x + w, y), (x + w, y + h), (x, y + h)


def corners_box(corners: Corners) -> Box:
    """The bounding rectangle of a quadrilateral."""
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


@dataclass(frozen=True)
class PlateLabel:
    """One annotated plate.

    Attributes
    ----------
    text : str
        What the plate says; ``?`` where nobody can tell; empty where the annotator gave a place only.
    country : str
        As annotated, or empty.
    box : Box or None
        Bounding rectangle; None where the annotator gave no place.
    corners : Corners or None
        The annotated quadrilateral, where there is one.
    published : str
        The text as published, where `text` corrects it; else empty.
    source : str
        Where the text comes from, as annotated.
    where : str
        File and line of the annotation, for messages; not compared.
    """

    text: str
    country: str = ""
    box: Box | None = None
    corners: Corners | None = None
    published: str = ""
    source: str = ""
    where: str = field(default="", compare=False)

    @property
    def readable(self) -> bool:
        """Whether a reader can be right about it."""
        return self.text not in ("", UNREADABLE)


@dataclass(frozen=True)
class Photo:
    """One labelled picture: its file, relative to the set's folder with ``/`` between, and its plates.

    A picture without plates is a negative.
    """

    file: str
    plates: tuple[PlateLabel, ...] = ()
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class LabelledSet:
    """Labelled photographs in one folder."""

    name: str
    folder: Path
    photos: tuple[Photo, ...]

    def path(self, photo: Photo) -> Path:
        """Where the picture lies."""
        return self.folder / photo.file


@dataclass(frozen=True)
class PredictedPlate:
    """One plate as a system reported it.

    Attributes
    ----------
    text : str
    confidence : float
        In [0, 1]; 1 where the system gives none, as `scored` says.
    corners : Corners or None
        None where the system gives no place: it then lies on every label of its picture.
    candidates : tuple of str
        Alternative texts, best first, the reading itself among them if the system lists it.
    templates : tuple of bool
        For each candidate whether the system says that it fits its country's layout; empty where it does not say.
    scored : bool
        Whether the system gave the confidence.
    """

    text: str
    confidence: float = 1.0
    corners: Corners | None = None
    candidates: tuple[str, ...] = ()
    templates: tuple[bool, ...] = ()
    scored: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The ``plates[]`` entry of a line of predictions: a part of schema 1's."""
        plate: dict[str, Any] = {"text": self.text}
        if self.scored:
            plate["confidence"] = self.confidence
        if self.corners is not None:
            plate["corners"] = [list(p) for p in self.corners]
        if self.candidates:
            flags = self.templates or (None,) * len(self.candidates)
            plate["candidates"] = [
                {"text": t} if m is None else {"text": t, "matches_template": m}
                for t, m in zip(self.candidates, flags, strict=True)
            ]
        return plate


@dataclass(frozen=True)
class Cost:
    """What one picture cost: wall-clock and processor milliseconds, and the most memory the process had, in MiB."""

    wall_ms: float
    cpu_ms: float | None = None
    peak_mib: float | None = None

    def to_dict(self) -> dict[str, float]:
        values = {"wall_ms": self.wall_ms, "cpu_ms": self.cpu_ms, "peak_mib": self.peak_mib}
        return {k: round(v, 2) for k, v in values.items() if v is not None}


@dataclass(frozen=True)
class Prediction:
    """What a system said of one picture. `error` is set where it could not read the file."""

    filename: str
    plates: tuple[PredictedPlate, ...] = ()
    cost: Cost | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """A line of predictions: what ``classic-anpr bench --out`` keeps, and what is read back."""
        record: dict[str, Any] = {"filename": self.filename, "plates": [p.to_dict() for p in self.plates]}
        if self.cost is not None:
            record["cost"] = self.cost.to_dict()
        if self.error is not None:
            record["error"] = self.error
        return record
