"""Small drawn pictures for benchmarks of speed and endurance; no accuracy is ever measured on them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

SIZE = 200, 120  # width and height, pixels


def draw_pictures(folder: Path, count: int) -> list[str]:
    """Write `count` JPEGs, every fourth with a plate, all different and always the same; gives their names in order.

    Pictures that are there already are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(count):
        path = folder / f"{number:06d}.jpg"
        names.append(str(path))
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(cv2.imencode(".jpg", _picture(number))[1].tobytes())
            part.rename(path)
    return names


def _picture(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    width, height = SIZE
    coarse = rng.integers(40, 140, (6, 10, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC)
    if number % 4:
        return picture
    letters = rng.choice(list("ABEKMHOPCTYX"), 3)
    digits = rng.integers(0, 10, 3)
    text = letters[0] + "".join(map(str, digits)) + "".join(letters[1:])
    x, y = rng.integers(8, width - 150), rng.integers(8, height - 40)
    cv2.rectangle(picture, (x, y), (x + 140, y + 30), (245, 245, 245), cv2.FILLED)
    cv2.rectangle(picture, (x, y), (x + 140, y + 30), (20, 20, 20), 2)
    cv2.putText(picture, text, (x + 8, y + 24), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (10, 10, 10), 2, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (3, 3), 0)
