"""UFPR-ALPR (Laroca et al., IJCNN 2018): training/validation/testing/trackNNNN/trackNNNN[nn].png with a text file
each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from classic_anpr.evaluate.formats import keyed
from classic_anpr.evaluate.formats.base import Format, Sizes, beside, written
from classic_anpr.evaluate.types import Photo


def write(photos: Sequence[Photo], folder: Path, sizes: Sizes) -> None:
    for photo in photos:
        written(folder, beside(photo.file, ".txt"), keyed.dump(photo.plates, corners=True))


FORMAT = Format(
    "UFPR-ALPR",
    frozenset({"box", "corners", "several", "unreadable", "unplaced"}),
    lambda folder: keyed.head(folder).startswith("camera:"),
    lambda folder: keyed.read(folder, "BR"),
    write,
)
