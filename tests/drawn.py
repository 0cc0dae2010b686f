"""Plates and scenes drawn for the tests of the stages, with the place of every glyph known exactly.

Glyphs are brought to an exact box, so that nothing depends on the size in which an OpenCV version draws its fonts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]

BLACK, WHITE, BLUE = (16, 16, 16), (235, 235, 235), (150, 60, 20)


@lru_cache(maxsize=64)
def _ink(char: str, width: int, height: int) -> Floats:
    """Share of ink, 0..1, of a character that fills a box exactly."""
    page = np.zeros((260, 300), np.uint8)
    cv2.putText(page, char, (60, 200), cv2.FONT_HERSHEY_SIMPLEX, 5, 255, 22, cv2.LINE_AA)
    rows, columns = np.flatnonzero(page.max(axis=1) > 128), np.flatnonzero(page.max(axis=0) > 128)
    cut = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def write(picture: Pixels, text: str, x: float, y: float, cap: int, ink: tuple[int, int, int]) -> list[Box]:
    """Write a text with its cap line at `y`, spaces half a cap height wide; the boxes (x, y, w, h) of its glyphs."""
    boxes: list[Box] = []
    at = round(x)
    for char in text:
        if char == " ":
            at += round(0.5 * cap)
            continue
        width = round({"I": 0.16, "1": 0.4}.get(char, 0.6) * cap)
        share = _ink(char, width, cap)[..., None]
        part = picture[round(y) : round(y) + cap, at : at + width]
        part[:] = np.round(part * (1 - share) + np.array(ink, np.float32) * share).astype(np.uint8)
        boxes.append((at, round(y), width, cap))
        at += width + round(0.2 * cap)
    return boxes


@dataclass(frozen=True)
class DrawnPlate:
    """A plate seen from the front: BGR picture (H, W, 3), and the glyph boxes of every line, top first."""

    pixels: Pixels
    lines: tuple[tuple[Box, ...], ...]

    def band(self, line: int = 0) -> Floats:
        """Corners (4, 2) of a line's text from cap line to base line."""
        x0, y0, _, h = self.lines[line][0]
        x1 = self.lines[line][-1][0] + self.lines[line][-1][2]
        return np.array([[x0, y0], [x1, y0], [x1, y0 + h], [x0, y0 + h]], np.float32)


def draw_plate(
    *texts: str,
    cap: int = 60,
    light_on_dark: bool = False,
    eu_band: bool = False,
    frame: bool = True,
) -> DrawnPlate:
    """A plate with one line or more, centred one above the other."""
    ink, ground = (WHITE, BLACK) if light_on_dark else (BLACK, WHITE)
    blank = np.zeros((2 * cap, 20 * cap, 3), np.uint8)
    ends = [write(blank, text, 0, 0, cap, ink)[-1] for text in texts]
    widths = [x + w for x, _, w, _ in ends]
    left = round((0.9 if eu_band else 0.0) * cap)
    width = round(left + max(widths) + 0.8 * cap)
    height = round(len(texts) * cap + 0.25 * cap * (len(texts) - 1) + 0.6 * cap)
    picture = np.full((height, width, 3), ground, np.uint8)
    if eu_band:
        picture[:, :left] = BLUE
        cv2.circle(picture, (left // 2, height // 3), cap // 5, (0, 200, 240), max(2, cap // 20))
    if frame:
        cv2.rectangle(picture, (0, 0), (width - 1, height - 1), ink, max(2, cap // 15))
    lines = []
    for k, (text, length) in enumerate(zip(texts, widths, strict=True)):
        x = left + (width - left - length) / 2
        lines.append(tuple(write(picture, text, x, 0.3 * cap + 1.25 * cap * k, cap, ink)))
    return DrawnPlate(picture, tuple(lines))


def draw_russian(cap: int = 60) -> DrawnPlate:
    """``A123BC 77``: letters three quarters as high as the digits, a bar, and a raised region."""
    picture = np.full((round(1.8 * cap), 9 * cap, 3), WHITE, np.uint8)
    y, small, region = round(0.4 * cap), round(0.76 * cap), round(0.7 * cap)
    boxes: list[Box] = []
    x = 0.4 * cap
    for text, height in (("A", small), ("123", cap), ("BC", small)):
        boxes += write(picture, text, x, y + cap - height, height, BLACK)
        x = boxes[-1][0] + boxes[-1][2] + 0.2 * cap
    bar = round(x + 0.1 * cap)
    cv2.line(picture, (bar, 0), (bar, picture.shape[0]), BLACK, max(2, cap // 16))
    boxes += write(picture, "77", bar + 0.3 * cap, y - 0.15 * cap, region, BLACK)
    picture = np.ascontiguousarray(picture[:, : round(boxes[-1][0] + boxes[-1][2] + 0.4 * cap)])
    cv2.rectangle(picture, (0, 0), (picture.shape[1] - 1, picture.shape[0] - 1), BLACK, max(2, cap // 16))
    return DrawnPlate(picture, (tuple(boxes),))


@dataclass(frozen=True)
class Scene:
    """A picture (H, W, 3) with plates in it; `homographies` (3, 3) take plate pixels to picture pixels."""

    pixels: Pixels
    plates: tuple[DrawnPlate, ...]
    homographies: tuple[NDArray[np.float64], ...]

    def band(self, plate: int = 0, line: int = 0) -> Floats:
        """Corners (4, 2) of a text line in the picture."""
        return carry(self.plates[plate].band(line), self.homographies[plate])

    def corners(self, plate: int = 0) -> Floats:
        """Corners (4, 2) of a plate in the picture."""
        h, w = self.plates[plate].pixels.shape[:2]
        return carry(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), self.homographies[plate])


def carry(points: Floats, homography: NDArray[np.float64]) -> Floats:
    """Points (N, 2) through a homography (3, 3)."""
    moved = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return (moved[:, :2] / moved[:, 2:]).astype(np.float32)


def background(width: int, height: int, seed: int = 0, grey: float = 115) -> Pixels:
    """A wall of a mean grey with soft shades and a little noise: nothing on it is like a glyph."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(grey - 20, grey + 20, (max(2, height // 90), max(2, width // 90))).astype(np.float32)
    shade = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) + rng.normal(0, 2, (height, width))
    return cv2.merge([np.clip(shade, 0, 255).astype(np.uint8)] * 3)


def place(
    *plates: tuple[DrawnPlate, tuple[float, float], float, float],
    size: tuple[int, int] = (640, 480),
    seed: int = 0,
    wall: float = 115,
) -> Scene:
    """Plates on a wall, each as (plate, centre in the picture, width in pixels, tilt in degrees clockwise)."""
    picture = background(*size, seed, wall)
    homographies = []
    for plate, (cx, cy), width, tilt in plates:
        h, w = plate.pixels.shape[:2]
        scale, angle = width / w, np.radians(tilt)
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        to_scene = np.array(
            [[cos, -sin, cx - cos * w / 2 + sin * h / 2], [sin, cos, cy - sin * w / 2 - cos * h / 2], [0, 0, 1.0]]
        )
        # drawn small first, so that fine strokes are averaged and not skipped
        small = (
            cv2.resize(plate.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            if scale < 1
            else plate.pixels
        )
        fx, fy = small.shape[1] / w, small.shape[0] / h
        inner = to_scene @ np.array([[1 / fx, 0, 0.5 / fx - 0.5], [0, 1 / fy, 0.5 / fy - 0.5], [0, 0, 1]])
        warped = cv2.warpPerspective(small, inner, size, flags=cv2.INTER_LINEAR)
        mask = cv2.warpPerspective(np.full(small.shape[:2], 255, np.uint8), inner, size, flags=cv2.INTER_LINEAR)
        share = mask[..., None].astype(np.float32) / 255
        picture = np.round(picture * (1 - share) + warped * (mask > 0)[..., None]).clip(0, 255).astype(np.uint8)
        homographies.append(to_scene)
    return Scene(picture, tuple(p[0] for p in plates), tuple(homographies))


def grille(picture: Pixels, x: int, y: int, width: int, height: int) -> None:
    """Draw upright bars at an even pitch: a radiator grille."""
    picture[y : y + height, x : x + width] = 40
    for at in range(x + 6, x + width - 6, 14):
        picture[y + 4 : y + height - 4, at : at + 5] = 190


def bricks(picture: Pixels, x: int, y: int, width: int, height: int) -> None:
    """Draw a wall of bricks."""
    picture[y : y + height, x : x + width] = (70, 80, 150)
    for row, top in enumerate(range(y, y + height, 18)):
        picture[top : top + 3, x : x + width] = 200
        for at in range(x + 22 * (row % 2), x + width, 44):
            picture[top : min(top + 18, y + height), at : at + 3] = 200


def distance_to_line(point: Floats, band: Floats) -> float:
    """How far a point is from the middle line of a band (4, 2), in pixels."""
    start, end = (band[0] + band[3]) / 2, (band[1] + band[2]) / 2
    along = (end - start) / np.linalg.norm(end - start)
    return abs(float(along[0] * (point - start)[1] - along[1] * (point - start)[0]))
