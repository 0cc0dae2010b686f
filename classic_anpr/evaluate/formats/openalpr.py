"""OpenALPR's end-to-end sets (openalpr/benchmarks, endtoend/eu, br, us): beside each picture a text file with one line,
``picture<tab>x<tab>y<tab>width<tab>height<tab>plate``.

Published errors are corrected by `evaluate.errata`, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from classic_anpr.evaluate.formats.base import Format, Sizes, beside, grouped, written
from classic_anpr.evaluate.textfile import box_of, number, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel


def parse(text: str, where: str) -> list[tuple[str, PlateLabel, str]]:
    """(picture, label, where) of each line of one file."""
    if not text.strip():
        raise DataSetError(f"{where}:1: empty: picture x y width height plate are wanted")
    rows = []
    for line, content in enumerate(text.splitlines(), 1):
        fields = [f for f in content.split("\t") if f] if "\t" in content else content.split()
        here = f"{where}:{line}"
        if not fields:
            continue
        if len(fields) != 6:
            raise DataSetError(f"{here}: six fields are wanted, picture x y width height plate, not {len(fields)}")
        rows.append((fields[0], PlateLabel(fields[5], box=box_of(fields[1:5], here), where=here), here))
    return rows


def dump(file: str, label: PlateLabel) -> str:
    """The one line of a picture's text file."""
    assert label.box is not None
    return "\t".join([file, *(number(v) for v in label.box), label.text]) + "\n"


def read(folder: Path) -> tuple[Photo, ...]:
    return grouped(row for file in sorted(folder.glob("*.txt")) for row in parse(read_text(file), str(file)))


def recognise(folder: Path) -> bool:
    # The first five: a note may lie among them.
    files = sorted(folder.glob("*.txt"))[:5] if folder.is_dir() else []
    return any(file.read_bytes()[:400].split(b"\n")[0].count(b"\t") == 5 for file in files)


def write(photos: Sequence[Photo], folder: Path, sizes: Sizes) -> None:
    for photo in photos:
        written(folder, beside(photo.file.replace("/", "_"), ".txt"), dump(photo.file, photo.plates[0]))


FORMAT = Format("OpenALPR end-to-end (eu, br, us)", frozenset({"box"}), recognise, read, write)
