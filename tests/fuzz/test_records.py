"""Whatever stands in a record, what is written is valid, and an output file that was damaged is never a crash."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classic_anpr.errors import UsageError
from classic_anpr.output import FORMATS, make_writer, resume
from classic_anpr.results import Character, PlateReading, Record, TextCandidate
from tests.fuzz.mutations import fuzz, mutated

# Names of files may hold every character but NUL, and lone surrogates for bytes that are no UTF-8.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("\udc80\udcff\n\r\t\"',|\u2028"))
SHARE = st.floats(0, 1)
QUAD = st.lists(st.floats(-1e6, 1e6, width=32), min_size=8, max_size=8).map(lambda c: np.float32(c).reshape(4, 2))
PLATE = st.builds(
    PlateReading,
    *(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple)),
    *(st.none() | TEXT, st.none() | TEXT, st.none() | TEXT, st.none() | TEXT),
    *(SHARE, SHARE, QUAD),
    st.lists(st.builds(Character, TEXT, SHARE, QUAD), max_size=2).map(tuple),
    st.lists(st.builds(TextCandidate, TEXT, SHARE, st.none() | TEXT), max_size=2).map(tuple),
)
RECORD = st.builds(
    Record,
    *(TEXT, st.none() | TEXT, st.integers(0, 99999), st.integers(0, 99999)),
    st.lists(PLATE, max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["load", "ocr"]), st.floats(0, 1e9)),
    st.lists(TEXT, max_size=2).map(tuple),
    st.none() | TEXT,
)


def written(form: str, records: list[Record]) -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "utf-8", errors="backslashreplace", newline="")  # as in output.sink
    writer = make_writer(form, stream)
    writer.begin()
    for record in records:
        writer.write(record)
    writer.close()
    stream.flush()
    return raw.getvalue()


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@pytest.mark.parametrize("form", FORMATS)
def test_any_record_is_written(form: str) -> None:
    @fuzz
    @given(st.lists(RECORD, max_size=3))
    def search(records: list[Record]) -> None:
        data = written(form, records)
        if form == "csv":
            rows = list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))
            assert [row["filename"] for row in rows] == [
                resume.printed(record.filename) for record in records for _ in record.plates or [None]
            ]
        elif form == "json":
            assert len(json.loads(data, parse_constant=refuse)) == len(records)
        elif form != "table":
            lines = data.split(b"\n")
            assert lines.pop() == b""
            names = [json.loads(line, parse_constant=refuse)["filename"] for line in lines]
            assert names == [record.filename for record in records]

    search()


@pytest.mark.parametrize("form", resume.FORMATS)
def test_damaged_output(tmp_path: Path, form: str) -> None:
    path = tmp_path / "out"
    plate = PlateReading("A1", "A1", "A 1", ("A1",), None, None, None, None, 0.5, 0.5, np.zeros((4, 2), np.float32))
    seed = written(
        form, [Record("a.jpg", None, 1, 1), Record("b\n.jpg", "00", 9, 9, (plate, plate)), Record("c", None, 0, 0)]
    )

    @fuzz
    @given(mutated([seed], text=True))
    def search(data: bytes) -> None:
        path.write_bytes(data)
        try:
            done, end = resume.progress_of(path, form)
        except UsageError as error:
            assert str(path) in str(error)  # noqa: PT017
        else:
            assert 0 <= end <= len(data)
            path.write_bytes(data[:end])  # What is kept is whole.
            assert resume.progress_of(path, form) == (done, end)

    search()
