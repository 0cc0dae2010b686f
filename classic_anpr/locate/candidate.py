"""A place where a plate may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from classic_anpr.geometry import Quad


@dataclass(frozen=True)
class Candidate:
    """A place where a plate may be.

    Attributes
    ----------
    band : Quad
        The line of text from cap line to base line, pixels of the original image.
    corners : Quad
        The plate itself: its border where one was found, else the band with the usual margins.
    score : float
        In [0, 1]; the ranker's belief that this is a line of a plate.
    evidence : tuple of str
        Which localisers found it: ``glyphs``, ``edges``, ``border``.
    light_on_dark : bool or None
        Polarity, where the localiser knows it.
    features : dict
        The measured values that the score was made of.
    """

    band: Quad
    corners: Quad
    score: float
    evidence: tuple[str, ...]
    light_on_dark: bool | None = None
    features: dict[str, float] = field(default_factory=dict)
