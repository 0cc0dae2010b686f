"""Resident memory of one process that reads many images: it must level off.

    python benchmarks/memory.py [FOLDER] [--images 500]

Reads the pictures of FOLDER (default: samples/) over and over with one reader and prints the resident size at the start
and after every 100 images. The first hundred fill caches and the allocator's arenas; from there to the end the size may
not grow by more than the tolerance. Exit code: 0, it did not; 1, it did. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from pathlib import Path

from classic_anpr import Reader, batch

STEP = 100  # images between two prints
TOLERANCE_MB = 30.0  # less than two 12-megapixel photographs' worth of jitter over hundreds of images


def resident_mb() -> float:
    """Resident set size of this process, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parent.parent / "samples"
    parser.add_argument("folder", nargs="?", default=str(default))
    parser.add_argument("--images", type=int, default=500)
    arguments = parser.parse_args()

    files = list(batch.ImageFiles([arguments.folder]))
    if not files:
        parser.error(f"{arguments.folder}: no pictures")
    reader = Reader()
    sizes = [resident_mb()]
    print(f"{0:>6} images  {sizes[0]:8.1f} MB", flush=True)
    many = itertools.islice(itertools.cycle(files), arguments.images)
    for count, _ in enumerate(batch.read_files(reader, many), 1):
        if count % STEP == 0 or count == arguments.images:
            sizes.append(resident_mb())
            print(f"{count:>6} images  {sizes[-1]:8.1f} MB", flush=True)
    growth = sizes[-1] - sizes[1]
    print(f"growth after the first {min(STEP, arguments.images)} images: {growth:+.1f} MB")
    return int(growth > TOLERANCE_MB)


if __name__ == "__main__":
    sys.exit(main())
