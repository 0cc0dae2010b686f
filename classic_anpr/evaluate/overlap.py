"""How much two places in a picture have in common."""

from __future__ import annotations

from collections.abc import Sequence

from classic_anpr.evaluate.types import Box, Corners, PlateLabel, PredictedPlate, box_corners, corners_box

_Polygon = list[tuple[float, float]]


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two axis-aligned boxes, in [0, 1] (Everingham et al. 2010, sec. 4.2).

    >>> box_iou((0, 0, 10, 10), (5, 0, 10, 10))
    0.3333333333333333
    """
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def quad_iou(a: Corners, b: Corners) -> float:
    """Intersection over union of two convex quadrilaterals, by cutting one with each side of the other.

    References
    ----------
    I. E. Sutherland and G. W. Hodgman, Reentrant polygon clipping, CACM 17 (1974), doi:10.1145/360767.360802.
    """
    first, second = _clockwise(list(a)), _clockwise(list(b))
    both = abs(_area(_clip(first, second)))
    union = abs(_area(first)) + abs(_area(second)) - both
    return both / union if union > 0 else 0.0


def iou(label: PlateLabel, plate: PredictedPlate) -> float:
    """Overlap of a label and a prediction: of the quadrilaterals where the label has one, else of the bounding boxes.

    0 where either has no place.
    """
    if label.box is None or plate.corners is None:
        return 0.0
    if label.corners is not None:
        return quad_iou(label.corners, plate.corners)
    return box_iou(label.box, corners_box(plate.corners))


def lies_on(plate: PredictedPlate, label: PlateLabel) -> bool:
    """Whether a prediction is meant for a label: its centre lies in the label's box grown by an eighth on each side.

    A label or a prediction without a place says nothing against it. The rule admits readers whose boxes are tighter
    than the annotator's, as a reader of glyphs has; `iou` is the strict measure of place.
    """
    if label.box is None or plate.corners is None:
        return True
    x, y, w, h = label.box
    cx = sum(p[0] for p in plate.corners) / len(plate.corners)
    cy = sum(p[1] for p in plate.corners) / len(plate.corners)
    return x - w / 8 <= cx <= x + w * 9 / 8 and y - h / 8 <= cy <= y + h * 9 / 8


def place(label: PlateLabel) -> Corners | None:
    """The label's quadrilateral, or its box as one."""
    return label.corners or (None if label.box is None else box_corners(label.box))


def _area(points: Sequence[tuple[float, float]]) -> float:
    """Signed area; positive for points that run clockwise in the picture (y down)."""
    pairs = zip(points, [*points[1:], *points[:1]], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) / 2


def _clockwise(points: _Polygon) -> _Polygon:
    return points if _area(points) >= 0 else points[::-1]


def _clip(subject: _Polygon, window: _Polygon) -> _Polygon:
    result = subject
    for (ax, ay), (bx, by) in zip(window, [*window[1:], window[0]], strict=True):
        corners, result = result, []
        for (px, py), (qx, qy) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
            p = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
            q = (bx - ax) * (qy - ay) - (by - ay) * (qx - ax)
            if p >= 0:
                result.append((px, py))
            if (p > 0 > q) or (p < 0 < q):
                t = p / (p - q)
                result.append((px + t * (qx - px), py + t * (qy - py)))
    return result
