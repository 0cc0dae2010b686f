"""RodoSol-ALPR (Laroca et al., VISAPP 2022): images/cars-br/img_NNNNNN.jpg with ``type``, ``plate``, ``layout``,
``corners``."""

from __future__ import annotations

from classic_anpr.evaluate.formats import keyed
from classic_anpr.evaluate.formats.base import Format

FORMAT = Format(
    "RodoSol-ALPR",
    frozenset({"box", "corners", "country"}),
    lambda folder: "\nlayout:" in "\n" + keyed.head(folder),
    lambda folder: keyed.read(folder, "BR"),
)
