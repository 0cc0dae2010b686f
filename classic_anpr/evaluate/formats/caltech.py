"""Caltech Cars (Rear) 1999, by M. Weber: 126 pictures image_0001.jpg ... of Californian cars (cars_markus.tar),
published without texts; see `listed`."""

from __future__ import annotations

from classic_anpr.evaluate.formats import listed
from classic_anpr.evaluate.formats.base import Format

FORMAT = Format(
    "Caltech Cars (rear) 1999, with a list of the texts",
    frozenset({"box", "country", "several", "unplaced"}),
    lambda folder: (folder / "image_0001.jpg").is_file() and (folder / listed.LIST).is_file(),
    lambda folder: listed.read(folder, "US"),
)
