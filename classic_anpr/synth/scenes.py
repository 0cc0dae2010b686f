"""Scenes: a drawn plate on a drawn car, seen under an angle, with the faults of a camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Country
from classic_anpr.synth import degrade
from classic_anpr.synth.plates import Pixels, draw_plate
from classic_anpr.synth.texts import all_countries

Placed = tuple[str, str, NDArray[np.float32]]
"""Text, country, corners (4, 2) in px, clockwise from the top left."""


def _background(rng: np.random.Generator, width: int, height: int) -> Pixels:
    """Sky, buildings and road as soft blocks."""
    coarse = np.clip(rng.integers(60, 200, (6, 9, 1)) + rng.normal(0, 12, (6, 9, 3)), 0, 255).astype(np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    road = round(height * rng.uniform(0.6, 0.8))
    picture[road:] = picture[road:] // 3 + np.uint8(rng.integers(40, 80))
    for _ in range(int(rng.integers(2, 7))):  # windows, posts
        x, y = int(rng.integers(0, width)), int(rng.integers(0, road))
        w, h = int(rng.integers(8, width // 6)), int(rng.integers(20, height // 3))
        cv2.rectangle(
            picture,
            (x, y),
            (x + w, min(road, y + h)),
            [int(v) for v in rng.integers(30, 220) + rng.integers(-20, 21, 3)],
            -1,
        )
    return picture


def _car(rng: np.random.Generator, picture: Pixels, cx: int, cy: int, plate: float) -> None:
    """A car's front or rear around the place of the plate: body, window, lamps, grille, bumper."""
    paint = [int(np.clip(v, 5, 250)) for v in rng.integers(20, 235) + rng.normal(0, 35, 3)]
    dark = [v // 3 for v in paint]
    half = round(plate * rng.uniform(1.6, 2.0))
    top = round(cy - plate * rng.uniform(1.5, 2.0))
    bottom = round(cy + plate * rng.uniform(0.45, 0.8))
    shoulder = round(cy - plate * 0.85)
    body = np.array(
        [
            [cx - half * 0.75, top],
            [cx + half * 0.75, top],
            [cx + half, shoulder],
            [cx + half, bottom],
            [cx - half, bottom],
            [cx - half, shoulder],
        ]
    )
    cv2.fillPoly(picture, [body.astype(np.int32)], paint, cv2.LINE_AA)
    window = np.array(
        [
            [cx - half * 0.65, top + plate * 0.1],
            [cx + half * 0.65, top + plate * 0.1],
            [cx + half * 0.8, shoulder],
            [cx - half * 0.8, shoulder],
        ]
    )
    cv2.fillPoly(picture, [window.astype(np.int32)], [int(v) for v in rng.integers(20, 110, 3)], cv2.LINE_AA)
    colour = (220, 225, 230) if rng.random() < 0.5 else (40, 40, 190)
    for side in (-1, 1):
        lamp = (round(cx + side * half * 0.78), round(cy - plate * 0.5))
        cv2.ellipse(picture, lamp, (round(half * 0.18), round(plate * 0.16)), 0, 0, 360, colour, -1, cv2.LINE_AA)
        wheel = (round(cx + side * half * 0.8), bottom)
        cv2.ellipse(picture, wheel, (round(half * 0.14), round(plate * 0.25)), 0, 0, 360, (20, 20, 20), -1, cv2.LINE_AA)
    if rng.random() < 0.6:  # grille
        y0, y1 = round(cy - plate * 0.65), round(cy - plate * 0.32)
        for y in range(y0, y1, max(3, round(plate * 0.05))):
            cv2.line(
                picture, (round(cx - half * 0.5), y), (round(cx + half * 0.5), y), dark, max(1, round(plate * 0.02))
            )
    cv2.rectangle(picture, (cx - half, round(cy + plate * 0.25)), (cx + half, round(cy + plate * 0.4)), dark, -1)


def draw_scene(
    rng: np.random.Generator, country: Country | None = None, size: tuple[int, int] = (960, 640), hard: float = 0.3
) -> tuple[Pixels, list[Placed]]:
    """A picture of a car with a plate.

    Parameters
    ----------
    rng : numpy.random.Generator
    country : Country, optional
        One at random if left out.
    size : tuple of int
        Width and height in px.
    hard : float
        0 (clean) to 1: angle, dirt, snow, light, blur, noise, interlacing.

    Returns
    -------
    image : uint8 array (H, W, 3)
        BGR.
    plates : list of (text, country, corners)
        Corners float32 (4, 2), clockwise from the top left.
    """
    width, height = size
    if country is None:
        country = all_countries()[int(rng.integers(len(all_countries())))]
    plate = draw_plate(rng, country, scale=1.0)
    rows, columns = plate.pixels.shape[:2]
    wide = width * rng.uniform(0.16, 0.3)  # of the plate in the picture, px
    tall = wide * rows / columns
    cx, cy = round(width * rng.uniform(0.35, 0.65)), round(height * rng.uniform(0.55, 0.72))
    picture = _background(rng, width, height)
    _car(rng, picture, cx, cy, wide)
    turn = rng.normal(0, 0.06 * hard * 2)
    yaw = rng.normal(0, 0.12 * hard * 2)
    square = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    square[:, 1] *= 1 + yaw * np.sign(square[:, 0])
    square[:, 0] *= 1 - abs(yaw)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = (square @ rotation.T + [cx, cy]).astype(np.float32)
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    homography = cv2.getPerspectiveTransform(source, corners)
    reduced = max(1.0, columns / wide)
    paint = plate.pixels.astype(np.float32)
    unit = float(plate.bands[0, 3] - plate.bands[0, 1])  # cap height in px of the plate
    ground = paint[rows // 3, columns // 2]
    if rng.random() < 0.3 * hard:
        paint = degrade.worn(rng, paint, ground, unit)
    if rng.random() < 0.4 * hard:
        paint = degrade.embossed(rng, paint, unit)
    if rng.random() < 0.4 * hard:
        paint = degrade.dirt(rng, paint, unit)
    if rng.random() < 0.1 * hard:
        paint = degrade.snow(rng, paint, unit)
    if rng.random() < 0.1 * hard:
        paint = degrade.scratches(rng, paint, unit)
    soft = cv2.GaussianBlur(paint, (0, 0), 0.4 * reduced)
    mask = cv2.warpPerspective(np.ones((rows, columns), np.float32), homography, size)[..., None]
    placed = cv2.warpPerspective(soft, homography, size, borderMode=cv2.BORDER_REPLICATE)
    scene = picture.astype(np.float32)
    scene += mask * (placed - scene)
    if hard > 0:
        unit *= wide / columns
        if rng.random() < 0.5 * hard:
            scene = degrade.light(rng, scene)
        if rng.random() < 0.5 * hard:
            scene = degrade.shadow(rng, scene, (cx, cy), unit)
        if rng.random() < 0.2 * hard:
            scene = degrade.glare(rng, scene, (cx, cy), unit)
        scene = degrade.uneven(rng, scene) * np.float32(rng.uniform(1 - 0.5 * hard, 1.0))
        return degrade.camera(rng, scene, hard), [(plate.text, plate.country, corners)]
    return np.clip(scene, 0, 255).astype(np.uint8), [(plate.text, plate.country, corners)]
