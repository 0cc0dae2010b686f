"""fast-plate-ocr's CSV: ``image_path,plate_text``, each picture a cut-out plate."""

from __future__ import annotations

from collections.abc import Sequence

from classic_anpr.evaluate.formats.base import Sizes, grouped, one_file
from classic_anpr.evaluate.textfile import format_table, parse_table
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

_HEADER = ("image_path", "plate_text")


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The crops of a table; more columns than the two (as ``plate_region``) are passed over."""

    def row(line: int, fields: dict[str, str]) -> tuple[str, PlateLabel, str]:
        here = f"{where}:{line}"
        if not fields["image_path"] or not fields["plate_text"]:
            raise DataSetError(f"{here}: an empty image_path or plate_text")
        if fields["image_path"] in seen:
            raise DataSetError(
                f"{here}: {fields['image_path']} is there twice, first at line {seen[fields['image_path']]}"
            )
        seen[fields["image_path"]] = line
        return fields["image_path"], PlateLabel(fields["plate_text"], where=here), here

    seen: dict[str, int] = {}
    return grouped(row(line, fields) for line, fields in parse_table(text, where, _HEADER))


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A table of crops."""
    return format_table(_HEADER, [(photo.file, photo.plates[0].text) for photo in photos])


FORMAT = one_file(
    "fast-plate-ocr CSV",
    frozenset({"unreadable", "unplaced"}),
    ("annotations.csv", "*.csv"),
    lambda head: set(_HEADER) <= {h.strip() for h in head.splitlines()[0].split(",")} if head.strip() else False,
    parse,
    dump,
)
