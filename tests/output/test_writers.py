"""Every format: what goes in comes out, and a record per image whatever happened to it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from classic_anpr.errors import UsageError
from classic_anpr.output import FORMATS, make_writer
from classic_anpr.output.csvfile import HEADER, country_score
from classic_anpr.results import Frame, Passage, PlateReading, Record

EMPTY = Record("empty.jpg", "cd" * 32, 10, 20, timings_ms={"locate": 1.0})
FAILED = Record("bad.jpg", None, 0, 0, error="bad.jpg: empty file")


def write(form: str, *records: Record) -> str:
    stream = io.StringIO()
    writer = make_writer(form, stream, top=5)
    writer.begin()
    for record in records:
        before = stream.tell()
        writer.write(record)
        assert stream.tell() > before  # Nothing waits for the end of the run.
    writer.close()
    return stream.getvalue()


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_unknown_format() -> None:
    with pytest.raises(UsageError, match="no format 'xml': there are table, jsonl"):
        make_writer("xml", io.StringIO())


def test_jsonl(record: Record) -> None:
    text = write("jsonl", record, EMPTY, FAILED)
    assert lines(text) == [r.to_dict() for r in (record, EMPTY, FAILED)]
    assert "фото 1.jpg" in text


def test_json(record: Record) -> None:
    assert json.loads(write("json", record, EMPTY, FAILED)) == [r.to_dict() for r in (record, EMPTY, FAILED)]
    assert json.loads(write("json")) == []


def test_csv(record: Record, plate: PlateReading) -> None:
    two = Record(record.filename, record.sha256, 640, 480, (plate, plate), record.timings_ms)
    rows = list(csv.DictReader(io.StringIO(write("csv", two, EMPTY, FAILED))))
    assert tuple(rows[0]) == HEADER
    assert [(r["filename"], r["plate_index"], r["text"]) for r in rows] == [
        ("фото 1.jpg", "0", "A123BC777"),
        ("фото 1.jpg", "1", "A123BC777"),
        ("empty.jpg", "", ""),
        ("bad.jpg", "", ""),
    ]
    assert rows[3]["error"] == "bad.jpg: empty file"
    first = rows[0]
    assert [float(first[k]) for k in ("x1", "y1", "x3", "y3")] == [50, 30, 150, 50]
    assert json.loads(first["char_scores"]) == [0.99, 0.52]
    assert json.loads(first["candidates"]) == [["A123BC777", 0.91], ["A1Z3BC777", 0.04]]
    assert (first["template"], first["matches_template"], first["processing_ms"]) == ("car", "1", "7.5")


def test_csv_survives_awkward_names() -> None:
    for name in ('a,"b"\nc.jpg', "a\rb.jpg", "a\nb.jpg", "'a'.jpg"):
        (row,) = csv.DictReader(io.StringIO(write("csv", Record(name, None, 0, 0, error="x")), newline=""))
        assert row["filename"] == name


def test_country_score(plate: PlateReading, make: Any) -> None:
    assert country_score(plate) == plate.country_confidence == 0.97
    assert country_score(make(country=None)) is None
    assert country_score(make(country_confidence=None)) is None


def test_openalpr(record: Record) -> None:
    first, empty, failed = lines(write("openalpr", record, EMPTY, FAILED))
    assert (first["version"], first["data_type"]) == (2, "alpr_results")
    assert (first["img_width"], first["img_height"], first["processing_time_ms"]) == (640, 480, 7.5)
    (result,) = first["results"]
    assert (result["plate"], result["confidence"], result["matches_template"]) == ("A123BC777", 91.0, 1)
    assert (result["region"], result["requested_topn"], result["plate_index"]) == ("ru", 5, 0)
    assert result["coordinates"][2] == {"x": 150, "y": 50}
    assert result["candidates"][1] == {"plate": "A1Z3BC777", "confidence": 4.0, "matches_template": 0}
    assert empty["results"] == []
    assert "error" not in empty
    assert (failed["filename"], failed["error"]) == ("bad.jpg", "bad.jpg: empty file")


def test_platerecognizer(record: Record) -> None:
    first, empty, failed = lines(write("platerecognizer", record, EMPTY, FAILED))
    assert first["filename"] == "фото 1.jpg"
    assert first["processing_time"] == 7.5
    assert first["timestamp"].endswith("Z")
    (result,) = first["results"]
    assert result["plate"] == "a123bc777"
    assert result["box"] == {"xmin": 50, "ymin": 30, "xmax": 150, "ymax": 50}
    assert result["region"] == {"code": "ru", "score": 0.97}
    assert (result["score"], result["dscore"]) == (0.91, 0.98)
    assert result["candidates"][1] == {"plate": "a1z3bc777", "score": 0.04}
    assert [r["usage"]["calls"] for r in (first, empty, failed)] == [1, 2, 3]
    assert failed["error"] == "bad.jpg: empty file"


def test_table(record: Record) -> None:
    head, plate, empty, failed = write("table", record, EMPTY, FAILED).splitlines()
    assert head.split()[:4] == ["FILE", "PLATE", "COUNTRY", "CONF"]
    assert " ".join(plate.split()) == "фото 1.jpg A 123 BC 777 ru 91% 50, 30, 100 x 20"
    assert "no plate" in empty
    assert failed.split() == ["bad.jpg", "error", "empty", "file"]
    long = write("table", Record("x" * 60 + "/end.jpg", None, 1, 1)).splitlines()[1]
    assert long.startswith("…xxx")
    assert "/end.jpg  -" in long


def test_times_of_a_video(record: Record) -> None:
    frame = replace(record, frame=Frame(42, 8.4))
    passage = replace(frame, passage=Passage(7.0, 9.2, 11))
    _, of_image, of_frame, of_passage = write("table", record, frame, passage).splitlines()
    assert of_image.endswith("100 x 20")
    assert of_frame.endswith("100 x 20  at 8.4 s")
    assert of_passage.endswith("100 x 20  7.0 to 9.2 s")
    columns = ("frame", "time_s", "time_first_s", "time_last_s")
    rows = csv.DictReader(io.StringIO(write("csv", record, frame, passage), newline=""))
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("", "", "", ""),
        ("42", "8.4", "", ""),
        ("42", "8.4", "7.0", "9.2"),
    ]
    image, one, all_ = lines(write("jsonl", record, frame, passage))
    assert "frame" not in image
    assert "passage" not in image
    assert one == image | {"frame": {"number": 42, "time_s": 8.4, "at": None}}
    assert all_ == one | {"passage": {"time_first_s": 7.0, "time_last_s": 9.2, "frames_read": 11}}


@pytest.mark.parametrize("form", FORMATS)
def test_undecodable_name(form: str) -> None:
    """A file name that is no UTF-8 reaches the output without breaking it."""
    text = write(form, Record("bad\udcff.jpg", None, 1, 1)).encode("utf-8", "backslashreplace").decode()
    assert "bad\\udcff.jpg" in text
    if form == "jsonl":
        assert lines(text)[0]["filename"] == "bad\udcff.jpg"


def test_names_cannot_command_the_terminal() -> None:
    rows = write("table", Record("a\n\x1b[2J\u202eb.jpg", None, 1, 1)).splitlines()
    assert len(rows) == 2
    assert rows[1].startswith(r"a\n\x1b[2J\u202eb.jpg")
