"""Finding plates by their border: closed four-sided contours of a plate's proportions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from classic_anpr.geometry import Quad
from classic_anpr.locate.edges import upright


@dataclass(frozen=True)
class BorderSettings:
    """What counts as a plate's border; lengths in cap heights of the text that it is to hold, unless stated."""

    cap: int = 16  # px; the surroundings are looked at in a size in which caps are this high
    around: float = 1.5  # of the surroundings, on all sides
    block: int = 13  # px; window of the local mean: wider than the frame, narrower than the plate
    offset: float = 8.0  # grey levels
    aspect: tuple[float, float] = (1.1, 7.0)
    straightness: float = 0.03  # deviation from four straight sides, share of the perimeter
    fullness: float = 0.75  # of the quad's area covered by the contour
    slack: float = 0.15  # by which the text may stick out
    largest: float = 2.1  # area, in (length + 2 caps) x caps: a usual plate has 1.3


def find_border(grey: NDArray[np.uint8], band: Quad, settings: BorderSettings) -> Quad | None:
    """The smallest light or dark area of a plate's proportions around a band of text.

    Parameters
    ----------
    grey : uint8 array (H, W)
    band : Quad
        From cap line to base line, pixels of `grey`.
    """
    s = settings
    width, height = float(np.linalg.norm(band[1] - band[0])), float(np.linalg.norm(band[3] - band[0]))
    around = s.around * height
    x0, y0 = np.maximum(np.floor(band.min(axis=0) - around), 0).astype(int)
    x1, y1 = np.ceil(band.max(axis=0) + around).astype(int)
    part = grey[y0:y1, x0:x1]
    shrink = s.cap / height
    size = max(round(part.shape[1] * shrink), 1), max(round(part.shape[0] * shrink), 1)
    part = cv2.resize(part, size, interpolation=cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR)
    scale = np.array(size, np.float32) / (np.array([x1, y1]).clip(None, grey.shape[::-1]) - (x0, y0))
    text = ((band - (x0, y0)) * scale).astype(np.float32)
    width, height = width * s.cap / height, float(s.cap)
    best, best_area = None, s.largest * (width + 2 * height) * height
    for quad in _quads(part, s):
        area = cv2.contourArea(quad)
        if 1.05 * width * height <= area < best_area and all(
            cv2.pointPolygonTest(quad, (float(x), float(y)), True) > -s.slack * height for x, y in text
        ):
            best, best_area = quad, area
    return None if best is None else (best / scale + (x0, y0)).astype(np.float32)


def _quads(grey: NDArray[np.uint8], s: BorderSettings) -> Iterator[Quad]:
    """Light or dark areas with four straight sides and a plate's proportions."""
    mean = cv2.blur(grey, (s.block, s.block))
    for difference in (cv2.subtract(grey, mean), cv2.subtract(mean, grey)):
        _, mask = cv2.threshold(difference, s.offset, 255, cv2.THRESH_BINARY)
        for contour in imutils.grab_contours(cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)):
            _, _, w, h = cv2.boundingRect(contour)
            if w < 2 * s.cap or h < s.cap:
                continue
            hull = cv2.convexHull(contour)
            corners = cv2.approxPolyDP(hull, s.straightness * cv2.arcLength(hull, True), True)
            if len(corners) != 4:
                continue
            quad = upright(corners.reshape(4, 2).astype(np.float32))
            width = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
            height = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
            if not s.aspect[0] * height <= width <= s.aspect[1] * height:
                continue
            if cv2.contourArea(hull) >= s.fullness * width * height:
                yield quad
