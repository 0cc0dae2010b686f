"""Fusing what the localisers found, and ranking it by measured features.

The ranker is a logistic regression over measured numbers and their squares; its weights are in `rank.json`, one line
per feature, fitted by ``benchmarks/fit_rank.py``. What is around the marks tells a plate from other rows of marks as
well as the marks do: nothing above or below it is as busy, and few other rows are near.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.locate.glyphs import Chain, medians

_COLUMNS = 96  # points along a band at which the picture is looked up
# The rows of these points, in cap heights below the cap line: eight through the text, four above and four below it.
_TEXT = (np.arange(8) + 0.5) / 8
_ABOVE = np.array([-1.9, -1.5, -1.1, -0.7])
_ROWS = np.concatenate([_TEXT, _ABOVE, 1 - _ABOVE])


@dataclass(frozen=True)
class Group:
    """Chains over the same text: the one with the most glyphs stands for all; `support` is how many there were."""

    chain: Chain
    support: int


def group(chains: list[Chain]) -> list[Group]:
    """Unite the chains that different scales and thresholds found over the same text."""
    if not chains:
        return []
    chains = sorted(chains, key=lambda c: (-len(c.boxes), -c.contrast))
    quads = np.array([c.quad for c in chains])
    height = np.array([c.height for c in chains])
    light = np.array([c.light_on_dark for c in chains])
    ratio = height / height[:, None]
    same = (light == light[:, None]) & (ratio > 0.7) & (ratio < 1.4)
    same &= covers(quads[:, None], quads.mean(axis=1))
    support = np.zeros(len(chains), int)  # 0 for a chain that lies on a better one
    for i in range(len(chains)):
        support[np.argmax(same[:, i] & (support > 0)) if (same[:, i] & (support > 0)).any() else i] += 1
    return [Group(c, int(n)) for c, n in zip(chains, support, strict=True) if n]


def covers(bands: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether points lie on bands of text, nearer to their middle lines than a third of their heights.

    Parameters
    ----------
    bands : float32 array (..., 4, 2)
        Quads.
    points : float32 array (..., 2)
        Broadcast against the bands.
    """
    along = bands[..., 1, :] - bands[..., 0, :]
    length = np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-6)
    side = bands[..., 3, :] - bands[..., 0, :]
    height = np.hypot(side[..., 0], side[..., 1])
    offset = points - (bands[..., 0, :] + bands[..., 3, :]) / 2
    run = (offset * along).sum(axis=-1) / length
    across = np.abs(offset[..., 1] * along[..., 0] - offset[..., 0] * along[..., 1]) / length
    return np.asarray((run > -0.2 * height) & (run < length + 0.2 * height) & (across < 0.35 * height))


def measure(groups: list[Group], grey: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    """The numbers that tell a row of plate glyphs from a grille or a sign, a float64 array (len(groups),) for each.

    Lengths are in cap heights. All groups at once, since numpy's calls cost more than the arithmetic.

    Parameters
    ----------
    groups : list of Group, not empty
    grey : uint8 array (H, W)
        The picture that they were found in.
    """
    chains = [g.chain for g in groups]
    quads = np.array([c.quad for c in chains], np.float64)
    height = np.array([c.height for c in chains])
    light = np.array([c.light_on_dark for c in chains])
    samples = _samples(quads, height, grey)
    samples[light] = 255 - samples[light]
    return {
        **_of_marks(chains, height),
        "support": np.minimum([g.support for g in groups], 8) / 8,
        "contrast": np.minimum([c.contrast for c in chains], 100.0) / 100,
        "log_height": np.log(height / 20),
        "slope": np.abs([c.slope for c in chains]),
        "light": light.astype(np.float64),
        **_of_ground(samples, np.hypot(*(quads[:, 1] - quads[:, 0]).T) / height),
        "crowd": _crowd(quads, height),
    }


def _of_marks(chains: list[Chain], height: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """How many marks there are, how even, how wide and how far apart."""
    count = np.array([len(c.boxes) for c in chains])
    valid = np.arange(count.max()) < count[:, None]
    boxes = np.zeros((*valid.shape, 4))
    boxes[valid] = np.concatenate([c.boxes for c in chains])
    x, _, w, h = np.moveaxis(boxes / height[:, None, None], 2, 0)
    pitch = np.diff(x + w / 2, axis=1)
    return {
        "glyphs": np.minimum(count, 9) / 9,
        "height_spread": _spreads(h, valid),
        "pitch_spread": _spreads(pitch, valid[:, 1:]) / np.maximum(_means(pitch, valid[:, 1:]), 1e-3),
        "mean_pitch": medians(pitch, valid[:, 1:]),
        "mean_width": medians(w, valid),
        "width_spread": _spreads(w, valid),
        "gap": medians(x[:, 1:] - (x + w)[:, :-1], valid[:, 1:]),
    }


def _means(values: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(np.where(valid, values, 0.0).sum(axis=1) / valid.sum(axis=1))


def _spreads(values: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Standard deviation of each row's valid values."""
    return np.sqrt(_means((values - _means(values, valid)[:, None]) ** 2, valid))


def _samples(quads: NDArray[np.float64], height: NDArray[np.float64], grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture along each band and its surroundings: uint8 (N, len(_ROWS), _COLUMNS).

    Each is taken from the halving of the picture in which its cap height is nearest to 12 px: in finer ones a large
    plate's noise and fine print would be as busy as its text.
    """
    along = (np.arange(_COLUMNS) + 0.5) / _COLUMNS
    origin = quads[:, 0, None, None]
    u, v = quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0]
    points = origin + along[:, None] * u[:, None, None] + _ROWS[:, None, None] * v[:, None, None]
    samples = np.zeros(points.shape[:3], np.uint8)
    wanted = np.maximum(np.rint(np.log2(np.maximum(height, 1.0) / 12)), 0).astype(int)
    level, halvings = grey, 0
    for target in np.unique(wanted):
        while halvings < target and min(level.shape) >= 2:
            level, halvings = cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), halvings + 1
        here = wanted == target
        at = ((points[here] + 0.5) / 2**halvings - 0.5).astype(np.float32).reshape(-1, _COLUMNS, 2)
        looked_up = cv2.remap(level, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        samples[here] = looked_up.reshape(-1, *samples.shape[1:])
    return samples


def _of_ground(samples: NDArray[np.uint8], length: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The ground of a band, and how busy it and its surroundings are, from dark-on-light samples."""
    text = samples[:, : len(_TEXT)]
    ordered = np.sort(text.reshape(len(text), -1), axis=1).astype(np.float64)
    ink, ground = ordered[:, ordered.shape[1] // 10], ordered[:, ordered.shape[1] * 4 // 5]
    span = np.maximum(ground - ink, 5.0)
    dark = text <= ((ink + ground) / 2)[:, None, None]
    strokes = (dark[:, :, 1:] != dark[:, :, :-1]).sum(axis=(1, 2)) / len(_TEXT)
    steps = cv2.absdiff(samples[:, :, 1:], samples[:, :, :-1]).sum(axis=2) / length[:, None]
    busy = steps[:, : len(_TEXT)].mean(axis=1)
    return {
        "ground": ground / 255,
        "range": span / 255,
        "busy": busy / span / 10,
        "strokes": strokes / length / 10,
        "clear": (~dark.any(axis=1)).mean(axis=1),
        "around": np.minimum(steps[:, len(_TEXT) :].mean(axis=1) / np.maximum(busy, 1.0), 4.0),
    }


def _crowd(quads: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many other rows of like height are within three caps beside and five above or below: sixths, at most one."""
    centre = quads.mean(axis=1)
    half = (quads[:, 1, 0] - quads[:, 0, 0]) / 2
    apart = np.abs(centre[:, None] - centre)
    ratio = height / height[:, None]
    near = (ratio > 0.6) & (ratio < 1.6)
    near &= (apart[..., 0] < half[:, None] + half + 3 * height[:, None]) & (apart[..., 1] < 5 * height[:, None])
    return np.minimum(near.sum(axis=1) - 1, 6) / 6


@lru_cache(maxsize=1)
def _weights() -> tuple[list[str], NDArray[np.float64], float]:
    data = json.loads(files("classic_anpr.locate").joinpath("rank.json").read_text(encoding="utf-8"))
    names = list(data["features"])
    return names, np.array([data["features"][n] for n in names]), float(data["bias"])


def scores(features: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Belief in [0, 1] that a chain with these features is a line of a plate, for each of several chains."""
    names, table, bias = _weights()
    values = np.column_stack([features[n] for n in names])
    z = values @ table[:, 0] + values**2 @ table[:, 1] + bias
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -30, 30))))
