"""Finding plates by the density of their vertical edges.

Where glyphs run together (small, blurred or dirty plates) they still make more vertical strokes per area than anything
else on a car. Source of the idea: the Sobel-and-closing localiser that classical readers share, e.g. Zheng, Zhao and
Wang (2005), "An efficient method of license plate location", doi:10.1016/j.patrec.2005.04.014.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from classic_anpr.geometry import Quad


@dataclass(frozen=True)
class EdgeSettings:
    """How dense boxes are found; lengths in pixels of the level that is searched."""

    levels: int = 3  # each half the size of the one before
    closing: tuple[int, int] = (17, 3)  # joins strokes of about a cap height of 12 px
    opening: tuple[int, int] = (5, 5)
    min_width: int = 30
    max_width: int = 220
    aspect: tuple[float, float] = (1.6, 8.0)
    most: int = 6  # boxes kept, the densest first


def find_dense_boxes(grey: NDArray[np.uint8], settings: EdgeSettings) -> list[tuple[Quad, float]]:
    """Boxes full of vertical edges in a grey picture (H, W) uint8, with their mean edge strength in grey levels.

    Densest first. The boxes are turned rectangles around the whole text area, in pixels of the picture.
    """
    found: list[tuple[Quad, float]] = []
    level, scale = grey, 1.0
    for _ in range(settings.levels):
        if min(level.shape) < 2 * settings.min_width:
            break
        edges = cv2.convertScaleAbs(cv2.Sobel(level, cv2.CV_16S, 1, 0, ksize=3), alpha=0.25)
        smooth = cv2.blur(edges, (7, 3))
        _, mask = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones(settings.closing[::-1], np.uint8))
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(settings.opening[::-1], np.uint8))
        contours = imutils.grab_contours(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE))
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if not settings.min_width <= w <= settings.max_width or h < 8:
                continue
            quad = upright(cv2.boxPoints(cv2.minAreaRect(contour)))
            width, height = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
            if height < 8 or not settings.aspect[0] <= width / height <= settings.aspect[1]:
                continue
            if cv2.contourArea(contour) < 0.55 * width * height:
                continue
            found.append((quad / np.float32(scale), float(smooth[y : y + h, x : x + w].mean())))
        level = cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        scale *= 0.5
    return sorted(found, key=lambda item: -item[1])[: settings.most]


def upright(points: NDArray[np.float32]) -> Quad:
    """The four corners of a rectangle, in any order, as a quad that reads along its more level side."""
    centre = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    quad = points[np.argsort(angles)].astype(np.float32)  # clockwise in the picture
    first = int(np.argmin(quad.sum(axis=1)))
    quad = np.roll(quad, -first, axis=0)
    if abs(quad[1][1] - quad[0][1]) > abs(quad[1][0] - quad[0][0]):
        quad = np.roll(quad, 1, axis=0)
    return quad
