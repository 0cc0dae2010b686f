"""Whole plates, scenes and folders of them."""

import csv
import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from classic_anpr.cli.countries import countries
from classic_anpr.cli.render import render
from classic_anpr.cli.synth import synth
from classic_anpr.countries import Country, load_countries
from classic_anpr.errors import UsageError
from classic_anpr.synth import degrade
from classic_anpr.synth.dataset import draw, write
from classic_anpr.synth.plates import draw_plate
from classic_anpr.synth.scenes import draw_scene
from classic_anpr.synth.texts import all_countries, as_given, inscribe


def land(code: str) -> Country:
    return load_countries([code])[0]


@pytest.mark.parametrize("country", all_countries(), ids=lambda country: country.code)
def test_every_layout_is_drawn_to_scale_with_its_glyphs_inside(country):
    for layout in country.layouts:
        for arrangement in layout.arrangements:
            text = country.fold(layout.examples[0])
            inscription = inscribe(country, layout, text, arrangement)
            plate = draw_plate(np.random.default_rng(4), country, inscription, 0.5, smooth=1.0)
            height, width = plate.pixels.shape[:2]
            if arrangement.plate is not None:
                size = (arrangement.plate.width, arrangement.plate.height)
                assert (width, height) == pytest.approx([side / 2 for side in size], abs=1)
            assert plate.text == text
            assert len(plate.boxes) == len(text)
            assert (plate.boxes >= 0).all()
            assert (plate.boxes[:, 2:] > 0).all()
            assert (plate.boxes[:, 0] + plate.boxes[:, 2] <= width).all()
            assert (plate.boxes[:, 1] + plate.boxes[:, 3] <= height).all()
            assert len(plate.bands) == max(plate.rows) + 1
            middle = float(np.median(plate.pixels[height // 3 : -height // 3]))
            inside = [plate.pixels[y : y + h, x : x + w].astype(float) for x, y, w, h in plate.boxes]
            assert all(np.abs(glyph - middle).max() > 40 for glyph in inside), (layout.id, text)


def test_sizes_gaps_and_lines_are_those_of_the_country_file():
    country = land("gb")
    layout = country.layout("current")
    one, two = (inscribe(country, layout, "BD51SMR", a) for a in layout.arrangements[:2])
    plate = draw_plate(np.random.default_rng(0), country, one, 2.0)
    x, _, w, h = (plate.boxes / 2).T
    assert h == pytest.approx([79] * 7, abs=1)
    assert w[0] == pytest.approx(50, abs=1.5)
    assert x[1] - x[0] - w[0] == pytest.approx(11, abs=1)
    assert x[4] - x[3] - w[3] == pytest.approx(33, abs=1)
    assert set(plate.rows) == {0}
    plate = draw_plate(np.random.default_rng(0), country, two, 2.0)
    assert list(plate.rows) == [0, 0, 0, 0, 1, 1, 1]
    assert (plate.bands[1, 1] - plate.bands[0, 3]) / 2 == pytest.approx(19, abs=1)


def test_colours_are_those_of_the_country_file():
    country = land("il")
    pixels = draw_plate(np.random.default_rng(0), country, "1234567").pixels
    blue, _, red = np.median(pixels.reshape(-1, 3), axis=0)
    assert red > blue + 100  # yellow
    dark = next(lay for lay in land("sg").layouts if not lay.colours[0].dark_on_light)
    plate = draw_plate(np.random.default_rng(0), land("sg"), land("sg").fold(dark.examples[0]))
    assert plate.light_on_dark


def test_a_russian_region_is_smaller_and_raised():
    plate = draw_plate(np.random.default_rng(0), land("ru"), "A123BC77", 2.0)
    _, y, _, h = plate.boxes.T
    assert h[6] == pytest.approx(h[1] * 58 / 76, abs=2)
    assert y[6] + h[6] < y[1] + h[1] - 20
    assert y[0] + h[0] == pytest.approx(y[1] + h[1], abs=2)  # letters stand on the base line


def test_glyph_boxes_hold_ink():
    plate = draw_plate(np.random.default_rng(0), land("de"), "B AB 123")
    grey = cv2.cvtColor(plate.pixels, cv2.COLOR_BGR2GRAY)
    for x, y, w, h in plate.boxes:
        assert grey[y : y + h, x : x + w].min() < 80
    between = plate.boxes[1][0] + plate.boxes[1][2]
    assert grey[:, between + 1 : between + 3][25:85].min() > 150


def test_a_slash_makes_two_lines():
    plate = draw_plate(np.random.default_rng(0), land("vn"), "29A/123.45")
    assert plate.text == "29A12345"
    assert plate.boxes[3, 1] > plate.boxes[2, 1] + plate.boxes[2, 3]


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(UsageError, match="\\+"):
        draw_plate(np.random.default_rng(0), land("de"), "A+1")
    with pytest.raises(UsageError, match="not of the layout"):
        inscribe(land("il"), land("il").layouts[0], "QQ", land("il").layouts[0].arrangements[0])


def test_a_text_without_separators_is_divided_as_its_layout_does():
    assert "".join(mark.character for mark in as_given(land("il"), "1234567").lines[0]) == "12-345-67"
    assert "".join(mark.character for mark in as_given(land("il"), "1-2").lines[0]) == "1-2"


def test_scene_corners_lie_around_the_plate():
    image, plates = draw_scene(np.random.default_rng(1), land("il"), hard=0.0)
    text, country, corners = plates[0]
    assert country == "il"
    assert text.isdigit()
    inside = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 255)
    blue, _, red, _ = cv2.mean(image, inside)
    assert (inside > 0).sum() > 1000
    assert red > blue + 40  # an Israeli plate is yellow


def test_weather_light_and_cameras_change_a_picture_and_keep_its_shape():
    picture = np.full((40, 90, 3), 120, np.float32)
    picture[10:30, 20:60] = 30
    here = (45.0, 20.0)
    faults = {
        "worn": lambda rng: degrade.worn(rng, picture, picture[0, 0], 20),
        "dirt": lambda rng: degrade.dirt(rng, picture, 20),
        "snow": lambda rng: degrade.snow(rng, picture, 20),
        "scratches": lambda rng: degrade.scratches(rng, picture, 20),
        "embossed": lambda rng: degrade.embossed(rng, picture, 40),
        "uneven": lambda rng: degrade.uneven(rng, picture),
        "shadow": lambda rng: degrade.shadow(rng, picture, here, 20),
        "glare": lambda rng: degrade.glare(rng, picture, here, 20),
        "light": lambda rng: degrade.light(rng, picture),
        "motion": lambda rng: degrade.motion(rng, picture, 5),
        "interlaced": lambda rng: degrade.interlaced(rng, picture),
        "camera": lambda rng: degrade.camera(rng, picture),
    }
    for name, fault in faults.items():
        results = [fault(np.random.default_rng(seed)).astype(np.float32) for seed in (0, 1, 2, 3, 4, 0)]
        assert all(after.shape == picture.shape for after in results), name
        assert max(np.abs(after - picture).max() for after in results) > 1, name
        assert np.array_equal(results[0], results[-1]), name
    snowy = degrade.snow(np.random.default_rng(0), picture, 20)
    assert (snowy >= picture - 1e-3).all()
    moved = degrade.interlaced(np.random.default_rng(0), picture)
    assert np.array_equal(moved[::2], picture[::2])
    assert not np.array_equal(moved[1::2], picture[1::2])


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


def test_render_takes_the_sheet_of_a_layout(tmp_path):
    target = tmp_path / "plate.png"
    arguments = ["ru", "-o", str(target), "--scale", "1", "--layout"]
    assert CliRunner().invoke(render, [*arguments, "motorcycle"]).exit_code == 0
    assert cv2.imread(str(target)).shape == (145, 190, 3)
    with pytest.raises(UsageError, match="no layout 'spaceship': car, taxi"):
        CliRunner().invoke(render, [*arguments, "spaceship"], catch_exceptions=False)


def test_countries_draws_an_example_of_each_layout(tmp_path):
    result = CliRunner().invoke(countries, ["il", "-o", str(tmp_path)])
    assert result.exit_code == 0, result.output
    (country,) = load_countries(["il"])
    wanted = {f"il-{lay.id}-{k}.png" for lay in country.layouts for k in range(1, len(lay.arrangements) + 1)}
    assert {path.name for path in tmp_path.iterdir()} == wanted
