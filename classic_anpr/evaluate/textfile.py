"""Reading and writing the text files of data sets: encodings, and errors that name file and line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from classic_anpr.evaluate.types import Box, Corners, DataSetError


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 with or without its mark, or UTF-16 with one.

    Raises
    ------
    DataSetError
        If the file cannot be opened, or is in another encoding; names the line with the first wrong byte.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataSetError(f"{path}: {error.strerror or error}") from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start] if error.start < len(data) else 0
        raise DataSetError(
            f"{path}:{line}: not {encoding.removesuffix('-sig').upper()} text (byte 0x{byte:02x})"
        ) from None


def read_json(path: Path) -> Any:
    """The contents of a JSON file."""
    return parse_json(read_text(path), str(path))


def parse_json(text: str, where: str, first_line: int = 1) -> Any:
    """A JSON document; `where` and `first_line` are for messages."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataSetError(f"{where}:{error.lineno + first_line - 1}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:  # A number of thousands of digits, or lists within lists.
        raise DataSetError(f"{where}: JSON that is too deep or too long: {error}") from None


def parse_table(text: str, where: str, needed: Iterable[str], delimiter: str = ",") -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with a header, each with its line number.

    Raises
    ------
    DataSetError
        If there is no header, a needed column is missing, or a row has more or fewer fields than the header.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in needed if name not in header]
        if missing:
            raise DataSetError(f"{where}:1: no column {', '.join(missing)} in the header {','.join(header)!r}")
        rows = []
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(header):
                raise DataSetError(
                    f"{where}:{reader.line_num}: {len(fields)} fields where the header has {len(header)}"
                )
            rows.append((reader.line_num, {k: v.strip() for k, v in zip(header, fields, strict=True)}))
    except csv.Error as error:
        raise DataSetError(f"{where}:{reader.line_num}: {error}") from None
    return rows


def format_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A comma-separated table as text."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def parse_xml(text: str, where: str) -> ElementTree.Element:
    """The root of an XML document. A document type is refused: it could make a small file enormous."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DataSetError(f"{where}: an XML document type is not admitted")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise DataSetError(f"{where}:{error.position[0]}: not XML: {error}") from None


def numbers(values: Sequence[object], where: str, what: str, count: int | None = None) -> tuple[float, ...]:
    """Finite numbers from strings or numbers.

    Raises
    ------
    DataSetError
        If one is none, or there are not `count` of them.
    """
    try:
        result = tuple(float(v) for v in values)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DataSetError(f"{where}: {what}: numbers are wanted, not {_shown(values)}") from None
    if any(v != v or v in (float("inf"), float("-inf")) for v in result):
        raise DataSetError(f"{where}: {what}: finite numbers are wanted, not {_shown(values)}")
    if count is not None and len(result) != count:
        raise DataSetError(f"{where}: {what}: {count} numbers are wanted, not {len(result)}")
    return result


def box_of(values: Sequence[object], where: str) -> Box:
    """x, y, width, height.

    Raises
    ------
    DataSetError
        If they are no numbers, or the box has no area.
    """
    x, y, w, h = numbers(values, where, "box", 4)
    if w <= 0 or h <= 0:
        raise DataSetError(f"{where}: box {number(w)} x {number(h)} has no area")
    return x, y, w, h


def box_between(values: Sequence[object], where: str) -> Box:
    """The box between two opposite corners x1, y1, x2, y2."""
    x1, y1, x2, y2 = numbers(values, where, "box", 4)
    return box_of((min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)), where)


def corners_of(values: Sequence[object], where: str) -> Corners:
    """Four corners from eight numbers x, y, x, y ..."""
    v = numbers(values, where, "corners", 8)
    return tuple(zip(v[::2], v[1::2], strict=True))


def number(value: float) -> str:
    """A number as short as it can be written without loss.

    >>> number(12.0), number(0.1)
    ('12', '0.1')
    """
    return str(int(value)) if value == int(value) else repr(float(value))


def entry(document: Mapping[str, Any], key: str, where: str) -> Any:
    """``document[key]``, or an error that names the key."""
    if not isinstance(document, Mapping) or key not in document:
        raise DataSetError(f"{where}: no {key!r}")
    return document[key]


def _shown(values: Sequence[object]) -> str:
    text = " ".join(str(v) for v in values)
    return repr(text if len(text) <= 60 else text[:57] + "...")
