"""Pictures named after their plate: ``AB123CD.jpg``, ``AB-123-CD_2.jpg``, ``ab123cd (3).png``."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from classic_anpr.evaluate.formats.base import Format, pictures
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel, clean

_COUNTER = re.compile(r"(_.*|\s*\(\d+\))$")  # what tells several pictures of one plate apart


def text_of(file: str) -> str:
    """
    >>> text_of("x/AB-123-CD_2.jpg"), text_of("ab 123 (3).png")
    ('AB123CD', 'AB123')
    """
    return clean(_COUNTER.sub("", PurePath(file).stem))


def read(folder: Path) -> tuple[Photo, ...]:
    photos = []
    for file in pictures(folder):
        text, where = text_of(file), str(folder / file)
        if not text:
            raise DataSetError(f"{where}: no plate in the name")
        photos.append(Photo(file, (PlateLabel(text, where=where),), where))
    return tuple(photos)


FORMAT = Format("the file name is the plate", frozenset({"unplaced"}), lambda folder: False, read)
