"""From a glyph's strokes to its outline: fillets, stroke, clip to the cap height, fit to the width.

A glyph is written as centre-line strokes in a unit box: x from 0 (centre of the leftmost stem) to 1 (centre of the
rightmost), y from 0 (centre of the lowest bar) to 1 (centre of the highest). The same description therefore holds for
every stroke width, height and width. The syntax is that of `strokes.STROKES`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

Point = tuple[float, float]

#: Straight pieces per quarter circle: at 24 px of cap height one piece is far below a pixel.
ARC = 10


@dataclass(frozen=True, slots=True)
class Pen:
    """What all glyphs of a font share. Lengths in millimetres.

    Parameters
    ----------
    height : float
        Cap height.
    stroke : float
        Stroke width.
    radius : float
        Centre-line radius of a fillet marked `1`; it never takes more than half a side.
    round : bool
        Round stroke ends and joins (embossing dies that look like pipe) instead of flat ones.
    soften : float
        Radius that the corners of the finished outline are rounded with.
    """

    height: float
    stroke: float
    radius: float
    round: bool = False
    soften: float = 0.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke: points in the unit box, fillet factors, weight in stroke widths (below 0 cuts), closed or not."""

    points: list[Point]
    fillets: list[float]
    weight: float
    closed: bool


def parse(text: str) -> list[Stroke]:
    """Split a description into strokes.

    Raises
    ------
    ValueError
        If a token is not `*weight`, `@x0,y0,x1,y1[,a0,a1]`, `x,y`, `x,y,r` or `z`.
    """
    strokes = []
    for part in text.split("|"):
        tokens = part.split()
        weight = float(tokens.pop(0)[1:]) if tokens[0][0] == "*" else 1.0
        if tokens[0][0] == "@":
            strokes.append(_ellipse([float(v) for v in tokens[0][1:].split(",")], weight))
            continue
        closed = tokens[-1] == "z"
        points: list[Point] = []
        fillets: list[float] = []
        for token in tokens[: len(tokens) - closed]:
            x, y, *r = (float(v) for v in token.split(","))
            points.append((x, y))
            fillets.append(r[0] if r else 0.0)
        strokes.append(Stroke(points, fillets, weight, closed))
    return strokes


def _ellipse(values: list[float], weight: float) -> Stroke:
    """Ellipse in a box, or its arc between two angles (degrees, 0 is right, 90 is up)."""
    x0, y0, x1, y1, *angles = values
    a0, a1 = angles or (0.0, 360.0)
    n = math.ceil(ARC * abs(a1 - a0) / 45)
    turns = [math.radians(a0 + (a1 - a0) * k / n) for k in range(n + bool(angles))]
    points = [((x0 + x1) / 2 + (x1 - x0) / 2 * math.cos(t), (y0 + y1) / 2 + (y1 - y0) / 2 * math.sin(t)) for t in turns]
    return Stroke(points, [0.0] * len(points), weight, not angles)


def fillet(points: NDArray[np.float64], radii: NDArray[np.float64], closed: bool) -> list[Point]:
    """Replace each corner with a circular arc tangent to both sides.

    Where two fillets share a side and do not fit, both give way in proportion.
    """
    n = len(points)
    tangent = np.zeros(n)
    turn = np.zeros(n)
    for i in range(n) if closed else range(1, n - 1):
        a, b = points[i] - points[i - 1], points[(i + 1) % n] - points[i]
        turn[i] = math.atan2(a[0] * b[1] - a[1] * b[0], float(a @ b))
        tangent[i] = radii[i] * math.tan(abs(turn[i]) / 2)
    scale = np.ones(n)
    for i in range(n if closed else n - 1):
        j = (i + 1) % n
        side, need = float(np.hypot(*(points[j] - points[i]))), tangent[i] + tangent[j]
        if need > side:
            scale[i], scale[j] = min(scale[i], side / need), min(scale[j], side / need)
    tangent *= scale
    out: list[Point] = []
    for i in range(n):
        p = points[i]
        if tangent[i] < 1e-9:
            out.append((float(p[0]), float(p[1])))
            continue
        a, b = points[i] - points[i - 1], points[(i + 1) % n] - points[i]
        a, b = a / np.hypot(*a), b / np.hypot(*b)
        start, r = p - a * tangent[i], tangent[i] / math.tan(abs(turn[i]) / 2)
        normal = np.array([-a[1], a[0]]) * math.copysign(1.0, turn[i])
        centre, arm = start + normal * r, -normal * r
        steps = max(2, math.ceil(ARC * abs(turn[i]) / (math.pi / 2)))
        for k in range(steps + 1):
            t = turn[i] * k / steps
            c, s = math.cos(t), math.sin(t)
            out.append((float(centre[0] + c * arm[0] - s * arm[1]), float(centre[1] + s * arm[0] + c * arm[1])))
    # Arcs that meet share a point; the mitre of a side of no length would be a spike.
    out = [p for k, p in enumerate(out) if k == 0 or math.dist(p, out[k - 1]) > 1e-6]
    return out[:-1] if closed and math.dist(out[0], out[-1]) < 1e-6 else out


def _extend(line: list[Point], pen: Pen, right: float, top: float) -> list[Point]:
    """Lengthen flat ends that leave the centre-line box, so that the clip gives them the box's edge."""

    def longer(end: Point, before: Point) -> Point:
        d = np.subtract(end, before)
        d = d / np.hypot(*d)
        out = 0.0
        if (end[1] < 1e-6 and d[1] < -0.3) or (end[1] > top - 1e-6 and d[1] > 0.3):
            out = 0.5 * pen.stroke / abs(d[1]) + pen.stroke  # the surplus is clipped
        elif (end[0] < 1e-6 and d[0] < -0.3) or (end[0] > right - 1e-6 and d[0] > 0.3):
            out = 0.5 * pen.stroke / abs(d[0])
        return (float(end[0] + d[0] * out), float(end[1] + d[1] * out))

    return [longer(line[0], line[1]), *line[1:-1], longer(line[-1], line[-2])]


def _ink(text: str, pen: Pen, inner: float) -> BaseGeometry:
    top = pen.height - pen.stroke
    ink: list[BaseGeometry] = []
    cuts: list[BaseGeometry] = []
    for stroke in parse(text):
        xy = np.array(stroke.points) * (inner, top)
        line = fillet(xy, np.array(stroke.fillets) * pen.radius, stroke.closed)
        half = abs(stroke.weight) * pen.stroke / 2
        pipe = pen.round and stroke.weight > 0
        joins = "round" if pipe else "mitre"
        if stroke.closed:
            ring = Polygon(line)
            hole = ring.buffer(-half, join_style="mitre", mitre_limit=20)
            ink.append(ring.buffer(half, join_style=joins, mitre_limit=20, quad_segs=ARC).difference(hole))
            continue
        if not pipe:
            line = _extend(line, pen, inner, top)
        path = LineString(line)
        shape = path.buffer(
            half, cap_style="round" if pipe else "flat", join_style=joins, mitre_limit=20, quad_segs=ARC
        )
        (ink if stroke.weight > 0 else cuts).append(shape)
    whole = unary_union(ink).difference(unary_union(cuts))
    whole = whole.intersection(box(-1e3, -pen.stroke / 2, 1e3, top + pen.stroke / 2))
    r = pen.soften
    return whole.buffer(-r, quad_segs=4).buffer(2 * r, quad_segs=4).buffer(-r, quad_segs=4) if r else whole


def outline(text: str, pen: Pen, width: float) -> BaseGeometry:
    """Draw a glyph.

    Parameters
    ----------
    text : str
        Its strokes.
    pen : Pen
    width : float
        Width of the ink in millimetres. Diagonals stick out of the centre-line box, so the box is narrowed until the
        ink fits (the stems keep their weight, which scaling would not do).

    Returns
    -------
    shapely geometry
        Millimetres; x from 0 to `width`, y from 0 to the cap height.
    """
    inner = max(width - pen.stroke, 0.0)
    ink = _ink(text, pen, inner)
    for _ in range(8):
        x0, _, x1, _ = ink.bounds
        if inner == 0 or abs(x1 - x0 - width) < 0.01:
            break
        inner = max(inner + width - (x1 - x0), 0.2 * width)
        ink = _ink(text, pen, inner)
    return affinity.translate(ink, -ink.bounds[0], pen.stroke / 2)
