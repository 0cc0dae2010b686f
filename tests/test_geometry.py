"""Boxes of quads, and points through homographies."""

from __future__ import annotations

import numpy as np
import pytest

from classic_anpr.geometry import box_of, transform

QUAD = np.array([[10, 20], [110, 30], [105, 60], [5, 50]], np.float32)


def test_box_of() -> None:
    assert box_of(QUAD) == (5, 20, 105, 40)
    assert all(type(v) is float for v in box_of(QUAD))


def test_transform_by_the_identity() -> None:
    moved = transform(QUAD, np.eye(3))
    np.testing.assert_array_equal(moved, QUAD)
    assert moved.dtype == np.float32


def test_transform_divides_by_the_third_coordinate() -> None:
    perspective = np.array([[1, 0, 0], [0, 1, 0], [0.01, 0, 1.0]])
    np.testing.assert_allclose(transform(np.array([[100, 50]], np.float32), perspective), [[50, 25]])


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_transform_back_and_forth(scale: float) -> None:
    homography = np.array([[scale, 0.2, 7], [-0.1, scale, -3], [1e-4, 2e-4, 1]])
    there = transform(QUAD, homography)
    assert np.abs(there - QUAD).max() > 1
    np.testing.assert_allclose(transform(there, np.linalg.inv(homography)), QUAD, atol=1e-3)
