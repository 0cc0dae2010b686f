"""``key: value`` files beside the pictures, as the Brazilian sets have them: UFPR-ALPR, RodoSol-ALPR, SSIG-SegPlate.

``plate`` (or ``text``) begins a plate; ``position_plate: x y w h`` or ``corners: x,y x,y x,y x,y`` places it. All other
keys (camera, vehicle, its make and year, the characters' boxes) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from classic_anpr.evaluate.formats.base import PICTURES, outlined
from classic_anpr.evaluate.textfile import box_of, corners_of, number, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel, corners_box

_PLATE = ("plate", "text")
_BOX = ("position_plate", "position")


def parse(text: str, where: str, country: str) -> tuple[PlateLabel, ...]:
    """The plates of one picture's file."""
    plates: list[tuple[str, str, PlateLabel | None]] = []
    for line, content in enumerate(text.splitlines(), 1):
        key, colon, value = content.strip().partition(":")
        key, value, here = key.strip().lower(), value.strip(), f"{where}:{line}"
        if key in _PLATE and colon:
            if not value:
                raise DataSetError(f"{here}: an empty plate")
            plates.append((value, here, None))
        elif key in (*_BOX, "corners") and plates:
            values = re.split(r"[\s,]+", value)
            name, first, _ = plates[-1]
            if key == "corners":
                corners = corners_of(values, here)
                label = outlined(corners, text=name, country=country, where=first)
            else:
                label = PlateLabel(name, country=country, box=box_of(values, here), where=first)
            plates[-1] = (name, first, label)
    if not plates:
        raise DataSetError(f"{where}:1: no 'plate:' in it")
    return tuple(label or PlateLabel(name, country=country, where=here) for name, here, label in plates)


def dump(plates: tuple[PlateLabel, ...], corners: bool) -> str:
    """One picture's file: the keys that this project knows."""
    lines = []
    for label in plates:
        lines.append(f"plate: {label.text}")
        if corners and label.corners:
            lines.append("corners: " + " ".join(f"{number(x)},{number(y)}" for x, y in label.corners))
        elif label.box:
            lines.append("position_plate: " + " ".join(number(v) for v in label.box))
    return "\n".join(lines) + "\n"


def read(folder: Path, country: str) -> tuple[Photo, ...]:
    """All pictures below a folder that have such a file beside them."""
    photos = []
    for text_file, picture in _pairs(folder):
        plates = parse(read_text(text_file), str(text_file), country)
        photos.append(Photo(picture.relative_to(folder).as_posix(), plates, str(text_file)))
    return tuple(photos)


def head(folder: Path) -> str:
    """The first such file of a folder, at most 4096 characters; empty where there is none."""
    first = next(_pairs(folder), None) if folder.is_dir() else None
    return "" if first is None else first[0].read_bytes()[:4096].decode("utf-8", "replace")


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    for path in sorted(folder.rglob("*.txt")):
        # with_suffix would stop at the dots that some names have.
        stem = path.name[: -len(".txt")]
        picture = next((p for s in sorted(PICTURES) if (p := path.with_name(stem + s)).is_file()), None)
        if picture is not None:
            yield path, picture


def quadrilateral(label: PlateLabel) -> bool:
    """Whether the corners say more than the box."""
    return label.corners is not None and corners_box(label.corners) == label.box
