"""Zemris (University of Zagreb): pictures P*.jpg in folders by date, published without texts; see `listed`."""

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
