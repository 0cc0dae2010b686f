"""Why an image was read as it was: every stage in pictures, with the numbers that decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr import judge, segment
from classic_anpr.constrain import Hypothesis
from classic_anpr.evidence import observe
from classic_anpr.geometry import Quad, transform
from classic_anpr.images import Image
from classic_anpr.locate import Candidate
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.output.page import Section
from classic_anpr.reader import Examined, Settings, Trace
from classic_anpr.rectify import CAP, Crop

_GREEN, _RED, _BLUE, _ORANGE = (60, 180, 0), (40, 40, 220), (220, 120, 0), (0, 140, 255)
_OVERVIEW = 1200  # longest side of the overview, pixels
_SHOWN = 5  # alternatives per glyph


def explain(image: Image, trace: Trace, settings: Settings) -> list[Section]:
    """The page for one image.

    Parameters
    ----------
    image : Image
        What was read.
    trace : Trace
        ``Reader.trace`` of it.
    settings : Settings
        The reader's.

    Returns
    -------
    list of Section
        For `classic_anpr.output.page`.
    """
    sections = [_overview(image, trace), _candidates(trace)]
    for number, candidate in enumerate(trace.candidates, 1):
        examined = [e for e in trace.examined if e.candidate is candidate]
        sections += _candidate(number, candidate, examined, settings)
    return sections


def _overview(image: Image, trace: Trace) -> Section:
    height, width = image.pixels.shape[:2]
    scale = min(_OVERVIEW / max(height, width), 1.0)
    picture = cv2.resize(image.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for number, candidate in enumerate(trace.candidates, 1):
        _outline(picture, candidate.corners * scale, _ORANGE, str(number))
    for plate in trace.plates:
        _outline(picture, plate.corners * scale, _GREEN, plate.text, thickness=2)
    found = ", ".join(f"{p.formatted} ({p.confidence:.0%})" for p in trace.plates) or "no plate"
    times = ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in trace.timings_ms.items())
    text = f"{width} x {height} pixels, sha256 {image.sha256}. {' '.join((*image.warnings, *trace.warnings))} {times}."
    caption = "orange: the candidates, by rank; green: the plates that were accepted"
    return Section(f"{image.filename}: {found}", 1, text, ((caption, picture),), good=bool(trace.plates))


def _candidates(trace: Trace) -> Section:
    names = list(dict.fromkeys(name for c in trace.candidates for name in c.features))
    header = ("rank", "score", "found by", "polarity", "verdict", *names)
    rows = []
    for number, c in enumerate(trace.candidates, 1):
        polarity = {True: "light on dark", False: "dark on light", None: "unknown"}[c.light_on_dark]
        readings = [e.reading for e in trace.examined if e.candidate is c and e.reading is not None]
        accepted = [r.text for r in readings if r.accepted]
        verdict = f"accepted: {' '.join(accepted)}" if accepted else "rejected" if readings else "no text"
        measured = (f"{c.features[name]:.2f}" if name in c.features else "" for name in names)
        rows.append((str(number), f"{c.score:.3f}", "+".join(c.evidence), polarity, verdict, *measured))
    text = "Where a plate may be, ranked by what was measured there. Score: the ranker's belief in a line of a plate."
    return Section("Candidates", 2, text, header=header, rows=tuple(rows))


def _candidate(number: int, candidate: Candidate, examined: Sequence[Examined], settings: Settings) -> list[Section]:
    title = f"Candidate {number} (score {candidate.score:.3f})"
    if not examined:
        text = "No line of glyphs stands here, or the same lines were read in a better candidate."
        return [Section(title, 2, text, good=False)]
    crop = examined[0].crop
    good = any(e.reading is not None and e.reading.accepted for e in examined)
    lines = list({id(line): line for e in examined for line in e.lines}.values())
    pictures = [("set upright; orange: the candidate's band; blue: glyph boxes; green: lines", _boxes(crop, lines))]
    s = settings.segment
    grey = cv2.cvtColor(crop.pixels, cv2.COLOR_BGR2GRAY)
    light = lines[0].light_on_dark
    for block in (*s.blocks, s.solid):
        size = round(block * CAP) | 1
        # Signed: ink is what is darker (or lighter) than its surroundings, never both.
        ink = (grey.astype(np.int16) - cv2.blur(grey, (size, size))) * (1 if light else -1)
        caption = (
            f"{'lighter' if light else 'darker'} than the mean over {block} cap heights by {s.contrast:g} at least"
        )
        pictures.append((f"threshold: {caption}", np.where(ink > s.contrast, 0, 255).astype(np.uint8)))
    matrix = "; ".join(" ".join(f"{value:.4g}" for value in row) for row in crop.homography)
    sections = [Section(title, 2, f"Warp, image to crop: {matrix}.", tuple(pictures), good=good)]
    for e in examined:
        sections += _reading(e)
    return sections


def _evidence(examined: Examined) -> str:
    """What speaks for a country besides the text."""
    seen = observe(examined.crop, examined.lines, examined.lattices)
    bluer = zip(("left", "right", "above"), seen.blue, strict=True)
    blue = ", ".join(f"{place} {share:+.2f}" for place, share in bluer)
    width = "unknown" if seen.width is None else f"{seen.width:.2f} cap heights"
    return f"Besides the text: ink {seen.ink}, ground {seen.ground}; bluer than it: {blue}; width of a glyph: {width}."


def _reading(examined: Examined) -> list[Section]:
    reading = examined.reading
    pictures, rows = [], []
    for row, (line, lattice) in enumerate(zip(examined.lines, examined.lattices, strict=True), 1):
        polarity = "light on dark, turned" if line.light_on_dark else "dark on light"
        pictures.append((f"line {row}: cap height {line.height:.1f} px, {polarity}", _slots(line.pixels, lattice)))
        for place, slot in enumerate(lattice.slots, 1):
            seen = " ".join(f"{char} {probability:.3f}" for char, probability in slot.alternatives[:_SHOWN])
            rows.append((str(row), str(place), seen, f"{slot.blank:.3f}", f"{slot.x0:.0f}..{slot.x1:.0f}"))
    text = " / ".join(lattice.text or "(nothing)" for lattice in examined.lattices)
    sections = [
        Section(
            f"Read as {text}",
            3,
            "The lattice: what the OCR saw at each place, and how likely nothing stands there (blank).",
            tuple(pictures),
            ("line", "place", "alternatives", "blank", "x"),
            tuple(rows),
        ),
        Section(
            "Layouts",
            3,
            "The best texts under the layouts, and the unconstrained one; score: log posterior plus a constant. "
            + _evidence(examined),
            (),
            ("text", "country", "layout", "score", "share", "confidence", "check", "changed"),
            tuple(map(_hypothesis, examined.hypotheses)),
        ),
    ]
    if reading is None:
        return [*sections, Section("Rejected: no text", 3, good=False)]
    features = examined.features
    weights, bias = judge._weights()
    terms = sorted(features.items(), key=lambda item: -abs(weights.get(item[0], 0.0) * item[1]))
    table = [(n, f"{v:.3f}", f"{weights.get(n, 0.0):+.3f}", f"{weights.get(n, 0.0) * v:+.3f}") for n, v in terms]
    verdict = "Accepted" if reading.accepted else f"Rejected: {reading.reason}"
    note = (
        f"Confidence {reading.confidence:.3f}, formatted {reading.formatted}, raw {reading.raw_text}, "
        f"region {reading.region or 'unknown'} {reading.region_name or ''}. {' '.join(reading.warnings)} "
        f"It is the logistic function of the sum of these terms and {bias:+.3f}."
    )
    title = f"{verdict}: {reading.text}"
    header = ("feature", "value", "weight", "term")
    return [*sections, Section(title, 3, note, (), header, tuple(table), reading.accepted)]


def _hypothesis(h: Hypothesis) -> tuple[str, ...]:
    check = {True: "holds", False: "fails", None: ""}[h.checked]
    changed = ", ".join(f"{e.position}: {e.seen or 'nothing'} -> {e.used or 'left out'}" for e in h.edits)
    numbers = (f"{h.score:.2f}", f"{h.share:.3f}", f"{h.confidence:.3f}")
    return (" / ".join(h.lines), h.country or "(none)", h.layout or "", *numbers, check, changed)


def _outline(
    picture: NDArray[np.uint8], quad: Quad, colour: tuple[int, int, int], label: str, thickness: int = 1
) -> None:
    cv2.polylines(picture, [np.rint(quad).astype(np.int32)], True, colour, thickness, cv2.LINE_AA)
    x, y = int(quad[:, 0].min()), max(int(quad[:, 1].min()) - 4, 12)
    cv2.putText(picture, label, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA)


def _boxes(crop: Crop, lines: Iterable[segment.Line]) -> NDArray[np.uint8]:
    """The crop, doubled, with the candidate's band, each line's band and its glyph boxes."""
    picture = cv2.resize(crop.pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    x0, y0, x1, y1 = (round(2 * v) for v in crop.band)
    cv2.rectangle(picture, (x0, y0), (x1, y1), _ORANGE, 1)
    for line in lines:
        band = transform(line.band, crop.homography)
        slope = (band[1, 1] - band[0, 1]) / max(band[1, 0] - band[0, 0], 1e-6)
        for x, y, w, h in line.boxes:  # levelled by the slope of the line, which is undone here
            top = y + slope * (x + w / 2)
            corner, opposite = (round(2 * float(x)), round(2 * top)), (round(2 * float(x + w)), round(2 * (top + h)))
            cv2.rectangle(picture, corner, opposite, _BLUE, 1)
        cv2.polylines(picture, [np.rint(2 * band).astype(np.int32)], True, _GREEN, 1, cv2.LINE_AA)
    return picture


def _slots(pixels: NDArray[np.uint8], lattice: Lattice) -> NDArray[np.uint8]:
    """A line image, three times as large, with the extent of each slot and its best character below."""
    picture = cv2.cvtColor(cv2.resize(pixels, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST), cv2.COLOR_GRAY2BGR)
    height = picture.shape[0]
    picture = cv2.copyMakeBorder(picture, 0, 30, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    for slot in lattice.slots:
        colour = _RED if slot.blank > 0.5 else _GREEN
        x0, x1 = round(3 * slot.x0), round(3 * slot.x1)
        cv2.rectangle(picture, (x0, 2), (x1, height - 2), colour, 1)
        place = (round((x0 + x1) / 2) - 8, height + 22)
        cv2.putText(picture, slot.alternatives[0][0], place, cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, 2, cv2.LINE_AA)
    return picture
