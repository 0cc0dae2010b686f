"""Accept or reject: one reading from a candidate's lines and hypotheses, with a probability that it is right."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

import cv2
import numpy as np

from classic_anpr.constrain import Hypothesis
from classic_anpr.countries import Country
from classic_anpr.geometry import Quad
from classic_anpr.locate.candidate import Candidate
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.results import Character, PlateReading, TextCandidate
from classic_anpr.segment import LINE_CAP, STRETCH, Line


@dataclass(frozen=True)
class JudgeSettings:
    """When a reading is good enough to be reported."""

    min_confidence: float = 0.4  # 97 % of what is reported is right; README, Measured
    min_glyphs: int = 3
    max_glyphs: int = 10  # longer texts are lettering, unless a layout has them
    unread: float = 0.25  # a glyph less certain than this is reported as ``?``, unless a layout says what it must be
    # a less likely country is unknown; 95 % of the named ones are right (benchmarks/country.py)
    min_country: float = 0.5
    max_overlap: float = 0.3  # of two readings that share more of the smaller one, the less certain is dropped


def judge(
    candidate: Candidate,
    lines: Sequence[Line],
    lattices: Sequence[Lattice],
    hypotheses: Sequence[Hypothesis],
    features: Mapping[str, float],
    countries: Mapping[str, Country],
    settings: JudgeSettings,
    top: int = 5,
) -> PlateReading:
    """The reading of one candidate: its best hypothesis, its probability, and whether to report it.

    Parameters
    ----------
    lines, lattices : the printed lines of the plate, top first, and what the OCR saw in each
    hypotheses : at least one, best first
    features : of this reading, by `features_of` and `agreement`
    """
    best = hypotheses[0]
    confidence = probability(features)
    characters = tuple(_character(best, k, lines, lattices, settings.unread) for k in range(len(best.text)))
    text = "".join(c.char for c in characters)
    raw = next((h.text for h in hypotheses if h.country is None), best.text)
    named = best.country is not None and best.country_share >= settings.min_country
    country = countries.get(best.country) if best.country and named else None
    layout = country.layout(best.layout) if country and best.layout else None
    region = region_name = None
    warnings: tuple[str, ...] = ()
    formatted = text
    if country and layout:
        gaps = best.gaps or _gaps(best, lattices)
        check = country.check(best.text, layout, gaps)
        region, region_name, warnings = check.region, check.region_name, check.warnings
        formatted = layout.format(best.text, gaps) if "?" not in text else text
    reason = ""
    if len(best.text) < settings.min_glyphs:
        reason = f"only {len(best.text)} glyphs"
    elif len(best.text) > settings.max_glyphs and best.layout is None:
        reason = f"{len(best.text)} glyphs of no layout"
    elif confidence < settings.min_confidence:
        weakest = min(features.items(), key=lambda kv: _weights()[0].get(kv[0], 0.0) * kv[1])[0]
        reason = f"confidence {confidence:.2f} below {settings.min_confidence:.2f}, mostly for {weakest}"
    return PlateReading(
        text=text,
        raw_text=raw,
        formatted=formatted,
        lines=best.lines,
        country=best.country if named else None,
        country_confidence=best.country_share if named else None,
        layout=best.layout if named else None,
        region=region,
        region_name=region_name,
        confidence=confidence,
        detection_confidence=candidate.score,
        corners=corners_of(candidate, lines),
        characters=characters,
        candidates=_candidates(hypotheses, confidence, top),
        edits=best.edits,
        warnings=warnings,
        accepted=not reason,
        reason=reason,
    )


def features_of(
    candidate: Candidate,
    lines: Sequence[Line],
    hypotheses: Sequence[Hypothesis],
    countries: Mapping[str, Country],
) -> dict[str, float]:
    """What the probability of a reading is computed from, together with `agreement`.

    Parameters
    ----------
    hypotheses : at least one, best first
    countries : all that are admitted, by code
    """
    best = hypotheses[0]
    glyphs = np.clip(np.array(best.glyphs or (1e-3,)), 1e-3, 1.0)
    free = next((h for h in hypotheses if h.country is None), best)
    return {
        "mean_log_glyph": float(np.log(glyphs).mean()),
        "min_log_glyph": float(np.log(glyphs.min())),
        "log_share": math.log(max(_share(best, hypotheses), 1e-3)),
        "layout": float(best.country is not None),
        "common": _common(best, countries),
        "gain": float(np.clip(best.score - free.score, 0, 12)) / 12,
        "check": 0.0 if best.checked is None else 1.0 if best.checked else -1.0,
        "edits": float(min(len(best.edits), 3)),
        "glyphs": min(len(best.text), 8) / 8,
        "short": float(len(best.text) < 5),
        "stacked": float(len(lines) > 1),
        "rank": math.log(max(candidate.score, 1e-4) / max(1 - candidate.score, 1e-4)) / 5,
        "border": float("border" in candidate.evidence),
        "no_digit": float(not any(c.isdigit() for c in best.text)),
        "repeated": _repeated(best.text),
        "apart": _apart(best, countries),
        "contrast": min(_contrast(line) for line in lines) / 255,
        "log_height": math.log(max(min(line.height for line in lines), 4.0) / 16),
    }


def _common(best: Hypothesis, countries: Mapping[str, Country]) -> float:
    """How common the text's layout is, in [-1, 0]: a part of a plate easily has some rare layout of some country.

    An eighth of the natural logarithm of the layout's share of its country's weights, plus half of that of the
    country's vehicles over the most of any admitted one (both are estimates of the country files).
    """
    if best.country is None or best.layout is None:
        return 0.0
    country = countries[best.country]
    share = country.layout(best.layout).weight / sum(layout.weight for layout in country.layouts)
    most = max(c.vehicles for c in countries.values())
    return max(math.log(share) + 0.5 * math.log(country.vehicles / most), -8.0) / 8


def _apart(best: Hypothesis, countries: Mapping[str, Country]) -> float:
    """How much wider than 0.9 cap heights the ground inside a group is, in [0, 1]: dates and lettering are.

    Of 774 readings with a gap of 1 or more inside a group 6 % were right, with one of 1.5 none, but 73 % of 606 with
    one as wide between two groups.
    """
    country = countries.get(best.country) if best.country else None
    groups = country.layout(best.layout).best_split(best.text, best.gaps) if country and best.layout else None
    ends = set(accumulate(len(group) for group in groups or ()))
    inside = (gap - 0.9 for k, gap in enumerate(best.gaps, start=1) if k not in ends and gap > 0.9)
    return min(max(inside, default=0.0), 1.0)


def _repeated(text: str) -> float:
    """How much more than 0.3 of the text is one character, in [0, 0.7]: grilles, fences and rows of lamps are."""
    return max(max(map(text.count, text), default=0) / max(len(text), 1) - 0.3, 0.0)


def agreement(text: str, others: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Features of a reading in the light of what else was read on its place: in other cuts, on more or fewer lines.

    A text that is unlikely by itself says nothing against another: with the probabilities instead of mere counts the
    log loss on 5,200 readings of the development scenes fell by 13 %.

    Parameters
    ----------
    text : str
    others : sequence of (str, float)
        What else was read there, each with its `probability` without these features.
    """
    different = [(other, p) for other, p in others if other != text]
    return {
        "agree": min(len(others) - len(different), 2) / 2,
        "differ": max((p for other, p in different if text not in other and other not in text), default=0.0),
        "contained": max((p for other, p in different if text in other), default=0.0),
        "contains": max((p for other, p in different if other in text), default=0.0),
    }


def _contrast(line: Line) -> float:
    """Grey levels between ink and ground."""
    dark, light = np.percentile(line.pixels, (10, 90))
    return float(light - dark)


# Glyphs that many plates draw alike. A reading is as certain as its class, where only the layout could tell them apart.
_ALIKE = str.maketrans("OI", "01")


def _share(best: Hypothesis, hypotheses: Sequence[Hypothesis]) -> float:
    """The share of the best text and of those that differ from it in O or 0, I or 1 only."""
    shape = best.text.translate(_ALIKE)
    return sum({h.text: h.share for h in hypotheses if h.text.translate(_ALIKE) == shape}.values())


@lru_cache(maxsize=1)
def _weights() -> tuple[dict[str, float], float]:
    data = json.loads(files("classic_anpr").joinpath("judge.json").read_text(encoding="utf-8"))
    return dict(data["features"]), float(data["bias"])


def probability(features: Mapping[str, float]) -> float:
    """Probability in [0, 1] that a reading with these features is right: a logistic regression, `judge.json`."""
    weights, bias = _weights()
    z = bias + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def without_overlaps(readings: Sequence[PlateReading], settings: JudgeSettings) -> list[PlateReading]:
    """The same readings in the same order; one that lies on a more certain one is rejected, saying so."""
    result = list(readings)
    kept: list[PlateReading] = []
    for i in sorted(range(len(result)), key=lambda i: -result[i].confidence):
        reading = result[i]
        if not reading.accepted:
            continue
        other = next((k for k in kept if overlap(k.corners, reading.corners) > settings.max_overlap), None)
        if other is None:
            kept.append(reading)
        else:
            result[i] = replace(reading, accepted=False, reason=f"lies on {other.text}, which is more certain")
    return result


def overlap(a: Quad, b: Quad) -> float:
    """Intersection over the smaller of two convex quads."""
    if (a.max(axis=0) < b.min(axis=0)).any() or (b.max(axis=0) < a.min(axis=0)).any():
        return 0.0
    area, _ = cv2.intersectConvexConvex(a.astype(np.float32), b.astype(np.float32))
    return float(area) / max(min(cv2.contourArea(a), cv2.contourArea(b)), 1e-6)


def _character(
    best: Hypothesis, k: int, lines: Sequence[Line], lattices: Sequence[Lattice], unread: float
) -> Character:
    row, index = best.slots[k]
    slots = lattices[row].slots
    # CTC fires in the middle of a glyph: its sides are half way to the neighbours, and no farther than a glyph is wide
    used = sorted(i for r, i in best.slots if r == row)
    place = used.index(index)
    middles = [(slots[i].x0 + slots[i].x1) / 2 for i in used]
    half = 0.42 * LINE_CAP * STRETCH
    left = right = half
    if place > 0:
        left = min(half, (middles[place] - middles[place - 1]) / 2)
    if place + 1 < len(used):
        right = min(half, (middles[place + 1] - middles[place]) / 2)
    corners = lines[row].original(middles[place] - left, middles[place] + right)
    char = best.text[k] if best.layout or best.glyphs[k] >= unread else "?"
    return Character(char, best.glyphs[k], corners, slots[index].alternatives)


def _gaps(best: Hypothesis, lattices: Sequence[Lattice]) -> tuple[float, ...]:
    """Ground between neighbouring characters in cap heights, NaN across lines."""
    gaps = []
    for (row, index), (next_row, next_index) in zip(best.slots, best.slots[1:], strict=False):
        if row != next_row:
            gaps.append(math.nan)
            continue
        left, right = lattices[row].slots[index], lattices[row].slots[next_index]
        gaps.append((right.x0 - left.x1) / (LINE_CAP * STRETCH))
    return tuple(gaps)


def _candidates(hypotheses: Sequence[Hypothesis], confidence: float, top: int) -> tuple[TextCandidate, ...]:
    """The first `top` different texts; their confidences share what the best one has and leaves.

    They are followed by the best text under the other countries that it may be of.
    """
    found: dict[str, TextCandidate] = {}
    others: list[TextCandidate] = []
    first = hypotheses[0]
    for h in hypotheses:
        value = confidence if h.text == first.text else min(confidence, confidence * h.share / max(first.share, 1e-6))
        candidate = TextCandidate(h.text, value, h.country, h.layout, h.country_share)
        if h.text not in found and len(found) < top:
            found[h.text] = candidate
        elif h.text == first.text and h.country_share >= 0.01:
            others.append(candidate)
    return (*found.values(), *others)


def corners_of(candidate: Candidate, lines: Sequence[Line]) -> Quad:
    """The plate's border where the locator found one around all lines, else the lines with a plate's usual margins."""
    if "border" in candidate.evidence and all(
        cv2.pointPolygonTest(candidate.corners, (float(x), float(y)), True) > -0.25 * line.height
        for line in lines
        for x, y in line.band
    ):
        return candidate.corners
    top = lines[0].band
    along = top[1] - top[0]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    down = np.array([-along[1], along[0]], np.float32)
    height = max(line.height for line in lines)
    points = np.vstack([line.band for line in lines])
    xs, ys = points @ along, points @ down
    x0, x1 = xs.min() - 0.35 * height, xs.max() + 0.35 * height
    if len(lines) == 1:
        u, v = along * 0.35 * height, down * 0.25 * height
        return (top + np.array([-u - v, u - v, u + v, -u + v])).astype(np.float32)
    y0, y1 = ys.min() - 0.25 * height, ys.max() + 0.25 * height
    return np.array(
        [x0 * along + y0 * down, x1 * along + y0 * down, x1 * along + y1 * down, x0 * along + y1 * down], np.float32
    )
