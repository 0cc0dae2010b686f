"""Pictures published without their texts, and one list of the texts: for Caltech Cars and Zemris.

``plates.txt`` beside the pictures has a line for each plate, ``picture text`` or ``picture x y width height text``,
between blanks; # begins a remark. A picture that is not in the list is left out, not taken for a negative.
"""

from __future__ import annotations

from pathlib import Path

from classic_anpr.evaluate.formats.base import grouped
from classic_anpr.evaluate.textfile import box_of, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

LIST = "plates.txt"


def parse(text: str, where: str, country: str) -> tuple[Photo, ...]:
    """The photographs of a list."""

    def row(line: int, fields: list[str]) -> tuple[str, PlateLabel, str]:
        here = f"{where}:{line}"
        if len(fields) not in (2, 6):
            raise DataSetError(f"{here}: 'picture text' or 'picture x y width height text' is wanted")
        box = box_of(fields[1:5], here) if len(fields) == 6 else None
        return fields[0], PlateLabel(fields[-1], country=country, box=box, where=here), here

    lines = [(k, content.split("#")[0].split()) for k, content in enumerate(text.splitlines(), 1)]
    return grouped(row(k, fields) for k, fields in lines if fields)


def read(folder: Path, country: str) -> tuple[Photo, ...]:
    file = folder / LIST if folder.is_dir() else folder
    if not file.is_file():
        raise DataSetError(f"{file}: the set is published without the plates' texts: write them there, 'picture text'")
    return parse(read_text(file), str(file), country)
