"""Lines as the reader's own `rectify` and `segment` cut them out of drawn plates on drawn cars, faults included.

The place of every character is known from drawing, and where the cut put it from the homographies that the cut kept:
the truth of a line is the characters whose middles lie in it. `lines` draws the same faster, by imitation.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Country
from classic_anpr.geometry import transform
from classic_anpr.locate.candidate import Candidate
from classic_anpr.reader import AgainSettings
from classic_anpr.rectify import RectifySettings, pyramid, rectify
from classic_anpr.segment import LINE_CAP, LINE_HEIGHT, Line, SegmentSettings, segment
from classic_anpr.synth import degrade
from classic_anpr.synth.degrade import Floats
from classic_anpr.synth.glyphs import GlyphFont
from classic_anpr.synth.lines import WIDTH_STEP, DrawnLine, emblem
from classic_anpr.synth.plates import DrawnPlate, draw_plate
from classic_anpr.synth.texts import all_countries, choose_country, random_inscription

_LOOKS = (SegmentSettings(), *AgainSettings().looks)
_LOOK_SHARES = (0.6, 0.2, 0.2)  # the reader looks again at every other plate or so
_BARE = frozenset({"ru", "by", "ua", "kz", "id", "vn", "sg", "my", "il"})  # no emblem between the groups of a text
_UNIT = 40.0  # px of cap height at which the plate is drawn before it is photographed


def draw_cuts(
    rng: np.random.Generator, fonts: Sequence[GlyphFont], countries: Sequence[Country] | None = None
) -> list[DrawnLine]:
    """The lines that the reader's stages find on one drawn plate and whose truth is certain: none, one or two.

    Parameters
    ----------
    rng : numpy.random.Generator
    fonts : sequence of GlyphFont
        For variety beside the countries' own.
    countries : sequence of Country, optional
        All if left out.
    """
    country = choose_country(rng, countries or all_countries())
    inscription = random_inscription(rng, country, scramble=0.5)
    sheet = inscription.plate
    scale = _UNIT / ((sheet.char_height if sheet else 0.0) or 70.0)
    font = fonts[int(rng.integers(len(fonts)))] if rng.random() < 0.3 else None
    plate = draw_plate(rng, country, inscription, scale, font, smooth=1.0)
    if not len(plate.bands):
        return []
    photo, to_photo = _photograph(rng, plate)
    candidate = _candidate(rng, plate, to_photo)
    levels = pyramid(photo)
    look = _LOOKS[int(rng.choice(len(_LOOKS), p=_LOOK_SHARES))]
    found = segment(levels, rectify(levels, candidate, RectifySettings()), look)
    lines = []
    for line in found:
        text = _text_in(line, plate, to_photo)
        if text is not None:  # where the polarity was mistaken, too
            columns = max(3, round(line.pixels.shape[1] / WIDTH_STEP)) * WIDTH_STEP
            pixels = cv2.resize(line.pixels, (columns, LINE_HEIGHT), interpolation=cv2.INTER_CUBIC)
            lines.append(DrawnLine(np.asarray(pixels), text))
    return lines


def _photograph(rng: np.random.Generator, plate: DrawnPlate) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The plate on a car, seen under an angle, few pixels; and the homography from plate to picture."""
    rows, columns = plate.pixels.shape[:2]
    cap = float(np.exp(rng.uniform(np.log(8), np.log(38))))
    if rng.random() < 0.25:
        cap = max(cap, float(rng.uniform(11, 26)))
    paint = _dressed(rng, plate)
    if rng.random() < 0.2:
        paint = degrade.worn(rng, paint, paint[rows // 3, columns // 2], _UNIT)
    if rng.random() < 0.3:
        paint = degrade.embossed(rng, paint, _UNIT)
    if rng.random() < 0.2:
        paint = degrade.dirt(rng, paint, _UNIT)
    if rng.random() < 0.03:
        paint = degrade.snow(rng, paint, _UNIT)
    if rng.random() < 0.06:
        paint = degrade.scratches(rng, paint, _UNIT)
    factor = cap / _UNIT
    wide, tall = columns * factor, rows * factor
    width, height = round(wide + cap * 9), round(tall + cap * 5)
    middle = np.array([width / 2, height / 2])
    square = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    yaw, pitch = rng.normal(0, 0.04, 2) if rng.random() < 0.5 else rng.normal(0, 0.01, 2)
    square[:, 1] *= 1 + yaw * np.sign(square[:, 0])
    square[:, 0] *= (1 + pitch * np.sign(square[:, 1])) * np.clip(rng.normal(0.97, 0.1), 0.65, 1.3)
    square[:, 0] += float(rng.normal(0, 0.07)) * square[:, 1]
    turn = float(rng.normal(0, 0.05))
    square = square @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + middle
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    to_photo = np.asarray(cv2.getPerspectiveTransform(source, square.astype(np.float32)), np.float64)
    reduced = 1 / factor
    if reduced > 1.2:  # the pixels of the sensor are areas
        paint = cv2.GaussianBlur(paint, (0, 0), 0.34 * reduced)
    # corners at pixel edges, centres at +0.5
    half = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
    warped = half @ to_photo @ np.linalg.inv(half)
    scene = _car(rng, width, height, square, cap)
    # the sheet's own edge is a little soft
    mask = np.full((rows, columns), 1, np.float32)
    alpha = cv2.warpPerspective(mask, warped, (width, height))[..., None]
    placed = cv2.warpPerspective(paint, warped, (width, height), borderMode=cv2.BORDER_REPLICATE)
    scene += alpha * (placed - scene)
    scene = degrade.light(rng, scene)
    at = (float(middle[0]), float(middle[1]))
    if rng.random() < 0.5:
        scene = degrade.uneven(rng, scene)
    if rng.random() < 0.22:
        scene = degrade.shadow(rng, scene, at, cap)
    if rng.random() < 0.1:
        scene = degrade.glare(rng, scene, at, cap)
    photo = degrade.camera(rng, scene)
    return _at_the_edge(rng, photo, warped, square, cap) if rng.random() < 0.2 else (photo, warped)


def _at_the_edge(
    rng: np.random.Generator,
    photo: NDArray[np.uint8],
    to_photo: NDArray[np.float64],
    square: NDArray[np.float64],
    cap: float,
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A picture that ends close to the plate, or in it; half of the time its last pixels are repeated all around."""
    height, width = photo.shape[:2]
    room = np.clip(rng.normal(-0.1, 0.22, 4), -0.45, 0.6) * cap
    x0, y0 = np.maximum(0, square.min(axis=0) - room[:2]).astype(int)
    x1, y1 = np.minimum((width, height), square.max(axis=0) + room[2:]).astype(int)
    shift = np.eye(3)
    shift[:2, 2] = -x0, -y0
    photo = np.ascontiguousarray(photo[y0:y1, x0:x1])
    if rng.random() < 0.5:
        side = round(0.15 * max(photo.shape[:2]))
        photo = np.asarray(cv2.copyMakeBorder(photo, side, side, side, side, cv2.BORDER_REPLICATE), np.uint8)
        shift[:2, 2] += side
    return photo, shift @ to_photo


def _dressed(rng: np.random.Generator, plate: DrawnPlate) -> Floats:
    """The sheet with what makes plates of one kind differ: pictures, weight of the strokes, emblems, frames, fading."""
    paint = plate.pixels.astype(np.float32)
    ground = np.median(paint[int(plate.bands[0, 1]) : int(plate.bands[-1, 3])], axis=(0, 1))
    boxes = plate.boxes
    ink = paint[boxes[0, 1] : boxes[0, 1] + boxes[0, 3], boxes[0, 0] : boxes[0, 0] + boxes[0, 2]].reshape(-1, 3)
    far = ink[np.abs(ink - ground).sum(axis=1).argmax()] if len(ink) else 255 - ground
    if rng.random() < 0.35:  # thicker or thinner strokes
        size = 3 if rng.random() < 0.15 else 2
        change = cv2.erode if (rng.random() < 0.5) == plate.light_on_dark else cv2.dilate
        paint = change(paint, np.ones((size, size), np.uint8))
    if rng.random() < (0.4 if plate.country == "us" else 0.05):
        paint = _picture(rng, paint, far - ground)
    for row, (x0, y0, x1, y1) in enumerate(plate.bands):
        cap = float(y1 - y0)
        here = boxes[(plate.rows == row) & (boxes[:, 2] > 0)]
        here = here[np.argsort(here[:, 0])]
        ends = here[:, 0] + here[:, 2]
        gaps = [(float(a), float(b)) for a, b in zip(ends[:-1], here[1:, 0], strict=True) if b - a > 0.3 * cap]
        chosen = [g for g in gaps if rng.random() < 0.3 and plate.country not in _BARE]
        wide = float(rng.uniform(0.4, 1.0)) * cap
        chosen += [(x0 - 0.1 * cap - wide, x0 - 0.1 * cap)] if rng.random() < 0.08 else []
        chosen += [(x1 + 0.1 * cap, x1 + 0.1 * cap + wide)] if rng.random() < 0.08 else []
        for a, b in chosen:
            shape = emblem(rng, min(0.45 * (b - a), 0.48 * cap)).astype(np.float32)[..., None] / 255
            left = round((a + b - len(shape)) / 2)
            top = round(y0 + cap * rng.uniform(0.3, 0.7) - len(shape) / 2)
            tone = far if rng.random() < 0.6 else rng.uniform(0, 255) + rng.normal(0, 30, 3)
            if left >= 0 and top >= 0:
                target = paint[top : top + len(shape), left : left + len(shape)]
                target += shape[: target.shape[0], : target.shape[1]] * (tone.astype(np.float32) - target)
    if rng.random() < 0.3:
        paint = _framed(rng, paint, plate.bands, far)
    if rng.random() < 0.12:  # little left of the colour
        paint = ground + (paint - ground) * np.float32(rng.uniform(0.2, 0.65))
    return np.asarray(paint, np.float32)


def _picture(rng: np.random.Generator, paint: Floats, contrast: NDArray[np.floating]) -> Floats:
    """Hills, suns and flags behind the text, paler than it."""
    rows, columns = paint.shape[:2]
    tone = (rng.uniform(0.1, 0.5) * contrast + rng.normal(0, 15, 3)).astype(np.float32)
    cover = np.zeros((rows, columns), np.float32)
    if rng.random() < 0.5:
        cover += np.linspace(rng.uniform(0, 1), rng.uniform(0, 1), rows, dtype=np.float32)[:, None]
    for _ in range(int(rng.integers(1, 5))):
        points = rng.uniform((0, 0), (columns, rows), (int(rng.integers(3, 7)), 2)).astype(np.int32)
        if rng.random() < 0.5:
            cv2.fillPoly(cover, [points], float(rng.uniform(0, 1)))
        else:
            cv2.circle(cover, points[0].tolist(), int(rng.integers(5, max(6, rows // 2))), float(rng.uniform(0, 1)), -1)
    return np.asarray(paint + cover[..., None] * tone, np.float32)


def _framed(rng: np.random.Generator, paint: Floats, bands: NDArray[np.float32], ink: NDArray[np.floating]) -> Floats:
    """A painted or raised line close around the text, which may be the end of the sheet, too."""
    rows, columns = paint.shape[:2]
    cap = float(bands[0, 3] - bands[0, 1])
    room = cap * rng.uniform((0.1, 0.08, 0.1, 0.08), (0.8, 0.4, 0.8, 0.4))
    x0, y0 = bands[:, :2].min(axis=0) - room[:2]
    x1, y1 = bands[:, 2:].max(axis=0) + room[2:]
    radius = cap * float(rng.choice([0.02, 0.1, 0.25]))
    turns = np.linspace(0, np.pi / 2, 5)
    centres = (
        (x1 - radius, y1 - radius),
        (x0 + radius, y1 - radius),
        (x0 + radius, y0 + radius),
        (x1 - radius, y0 + radius),
    )
    corners = [
        (x + radius * np.cos(t + q * np.pi / 2), y + radius * np.sin(t + q * np.pi / 2))
        for q, (x, y) in enumerate(centres)
        for t in turns
    ]
    outline = np.array(corners).round().astype(np.int32)
    if rng.random() < 0.5:
        inside = cv2.fillPoly(np.zeros((rows, columns), np.uint8), [outline], 1)
        holder = (rng.uniform(0, 255) + rng.normal(0, 10, 3)).astype(np.float32)
        paint = np.where(inside[..., None] == 1, paint, holder)
    tone = ink if rng.random() < 0.7 else np.full(3, rng.uniform(0, 255))
    paint = np.ascontiguousarray(paint, np.float32)
    cv2.polylines(paint, [outline], True, tone.tolist(), max(1, round(cap * rng.uniform(0.03, 0.13))), cv2.LINE_AA)
    return paint


def _car(rng: np.random.Generator, width: int, height: int, square: NDArray[np.float64], cap: float) -> Floats:
    """Paint, edges, lamps and the plate's holder around the plate."""
    coarse = rng.normal(rng.uniform(0, 230), rng.uniform(2, 40), (int(rng.integers(2, 5)), int(rng.integers(2, 7)), 1))
    coarse = (coarse + rng.normal(0, 12, 3)).astype(np.float32)
    scene = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(0, 6))):
        x, y = (int(v) for v in rng.integers((0, 0), (width, height)))
        tone = [float(rng.uniform(0, 255))] * 3
        if rng.random() < 0.6:
            end = (int(rng.integers(0, width)), y + int(rng.normal(0, cap * 0.6)))
            cv2.line(scene, (x, y), end, tone, int(rng.integers(1, max(2, round(cap / 3)))))
        else:
            axes = (int(rng.integers(2, 3 + round(cap))), int(rng.integers(2, 3 + round(cap))))
            cv2.ellipse(scene, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, tone, -1)
    for _ in range(int(rng.integers(0, 4))):  # upright edges left and right of the plate
        side, away = (square[[0, 3]], -1) if rng.random() < 0.5 else (square[[1, 2]], 1)
        foot = side[int(rng.integers(2))] + cap * np.array([away * rng.uniform(0.05, 1.5), rng.normal(0, 0.4)])
        head = foot + cap * np.array([rng.normal(0, 0.5), rng.uniform(-2.5, 2.5)])
        tone = [float(rng.uniform(0, 255))] * 3
        thick = int(rng.integers(1, max(2, round(cap / 3))))
        cv2.line(scene, foot.astype(int).tolist(), head.astype(int).tolist(), tone, thick)
    if rng.random() < 0.45:  # a holder or the dealer's frame, with some print below
        grown = square.mean(axis=0) + (square - square.mean(axis=0)) * np.array([1.03, 1.14])
        grown[2:] += np.array([0, cap * rng.uniform(0, 0.3)])
        plastic = float(rng.uniform(5, 90) if rng.random() < 0.75 else rng.uniform(90, 240))
        cv2.fillPoly(scene, [grown.round().astype(np.int32)], [plastic] * 3, cv2.LINE_AA)
    return np.asarray(scene, np.float32)


def _candidate(rng: np.random.Generator, plate: DrawnPlate, to_photo: NDArray[np.float64]) -> Candidate:
    """The band of one text line with the errors of a localiser: its ends, its height, its slope, its polarity."""
    x0, y0, x1, y1 = (float(v) for v in plate.bands[int(rng.integers(len(plate.bands)))])
    height = y1 - y0
    if rng.random() < 0.25:  # a glyph or two missed, or something beside the text taken along
        x0 += height * rng.normal(0, 0.8)
        x1 += height * rng.normal(0, 0.8)
    if x1 - x0 < height:
        x0, x1 = (x0 + x1 - height) / 2, (x0 + x1 + height) / 2
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    corners[:, 0] += rng.normal(0, 0.12 * height, 2)[[0, 1, 1, 0]]
    corners[:, 1] += rng.normal(0, 0.05 * height, 2)[[0, 0, 1, 1]] + rng.normal(0, 0.03 * height, 4)
    band = transform(corners, to_photo)
    kind = rng.random()
    polarity = plate.light_on_dark if kind < 0.76 else (None if kind < 0.94 else not plate.light_on_dark)
    return Candidate(band, band, 1.0, ("drawn",), polarity)


def _text_in(line: Line, plate: DrawnPlate, to_photo: NDArray[np.float64]) -> str | None:
    """The characters in a line image from left to right; None where one is cut in two or not at the usual height."""
    if not len(plate.boxes):
        return None
    ends = [piece.x for piece in line.pieces[1:]] + [line.pixels.shape[1]]
    found: list[tuple[float, str]] = []
    for piece, end in zip(line.pieces, ends, strict=True):
        image = piece.homography @ to_photo

        def places(right: float, down: float, image: NDArray[np.float64] = image) -> NDArray[np.float32]:
            """Where the points at these shares of the glyph boxes lie in the line image, right of the piece's start."""
            points = plate.boxes[:, :2] + plate.boxes[:, 2:] * np.array([right, down])
            return transform(points.astype(np.float32), image)

        middles, tops, feet = places(0.5, 0.5), places(0.5, 0), places(0.5, 1)
        lefts, rights = places(0, 0.5), places(1, 0.5)
        room = end - piece.x
        for k, character in enumerate(plate.text):
            x, y = middles[k]
            shown = (min(rights[k, 0], room) - max(lefts[k, 0], 0)) / max(rights[k, 0] - lefts[k, 0], 1e-6)
            if shown < 0.2 or not 0 < y < LINE_HEIGHT:
                continue
            size = feet[k, 1] - tops[k, 1]
            if shown < 0.8 or not 0.5 * LINE_CAP < size < 1.4 * LINE_CAP or abs(y - LINE_HEIGHT / 2) > 0.35 * LINE_CAP:
                return None
            found.append((piece.x + float(x), character))
    text = "".join(character for _, character in sorted(found))
    return text or None
