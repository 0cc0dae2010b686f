"""What a reading is: the types that leave the pipeline. ``to_dict()`` defines the JSON (schema 1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from classic_anpr.geometry import Quad

SCHEMA = 1


def corner_list(quad: Quad) -> list[list[float]]:
    """Quad (4, 2) as JSON-ready lists, rounded to a tenth of a pixel."""
    return [[round(float(x), 1), round(float(y), 1)] for x, y in quad]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@dataclass(frozen=True)
class Character:
    """One read glyph: best character (``?`` = unread), probability in [0, 1], corners in pixels of the image."""

    char: str
    confidence: float
    corners: Quad
    alternatives: tuple[tuple[str, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "char": self.char,
            "confidence": round(self.confidence, 4),
            "corners": corner_list(self.corners),
            "alternatives": [{"char": c, "confidence": round(p, 4)} for c, p in self.alternatives],
        }


@dataclass(frozen=True)
class TextCandidate:
    """One possible text of a plate, under one country and layout that have it (None: unconstrained).

    `confidence` is the text's, whatever the country; `country_confidence` the probability in [0, 1] of the country (or
    of none that is known) if the text is right. One text may stand here under several countries.
    """

    text: str
    confidence: float
    country: str | None = None
    layout: str | None = None
    country_confidence: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "country": self.country,
            "layout": self.layout,
            "country_confidence": _rounded(self.country_confidence),
        }


@dataclass(frozen=True)
class Edit:
    """A glyph that a layout changed: position in the text, what was seen, what was made of it."""

    position: int
    seen: str
    used: str

    def to_dict(self) -> dict[str, Any]:
        return {"position": self.position, "seen": self.seen, "used": self.used}


@dataclass(frozen=True)
class WatchHit:
    """A plate of the user's watchlist that a text is, or nearly is: its remark there, and the edit distance."""

    text: str
    remark: str
    distance: int

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "remark": self.remark, "distance": self.distance}


@dataclass(frozen=True)
class PlateReading:
    """One plate of a photograph.

    Attributes
    ----------
    text : str
        Upper-case Latin letters and digits without separators; ``?`` where a glyph is there but unread.
    raw_text : str
        The reading before any country constraint.
    formatted : str
        The text grouped as the country prints it.
    lines : tuple of str
        The text of each printed line, top first, in reading order.
    country, layout : str or None
        ISO 3166 code in lower case and layout id; None = unknown, also where no country is likely enough.
    country_confidence : float or None
        Probability in [0, 1] that the country is right if the text is; None where the country is unknown.
    region, region_name : str or None
        The region, district or province code that the text holds, and its name.
    confidence : float
        Probability in [0, 1] that the whole text is right.
    detection_confidence : float
        Score in [0, 1] that a plate is here, whatever its text.
    corners : Quad
        Four corners of the plate, pixels of the original image.
    accepted : bool
        False when the judge turned it down; `reason` says why. Rejected readings appear in ``explain`` only.
    watched : tuple of WatchHit or None
        The entries of the watchlist near the text; None, and absent from the JSON, where no watchlist was given.
    """

    text: str
    raw_text: str
    formatted: str
    lines: tuple[str, ...]
    country: str | None
    layout: str | None
    region: str | None
    region_name: str | None
    confidence: float
    detection_confidence: float
    corners: Quad
    characters: tuple[Character, ...] = ()
    candidates: tuple[TextCandidate, ...] = ()
    edits: tuple[Edit, ...] = ()
    warnings: tuple[str, ...] = ()
    accepted: bool = True
    reason: str = ""
    watched: tuple[WatchHit, ...] | None = None
    country_confidence: float | None = None

    @property
    def texts(self) -> tuple[TextCandidate, ...]:
        """The candidates without those that repeat a text under another country."""
        first: dict[str, TextCandidate] = {}
        for candidate in self.candidates:
            first.setdefault(candidate.text, candidate)
        return tuple(first.values())

    def to_dict(self) -> dict[str, Any]:
        """The ``plates[]`` entry of a record, JSON-ready."""
        plate: dict[str, Any] = {
            "text": self.text,
            "raw_text": self.raw_text,
            "formatted": self.formatted,
            "lines": list(self.lines),
            "country": self.country,
            "country_confidence": _rounded(self.country_confidence),
            "layout": self.layout,
            "region": self.region,
            "region_name": self.region_name,
            "confidence": round(self.confidence, 4),
            "detection_confidence": round(self.detection_confidence, 4),
            "corners": corner_list(self.corners),
            "characters": [c.to_dict() for c in self.characters],
            "candidates": [c.to_dict() for c in self.candidates],
            "edits": [e.to_dict() for e in self.edits],
            "warnings": list(self.warnings),
        }
        if self.watched is not None:
            plate["watched"] = [hit.to_dict() for hit in self.watched]
        return plate


@dataclass(frozen=True)
class Frame:
    """The frame of a video that a record's coordinates are measured in.

    Attributes
    ----------
    number : int
        From 0, all frames of the video counted, not only those that were looked at.
    time_s : float
        Seconds since the video's first frame.
    at : str or None
        Date and time in UTC, ISO 8601; live streams only.
    """

    number: int
    time_s: float
    at: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"number": self.number, "time_s": round(self.time_s, 3), "at": self.at}


@dataclass(frozen=True)
class Passage:
    """One vehicle's way through a video: first and last time its plate was read, in s, and in how many frames."""

    time_first_s: float
    time_last_s: float
    frames_read: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "time_first_s": round(self.time_first_s, 3),
            "time_last_s": round(self.time_last_s, 3),
            "frames_read": self.frames_read,
        }


@dataclass(frozen=True)
class Record:
    """What one image, frame or passage gave: its plates, or the error that kept it from being read.

    `timings_ms` maps each stage to its wall-clock milliseconds. ``image_width``/``image_height`` are 0 when the image
    could not be decoded; `sha256` is None when the file could not be read. `frame` is set for a video: the record's, or
    the best one of its passage. `passage` is set where the record stands for a whole passage. Both are absent from the
    JSON where they are None, so the records of images know nothing of them.
    """

    filename: str
    sha256: str | None
    image_width: int
    image_height: int
    plates: tuple[PlateReading, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
    frame: Frame | None = None
    passage: Passage | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSONL record, schema 1."""
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "filename": self.filename,
            "sha256": self.sha256,
            "image_width": self.image_width,
            "image_height": self.image_height,
            "plates": [p.to_dict() for p in self.plates],
            "timings_ms": {k: round(v, 2) for k, v in self.timings_ms.items()},
            "warnings": list(self.warnings),
            "error": self.error,
        }
        for name, part in (("frame", self.frame), ("passage", self.passage)):
            if part is not None:
                record[name] = part.to_dict()
        return record
