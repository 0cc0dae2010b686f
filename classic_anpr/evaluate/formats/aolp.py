"""AOLP (Hsu et al., IEEE TVT 2013): Subset_AC, _LE and _RP, each with Image, groundtruth_localization (two corners of
the plate, four numbers on a line each, some of them like 2.110000e+002) and groundtruth_recognition (its text, one
character on a line). So are they read by programs that others have published for the set.
"""

from __future__ import annotations

from pathlib import Path

from classic_anpr.evaluate.formats.base import Format, pictures
from classic_anpr.evaluate.textfile import box_between, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel


def parse(places: str, texts: str, where: str, text_where: str) -> PlateLabel:
    """The plate of one picture from its two files."""
    values, text = places.replace(",", " ").split(), "".join(texts.split())
    if len(values) != 4:
        raise DataSetError(f"{where}:1: four numbers, two corners of the plate, are wanted, not {len(values)}")
    if not text:
        raise DataSetError(f"{text_where}:1: empty: the plate's text is wanted")
    return PlateLabel(text, country="TW", box=box_between(values, f"{where}:1"), where=f"{text_where}:1")


def read(folder: Path) -> tuple[Photo, ...]:
    photos = []
    for images in _folders(folder):
        for name in pictures(images, below=False):
            stem = Path(name).stem + ".txt"
            place = images.parent / "groundtruth_localization" / stem
            text = images.parent / "groundtruth_recognition" / stem
            plate = parse(read_text(place), read_text(text), str(place), str(text))
            photos.append(Photo((images / name).relative_to(folder).as_posix(), (plate,), str(text)))
    return tuple(photos)


def _folders(folder: Path) -> list[Path]:
    return sorted(f.parent / "Image" for f in folder.rglob("groundtruth_localization") if (f.parent / "Image").is_dir())


FORMAT = Format(
    "AOLP",
    frozenset({"box", "country"}),
    lambda folder: folder.is_dir() and bool(_folders(folder)),
    read,
)
