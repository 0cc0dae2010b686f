"""Quadrilaterals in image coordinates.

A *quad* is a float32 array of shape (4, 2), (x, y) in pixels, clockwise in the picture from the top-left corner of the
reading direction.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Quad: TypeAlias = NDArray[np.float32]


def box_of(quad: Quad) -> tuple[float, float, float, float]:
    """Axis-aligned bounding box (x, y, width, height) of a quad, in pixels."""
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)


def transform(points: NDArray[np.float32], homography: NDArray[np.float64]) -> NDArray[np.float32]:
    """Points (N, 2) carried through a 3 x 3 homography."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return (homogeneous[:, :2] / homogeneous[:, 2:]).astype(np.float32)
