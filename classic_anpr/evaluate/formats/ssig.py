"""SSIG-SegPlate (Gonçalves et al., J. Electron. Imaging 2016): training, validation and testing with folders Track6 of
pictures Track6[11].png and a text file beside each.

The set is given out on request and no copy was seen: that the files hold the keys of `keyed` is known from the readers
of the sets by the same laboratories (UFPR-ALPR), not from SSIG's own files.
"""

from __future__ import annotations

from classic_anpr.evaluate.formats import keyed
from classic_anpr.evaluate.formats.base import Format

FORMAT = Format(
    "SSIG-SegPlate",
    frozenset({"box", "country"}),
    lambda folder: keyed.head(folder).lstrip("\ufeff").startswith(("plate:", "text:")),
    lambda folder: keyed.read(folder, "BR"),
)
