"""RodoSol-ALPR (Laroca et al., VISAPP 2022): images/cars-br, cars-me, motorcycles-br and motorcycles-me with pictures
img_NNNNNN.jpg, and beside each a text file of ``type``, ``plate``, ``layout`` and ``corners: x,y x,y x,y x,y``, the
corners not always from the same one on. split.txt names the part of each picture and is passed over.
"""

from __future__ import annotations

from classic_anpr.evaluate.formats import keyed
from classic_anpr.evaluate.formats.base import Format

FORMAT = Format(
    "RodoSol-ALPR",
    frozenset({"box", "corners", "country"}),
    lambda folder: "\nlayout:" in "\n" + keyed.head(folder),
    lambda folder: keyed.read(folder, "BR"),
)
