"""Finding lines of characters: chains of glyph-like connected components.

A plate is, before all else, a row of marks of one height on a straight line. Local thresholds at several scales and
both polarities turn the picture into connected components; those of a glyph's proportions are linked to their best
neighbour on either side, and mutual links make chains. No shape is learnt here: what is measured is height, pitch and
alignment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from classic_anpr.components import components
from classic_anpr.geometry import Quad

_SAMPLES = 12  # points of a component's middle line at which its contrast is looked up
_MANY = 200  # points; for fewer it is quicker to look at every pair, and `link` drops the far ones
_SHORT = 12  # glyphs; longer chains are fitted apart, so that one fence does not widen the arrays of all


@dataclass(frozen=True)
class GlyphSettings:
    """How glyph chains are found. Lengths are in pixels of the pyramid level unless stated."""

    min_height: int = 8  # at the finest level; below, strokes are thinner than a pixel
    max_height: int = 34  # more than twice min_height, so that neighbouring levels overlap
    # per level, the finest first and the last one for all others: windows of the local mean, and grey levels between a
    # glyph and that mean. A high threshold parts the glyphs of small sharp plates, a low one finds those of dark ones:
    # of 586 labelled plates a chain is found on 98.6 %, with (13, 12), (27, 12), (27, 12) in the same time on 96.4 %.
    views: tuple[tuple[tuple[int, float], ...], ...] = (
        ((13, 12.0), (13, 30.0)),
        ((13, 8.0), (27, 16.0)),
        ((27, 12.0),),
    )
    max_slope: float = 1.0  # tan of the steepest line of text; with 0.84 a quarter fewer plates tilted by 40 degrees
    min_glyphs: int = 3
    enlarged: int = 500_000  # pictures of fewer pixels are searched at twice their size, too


@dataclass(frozen=True)
class Chain:
    """A row of glyphs.

    Attributes
    ----------
    boxes : float32 array (N, 4)
        x, y, width, height of each glyph, left to right, pixels of the original image.
    quad : Quad
        The band from cap line to base line, from the first glyph's left to the last one's right edge.
    height : float
        Cap height in pixels, measured across the line.
    slope : float
        dy/dx of the line.
    light_on_dark : bool
        Polarity of the threshold that found it.
    contrast : float
        Median absolute difference of the glyphs' grey to their ground, grey levels.
    """

    boxes: NDArray[np.float32]
    quad: Quad
    height: float
    slope: float
    light_on_dark: bool
    contrast: float


def find_chains(grey: NDArray[np.uint8], settings: GlyphSettings) -> list[Chain]:
    """Chains of glyph-like components in a grey picture (H, W) uint8, at all sizes and both polarities."""
    level, scale = grey, 1.0
    if grey.size < settings.enlarged:  # four times for what is no more than a plate
        scale = 4.0 if min(grey.shape) < 3 * settings.max_height else 2.0
        level = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    depth = 0
    # The masks' components are laid side by side, farther apart than glyphs are linked: so all are linked at once.
    stride = level.shape[1] + 4.0 * settings.max_height
    found: list[NDArray[np.float32]] = []
    views: list[tuple[float, bool]] = []
    while min(level.shape) >= 2 * settings.min_height:
        differences: dict[int, tuple[NDArray[np.uint8], NDArray[np.uint8]]] = {}
        for block, contrast in settings.views[min(depth, len(settings.views) - 1)]:
            if block not in differences:
                mean = cv2.blur(level, (block, block))
                differences[block] = cv2.subtract(mean, level), cv2.subtract(level, mean)
            for light, difference in zip((False, True), differences[block], strict=True):
                marks = _marks(difference, contrast, settings)
                marks[:, 0] += len(views) * stride
                found.append(marks)
                views.append((scale, light))
        level = cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        scale *= 0.5
        depth += 1
    marks = np.concatenate(found) if found else np.zeros((0, 5), np.float32)
    chains = []
    groups = sorted(link(marks, settings), key=len)
    short = sum(len(g) <= _SHORT for g in groups)
    for part in (groups[:short], groups[short:]):
        for members, cap, base, slope, contrast in _fit(marks, part, settings):
            view = int(marks[members[0], 0] // stride)
            scale, light = views[view]
            boxes = marks[members, :4]
            boxes[:, 0] -= view * stride
            boxes /= scale
            x0, x1 = boxes[0, 0], (boxes[:, 0] + boxes[:, 2]).max()
            cap, base = (v + slope * view * stride for v in (cap, base))
            ends = np.array([x0, x1, x1, x0])
            sides = np.array([cap, cap, base, base]) / scale
            quad = np.column_stack([ends, sides + slope * ends]).astype(np.float32)
            chains.append(Chain(boxes, quad, (base - cap) / scale, slope, light, contrast))
    return chains


def _marks(difference: NDArray[np.uint8], least: float, s: GlyphSettings) -> NDArray[np.float32]:
    """What stands out from its local mean and has a glyph's proportions.

    Parameters
    ----------
    difference : uint8 array (H, W)
        Grey levels by which each pixel is darker (or lighter) than its surroundings.

    Returns
    -------
    float32 array (N, 5)
        x, y, width, height, and the largest difference on the vertical middle line.
    """
    _, mask = cv2.threshold(difference, least, 255, cv2.THRESH_BINARY)
    stats = components(mask)
    w, h, area = stats[:, 2], stats[:, 3], stats[:, 4]
    keep = (h >= s.min_height) & (h <= s.max_height) & (w <= 1.5 * h) & (w >= 2) & (area >= 0.15 * w * h)
    keep &= (w >= 0.3 * h) | (area >= 0.45 * w * h)  # narrow components must be bars: 1, I
    x, y, w, h = (stats[keep, k] for k in range(4))
    along = ((np.arange(_SAMPLES) + 0.5) / _SAMPLES * h[:, None]).astype(int)
    contrast = difference[y[:, None] + along, (x + w // 2)[:, None]].max(axis=1, initial=0)
    return np.column_stack([x, y, w, h, contrast]).astype(np.float32)


def link(boxes: NDArray[np.float32], s: GlyphSettings) -> list[NDArray[np.intp]]:
    """Groups of box indices, each sorted by x: mutual best neighbours, left to right."""
    x, y, w, h = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
    cx, cy = x + w / 2, y + h / 2
    a, b = _pairs(np.column_stack([cx, cy]), 2.2 * s.max_height).T
    swap = cx[a] > cx[b]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    dx, dy = cx[b] - cx[a], cy[b] - cy[a]
    hm = np.maximum(h[a], h[b])
    ratio = np.minimum(h[a], h[b]) / hm
    gap = x[b] - (x[a] + w[a])
    ok = (
        (ratio > 0.7)
        & (np.abs(dy) < s.max_slope * dx)
        & (gap < 1.3 * hm)
        & (gap > -0.5 * hm)  # the boxes of neighbours overlap where the line is steep
        & (dx > 0.25 * hm)
        & (dx < 2.2 * hm)
    )
    a, b, dx, dy, hm, ratio, gap = (v[ok] for v in (a, b, dx, dy, hm, ratio, gap))
    if not len(a):
        return []
    # near, level and alike first; overlapping in x costs too
    cost = np.hypot(dx, 2.0 * dy) / hm + 3.0 * (1 - ratio) + np.maximum(0, -gap / hm)
    n = len(boxes)
    order = np.argsort(-cost, kind="stable")
    right, left = np.full(n, -1), np.full(n, -1)
    right[a[order]] = order  # the last write wins: the cheapest link
    left[b[order]] = order
    mutual = np.unique(right[right >= 0])
    mutual = mutual[left[b[mutual]] == mutual]
    if not len(mutual):
        return []
    # mutual links make chains: each glyph's label is its chain's first glyph, found by going left in doubling steps
    label = np.arange(n)
    label[b[mutual]] = a[mutual]
    while not np.array_equal(further := label[label], label):
        label = further
    sizes = np.bincount(label)
    members = np.flatnonzero(sizes[label] >= s.min_glyphs)
    if not len(members):
        return []
    members = members[np.lexsort((cx[members], label[members]))]
    return np.split(members, np.flatnonzero(np.diff(label[members])) + 1)


def _pairs(centres: NDArray[np.float32], reach: float) -> NDArray[np.intp]:
    """Indices (M, 2) of the pairs of points (N, 2) that are no farther apart than `reach`."""
    if len(centres) < _MANY:
        return np.column_stack(np.triu_indices(len(centres), 1))
    return np.asarray(cKDTree(centres).query_pairs(reach, output_type="ndarray"))


def _fit(
    marks: NDArray[np.float32], groups: list[NDArray[np.intp]], s: GlyphSettings
) -> Iterator[tuple[NDArray[np.intp], float, float, float, float]]:
    """Straight base and cap line through each group; marks off the lines are dropped, and groups that are no line.

    All groups at once, as rows of arrays as long as the longest: numpy's calls cost more than the arithmetic.

    Yields
    ------
    (members, cap, base, slope, contrast)
        Indices of the marks left to right; y of both lines at x = 0; dy/dx; median contrast of the marks.
    """
    if not groups:
        return
    count = np.array([len(g) for g in groups])
    valid = np.arange(count.max()) < count[:, None]
    index = np.zeros(valid.shape, np.intp)
    index[valid] = np.concatenate(groups)
    x, y, w, h, contrast = np.moveaxis(marks[index].astype(np.float64), 2, 0)
    cx, middle = x + w / 2, y + h / 2
    for _ in range(3):
        slope = median_slopes(cx, middle, valid)
        height = medians(h, valid)
        offset = middle - slope[:, None] * cx
        off = np.abs(offset - medians(offset, valid)[:, None]) / height[:, None]
        bad = valid & ((off > 0.18) | (np.abs(h / height[:, None] - 1) > 0.25))
        valid &= ~bad
        few = valid.sum(axis=1) < s.min_glyphs
        if few.any():
            keep = ~few
            index, valid, x, y, w, h, cx, middle, contrast, slope = (
                v[keep] for v in (index, valid, x, y, w, h, cx, middle, contrast, slope)
            )
        if not bad.any() or not len(index):
            break
    if not len(index):
        return
    height = medians(h, valid)
    cap = medians(y - slope[:, None] * cx, valid)
    base = medians(y + h - slope[:, None] * cx, valid)
    length = np.where(valid, x + w, -np.inf).max(axis=1) - np.where(valid, x, np.inf).min(axis=1)
    contrast = medians(contrast, valid)
    for k in np.flatnonzero((np.abs(slope) <= s.max_slope) & (length >= 1.2 * height)):
        yield index[k, valid[k]], float(cap[k]), float(base[k]), float(slope[k]), float(contrast[k])


def medians(values: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median of the valid values of each row; 0 where there is none."""
    count = valid.sum(axis=1)
    ordered = np.sort(np.where(valid, values, np.inf), axis=1)
    rows = np.arange(len(values))
    pair = ordered[rows, np.maximum(count - 1, 0) // 2], ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    return np.where(count > 0, (pair[0] + pair[1]) / 2, 0.0)


def median_slopes(x: NDArray[np.float64], y: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median of the slopes between all pairs of valid points of each row."""
    i, j = np.triu_indices(x.shape[1], 1)
    dx = x[:, j] - x[:, i]
    good = valid[:, i] & valid[:, j] & (np.abs(dx) > 1e-3)
    return medians((y[:, j] - y[:, i]) / np.where(good, dx, 1.0), good)


def median_slope(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Median of the slopes between all pairs of points."""
    i, j = np.triu_indices(len(x), 1)
    dx = x[j] - x[i]
    good = np.abs(dx) > 1e-3
    return median((y[j] - y[i])[good] / dx[good]) if good.any() else 0.0


def median(values: NDArray[np.generic]) -> float:
    """Median of a flat array: for a few values several times as fast as numpy's."""
    ordered = np.sort(values)
    return (float(ordered[(len(ordered) - 1) // 2]) + float(ordered[len(ordered) // 2])) / 2
