"""From an upright crop to the text lines that the OCR reads.

The crop is thresholded at the scale of its glyphs; components of the right height on one straight line are the text.
The line is then walked outwards from its middle inside its own band (cap line to base line, where glyphs that touch the
frame come apart from it) for as long as the ground between the glyphs stays what it is on the plate: a frame, a band of
colour, a shadow gap or a car's body end it. Each line is finally warped straight from the photograph, so that it is
interpolated only once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.components import components
from classic_anpr.geometry import Quad
from classic_anpr.locate.glyphs import GlyphSettings, link, median, median_slope
from classic_anpr.rectify import CAP, Crop, unwarp, warp

LINE_HEIGHT = 36  # px; what the model was trained on
LINE_CAP = 24  # px
STRETCH = 1.25  # horizontal; narrow glyphs (I, 1) need the time steps


@dataclass(frozen=True)
class SegmentSettings:
    """How text lines are found in a crop. Lengths in cap heights."""

    blocks: tuple[float, ...] = (0.9,)  # windows of the local mean
    solid: float = 1.8  # one more for the glyphs of a line; slant and stacked lines are measured with it
    contrast: float = 8.0  # grey levels between ink and its local mean, at least; and ...
    shares: tuple[float, ...] = (0.0, 0.35)  # ... as a share of the strongest ink of the line, one after another
    gap: float = 1.9  # widest gap between two glyphs of a line
    gap_past_bar: float = 0.75  # the same where a vertical edge stands between them
    ground: float = 0.5  # how far from ink to ground the space between glyphs must be
    overhang: float = 1.3  # how much longer than the other one a line of a two-line plate may be at either end
    margin: float = 0.40  # ground left and right of the text
    seam: float = 0.12  # the same where a raised group was cut off
    above: float = 0.25  # ground above and below
    most: int = 15  # glyphs on a line; what is longer is a grille, a fence or lettering
    # a lone line of fewer glyphs that is no longer than this is no plate: none of 750 right ones on 606 photographs, a
    # ninth of what was read there
    fewest: int = 4
    shortest: float = 3.0
    max_shear: float = 0.45  # tan of the steepest slant of the glyphs


@dataclass(frozen=True)
class Piece:
    """Part of a line image: from column `x` on, `homography` (3, 3) takes the original image to pixels right of `x`."""

    x: int
    homography: NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One text line, ready for OCR.

    Attributes
    ----------
    pixels : uint8 array (36, w)
        Grey, dark glyphs on light ground, cap height about 24 px, stretched by `STRETCH`.
    pieces : tuple of Piece
        How the photograph was brought to `pixels`; more than one where a raised group was brought to full height.
    band : Quad
        Cap line to base line around the text, pixels of the original image.
    boxes : float32 array (N, 4)
        x, y, width, height of the glyphs found, pixels of the crop (levelled by the line's slope).
    light_on_dark : bool
        The polarity that was turned.
    height : float
        Cap height in pixels of the original image.
    """

    pixels: NDArray[np.uint8]
    pieces: tuple[Piece, ...]
    band: Quad
    boxes: NDArray[np.float32]
    light_on_dark: bool
    height: float

    def original(self, x0: float, x1: float) -> Quad:
        """The columns x0..x1 of `pixels`, from cap line to base line, as a quad in the original image."""
        piece = next(p for p in reversed(self.pieces) if p.x <= max((x0 + x1) / 2, 0))
        margin = (LINE_HEIGHT - LINE_CAP) / 2
        y0, y1, x0, x1 = margin, LINE_HEIGHT - margin, x0 - piece.x, x1 - piece.x
        return unwarp(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32), piece.homography)


@dataclass(frozen=True)
class _Row:
    """A row of glyphs: boxes (N, 4), the offsets of cap and base line at x = 0, and their slope."""

    boxes: NDArray[np.float32]
    cap: float
    base: float
    slope: float
    light: bool

    @property
    def height(self) -> float:
        return self.base - self.cap


@dataclass(frozen=True)
class _Run:
    """Glyph boxes (N, 4) of one level line, with the grey of ink and ground."""

    boxes: NDArray[np.float32]
    ink: float
    ground: float

    @property
    def left(self) -> float:
        return float(self.boxes[0, 0])

    @property
    def right(self) -> float:
        return float(self.boxes[-1, 0] + self.boxes[-1, 2])


def segment(levels: list[NDArray[np.uint8]], crop: Crop, settings: SegmentSettings) -> list[Line]:
    """Text lines of a crop, top first: the row on the candidate's band, and the rows stacked on it where there are any.

    Parameters
    ----------
    levels : list of uint8 arrays (H, W, 3)
        `rectify.pyramid` of the photograph.
    """
    grey = cv2.cvtColor(crop.pixels, cv2.COLOR_BGR2GRAY)
    photo = _photo(crop.homography, levels[0].shape, grey.shape)
    # a higher threshold parts glyphs that blur has joined, but loses worn ones: only where no row is found otherwise
    for share in settings.shares:
        seed = _seed(grey, photo, crop, share, settings)
        if seed is not None:
            break
    else:
        return []
    # from here on everything is level: y' = y - slope * x
    level = np.array([[1, 0, 0], [-seed.slope, 1, 0]], np.float64)
    grey = cv2.warpAffine(grey, level, grey.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    photo = cv2.warpAffine(photo, level, photo.shape[::-1], flags=cv2.INTER_NEAREST)
    if seed.light:
        grey = 255 - grey
    x0, x1 = float(seed.boxes[:, 0].min()), float((seed.boxes[:, 0] + seed.boxes[:, 2]).max())
    part = (slice(max(0, int(seed.cap)), int(seed.base)), slice(max(0, int(x0)), int(x1)))
    windows = (*settings.blocks, settings.solid)
    masks = [_mask(_difference(grey, b), False, part, share, settings) & photo for b in windows]
    main = _best_run(grey, masks, seed.cap, seed.base, (x0, x1), settings)
    if main is None or len(main.boxes) > settings.most:
        return []
    rows = [(main.boxes, seed.cap, seed.base)]
    for cap, base in _stacked(masks[-1], main.boxes, seed.cap, seed.base, (x0, x1)):
        run = _best_run(grey, masks, cap, base, (x0, x1), settings, main)
        if run is not None and _same_plate(main, run, base - cap):
            rows.append((run.boxes, cap, base))
    if (
        len(rows) == 1
        and len(main.boxes) < settings.fewest
        and main.right - main.left < settings.shortest * seed.height
    ):
        return []
    rows.sort(key=lambda r: r[1])
    to_level = np.vstack([level, [0, 0, 1]]) @ crop.homography
    return [_cut(levels, to_level, masks[-1], row, seed.light, settings) for row in rows]


def _photo(homography: NDArray[np.float64], original: tuple[int, ...], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """1 where a crop of `size` (h, w) shows the photograph, 0 beyond its edge, where its last pixels are repeated."""
    h, w = original[:2]
    corners = np.array([[[0, 0]], [[w - 1, 0]], [[w - 1, h - 1]], [[0, h - 1]]], np.float64)
    mask = np.zeros(size, np.uint8)
    return cv2.fillConvexPoly(mask, np.round(cv2.perspectiveTransform(corners, homography)).astype(np.int32), 1)


def _difference(grey: NDArray[np.uint8], block: float) -> NDArray[np.int16]:
    size = round(block * CAP) | 1
    return cv2.subtract(grey.astype(np.int16), cv2.blur(grey, (size, size)).astype(np.int16))


def _quantile(values: NDArray[np.generic], share: float) -> float:
    """The element below which a share of the values lies: several times as fast as numpy's interpolating one."""
    k = round(share * (values.size - 1))
    return float(np.partition(values, k, axis=None)[k])


def _mask(
    difference: NDArray[np.int16], light: bool, part: tuple[slice, slice], share: float, s: SegmentSettings
) -> NDArray[np.uint8]:
    """Ink: what differs from its local mean by a share of what the ink of `part` does, and by `contrast` at least."""
    ink = difference if light else -difference
    strong = _quantile(ink[part], 0.95) if ink[part].size else 0.0
    return (ink > max(s.contrast, share * strong)).view(np.uint8)


_LINKING = GlyphSettings(min_height=int(0.55 * CAP), max_height=int(1.6 * CAP), min_glyphs=2, max_slope=0.25)


def _components(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Glyph-like components (N, 4) of a mask at the crop's scale."""
    boxes = components(mask).astype(np.float32)
    w, h, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    keep = (h >= 0.55 * CAP) & (h <= 1.6 * CAP) & (w >= 2) & (w <= 1.4 * h) & (area > 0.12 * w * h)
    keep &= (w >= 0.28 * h) | (area >= 0.4 * w * h)
    return boxes[keep][:, :4]


def _seed(
    grey: NDArray[np.uint8], photo: NDArray[np.uint8], crop: Crop, share: float, s: SegmentSettings
) -> _Row | None:
    """The row on the candidate's band with the most glyphs, over thresholds and, where unknown, polarities."""
    x0, y0, x1, y1 = crop.band
    part = (slice(int(y0), int(y1)), slice(int(x0), int(x1)))
    best, best_value = None, 0.0
    polarity = crop.candidate.light_on_dark
    for block in s.blocks:
        difference = _difference(grey, block)
        for light in (False, True) if polarity is None else (polarity,):
            boxes = _components(_mask(difference, light, part, share, s) & photo)
            for members in link(boxes, _LINKING) if len(boxes) > 1 else []:
                row = _fit(boxes[members], light)
                if row is None:
                    continue
                middle = (row.cap + row.base) / 2 + row.slope * (x0 + x1) / 2
                if abs(middle - (y0 + y1) / 2) > 0.35 * (y1 - y0):
                    continue
                centres = row.boxes[:, 0] + row.boxes[:, 2] / 2
                inside = float(((centres > x0) & (centres < x1)).sum())
                value = len(row.boxes) + inside - 4 * abs(row.height / (y1 - y0) - 1)
                if inside and value > best_value:
                    best, best_value = _raised(_settled(row, boxes), boxes), value
    return best


def _settled(row: _Row, boxes: NDArray[np.float32]) -> _Row:
    """The row on the base line that most glyphs around it share.

    A chain may have been made of glyphs of two sizes (small letters, a raised region), whose common line is askew. Of
    all lines through the feet of two glyphs the one wins that passes through most feet.
    """
    x = boxes[:, 0] + boxes[:, 2] / 2
    foot = boxes[:, 1] + boxes[:, 3]
    height, left, right = row.height, row.boxes[0, 0], row.boxes[-1, 0] + row.boxes[-1, 2]
    offset = boxes[:, 1] + boxes[:, 3] / 2 - row.slope * x - (row.cap + row.base) / 2
    beyond = np.maximum(
        0, np.maximum(left - x, x - right)
    )  # an askew line misses its glyphs by more, the farther they are
    near = (np.abs(offset) < 0.5 * height + 0.15 * beyond) & (beyond < 5 * height)
    near &= (boxes[:, 3] > 0.65 * height) & (boxes[:, 3] < 1.5 * height)
    x, foot, boxes = x[near], foot[near], boxes[near]
    i, j = np.triu_indices(len(x), 1)
    wide = np.abs(x[j] - x[i]) > 1.5 * height
    i, j = i[wide], j[wide]
    if not len(i):
        return row
    slopes = (foot[j] - foot[i]) / (x[j] - x[i])
    on = np.abs(foot - foot[i][:, None] - slopes[:, None] * (x - x[i][:, None])) < 0.07 * height
    votes = on.sum(axis=1) - 2.0 * np.abs(slopes - row.slope)
    best = int(votes.argmax())
    before = int((np.abs(foot - row.base - row.slope * x) < 0.07 * height).sum())
    if on[best].sum() < max(4, before + 1) or abs(slopes[best] - row.slope) > 0.2:
        return row
    members = boxes[on[best]]
    members = members[np.argsort(members[:, 0])]
    centres = members[:, 0] + members[:, 2] / 2
    slope = float(slopes[best])
    base = median(members[:, 1] + members[:, 3] - slope * centres)
    cap = median(members[:, 1] - slope * centres)
    return _Row(members, cap, base, slope, row.light)


def _raised(row: _Row, boxes: NDArray[np.float32]) -> _Row:
    """The row with the cap line of its larger glyphs: Russian plates set letters of 58 mm beside digits of 76 mm."""
    x = boxes[:, 0] + boxes[:, 2] / 2
    left, right = row.boxes[0, 0] - 2 * row.height, row.boxes[-1, 0] + row.boxes[-1, 2] + 2 * row.height
    base = boxes[:, 1] + boxes[:, 3] - row.slope * x
    ratio = boxes[:, 3] / row.height
    larger = (x > left) & (x < right) & (np.abs(base - row.base) < 0.13 * row.height) & (ratio > 1.18) & (ratio < 1.5)
    if larger.sum() < 2:
        return row
    return replace(row, cap=median((boxes[:, 1] - row.slope * x)[larger]))


def _fit(boxes: NDArray[np.float32], light: bool) -> _Row | None:
    """Cap and base line by medians over the boxes; boxes off the lines are dropped."""
    for _ in range(3):
        x = boxes[:, 0] + boxes[:, 2] / 2
        top, bottom = boxes[:, 1], boxes[:, 1] + boxes[:, 3]
        slope = median_slope(x, (top + bottom) / 2)
        cap, base = median(top - slope * x), median(bottom - slope * x)
        height = base - cap
        bad = (np.abs(top - slope * x - cap) > 0.16 * height) | (np.abs(bottom - slope * x - base) > 0.16 * height)
        if not bad.any():
            return _Row(boxes, cap, base, slope, light)
        boxes = boxes[~bad]
        if len(boxes) < 2:
            return None
    return None


def _stacked(
    mask: NDArray[np.uint8], run: NDArray[np.float32], cap: float, base: float, extent: tuple[float, float]
) -> list[tuple[float, float]]:
    """Cap and base lines of the rows of like height directly above and below a run: at most one on either side.

    Free glyphs give them, one if it is as high as those of the run (a German district); where the glyphs touch the
    frame, the empty rows between the two lines do.
    """
    height, middle = base - cap, (cap + base) / 2
    left, right = run[0, 0], run[-1, 0] + run[-1, 2]
    boxes = _components(mask)
    centre = boxes[:, 1] + boxes[:, 3] / 2
    x = boxes[:, 0] + boxes[:, 2] / 2
    alike = (boxes[:, 3] > 0.7 * height) & (boxes[:, 3] < 1.4 * height) & (x > left - height) & (x < right + height)
    profile = mask[:, int(extent[0]) : int(extent[1])].mean(axis=1)
    found = []
    for sign in (-1, 1):
        distance = sign * (centre - middle) / height
        here = boxes[alike & (distance > 1.02) & (distance < 1.8)]
        if len(here) >= 2:
            # the most common edges win: count the boxes that agree with each in top and bottom
            top, bottom = here[:, 1], here[:, 1] + here[:, 3]
            agree = (np.abs(top[:, None] - top) < 0.15 * height) & (np.abs(bottom[:, None] - bottom) < 0.15 * height)
            i = int(agree.sum(axis=1).argmax())
            if agree[i].sum() >= 2:
                found.append((median(top[agree[i]]), median(bottom[agree[i]])))
                continue
        lone = here[(here[:, 3] > 0.85 * height) & (here[:, 3] < 1.2 * height) & (here[:, 2] > 0.3 * here[:, 3])]
        if len(lone) == 1:
            found.append((float(lone[0, 1]), float(lone[0, 1] + lone[0, 3])))
            continue
        edge = _next_line(profile, cap if sign < 0 else base, sign, height)
        if edge is not None:
            found.append((edge - height, edge) if sign < 0 else (edge, edge + height))
    return found


def _next_line(profile: NDArray[np.float64], edge: float, sign: int, height: float) -> float | None:
    """The nearer edge of the line beyond the empty rows next to a line's `edge`; None where there are no such rows."""
    y, empty = round(edge), False
    for _ in range(round(0.6 * height)):
        y += sign
        if not 0 <= y < len(profile):
            return None
        if profile[y] < 0.06:
            empty = True
        elif empty and profile[y] > 0.12:
            break
    else:
        return None
    far = y + sign * round(height)
    return float(y + (sign < 0)) if 0 <= far < len(profile) + 1 else None


def _same_plate(main: _Run, other: _Run, height: float) -> bool:
    """Whether a stacked run is glyphs of a contrast like the main one's; a shadow may part the two."""
    wide = other.boxes[:, 2] / height
    glyphs = (wide > 0.1) & (wide < 1.2)
    enough = glyphs.sum() >= 2 or (len(wide) == 1 and 0.3 < wide[0] < 1.1)
    alike = 0.5 < (other.ground - other.ink) / max(main.ground - main.ink, 1.0) < 2
    return bool(enough and alike and other.ground > main.ink and other.ink < main.ground)


def _best_run(
    grey: NDArray[np.uint8],
    masks: list[NDArray[np.uint8]],
    cap: float,
    base: float,
    extent: tuple[float, float],
    s: SegmentSettings,
    beside: _Run | None = None,
) -> _Run | None:
    """The longest run of glyphs inside a level band over the thresholds; near the line `beside` it, if any."""
    runs = [_run(grey, mask, cap, base, extent, s, beside) for mask in masks]
    return max((r for r in runs if r is not None), key=lambda r: len(r.boxes), default=None)


def _run(
    grey: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    cap: float,
    base: float,
    extent: tuple[float, float],
    s: SegmentSettings,
    beside: _Run | None,
) -> _Run | None:
    """Glyph boxes of the band from `cap` to `base`, walked outwards from the middle of `extent`."""
    height = base - cap
    pad = 0.06 * height
    y0, y1 = max(0, int(cap - pad)), min(mask.shape[0], int(np.ceil(base + pad)))
    if y1 - y0 < 6:
        return None
    stats = _whole(components(mask[y0:y1]), height)
    tall = stats[:, 3] > 0.62 * height
    tall |= (stats[:, 1] == 0) & (stats[:, 3] > 0.45 * height)  # a raised group, such as a Russian region
    stats = stats[tall & (stats[:, 2] > 0.04 * height)]  # not dots, hyphens, seals, noise
    if beside is not None:
        reach = s.overhang * height
        stats = stats[(stats[:, 0] > beside.left - reach) & (stats[:, 0] + stats[:, 2] < beside.right + reach)]
    if not len(stats):
        return None
    stats = stats[np.argsort(stats[:, 0])]
    band, ink_mask = grey[y0:y1], mask[y0:y1].astype(bool)
    reach = round(0.28 * height)
    above, below = mask[max(0, y0 - reach) : y0], mask[y1 : y1 + reach]
    a, b = int(max(0, extent[0])), int(extent[1])
    inside = ink_mask[:, a:b]
    if not inside.any() or inside.all():
        return None
    ink = _quantile(band[:, a:b][inside], 0.5)
    ground = _quantile(band[:, a:b][~inside], 0.6)

    def is_bar(box: NDArray[np.int32]) -> bool:
        """A thin vertical edge that goes on beyond the band: a border, or the bar before a Russian region."""
        x, _, w, h, _ = box
        if w >= 0.3 * height:
            return False
        return min(_share(above, x, w), _share(below, x, w)) > (0.6 if h >= y1 - y0 else 0.95)

    def blocked(box: NDArray[np.int32], ground: float) -> bool:
        x, _, w, _, area = box
        outside = x + w < extent[0] or x > extent[1]
        if w > (1.5 if outside else 4.5) * height:
            return True
        if outside and box[3] >= y1 - y0 and min(_cover(above, x, w), _cover(below, x, w)) > 0.6:
            return True  # body work that runs through the band
        if w > 0.45 * height and area > 0.85 * w * box[3]:  # the EU band, a lamp, a shadow
            return True
        return _quantile(band[:, x : x + w], 0.88) < ink + s.ground * (ground - ink)

    def broken(x0: int, x1: int, ground: float, widest: float) -> bool:
        if x1 - x0 > widest * height:
            return True
        if x1 - x0 < 3:
            return False
        rows = y1 - y0 - 4
        columns = np.partition(band[2:-2, x0:x1], round(0.6 * (rows - 1)), axis=0)[round(0.6 * (rows - 1))]
        # a hyphen or a seal leaves most of its column free
        return _quantile(columns, 0.3) < ink + s.ground * (ground - ink)

    centre = (extent[0] + extent[1]) / 2
    middles = stats[:, 0] + stats[:, 2] / 2
    for start in np.argsort(np.abs(middles - centre)):
        if not is_bar(stats[start]) and not blocked(stats[start], ground):
            break
    else:
        return None
    chosen = [start]
    for step in (1, -1):
        last, here = start, ground
        i = start + step
        while 0 <= i < len(stats):
            box, edge = stats[i], stats[last]
            if is_bar(box):
                i += step
                continue
            past_bar = i - last != step
            x0, x1 = (edge[0] + edge[2], box[0]) if step > 0 else (box[0] + box[2], edge[0])
            if blocked(box, here) or broken(x0, x1, here, s.gap_past_bar if past_bar else s.gap):
                break
            if x1 - x0 >= 3:
                here = 0.5 * here + 0.5 * _quantile(band[2:-2, x0:x1], 0.6)
            chosen.append(i)
            last, i = i, i + step
    run = stats[np.sort(chosen), :4].astype(np.float32)
    run[:, 1] += y0
    return _Run(run, ink, ground)


def _share(part: NDArray[np.uint8], x: int, w: int) -> float:
    """Share of the rows of a strip that hold ink at the columns x..x+w, a pixel more on either side."""
    return float(part[:, max(0, x - 1) : x + w + 1].any(axis=1).mean()) if part.size else 0.0


def _whole(stats: NDArray[np.int32], height: float) -> NDArray[np.int32]:
    """Component statistics (N, 5) with the halves of broken glyphs united: such as stand one above the other."""
    part = (stats[:, 3] > 0.25 * height) & (stats[:, 3] <= 0.62 * height) & (stats[:, 2] < height)
    if part.sum() < 2:
        return stats
    pieces = [tuple(int(v) for v in row) for row in stats[part]]
    united = []
    for i, (x, y, w, h, area) in enumerate(pieces):
        for x2, y2, w2, h2, area2 in pieces[i + 1 :]:
            overlap = min(x + w, x2 + w2) - max(x, x2)
            top, bottom = min(y, y2), max(y + h, y2 + h2)
            if overlap > 0.6 * min(w, w2) and bottom - top > 0.8 * height and h + h2 < 1.1 * (bottom - top):
                left, right = min(x, x2), max(x + w, x2 + w2)
                united.append((left, top, right - left, bottom - top, area + area2))
    return np.vstack([stats, np.array(united, stats.dtype)]) if united else stats


def _cover(part: NDArray[np.uint8], x: int, w: int) -> float:
    """Share of a strip that is ink at the columns x..x+w."""
    return float(part[:, x : x + w].mean()) if part.size else 0.0


def _shear(mask: NDArray[np.uint8], run: NDArray[np.float32], cap: float, base: float, limit: float) -> float:
    """Slant dx/dy of the glyphs: where the column profile of the band is sharpest."""
    x0, x1 = int(max(0, run[0, 0] - 8)), int(run[-1, 0] + run[-1, 2] + 8)
    band = mask[int(max(0, cap)) : int(base) + 1, x0:x1]
    if band.size == 0:
        return 0.0
    h, w = band.shape
    band = band * np.uint8(255)

    def sharpness(shear: float) -> float:
        straight = cv2.warpAffine(band, np.array([[1, -shear, shear * h / 2], [0, 1, 0]]), (w, h))
        profile = cv2.reduce(straight, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)[0]
        return float(np.square(profile[1:] - profile[:-1]).sum()) * (1 - 0.15 * abs(shear))

    step = limit / 9
    best = max(range(-8, 9, 2), key=lambda k: sharpness(k * step))
    return step * max((best - 1, best, best + 1), key=lambda k: sharpness(k * step))


def _raised_group(
    mask: NDArray[np.uint8], run: NDArray[np.float32], cap: float, base: float
) -> tuple[int, float, float] | None:
    """A smaller group of glyphs at the right end that does not stand on the base line: a Russian region.

    Returns
    -------
    (int, float, float) or None
        Index of the group's first box, and its own cap and base line.
    """
    height = base - cap
    for first in range(max(3, len(run) - 3), len(run)):
        x0, x1 = int(run[first, 0]), int(run[-1, 0] + run[-1, 2])
        if x1 - x0 < 0.6 * height or run[first, 0] - run[first - 1, 0] - run[first - 1, 2] < 0.15 * height:
            continue  # two glyphs at least, set off from the others
        top = max(0, int(cap - 0.35 * height))
        profile = mask[top : int(base), x0:x1].mean(axis=1)
        inked = profile > 0.12
        y = int(cap + 0.45 * height) - top  # from here down to the first empty row, and up likewise
        below = np.flatnonzero(~inked[y : int(cap + 0.86 * height) - top])
        above = np.flatnonzero(~inked[:y])
        if not len(below) or not inked[int(cap - top + 0.1 * height) : y].all():
            continue
        group_base, group_cap = top + y + float(below[0]), top + (float(above[-1]) + 1 if len(above) else 0.0)
        foot = mask[int(group_base)]
        if any(foot[int(x) : int(x + w)].mean() > 0.12 for x, _, w, _ in run[first:]):
            continue  # one of them goes on to the base line: a small letter
        # 58 of 76 mm, at the cap line or a little above it
        if 0.62 < (group_base - group_cap) / height < 0.88 and -0.3 < (group_cap - cap) / height < 0.12:
            return first, group_cap, group_base
    return None


def _cut(
    levels: list[NDArray[np.uint8]],
    to_level: NDArray[np.float64],
    mask: NDArray[np.uint8],
    row: tuple[NDArray[np.float32], float, float],
    light: bool,
    s: SegmentSettings,
) -> Line:
    """Warp a row from the photograph to the line image; a raised group at its end is brought to full height."""
    run, cap, base = row
    shear = _shear(mask, run, cap, base, s.max_shear)
    group = _raised_group(mask, run, cap, base)
    parts = [(run, cap, base, s.margin, s.margin)]
    if group is not None:
        first, group_cap, group_base = group
        parts = [(run[:first], cap, base, s.margin, s.seam), (run[first:], group_cap, group_base, s.seam, s.margin)]
    images, pieces, x = [], [], 0
    for boxes, top, bottom, before, after in parts:
        height = bottom - top
        slant = abs(shear) * height / 2  # the boxes of slanted glyphs are wider than the glyphs
        left, right = float(boxes[0, 0]) + slant, float(boxes[-1, 0] + boxes[-1, 2]) - slant
        width = max(1, round((right - left + (before + after) * height) * LINE_CAP / height * STRETCH))
        if len(parts) == 1:
            width = max(width, LINE_HEIGHT)
        source = _slanted(left - before * height, right + after * height, top, bottom, s.above, shear)
        target = np.array([[0, 0], [width, 0], [width, LINE_HEIGHT], [0, LINE_HEIGHT]], np.float32)
        to_line = cv2.getPerspectiveTransform(source, target) @ to_level
        edge = unwarp(source[:1], to_level)[0] - unwarp(source[3:], to_level)[0]
        images.append(warp(levels, to_line, (width, LINE_HEIGHT), float(np.linalg.norm(edge)) / LINE_HEIGHT))
        pieces.append(Piece(x, to_line))
        x += width
    pixels = cv2.cvtColor(np.hstack(images), cv2.COLOR_BGR2GRAY)
    slant = abs(shear) * (base - cap) / 2
    band = unwarp(_slanted(run[0, 0] + slant, run[-1, 0] + run[-1, 2] - slant, cap, base, 0, shear), to_level)
    height = float((np.linalg.norm(band[3] - band[0]) + np.linalg.norm(band[2] - band[1])) / 2)
    return Line(255 - pixels if light else pixels, tuple(pieces), band, run, light, height)


def _slanted(left: float, right: float, cap: float, base: float, above: float, shear: float) -> NDArray[np.float32]:
    """The parallelogram around a slanted line, `above` cap heights higher and lower than it."""
    height, middle = base - cap, (base + cap) / 2
    y0, y1 = cap - above * height, base + above * height
    up, down = shear * (y0 - middle), shear * (y1 - middle)
    return np.array([[left + up, y0], [right + up, y0], [right + down, y1], [left + down, y1]], np.float32)
