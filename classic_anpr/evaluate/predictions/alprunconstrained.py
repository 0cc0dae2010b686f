"""alpr-unconstrained's output folder: ``NAME_cars.txt`` with the vehicles' boxes, and for vehicle k
``NAME_kcar_lp.txt`` with the plate's corners and ``NAME_kcar_lp_str.txt`` with its text. Boxes are in shares of the
picture, corners in shares of the vehicle's box."""

from __future__ import annotations

from pathlib import Path

from classic_anpr.evaluate.formats.base import Sizes
from classic_anpr.evaluate.textfile import numbers, read_text
from classic_anpr.evaluate.types import Corners, DataSetError, PredictedPlate, Prediction

_CARS = "_cars.txt"


def parse_corners(line: str, car: str, size: tuple[int, int], where: str) -> Corners:
    """A plate's corners in pixels.

    Parameters
    ----------
    line : str
        ``4,x1,x2,x3,x4,y1,y2,y3,y4,...``
    car : str
        The vehicle's line: class, centre x, centre y, width, height, and maybe a probability.
    size : (int, int)
        Width and height of the picture.
    """
    fields = line.strip().split(",")
    if fields[0] != "4":
        raise DataSetError(f"{where}:1: four corners are wanted, not {fields[0]!r}")
    values = numbers(fields[1:9], where, "corners", 8)
    cx, cy, w, h = numbers(car.split()[1:5], where, "vehicle", 4)
    width, height = size
    return tuple(
        ((cx - w / 2 + x * w) * width, (cy - h / 2 + y * h) * height)
        for x, y in zip(values[:4], values[4:], strict=True)
    )


def read(folder: Path, sizes: Sizes | None) -> list[Prediction]:
    """The predictions of an output folder. Without `sizes` the plates have no place."""
    predictions = []
    for file in sorted(folder.glob("*" + _CARS)):
        name = file.name[: -len(_CARS)]
        plates = []
        for k, car in enumerate(read_text(file).splitlines()):
            place, text = folder / f"{name}_{k}car_lp.txt", folder / f"{name}_{k}car_lp_str.txt"
            if not text.is_file():
                continue
            corners = None
            if sizes is not None and place.is_file():
                corners = parse_corners(read_text(place), car, sizes(name), str(place))
            plates.append(PredictedPlate(read_text(text).strip(), corners=corners, scored=False))
        predictions.append(Prediction(name, tuple(plates)))
    return predictions
