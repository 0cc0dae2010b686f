"""Boxes and areas of connected components, against OpenCV's own statistics."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from classic_anpr.components import components


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (50, 70)])
@pytest.mark.parametrize("ink", [1, 255])
def test_they_are_those_of_opencv(shape: tuple[int, int], share: float, ink: int) -> None:
    mask = np.where(np.random.default_rng(7).random(shape) < share, ink, 0).astype(np.uint8)
    expected = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:]
    found = components(mask)
    assert found.shape == expected.shape
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, expected.tolist()))


def test_a_part_of_a_larger_mask_will_do() -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[4:9, 10:30] = 1
    assert components(mask[5:, 3:]).tolist() == [[7, 0, 20, 4, 80]]
