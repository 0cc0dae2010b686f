"""The failure ledger: every missed plate of labelled photographs, by the first stage that lost it.

    python benchmarks/failures.py --photos ../shared/photos [--sets A,B] [--json FILE] [--before FILE] [--sheets DIR]

Each set is read with the countries that its name begins with, as in table.py. A plate is missed when no reported plate
that lies on it has its text. Of everything that was made of it, what came furthest decides the cause:

- *not proposed*: no candidate lies on it, however many are taken; *ranked too low*: one does, and is read, but it was
  not examined;
- *badly rectified*: cut wrongly from the candidate, but rightly from the label's box;
- *badly cut*: no line of text, too short, too long, or not as many glyphs as the plate has;
- *polarity*: with the candidate's polarity turned, it is read or nearly so;
- *lines joined wrongly*: one line of two, or a line too many;
- *one glyph wrong*, *several glyphs wrong*: as many as the plate has, or nearly, but the OCR took them for others;
  *listed*: the right text is among those further down, so that better probabilities or layouts could have chosen it;
- *constrained away*: its text was seen just so, but a layout preferred another one;
- *rejected*: read rightly, then dropped as too uncertain or for a more certain reading on the same place;
- *O/0 or I/1*: nothing else is wrong.

With --json the counts and cases are kept; --before shows what changed since such a file. With --sheets, one picture per
cause shows the place, the line images, the truth and what was read. These are parts of the photographs, so they are
never written into this repository.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray
from ocr import box_guesses
from results_page import stamp
from table import chosen_sets, countries_of, whole_pictures

from classic_anpr import Reader, images
from classic_anpr.countries import Country
from classic_anpr.errors import ImageError
from classic_anpr.evaluate.overlap import lies_on
from classic_anpr.evaluate.progress import track
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.evaluate.strings import align, distance, fold
from classic_anpr.evaluate.types import Box, LabelledSet, PlateLabel, PredictedPlate, clean
from classic_anpr.geometry import Quad, box_of
from classic_anpr.locate import Candidate, locate
from classic_anpr.reader import Examined, Trace

CAUSES = (
    "not proposed",
    "ranked too low",
    "badly rectified",
    "badly cut: no line",
    "badly cut: too short",
    "badly cut: too long",
    "badly cut: number of glyphs",
    "polarity",
    "lines joined wrongly",
    "one glyph wrong: listed",
    "one glyph wrong",
    "several glyphs wrong: listed",
    "several glyphs wrong",
    "constrained away",
    "rejected: too uncertain",
    "rejected: for another reading",
    "only O/0 or I/1",
)
MANY = 80  # candidates when asking whether a plate is proposed at all
TWO_LINES = 2.6  # a label's box narrower than so many heights may hold two lines
REPOSITORY = Path(__file__).resolve().parent.parent
TILE = (900, 176)  # of a contact sheet, pixels
TILES = 40  # per sheet


@dataclass(frozen=True)
class Case:
    """One missed plate.

    Attributes
    ----------
    index : int
        Which plate of its picture's labels.
    read : str
        The reported text nearest to the truth; in brackets, the plain reading nearest to it where none is reported.
    confidence : float or None
    width : float or None
        Of the label's box, pixels.
    """

    set_name: str
    file: str
    index: int
    truth: str
    cause: str
    read: str
    confidence: float | None
    width: float | None

    @property
    def key(self) -> tuple[str, str, int]:
        return self.set_name, self.file, self.index


@dataclass(frozen=True)
class Ends:
    """How a reading differs from the truth: glyphs missing and added at its ends, and errors between them."""

    missing: int
    added: int
    inner: int


def ends(truth: str, read: str) -> Ends:
    """Tell what a wrong cut does to a text from what a wrong glyph does.

    >>> ends("AB123", "B128")
    Ends(missing=1, added=0, inner=1)
    """
    pairs = align(truth, read)
    inner = [i for i, (a, b) in enumerate(pairs) if a and b]
    if not inner:
        return Ends(len(truth), len(read), 0)
    middle = pairs[inner[0] : inner[-1] + 1]
    outside = pairs[: inner[0]] + pairs[inner[-1] + 1 :]
    return Ends(sum(not b for _, b in outside), sum(not a for a, _ in outside), sum(a != b for a, b in middle))


def same(a: str, b: str) -> bool:
    """Whether two texts are one, O/0 and I/1 aside."""
    return fold(a) == fold(b)


def off(read: str, truth: str) -> int:
    """Wrong glyphs, O/0 and I/1 aside."""
    return distance(fold(read), fold(truth))


def plain(examined: Examined) -> str:
    """What was seen, before any layout."""
    return "".join(lattice.text for lattice in examined.lattices)


class Ledger:
    """Finds the cause of misses for one set, with the reader of its countries."""

    def __init__(self, labels: LabelledSet) -> None:
        self.labels = labels
        self.reader = Reader(countries=countries_of(labels))
        self.whole = whole_pictures(labels)

    def cases(self) -> Iterator[tuple[Case, NDArray[np.uint8], Trace, Box | None]]:
        """Every missed plate with the picture, the trace and the place that the cause was found from."""
        for photo in track(self.labels.photos, len(self.labels.photos), self.labels.name):
            try:
                pixels = images.load(self.labels.path(photo), self.reader.settings.load).pixels
            except ImageError as error:
                print(error, file=sys.stderr)
                continue
            trace = self.reader.trace(pixels)
            reported = [(r, PredictedPlate(r.text, r.confidence, _corners(r.corners))) for r in trace.plates]
            for index, label in enumerate(photo.plates):
                here = [r for r, plate in reported if lies_on(plate, label)]
                truth = clean(label.text)
                if not label.readable or truth in [r.text for r in here]:
                    continue
                box = self._place(pixels, label, truth)
                cause = self.cause(pixels, trace, truth, box)
                on = [e for e in trace.examined if box is not None and _centre_in(e.reading.corners, box)]
                if here:
                    best = min(here, key=lambda r: off(r.text, truth))
                    read, confidence = best.text, best.confidence
                else:
                    seen = min((plain(e) for e in on), key=lambda text: off(text, truth), default="")
                    read, confidence = f"({seen})" if seen else "", None
                width = label.box[2] if label.box else None
                yield (
                    Case(self.labels.name, photo.file, index, truth, cause, read, confidence, width),
                    pixels,
                    trace,
                    box,
                )

    def cause(self, pixels: NDArray[np.uint8], trace: Trace, truth: str, box: Box | None) -> str:
        """Why a plate at `box` was not read.

        Parameters
        ----------
        pixels : uint8 array (H, W, 3)
        trace : Trace
            What the reader made of the picture.
        truth : str
        box : Box or None
            Where the plate is; None where neither a label nor any reading tells.
        """
        if box is None:
            return "not proposed"
        on = [e for e in trace.examined if _centre_in(e.reading.corners, box)]
        dropped = self._dropped(trace, on, truth)
        if dropped is not None:
            return dropped
        candidates = [c for c in trace.candidates if fits(c.band, box)]
        near = [c for c in self._all_candidates(pixels) if fits(c.band, box)]
        if not candidates and not on:
            return "ranked too low" if near else "not proposed"
        best = min(on, key=lambda e: off(plain(e), truth), default=None)
        errors = off(plain(best), truth) if best else len(truth)
        if errors > len(truth) // 2 and self._distance(pixels, near, box, truth) <= 1:
            return "ranked too low"  # what was examined there is other lettering, or nothing was
        if errors > 1:
            turned = [replace(c, light_on_dark=not light) for c, light in self._polarities(candidates, on)]
            if self._distance(pixels, turned, box, truth) <= min(errors - 2, len(truth) // 3):
                return "polarity"
        if best is not None and self._part(plain(best), len(best.lines), truth, box, errors):
            return "lines joined wrongly"
        seen = ends(fold(truth), fold(plain(best))) if best else Ends(len(truth), 0, 0)
        badly = seen.missing or seen.added or errors > len(truth) // 2
        if badly and self._distance(pixels, box_guesses(box[2], box[3], box[0], box[1]), box, truth) < min(errors, 2):
            return "badly rectified"
        if best is None:
            return "badly cut: no line"
        if errors <= len(truth) // 2 and (seen.missing or seen.added):
            return f"badly cut: too {'short' if seen.missing >= seen.added else 'long'}"
        if badly and abs(sum(len(line.boxes) for line in best.lines) - len(truth)) > 1:
            return "badly cut: number of glyphs"
        return "one glyph wrong" if errors == 1 else "several glyphs wrong"

    def _dropped(self, trace: Trace, on: Sequence[Examined], truth: str) -> str | None:
        """The cause where the right text was there and was not reported."""
        right = [e for e in on if same(e.reading.text, truth)]
        if any(e.reading.accepted for e in right):
            return "only O/0 or I/1"
        if right:
            best = max(right, key=lambda e: e.reading.confidence)
            if not best.reading.reason.startswith("lies on"):
                return "rejected: too uncertain"
            winners = [e for e in on if e.reading.accepted]
            mixed = any(len(e.lines) != len(best.lines) and _shared(e, best) for e in winners)
            return "lines joined wrongly" if mixed else "rejected: for another reading"
        if any(same(plain(e), truth) for e in on):
            return "constrained away"
        listed = [e for e in on if any(same(h.text, truth) for h in e.hypotheses)]
        if not listed:
            return None
        errors = min(off(plain(e), truth) for e in listed)
        return f"{'one glyph' if errors == 1 else 'several glyphs'} wrong: listed"

    def _place(self, pixels: NDArray[np.uint8], label: PlateLabel, truth: str) -> Box | None:
        """The label's box; the whole picture in sets of cut-out plates; else where a reading like the truth lies."""
        if label.box is not None or self.whole:
            return label.box or (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0]))
        # one by one, for a certain reading elsewhere would end the search
        traces = (self._follow(pixels, [candidate]) for candidate in self._all_candidates(pixels))
        examined = (e for trace in traces for e in trace.examined)
        nearest = min(examined, key=lambda e: off(e.reading.text, truth), default=None)
        if nearest is None or off(nearest.reading.text, truth) > len(truth) // 2:
            return None
        return box_of(nearest.reading.corners)

    def _all_candidates(self, pixels: NDArray[np.uint8]) -> list[Candidate]:
        return locate(pixels, replace(self.reader.settings.locate, most=MANY, some=MANY))

    def _follow(self, pixels: NDArray[np.uint8], candidates: Sequence[Candidate]) -> Trace:
        """What the reader makes of these candidates instead of its own."""
        with patch("classic_anpr.reader.locate", lambda *_: list(candidates)):
            return self.reader.trace(pixels)

    def _distance(self, pixels: NDArray[np.uint8], candidates: Sequence[Candidate], box: Box, truth: str) -> int:
        """Errors of the best plain reading on the plate when the reader starts from these candidates."""
        if not candidates:
            return len(truth)
        trace = self._follow(pixels, candidates)
        on = [plain(e) for e in trace.examined if _centre_in(e.reading.corners, box)]
        return min((off(text, truth) for text in on), default=len(truth))

    @staticmethod
    def _polarities(candidates: Sequence[Candidate], on: Sequence[Examined]) -> list[tuple[Candidate, bool]]:
        """Each candidate with the polarity that it was read in."""
        result = []
        for candidate in candidates:
            lines = [line for e in on if e.candidate is candidate for line in e.lines]
            light = lines[0].light_on_dark if lines else candidate.light_on_dark
            if light is not None:
                result.append((candidate, light))
        return result

    def _part(self, read: str, lines: int, truth: str, box: Box, errors: int) -> bool:
        """Whether one line of a two-line plate was read for the whole."""
        if lines > 1 or errors < 2 or box[2] > TWO_LINES * box[3]:
            return False
        parts = {part for country in self.reader.countries.values() for part in printed_lines(country, truth)}
        return any(off(read, part) <= (len(part) > 2) for part in parts)


def printed_lines(country: Country, text: str) -> Iterator[str]:
    """The lines of a text in every two-line arrangement of the country's layouts that admit it, of two glyphs or
    more."""
    for layout in country.layouts:
        for pattern in layout.patterns:
            if len(pattern.lines) != 2 or len(pattern.positions) != len(text):
                continue
            reading = [""] * len(text)
            for k, place in enumerate(pattern.order):
                reading[place] = text[k]
            if all(char in admitted for char, admitted in zip(reading, pattern.positions, strict=True)):
                yield from (
                    p
                    for p in ("".join(reading[: pattern.lines[0]]), "".join(reading[pattern.lines[0] :]))
                    if len(p) > 1
                )


def fits(band: Quad, box: Box) -> bool:
    """Whether a candidate is a plate's: its middle in the box, its height and length a line's of the box."""
    width = float(np.linalg.norm(band[1] - band[0]))
    height = float(np.linalg.norm(band[3] - band[0]))
    return _centre_in(band, box) and 0.15 < height / box[3] < 1.25 and 0.15 < width / box[2] < 2


def _centre_in(quad: Quad, box: Box) -> bool:
    return lies_on(PredictedPlate("", corners=_corners(quad)), PlateLabel("x", box=box))


def _corners(quad: Quad) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in quad)


def _shared(a: Examined, b: Examined) -> bool:
    """Whether two readings have a line in common."""
    return any(x is y for x in a.lines for y in b.lines)


def markdown(plates: dict[str, int], cases: Sequence[Case]) -> str:
    """Causes by sets, with the number of plates and of misses."""
    names = [name for name in plates if plates[name]]
    counts = Counter((c.cause, c.set_name) for c in cases)
    header = ("first lost by", "all", *names)
    rows = []
    for cause in CAUSES:
        row = [counts[cause, name] for name in names]
        rows.append([cause, str(sum(row)), *(str(n) if n else "" for n in row)])
    missed = Counter(c.set_name for c in cases)
    rows.append(["**missed**", str(len(cases)), *(str(missed[name]) for name in names)])
    rows.append(["of plates", str(sum(plates.values())), *(str(plates[name]) for name in names)])
    return "\n".join(table(header, rows))


def difference(before: Sequence[dict[str, Any]], after: Sequence[Case]) -> str:
    """Counts per cause before and after, and which plates were won and lost; over the sets that both have."""
    old = {(c["set_name"], c["file"], c["index"]): c for c in before}
    new = {c.key: c for c in after}
    was, now = Counter(c["cause"] for c in before), Counter(c.cause for c in after)
    order = [*CAUSES, *sorted(set(was) - set(CAUSES))]
    rows = [[k, str(was[k]), str(now[k]), f"{now[k] - was[k]:+d}" if now[k] != was[k] else ""] for k in order]
    rows.append(["**missed**", str(len(old)), str(len(new)), f"{len(new) - len(old):+d}"])
    won = sorted(key for key in old if key not in new)
    lost = sorted(key for key in new if key not in old)
    lines = [*table(("first lost by", "before", "after", "change"), rows), "", f"Won {len(won)}, lost {len(lost)}.", ""]
    lines += [f"- won {s}/{f}: {old[s, f, i]['truth']}, was {old[s, f, i]['cause']}" for s, f, i in won]
    for key in lost:
        case = new[key]
        lines.append(f"- lost {case.set_name}/{case.file}: {case.truth} as {case.read or 'nothing'}, {case.cause}")
    return "\n".join(lines)


def tile(case: Case, pixels: NDArray[np.uint8], trace: Trace, box: Box | None) -> NDArray[np.uint8]:
    """One plate of a contact sheet: its surroundings, the lines that were cut, and what was read in them."""
    canvas = np.full((TILE[1], TILE[0], 3), 50, np.uint8)
    height, width = pixels.shape[:2]
    x, y, w, h = box or (0.0, 0.0, float(width), float(height))
    margin = 0.6 * w if box is not None and w < width else 0.0
    left, top = max(0, int(x - margin)), max(0, int(y - margin))
    patch_ = pixels[top : int(y + h + margin), left : int(x + w + margin)]
    scale = min(150 / patch_.shape[0], 320 / patch_.shape[1])
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    patch_ = cv2.resize(patch_, None, fx=scale, fy=scale, interpolation=interpolation)
    canvas[20 : 20 + patch_.shape[0], : patch_.shape[1]] = patch_

    def write(text: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
        cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)

    certain = "" if case.confidence is None else f" {case.confidence:.2f}"
    read = case.read or "nothing"
    write(f"{case.truth}  read {read}{certain}   {case.set_name}/{case.file[-40:]}", (4, 14), (0, 255, 255))
    on = [e for e in trace.examined if box is not None and _centre_in(e.reading.corners, box)]
    y0 = 20
    for e in sorted(on, key=lambda e: off(plain(e), case.truth))[:4]:
        x0 = 330
        for line in e.lines:
            part = line.pixels[:, : max(0, 640 - x0)]
            canvas[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part[:, :, None]
            x0 += part.shape[1] + 4
        state = "ok" if e.reading.accepted else e.reading.reason[:26]
        seen = "/".join(lattice.text for lattice in e.lattices)
        write(f"saw {seen}", (650, y0 + 14), (255, 255, 255))
        write(
            f"{e.reading.text} {e.reading.country} {e.reading.confidence:.2f} {state}", (650, y0 + 30), (200, 200, 200)
        )
        y0 += 38
    return canvas


def sheets(folder: Path, tiles: dict[str, list[NDArray[np.uint8]]]) -> None:
    """One or more pictures per cause."""
    folder.mkdir(parents=True, exist_ok=True)
    for cause, pictures in tiles.items():
        name = "".join(c if c.isalnum() else "_" for c in cause)
        for page, first in enumerate(range(0, len(pictures), TILES), 1):
            part = pictures[first : first + TILES]
            half = (len(part) + 1) // 2
            columns = [part[:half], part[half:]]
            columns[1] += [np.zeros_like(part[0])] * (half - len(columns[1]))
            picture = np.hstack([np.vstack(column) for column in columns])
            cv2.imwrite(str(folder / f"{name}_{page}.png"), picture)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--sets", help="names with commas between; all if left out")
    parser.add_argument("--json", type=Path, help="keep counts and cases in this file")
    parser.add_argument("--before", type=Path, help="show the difference to this file of --json")
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="contact sheets, outside this repository")
    arguments = parser.parse_args()
    if arguments.sheets and arguments.sheets.resolve().is_relative_to(REPOSITORY):
        parser.error(f"{arguments.sheets} is in this repository, where no part of a photograph may be")
    before = json.loads(arguments.before.read_text(encoding="utf-8")) if arguments.before else None
    cv2.setNumThreads(1)
    plates: dict[str, int] = {}
    cases: list[Case] = []
    tiles: dict[str, list[NDArray[np.uint8]]] = {}
    for labels in chosen_sets(arguments.photos, arguments.sets.split(",") if arguments.sets else None):
        plates[labels.name] = sum(label.readable for photo in labels.photos for label in photo.plates)
        if not plates[labels.name]:
            continue
        for case, pixels, trace, box in Ledger(labels).cases():
            cases.append(case)
            if arguments.sheets:
                tiles.setdefault(case.cause, []).append(tile(case, pixels, trace, box))
        missed = sum(c.set_name == labels.name for c in cases)
        print(f"{labels.name}: {missed} of {plates[labels.name]} missed", file=sys.stderr, flush=True)
    print(markdown(plates, cases), f"\n{stamp()}", sep="\n")
    if before:
        print("", difference([c for c in before["cases"] if c["set_name"] in plates], cases), sep="\n")
    if arguments.json:
        kept = {"when": stamp(), "plates": plates, "cases": [asdict(c) for c in cases]}
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if arguments.sheets:
        sheets(arguments.sheets, tiles)


if __name__ == "__main__":
    main()
