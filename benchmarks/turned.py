"""Tilted, turned and mirrored photographs: how many plates are still read, and how often a wrong one is reported.

    python benchmarks/turned.py --photos ../shared/photos [--set NAME ...] [--every 3] [--write]

Each photograph is turned about its middle (tilt; the corners are filled with its edge pixels), seen from the side (yaw;
by a camera at 1.2 times its width), turned upside down, or mirrored. Angles are degrees. Every `--every`-th photograph
of each set is used. Needs the photographs, which are not part of this repository. With --write, the table goes into
RESULTS.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from results_page import replace_part, stamp
from table import chosen_sets, countries_of

from classic_anpr import Reader, images
from classic_anpr.errors import ImageError
from classic_anpr.evaluate.progress import track
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.evaluate.strings import fold

Pixels = NDArray[np.uint8]
ANGLES = (10, 20, 30, 35, 40)
CAMERA = 1.2  # widths of the picture


def tilted(picture: Pixels, degrees: float) -> Pixels:
    """Turned anticlockwise about its middle, whole."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = np.abs(matrix[0, :2])
    size = round(height * sine + width * cosine), round(height * cosine + width * sine)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def yawed(picture: Pixels, degrees: float) -> Pixels:
    """As a plane that is turned about its upright middle line."""
    height, width = picture.shape[:2]
    angle = math.radians(degrees)
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    away = 1 + corners[:, 0] * math.sin(angle) / (CAMERA * width)
    seen = corners * [math.cos(angle), 1] / away[:, None]
    seen = (seen - seen.min(axis=0)).astype(np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    size = tuple(int(v) for v in np.ceil(seen.max(axis=0)))
    matrix = cv2.getPerspectiveTransform(source, seen)
    return np.asarray(cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_AREA), np.uint8)


def ways() -> dict[str, Callable[[Pixels], Pixels]]:
    """Name of each row, and what is done to the photograph."""
    found: dict[str, Callable[[Pixels], Pixels]] = {"as it is": lambda picture: picture}
    for name, change in (("tilt", tilted), ("yaw", yawed)):
        for angle in ANGLES:
            found |= {f"{name} {sign * angle:+}": partial(change, degrees=sign * angle) for sign in (1, -1)}
    found["upside down"] = lambda picture: np.ascontiguousarray(picture[::-1, ::-1])
    found["mirrored"] = lambda picture: np.ascontiguousarray(picture[:, ::-1])
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="names")
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    changes = ways()
    plates = photos = 0
    read, reported, wrong = (dict.fromkeys(changes, 0) for _ in range(3))
    for labels in chosen_sets(arguments.photos, arguments.names):
        reader = Reader(countries=countries_of(labels))
        some = labels.photos[:: arguments.every]
        for photo in track(some, len(some), labels.name):
            try:
                picture = images.load(labels.path(photo)).pixels
            except ImageError as error:
                print(error)
                continue
            true = [fold(plate.text) for plate in photo.plates if plate.readable]
            photos, plates = photos + 1, plates + len(true)
            for name, change in changes.items():
                texts = [fold(plate.text) for plate in reader.read(change(picture))]
                read[name] += sum(text in texts for text in true)
                reported[name] += bool(texts)
                wrong[name] += any(text not in true for text in texts)
    rows = [[n, f"{100 * read[n] / max(plates, 1):.1f} %", str(reported[n]), str(wrong[n])] for n in changes]
    note = (
        f"{plates} plates on {photos} photographs and crops (one of {arguments.every} of each set), with the known "
        "country. Read: O as 0 and I as 1 on both sides. A wrong plate: one whose text is no label's."
    )
    header = ("turned", "plates read", "photographs with a plate", "with a wrong one")
    text = "\n".join([note, "", *table(header, rows), "", stamp()])
    print(text)
    if arguments.write:
        replace_part("turned", text)


if __name__ == "__main__":
    main()
