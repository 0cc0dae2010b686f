"""Which plates are wanted, and which are looked out for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classic_anpr import images
from classic_anpr.countries.watched import Watched
from classic_anpr.countries.watched import watchlist as near_watched
from classic_anpr.errors import ImageError, UsageError
from classic_anpr.geometry import Quad
from classic_anpr.results import PlateReading, WatchHit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Selection:
    """Which plates are wanted, and which are looked out for. The defaults want all.

    Attributes
    ----------
    min_confidence : float
        Smallest confidence, in [0, 1].
    min_width, max_width : float
        Bounds of a plate's width in pixels of the original image: the mean of its upper and lower edge.
    roi : (int, int, int, int) or None
        x, y, width, height in pixels: only this part of each image is looked at.
    mask : bool array (H, W) or None
        True where plates are wanted, by the centre of the plate; stretched to each image's size.
    watchlist : tuple of Watched or None
        Known plates; a reading within `watch_distance` edits of one of them is marked with it.
    watch_distance : int
        Insertions, deletions and substitutions together.
    """

    min_confidence: float = 0.0
    min_width: float = 0.0
    max_width: float = float("inf")
    roi: tuple[int, int, int, int] | None = None
    mask: NDArray[np.bool_] | None = None
    watchlist: tuple[Watched, ...] | None = None
    watch_distance: int = 1

    def wants(self, plate: PlateReading, width: int, height: int) -> bool:
        """Whether a plate of an image of `width` x `height` pixels is wanted."""
        return (
            plate.confidence >= self.min_confidence
            and self.min_width <= quad_width(plate.corners) <= self.max_width
            and (self.mask is None or _inside(self.mask, plate.corners, width, height))
        )

    def marked(self, plate: PlateReading) -> PlateReading:
        """The plate with its hits in the watchlist."""
        if self.watchlist is None:
            return plate
        matches = near_watched(plate.text, self.watchlist, self.watch_distance)
        hits = tuple(WatchHit(m.watched.text, m.watched.remark, m.distance) for m in matches)
        return dataclasses.replace(plate, watched=hits)


def load_mask(path: str) -> NDArray[np.bool_]:
    """A mask from a picture: True where it is lighter than half.

    Raises
    ------
    UsageError
        If the picture cannot be read or is black all over.
    """
    try:
        mask: NDArray[np.bool_] = images.load(path).pixels.max(axis=2) > 127
    except ImageError as error:
        raise UsageError(f"--mask: {error}") from error
    if not mask.any():
        raise UsageError(f"--mask: {path}: black all over, so nothing would be read")
    return mask


def quad_width(corners: Quad) -> float:
    """Mean length of the upper and the lower edge, in pixels."""
    top, bottom = corners[1] - corners[0], corners[2] - corners[3]
    return float(np.hypot(*top) + np.hypot(*bottom)) / 2


def _inside(mask: NDArray[np.bool_], corners: Quad, width: int, height: int) -> bool:
    x, y = corners.mean(axis=0)
    rows, columns = mask.shape
    row = min(max(int(y * rows / height), 0), rows - 1)
    column = min(max(int(x * columns / width), 0), columns - 1)
    return bool(mask[row, column])
