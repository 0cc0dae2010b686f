"""Draws one text line as the segmenter hands it to OCR: 36 px high, dark on light, with the faults of photographs.

A line is composed at a cap height of `glyphs.CAP` px, photographed (blur, few pixels, noise, JPEG), and brought to
36 px as `segment` does. Everything is drawn with a given random generator: the same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Country
from classic_anpr.synth.glyphs import CAP, PAD, GlyphFont
from classic_anpr.synth.looks import fonts_of
from classic_anpr.synth.texts import (
    Inscription,
    all_countries,
    choose_country,
    printed,
    random_inscription,
    random_text,
)

HEIGHT = 36
"""Height of a line image in px."""
STRETCH = 1.25
"""Horizontal stretch of a line image (as in `segment`)."""
WIDTH_STEP = 12
"""Widths are multiples of this, so that lines of one width can be put into one batch."""

_ABOVE = CAP  # canvas rows above the cap line
_ROWS = 3 * CAP
_LEFT = CAP * 4  # canvas columns left of the first glyph

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Part:
    """The right end of a line, which the segmenter brings to full height: from column `x`, between two rows."""

    x: float
    cap: float
    base: float


@dataclass(frozen=True)
class DrawnLine:
    """A line image uint8 (36, width) and the text on it without separators."""

    pixels: Pixels
    text: str


def choose_font(rng: np.random.Generator, fonts: Sequence[GlyphFont], style: Inscription | None) -> GlyphFont:
    """A font for an inscription: mostly one of its country, else one drawn for plates, else any of `fonts`."""
    if style is not None and rng.random() < 0.7:
        local = fonts_of(style.country.code, style.plate)
        return local[int(rng.integers(len(local)))]
    own = [f for f in fonts if f.own]
    pool = own if own and rng.random() < 0.45 else fonts
    return pool[int(rng.integers(len(pool)))]


def draw_line(
    rng: np.random.Generator, fonts: Sequence[GlyphFont], countries: Sequence[Country] | None = None
) -> DrawnLine:
    """One line with a random text, font, layout and history.

    Parameters
    ----------
    rng : numpy.random.Generator
    fonts : sequence of GlyphFont
        From `glyphs.load_fonts`.
    countries : sequence of Country, optional
        Only lines of their plates; else of all countries, texts of pure chance and a few empty lines.
    """
    style: Inscription | None = None
    kind = rng.random()
    if countries is None and kind < 0.45:
        marks = "" if kind < 0.03 else random_text(rng)
    else:
        style = random_inscription(rng, choose_country(rng, countries or all_countries()), scramble=0.5)
        marks = printed(style.lines[int(rng.integers(len(style.lines)))])
    font = choose_font(rng, fonts, style)
    ink, text, x0, x1, joint = _compose(rng, font, marks, style)
    picture = _colour(rng, ink, x0, x1, font)
    return DrawnLine(_photograph(rng, picture, x0, x1, joint), text)


def _compose(
    rng: np.random.Generator, font: GlyphFont, marks: str, style: Inscription | None
) -> tuple[Pixels, str, int, int, _Part | None]:
    """Ink of the line (uint8, 255 = ink) on a canvas of `_ROWS`; its text, first and last column, and raised part."""
    code = style.country.code if style is not None else ""
    russian = code == "ru"
    gap = CAP * float(np.clip(rng.normal(0.15, 0.05), 0.05, 0.36))
    if rng.random() < 0.08:
        gap = CAP * rng.uniform(0.02, 0.07)
    group = gap + CAP * rng.uniform(0.06, 0.4 if russian else 0.75)
    widest = max(g.shape[1] for c, g in font.glyphs.items() if c not in "MWQ")
    slots = rng.random() < (0.25 if not russian else 0.05)  # every glyph in a slot of one width, as on many plates
    natural = not slots and rng.random() < 0.2
    pieces: list[tuple[Pixels, int, int]] = []
    x = float(_LEFT)
    text = ""
    scale = 1.0
    raised = 0
    region: float | None = None
    letter = second = x
    separator_ink = int(rng.choice([255, 255, 200, 120, 60]))
    seal = rng.random() < 0.42
    jitter = rng.uniform(0, 2.0) if rng.random() < 0.3 else 0.0
    for mark in marks:
        if mark == "s":  # a smaller group, as the Russian region or Singapore's small prefix
            scale, raised = (rng.uniform(0.68, 0.85), int(rng.integers(-CAP // 8, 4))) if len(text) else (0.75, 0)
            region = x if len(text) else None
            letter = float(pieces[-1][1]) if pieces else x
            if region is not None:
                gap *= rng.uniform(0.3, 0.9)
            continue
        if not mark.isalnum():
            _separator(rng, pieces, x - gap, group, mark, separator_ink, seal)
            x += group - gap
            continue
        glyph = font.glyphs[mark]
        bearing = font.bearings[mark]
        top = _ABOVE - PAD + round(rng.normal(0, jitter)) if jitter else _ABOVE - PAD
        if russian and (mark.isalpha() or scale != 1.0):
            factor = 0.76 * rng.uniform(0.96, 1.04)
            glyph = cv2.resize(glyph, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            # letters stand on the base line, the region hangs a little above the cap line
            standing = _ABOVE + CAP - round((PAD + CAP) * factor)
            top = standing if scale == 1.0 else _ABOVE - round(PAD * factor) + raised
        elif scale != 1.0:
            glyph = cv2.resize(glyph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            top = _ABOVE + (CAP - round(CAP * scale)) // 2 - round(PAD * scale) + raised
        width = glyph.shape[1]
        if slots:
            pad = max(0.0, (widest - width) / 2)
            x += pad
        elif natural:
            x += max(bearing[0], -gap / 2) - gap * 0.4
        pieces.append((glyph, round(x), top))
        x += width + gap + (pad if slots else (max(bearing[1], -gap / 2) - gap * 0.4 if natural else 0))
        text += mark
        second = x if region is not None and second < region else second
    if region is not None:
        _region(rng, pieces, font, region, x, gap)
    end = round(x - gap) if text else _LEFT + int(rng.integers(CAP, 6 * CAP))
    first = min((p[1] for p in pieces), default=_LEFT)
    for side in (-1, 1):
        if text and rng.random() < 0.07:
            where = first - gap - CAP * 0.8 if side < 0 else end + gap
            _emblem(rng, pieces, where, CAP * 0.8, CAP * rng.uniform(0.2, 0.45), CAP * rng.uniform(0.3, 0.6))
        elif code in ("ru", "by", "ua") and rng.random() < 0.55:
            radius = round(CAP * rng.uniform(0.04, 0.12))
            bolt = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
            cv2.circle(bolt, (radius, radius), radius, int(rng.integers(60, 256)), -1)
            where = first - CAP * rng.uniform(0.12, 0.4) if side < 0 else end + CAP * rng.uniform(0.06, 0.35)
            pieces.append((bolt, round(where) - radius, _ABOVE + round(CAP * rng.uniform(0.3, 0.7)) - radius))
    if text and rng.random() < (0.4 if len(text) < 6 else 0.06):
        _other_line(rng, pieces, font, first, end, gap)
    ink = np.zeros((_ROWS, end + _LEFT), np.uint8)
    for glyph, left, top in pieces:
        if left < 0 or top <= -len(glyph) or top >= _ROWS:
            continue
        glyph, top = glyph[max(0, -top) :], max(0, top)
        rows, columns = glyph.shape
        target = ink[top : top + rows, left : left + columns]
        np.maximum(target, glyph[: target.shape[0], : target.shape[1]], out=target)
    thick = rng.normal(0, 2.0)
    if abs(thick) > 0.8:
        size = min(1 + int(abs(thick) + 0.5), 5)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)) if size > 2 else np.ones((2, 2), np.uint8)
        ink = cv2.dilate(ink, kernel) if thick > 0 else cv2.erode(ink, kernel)
    if not text and rng.random() < 0.5:
        ink = np.maximum(ink, _scribble(rng, ink.shape[1]))
    joint = None
    if region is not None and rng.random() < 0.6:
        # the letter before it is sometimes taken along, or a digit of it left behind
        at = float(rng.choice([letter, region, second], p=[0.15, 0.7, 0.15]))
        joint = _Part(at - gap * rng.uniform(0.1, 0.6), _ABOVE + raised, _ABOVE + raised + 0.76 * CAP)
    elif len(text) > 5 and rng.random() < 0.015:  # a part that is not raised, taken for one that is
        start = sorted(p[1] for p in pieces)[-int(rng.integers(1, 4))]
        joint = _Part(start - gap / 2, _ABOVE + CAP * rng.normal(0, 0.1), _ABOVE + CAP * rng.uniform(0.65, 0.9))
    return ink, text, first, end, joint


def _other_line(
    rng: np.random.Generator, pieces: list[tuple[Pixels, int, int]], font: GlyphFont, x0: int, x1: int, gap: float
) -> None:
    """The other line of a two-line plate, above or below, of which a cut keeps a strip."""
    marks = rng.choice(list(font.glyphs), int(rng.integers(2, 7)))
    total = sum(font.glyphs[m].shape[1] + gap for m in marks)
    x = (x0 + x1 - total) / 2 + rng.normal(0, CAP * 0.4)
    offset = round(CAP * rng.uniform(1.12, 1.45)) * (1 if rng.random() < 0.5 else -1)
    for mark in marks:
        pieces.append((font.glyphs[mark], round(x), _ABOVE - PAD + offset))
        x += font.glyphs[mark].shape[1] + gap


def _separator(
    rng: np.random.Generator,
    pieces: list[tuple[Pixels, int, int]],
    x: float,
    group: float,
    mark: str,
    ink: int,
    seal: bool,
) -> None:
    """Hyphen, dots, seal or nothing in the gap that starts at `x` and is `group` wide."""
    middle = x + group / 2
    room = max(3.0, group * 0.8)
    if mark == "-":
        width, height = min(room, CAP * rng.uniform(0.1, 0.4)), CAP * rng.uniform(0.08, 0.22)
        shape = np.full((round(height), max(2, round(width))), ink, np.uint8)
        pieces.append((shape, round(middle - width / 2), _ABOVE + round(CAP * rng.uniform(0.42, 0.55))))
    elif mark in ".:":
        radius = max(2, round(min(room / 2, CAP * rng.uniform(0.06, 0.12))))
        shape = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
        cv2.circle(shape, (radius, radius), radius, ink, -1)
        heights = [rng.choice([0.45, 0.9, 0.5])] if mark == "." else [0.25, 0.65]
        for height in heights:
            pieces.append((shape, round(middle - radius), _ABOVE + round(CAP * float(height)) - radius))
    elif seal and group > CAP * 0.25:
        for height in rng.choice([0.1, 0.3, 0.45, 0.75], int(rng.choice([1, 1, 2])), replace=False):
            _emblem(rng, pieces, x, group, min(room / 2, CAP * rng.uniform(0.1, 0.4)), CAP * float(height))


def _emblem(
    rng: np.random.Generator, pieces: list[tuple[Pixels, int, int]], x: float, room: float, half: float, height: float
) -> None:
    """An `emblem`, `half` its size, in the middle of `room` from `x`."""
    shape = emblem(rng, half)
    radius = len(shape) // 2
    pieces.append((shape, round(x + room / 2 - radius), _ABOVE + round(height) - radius // 2))


def emblem(rng: np.random.Generator, half: float) -> Pixels:
    """A seal, shield, star or outline of a state as a square of ink, uint8, twice `half` wide."""
    radius = max(3, round(half))
    shape = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
    tone = int(rng.integers(40, 256))
    kind = rng.random()
    if kind < 0.25:  # the outline of a state, a star
        blob = rng.integers(0, 2 * radius + 1, (7, 2)).astype(np.int32)
        cv2.fillPoly(shape, [cv2.convexHull(blob) if kind < 0.15 else blob], tone)
    elif kind < 0.6:  # a shield rather than a disc
        middle, far = radius, 2 * radius
        shield = np.array([[1, 0], [far - 1, 0], [far - 1, middle], [middle, far], [1, middle]], np.int32)
        cv2.fillPoly(shape, [shield], tone)
        if rng.random() < 0.5:
            cv2.polylines(shape, [shield], True, 255, max(2, radius // 8))
    else:
        cv2.circle(shape, (radius, radius), radius, tone, -1)
        if rng.random() < 0.4:
            cv2.circle(shape, (radius, radius), radius - 1, 255, max(2, radius // 8))
    if rng.random() < 0.3:  # a cross
        thickness = max(2, radius // 3)
        other = int(rng.integers(0, 256))
        cv2.line(shape, (radius, radius // 3), (radius, 2 * radius - radius // 3), other, thickness)
        cv2.line(shape, (radius // 3, radius), (2 * radius - radius // 3, radius), other, thickness)
    for _ in range(int(rng.integers(0, 6))):
        at = rng.integers(0, 2 * radius + 1, 4)
        cv2.line(shape, (int(at[0]), int(at[1])), (int(at[2]), int(at[3])), int(rng.integers(0, 256)), 2)
    return shape


def _region(
    rng: np.random.Generator, pieces: list[tuple[Pixels, int, int]], font: GlyphFont, x0: float, x1: float, gap: float
) -> None:
    """The line left of a Russian region code, and the letters and the flag below the code."""
    if rng.random() < 0.9:
        line = np.full(
            (3 * CAP // 2, max(2, round(CAP * rng.uniform(0.02, 0.06)))), int(rng.integers(120, 256)), np.uint8
        )
        pieces.append((line, round(x0 - gap * rng.uniform(0.5, 1.2)), _ABOVE - CAP // 4))
    size = rng.uniform(0.22, 0.32)
    x, top = x0 + CAP * rng.uniform(-0.05, 0.15), _ABOVE + round(CAP * rng.uniform(0.76, 0.84))
    strength = rng.uniform(0.6, 1.0)
    for character in "RUS":
        glyph = cv2.resize(font.glyphs[character][PAD:-PAD], None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        pieces.append(((glyph * strength).astype(np.uint8), round(x), top))
        x += glyph.shape[1] + CAP * 0.04
    if rng.random() < 0.85:
        flag = np.zeros((round(CAP * size * rng.uniform(1.0, 1.25)), max(8, round(min(CAP * 0.5, x1 - x)))), np.uint8)
        third = len(flag) // 3
        flag[third:] = int(rng.integers(110, 256))
        flag[2 * third :] = int(rng.integers(90, 230))
        cv2.rectangle(flag, (0, 0), (flag.shape[1] - 1, len(flag) - 1), int(rng.integers(120, 256)), 2)
        pieces.append((flag, round(x + 4), top))


def _scribble(rng: np.random.Generator, columns: int) -> Pixels:
    """Lines and spots that are no text."""
    ink = np.zeros((_ROWS, columns), np.uint8)
    for _ in range(int(rng.integers(1, 6))):
        a, b = (int(v) for v in rng.integers(0, columns, 2))
        y0, y1 = (int(v) for v in rng.integers(0, _ROWS, 2))
        cv2.line(ink, (a, y0), (b, y1), int(rng.integers(60, 256)), int(rng.integers(2, 16)))
    return ink


def _colour(rng: np.random.Generator, ink: Pixels, x0: int, x1: int, font: GlyphFont) -> Floats:
    """Ground, ink, light and what surrounds the text, as grey values 0..255 (float32)."""
    rows, columns = ink.shape
    contrast = float(np.clip(rng.normal(152, 46), 22, 240))
    ground = float(rng.uniform(contrast + 5, 255))
    dark = ground - contrast
    alpha = ink.astype(np.float32)
    alpha *= 1 / 255
    if rng.random() < 0.2:  # worn paint
        wear = rng.random((rows // 8, columns // 8), dtype=np.float32)
        wear = cv2.resize(wear, (columns, rows), interpolation=cv2.INTER_CUBIC)
        alpha *= np.clip((wear - rng.uniform(0.0, 0.25)) * 6, rng.uniform(0.2, 0.8), 1)
    picture = alpha * (dark - ground)
    picture += ground
    if rng.random() < 0.3:  # embossing: one bright and one dark flank
        shift = int(rng.integers(1, 5))
        dy, dx = int(rng.integers(-shift, shift + 1)), int(rng.integers(-shift, shift + 1))
        moved = np.roll(alpha, (dy, dx), (0, 1))
        moved -= alpha
        picture += moved * (contrast * rng.uniform(-0.5, 0.5))
    if rng.random() < 0.5:  # uneven ground
        coarse = rng.normal(0, rng.uniform(2, 18), (int(rng.integers(2, 6)), int(rng.integers(2, 14)))).astype(
            np.float32
        )
        picture += cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.2:  # dirt
        spots = rng.random((rows // 6, columns // 6), dtype=np.float32)
        spots = cv2.resize(spots, (columns, rows), interpolation=cv2.INTER_LINEAR)
        spots = np.clip((spots - rng.uniform(0.7, 0.9)) * 5, 0, rng.uniform(0.2, 0.7))
        picture += spots * (rng.uniform(0, 255) - picture)
    _surround(rng, picture, x0, x1, ground, dark, font)
    if rng.random() < 0.22:  # edge of a shadow
        x = np.arange(columns, dtype=np.float32)[None, :]
        y = np.arange(rows, dtype=np.float32)[:, None]
        turn = rng.uniform(0, np.pi)
        side = (x - rng.uniform(x0, x1)) * np.float32(np.cos(turn)) + (
            y - rng.uniform(_ABOVE, _ABOVE + CAP)
        ) * np.float32(np.sin(turn))
        picture *= 1 - np.clip(side / rng.uniform(2, 40), 0, 1) * np.float32(rng.uniform(0.15, 0.65))
    if rng.random() < 0.1:  # glare
        x = np.arange(columns, dtype=np.float32)[None, :] - rng.uniform(x0, x1)
        y = np.arange(rows, dtype=np.float32)[:, None] - rng.uniform(_ABOVE, _ABOVE + CAP)
        size = np.float32(CAP * rng.uniform(0.3, 2.0))
        picture += np.float32(rng.uniform(40, 200)) * np.exp(-((x / size) ** 2)) * np.exp(-((y / size) ** 2))
    return picture


def _body(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    """What lies around a plate: paint, shadow, chrome, lamps, as a float32 picture of grey values."""
    coarse = rng.normal(rng.uniform(0, 255), rng.uniform(2, 50), (int(rng.integers(2, 5)), int(rng.integers(2, 9))))
    body = cv2.resize(coarse.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(0, 5))):
        x, y = (int(v) for v in rng.integers((0, 0), (columns, rows)))
        value = float(rng.uniform(0, 255))
        if rng.random() < 0.5:
            end = (int(rng.integers(0, columns)), y + int(rng.normal(0, CAP * 0.6)))
            cv2.line(body, (x, y), end, value, int(rng.integers(2, CAP // 3)))
        else:
            axes = (int(rng.integers(4, CAP)), int(rng.integers(4, CAP)))
            cv2.ellipse(body, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, value, int(rng.choice([-1, 4, 9])))
    return body


def _surround(
    rng: np.random.Generator, picture: Floats, x0: int, x1: int, ground: float, dark: float, font: GlyphFont
) -> None:
    """Edges of the plate, blue band, bolts, neighbouring text and the car around the line, in place."""
    rows, columns = picture.shape
    top, bottom = _ABOVE, _ABOVE + CAP

    def tone(lowest: float = 0.0) -> float:
        return (
            float(rng.uniform(lowest, 1) * (dark - ground) + ground)
            if rng.random() < 0.7
            else float(rng.uniform(0, 255))
        )

    left, right, above, below = -9 * CAP, columns + 9 * CAP, -9 * CAP, rows + 9 * CAP  # edges of the plate
    if rng.random() < 0.55:
        left = round(x0 - CAP * rng.uniform(0.08, 0.9))
    if rng.random() < 0.55:
        right = round(x1 + CAP * rng.uniform(0.08, 0.9))
    tight = rng.random() < 0.2  # the whole frame close around the text
    if tight or rng.random() < 0.55:
        above = round(top - CAP * rng.uniform(0.08, 0.35))
    if tight or rng.random() < 0.55:
        below = round(bottom + CAP * rng.uniform(0.08, 0.35))
    bands = [rng.random() < 0.22 and left > -CAP, rng.random() < 0.06 and right < columns + CAP]
    band_width = round(CAP * rng.uniform(0.4, 0.75))
    for is_left, has_band in zip((True, False), bands, strict=True):
        if not has_band:
            continue
        a, b = (left - band_width, left) if is_left else (right, right + band_width)
        band = tone(0.25)
        picture[:, max(0, a) : max(0, b)] = band
        sign = float(np.clip(band + rng.uniform(25, 160) * (1 if rng.random() < 0.85 else -1), 0, 255))
        middle = (a + b) // 2
        if rng.random() < 0.8:  # ring of stars
            radius = band_width * rng.uniform(0.22, 0.36)
            centre = top + CAP * rng.uniform(0.05, 0.4)
            for k in range(12):
                angle = k * np.pi / 6
                at = (round(middle + radius * np.cos(angle)), round(centre + radius * np.sin(angle)))
                cv2.circle(picture, at, 2, sign, -1)
        if rng.random() < 0.85:  # letters of the state
            letters = "".join(rng.choice(list("DFIESKRUGPLCZBHNAT"), int(rng.choice([1, 1, 2, 3]))))
            size = rng.uniform(0.2, 0.4)
            if rng.random() < 0.08:
                size = rng.uniform(0.4, 0.6)
            glyphs = [cv2.resize(font.glyphs[c][PAD:-PAD], None, fx=size, fy=size) for c in letters]
            total = sum(g.shape[1] + 3 for g in glyphs)
            x, y = middle - total // 2, round(bottom - CAP * rng.uniform(-0.05, 0.15)) - glyphs[0].shape[0]
            for glyph in glyphs:
                if x >= 0 and x + glyph.shape[1] <= columns:
                    target = picture[y : y + glyph.shape[0], x : x + glyph.shape[1]]
                    target += glyph.astype(np.float32) / 255 * (sign - target)
                x += glyph.shape[1] + 3
        if is_left:
            left = a
        else:
            right = b
    if rng.random() < 0.2 and below > rows:  # a neighbouring line of text or a slogan
        _neighbour(rng, picture, x0, x1, tone(0.3), bottom + round(CAP * rng.uniform(0.12, 0.5)), 1)
    if rng.random() < 0.15 and above < 0:
        _neighbour(rng, picture, x0, x1, tone(0.3), top - round(CAP * rng.uniform(0.12, 0.5)), -1)
    if max(left, above) > -CAP or right < columns + CAP or below < rows + CAP:
        plate = np.zeros((rows, columns), np.uint8)
        radius = round(CAP * rng.choice([0, 0.1, 0.25]))
        slant = round(rng.normal(0, 0.05) * CAP)
        corners = np.array(
            [
                [left + radius + slant, above + radius],
                [right - radius + slant, above + radius],
                [right - radius - slant, below - radius],
                [left + radius - slant, below - radius],
            ]
        )
        cv2.fillPoly(plate, [corners], 255)
        if radius:
            cv2.polylines(plate, [corners], True, 255, 2 * radius)
        outside = plate == 0
        if rng.random() < 0.7:
            np.copyto(picture, _body(rng, rows, columns), where=outside)
        if rng.random() < 0.65:  # the frame line
            thickness = max(2, round(CAP * rng.uniform(0.03, 0.13)))
            inset = round(CAP * rng.uniform(-0.06, 0.06))
            frame = corners + np.array([[inset, inset], [-inset, inset], [-inset, -inset], [inset, -inset]])
            cv2.polylines(picture, [frame], True, tone(0.3), thickness)
    if rng.random() < 0.15:  # bolts
        for _ in range(int(rng.integers(1, 3))):
            x = int(rng.integers(max(1, x0 - CAP // 2), x1 + CAP // 2))
            if rng.random() < 0.5:
                x = round(float(rng.choice([x0 - CAP * 0.25, x1 + CAP * 0.25]) + rng.normal(0, CAP * 0.1)))
            y = int(rng.choice([top - CAP // 6, bottom + CAP // 6, (top + bottom) // 2, top + CAP // 8]))
            radius = int(CAP * rng.uniform(0.05, 0.14))
            cv2.circle(picture, (x, y), radius, float(rng.uniform(0, 255)), -1)
            cv2.circle(picture, (x + 1, y + 1), max(1, radius // 2), float(rng.uniform(0, 255)), -1)


def _neighbour(rng: np.random.Generator, picture: Floats, x0: int, x1: int, value: float, edge: int, side: int) -> None:
    """Strokes like those of another line of text, from the row `edge` outwards (`side` 1: below, -1: above)."""
    size = round(CAP * rng.uniform(0.15, 0.9))
    x = x0 + rng.uniform(-1, 2) * CAP
    end = x1 + rng.uniform(-2, 1) * CAP
    while x < end:
        width = size * rng.uniform(0.3, 0.8)
        far = edge + side * size
        points = np.stack([rng.uniform(x, x + width, 4), rng.uniform(min(edge, far), max(edge, far), 4)], axis=1)
        points[0, 1], points[1, 1] = edge, far
        cv2.polylines(picture, [points.astype(np.int32)], False, value, max(2, size // 6))
        x += width + size * rng.uniform(0.1, 0.5)


def _photograph(rng: np.random.Generator, picture: Floats, x0: int, x1: int, joint: _Part | None) -> Pixels:
    """Blur, few pixels, noise and JPEG; then the cut to 36 px with the faults of a real cut."""
    squeeze = float(np.clip(rng.normal(1.0, 0.14), 0.66, 1.4))  # width of the glyphs themselves
    cap = float(np.exp(rng.uniform(np.log(7.5), np.log(34))))  # cap height in the photograph, px
    if rng.random() < 0.5:
        cap = max(cap, float(rng.uniform(11, 30)))
    scale_y = cap / CAP
    scale_x = scale_y * squeeze * rng.uniform(0.8, 1.1)
    left, right = (
        CAP * (float(np.clip(rng.normal(0.4, 0.12), 0.02, 0.9)) if rng.random() < 0.9 else rng.uniform(0.6, 3.0))
        for _ in range(2)
    )
    a = max(0, round(x0 - left - CAP * 0.5))
    b = min(picture.shape[1], round(x1 + right + CAP * 0.5))
    picture = picture[:, a:b]
    blur = float(rng.gamma(1.6, 0.18)) / scale_y  # sigma in px of the photograph
    if blur > 0.8:
        picture = cv2.GaussianBlur(picture, (0, 0), blur * rng.uniform(0.7, 1.3), sigmaY=blur)
    if rng.random() < 0.2:  # motion
        length = int(max(3, rng.uniform(0.5, 2.6) / scale_y)) | 1
        kernel = np.zeros((length, length), np.float32)
        turn = rng.normal(0, 0.35) if rng.random() < 0.8 else rng.uniform(0, np.pi)
        half = length // 2
        dx, dy = half * np.cos(turn), half * np.sin(turn)
        cv2.line(kernel, (round(half - dx), round(half - dy)), (round(half + dx), round(half + dy)), 1.0)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    width, height = max(8, round(picture.shape[1] * scale_x)), max(8, round(picture.shape[0] * scale_y))
    true_x, true_y = width / picture.shape[1], height / picture.shape[0]
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.7:
        small += rng.normal(0, rng.gamma(1.5, 4.0), small.shape).astype(np.float32)
    if rng.random() < 0.55:  # sharpened by the camera
        soft = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.7, 1.5))
        small += (small - soft) * np.float32(rng.uniform(0.3, 1.6))
    if rng.random() < 0.15:  # more gain than the sensor has room for
        small = small * np.float32(rng.uniform(1.1, 1.7)) - np.float32(rng.uniform(0, 40))
    grey = np.clip(small, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(25, 96))
        grey = cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    # the cut: where the cap line and base line were believed to be, and what was left of tilt and shear
    out_cap = float(np.clip(rng.normal(24, 1.8), 18.5, 30))
    ratio = out_cap / CAP * STRETCH * squeeze * float(np.clip(rng.normal(1, 0.04), 0.85, 1.15))
    raised = 1.0 if joint is None else CAP / (joint.base - joint.cap)
    end = x1 + right if joint is None else joint.x
    wanted = (end - x0 + left + (x1 + right - end) * raised) * ratio
    columns = max(2, round(wanted / WIDTH_STEP)) * WIDTH_STEP
    ratio *= columns / wanted
    turn = float(rng.normal(0, 0.012 if rng.random() < 0.7 else 0.04))
    shear = float(rng.normal(0, 0.05)) if rng.random() < 0.6 else float(rng.normal(0, 0.12))
    cx, cy = (x0 + x1) / 2, _ABOVE + CAP / 2
    out_x = (cx - x0 + left) * ratio
    out_y = HEIGHT / 2 + float(np.clip(rng.normal(0, 0.7), -2.5, 2.5))
    fy = out_cap / CAP
    matrix = np.array(
        [
            [ratio, -shear * ratio, out_x - ratio * cx + shear * ratio * cy],
            [turn * ratio, fy, out_y - turn * ratio * cx - fy * cy],
            [0, 0, 1.0],
        ]
    )
    if rng.random() < 0.3:  # one end nearer than the other
        wedge = float(rng.normal(0, 0.04)) / max(columns, 60)
        centre = np.array([[1, 0, -out_x], [0, 1, -out_y], [0, 0, 1.0]])
        matrix = np.linalg.inv(centre) @ np.array([[1, 0, 0], [0, 1, 0], [wedge, 0, 1.0]]) @ centre @ matrix
    # px of the small picture (their centres at +0.5) to canvas
    to_canvas = np.array([[1 / true_x, 0, a + 0.5 / true_x - 0.5], [0, 1 / true_y, 0.5 / true_y - 0.5], [0, 0, 1.0]])
    how = int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4]))
    whole = (columns, HEIGHT)
    line = cv2.warpPerspective(grey, matrix @ to_canvas, whole, flags=how, borderMode=cv2.BORDER_REPLICATE)
    if joint is not None:
        seam = round((end - x0 + left) * ratio)
        middle = (joint.cap + joint.base) / 2
        larger = np.array(
            [[raised, 0, (1 - raised) * end], [0, raised, _ABOVE + CAP / 2 - raised * middle], [0, 0, 1.0]]
        )
        part = cv2.warpPerspective(grey, matrix @ larger @ to_canvas, whole, flags=how, borderMode=cv2.BORDER_REPLICATE)
        line[:, seam:] = part[:, seam:]
    return np.asarray(line)
