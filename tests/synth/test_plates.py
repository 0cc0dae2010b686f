"""Whole plates, scenes and folders of them."""

import csv
import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from classic_anpr.cli.render import render
from classic_anpr.cli.synth import synth
from classic_anpr.errors import UsageError
from classic_anpr.synth.dataset import draw, write
from classic_anpr.synth.plates import draw_plate
from classic_anpr.synth.scenes import draw_scene
from classic_anpr.synth.texts import STYLES


@pytest.mark.parametrize("country", [style.country for style in STYLES])
def test_every_country_has_a_plate_with_its_glyphs_inside(country):
    plate = draw_plate(np.random.default_rng(4), country)
    height, width = plate.pixels.shape[:2]
    assert len(plate.boxes) == len(plate.text) > 3
    assert (plate.boxes[:, :2] >= 0).all()
    assert (plate.boxes[:, 0] + plate.boxes[:, 2] <= width).all()
    assert (plate.boxes[:, 1] + plate.boxes[:, 3] <= height).all()


def test_glyph_boxes_hold_ink():
    plate = draw_plate(np.random.default_rng(0), "de", "B AB 123")
    grey = cv2.cvtColor(plate.pixels, cv2.COLOR_BGR2GRAY)
    for x, y, w, h in plate.boxes:
        assert grey[y : y + h, x : x + w].min() < 80
    between = plate.boxes[1][0] + plate.boxes[1][2]
    assert grey[:, between + 1 : between + 3][20:90].min() > 150


def test_a_slash_makes_two_lines():
    plate = draw_plate(np.random.default_rng(0), "vn", "29A/123.45")
    assert plate.text == "29A12345"
    assert plate.boxes[3, 1] > plate.boxes[2, 1] + plate.boxes[2, 3]


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(UsageError, match="zz"):
        draw_plate(np.random.default_rng(0), "zz")
    with pytest.raises(UsageError, match="Ä"):
        draw_plate(np.random.default_rng(0), "de", "ÄA 1")


def test_scene_corners_lie_around_the_plate():
    image, plates = draw_scene(np.random.default_rng(1), "il", hard=0.0)
    text, country, corners = plates[0]
    assert country == "il"
    assert text.isdigit()
    inside = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 255)
    blue, _, red, _ = cv2.mean(image, inside)
    assert (inside > 0).sum() > 1000
    assert red > blue + 40  # an Israeli plate is yellow


@pytest.mark.parametrize("kind", ["lines", "plates", "scenes"])
def test_the_same_seed_writes_the_same_bytes(kind, tmp_path):
    for name in ("a", "b"):
        assert write(tmp_path / name, kind, draw(kind, 2, 7, ["sg", "ru"])) == 2
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_labels_agree_with_each_other(tmp_path):
    result = CliRunner().invoke(synth, ["--kind", "plates", "--count", "2", "-o", str(tmp_path)])
    assert result.exit_code == 0
    assert result.stdout == ""
    rows = list(csv.DictReader((tmp_path / "labels.csv").open(encoding="utf-8")))
    coco = json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    for row in rows:
        mine = [a for a in coco["annotations"] if names[a["image_id"]] == row["file"]]
        assert [a["text"] for a in mine] == [row["text"], *row["text"]]
        assert row["glyphs"].count(";") == len(row["text"]) - 1


def test_lines_come_with_ground_truth_for_tesstrain(tmp_path):
    write(tmp_path, "lines", draw("lines", 3, 0, ["il"]))
    rows = list(csv.DictReader((tmp_path / "labels.csv").open(encoding="utf-8")))
    for row in rows:
        truth = (tmp_path / row["file"]).with_suffix(".gt.txt").read_text(encoding="utf-8")
        assert truth.strip() == row["text"]


def test_render_writes_the_plate(tmp_path):
    target = tmp_path / "plate.png"
    result = CliRunner().invoke(render, ["ru", "A123BC77", "-o", str(target), "--scale", "1"])
    assert result.exit_code == 0, result.output
    assert cv2.imread(str(target)).shape == (112, 520, 3)
