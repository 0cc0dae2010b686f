"""SSIG-SegPlate (Gonçalves et al., J. Electron. Imaging 2016): TrackNN/TrackNN[nn].png; plate, its box, its
characters."""

from __future__ import annotations

from classic_anpr.evaluate.formats import keyed
from classic_anpr.evaluate.formats.base import Format

FORMAT = Format(
    "SSIG-SegPlate",
    frozenset({"box", "country"}),
    lambda folder: keyed.head(folder).lstrip("\ufeff").startswith(("plate:", "text:")),
    lambda folder: keyed.read(folder, "BR"),
)
