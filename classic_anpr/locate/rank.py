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

from classic_anpr.geometry import Quad
from classic_anpr.locate.glyphs import Chain


@dataclass(frozen=True)
class Group:
    """Chains over the same text: the one with the most glyphs stands for all; `support` is how many there were."""

    chain: Chain
    support: int


def group(chains: list[Chain]) -> list[Group]:
    """Unite the chains that different scales and thresholds found over the same text."""
    kept: list[Chain] = []
    support: list[int] = []
    for chain in sorted(chains, key=lambda c: (-len(c.boxes), -c.contrast)):
        for i, other in enumerate(kept):
            alike = chain.light_on_dark == other.light_on_dark and 0.7 < chain.height / other.height < 1.4
            if alike and covers(other.quad, chain.quad.mean(axis=0)):
                support[i] += 1
                break
        else:
            kept.append(chain)
            support.append(1)
    return [Group(c, n) for c, n in zip(kept, support, strict=True)]


def covers(band: Quad, point: NDArray[np.float32]) -> bool:
    """Whether a point lies on a band of text, nearer to its middle line than a third of its height."""
    start, along = (band[0] + band[3]) / 2, band[1] - band[0]
    length, height = float(np.hypot(*along)), float(np.hypot(*(band[3] - band[0])))
    offset = point - start
    run = float(offset @ along) / max(length, 1e-6)
    across = abs(float(offset[1] * along[0] - offset[0] * along[1])) / max(length, 1e-6)
    return -0.2 * height < run < length + 0.2 * height and across < 0.35 * height


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
