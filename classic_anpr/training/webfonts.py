"""Web fonts made usable for drawing: ``python -m classic_anpr.training.webfonts PACKAGES FOLDER``.

PACKAGES is where packages of free fonts (such as @fontsource's, OFL) were installed: a folder with one folder per font
that holds ``files/NAME-latin-WEIGHT-normal.woff2``. The upright Latin files of weights 400 to 700 become ``.ttf``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

_NAME = re.compile(r"(.+)-latin-([4567]00)-normal")


def unpack(packages: Path, folder: Path) -> int:
    """Write the fonts of `packages` into `folder`; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted(packages.glob("*/files/*.woff2")):
        match = _NAME.fullmatch(path.stem)
        if match:
            font = TTFont(path)
            font.flavor = None
            font.save(folder / f"{match[1]}-{match[2]}.ttf")
            count += 1
    return count


if __name__ == "__main__":
    print(unpack(Path(sys.argv[1]), Path(sys.argv[2])), file=sys.stderr)
