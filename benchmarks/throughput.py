"""Rate of 1, 2, ... worker processes, and their memory over many images.

    python benchmarks/throughput.py rate [--images 400] [--rounds 3]
    python benchmarks/throughput.py memory [--images 20000]

Both read small drawn pictures through `classic_anpr.batch.read_records`, as ``classic-anpr read --workers N`` does.

``rate`` reads the same pictures with 1 to N workers (N: the processors this process may use) in turn, several rounds,
and prints the best rate of each between the first and the last tenth of the images, so that starting does not count.
Beside it stands the processor time per image, of all processes together: where other programs want the processors too,
only this says what the workers cost each other. Exit code: 0, N workers reach 0.85 x N times the rate of one.

``memory`` writes the resident memory of all processes over the images as a curve, benchmarks/throughput.svg, and its
figures as benchmarks/throughput-memory.csv. Exit code: 0, nothing grows by more than 20 MB after the first tenth. Needs
matplotlib (the extra ``bench``). Linux only (/proc).
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from drawn import draw_pictures

from classic_anpr import batch

HERE = Path(__file__).parent
GOAL = 0.85  # of N times the rate of one worker
GROWTH_MB = 20.0


def resident_mb(pid: int) -> float:
    """Resident set size of a process in megabytes; 0 if it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor_seconds(pids: Iterable[int]) -> float:
    """Processor time that processes have used so far, in user and in system mode."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def processes() -> list[int]:
    """This process and its workers, the oldest first."""
    return [os.getpid(), *sorted(child.pid or 0 for child in multiprocessing.active_children())]


def measure(names: list[str], workers: int) -> tuple[float, float]:
    """Images per second, and processor milliseconds per image, over the middle of a run."""
    first, last = len(names) // 10, len(names) - len(names) // 10
    began = spent = 0.0
    with closing(batch.read_records(batch.Job(), names, workers)) as records:
        for count, record in enumerate(records, 1):
            assert record.error is None, record.error
            if count == first:
                began, spent = time.perf_counter(), processor_seconds(processes())
            if count == last:
                seconds = time.perf_counter() - began
                spent = processor_seconds(processes()) - spent
    images = last - first
    return images / seconds, 1000 * spent / images


def rate(folder: Path, images: int, rounds: int) -> int:
    names = draw_pictures(folder, images)
    most = batch.processors()
    best: dict[int, float] = {}
    cost: dict[int, float] = {}
    for _ in range(rounds):
        for workers in range(1, most + 1):
            speed, milliseconds = measure(names, workers)
            best[workers] = max(best.get(workers, 0.0), speed)
            cost[workers] = min(cost.get(workers, float("inf")), milliseconds)
    print(f"{images} pictures of 200 x 120 pixels, best of {rounds} rounds; load average {os.getloadavg()[0]:.1f}")
    print("workers  images/s  of N x one  processor ms/image  of one's")
    for workers, speed in best.items():
        share = speed / workers / best[1]
        print(f"{workers:>7}  {speed:8.1f}  {share:10.2f}  {cost[workers]:18.1f}  {cost[workers] / cost[1]:8.2f}")
    return int(best[most] < GOAL * most * best[1])


def memory(folder: Path, images: int) -> int:
    names = draw_pictures(folder, images)
    step = max(images // 200, 1)
    rows: list[list[float]] = []
    with closing(batch.read_records(batch.Job(), iter(names))) as records:
        for count, record in enumerate(records, 1):
            assert record.error is None, record.error
            if count % step == 0:
                rows.append([count, *(resident_mb(pid) for pid in processes())])
    labels = ["this process", *(f"worker {n}" for n in range(1, len(rows[-1]) - 1))]
    with (HERE / "throughput-memory.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["images", *(f"{label}, MB" for label in labels)])
        writer.writerows([row[0], *(f"{size:.1f}" for size in row[1:])] for row in rows)
    plot(rows, labels)
    grown = []
    for label, sizes in zip(labels, list(zip(*rows, strict=True))[1:], strict=True):
        settled = sizes[len(sizes) // 10]
        grown.append(max(sizes) - settled)
        print(f"{label}: {settled:.1f} MB after {images // 10} images, {sizes[-1]:.1f} MB after {images}")
    return int(max(grown) > GROWTH_MB)


def plot(rows: list[list[float]], labels: list[str]) -> None:
    """Draw the curves into benchmarks/throughput.svg."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "classic-anpr"  # The same figures give the same file.
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.5), layout="constrained")
    columns = list(zip(*rows, strict=True))
    for label, sizes in zip(labels, columns[1:], strict=True):
        axes.plot(columns[0], sizes, label=label)
    axes.set(xlabel="images read", ylabel="resident memory, MB", ylim=(0, None), xlim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(HERE / "throughput.svg", metadata={"Date": None})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rate", "memory"])
    parser.add_argument("--images", type=int, help="[default: 400 for rate, 20000 for memory]")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.what == "rate":
            return rate(Path(folder), arguments.images or 400, arguments.rounds)
        return memory(Path(folder), arguments.images or 20_000)


if __name__ == "__main__":
    sys.exit(main())
