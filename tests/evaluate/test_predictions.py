"""Documents of each system, as they write them, and the ways in which they can be wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr.errors import UsageError
from classic_anpr.evaluate import systems
from classic_anpr.evaluate.predictions import get_system, prediction_of, read_predictions
from classic_anpr.evaluate.types import (
    Cost,
    DataSetError,
    LabelledSet,
    Photo,
    PredictedPlate,
    Prediction,
    box_corners,
)
from classic_anpr.output import make_writer
from classic_anpr.results import Record

BOX = box_corners((10.0, 20.0, 60.0, 15.0))
ENDS = [10, 20, 70, 35]
CORNERS = [[10, 20], [70, 20], [70, 35], [10, 35]]

OPENALPR = {
    "version": 2,
    "data_type": "alpr_results",
    "processing_time_ms": 58.0,
    "results": [
        {
            "plate": "AB123CD",
            "confidence": 91.5,
            "coordinates": [{"x": x, "y": y} for x, y in CORNERS],
            "candidates": [
                {"plate": "AB123CD", "confidence": 91.5, "matches_template": 0},
                {"plate": "AB1230D", "confidence": 80.0, "matches_template": 1},
            ],
        }
    ],
}
SNAPSHOT = {
    "filename": "a.jpg",
    "processing_time": 64.0,
    "results": [
        {
            "box": {"xmin": 10, "ymin": 20, "xmax": 70, "ymax": 35},
            "plate": "ab123cd",
            "score": 0.915,
            "candidates": [{"plate": "ab123cd", "score": 0.915}],
        }
    ],
}
FAST_ALPR = [
    {
        "detection": {
            "label": "License Plate",
            "confidence": 0.8,
            "bounding_box": dict(zip(("x1", "y1", "x2", "y2"), ENDS, strict=True)),
        },
        "ocr": {"text": "AB123CD", "confidence": [0.9, 0.93], "region": None, "region_confidence": None},
    }
]
REST = {"code": 5000, "msg": "Success", "result": {"plate_list": [{"code": "AB123CD", "conf": 0.915, "box": ENDS}]}}
PADDLE3 = {"input_path": "a.jpg", "rec_texts": ["AB123CD"], "rec_scores": [0.915], "rec_polys": [CORNERS]}

DOCUMENTS = [
    ("classic-anpr", {"filename": "a.jpg", "plates": [{"text": "AB123CD", "confidence": 0.915, "corners": CORNERS}]}),
    ("openalpr", OPENALPR),
    ("platerecognizer", SNAPSHOT),
    ("fast-alpr", FAST_ALPR),
    ("fast-alpr", {"filename": "a.jpg", "results": FAST_ALPR}),
    ("nomeroff-net", {"texts": ["AB123CD"], "confidences": [[0.915]], "points": [CORNERS]}),
    ("nomeroff-net", {"texts": [["AB", "123CD"]], "confidences": [0.915], "bboxs": [[*ENDS, 0.8, 0]]}),
    ("hyperlpr3", [["AB123CD", 0.915, 0, ENDS]]),
    ("hyperlpr3", REST),
    ("paddleocr", [[[CORNERS, ["AB123CD", 0.915]]]]),
    ("paddleocr", [[CORNERS, ["AB123CD", 0.915]]]),
    ("paddleocr", PADDLE3),
    ("paddleocr", {"res": PADDLE3}),
    ("easyocr", [[CORNERS, "AB123CD", 0.915]]),
    ("deep-anpr", {"filename": "a.jpg", "detections": [[[20, 10], [35, 70], 0.915, "AB123CD"]]}),
]


def test_replies_of_hyperlpr3_without_plates_and_with_an_excuse() -> None:
    nothing = prediction_of({"result": {"plate_list": []}, "code": 5000, "msg": "ok"}, "there", filename="a.jpg")
    assert (nothing.plates, nothing.error) == ((), None)
    failed = prediction_of({"result": None, "code": 5007, "msg": "no picture"}, "there", filename="a.jpg")
    assert (failed.plates, failed.error) == ((), "5007 no picture")


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_documents_are_recognised_and_read(name: str, document: object) -> None:
    document = json.loads(json.dumps(document))
    assert get_system(name).recognise(document)
    prediction = prediction_of(document, "there", filename="a.jpg")
    (plate,) = prediction.plates
    assert prediction.filename == "a.jpg"
    assert (plate.text, plate.confidence, plate.corners) == ("AB123CD", pytest.approx(0.915), BOX)
    assert prediction == prediction_of(document, "there", name, "a.jpg")


def test_candidates_and_times() -> None:
    openalpr, snapshot = (prediction_of(d, "there", filename="a") for d in (OPENALPR, SNAPSHOT))
    assert openalpr.plates[0].candidates == ("AB123CD", "AB1230D")
    assert openalpr.plates[0].templates == (False, True)
    assert (openalpr.cost, snapshot.cost) == (Cost(58.0), Cost(64.0))


def test_a_plate_that_fast_alpr_could_not_read() -> None:
    (plate,) = prediction_of([FAST_ALPR[0] | {"ocr": None}], "there", filename="a.jpg").plates
    assert (plate.text, plate.confidence, plate.corners) == ("", 0.0, BOX)


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "openalpr", "platerecognizer"])
def test_own_output_is_read_back(tmp_path: Path, record: Record, form: str) -> None:
    """Whatever `classic-anpr read` writes can be scored."""
    empty = Record("none.jpg", "cd" * 32, 10, 10)
    path = tmp_path / f"out.{'csv' if form == 'csv' else 'json' if form == 'json' else 'jsonl'}"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = make_writer(form, stream)
        writer.begin()
        for item in (record, empty):
            writer.write(item)
        writer.close()
    first, second = read_predictions(path)
    assert (first.filename, second.filename, second.plates) == ("фото 1.jpg", "none.jpg", ())
    (plate,) = first.plates
    assert plate.text == "A123BC777"
    assert plate.confidence == pytest.approx(0.91)
    assert plate.corners == box_corners((50.0, 30.0, 100.0, 20.0))
    if form in ("jsonl", "json", "openalpr"):
        assert plate.candidates == ("A123BC777", "A1Z3BC777")
        assert plate.templates == (True, False)


def test_lines_of_predictions_go_there_and_back(tmp_path: Path) -> None:
    items = [
        Prediction("a.jpg", (PredictedPlate("A1", 0.5, BOX, ("A1", "AI"), (True, False)),), Cost(10.5, 9.25, 120.0)),
        Prediction("b.jpg", (PredictedPlate("B2", scored=False), PredictedPlate("C3", 0.25, None, ("C3",)))),
        Prediction("c.jpg", error="broken"),
    ]
    path = tmp_path / "p.jsonl"
    path.write_text("".join(json.dumps(p.to_dict()) + "\n" for p in items), encoding="utf-8-sig")
    assert read_predictions(path) == items


def test_folder_of_documents_and_objects_by_picture(tmp_path: Path) -> None:
    folder = tmp_path / "json"
    folder.mkdir()
    (folder / "eu1.json").write_text(json.dumps(OPENALPR))
    (folder / "eu2.jpg.json").write_text(json.dumps(OPENALPR | {"results": []}))
    assert [(p.filename, len(p.plates)) for p in read_predictions(folder)] == [("eu1", 1), ("eu2.jpg", 0)]
    file = tmp_path / "words.json"
    file.write_text(json.dumps({"a.jpg": [[CORNERS, "AB", 0.5], [CORNERS, "CD", 0.6]], "b.jpg": []}))
    assert [(p.filename, len(p.plates)) for p in read_predictions(file, "easyocr")] == [("a.jpg", 2), ("b.jpg", 0)]


def test_alpr_unconstrained(tmp_path: Path) -> None:
    (tmp_path / "03009_cars.txt").write_text("0 0.5 0.5 0.5 0.5\n0 0.1 0.1 0.1 0.1\n")
    (tmp_path / "03009_0car_lp.txt").write_text("4,0.0,1.0,1.0,0.0,0.5,0.5,1.0,1.0,,\n")
    (tmp_path / "03009_0car_lp_str.txt").write_text("AB123CD\n")
    (prediction,) = read_predictions(tmp_path, sizes=lambda stem: {"03009": (400, 200)}[stem])
    assert prediction.filename == "03009"
    (plate,) = prediction.plates
    assert (plate.text, plate.scored) == ("AB123CD", False)
    assert plate.corners == ((100, 100), (300, 100), (300, 150), (100, 150))
    (tmp_path / "03009_0car_lp.txt").write_text("3,0,1\n")
    with pytest.raises(DataSetError, match=r"03009_0car_lp\.txt:1: four corners"):
        read_predictions(tmp_path, sizes=lambda stem: (400, 200))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.jsonl", '{"filename": "a", "plates": []}\n{"filename": "b", "plates": [}\n', r"p\.jsonl:2: not JSON"),
        ("p.jsonl", '{"filename": "a", "plates": []}\n\n{"plates": []}\n', r"p\.jsonl:3: no file name"),
        ("p.jsonl", '{"filename": "a", "plates": [{}]}\n', r"p\.jsonl:1: not as classic-anpr writes it: KeyError"),
        ("p.jsonl", '{"filename": "a", "plates": [{"text": "A", "corners": [["x", 1]]}]}\n', r"p\.jsonl:1: corners"),
        ("p.jsonl", '{"hello": 1}\n', r"p\.jsonl:1: the predictions of no known system"),
        ("p.csv", "filename,text,confidence\na.jpg,A1,high\n", r"p\.csv:2: confidence: numbers are wanted"),
        ("p.csv", "filename,text\n,A1\n", r"p\.csv:2: no file name"),
        ("p.csv", "name,value\na,b\n", r"p\.csv:1: columns filename and text"),
    ],
)
def test_wrong_predictions_name_file_and_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataSetError, match=message):
        read_predictions(tmp_path / name)


# --- running systems --------------------------------------------------------------------------------------------------


@pytest.fixture
def labels(tmp_path: Path) -> LabelledSet:
    for name in ("a b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(cv2.imencode(".jpg", np.zeros((20, 30, 3), np.uint8))[1].tobytes())
    return LabelledSet("set", tmp_path, (Photo("a b.jpg"), Photo("c.jpg")))


def script(tmp_path: Path, body: str) -> str:
    file = tmp_path / "system.py"
    file.write_text("import sys\nname = sys.argv[1]\n" + body)
    return f"{sys.executable} {file} {{image}}"


def test_a_command_per_picture(tmp_path: Path, labels: LabelledSet) -> None:
    body = "print('{\"plates\": [{\"text\": \"' + str(len(name.split('/')[-1])) + '\"}]}')"
    first, second = systems.run(systems.command(script(tmp_path, body)), [labels])
    assert [(Path(p.filename).name, p.plates[0].text) for p in (first, second)] == [("a b.jpg", "7"), ("c.jpg", "5")]
    assert first.cost is not None
    assert first.cost.wall_ms > 0
    assert first.cost.cpu_ms is not None
    assert first.cost.peak_mib is not None
    assert first.cost.peak_mib > 1


def test_a_command_that_prints_lines_or_fails(tmp_path: Path, labels: LabelledSet) -> None:
    body = "print('AB 123 0.5\\nXY9') if 'a b' in name else sys.exit('no model')"
    first, second = systems.run(systems.command(script(tmp_path, body)), [labels])
    assert [(p.text, p.confidence, p.scored) for p in first.plates] == [("AB 123", 0.5, True), ("XY9", 1.0, False)]
    assert second.error == "exit code 1: no model"
    assert second.plates == ()


def test_wrong_commands(labels: LabelledSet) -> None:
    with pytest.raises(UsageError, match=r"no \{image\}"):
        systems.command("alpr -j photo.jpg")
    with pytest.raises(UsageError, match="no-such-program"):
        systems.run(systems.command("no-such-program {image}"), [labels])


def test_output_with_a_log_before_the_record() -> None:
    record = '{"filename": "x", "plates": [{"text": "A1"}]}'
    assert systems.parse_output("[info] loaded\n" + record, "a.jpg").plates[0].text == "A1"
    assert systems.parse_output("", "a.jpg").plates == ()
    assert systems.parse_output("[]", "a.jpg").plates == ()
    with pytest.raises(DataSetError, match="neither JSON"):
        systems.parse_output("{broken", "a.jpg")


def test_a_broken_run_goes_on_where_it_stopped(tmp_path: Path, labels: LabelledSet) -> None:
    kept = tmp_path / "readings.jsonl"
    seen: list[str] = []

    def system(path: Path) -> Prediction:
        seen.append(path.name)
        if path.name == "c.jpg" and len(seen) == 2:
            raise KeyboardInterrupt
        return Prediction(str(path), (PredictedPlate("A1", 0.5),), Cost(1.0))

    with pytest.raises(KeyboardInterrupt):
        systems.run(system, [labels], kept)
    kept.write_text(kept.read_text() + '{"filename": "half a li')
    result = systems.run(system, [labels], kept)
    assert seen == ["a b.jpg", "c.jpg", "c.jpg"]
    assert [Path(p.filename).name for p in result] == ["a b.jpg", "c.jpg"]
    assert read_predictions(kept) == result
