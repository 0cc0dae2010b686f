"""Where plates may be: three localisers, fused and ranked.

Measured on the development photographs (606 scenes, two-fold cross-validation by the plate's text): where a chain of
the plate is found at all it is the first, or among the first 2, 3, 5 in 96, 98, 99 and 99.8 %; by the marks alone,
without ground and surroundings, in 89, 95, 97 and 98 %. Gradient-boosted trees in place of the logistic regression:
97, 98, 100, 100 %; not worth an opaque file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.geometry import Quad
from classic_anpr.locate.borders import BorderSettings, find_border
from classic_anpr.locate.candidate import Candidate
from classic_anpr.locate.edges import EdgeSettings, find_dense_boxes
from classic_anpr.locate.glyphs import GlyphSettings, find_chains
from classic_anpr.locate.rank import covers, group, measure, scores

__all__ = ["Candidate", "LocateSettings", "locate"]


@dataclass(frozen=True)
class LocateSettings:
    """Settings of all localisers, and how many candidates leave this stage."""

    glyphs: GlyphSettings = field(default_factory=GlyphSettings)
    edges: EdgeSettings = field(default_factory=EdgeSettings)
    borders: BorderSettings = field(default_factory=BorderSettings)
    max_pixels: int = 2_000_000  # searched on a reduced picture above this
    min_side: int = 16  # px; nothing can be read in a smaller picture
    most: int = 10
    some: int = 5  # so many whatever their score; the others ...
    likely: float = 0.15  # ... with this score at least: other vehicles
    unsupported: float = 0.02  # score of a dense box in which no chain was found


def locate(image: NDArray[np.uint8], settings: LocateSettings) -> list[Candidate]:
    """Candidates for plates, best first.

    Parameters
    ----------
    image : uint8 array (H, W, 3), BGR
    """
    if min(image.shape[:2]) < settings.min_side:
        return []
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    scale = min(1.0, (settings.max_pixels / grey.size) ** 0.5)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    enlarge = np.float32(1 / scale)
    groups = group(find_chains(grey, settings.glyphs))
    features = measure(groups, grey) if groups else {}
    belief = scores(features) if groups else np.zeros(0)
    candidates = []
    order = np.argsort(-belief, kind="stable")[: settings.most]
    for i in (i for place, i in enumerate(order) if place < settings.some or belief[i] >= settings.likely):
        chain = groups[i].chain
        border = find_border(grey, chain.quad, settings.borders)
        candidates.append(
            Candidate(
                band=chain.quad * enlarge,
                corners=(grown(chain.quad, chain.height) if border is None else border) * enlarge,
                score=float(belief[i]),
                evidence=("glyphs",) if border is None else ("glyphs", "border"),
                light_on_dark=chain.light_on_dark,
                features={name: float(values[i]) for name, values in features.items()},
            )
        )
    if len(candidates) < min(settings.some, settings.most):
        for quad, density in find_dense_boxes(grey, settings.edges):
            if not any(covers(quad * enlarge, c.band.mean(axis=0)) for c in candidates):
                middle = _shrunk(quad) * enlarge
                candidates.append(
                    Candidate(middle, quad * enlarge, settings.unsupported, ("edges",), None, {"density": density})
                )
        candidates = candidates[: min(settings.some, settings.most)]
    return candidates


def grown(band: Quad, height: float) -> Quad:
    """A band of text with a plate's usual margins: 0.35 cap heights at the ends, 0.25 above and below."""
    u, v = band[1] - band[0], band[3] - band[0]
    u, v = u / np.linalg.norm(u) * height * 0.35, v / np.linalg.norm(v) * height * 0.25
    return (band + np.array([-u - v, u - v, u + v, -u + v])).astype(np.float32)


def _shrunk(quad: Quad) -> Quad:
    """The band that the characters of a box fill: its middle two thirds."""
    down = (quad[[3, 2, 2, 3]] - quad[[0, 1, 1, 0]]) / 6
    return (quad + down * np.array([[1], [1], [-1], [-1]], np.float32)).astype(np.float32)
