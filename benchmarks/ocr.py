"""Reading alone: exact match and character error rate of models on the labelled boxes and crops of ``photos``.

Given the plate's true box, the stages locate and segment run inside it, and each model reads the same line images.
Columns: exact match; the same with O/0 and I/1 made one; with the country's layouts (US folded, since its labels write
every O as 0); character error rate of the plain reading.

    python benchmarks/ocr.py --photos ../shared/photos --model tessdata/plate.traineddata [--model ...]

Needs the photographs, which are not part of this repository. Nothing of them is written but the file of ``--cache``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import csv
import pickle
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.constrain import Constraints, constrain
from classic_anpr.countries import load_countries
from classic_anpr.errors import AnprError
from classic_anpr.locate import Candidate, LocateSettings, locate
from classic_anpr.ocr.engine import open_engine
from classic_anpr.rectify import RectifySettings, pyramid, rectify
from classic_anpr.segment import Line, SegmentSettings, segment


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


def cut(image: NDArray[np.uint8], box: tuple[float, float, float, float] | None) -> list[Line]:
    """The text lines of the plate in `box` (x, y, width, height; None: the whole picture is the plate)."""
    height, width = image.shape[:2]
    if box is None:
        side = round(0.15 * max(width, height))
        image = cv2.copyMakeBorder(image, side, side, side, side, cv2.BORDER_REPLICATE)
        x, y, w, h = side, side, width, height
    else:
        bx, by, w, h = (round(v) for v in box)
        mx, my = round(0.25 * w), round(0.5 * h)
        x0, y0 = max(0, bx - mx), max(0, by - my)
        image = np.ascontiguousarray(image[y0 : by + h + my, x0 : bx + w + mx])
        x, y = bx - x0, by - y0
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


def samples(photos: Path) -> Iterable[Sample]:
    """Every plate with a text and a place."""
    for labels in sorted(photos.glob("*/labels.csv")):
        with labels.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                text = row["text"]
                crops = "crops" in labels.parent.name
                if not text or "?" in text or (not row["w"] and not crops):
                    continue
                image = cv2.imread(str(labels.parent / row["file"]))
                box = None if not row["w"] else tuple(float(row[k]) for k in "xywh")
                lines = [line.pixels for line in cut(image, box)]  # type: ignore[arg-type]
                yield Sample(labels.parent.name, row["file"], text, row["country"], lines)


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


def confusions(truth: str, read: str) -> Iterable[tuple[str, str]]:
    """Pairs (true, read) of texts of equal length."""
    return ((a, b) for a, b in zip(truth, read, strict=False) if a != b) if len(truth) == len(read) else ()


@lru_cache(maxsize=64)
def constraints(country: str) -> Constraints | None:
    """The layouts of a country or group; None where there are none for it."""
    try:
        return Constraints(load_countries([country.lower()]))
    except AnprError:
        return None


def main() -> None:
    """Print one table per model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--model", type=Path, action="append", required=True)
    parser.add_argument("--cache", type=Path, help="keep the cut lines in this file (outside the repository)")
    parser.add_argument("--errors", action="store_true", help="list what was misread")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.cache and options.cache.exists():
        plates: list[Sample] = pickle.loads(options.cache.read_bytes())
    else:
        plates = list(samples(options.photos))
        if options.cache:
            options.cache.write_bytes(pickle.dumps(plates))
    for model in options.model:
        engine = open_engine(model=model)
        table: dict[str, list[tuple[bool, bool, bool, int, int]]] = defaultdict(list)
        pairs: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        count, seconds = 0, 0.0
        for plate in plates:
            start = time.process_time()
            lattices = engine.read(plate.lines)
            seconds += time.process_time() - start
            read = "".join(lattice.text for lattice in lattices)
            known = constraints(plate.country)
            best = constrain(lattices, known) if known else []
            constrained = best[0].text if best else read
            count += len(plate.lines)
            errors = distance(plate.text, read)
            fold = folded(read) == folded(plate.text)
            right = folded(constrained) == folded(plate.text) if plate.country == "US" else constrained == plate.text
            table[plate.set_name].append((read == plate.text, fold, right, errors, len(plate.text)))
            pairs[plate.set_name].update(confusions(plate.text, read))
            if options.errors and not right:
                print(f"{plate.set_name:28} {plate.file:32} {plate.text:10} {read:12} {constrained}")
        print(f"{model}: {seconds / max(count, 1) * 1e3:.1f} ms of CPU per line, {model.stat().st_size / 1e3:.0f} kB")
        print(f"{'set':28} {'plates':>6} {'exact':>6} {'folded':>6} {'layout':>6} {'CER':>6}  most frequent confusions")
        table["all"] = [row for rows in list(table.values()) for row in rows]
        for name, rows in table.items():
            n = len(rows)
            exact, fold_share, layout = (sum(r[k] for r in rows) / n for k in range(3))
            rate = sum(r[3] for r in rows) / sum(r[4] for r in rows)
            common = " ".join(f"{a}>{b}:{k}" for (a, b), k in pairs[name].most_common(8))
            print(f"{name:28} {n:6} {exact:6.1%} {fold_share:6.1%} {layout:6.1%} {rate:6.1%}  {common}")


if __name__ == "__main__":
    main()
