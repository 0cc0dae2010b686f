"""How far an earlier run has come, by the file that it wrote, wherever it was cut off.

An image is done when all that was to be written of it is there: in JSON lines one whole line, in CSV as many whole rows
as the column ``plates`` says, or one. What comes after the last image that is done is a torn end, and is cut off.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from classic_anpr.errors import UsageError
from classic_anpr.output.csvfile import HEADER

FORMATS = ("jsonl", "csv")
"""The formats that a run can go on with."""

_JSON_BEGINS = b'{"schema": '
_NAME, _PLATES = HEADER.index("filename"), HEADER.index("plates")
_CSV_BEGINS = ",".join(HEADER).encode() + b"\n"


def printed(name: str) -> str:
    """A file name as it stands in a file of records, where bytes that are no UTF-8 are written as ``\\udcXX``."""
    return name.encode("utf-8", "backslashreplace").decode()


def progress_of(path: Path, form: str) -> tuple[set[str], int]:
    """The images that are done, by their `printed` names, and the number of bytes that their records take.

    Parameters
    ----------
    path : Path
        What an earlier run wrote; may be empty.
    form : str
        One of `FORMATS`.

    Raises
    ------
    UsageError
        If the file is something else, which cutting would destroy.
    """
    done: set[str] = set()
    end = 0
    with path.open("rb") as file:
        try:
            for name, end in _json_records(file) if form == "jsonl" else _csv_records(file):  # noqa: B007 - used below
                if name is not None:
                    done.add(printed(name))
        except (ValueError, KeyError, TypeError, RecursionError, csv.Error):
            if file.read(1) or not _begins_well(file, end, form):
                raise UsageError(
                    f"{path}: what stands there after {end} bytes is no {form} record of this program, so the file was "
                    "left as it is: was it written with another --format, or by another program?"
                ) from None
    return done, end


def _json_records(file: BinaryIO) -> Iterator[tuple[str | None, int]]:
    """Name and end, in bytes, of each record.

    Raises ValueError, KeyError or TypeError at the first that is not whole.
    """
    end = 0
    while line := file.readline():
        name = json.loads(line)["filename"]
        if not line.endswith(b"\n"):
            raise ValueError
        end += len(line)
        yield name, end


def _csv_records(file: BinaryIO) -> Iterator[tuple[str | None, int]]:
    """Name and end, in bytes, of each image's rows; the header has no name.

    Raises ValueError or csv.Error at the first row that is not whole or belongs to no image.
    """
    end, line, head = 0, b"", True

    def lines() -> Iterator[str]:
        nonlocal end, line
        while line := file.readline():
            end += len(line)
            yield line.decode()

    name, missing = "", 0
    for row in csv.reader(lines(), strict=True):
        if len(row) != len(HEADER) or not line.endswith(b"\n") or (head and tuple(row) != HEADER):
            raise ValueError
        if head:
            head = False
            yield None, end
            continue
        if not missing:
            name, missing = row[_NAME], max(int(row[_PLATES]), 1)
        if row[_NAME] != name:
            raise ValueError
        missing -= 1
        if not missing:
            yield name, end


def _begins_well(file: BinaryIO, at: int, form: str) -> bool:
    """Whether the torn record at a position begins as one of ours; after a power cut it may end in zeros."""
    beginning = _JSON_BEGINS if form == "jsonl" else _CSV_BEGINS if at == 0 else b""
    file.seek(at)
    begun = file.read(len(beginning)).rstrip(b"\0")
    return beginning.startswith(begun)
