"""What a crop tells of a plate's country besides the text: polarity, colours, bands beside the text, gaps.

`observe` measures; `Evidence.look`, `proportions` and `divisions` weigh: log-likelihood ratios of a layout against
plates in general, so that 0 says nothing and evidence never depends on how many countries are admitted. Colours are
reduced to few names before they are weighed: what a camera makes of a plate's white differs by more than two layouts'
whites do. The tables were set by hand, after measuring the labelled photographs, and are kept flat: none of these
observations alone excludes a country. ``benchmarks/country.py`` counts how often the country is right.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Colours
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.rectify import Crop
from classic_anpr.segment import LINE_CAP, LINE_HEIGHT, STRETCH, Line

# Measured chroma (CIE Lab) of ground and ink, as few names.
COLOURS = ("neutral", "yellow", "red", "green", "blue")
# What a country file may call a colour -> the name it should be measured as.
_CLASS = {
    "yellow": "yellow", "orange": "yellow",
    "red": "red", "pink": "red",
    "green": "green", "dark-green": "green", "light-green": "green",
    "blue": "blue", "light-blue": "blue", "violet": "blue",
}  # fmt: skip
# P(measured | printed), in the order of COLOURS. Ink is thin: with blur it takes the colour of its ground.
_GROUND = {
    "neutral": (0.93, 0.02, 0.01, 0.01, 0.03),
    "yellow": (0.15, 0.79, 0.03, 0.02, 0.01),
    "red": (0.20, 0.05, 0.73, 0.01, 0.01),
    "green": (0.40, 0.05, 0.01, 0.50, 0.04),
    "blue": (0.40, 0.01, 0.03, 0.03, 0.53),
}
_INK = {
    "neutral": (0.93, 0.01, 0.02, 0.01, 0.03),
    "yellow": (0.50, 0.45, 0.03, 0.01, 0.01),
    "red": (0.45, 0.02, 0.50, 0.01, 0.02),
    "green": (0.62, 0.02, 0.01, 0.33, 0.02),
    "blue": (0.65, 0.01, 0.02, 0.02, 0.30),
}
# The same of any plate.
_ANY_GROUND = (0.84, 0.09, 0.02, 0.01, 0.04)
_ANY_INK = (0.91, 0.01, 0.03, 0.01, 0.04)
_LIGHT_ON_DARK = 0.12  # of any plate
_POLARITY = 0.96  # P(polarity is measured as it is printed)
_FIRST_COLOURS = 0.6  # share of a layout's first colours where it has others

# P(blue beside the text | band of the sheet), left, right, above. Half of the plates with a band are older than the
# band, or too small or too grey to show it.
BANDS = {
    "": (0.05, 0.05, 0.10),
    "eu": (0.65, 0.06, 0.10),
    "eu-both": (0.65, 0.50, 0.10),
    "blue-left": (0.60, 0.06, 0.10),
    "blue-both": (0.60, 0.50, 0.10),
    "tr": (0.75, 0.06, 0.10),
    "il": (0.60, 0.06, 0.10),
    "gb": (0.25, 0.06, 0.10),
    "ind": (0.20, 0.05, 0.10),
    "flag-left": (0.10, 0.05, 0.10),
    "flag-right": (0.05, 0.07, 0.10),
    "mercosul-top": (0.05, 0.05, 0.75),
}
_ANY_BLUE = (0.40, 0.08, 0.13)
_BLUER = (0.06, 0.12)  # share of blue above the ground's: below no band, above one, between it does not tell

# Measured width of glyphs over the one of the country file (its widest letters), natural log: mean and spread; and the
# width of any plate's glyphs in cap heights. Seen at an angle they are narrower.
_WIDTH = (-0.10, 0.18)
_ANY_WIDTH = (math.log(0.56), 0.17)

# A gap between neighbouring glyphs in cap heights: the log odds that it divides groups rise by this much per cap height
# from this gap on. Median of gaps inside groups 0.13, at divisions 0.57; beside a narrow glyph 0.07 more.
_GAP_MIDDLE = 0.31
_GAP_SLOPE = 18.0
_GAP_LIMIT = 2.5
_GAP_WEIGHT = 0.7  # gaps of one plate are not independent
_DIVIDES = 0.3  # of all gaps
_NARROW = frozenset("1IJTL")
_NARROW_GAP = 0.07


@dataclass(frozen=True)
class Evidence:
    """What a crop shows besides glyphs.

    Attributes
    ----------
    light_on_dark : bool
    ground, ink : str
        One of `COLOURS`.
    blue : tuple of float
        How much bluer than the ground it is left of, right of and above the text: share of blue in B + G + R, -1 to 1.
    width : float or None
        Median width of the glyphs that are not narrow ones, in cap heights; None for fewer than two.
    edges : tuple of float32 arrays (S, 2)
        Per line and slot, where the ink around the slot's middle begins and ends, in cap heights from the line's left
        end.
    """

    light_on_dark: bool
    ground: str
    ink: str
    blue: tuple[float, float, float]
    width: float | None
    edges: tuple[NDArray[np.float32], ...]

    @property
    def appearance(self) -> Hashable:
        """All that `look` depends on."""
        return self.light_on_dark, self.ground, self.ink, tuple(_step(bluer) for bluer in self.blue)

    def look(self, colours: Sequence[Colours], band: str) -> float:
        """Log-likelihood ratio of a sheet with these colours (the commonest first) and this band against any plate."""
        g, i = COLOURS.index(self.ground), COLOURS.index(self.ink)
        share = [1.0] if len(colours) < 2 else [_FIRST_COLOURS, *[(1 - _FIRST_COLOURS) / (len(colours) - 1)] * 20]
        seen = 0.0
        for part, pair in zip(share, colours, strict=False):
            agrees = pair.dark_on_light != self.light_on_dark
            polarity = _POLARITY if agrees else 1 - _POLARITY
            ground = _GROUND[_CLASS.get(pair.background, "neutral")][g]
            seen += part * polarity * ground * _INK[_CLASS.get(pair.characters, "neutral")][i]
        any_plate = (_LIGHT_ON_DARK if self.light_on_dark else 1 - _LIGHT_ON_DARK) * _ANY_GROUND[g] * _ANY_INK[i]
        ratio = math.log(seen / any_plate) if colours else 0.0
        for bluer, expected, usual in zip(self.blue, BANDS.get(band, _ANY_BLUE), _ANY_BLUE, strict=True):
            if _step(bluer) > 0:
                ratio += math.log(expected / usual)
            elif _step(bluer) < 0:
                ratio += math.log((1 - expected) / (1 - usual))
        return ratio

    def proportions(self, aspects: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-likelihood ratios (N,) of plates whose widest letters are so wide in cap heights (0: unknown)."""
        ratios = np.zeros(len(aspects), np.float32)
        if self.width is not None:
            known = aspects > 0
            seen = math.log(self.width)
            ratios[known] = _tailed(seen - np.log(aspects[known]), *_WIDTH) - _tailed(np.array(seen), *_ANY_WIDTH)
        return ratios

    def gap(self, line: int, left: int, right: int) -> float:
        """Ground between the glyphs of two slots of a line, in cap heights; 0 where they touch."""
        edges = self.edges[line]
        return max(0.0, float(edges[right, 0] - edges[left, 1]))

    def divisions(self, places: Sequence[tuple[int, int]], text: str) -> NDArray[np.float32]:
        """For each glyph but the last: log-likelihood ratios (n - 1, 2) that the gap after it divides groups or not.

        Parameters
        ----------
        places : sequence of (line, slot)
            In reading order. A change of line says nothing: (0, 0).
        text : str
            The glyphs there, in the same order.
        """
        ratios = np.zeros((max(len(places) - 1, 0), 2), np.float32)
        for k, ((line, slot), (next_line, next_slot)) in enumerate(pairwise(places)):
            if line != next_line:
                continue
            gap = self.gap(line, slot, next_slot) - _NARROW_GAP * ((text[k] in _NARROW) + (text[k + 1] in _NARROW))
            odds = max(-_GAP_LIMIT, min(_GAP_LIMIT, _GAP_SLOPE * (gap - _GAP_MIDDLE)))
            usual = math.log(_DIVIDES * math.exp(odds) + 1 - _DIVIDES)
            ratios[k] = _GAP_WEIGHT * (odds - usual), -_GAP_WEIGHT * usual
        return ratios


def _tailed(value: NDArray[np.floating], mean: float, spread: float) -> NDArray[np.floating]:
    """Log density up to a constant of Student's distribution with three degrees of freedom."""
    return -math.log(spread) - 2 * np.log1p(((value - mean) / spread) ** 2 / 3)


def _step(bluer: float) -> int:
    """1: blue, -1: not, 0: it does not tell."""
    return int(bluer > _BLUER[1]) - int(bluer < _BLUER[0])


def observe(crop: Crop, lines: Sequence[Line], lattices: Sequence[Lattice]) -> Evidence:
    """Measure a crop around its text lines.

    Parameters
    ----------
    crop : Crop
    lines : sequence of Line
        The lines of one plate, top first; at least one.
    lattices : sequence of Lattice
        What was read in each.
    """
    quads = [cv2.perspectiveTransform(line.band[None].astype(np.float64), crop.homography)[0] for line in lines]
    lengths = [float(np.linalg.norm(q[1] - q[0])) / max(float(np.linalg.norm(q[3] - q[0])), 1e-6) for q in quads]
    light = lines[0].light_on_dark
    inside = [_patch(crop.pixels, q, (0, n), (0.05, 0.95)).reshape(-1, 3) for q, n in zip(quads, lengths, strict=True)]
    ground, ink = _tones(np.concatenate(inside), light)
    colour_of_ground, colour_of_ink = _names(ground, ink)
    sides = [(-1.15, -0.1, q) for q in quads], [(n + 0.1, n + 1.15, q) for q, n in zip(quads, lengths, strict=True)]
    left, right = (
        max(_bluer(_patch(crop.pixels, q, (x0, x1), (0.15, 0.85)), ground, 0) for x0, x1, q in side) for side in sides
    )
    above = _bluer(_patch(crop.pixels, quads[0], (0, lengths[0]), (-0.75, -0.15)), ground, 1)
    edges = tuple(_edges(line, lattice) for line, lattice in zip(lines, lattices, strict=True))
    return Evidence(light, colour_of_ground, colour_of_ink, (left, right, above), _width(lattices, edges), edges)


_SCALE = 16  # pixels per cap height of the patches that are measured


def _patch(
    pixels: NDArray[np.uint8], quad: NDArray[np.float64], across: tuple[float, float], down: tuple[float, float]
) -> NDArray[np.uint8]:
    """The part of a crop from across[0] to across[1] and down[0] to down[1] cap heights from a band's corner."""
    fall = quad[3] - quad[0]
    along = quad[1] - quad[0]
    along *= np.linalg.norm(fall) / max(float(np.linalg.norm(along)), 1e-6)
    x, y = along / _SCALE, fall / _SCALE
    start = quad[0] + across[0] * along + down[0] * fall
    size = (max(1, round((across[1] - across[0]) * _SCALE)), max(1, round((down[1] - down[0]) * _SCALE)))
    to_crop = np.array([[x[0], y[0], start[0]], [x[1], y[1], start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pixels, to_crop, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _tones(pixels: NDArray[np.uint8], light: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Median BGR of ground and ink of pixels (N, 3): the lighter third of the range, its darkest part; or reversed."""
    grey = pixels.sum(axis=1, dtype=np.int32)
    if light:
        grey = -grey
    low, high = _rank(grey, 0.05), _rank(grey, 0.95)
    ground = pixels[grey >= low + 0.65 * (high - low)]
    ink = pixels[grey <= low + 0.15 * (high - low)]
    return _median(ground), _median(ink)


def _rank(values: NDArray[np.generic], part: float) -> float:
    """The value (N,) that so great a part of the others is below; np.percentile takes ten times as long."""
    k = int(part * (len(values) - 1))
    return float(np.partition(values, k)[k])


def _median(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Median of each column, the upper one of two; np.median takes three times as long."""
    half = len(values) // 2
    return np.partition(values, half, axis=0)[half].astype(np.float32)


def _names(ground: NDArray[np.float32], ink: NDArray[np.float32]) -> tuple[str, str]:
    """Names of ground and ink. A cast lies on both alike, so that a colour must also differ from the other's."""
    lab = cv2.cvtColor(np.stack([ground, ink])[None] / np.float32(255), cv2.COLOR_BGR2Lab)[0]
    (_, ga, gb), (_, ia, ib) = lab.tolist()
    return _name(ga, gb, ga - ia, gb - ib), _name(ia, ib, ia - ga, ib - gb)


def _name(a: float, b: float, more_a: float, more_b: float) -> str:
    """Name of a colour of chroma a, b that exceeds its neighbour's by more_a, more_b (CIE Lab)."""
    if b > 28 and more_b > 15 and b > a:
        return "yellow"
    if a > 25 and more_a > 15:
        return "red"
    if a < -14 and more_a < -8:
        return "green"
    if b < -15 and more_b < -6:
        return "blue"
    return "neutral"


def _bluer(patch: NDArray[np.uint8], ground: NDArray[np.float32], axis: int) -> float:
    """Largest share of blue above the ground's over a third of a cap height across `axis`, medians along it."""
    values = patch.astype(np.float32) + 4  # black has no colour
    share = values[..., 0] / values.sum(axis=2)
    half = share.shape[axis] // 2
    share = np.partition(share, half, axis=axis).take(half, axis=axis)
    share -= (ground[0] + 4) / (ground.sum() + 12)
    width = min(_SCALE // 3 if axis == 0 else 2, len(share))
    return float(np.convolve(share, np.full(width, 1 / width), "valid").max())


def _width(lattices: Sequence[Lattice], edges: Sequence[NDArray[np.float32]]) -> float | None:
    """See `Evidence.width`; wider than high are glyphs that touch."""
    widths = [
        float(end - start)
        for lattice, rows in zip(lattices, edges, strict=True)
        for slot, (start, end) in zip(lattice.slots, rows, strict=True)
        if slot.blank < 0.5 and slot.alternatives[0][0] not in _NARROW and 0.2 < end - start < 1
    ]
    return sorted(widths)[len(widths) // 2] if len(widths) > 1 else None


def _edges(line: Line, lattice: Lattice) -> NDArray[np.float32]:
    """See `Evidence.edges`."""
    margin = (LINE_HEIGHT - LINE_CAP) // 2
    band = line.pixels[margin - 1 : LINE_HEIGHT - margin + 1].astype(np.float32)
    ground, ink = _rank(band.ravel(), 0.85), _rank(band.ravel(), 0.04)
    # a column is inked where its few darkest pixels are
    inked = np.partition(band, 2, axis=0)[:3].mean(axis=0) < (ground + ink) / 2
    width = len(inked)
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]])))
    starts, ends = bounds[::2], bounds[1::2]
    edges = np.zeros((len(lattice.slots), 2), np.float32)
    for row, slot in zip(edges, lattice.slots, strict=True):
        middle = min(max((slot.x0 + slot.x1) / 2, 0.0), width - 1.0)
        if not len(starts):
            row[:] = middle
            continue
        # the run of ink that the middle is in, or the nearest
        distance = np.maximum(starts - middle, middle - ends)
        k = int(distance.argmin())
        row[:] = (starts[k], ends[k]) if distance[k] < 0.35 * LINE_CAP * STRETCH else (middle, middle)
    return edges / np.float32(LINE_CAP * STRETCH)
