"""Whole plates, drawn to scale from the country files: sheet, frame, band, seals, captions and the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Country
from classic_anpr.countries.model import Plate
from classic_anpr.synth import looks
from classic_anpr.synth.glyphs import CAP, PAD, GlyphFont
from classic_anpr.synth.looks import COLOURS, Colour
from classic_anpr.synth.texts import Inscription, Mark, as_given, random_inscription

Pixels = NDArray[np.uint8]

_BLUE, _WHITE = COLOURS["blue"], COLOURS["white"]
_SMALL = 58 / 76  # letters and region of Russian plates (GOST R 50577), of the digits' height
_NO_PLATE = Plate("", 520.0, 110.0)


@dataclass(frozen=True)
class DrawnPlate:
    """A plate and its label.

    Attributes
    ----------
    pixels : uint8 array (H, W, 3)
        BGR, 1 px per mm times the asked scale.
    text : str
        The plate's characters in the order of its country file, without separators.
    country : str
        Two letters.
    boxes : int32 array (N, 4)
        x, y, width, height of each character of `text` in `pixels`.
    rows : int32 array (N,)
        The text line that each stands in, 0 on top.
    bands : float32 array (L, 4)
        x0, cap line, x1, base line of each text line in px.
    light_on_dark : bool
    """

    pixels: Pixels
    text: str
    country: str
    boxes: NDArray[np.int32]
    rows: NDArray[np.int32]
    bands: NDArray[np.float32]
    light_on_dark: bool


@dataclass(frozen=True)
class _Glyph:
    """A character on its line, or a separator (index -1), in mm from the line's left end and cap line."""

    mark: Mark
    x: float
    width: float
    y: float
    size: float


@dataclass(frozen=True)
class _Room:
    """The part of the sheet that the text has: mm."""

    left: float
    top: float
    right: float
    bottom: float


class _Canvas:
    """A picture on which is drawn in mm."""

    def __init__(self, width: float, height: float, ground: Colour, scale: float) -> None:
        self.scale = scale
        self.pixels: Pixels = np.full((round(height * scale), round(width * scale), 3), ground, np.uint8)

    def _px(self, *lengths: float) -> tuple[int, ...]:
        return tuple(round(v * self.scale) for v in lengths)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, line: float = 0.0) -> None:
        (a, b, c, d), thick = self._px(x0, y0, x1, y1), max(1, round(line * self.scale))
        cv2.rectangle(self.pixels, (a, b), (c - 1, d - 1), colour, thick if line else -1)

    def disc(self, x: float, y: float, radius: float, colour: Colour, line: float = 0.0) -> None:
        centre, thick = self._px(x, y), max(1, round(line * self.scale))
        size = max(1, round(radius * self.scale))
        cv2.circle(self.pixels, (centre[0], centre[1]), size, colour, thick if line else -1, cv2.LINE_AA)

    def frame(self, inset: float, radius: float, width: float, height: float, line: float, colour: Colour) -> None:
        """A line along the edge of a sheet, with rounded corners."""
        x0, y0, x1, y1 = inset + radius, inset + radius, width - inset - radius, height - inset - radius
        turns = np.linspace(0, np.pi / 2, 5)
        points = [
            (cx + radius * np.cos(t + q * np.pi / 2), cy + radius * np.sin(t + q * np.pi / 2))
            for q, (cx, cy) in enumerate(((x1, y1), (x0, y1), (x0, y0), (x1, y0)))
            for t in turns
        ]
        corners = (np.array(points) * self.scale).round().astype(np.int32)
        cv2.polylines(self.pixels, [corners], True, colour, max(1, round(line * self.scale)), cv2.LINE_AA)

    def glyph(self, glyph: Pixels, x: float, y: float, wide: float, size: float, ink: Colour) -> tuple[int, ...]:
        """One glyph with its cap line at `y`; returns its box in px."""
        rows = max(1, round(size * self.scale * glyph.shape[0] / CAP))
        columns = max(1, round(wide * self.scale))
        alpha = cv2.resize(glyph, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        y0, x0 = round(y * self.scale - PAD * rows / glyph.shape[0]), round(x * self.scale)
        a, b = max(0, y0), min(self.pixels.shape[0], y0 + rows)
        c, d = max(0, x0), min(self.pixels.shape[1], x0 + columns)
        if a < b and c < d:
            alpha = alpha[a - y0 : b - y0, c - x0 : d - x0]
            target = self.pixels[a:b, c:d]
            target[:] = (target * (1 - alpha) + np.array(ink, np.float32) * alpha).astype(np.uint8)
        top = max(0, round(y * self.scale))
        return c, top, max(0, d - c), min(self.pixels.shape[0], round((y + size) * self.scale)) - top

    def words(self, font: GlyphFont, text: str, x: float, y: float, size: float, room: float, ink: Colour) -> None:
        """A short text of cap height `size`, centred in `room` from `x`."""
        gap = 0.12 * size
        widths = [font.glyphs[c].shape[1] * size / CAP if c != " " else 0.4 * size for c in text]
        total = sum(widths) + gap * (len(text) - 1)
        squeeze = min(1.0, room / max(total, 1e-6))
        at = x + (room - total * squeeze) / 2
        for character, wide in zip(text, widths, strict=True):
            if character != " ":
                self.glyph(font.glyphs[character], at, y, wide * squeeze, size, ink)
            at += (wide + gap) * squeeze


def draw_plate(
    rng: np.random.Generator,
    country: Country,
    text: str | Inscription | None = None,
    scale: float = 1.0,
    font: GlyphFont | None = None,
    smooth: float = 2.0,
) -> DrawnPlate:
    """A clean plate of a country.

    Parameters
    ----------
    rng : numpy.random.Generator
    country : Country
    text : str or Inscription, optional
        See `texts.as_given`; random if left out.
    scale : float
        Pixels per mm.
    font : GlyphFont, optional
        Else one of the country's.
    smooth : float
        Drawn so many times larger and reduced.

    Raises
    ------
    UsageError
        For a text with characters other than 0-9, A-Z, space, ``- . : /``.
    """
    if text is None:
        text = random_inscription(rng, country)
    on = as_given(country, text) if isinstance(text, str) else text
    plate = on.plate or _NO_PLATE
    if font is None:
        fonts = looks.fonts_of(country.code, on.plate)
        font = fonts[int(rng.integers(len(fonts)))]
    ink, ground = COLOURS[on.colours.characters], COLOURS[on.colours.background]
    canvas = _Canvas(plate.width, plate.height, ground, scale * smooth)
    edge = min(4.0, 0.03 * plate.height)
    if country.code not in looks.FRAMELESS:
        canvas.frame(edge, 0.07 * plate.height, plate.width, plate.height, edge * 0.8, ink)
    room = _surroundings(rng, canvas, country, plate, font, ink, edge)
    seals = looks.SEALS.get(country.code, 0)
    if country.code == "us" and rng.random() < 0.6:
        seals = 0
    lines, cap = _lay_out(on.lines, font, plate, room, country.code == "ru", seals)
    gap = plate.line_gap or 0.2 * cap
    top = room.top + (room.bottom - room.top - len(lines) * cap - (len(lines) - 1) * gap) / 2
    boxes, rows, bands = [(0, 0, 0, 0)] * len(on.text), [0] * len(on.text), []
    for number, line in enumerate(lines):
        region = next((g for g in line if g.mark.raised), None)
        right = line[-1].x + line[-1].width
        x0 = room.left + (room.right - room.left - right) / 2
        y0 = top + number * (cap + gap)
        if region is not None:
            _region(canvas, font, x0, y0, region, right, cap, (edge, plate.height - edge), ink)
        for g in line:
            if g.mark.index >= 0:
                glyph = font.glyphs[g.mark.character]
                boxes[g.mark.index] = canvas.glyph(glyph, x0 + g.x, y0 + g.y, g.width, g.size, ink)  # type: ignore[assignment]
                rows[g.mark.index] = number
            else:
                _separator(canvas, g, x0, y0, cap, ink, rng)
        bands.append((x0, y0, x0 + right, y0 + cap))
    beside = _bolted_beside(country, plate)
    for x in (18.0, plate.width - 18.0) if beside else (0.12 * plate.width, 0.88 * plate.width):
        if rng.random() < (0.7 if beside else 0.4):
            y = 0.5 if beside else float(rng.choice([0.12, 0.5, 0.88]))
            canvas.disc(x, plate.height * y, 5, (int(rng.integers(20, 190)),) * 3)
    size = (round(plate.width * scale), round(plate.height * scale))
    pixels = canvas.pixels if smooth == 1 else cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA)
    return DrawnPlate(
        np.asarray(pixels),
        on.text,
        country.code,
        (np.array(boxes).reshape(-1, 4) / smooth).round().astype(np.int32),
        np.array(rows, np.int32),
        np.array(bands, np.float32).reshape(-1, 4) * np.float32(scale),
        not on.colours.dark_on_light,
    )


def _bolted_beside(country: Country, plate: Plate) -> bool:
    """Whether the bolts stand left and right of the text, as on the long plates of the former Soviet Union."""
    return country.code in ("ru", "by", "ua", "kz") and plate.width > 400 and plate.band in ("", "flag-right")


def _lay_out(
    lines: Sequence[Sequence[Mark]], font: GlyphFont, plate: Plate, room: _Room, russian: bool, seals: int
) -> tuple[list[list[_Glyph]], float]:
    """Glyphs of each line, in mm from its left end, squeezed into the room; and their cap height."""
    height = room.bottom - room.top
    cap = min(plate.char_height or 0.68 * plate.height, 0.9 * height / (len(lines) + 0.2 * (len(lines) - 1)))
    unit = cap / CAP
    stretch = 1.0
    if plate.char_width:
        usual = max(font.glyphs[c].shape[1] for c in "H0") * plate.char_height / CAP
        stretch = float(np.clip(plate.char_width / usual, 0.8, 1.25))
    gap = plate.gap or 0.14 * cap
    group = plate.group_gap or 0.42 * cap
    laid = []
    for number, line in enumerate(lines):
        x, row, sealed = 0.0, [], number > 0
        for k, mark in enumerate(line):
            if mark.index < 0:
                if seals and not sealed and k:
                    sealed = True
                    mark = Mark("o" if seals == 1 else "8", -1)
                row.append(_Glyph(mark, x - gap, group, 0.0, cap))
                x += group - gap
                continue
            size = cap * _SMALL if mark.raised or (russian and mark.character.isalpha()) else cap
            if mark.raised and not line[k - 1].raised:
                x += 0.35 * cap
            wide = font.glyphs[mark.character].shape[1] * unit * stretch * size / cap
            row.append(_Glyph(mark, x, wide, -0.06 * cap if mark.raised else cap - size, size))
            x += wide + (0.6 if mark.raised else 1.0) * gap
        squeeze = min(1.0, (room.right - room.left) / max(x - gap, 1.0))
        laid.append([_Glyph(g.mark, g.x * squeeze, g.width * squeeze, g.y, g.size) for g in row])
    return laid, cap


def _surroundings(
    rng: np.random.Generator, canvas: _Canvas, country: Country, plate: Plate, font: GlyphFont, ink: Colour, edge: float
) -> _Room:
    """Band and captions; returns the room that they leave to the text."""
    width, height = plate.width, plate.height
    inset = 30.0 if _bolted_beside(country, plate) else edge + 0.08 * height
    left, top, right, bottom = inset, edge, width - inset, height - edge
    band = min(40.0, 0.14 * width)
    sign = {"gb": "UK"}.get(country.code, country.sign or country.code.upper())
    sign = "".join(c for c in sign if c in font.glyphs)
    if plate.band in ("eu", "gb", "il", "tr"):
        sides = (0, 1) if country.code in looks.BANDS_ON_BOTH_SIDES and width > 300 else (0,)
        for side in sides:
            x = width - edge - band if side else edge
            canvas.box(x, edge, x + band, height - edge, _BLUE)
            if side == 0:
                canvas.words(font, sign, x + 2, height * 0.66, min(height * 0.2, band * 0.55), band - 4, _WHITE)
            if plate.band == "eu":
                for turn in np.arange(12) * np.pi / 6:
                    at = (x + band / 2 + 0.28 * band * np.cos(turn), 0.33 * height + 0.28 * band * np.sin(turn))
                    canvas.disc(*at, 0.035 * band, COLOURS["yellow"])
            elif plate.band in ("gb", "il"):
                canvas.box(x + 0.15 * band, 0.2 * height, x + 0.85 * band, 0.36 * height, _WHITE)
        left, right = edge + band + 0.06 * height, right - (edge + band if len(sides) > 1 else 0)
    elif plate.band == "flag-left":
        canvas.box(edge + 0.1 * band, 0.3 * height, edge + 0.85 * band, 0.42 * height, _WHITE)
        canvas.box(edge + 0.1 * band, 0.42 * height, edge + 0.85 * band, 0.5 * height, COLOURS["red"])
        canvas.words(font, sign, edge + 2, height * 0.58, min(0.16 * height, 0.4 * band), band - 6, ink)
        left = edge + band
    elif plate.band == "ind":
        canvas.words(font, "IND", edge + 2, height * 0.6, 0.12 * height, 0.8 * band, _BLUE)
        left = edge + band
    elif plate.band == "mercosul-top":
        canvas.box(0, 0, width, 0.23 * height, _BLUE)
        name = looks.NAMES_ON_TOP.get(country.code, "MERCOSUR")
        canvas.words(font, name, 0.2 * width, 0.07 * height, 0.1 * height, 0.6 * width, _WHITE)
        top = 0.23 * height
    elif plate.band == "" and country.code in looks.CAPTIONS:
        above, below = (str(rng.choice(words)) for words in looks.CAPTIONS[country.code])
        if above:
            canvas.words(font, above, 0.2 * width, 0.07 * height, 0.11 * height, 0.6 * width, ink)
            top = 0.19 * height
        if below:
            canvas.words(font, below, 0.2 * width, 0.83 * height, 0.1 * height, 0.6 * width, ink)
            bottom = 0.82 * height
    return _Room(left, top, right, bottom)


def _separator(
    canvas: _Canvas, at: _Glyph, x0: float, y0: float, cap: float, ink: Colour, rng: np.random.Generator
) -> None:
    """Hyphen, dot, seal or slash in the middle of a gap; a space draws nothing."""
    mark, x = at.mark.character, x0 + at.x + at.width / 2
    if mark == "-":
        half = min(0.12 * cap, 0.4 * at.width)
        canvas.box(x - half, y0 + 0.46 * cap, x + half, y0 + 0.56 * cap, ink)
    elif mark in ".:":
        for height in (0.93,) if mark == "." else (0.25, 0.7):
            canvas.disc(x, y0 + height * cap, 0.06 * cap, ink)
    elif mark in "o8":
        tone: Colour = tuple(int(v) for v in rng.integers(40, 230, 3))  # type: ignore[assignment]
        for height in (0.5,) if mark == "o" else (0.22, 0.75):
            radius = min(0.5 * at.width, (0.24 if mark == "o" else 0.2) * cap)
            canvas.disc(x, y0 + height * cap, radius, tone)
            canvas.disc(x, y0 + height * cap, 0.6 * radius, (110, 110, 110), 1.5)


def _region(
    canvas: _Canvas,
    font: GlyphFont,
    x0: float,
    y0: float,
    first: _Glyph,
    right: float,
    cap: float,
    sheet: tuple[float, float],
    ink: Colour,
) -> None:
    """The line before a Russian region, and RUS with the flag below it."""
    x = x0 + first.x - 0.2 * cap
    canvas.box(x, max(sheet[0], y0 - 0.25 * cap), x + 0.04 * cap, min(sheet[1], y0 + 1.25 * cap), ink)
    left, wide, top, size = x0 + first.x, right - first.x, y0 + 0.8 * cap, 0.2 * cap
    canvas.words(font, "RUS", left, top, size, 0.5 * wide, ink)
    a, b = left + 0.56 * wide, left + 0.98 * wide
    for k, colour in enumerate((_WHITE, _BLUE, COLOURS["red"])):
        canvas.box(a, top + k * size / 3, b, top + (k + 1) * size / 3, colour)
    canvas.box(a, top, b, top + size, ink, 0.01 * cap)
