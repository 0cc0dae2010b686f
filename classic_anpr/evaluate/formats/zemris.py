"""Zemris (University of Zagreb): some 500 pictures such as P6040001.jpg in folders by date such as 040603
(baza_slika.zip), published without texts; see `listed`."""

from __future__ import annotations

from classic_anpr.evaluate.formats import listed
from classic_anpr.evaluate.formats.base import Format

FORMAT = Format(
    "Zemris, with a list of the texts",
    frozenset({"box", "country", "several", "unplaced"}),
    lambda folder: (
        (folder / listed.LIST).is_file() and any(folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9]/*.[jJ][pP][gG]"))
    ),
    lambda folder: listed.read(folder, "HR"),
)
