"""This project's own labels.csv: ``file,text,country,x,y,w,h,source,published_text``, one row per plate.

``?`` is a plate that cannot be read; a row with neither text nor box is a picture without a plate. Eight more columns,
``x1`` to ``y4``, hold the corners where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from classic_anpr.evaluate.formats.base import EVERYTHING, Sizes, grouped, one_file
from classic_anpr.evaluate.textfile import box_of, corners_of, format_table, number, parse_table
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

_HEADER = ("file", "text", "country", "x", "y", "w", "h", "source", "published_text")
_CORNERS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The photographs of a labels.csv."""

    def row(line: int, fields: dict[str, str]) -> tuple[str, PlateLabel | None, str]:
        here = f"{where}:{line}"
        box = [fields[k] for k in ("x", "y", "w", "h")]
        if not fields["file"]:
            raise DataSetError(f"{here}: no file name")
        if any(box) and not fields["text"]:
            raise DataSetError(f"{here}: {fields['file']}: a box without a text; write ? where it cannot be read")
        if not fields["text"]:
            return fields["file"], None, here
        label = PlateLabel(
            fields["text"],
            country=fields.get("country", ""),
            box=box_of(box, here) if any(box) else None,
            published=fields.get("published_text", ""),
            source=fields.get("source", ""),
            where=here,
        )
        corners = [fields.get(k, "") for k in _CORNERS]
        if any(corners):
            label = replace(label, corners=corners_of(corners, here))
        return fields["file"], label, here

    rows = parse_table(text, where, ("file", "text", "x", "y", "w", "h"))
    photos = grouped(row(line, fields) for line, fields in rows)
    for photo in photos:
        texts = [fields["text"] for _, fields in rows if fields["file"] == photo.file] if not photo.plates else []
        if len(texts) > 1:
            raise DataSetError(f"{photo.where}: {photo.file}, without a plate, is there {len(texts)} times")
    return photos


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A labels.csv of photographs."""
    corners = any(label.corners for photo in photos for label in photo.plates)
    rows: list[list[str]] = []
    for photo in photos:
        for label in photo.plates or (PlateLabel(""),):
            box = [number(v) for v in label.box] if label.box else [""] * 4
            row = [photo.file, label.text, label.country, *box, label.source, label.published]
            if corners:
                row += [number(v) for p in label.corners for v in p] if label.corners else [""] * 8
            rows.append(row)
    return format_table(_HEADER + (_CORNERS if corners else ()), rows)


FORMAT = one_file(
    "classic-anpr's labels.csv",
    EVERYTHING - {"textless"},
    ("labels.csv",),
    lambda head: head.startswith(("file,text,", "\ufefffile,text,")),
    parse,
    dump,
)
