"""What the OCR saw in a line: per glyph, the alternatives with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """One place where a glyph stands, or may stand.

    Attributes
    ----------
    alternatives : tuple of (str, float)
        Characters and their probabilities in [0, 1], best first; at least one.
    blank : float
        Probability in [0, 1] that no glyph stands here. A slot with ``blank`` > 0.5 is absent from the plain reading
        and exists so that a layout may take it up: it was seen, only weakly.
    x0, x1 : float
        Horizontal extent in pixels of the line image.
    """

    alternatives: tuple[tuple[str, float], ...]
    blank: float
    x0: float
    x1: float


@dataclass(frozen=True)
class Lattice:
    """The slots of one text line, left to right."""

    slots: tuple[Slot, ...]

    @property
    def text(self) -> str:
        """The plain reading: the best character of each slot that is more likely there than not."""
        return "".join(slot.alternatives[0][0] for slot in self.slots if slot.blank <= 0.5)
