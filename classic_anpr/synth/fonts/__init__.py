"""Plate fonts drawn by this project from published sizes; `build` makes the files, the table is in `faces`."""

from __future__ import annotations

from pathlib import Path

from classic_anpr.synth.fonts.faces import FONTS, UNITS_PER_MM, FontInfo

__all__ = ["FONTS", "UNITS_PER_MM", "FontInfo", "font_path"]


def font_path(name: str) -> Path:
    """Return the font file of a face.

    Raises
    ------
    KeyError
        If there is no face of that name.
    """
    return Path(__file__).with_name(FONTS[name].file)
