"""Draws the sample pictures and their labels.csv, always the same ones.

    python samples/draw.py [FOLDER]

Needs what drawing needs (`pip install '.[dev]'` or `'.[train]'`). The scenes are drawn by `classic_anpr.synth.scenes`
from the country files; no photograph is in them. They show that an installation works. They measure nothing: a reader
that was trained on drawn plates reads drawn plates.
"""

from __future__ import annotations

import csv
import itertools
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import load_countries
from classic_anpr.geometry import box_of
from classic_anpr.synth.scenes import draw_scene

COUNTRIES = ("ru", "sk", "cz", "de", "gb", "br", "sg", "my", "vn", "ru", "de", "vn", "br", "sk")
SEED = 3
MOST_BYTES = 150_000
COLUMNS = ("file", "text", "country", "x", "y", "w", "h", "source", "published_text")


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """The picture as JPEG of the highest quality that stays below `MOST_BYTES`."""
    for quality in range(92, 30, -4):
        data = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
        if len(data) <= MOST_BYTES:
            return data
    raise ValueError(f"a picture of {picture.shape} does not fit into {MOST_BYTES} bytes")


def draw(number: int, code: str) -> tuple[NDArray[np.uint8], list[tuple[str, str, NDArray[np.float32]]]]:
    """The first scene of a fixed series whose plate is a car's and passes the checks of its country's file."""
    (country,) = load_countries([code])
    for attempt in itertools.count():
        picture, plates = draw_scene(np.random.default_rng([SEED, number, attempt]), country)
        cars = [layout for layout in country.layouts if layout.vehicle == "car"]
        layouts = [layout for layout in cars if all(layout.matches(text) for text, _, _ in plates)]
        if any(country.check(text, layout).ok for layout in layouts for text, _, _ in plates):
            break
    return picture, list(plates)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        rows.writeheader()
        for number, country in enumerate(COUNTRIES, 1):
            picture, plates = draw(number, country)
            name = f"{number:02d}-{country}.jpg"
            (folder / name).write_bytes(jpeg(picture))
            for text, code, corners in plates:
                x, y, w, h = (round(v) for v in box_of(np.asarray(corners, np.float32)))
                rows.writerow(dict(zip(COLUMNS, (name, text, code.upper(), x, y, w, h, "drawn", ""), strict=True)))


if __name__ == "__main__":
    main()
