"""Whole plates, drawn to scale: ground, border, blue band, bolts, one or two lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.errors import UsageError
from classic_anpr.synth.glyphs import CAP, FONTS, PAD, GlyphFont, load_fonts
from classic_anpr.synth.texts import PlateStyle, arrange, fill, style_of

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

WHITE: Colour = (245, 245, 245)
BLACK: Colour = (25, 25, 25)
YELLOW: Colour = (40, 200, 250)
BLUE: Colour = (150, 60, 10)
RED: Colour = (40, 40, 190)
GREY: Colour = (190, 190, 185)

_PX_PER_MM = 1.0


@dataclass(frozen=True)
class PlateLook:
    """Size and colours of a plate.

    Attributes
    ----------
    size : tuple of float
        Width and height in mm.
    cap : float
        Height of the characters in mm.
    ground, ink : tuple of int
        BGR.
    band : str
        Letters on a blue band at the left end; empty for none.
    gap, group : float
        Space between glyphs and additional space between groups in mm.
    """

    size: tuple[float, float] = (520.0, 112.0)
    cap: float = 75.0
    ground: Colour = WHITE
    ink: Colour = BLACK
    band: str = ""
    gap: float = 10.0
    group: float = 28.0


LOOKS: dict[str, tuple[PlateLook, ...]] = {
    "ru": (PlateLook((520, 112), 76),),
    "by": (PlateLook((520, 112), 76),),
    "ua": (PlateLook((520, 112), 70, band="UA"),),
    "de": (PlateLook((520, 110), 75, band="D"), PlateLook((340, 200), 75, band="D")),
    "gb": (PlateLook((520, 111), 79, gap=11, group=22), PlateLook((520, 111), 79, YELLOW, gap=11, group=22)),
    "fr": (PlateLook((520, 110), 75, band="F"),),
    "it": (PlateLook((520, 110), 75, band="I"),),
    "es": (PlateLook((520, 110), 77, band="E", gap=12),),
    "pl": (PlateLook((520, 114), 80, band="PL", gap=8),),
    "nl": (PlateLook((520, 110), 77, YELLOW, band="NL"),),
    "sg": (PlateLook((520, 110), 70), PlateLook((520, 110), 70, BLACK, WHITE), PlateLook((280, 170), 62, BLACK, WHITE)),
    "my": (PlateLook((480, 110), 70, BLACK, WHITE),),
    "id": (PlateLook((430, 135), 70, BLACK, WHITE), PlateLook((430, 135), 70)),
    "vn": (PlateLook((330, 165), 62), PlateLook((470, 110), 80, BLUE, WHITE)),
    "ph": (PlateLook((390, 140), 70),),
    "il": (PlateLook((520, 110), 70, YELLOW, band="IL"),),
    "br": (PlateLook((400, 130), 63, GREY, gap=8, group=20),),
    "us": (
        PlateLook((305, 152), 70, gap=5, group=16),
        PlateLook((305, 152), 70, (225, 205, 180), (120, 40, 20), gap=5, group=16),
    ),
    "in": (PlateLook((500, 120), 65, gap=8, group=18),),
}
"""Looks per country; others are drawn as a European plate."""

_EUROPEAN = (PlateLook((520, 110), 75, band="EU"),)


@dataclass(frozen=True)
class DrawnPlate:
    """A plate and its label.

    Attributes
    ----------
    pixels : uint8 array (H, W, 3)
        BGR, 1 px per mm times the asked scale.
    text : str
        The characters in reading order, without separators.
    country : str
    boxes : int32 array (N, 4)
        x, y, width, height of each glyph in `pixels`.
    """

    pixels: Pixels
    text: str
    country: str
    boxes: NDArray[np.int32]


@lru_cache(maxsize=1)
def own_fonts() -> tuple[GlyphFont, ...]:
    """The plate fonts of this repository."""
    return tuple(load_fonts([FONTS]))


def font_for(style: PlateStyle, rng: np.random.Generator) -> GlyphFont:
    """A font that the style names, else a common plate font."""
    fonts = own_fonts()
    for wanted in (style.fonts, ("din", "fe")):
        named = [font for font in fonts if wanted and font.name.startswith(wanted)]
        if named:
            return named[int(rng.integers(len(named)))]
    return fonts[0]


def _lay_out(
    lines: Sequence[str], font: GlyphFont, look: PlateLook, width: float
) -> list[list[tuple[str, float, float, float]]]:
    """Per line the glyphs as (mark, x, width, size factor) in mm from the line's left end, squeezed into `width`."""
    unit = look.cap / CAP
    rows = []
    for line in lines:
        x, row, factor = 0.0, [], 1.0
        for mark in line:
            if mark == "s":
                factor = 0.76
            elif mark in " -.:":
                if mark != " ":
                    row.append((mark, x - look.gap + (look.group + look.gap) / 2, 8.0, factor))
                x += look.group
            else:
                wide = font.glyphs[mark].shape[1] * unit * factor
                row.append((mark, x, wide, factor))
                x += wide + look.gap
        squeeze = min(1.0, width / max(x - look.gap, 1.0))
        rows.append([(m, a * squeeze, w * squeeze, f) for m, a, w, f in row])
    return rows


def draw_plate(
    rng: np.random.Generator, country: str, text: str | None = None, scale: float = 1.0, look: PlateLook | None = None
) -> DrawnPlate:
    """A clean plate of a country.

    Parameters
    ----------
    rng : numpy.random.Generator
    country : str
        Two letters.
    text : str, optional
        With spaces or hyphens between groups and ``/`` between lines; random if left out.
    scale : float
        Pixels per mm.
    look : PlateLook, optional
        Else one of the country's looks.

    Raises
    ------
    UsageError
        For an unknown country, or a text with characters other than 0-9, A-Z, space, ``- . : /``.
    """
    style = style_of(country)
    looks = LOOKS.get(style.country, _EUROPEAN)
    if text is None:
        full = [t for t in style.lines if sum(m not in " -.:s" for m in t) >= 5] or list(style.lines)
        printed = fill(rng, full[int(rng.integers(len(full)))], style.letters or "ABC")
    else:
        printed = arrange(text.upper(), style)
    if look is None:
        look = looks[int(rng.integers(len(looks)))]
    lines = printed.split("/")
    two = look.size[0] < 2.2 * look.size[1] and style.country not in ("us",)
    if two and len(lines) == 1:
        marks = [k for k, mark in enumerate(printed) if mark in " -"]
        at = min(marks, key=lambda k: abs(k - len(printed) / 2)) if marks else len(printed) // 2
        lines = [printed[:at], printed[at:].strip(" -")]
    bad = [c for line in lines for c in line if c not in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -.:s"]
    if bad:
        raise UsageError(f"cannot draw {bad[0]!r}: a plate's text is made of 0-9, A-Z, space, '-', '.', ':' and '/'")
    font = font_for(style, rng)
    width, height = look.size
    left = 50.0 if look.band else 18.0
    cap = min(look.cap, (height - 24 - 12 * (len(lines) - 1)) / len(lines))
    look = PlateLook(look.size, cap, look.ground, look.ink, look.band, look.gap, look.group)
    rows = _lay_out(lines, font, look, width - left - 18)
    px = _PX_PER_MM * scale
    over = 2.0 * px  # drawn twice as large and reduced, for smooth edges
    picture = np.full((round(height * over), round(width * over), 3), look.ground, np.uint8)
    cv2.rectangle(
        picture,
        (round(4 * over), round(4 * over)),
        (round((width - 4) * over), round((height - 4) * over)),
        look.ink,
        max(1, round(3 * over)),
    )
    if look.band:
        cv2.rectangle(
            picture, (round(4 * over), round(4 * over)), (round(44 * over), round((height - 4) * over)), BLUE, -1
        )
        _paste(picture, font, look.band, 8, height * 0.62, height * 0.2, WHITE, over, 32)
    boxes = []
    top = (height - len(lines) * cap - (len(lines) - 1) * 14) / 2
    for k, row in enumerate(rows):
        end = row[-1][1] + row[-1][2] if row else 0.0
        x0 = left + (width - left - 18 - end) / 2
        y0 = top + k * (cap + 14)
        for mark, x, wide, factor in row:
            if mark in "-.:":
                cv2.rectangle(
                    picture,
                    (round((x0 + x - 4) * over), round((y0 + cap * 0.46) * over)),
                    (round((x0 + x + 4) * over), round((y0 + cap * 0.56) * over)),
                    look.ink,
                    -1,
                )
                continue
            small = style.country == "ru" and (mark.isalpha() or factor != 1.0)
            size = cap * (0.76 if small else factor)
            raised = 0.0 if factor != 1.0 else cap - size
            boxes.append(_stamp(picture, font.glyphs[mark], x0 + x, y0 + raised, wide, size, look.ink, over))
    for x in (0.12, 0.88):
        if rng.random() < 0.4:
            y = rng.choice([0.12, 0.5, 0.88])
            cv2.circle(
                picture,
                (round(width * x * over), round(height * float(y) * over)),
                round(5 * over),
                (150, 150, 150),
                -1,
            )
    pixels = cv2.resize(picture, (round(width * px), round(height * px)), interpolation=cv2.INTER_AREA)
    plain = "".join(c for line in lines for c in line if c not in " -.:s")
    return DrawnPlate(
        np.asarray(pixels), plain, style.country, (np.array(boxes).reshape(-1, 4) / 2).round().astype(np.int32)
    )


def _stamp(
    picture: Pixels, glyph: Pixels, x: float, y: float, wide: float, size: float, ink: Colour, over: float
) -> tuple[int, int, int, int]:
    """Put one glyph with its cap line at `y` (mm); returns its box in px of `picture`."""
    rows, columns = round(size * over * glyph.shape[0] / CAP), max(1, round(wide * over))
    alpha = cv2.resize(glyph, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    y0, x0 = round(y * over - PAD * rows / glyph.shape[0]), round(x * over)
    a, b = max(0, y0), min(picture.shape[0], y0 + rows)
    c, d = max(0, x0), min(picture.shape[1], x0 + columns)
    alpha = alpha[a - y0 : b - y0, c - x0 : d - x0]
    target = picture[a:b, c:d]
    target[:] = (target * (1 - alpha) + np.array(ink, np.float32) * alpha).astype(np.uint8)
    return c, round(y * over), d - c, round(size * over)


def _paste(
    picture: Pixels, font: GlyphFont, text: str, x: float, y: float, size: float, ink: Colour, over: float, room: float
) -> None:
    """A short text of cap height `size` (mm), centred in `room` mm from `x`."""
    widths = [font.glyphs[c].shape[1] * size / CAP for c in text]
    total = sum(widths) + 3 * (len(text) - 1)
    squeeze = min(1.0, room / total)
    at = x + (room - total * squeeze) / 2
    for character, wide in zip(text, widths, strict=True):
        _stamp(picture, font.glyphs[character], at, y, wide * squeeze, size, ink, over)
        at += (wide + 3) * squeeze
