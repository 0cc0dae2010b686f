"""What makes a plate hard, on drawn pictures whose width, tilt, brightness and blur are known; and the examples."""

from __future__ import annotations

import doctest
import importlib
import math
import pkgutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr import evaluate
from classic_anpr.evaluate.outcomes import Predictions, judge_set
from classic_anpr.evaluate.slices import Properties, measure, properties_of, slices
from classic_anpr.evaluate.types import LabelledSet, Photo, PlateLabel, PredictedPlate, Prediction


def drawn(grey: int = 200, blur: float = 0.0) -> np.ndarray:
    picture = np.full((120, 300, 3), grey, np.uint8)
    cv2.putText(picture, "AB123CD", (60, 70), cv2.FONT_HERSHEY_SIMPLEX, 1, (20, 20, 20), 3)
    return cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture


def test_properties_of_known_plates() -> None:
    box = PlateLabel("AB123CD", box=(50, 40, 160, 40))
    plain = properties_of(drawn(), box)
    assert plain is not None
    assert (plain.width, plain.tilt) == (160, None)
    assert plain.brightness == pytest.approx(drawn()[40:80, 50:210].mean(), abs=0.5)
    values = [properties_of(drawn(blur=b), box) for b in (0.0, 1.0, 2.0, 4.0)]
    sharpness = [v.sharpness for v in values if v is not None]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 4 * sharpness[-1]
    faint = (drawn().astype(np.float32) * 0.5 + 60).astype(np.uint8)
    pale = properties_of(faint, box)
    assert pale is not None
    assert pale.sharpness == pytest.approx(plain.sharpness, rel=0.05)  # contrast is not sharpness


@pytest.mark.parametrize("degrees", [0.0, 10.0, -10.0, 30.0])
def test_tilt_and_width_of_a_turned_plate(degrees: float) -> None:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = tuple((150 + c * u - s * v, 60 + s * u + c * v) for u, v in ((-50, -8), (50, -8), (50, 8), (-50, 8)))
    label = PlateLabel("A", box=(90, 20, 120, 80), corners=corners)
    properties = properties_of(drawn(), label)
    assert properties is not None
    assert properties.tilt == pytest.approx(abs(degrees))
    assert properties.width == pytest.approx(100)


def test_a_box_outside_has_no_properties() -> None:
    assert properties_of(drawn(), PlateLabel("A", box=(400, 40, 50, 20))) is None
    assert properties_of(drawn(), PlateLabel("A")) is None


def test_slices_count_each_plate_once(tmp_path: Path) -> None:
    widths = (50, 70, 75, 100, 250, 250, 400, 500)
    photos = tuple(
        Photo(f"{k}.jpg", (PlateLabel(f"A{k}", "SK" if k % 2 else "CZ", (0, 0, w, 20)),)) for k, w in enumerate(widths)
    )
    labels = LabelledSet("set", tmp_path, photos)
    said = [Prediction(p.file, (PredictedPlate(p.plates[0].text),)) for p in photos[3:]]
    plates = [p for photo in judge_set(labels, Predictions(said)) for p in photo.plates]
    known = {("set", f"{k}.jpg", 0): Properties(w, None, 150.0, 1.0 + k) for k, w in enumerate(widths)}
    found = {(s.by, s.name): (s.rate.right, s.rate.total) for s in slices(plates, known)}
    assert found == {
        ("width", "below 60 px"): (0, 1),
        ("width", "60 to 90 px"): (0, 2),
        ("width", "90 to 130 px"): (1, 1),
        ("width", "200 to 300 px"): (2, 2),
        ("width", "from 300 px"): (2, 2),
        ("brightness", "140 to 180 grey"): (5, 8),
        ("blur", "most blurred quarter"): (0, 2),
        ("blur", "second"): (1, 2),
        ("blur", "third"): (2, 2),
        ("blur", "sharpest quarter"): (2, 2),
        ("country", "CZ"): (2, 4),
        ("country", "SK"): (3, 4),
    }


def test_measuring_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), drawn())
    (tmp_path / "b.png").write_text("no picture")
    plates = (PlateLabel("A", box=(50, 40, 160, 40)), PlateLabel("B"))
    labels = LabelledSet("set", tmp_path, (Photo("a.png", plates), Photo("b.png", plates)))
    assert list(measure([labels])) == [("set", "a.png", 0)]


def modules() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(evaluate.__path__, "classic_anpr.evaluate.")]
    return [name for name in names if not name.endswith("evaluate.fastalpr")]  # needs fast-alpr


@pytest.mark.parametrize("name", modules())
def test_examples_of_the_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
