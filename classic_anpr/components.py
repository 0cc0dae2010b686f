"""Connected components of a mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def components(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Boxes and areas of the 8-connected components of a mask, in the order of OpenCV's labels, ground left out.

    OpenCV's statistics touch every pixel, ground included. These are made of the runs of ink in each row, which are
    few: 3.3 instead of 5.5 ms on the densest masks of a photograph of a megapixel, 0.1 instead of 0.2 ms on a crop.

    Parameters
    ----------
    mask : uint8 array (H, W)
        0 and one other value.

    Returns
    -------
    int32 array (N, 5)
        x, y, width, height, area in pixels.
    """
    # a column of ground left of the picture and a row below it, so that no run goes on in the next row
    padded = cv2.copyMakeBorder(mask, 0, 1, 1, 0, cv2.BORDER_CONSTANT, value=0)
    count, labels = cv2.connectedComponentsWithAlgorithm(padded, 8, cv2.CV_32S, cv2.CCL_GRANA)
    flat, width = padded.ravel(), np.int32(padded.shape[1])
    changes = (np.flatnonzero(flat[1:] != flat[:-1]) + 1).astype(np.int32)
    starts, ends = changes[::2], changes[1::2]
    owners = labels.ravel()[starts]
    y = starts // width
    x = starts - y * width
    result = np.zeros((count, 5), np.int32)
    left, top, right, bottom, area = result.T
    left[:] = width
    np.minimum.at(left, owners, x - 1)
    np.maximum.at(right, owners, x - 1 + ends - starts)
    top[owners[::-1]] = y[::-1]  # the last write wins: the first row
    bottom[owners] = y + 1
    area[:] = np.bincount(owners, ends - starts, count)
    right -= left
    bottom -= top
    return result[1:]
