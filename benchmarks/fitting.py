"""What ``fit_rank.py`` and ``fit_judge.py`` share: the labels, the halves, a logistic regression and its report."""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A plate of a photograph: its text (``?`` = unreadable), and its box (x, y, width, height) in pixels, if known."""

    text: str
    box: Box | None


def read_labels(folder: Path) -> dict[str, list[Label]]:
    """The plates of every file of a set; a file without a plate has an empty list."""
    found: dict[str, list[Label]] = {}
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            plates = found.setdefault(row["file"], [])
            if row["text"]:
                box = (float(row["x"]), float(row["y"]), float(row["w"]), float(row["h"])) if row["x"] else None
                plates.append(Label(row["text"], box))
    return found


def in_fitting_half(text: str) -> bool:
    """Whether a plate is fitted on. By its text, so that all photographs of one car fall into the same half."""
    return zlib.crc32(text.encode()) % 2 == 0


def fit(
    features: Floats, right: NDArray[np.bool_], weight: Floats | None = None, ridge: float = 2e-3
) -> tuple[Floats, float]:
    """Logistic regression by Newton's method.

    Parameters
    ----------
    features : float64 array (N, K)
    right : bool array (N,)
    weight : float64 array (N,), optional
        How much each row counts; 1 if left out.
    ridge : float
        Penalty on the squared weights of the standardised features.

    Returns
    -------
    (float64 array (K,), float)
        Weights of the features as they are, and the bias.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    weight = np.ones(len(rows)) if weight is None else weight
    penalty = np.full(rows.shape[1], ridge)
    penalty[-1] = 0.0
    w = np.zeros(rows.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-rows @ w))
        gradient = rows.T @ (weight * (p - right)) / weight.sum() + penalty * w
        curvature = (rows * (weight * p * (1 - p))[:, None]).T @ rows / weight.sum()
        w -= np.linalg.solve(curvature + np.diag(penalty + 1e-9), gradient)
    weights = w[:-1] / spread
    return weights, float(w[-1] - weights @ mean)


def probabilities(features: Floats, weights: Floats, bias: float) -> Floats:
    """Probability (N,) of every row of `features` (N, K)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(features @ weights + bias, -30, 30))))


def report(p: Floats, right: NDArray[np.bool_]) -> str:
    """Log loss (nats), expected calibration error over ten bins, the bins, and precision and recall per threshold."""
    q = np.clip(p, 1e-9, 1 - 1e-9)
    loss = float(-np.where(right, np.log(q), np.log(1 - q)).mean())
    bins = np.clip((p * 10).astype(int), 0, 9)
    filled = [k for k in range(10) if (bins == k).any()]
    error = sum((bins == k).mean() * abs(p[bins == k].mean() - right[bins == k].mean()) for k in filled)
    out = [f"{len(p)} rows, {int(right.sum())} right; log loss {loss:.4f}, calibration error {error:.4f}"]
    out += ["  confidence  rows  right"]
    out += [
        f"  {k / 10:.1f} to {(k + 1) / 10:.1f}  {(bins == k).sum():4}  {right[bins == k].mean():.2f}" for k in filled
    ]
    out += ["  above  precision  recall"]
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        above = p > threshold
        if above.any():
            out += [f"  {threshold:.1f}    {right[above].mean():.3f}      {right[above].sum() / right.sum():.3f}"]
    return "\n".join(out)
