"""Reading alone: models and ways of using them, on the labelled boxes and crops of ``photos``.

Given the plate's true box, the stages locate and segment run inside it, and every row of the table reads the same line
images. Columns: *plain*, exact match of what was seen; *folded*, the same with O/0 and I/1 made one; *layouts*, with
the layouts of the country (US folded, since its labels write every O as 0); character error rate of the plain reading;
processor time per line; file size; memory that a process grows by when it loads the model and reads fifty lines.

    python benchmarks/ocr.py --photos ../shared/photos [--model FILE] [--quick] [--float FILE] [--eng FILE] [--write]

Rows: the packaged model (or that of --model), the second one of the reader's further looks and, where given, the
float form of the first and Tesseract's own English one, each with the page segmentation mode, the height at which the
line is handed over (Tesseract brings it to 36 px), and the number of views (the line as it is, then also narrower and
wider; the most certain reading counts). With --quick, the first row only. The last row reads the same places as the
reader does: by all its stages, with its further cuts where it is unsure, and judged by its own probabilities; the
likeliest reading on the place counts, reported or not.

Needs the photographs, which are not part of this repository. Nothing of them is written but the file of --cache, which
must be outside it. With --write, the tables go into tessdata/README.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import csv
import pickle
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from results_page import replace_part, stamp

from classic_anpr.constrain import Constraints, constrain
from classic_anpr.countries import load_countries
from classic_anpr.errors import AnprError
from classic_anpr.evaluate.progress import track
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.locate import Candidate, LocateSettings, locate
from classic_anpr.ocr.engine import packaged_model
from classic_anpr.ocr.inprocess import InProcessEngine
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.reader import Reader
from classic_anpr.rectify import RectifySettings, pyramid, rectify
from classic_anpr.segment import Line, SegmentSettings, segment

README = Path(__file__).resolve().parent.parent / "tessdata" / "README.md"
RAW_LINE, LINE, WORD = 13, 7, 8  # Tesseract's page segmentation modes
WIDTHS = (1.0, 0.92, 1.08)  # of the views
MEMORY = """
import sys
from pathlib import Path
import numpy as np
from classic_anpr.ocr.inprocess import InProcessEngine
import resource
resident = lambda: int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6
before = resident()
engine = InProcessEngine(Path(sys.argv[1]))
engine.read([np.tile(np.uint8([[40, 220]]).repeat(6, 1), (36, 18))] * 50)
print(resident() - before)
"""


@dataclass(frozen=True)
class Variant:
    """One way of reading: a model, the page segmentation mode, the line's height in pixels, the number of views."""

    name: str
    model: Path
    mode: int = RAW_LINE
    height: int = 36
    views: int = 1


@dataclass(frozen=True)
class Plate:
    """How one plate was read."""

    set_name: str
    plain: bool
    folded: bool
    layouts: bool
    errors: int
    length: int


@dataclass(frozen=True)
class Sample:
    """One labelled plate: its set, file, true text, country, and the line images that were cut (top first)."""

    set_name: str
    file: str
    text: str
    country: str
    lines: list[NDArray[np.uint8]]


def box_guesses(width: float, height: float, x: float, y: float) -> list[Candidate]:
    """Bands where the text of a plate's box usually is: one line, and two."""

    def band(top: float, bottom: float) -> Candidate:
        left, right = x + 0.04 * width, x + 0.96 * width
        quad = np.array(
            [
                [left, y + top * height],
                [right, y + top * height],
                [right, y + bottom * height],
                [left, y + bottom * height],
            ],
            np.float32,
        )
        return Candidate(quad, quad, 0.0, ("box",))

    guesses = [band(0.18, 0.82), band(0.1, 0.9)]
    if width < 2.6 * height:
        guesses += [band(0.08, 0.48), band(0.5, 0.92), band(0.25, 0.7)]
    return guesses


Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


def surroundings(image: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.uint8], Box]:
    """The part of a picture around a plate's box, and the box in it."""
    x, y, w, h = (round(v) for v in box)
    x0, y0 = max(0, x - round(0.25 * w)), max(0, y - round(0.5 * h))
    part = image[y0 : y + h + round(0.5 * h), x0 : x + w + round(0.25 * w)]
    return np.ascontiguousarray(part), (x - x0, y - y0, w, h)


def cut(image: NDArray[np.uint8], box: Box | None) -> list[Line]:
    """The text lines of the plate in `box` (None: the whole picture is the plate)."""
    if box is None:
        h, w = image.shape[:2]
        x = y = round(0.15 * max(w, h))
        image = cv2.copyMakeBorder(image, y, y, x, x, cv2.BORDER_REPLICATE)
    else:
        image, (x, y, w, h) = surroundings(image, box)
    levels = pyramid(image)
    best: list[Line] = []
    best_value = 0.0
    for candidate in [*locate(image, LocateSettings())[:6], *box_guesses(w, h, x, y)]:
        cx, cy = candidate.band.mean(axis=0)
        if not (x < cx < x + w and y < cy < y + h):
            continue
        lines = segment(levels, rectify(levels, candidate, RectifySettings()), SegmentSettings())
        inside = [ln for ln in lines if y - 0.05 * h < ln.band[:, 1].mean() < y + 1.05 * h]
        tall = sum(ln.height for ln in inside)
        value = min(sum(len(ln.boxes) for ln in inside), 8) + 20 * min(tall / h, 0.6)
        if inside and value > best_value:
            best, best_value = inside, value
    return best


def labelled(photos: Path, doing: str) -> Iterable[tuple[str, dict[str, str], NDArray[np.uint8], Box | None]]:
    """Every plate with a text and a place: its set, its label, its picture, its box."""
    files = sorted(photos.glob("*/labels.csv"))
    for labels in track(files, len(files), doing):
        with labels.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                text = row["text"]
                crops = "crops" in labels.parent.name
                if not text or "?" in text or (not row["w"] and not crops):
                    continue
                image = np.asarray(cv2.imread(str(labels.parent / row["file"])), np.uint8)
                box = None if not row["w"] else (float(row["x"]), float(row["y"]), float(row["w"]), float(row["h"]))
                yield labels.parent.name, row, image, box


def samples(photos: Path) -> Iterable[Sample]:
    """Every plate with a text and a place, cut."""
    for name, row, image, box in labelled(photos, "cutting"):
        yield Sample(name, row["file"], row["text"], row["country"], [line.pixels for line in cut(image, box)])


def distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (ca != cb))
    return row[-1]


def folded(text: str) -> str:
    """Look-alikes O/0 and I/1 made one."""
    return text.replace("O", "0").replace("I", "1")


@lru_cache(maxsize=64)
def constraints(country: str) -> Constraints | None:
    """The layouts of a country or group; None where there are none for it."""
    try:
        return Constraints(load_countries([country.lower()]))
    except AnprError:
        return None


def variants(model: Path, second: Path | None, float_model: Path | None, english: Path | None) -> list[Variant]:
    """The rows of the table."""
    rows = [Variant("this one, int8", model)]
    rows += [Variant("the second one, int8", second)] if second else []
    rows += [Variant("this one as float", float_model)] if float_model else []
    rows += [Variant("this one, int8", model, mode) for mode in (LINE, WORD)]
    rows += [Variant("this one, int8", model, height=height) for height in (24, 48, 72)]
    rows += [Variant("this one, int8", model, views=views) for views in (2, 3)]
    if english:
        rows += [Variant("Tesseract's `eng`", english, mode) for mode in (RAW_LINE, LINE, WORD)]
        rows += [Variant("Tesseract's `eng`", english, LINE, 72), Variant("Tesseract's `eng`", english, views=3)]
    return rows


def view(line: NDArray[np.uint8], height: int, width: float) -> NDArray[np.uint8]:
    """A line image at another height, and wider by a factor."""
    factor = height / line.shape[0]
    if factor == 1 and width == 1:
        return line
    size = (max(1, round(line.shape[1] * factor * width)), height)
    return cv2.resize(line, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC).astype(np.uint8)


def certainty(lattice: Lattice) -> float:
    """Mean probability of the glyphs that were read; 0 where none was."""
    seen = [slot.alternatives[0][1] * (1 - slot.blank) for slot in lattice.slots if slot.blank <= 0.5]
    return sum(seen) / len(seen) if seen else 0.0


def read(variant: Variant, plates: Sequence[Sample], errors: bool = False) -> tuple[list[Plate], float]:
    """Every plate by one variant, and the processor milliseconds per line."""
    engine = InProcessEngine(variant.model)
    assert engine._api is not None
    engine._api.SetPageSegMode(variant.mode)
    result = []
    seconds, count = 0.0, 0
    for plate in track(plates, len(plates), variant.name):
        start = time.process_time()
        lattices = []
        for line in plate.lines:
            seen = engine.read([view(line, variant.height, width) for width in WIDTHS[: variant.views]])
            lattices.append(max(seen, key=certainty))
        seconds += time.process_time() - start
        count += len(plate.lines)
        text = "".join(lattice.text for lattice in lattices)
        known = constraints(plate.country)
        best = constrain(lattices, known) if known else []
        result.append(compared(plate.set_name, plate.text, plate.country, text, best[0].text if best else text))
        if errors and not result[-1].layouts:
            print(f"{plate.set_name:28} {plate.file:32} {plate.text:10} {text:12} {best[0].text if best else text}")
    engine.close()
    return result, 1000 * seconds / max(count, 1)


def compared(set_name: str, true: str, country: str, plain: str, chosen: str) -> Plate:
    """A plate's true text against what was seen and what the layouts made of it."""
    right = folded(chosen) == folded(true) if country == "US" else chosen == true
    return Plate(set_name, plain == true, folded(plain) == folded(true), right, distance(true, plain), len(true))


def read_as_reader(photos: Path, model: Path | None) -> list[Plate]:
    """Every plate by all stages of the reader in the surroundings of its box."""
    readers: dict[str, Reader] = {}
    result = []
    for name, row, image, box in labelled(photos, "reading"):
        country = row["country"]
        if country not in readers:
            readers[country] = Reader([country.lower()] if constraints(country) else None, model=model)
        part, (x, y, w, h) = surroundings(image, box) if box else (image, (0, 0, *image.shape[1::-1]))
        there = []
        for e in readers[country].trace(part).examined:
            cx, cy = e.reading.corners.mean(axis=0)
            if x < cx < x + w and y < cy < y + h:
                there.append(e.reading)
        best = max(there, key=lambda reading: reading.confidence, default=None)
        seen, text = (best.raw_text, best.text) if best else ("", "")
        result.append(compared(name, row["text"], country, seen, text))
    return result


def memory_mb(model: Path) -> float:
    """Megabytes that a fresh process grows by when it loads a model and reads fifty lines."""
    done = subprocess.run([sys.executable, "-c", MEMORY, str(model)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def shares(plates: Sequence[Plate]) -> list[str]:
    """Plain, folded, layouts and character error rate of some plates, in percent."""
    n = max(len(plates), 1)
    rates = [sum(getattr(p, what) for p in plates) / n for what in ("plain", "folded", "layouts")]
    rates.append(sum(p.errors for p in plates) / max(sum(p.length for p in plates), 1))
    return [f"{100 * rate:.1f} %" for rate in rates]


def set_rows(first: Sequence[Plate], reader: Sequence[Plate], english: Sequence[Plate] | None) -> list[list[str]]:
    """Set by set: the first model's shares, the reader's and the English one's plain and with layouts."""
    rows = []
    for name in [*dict.fromkeys(p.set_name for p in first), "all"]:
        ours = [p for p in first if name in (p.set_name, "all")]
        row = [name, str(len(ours)), *shares(ours)]
        for others in (reader, english):
            if others:
                plain, _, layouts, _ = shares([p for p in others if name in (p.set_name, "all")])
                row.append(f"{plain} / {layouts}")
        rows.append(row)
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="the model to measure; the packaged one if left out")
    parser.add_argument("--quick", action="store_true", help="the model as it is used, and nothing else")
    parser.add_argument("--float", type=Path, dest="float_model", help="the model before it was made int8")
    parser.add_argument("--eng", type=Path, help="Tesseract's eng.traineddata, as Debian's tesseract-ocr-eng has it")
    parser.add_argument("--cache", type=Path, help="keep the cut lines in this file, outside the repository")
    parser.add_argument("--errors", action="store_true", help="list what the first row misread")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.cache and options.cache.resolve().is_relative_to(README.parents[1]):
        parser.error(f"{options.cache} is in this repository, where no part of a photograph may be")
    cv2.setNumThreads(1)
    if options.cache and options.cache.exists():
        plates: list[Sample] = pickle.loads(options.cache.read_bytes())
    else:
        plates = list(samples(options.photos))
        if options.cache:
            options.cache.write_bytes(pickle.dumps(plates))
    rows = []
    first: list[Plate] = []
    english: list[Plate] | None = None
    first_model = options.model or packaged_model()
    second_model = None if options.model else packaged_model(second=True)
    chosen = variants(first_model, second_model, options.float_model, options.eng)
    for number, variant in enumerate(chosen[:1] if options.quick else chosen):
        result, milliseconds = read(variant, plates, options.errors and number == 0)
        first = first or result
        if variant.model == options.eng and english is None:
            english = result
        row = [variant.name, str(variant.mode), str(variant.height), str(variant.views), *shares(result)]
        row += [f"{milliseconds:.1f}", f"{variant.model.stat().st_size / 1e3:.0f}", f"{memory_mb(variant.model):.0f}"]
        rows.append(row)
        print(" | ".join(row), flush=True)
    reader = [] if options.quick else read_as_reader(options.photos, options.model)
    if reader:
        rows.append(["as the reader reads", str(RAW_LINE), "36", "cuts: 1 to 3", *shares(reader), *"   "])
    header = ("model", "PSM", "height, px", "views", "plain", "folded", "layouts", "CER", "ms per line", "kB", "MB")
    sets = ["set", "plates", "plain", "folded", "layouts", "CER"]
    sets += ["reader: plain / layouts"] if reader else []
    sets += ["`eng`: plain / layouts"] if english else []
    text = "\n".join([*table(header, rows), "", *table(sets, set_rows(first, reader, english)), "", stamp()])
    print(text)
    if options.write:
        replace_part("ocr", text, README)


if __name__ == "__main__":
    main()
