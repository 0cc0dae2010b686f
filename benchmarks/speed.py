"""Time per stage and picture size, from 0.3 to 24 megapixels, start-up and memory, all by one command.

    python benchmarks/speed.py [--photos ../shared/photos] [--pictures 14] [--country eu ...] [--write]

Without --photos, the drawn pictures of samples/ are brought to each size; with it, photographs of scenes, evenly spread
over the sets of that folder and read with the countries that the sets' names begin with: their clutter is what a user
has, so these are the figures to quote. Decoding is not counted. All times are processor time of one thread,
which a busy machine hardly changes. Memory is that of a fresh process that reads a file of each size.

With --write, the tables go into RESULTS.md, the plot beside it, and a line into history.jsonl, where each version's
figures stay. The plot needs matplotlib.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray
from results_page import HISTORY, PAGE, replace_part, stamp
from table import chosen_sets, countries_of, whole_pictures

from classic_anpr import Reader, images
from classic_anpr.errors import ImageError
from classic_anpr.evaluate.progress import track
from classic_anpr.evaluate.report import plots
from classic_anpr.evaluate.report.markdown import table

MEGAPIXELS = (0.3, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0)
STAGES = ("locate", "rectify", "segment", "ocr", "constrain", "judge")
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
PLOT = PAGE.with_name("speed.svg")
START_UPS = {
    "import": ["-c", "import classic_anpr"],
    "help": ["-m", "classic_anpr", "--help"],
    "ready": ["-c", "from classic_anpr import Reader; Reader()"],
}
READ_ONE = """
import sys
from classic_anpr import Reader
reader = Reader()
for _ in range(3):
    reader.read(sys.argv[1])
# not getrusage, whose peak is that of the process that started this one where that is larger
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(*(int(status[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM")))
"""


@dataclass(frozen=True)
class Times:
    """Processor milliseconds at one size: of each picture, and the median of each stage."""

    megapixels: float
    total: tuple[float, ...]
    stages: dict[str, float]

    @property
    def median(self) -> float:
        return statistics.median(self.total)

    @property
    def p95(self) -> float:
        """95th percentile, by linear interpolation."""
        return float(np.percentile(self.total, 95))


Picture = tuple[Reader, NDArray[np.uint8]]


def drawn_pictures(count: int, countries: Sequence[str] | None) -> list[Picture]:
    """The drawn samples with one reader."""
    reader = Reader(countries=countries)
    files = sorted(SAMPLES.glob("*.jpg"))
    return [(reader, images.load(file).pixels) for file in files[:count]]


def photographs(folder: Path, count: int, countries: Sequence[str] | None) -> list[Picture]:
    """Photographs that are no cut-out plates, evenly spread over the sets, each with its set's reader."""
    sets = [labels for labels in chosen_sets(folder, None) if not whole_pictures(labels)]
    paths = [(labels, labels.path(photo)) for labels in sets for photo in labels.photos]
    readers: dict[str, Reader] = {}
    pictures: list[Picture] = []
    for labels, path in paths[:: max(len(paths) // count, 1)][:count]:
        if labels.name not in readers:
            readers[labels.name] = Reader(countries=countries or countries_of(labels))
        try:
            pictures.append((readers[labels.name], images.load(path).pixels))
        except ImageError as error:
            print(error, file=sys.stderr)
    return pictures


def scaled(picture: NDArray[np.uint8], megapixels: float) -> NDArray[np.uint8]:
    """A picture of its shape with so many pixels."""
    factor = (megapixels * 1e6 / (picture.shape[0] * picture.shape[1])) ** 0.5
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=interpolation).astype(np.uint8)


def measured(pictures: Sequence[Picture], megapixels: float) -> Times:
    """Read each picture at one size."""
    stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
    total = []
    warm: set[Reader] = set()
    for reader, picture in track(pictures, len(pictures), f"{megapixels:g} megapixels"):
        pixels = scaled(picture, megapixels)
        if reader not in warm:
            reader.trace(pixels)  # what is made once is not this picture's
            warm.add(reader)
        # the reader's clock is on the wall: let it show processor time
        with patch("time.perf_counter", time.process_time):
            start = time.process_time()
            trace = reader.trace(pixels)
            total.append(1000 * (time.process_time() - start))
        for stage in STAGES:
            stages[stage].append(trace.timings_ms[stage])
    return Times(megapixels, tuple(total), {stage: statistics.median(ms) for stage, ms in stages.items()})


def start_up_ms(arguments: Sequence[str]) -> float:
    """Median processor milliseconds of three fresh processes."""
    times = []
    for _ in range(3):
        before = _children_ms()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(_children_ms() - before)
    return statistics.median(times)


def _children_ms() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (usage.ru_utime + usage.ru_stime)


def memory_mb(picture: NDArray[np.uint8], megapixels: float) -> tuple[float, float]:
    """Resident and peak megabytes of a fresh process that reads a JPEG of a size three times, with all countries."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.jpg"
        cv2.imwrite(str(path), scaled(picture, megapixels))
        command = [sys.executable, "-c", READ_ONE, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    resident, peak = (float(v) for v in done.stdout.split())
    return resident, peak


def growth(times: Sequence[Times]) -> float:
    """Exponent k of cost ~ pixels^k over the sizes from 1 megapixel on, by least squares of the logarithms."""
    large = [t for t in times if t.megapixels >= 1]
    x, y = np.log([t.megapixels for t in large]), np.log([t.median for t in large])
    return float(np.polyfit(x, y, 1)[0])


def plot(times: Sequence[Times], title: str) -> str:
    """Processor time against size, both logarithmic: the whole, its 95th percentile, and the stages."""
    sizes = [t.megapixels for t in times]

    def draw(axes: Any) -> None:
        axes.plot(sizes, [t.median for t in times], "o-", color="black", label="whole, median")
        axes.plot(sizes, [t.p95 for t in times], "k--", label="whole, 95th percentile")
        for stage in STAGES:
            values = [t.stages[stage] for t in times]
            if max(values) >= 1:
                axes.plot(sizes, values, ".-", label=stage)
        one = next(t for t in times if t.megapixels == 1)
        axes.plot(sizes, [one.median * size for size in sizes], ":", color="#999", label="as the pixels")
        axes.set(xscale="log", yscale="log", xlabel="megapixels", ylabel="processor ms per picture", title=title)
        axes.set_ylim(bottom=1)
        axes.set_xticks(sizes, [f"{size:g}" for size in sizes])
        axes.grid(color="#eee", which="both")
        axes.legend(fontsize=7, loc="upper left")

    return plots.drawn(draw, (6.4, 4.6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of labelled sets; samples/ if left out")
    parser.add_argument("--pictures", type=int, default=14, help="how many to read at each size")
    parser.add_argument("--country", action="append")
    parser.add_argument("--plot", type=Path, help="draw the plot into this SVG file")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.photos:
        pictures = photographs(arguments.photos, arguments.pictures, arguments.country)
    else:
        pictures = drawn_pictures(arguments.pictures, arguments.country)
    times, rows = [], []
    for size in MEGAPIXELS:
        times.append(measured(pictures, size))
        resident, peak = memory_mb(pictures[0][1], size)
        at = times[-1]
        parts = [f"{at.stages[stage]:.0f}" for stage in STAGES]
        whole = [f"{at.median:.0f}", f"{at.p95:.0f}", f"{at.p95 / at.median:.1f}"]
        rows.append([f"{size:g}", *whole, *parts, f"{resident:.0f}", f"{peak:.0f}"])
        print(" | ".join(rows[-1]), flush=True)
    starts = {name: start_up_ms(command) for name, command in START_UPS.items()}
    header = ("megapixels", "median", "95th percentile", "ratio", *STAGES, "resident MB", "peak MB")
    what = f"{len(pictures)} {'photographs' if arguments.photos else 'drawn pictures'}"
    note = (
        f"Processor milliseconds per picture, {what} brought to each size, decoding not counted; stages are medians. "
        f"From 1 megapixel on, cost grows as pixels to the power {growth(times):.2f}. Memory: a fresh process with all "
        f"countries that reads a JPEG of the size three times. Start-up: {starts['import']:.0f} ms to import, "
        f"{starts['help']:.0f} ms for --help, {starts['ready']:.0f} ms until a reader of all countries is ready, "
        "Python's own among them."
    )
    drawing = arguments.plot or (PLOT if arguments.write else None)
    parts = [note, "", *table(header, rows)]
    if drawing:
        drawing.write_text(plot(times, f"Cost against size, {what}") + "\n", encoding="utf-8")
        parts += ["", f"![Processor time against picture size]({drawing.name})"]
    text = "\n".join([*parts, "", stamp()])
    print(text)
    if arguments.write:
        replace_part("speed", text)
        figures = {f"{t.megapixels:g}": [round(t.median, 1), round(t.p95, 1)] for t in times}
        line = {"when": stamp(), "pictures": what, "ms": figures, **{f"{k}_ms": round(v) for k, v in starts.items()}}
        with HISTORY.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
