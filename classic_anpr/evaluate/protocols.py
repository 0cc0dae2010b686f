"""OpenALPR's two protocols, by name, for comparison with figures that were published with them.

Both read the truth as published. They are kept with their peculiarities, which is the point of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classic_anpr.evaluate.outcomes import PhotoOutcome
from classic_anpr.evaluate.overlap import place, quad_iou
from classic_anpr.evaluate.types import Box, clean, corners_box


@dataclass(frozen=True)
class BenchmarkPy:
    """What OpenALPR's ``benchmark.py`` prints, in percent of the true plates: the denominator of every row."""

    plates: int
    detected: float
    top: float
    top_n: float
    top_pattern: float
    false_positives: float


def benchmark_py(photos: Sequence[PhotoOutcome]) -> BenchmarkPy:
    """OpenALPR's ``benchmark.py`` (openalpr/benchmarks).

    A plate is detected when a result's quadrilateral overlaps the true one by an IoU *above* 0.4; of those results the
    text (top), any candidate (top N), or the first candidate that fits its region's template (top pattern) must equal
    the truth. A missed plate is wrong. Results that overlap no true plate at all are false positives. Where the
    published truth is a box, its four corners are taken.
    """
    plates = detected = top = top_n = pattern = false = 0
    for photo in photos:
        predicted = [p for p in (photo.prediction.plates if photo.prediction else ()) if p.corners is not None]
        places = [corners for label in photo.photo.plates if (corners := place(label)) is not None]
        false += sum(all(quad_iou(c, p.corners) == 0 for c in places) for p in predicted if p.corners is not None)
        for label in photo.photo.plates:
            corners = place(label)
            if not label.readable or corners is None:
                continue
            truth = clean(label.published or label.text)
            hits = [p for p in predicted if p.corners is not None and quad_iou(corners, p.corners) > 0.4]
            plates += 1
            detected += bool(hits)
            top += any(clean(p.text) == truth for p in hits)
            top_n += any(clean(t) == truth for p in hits for t in (p.text, *p.candidates))
            firsts = (
                next((t for t, fits in zip(p.candidates, p.templates, strict=True) if fits), None)
                for p in hits
                if p.templates
            )
            pattern += any(t is not None and clean(t) == truth for t in firsts)
    share = 100 / plates if plates else float("nan")
    return BenchmarkPy(plates, detected * share, top * share, top_n * share, pattern * share, false * share)


@dataclass(frozen=True)
class EndToEnd:
    """What OpenALPR's ``endtoendtest`` prints: percent of pictures, and false plates per picture."""

    images: int
    detected: float
    top10: float
    matches: float
    false_detections: float
    false_results: float


def endtoendtest(photos: Sequence[PhotoOutcome]) -> EndToEnd:
    """OpenALPR's ``endtoendtest`` (openalpr/openalpr, src/misc_utilities/benchmarks), which its issue #124 quotes.

    One true plate per picture, the first. A detection matches when one point of the true box, 20 % from its left and
    15 % from its top, lies in the detection's bounding box, and the true area is more than 0.35 of the detection's:
    four points were meant, but the loop over them ends after the first. So it is far looser than an IoU. The text may
    be anybody's: no result is tied to the detection. Results are looked at in order, and the first whose text, or one
    of whose ten candidates, is the truth ends the search; false detections are counted only up to the one that matches.
    """
    images = detected = top10 = matches = false_detections = false_results = 0
    for photo in photos:
        label = next((p for p in photo.photo.plates if p.readable and p.box is not None), None)
        if label is None or label.box is None:
            continue
        truth = clean(label.published or label.text)
        plates = photo.prediction.plates if photo.prediction else ()
        images += 1
        for plate in plates:
            if plate.corners is not None and _matches(label.box, corners_box(plate.corners)):
                detected += 1
                break
            false_detections += plate.corners is not None
        false_results += len(plates)
        for plate in plates:
            exact = clean(plate.text) == truth
            if exact or truth in [clean(t) for t in plate.candidates[:10]]:
                matches += exact
                top10 += 1
                false_results -= 1
                break
    if not images:
        nan = float("nan")
        return EndToEnd(0, nan, nan, nan, nan, nan)
    share = 100 / images
    return EndToEnd(
        images,
        detected * share,
        top10 * share,
        matches * share,
        false_detections / images,
        false_results / images,
    )


def _matches(truth: Box, found: Box) -> bool:
    x, y, w, h = truth
    px, py = x + int(w * 0.2), y + int(h * 0.15)
    inside = found[0] <= px < found[0] + found[2] and found[1] <= py < found[1] + found[3]
    area = found[2] * found[3]
    return inside and area > 0 and 1 - (w * h) / area < 0.65


PROTOCOLS = {"benchmark.py": benchmark_py, "endtoendtest": endtoendtest}
"""The protocols by name."""
