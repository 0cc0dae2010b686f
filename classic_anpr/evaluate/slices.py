"""Accuracy against what makes a plate hard: its width, blur, tilt and brightness, and its country."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from classic_anpr.errors import ImageError
from classic_anpr.evaluate.metrics import Rate
from classic_anpr.evaluate.outcomes import PlateOutcome
from classic_anpr.evaluate.overlap import place
from classic_anpr.evaluate.progress import track
from classic_anpr.evaluate.types import LabelledSet, PlateLabel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Key: TypeAlias = tuple[str, str, int]
"""Set, file and index of a plate."""


@dataclass(frozen=True)
class Properties:
    """What a plate looks like.

    Attributes
    ----------
    width : float
        Mean length of its upper and lower edge, in pixels.
    tilt : float or None
        Angle of its upper edge to the horizontal, in degrees, 0..90; None where only a box is known.
    brightness : float
        Mean grey value of its bounding box, 0..255.
    sharpness : float
        Variance of the Laplacian over the variance of grey in its bounding box, brought to 100 pixels of width: small
        where the plate is blurred (Pech-Pacheco et al., ICPR 2000, doi:10.1109/ICPR.2000.903548; the division makes it
        independent of contrast, the common width of distance).
    """

    width: float
    tilt: float | None
    brightness: float
    sharpness: float


def measure(sets: Sequence[LabelledSet]) -> dict[Key, Properties]:
    """The properties of all plates with a place. Pictures that cannot be read are left out."""
    from classic_anpr import images

    measured: dict[Key, Properties] = {}
    photos = [(labels, photo) for labels in sets for photo in labels.photos if any(p.box for p in photo.plates)]
    for labels, photo in track(photos, len(photos), "measuring"):
        try:
            pixels = images.load(labels.path(photo)).pixels
        except ImageError:
            continue
        for index, label in enumerate(photo.plates):
            if label.box is not None:
                properties = properties_of(pixels, label)
                if properties is not None:
                    measured[labels.name, photo.file, index] = properties
    return measured


def properties_of(pixels: NDArray[np.uint8], label: PlateLabel) -> Properties | None:
    """The properties of one plate in `pixels`, uint8 (H, W, 3); None where its box lies outside them."""
    import cv2

    corners = place(label)
    if corners is None or label.box is None:
        return None
    x, y, w, h = label.box
    part = pixels[max(round(y), 0) : max(round(y + h), 0), max(round(x), 0) : max(round(x + w), 0)]
    if part.size == 0:
        return None
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    size = (100, max(round(100 * grey.shape[0] / grey.shape[1]), 3))
    even = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if grey.shape[1] > 100 else cv2.INTER_LINEAR)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    angle = abs(math.degrees(math.atan2(y1 - y0, x1 - x0)))
    return Properties(
        width=(math.hypot(x1 - x0, y1 - y0) + math.hypot(x2 - x3, y2 - y3)) / 2,
        tilt=None if label.corners is None else min(angle, 180 - angle),
        brightness=float(grey.mean()),
        sharpness=float(cv2.Laplacian(even, cv2.CV_64F).var() / max(float(even.var()), 1.0)),
    )


@dataclass(frozen=True)
class Slice:
    """The plates of one kind: what they have in common, and how many of them were read (corrected truth)."""

    by: str
    name: str
    rate: Rate


_EDGES: dict[str, tuple[Callable[[Properties], float | None], str, tuple[float, ...]]] = {
    "width": (lambda p: p.width, "px", (60, 90, 130, 200, 300)),
    "tilt": (lambda p: p.tilt, "degrees", (3, 8, 15)),
    "brightness": (lambda p: p.brightness, "grey", (60, 100, 140, 180)),
}


def slices(plates: Sequence[PlateOutcome], measured: Mapping[Key, Properties]) -> list[Slice]:
    """The corrected rate by width, tilt, brightness (fixed bounds), blur (quarters of these plates) and country."""
    known = [(p, q) for p in plates if (q := measured.get((p.set_name, p.file, p.index))) is not None]
    result: list[Slice] = []
    for by, (value, unit, edges) in _EDGES.items():
        result += _cut(by, unit, edges, [(p, v) for p, q in known if (v := value(q)) is not None])
    sharp = sorted(q.sharpness for _, q in known)
    if len(sharp) >= 8:
        names = ("most blurred quarter", "second", "third", "sharpest quarter")
        for k, name in enumerate(names):
            low, high = k * len(sharp) // 4, (k + 1) * len(sharp) // 4
            group = sorted(known, key=lambda item: item[1].sharpness)[low:high]
            result.append(Slice("blur", name, Rate(sum(p.corrected for p, _ in group), len(group))))
    countries = sorted({p.label.country for p in plates if p.label.country})
    for country in countries if len(countries) > 1 else ():
        read = [p.corrected for p in plates if p.label.country == country]
        result.append(Slice("country", country, Rate(sum(read), len(read))))
    return result


def _cut(by: str, unit: str, edges: Sequence[float], values: Sequence[tuple[PlateOutcome, float]]) -> list[Slice]:
    result = []
    for low, high in zip((-math.inf, *edges), (*edges, math.inf), strict=True):
        group = [p.corrected for p, v in values if low <= v < high]
        if low == -math.inf:
            name = f"below {high:g} {unit}"
        else:
            name = f"from {low:g} {unit}" if high == math.inf else f"{low:g} to {high:g} {unit}"
        if group:
            result.append(Slice(by, name, Rate(sum(group), len(group))))
    return result
