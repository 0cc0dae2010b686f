"""AOLP (Hsu et al., IEEE TVT 2013): Subset_AC, _LE and _RP, each with Image, groundtruth_localization (two corners of
each plate, four numbers) and groundtruth_recognition (its text)."""

from __future__ import annotations

from pathlib import Path

from classic_anpr.evaluate.formats.base import Format, pictures
from classic_anpr.evaluate.textfile import box_between, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel


def parse(places: str, texts: str, where: str, text_where: str) -> tuple[PlateLabel, ...]:
    """The plates of one picture from its two files."""
    values, names = places.replace(",", " ").split(), texts.split()
    if len(values) % 4 or not values:
        raise DataSetError(f"{where}:1: four numbers for each plate are wanted, not {len(values)}")
    boxes = [box_between(values[k : k + 4], f"{where}:1") for k in range(0, len(values), 4)]
    if len(names) != len(boxes):
        raise DataSetError(f"{text_where}:1: {len(names)} texts for {len(boxes)} places")
    return tuple(
        PlateLabel(name, country="TW", box=box, where=f"{text_where}:{k}")
        for k, (name, box) in enumerate(zip(names, boxes, strict=True), 1)
    )


def read(folder: Path) -> tuple[Photo, ...]:
    photos = []
    for images in _folders(folder):
        for name in pictures(images, below=False):
            stem = Path(name).stem + ".txt"
            place = images.parent / "groundtruth_localization" / stem
            text = images.parent / "groundtruth_recognition" / stem
            plates = parse(read_text(place), read_text(text), str(place), str(text))
            photos.append(Photo((images / name).relative_to(folder).as_posix(), plates, str(text)))
    return tuple(photos)


def _folders(folder: Path) -> list[Path]:
    return sorted(f.parent / "Image" for f in folder.rglob("groundtruth_localization") if (f.parent / "Image").is_dir())


FORMAT = Format(
    "AOLP",
    frozenset({"box", "country", "several"}),
    lambda folder: folder.is_dir() and bool(_folders(folder)),
    read,
)
