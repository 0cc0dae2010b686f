"""Kill -9 workers and whole runs at random moments: after ``--resume`` there is one record per image, no more, no less.

    python benchmarks/kill.py [--kills 50] [--images 300] [--workers 2] [--seed 1]

Runs the command on drawn pictures, in both formats that can be gone on with in turn (JSON lines first where the seed is
even), and kills either one worker or the parent, after a random time. A killed parent is started again with
``--resume``; a run that ends by itself is checked, and the next begins. Exit code: 0, every check was right. Linux only
(/proc).
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drawn import draw_pictures


def children(pid: int) -> list[int]:
    """The worker processes of a run, without the one that multiprocessing keeps for itself."""
    with contextlib.suppress(OSError):
        # Each worker is the child of the thread that looks after it.
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        found = [int(child) for line in lists for child in line.split()]
        return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return []


def records(output: Path) -> collections.Counter[str]:
    """How many records each image has."""
    if output.suffix == ".jsonl":
        return collections.Counter(json.loads(line)["filename"] for line in output.open())
    images: collections.Counter[str] = collections.Counter()
    for row in csv.DictReader(output.open(newline="")):
        images[row["filename"]] += 1 / max(int(row["plates"]), 1)
    return images


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    kills: collections.Counter[str] = collections.Counter()
    runs = wrong = 0
    with tempfile.TemporaryDirectory() as place:
        names = draw_pictures(Path(place) / "pictures", arguments.images)
        while kills.total() < arguments.kills:
            output = Path(place) / f"{runs}.{('jsonl', 'csv')[(runs + arguments.seed) % 2]}"
            restarts = 0
            while True:
                command = [sys.executable, "-m", "classic_anpr", "-q", "read", f"{place}/pictures", "--resume"]
                command += ["--workers", str(arguments.workers), "--output", str(output), "--format", output.suffix[1:]]
                process = subprocess.Popen(command)
                begun = output.stat().st_size if output.exists() else 0
                while process.poll() is None and kills.total() < arguments.kills:
                    # Half of the kills wait for records, so that a slow start does not keep the run from going on.
                    if rng.random() < 0.5:
                        while process.poll() is None and (not output.exists() or output.stat().st_size <= begun):
                            time.sleep(0.01)
                    time.sleep(rng.uniform(0, 1.5))
                    workers = children(process.pid)
                    victim = rng.choice([process.pid, *workers])
                    if process.poll() is None:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(victim, signal.SIGKILL)
                            kills["parent" if victim == process.pid else "worker"] += 1
                    if victim == process.pid:
                        break
                if process.wait() != -signal.SIGKILL:
                    break
                restarts += 1
            counts = records(output)
            right = set(counts) == set(names) and all(abs(count - 1) < 1e-9 for count in counts.values())
            wrong += not right
            runs += 1
            print(
                f"{output.name}: {len(counts)} images, {'one record each' if right else 'WRONG'}, {restarts} restarts; "
                f"killed so far: {kills['worker']} workers, {kills['parent']} parents",
                flush=True,
            )
    print(f"{kills.total()} kills, {runs} runs, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
