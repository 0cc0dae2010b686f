"""Time per picture at three sizes, start-up and memory, on the drawn pictures of samples/.

    python benchmarks/speed.py [--repeat 3] [--country eu ...] [--write]

Drawn pictures are fit for this: the work depends on a picture's size and clutter, not on who drew it; a photograph's
clutter is more, so the times per photograph of table.py are the ones to quote. With --write, the table goes into
RESULTS.md and a line into history.jsonl, where each version's figures stay.
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
import time
from pathlib import Path

import cv2
from results_page import replace_part, stamp

from classic_anpr import Reader, images
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.evaluate.systems import peak_mib

SIZES = ((640, 480), (1280, 720), (1920, 1080))
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
HISTORY = Path(__file__).with_name("history.jsonl")
BUSY = 1.3  # wall-clock over processor time from which the machine had something else to do
STAGES = ("locate", "rectify", "segment", "ocr", "constrain", "judge")


def start_up_ms(code: str) -> float:
    """Median processor milliseconds of three fresh processes that run `code`."""
    times = []
    for _ in range(3):
        before = _children_ms()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(_children_ms() - before)
    return statistics.median(times)


def _children_ms() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (usage.ru_utime + usage.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--country", action="append")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    reader = Reader(countries=arguments.country)
    pictures = [images.load(path).pixels for path in sorted(SAMPLES.glob("*.jpg"))]
    rows, figures = [], {}
    for width, height in SIZES:
        scaled = [cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in pictures]
        reader.trace(scaled[0])
        times: list[float] = []
        stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
        for picture in scaled * arguments.repeat:
            start = time.process_time()
            trace = reader.trace(picture)
            times.append(1000 * (time.process_time() - start))
            for stage in STAGES:
                stages[stage].append(trace.timings_ms[stage])
        times.sort()
        median, p95 = statistics.median(times), times[int(0.95 * (len(times) - 1))]
        figures[f"{width}x{height}"] = round(median, 1)
        wall = [statistics.median(stages[stage]) for stage in STAGES]
        # The stages have wall-clock times only: on a busy machine they say nothing.
        parts = [f"{t:.0f}" for t in wall] if sum(wall) < BUSY * median else ["-"] * len(STAGES)
        rows.append([f"{width} x {height}", f"{median:.0f}", f"{p95:.0f}", *parts])
        print(" | ".join(rows[-1]), flush=True)
    imported = start_up_ms("import classic_anpr")
    ready = start_up_ms("from classic_anpr import Reader; Reader()")
    header = ("picture", "processor ms, median", "95th percentile", *STAGES)
    figures |= {"import_ms": round(imported), "ready_ms": round(ready), "peak_mib": round(peak_mib())}
    note = (
        f"Start-up: {imported:.0f} ms of processor time to import, {ready:.0f} ms until a reader of all countries is "
        f"ready, Python's own among them. Most memory: {figures['peak_mib']} MiB. {len(pictures)} drawn pictures, "
        "brought to each size."
    )
    text = "\n".join([*table(header, rows), "", note, "", stamp()])
    print(text)
    if arguments.write:
        replace_part("speed", text)
        with HISTORY.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"when": stamp(), **figures}) + "\n")


if __name__ == "__main__":
    main()
