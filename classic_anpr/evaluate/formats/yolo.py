"""YOLO: beside each picture, or in ``labels`` where the pictures are in ``images``, a text file of ``class cx cy w
h`` in shares of the picture. YOLO has no text, so a file of the same name ending in ``.plate`` holds one line per
box."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from classic_anpr.evaluate.formats.base import Format, Sizes, beside, picture_size, pictures, written
from classic_anpr.evaluate.textfile import box_of, numbers, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

_PRECISION = 4  # digits of a pixel kept: shares and back must give what was drawn


def label_file(file: str) -> str:
    """
    >>> label_file("train/images/a.jpg"), label_file("b.png")
    ('train/labels/a.txt', 'b.txt')
    """
    parts = list(PurePosixPath(file).parts)
    if "images" in parts[:-1]:
        parts[len(parts) - 2 - parts[-2::-1].index("images")] = "labels"
    return beside("/".join(parts), ".txt")


def parse(places: str, texts: str | None, size: tuple[int, int], where: str) -> tuple[PlateLabel, ...]:
    """The plates of one picture of `size` pixels (width, height)."""
    lines = [(k, line.split()) for k, line in enumerate(places.splitlines(), 1) if line.strip()]
    names = [""] * len(lines) if texts is None else texts.splitlines()
    if len(names) != len(lines):
        raise DataSetError(f"{where}:1: {len(lines)} boxes, but {len(names)} lines in the .plate file")
    plates = []
    for (k, fields), name in zip(lines, names, strict=True):
        here = f"{where}:{k}"
        if len(fields) not in (5, 6):
            raise DataSetError(f"{here}: class cx cy w h are wanted, not {len(fields)} fields")
        cx, cy, w, h = numbers(fields[1:5], here, "box")
        if not all(0 <= v <= 1 for v in (cx, cy, w, h)):
            raise DataSetError(f"{here}: shares of the picture are wanted, between 0 and 1")
        width, height = size
        box = ((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height)
        plates.append(PlateLabel(name.strip(), box=box_of([round(v, _PRECISION) for v in box], here), where=here))
    return tuple(plates)


def dump(plates: Sequence[PlateLabel], size: tuple[int, int]) -> tuple[str, str]:
    """One picture's two files: places, texts."""
    width, height = size
    lines = []
    for label in plates:
        assert label.box is not None
        x, y, w, h = label.box
        lines.append(f"0 {(x + w / 2) / width:.12g} {(y + h / 2) / height:.12g} {w / width:.12g} {h / height:.12g}\n")
    return "".join(lines), "".join(label.text + "\n" for label in plates)


def read(folder: Path) -> tuple[Photo, ...]:
    photos = []
    for file in pictures(folder):
        path = folder / label_file(file)
        if not path.is_file():
            photos.append(Photo(file, (), str(folder / file)))
            continue
        beside_it = path.with_suffix(".plate")
        texts = read_text(beside_it) if beside_it.is_file() else None
        plates = parse(read_text(path), texts, picture_size(folder / file), str(path))
        photos.append(Photo(file, plates, str(path)))
    return tuple(photos)


def recognise(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    for file in pictures(folder)[:20]:
        path = folder / label_file(file)
        if path.is_file() and (fields := path.read_bytes()[:200].split(b"\n")[0].split()):
            return len(fields) in (5, 6) and fields[0].isdigit()
    return False


def write(photos: Sequence[Photo], folder: Path, sizes: Sizes) -> None:
    for photo in photos:
        places, texts = dump(photo.plates, sizes(photo.file))
        written(folder, label_file(photo.file), places)
        written(folder, beside(label_file(photo.file), ".plate"), texts)


FORMAT = Format(
    "YOLO with a text file beside it",
    frozenset({"box", "several", "negatives", "unreadable", "textless"}),
    recognise,
    read,
    write,
)
