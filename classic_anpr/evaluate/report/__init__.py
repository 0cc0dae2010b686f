"""What a measurement says, as Markdown and as one HTML page: both are drawn from the same sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from classic_anpr.evaluate.outcomes import PhotoOutcome, PlateOutcome


@dataclass(frozen=True)
class Result:
    """What one system made of the data sets: its name, and the outcomes of each set by the set's name."""

    name: str
    sets: dict[str, list[PhotoOutcome]]

    @property
    def photos(self) -> list[PhotoOutcome]:
        return [photo for photos in self.sets.values() for photo in photos]

    @property
    def plates(self) -> list[PlateOutcome]:
        return [plate for photo in self.photos for plate in photo.plates]


@dataclass(frozen=True)
class Section:
    """One part of a report: a heading, sentences, and a table if it has a header."""

    title: str
    text: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default=())
