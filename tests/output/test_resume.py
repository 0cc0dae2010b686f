"""Going on with a file that was cut off anywhere: no image twice, none missing, no half record."""

from __future__ import annotations

import csv
import fcntl
import io
import json
from pathlib import Path
from typing import Any

import pytest

from classic_anpr.errors import UsageError
from classic_anpr.output import resume
from classic_anpr.output.csvfile import HEADER
from classic_anpr.output.sink import Sink
from classic_anpr.results import Record


@pytest.fixture
def records(record: Record, make: Any) -> list[Record]:
    """Images with none, one and two plates, and every kind of awkward name."""
    two = (make(), make(text="Z9"))
    return [
        record,
        Record("empty.jpg", "cd" * 32, 10, 20),
        Record('a,"b"\nc\r.jpg', "ef" * 32, 10, 20, two),
        Record("bad\udcff.jpg", None, 0, 0, error="bad\udcff.jpg: empty file\nor so"),
        Record("two.jpg", "01" * 32, 10, 20, two),
    ]


def run(path: Path, form: str, records: list[Record]) -> list[str]:
    """As ``read --resume`` does; gives the names that it read."""
    with Sink(form, 5, path, go_on=True) as sink:
        todo = [record for record in records if not sink.has(record.filename)]
        for record in todo:
            sink.write(record)
    return [record.filename for record in todo]


@pytest.mark.parametrize("form", resume.FORMATS)
def test_cut_off_anywhere(tmp_path: Path, form: str, records: list[Record]) -> None:
    path = tmp_path / "out"
    assert len(run(path, form, records)) == len(records)
    whole = path.read_bytes()
    assert run(path, form, records) == []
    assert path.read_bytes() == whole
    counts = set()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    sizes = {end + around for end in ends for around in (-2, -1, 0, 1, 2)} | set(range(0, len(whole), 41))
    for size in sorted(size for size in sizes if size < len(whole)):
        path.write_bytes(whole[:size])
        counts.add(len(run(path, form, records)))
        assert path.read_bytes() == whole, size
    assert counts == set(range(1, len(records) + 1))


@pytest.mark.parametrize("form", resume.FORMATS)
def test_zeros_after_a_power_cut(tmp_path: Path, form: str, records: list[Record]) -> None:
    path = tmp_path / "out"
    run(path, form, records)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30] + bytes(30))
    assert run(path, form, records) == ["two.jpg"]
    assert path.read_bytes() == whole
    path.write_bytes(bytes(100))
    run(path, form, records)
    assert path.read_bytes() == whole


def test_what_was_written_can_be_read(tmp_path: Path, records: list[Record]) -> None:
    for form in resume.FORMATS:
        run(tmp_path / form, form, records[:2])
        run(tmp_path / form, form, records)
    lines = (tmp_path / "jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["filename"] for line in lines] == [r.filename for r in records]
    text = (tmp_path / "csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["plates"] for row in rows] == ["1", "0", "2", "2", "0", "2", "2"]


@pytest.mark.parametrize("form", resume.FORMATS)
@pytest.mark.parametrize(
    "content",
    [
        b"My shopping list\n",
        b"My shopping list",
        b"milk\neggs\n",
        b'{"a": 1}\n{"b": 2}\n',
        b"\xff\xfe\n\n\xff",
        b"filename,text\na.jpg,A1\n",
        b"1\n",
        b'{"schema": 1}\n' + 40 * b" " + b"\n",
    ],
)
def test_a_file_of_another_kind_is_left_as_it_is(tmp_path: Path, form: str, content: bytes) -> None:
    path = tmp_path / "out"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"out: .* is no {form} record of this program"):
        run(path, form, [])
    assert path.read_bytes() == content


def test_damage_in_the_middle_is_not_cut_off(tmp_path: Path, records: list[Record]) -> None:
    for form in resume.FORMATS:
        path = tmp_path / form
        run(path, form, records)
        whole = path.read_bytes()
        middle = whole.index(b"empty.jpg")
        damaged = whole[: middle - 20] + bytes(40) + whole[middle + 20 :]
        path.write_bytes(damaged)
        with pytest.raises(UsageError):
            run(path, form, records)
        assert path.read_bytes() == damaged


def test_other_formats_and_other_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only a file of the formats jsonl and csv"):
        run(tmp_path / "out", "json", [])
    with pytest.raises(UsageError, match="only a file"):
        run(tmp_path, "csv", [])
    with (tmp_path / "out").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another run is writing"):
            run(tmp_path / "out", "csv", [])


def test_without_resume_the_file_is_begun_anew(tmp_path: Path, record: Record) -> None:
    for _ in range(2):
        with Sink("csv", 5, tmp_path / "out") as sink:
            assert not sink.has(record.filename)
            sink.write(record)
    assert (tmp_path / "out").read_text().splitlines()[0] == ",".join(HEADER)
    assert len((tmp_path / "out").read_text().splitlines()) == 2
