"""Fusing what the localisers found, and ranking it by measured features.

The ranker is a logistic regression over a dozen measured numbers and their squares; its weights are in `rank.json`, one
line per feature, fitted by ``benchmarks/fit_rank.py``.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from classic_anpr.locate.glyphs import Chain


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


def features_of(chain: Chain, support: int) -> dict[str, float]:
    """The numbers that tell a row of plate glyphs from a grille or a sign."""
    x, _, w, h = chain.boxes.T
    pitch = np.diff(x + w / 2) / chain.height
    gaps = (x[1:] - (x + w)[:-1]) / chain.height
    widths = w / chain.height
    return {
        "glyphs": min(len(x), 9) / 9,
        "support": min(support, 8) / 8,
        "height_spread": float(np.std(h) / chain.height),
        "pitch_spread": float(np.std(pitch) / max(np.mean(pitch), 1e-3)),
        "mean_pitch": float(np.median(pitch)),
        "mean_width": float(np.median(widths)),
        "width_spread": float(np.std(widths)),
        "gap": float(np.median(gaps)),
        "contrast": min(chain.contrast, 100.0) / 100,
        "log_height": math.log(chain.height / 20),
        "slope": abs(chain.slope),
        "light": float(chain.light_on_dark),
    }


@lru_cache(maxsize=1)
def _weights() -> tuple[list[str], NDArray[np.float64], float]:
    data = json.loads(files("classic_anpr.locate").joinpath("rank.json").read_text(encoding="utf-8"))
    names = list(data["features"])
    return names, np.array([data["features"][n] for n in names]), float(data["bias"])


def score(features: dict[str, float]) -> float:
    """Belief in [0, 1] that a chain with these features is a line of a plate."""
    names, table, bias = _weights()
    value = np.array([features[n] for n in names])
    z = float(table[:, 0] @ value + table[:, 1] @ value**2 + bias)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
