"""What weather, wear, light and cameras do to a drawn picture.

Every function takes a random generator and a float32 picture (H, W, channels) of grey values 0..255 and returns one
of the same shape. `unit` is the cap height of the text in px, to which the sizes of spots and flanks refer.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def _noise_map(rng: np.random.Generator, shape: tuple[int, ...], step: float, how: int = cv2.INTER_CUBIC) -> Floats:
    """A smooth map (H, W, 1) of values around 0..1 whose blobs are about `step` px large."""
    rows, columns = max(2, round(shape[0] / step)), max(2, round(shape[1] / step))
    small = rng.random((rows, columns), dtype=np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=how))[..., None]


def worn(rng: np.random.Generator, picture: Floats, ground: Floats, unit: float) -> Floats:
    """Paint gone in places: the `ground` colour (channels,) shows."""
    wear = np.clip((_noise_map(rng, picture.shape, unit / 8) - rng.uniform(0, 0.25)) * 6, rng.uniform(0.2, 0.8), 1)
    return np.asarray(ground + (picture - ground) * wear, np.float32)


def dirt(rng: np.random.Generator, picture: Floats, unit: float) -> Floats:
    """Spots of one colour."""
    spots = _noise_map(rng, picture.shape, unit / 10, cv2.INTER_LINEAR)
    spots = np.clip((spots - rng.uniform(0.7, 0.9)) * 5, 0, rng.uniform(0.2, 0.7))
    colour = rng.uniform(0, 255) + rng.normal(0, 12, picture.shape[2])
    return np.asarray(picture + spots * (colour - picture), np.float32)


def snow(rng: np.random.Generator, picture: Floats, unit: float) -> Floats:
    """Snow that lies on the lower or upper edge, and flakes."""
    rows, columns = picture.shape[:2]
    depth = _noise_map(rng, (1, columns), unit * 0.7)[0, :, 0] * rng.uniform(0.05, 0.45) * unit
    y = np.arange(rows, dtype=np.float32)[:, None]
    cover = np.clip((depth - (y if rng.random() < 0.4 else rows - y)) * 4 / unit, 0, 1)
    for _ in range(int(rng.integers(5, 60))):
        centre = (int(rng.integers(columns)), int(rng.integers(rows)))
        cv2.circle(cover, centre, max(1, round(unit * rng.uniform(0.02, 0.09))), float(rng.uniform(0.5, 1)), -1)
    white = np.float32(rng.uniform(200, 250))
    return np.asarray(picture + cover[..., None] * (white - picture), np.float32)


def scratches(rng: np.random.Generator, picture: Floats, unit: float) -> Floats:
    """Thin lines."""
    out = picture.copy()
    rows, columns = picture.shape[:2]
    for _ in range(int(rng.integers(1, 6))):
        ends = rng.uniform((0, 0), (columns, rows), (2, 2)).astype(np.int32)
        tone = [float(rng.uniform(0, 255))] * 3
        cv2.line(out, ends[0].tolist(), ends[1].tolist(), tone, max(1, round(unit * rng.uniform(0.01, 0.05))))
    return out


def embossed(rng: np.random.Generator, picture: Floats, unit: float) -> Floats:
    """One bright and one dark flank at every edge."""
    reach = max(1, round(unit / 16))
    dy, dx = (int(v) for v in rng.integers(-reach, reach + 1, 2))
    return np.asarray(picture + (np.roll(picture, (dy, dx), (0, 1)) - picture) * rng.uniform(-0.5, 0.5), np.float32)


def uneven(rng: np.random.Generator, picture: Floats) -> Floats:
    """Brightness that varies over the picture."""
    coarse = rng.normal(0, rng.uniform(2, 18), (int(rng.integers(2, 6)), int(rng.integers(2, 12)))).astype(np.float32)
    return np.asarray(picture + cv2.resize(coarse, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)[..., None])


def shadow(rng: np.random.Generator, picture: Floats, centre: tuple[float, float], unit: float) -> Floats:
    """The edge of a shadow near `centre` (x, y)."""
    x = np.arange(picture.shape[1], dtype=np.float32)[None, :] - np.float32(centre[0] + unit * rng.normal(0, 2))
    y = np.arange(picture.shape[0], dtype=np.float32)[:, None] - np.float32(centre[1] + unit * rng.normal(0, 0.5))
    turn = rng.uniform(0, 2 * np.pi)
    side = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    dark = np.clip(side / np.float32(unit * rng.uniform(0.03, 0.6)), 0, 1) * np.float32(rng.uniform(0.15, 0.7))
    return np.asarray(picture * (1 - dark[..., None]))


def glare(rng: np.random.Generator, picture: Floats, centre: tuple[float, float], unit: float) -> Floats:
    """A bright spot near `centre` (x, y)."""
    size = np.float32(unit * rng.uniform(0.3, 2.0))
    x = (
        np.arange(picture.shape[1], dtype=np.float32)[None, :] - np.float32(centre[0] + unit * rng.normal(0, 2))
    ) / size
    y = (
        np.arange(picture.shape[0], dtype=np.float32)[:, None] - np.float32(centre[1] + unit * rng.normal(0, 0.5))
    ) / size
    return np.asarray(picture + np.float32(rng.uniform(40, 200)) * (np.exp(-(x**2)) * np.exp(-(y**2)))[..., None])


def light(rng: np.random.Generator, picture: Floats) -> Floats:
    """Day, night under tinted lamps, or infra-red: contrast and level of the whole picture, and its tint.

    Infra-red light knows no colours; coloured paint comes out as bright as white, black stays black.
    """
    kind = rng.random()
    if kind < 0.12:  # infra-red
        picture = np.repeat(picture.max(axis=2, keepdims=True), picture.shape[2], axis=2)
    elif kind < 0.4:  # tinted lamps, dusk
        picture = picture * np.asarray(1 + rng.normal(0, 0.13, picture.shape[2]), np.float32)
    contrast = np.float32(np.clip(rng.normal(0.72, 0.2), 0.12, 1.1))
    low = np.float32(rng.uniform(0, max(1.0, 250 * (1 - float(contrast)))))
    return np.asarray(picture * contrast + low)


def motion(rng: np.random.Generator, picture: Floats, length: float) -> Floats:
    """Blur along a line of `length` px, mostly level."""
    size = int(max(3, length)) | 1
    kernel = np.zeros((size, size), np.float32)
    turn = rng.normal(0, 0.35) if rng.random() < 0.8 else rng.uniform(0, np.pi)
    half = size // 2
    dx, dy = half * np.cos(turn), half * np.sin(turn)
    cv2.line(kernel, (round(half - dx), round(half - dy)), (round(half + dx), round(half + dy)), 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum())).reshape(picture.shape)


def interlaced(rng: np.random.Generator, picture: Floats) -> Floats:
    """Every other row from a moment later: shifted by a few px."""
    out = picture.copy()
    out[1::2] = np.roll(picture[1::2], int(rng.choice([-2, -1, 1, 2])), axis=1)
    return out


def camera(rng: np.random.Generator, picture: Floats, hard: float = 1.0) -> NDArray[np.uint8]:
    """Blur, motion, noise, sharpening, too much gain, interlacing and JPEG; `hard` scales their frequency."""
    sigma = float(rng.gamma(1.6, 0.18)) * hard
    if sigma > 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), sigma * rng.uniform(0.7, 1.3), sigmaY=sigma)
    if rng.random() < 0.2 * hard:
        picture = motion(rng, picture, rng.uniform(1.5, 5))
    if rng.random() < 0.04 * hard:
        picture = interlaced(rng, picture)
    if rng.random() < 0.7 * hard:
        strength = rng.gamma(1.5, 3.0) * hard
        shape = picture.shape if rng.random() < 0.5 else (*picture.shape[:2], 1)
        picture = picture + np.float32(strength) * rng.standard_normal(shape, dtype=np.float32)
    if rng.random() < 0.55 * hard:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.7, 1.5))
        picture = picture + (picture - soft) * np.float32(rng.uniform(0.3, 1.6))
    if rng.random() < 0.15 * hard:
        picture = picture * np.float32(rng.uniform(1.1, 1.7)) - np.float32(rng.uniform(0, 40))
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.5 * hard:
        data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 96))])[1]
        pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return pixels
