"""Finding lines of characters: chains of glyph-like connected components.

A plate is, before all else, a row of marks of one height on a straight line. Local thresholds at several scales and
both polarities turn the picture into connected components; those of a glyph's proportions are linked to their best
neighbour on either side, and mutual links make chains. No shape is learnt here: what is measured is height, pitch and
alignment.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from classic_anpr.geometry import Quad


@dataclass(frozen=True)
class GlyphSettings:
    """How glyph chains are found. Lengths are in pixels of the pyramid level unless stated."""

    min_height: int = 8  # at the finest level; below, strokes are thinner than a pixel
    max_height: int = 34  # more than twice min_height, so that neighbouring levels overlap
    blocks: tuple[int, ...] = (
        13,
        27,
    )  # windows of the local mean, about 1.4 cap heights; the first at the finest level only
    contrast: float = 12.0  # grey levels between a glyph and its local mean
    max_slope: float = 0.84  # tan of the steepest line of text (40 degrees)
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
    chains: list[Chain] = []
    level, scale = grey, 1.0
    if grey.size < settings.enlarged:  # four times for what is no more than a plate
        scale = 4.0 if min(grey.shape) < 3 * settings.max_height else 2.0
        level = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    blocks = settings.blocks
    while min(level.shape) >= 2 * settings.min_height:
        for block in blocks:
            mean = cv2.blur(level, (block, block))
            for light in (False, True):
                difference = cv2.subtract(level, mean) if light else cv2.subtract(mean, level)
                chains += _chains_of_mask(difference, scale, light, settings)
        level = cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        scale *= 0.5
        blocks = settings.blocks[-1:]  # smaller glyphs were found on the level before
    return chains


def _chains_of_mask(difference: NDArray[np.uint8], scale: float, light: bool, s: GlyphSettings) -> list[Chain]:
    """Chains of what stands out from its local mean by more than the contrast; `difference` is in grey levels."""
    _, mask = cv2.threshold(difference, s.contrast, 255, cv2.THRESH_BINARY)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    boxes = stats[1:, :5].astype(np.float32)
    w, h, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    keep = (h >= s.min_height) & (h <= s.max_height) & (w <= 1.5 * h) & (w >= 2) & (area >= 0.15 * w * h)
    keep &= (w >= 0.3 * h) | (area >= 0.45 * w * h)  # narrow components must be bars: 1, I
    boxes = boxes[keep]
    if len(boxes) < s.min_glyphs:
        return []
    chains = []
    for members in link(boxes, s):
        chain = _fit(boxes[members], s)
        if chain is not None:
            kept, quad, height, slope = chain
            cx = (kept[:, 0] + kept[:, 2] / 2).astype(int)
            contrast = float(
                np.median([difference[int(b[1]) : int(b[1] + b[3]), x].max() for b, x in zip(kept, cx, strict=True)])
            )
            chains.append(Chain(kept[:, :4] / scale, quad / np.float32(scale), height / scale, slope, light, contrast))
    return chains


def link(boxes: NDArray[np.float32], s: GlyphSettings) -> list[NDArray[np.intp]]:
    """Groups of box indices, each sorted by x: mutual best neighbours, left to right."""
    x, y, w, h = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
    cx, cy = x + w / 2, y + h / 2
    tree = cKDTree(np.column_stack([cx, cy]))
    pairs = tree.query_pairs(2.2 * s.max_height, output_type="ndarray")
    if not len(pairs):
        return []
    a, b = pairs[:, 0], pairs[:, 1]
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
        & (gap > -0.35 * hm)
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
    graph = coo_matrix((np.ones(len(mutual), np.int8), (a[mutual], b[mutual])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    sizes = np.bincount(label)
    order = np.lexsort((cx, label))
    groups = np.split(order, np.cumsum(sizes)[:-1])
    return [g for g in groups if len(g) >= s.min_glyphs]


def _fit(boxes: NDArray[np.float32], s: GlyphSettings) -> tuple[NDArray[np.float32], Quad, float, float] | None:
    """Straight base and cap line through a group; components off the line are dropped."""
    for _ in range(3):
        x, y, w, h = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
        cx, bottom, top = x + w / 2, y + h, y
        slope = median_slope(cx, (top + bottom) / 2)
        height = float(np.median(h))
        middle = (top + bottom) / 2 - slope * cx
        off = np.abs(middle - np.median(middle)) / height
        bad = (off > 0.18) | (np.abs(h / height - 1) > 0.25)
        if not bad.any():
            break
        boxes = boxes[~bad]
        if len(boxes) < s.min_glyphs:
            return None
    if abs(slope) > s.max_slope:
        return None
    base = float(np.median(bottom - slope * cx))
    cap = float(np.median(top - slope * cx))
    x0, x1 = float(x[0]), float((x + w).max())
    if x1 - x0 < 1.2 * height:
        return None
    quad = np.array(
        [[x0, cap + slope * x0], [x1, cap + slope * x1], [x1, base + slope * x1], [x0, base + slope * x0]], np.float32
    )
    return boxes, quad, base - cap, slope


def median_slope(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Median of the slopes between all pairs of points."""
    i, j = np.triu_indices(len(x), 1)
    dx = x[j] - x[i]
    good = np.abs(dx) > 1e-3
    return float(np.median((y[j] - y[i])[good] / dx[good])) if good.any() else 0.0
