"""Finding plates by their border: closed four-sided contours of a plate's proportions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from classic_anpr.geometry import Quad
from classic_anpr.locate.edges import upright


@dataclass(frozen=True)
class BorderSettings:
    """What counts as a plate's border; lengths in pixels of the picture."""

    block: int = 21  # window of the local mean: wider than the frame, narrower than the plate
    offset: float = 4.0  # grey levels
    min_width: float = 25
    aspect: tuple[float, float] = (1.1, 7.0)
    straightness: float = 0.03  # deviation from four straight sides, share of the perimeter
    fullness: float = 0.75  # of the quad's area covered by the contour


def find_borders(grey: NDArray[np.uint8], settings: BorderSettings) -> list[Quad]:
    """Quads of light or dark areas of a plate's proportions in a grey picture (H, W) uint8."""
    mean = cv2.blur(grey, (settings.block, settings.block)).astype(np.int16)
    difference = cv2.subtract(grey.astype(np.int16), mean)
    quads = []
    for mask in (difference > settings.offset, difference < -settings.offset):
        found = cv2.findContours(mask.view(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        contours = imutils.grab_contours(found)
        for contour in contours:
            if len(contour) < 4:
                continue
            _, _, w, h = cv2.boundingRect(contour)
            if w < settings.min_width or h < 6 or w > 0.9 * grey.shape[1]:
                continue
            hull = cv2.convexHull(contour)
            corners = cv2.approxPolyDP(hull, settings.straightness * cv2.arcLength(hull, True), True)
            if len(corners) != 4:
                continue
            quad = upright(corners.reshape(4, 2).astype(np.float32))
            width = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
            height = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
            if height < 6 or not settings.aspect[0] <= width / height <= settings.aspect[1]:
                continue
            if cv2.contourArea(hull) < settings.fullness * width * height:
                continue
            quads.append(quad)
    return quads
