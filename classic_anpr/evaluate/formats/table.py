"""A CSV with one row per plate under any of the usual headings, as many published sets and the Stanford Cars one have
it.

Picture: file, filename, fname, image, image_path, ...; place: x1, y1, x2, y2 or xmin ... or bbox_x1 ..., or x, y, w, h;
text: plate, text, plate_text, number, ...; country. The delimiter is a comma, a semicolon or a tab.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from classic_anpr.evaluate.formats.base import Sizes, grouped, one_file
from classic_anpr.evaluate.textfile import box_between, box_of, format_table, number, parse_table
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

_FILE = ("file", "filename", "file_name", "fname", "image", "image_path", "img", "img_path", "path", "relative_im_path")
_TEXT = (
    "plate",
    "text",
    "plate_text",
    "plate_number",
    "license_plate",
    "licence_plate",
    "number",
    "label",
    "registration",
)
_COUNTRY = ("country", "region", "plate_region")
_ENDS = (
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"),
    ("left", "top", "right", "bottom"),
)
_SIDES = (("x", "y", "w", "h"), ("x", "y", "width", "height"), ("left", "top", "width", "height"))


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The photographs of such a table."""
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = parse_table(text, where, (), delimiter)
    if not rows:
        return ()
    names = {key.lower(): key for key in rows[0][1]}
    file = _first(names, _FILE)
    if file is None:
        raise DataSetError(f"{where}:1: no column for the picture, such as {', '.join(_FILE[:4])}")
    plate, country = _first(names, _TEXT), _first(names, _COUNTRY)
    ends = next((e for e in _ENDS if all(k in names for k in e)), None)
    sides = next((s for s in _SIDES if all(k in names for k in s)), None)

    def row(line: int, fields: dict[str, str]) -> tuple[str, PlateLabel | None, str]:
        here = f"{where}:{line}"
        values = [fields[names[k]] for k in ends or sides or ()]
        name = fields[plate] if plate else ""
        if not fields[file]:
            raise DataSetError(f"{here}: an empty {file}")
        if not any(values) and not name:
            return fields[file], None, here
        box = None
        if any(values):
            box = box_between(values, here) if ends else box_of(values, here)
        return fields[file], PlateLabel(name, fields[country] if country else "", box, where=here), here

    return grouped(row(line, fields) for line, fields in rows)


def _first(names: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    return next((names[key] for key in wanted if key in names), None)


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A table with the headings filename, plate, country, xmin, ymin, xmax, ymax."""
    rows = []
    for photo in photos:
        for label in photo.plates or (PlateLabel(""),):
            ends = [""] * 4
            if label.box:
                x, y, w, h = label.box
                ends = [number(v) for v in (x, y, x + w, y + h)]
            rows.append([photo.file, label.text, label.country, *ends])
    return format_table(("filename", "plate", "country", "xmin", "ymin", "xmax", "ymax"), rows)


FORMAT = one_file(
    "CSV with a row per plate (Stanford Cars and the like)",
    frozenset({"box", "country", "several", "negatives", "unreadable", "textless", "unplaced"}),
    ("plates.csv", "*.csv"),
    lambda head: (
        bool(head.strip())
        and any(name.strip().lower() in _FILE for d in ",;\t" for name in head.splitlines()[0].split(d))
    ),
    parse,
    dump,
)
