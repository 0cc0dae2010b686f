"""Characters of plate fonts as pictures at one high resolution, ready to be set side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CAP = 64
"""Cap height of every glyph picture in px."""
PAD = 16
"""Rows above the cap line and below the base line in every glyph picture (room for tails of Q and J)."""
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FONTS = Path(__file__).parent / "fonts"
"""The project's own plate fonts."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class GlyphFont:
    """The 36 characters of one font: `glyphs[c]` is uint8 (CAP + 2 * PAD, width), ink 255, cut tightly in x."""

    name: str
    glyphs: dict[str, Pixels]
    bearings: dict[str, tuple[int, int]]
    own: bool
    """True for a font of this repository, that is one drawn for plates."""


@lru_cache(maxsize=512)
def load_font(path: Path) -> GlyphFont:
    """Rasterise the characters of a font file so that H is exactly `CAP` px high.

    Raises
    ------
    ValueError
        If the font lacks a character.
    """
    from PIL import Image, ImageDraw, ImageFont

    probe = ImageFont.truetype(str(path), 256)
    _, top, _, bottom = probe.getbbox("H", anchor="ls")
    font = ImageFont.truetype(str(path), 256 * CAP / (bottom - top))
    glyphs: dict[str, Pixels] = {}
    bearings: dict[str, tuple[int, int]] = {}
    for character in CHARACTERS:
        picture = Image.new("L", (4 * CAP, CAP + 2 * PAD))
        ImageDraw.Draw(picture).text((CAP, PAD + CAP), character, fill=255, font=font, anchor="ls")
        pixels = np.asarray(picture)
        columns = np.flatnonzero(pixels.max(axis=0) > 64)
        if not len(columns):
            raise ValueError(f"{path}: no glyph for {character}")
        glyphs[character] = pixels[:, columns[0] : columns[-1] + 1].copy()
        advance = font.getlength(character)
        bearings[character] = (int(columns[0]) - CAP, round(advance) - (int(columns[-1]) + 1 - CAP))
    return GlyphFont(path.stem, glyphs, bearings, path.parent == FONTS)


def load_fonts(folders: Iterable[Path]) -> list[GlyphFont]:
    """All fonts (``.ttf``, ``.otf``) of some folders, in the order of their names."""
    files: Sequence[Path] = sorted(
        p for f in folders if f.is_dir() for p in f.iterdir() if p.suffix in (".ttf", ".otf")
    )
    return [load_font(path) for path in files]
