"""The candidate warped upright, at a canonical cap height, with the homography kept."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.geometry import Quad
from classic_anpr.locate.candidate import Candidate

CAP = 28  # cap height of a candidate's band in its crop, px


@dataclass(frozen=True)
class RectifySettings:
    """How much of the surroundings a crop keeps, in cap heights: room for a second line and for further glyphs."""

    side: float = 4.0
    above: float = 2.1


@dataclass(frozen=True)
class Crop:
    """An upright view of a candidate.

    Attributes
    ----------
    pixels : uint8 array (h, w, 3)
        BGR; the candidate's band of text has cap height `CAP`.
    homography : float64 array (3, 3)
        Original image -> crop.
    band : tuple of float
        x0, y0, x1, y1 of the candidate's band of text in the crop.
    candidate : Candidate
    """

    pixels: NDArray[np.uint8]
    homography: NDArray[np.float64]
    band: tuple[float, float, float, float]
    candidate: Candidate


def pyramid(image: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The image and its halvings by area, so that a warp that shrinks never skips pixels."""
    levels = [image]
    while min(levels[-1].shape[:2]) > 64:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return levels


def warp(
    levels: list[NDArray[np.uint8]], homography: NDArray[np.float64], size: tuple[int, int], shrink: float
) -> NDArray[np.uint8]:
    """Warp from the pyramid level nearest to the wanted resolution.

    Parameters
    ----------
    levels : pyramid of the original image
    homography : float64 array (3, 3), original pixels -> output pixels
    size : (width, height) of the output in pixels
    shrink : original pixels per output pixel
    """
    index = int(np.clip(np.floor(np.log2(max(shrink, 1.0)) + 0.35), 0, len(levels) - 1))
    factor = 2.0**index
    # pixel centres: level = (original + 0.5) / factor - 0.5
    up = np.array([[factor, 0, factor / 2 - 0.5], [0, factor, factor / 2 - 0.5], [0, 0, 1.0]])
    return cv2.warpPerspective(
        levels[index], homography @ up, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def rectify(levels: list[NDArray[np.uint8]], candidate: Candidate, settings: RectifySettings) -> Crop:
    """Warp the candidate's band of text level, `CAP` pixels high, with its surroundings.

    Parameters
    ----------
    levels : list of uint8 arrays (H, W, 3)
        `pyramid` of the photograph.
    """
    quad = candidate.band.astype(np.float64)
    height = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    length = CAP * width / max(height, 1.0)
    x0, y0 = settings.side * CAP, settings.above * CAP
    target = np.array([[x0, y0], [x0 + length, y0], [x0 + length, y0 + CAP], [x0, y0 + CAP]], np.float32)
    homography = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    size = (round(length + 2 * x0), round(CAP + 2 * y0))
    return Crop(warp(levels, homography, size, height / CAP), homography, (x0, y0, x0 + length, y0 + CAP), candidate)


def unwarp(points: NDArray[np.float32], homography: NDArray[np.float64]) -> Quad:
    """Points (N, 2) of a crop carried back to the original image."""
    return (
        cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), np.linalg.inv(homography))
        .reshape(-1, 2)
        .astype(np.float32)
    )
