"""UFPR-ALPR (Laroca et al., IJCNN 2018): training, validation and testing with folders trackNNNN of pictures
trackNNNN[nn].png and a text file beside each, which begins with ``camera:``.

The first release places the plate by ``position_plate: x y w h``, the present one by ``corners: x,y x,y x,y x,y``.
Vehicle-Rear and others from there have several vehicles in a file and begin with ``vehicles:``.
"""

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
    lambda folder: keyed.head(folder).lstrip("\ufeff").startswith(("camera:", "vehicles:", "position_vehicle:")),
    lambda folder: keyed.read(folder, "BR"),
    write,
)
