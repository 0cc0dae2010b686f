"""Kill -9 of workers and of the whole run: after resuming there is one record per image. See benchmarks/kill.py."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="finds the workers in /proc")

NAMES = [f"{i} sleep 0.05" for i in range(120)]
SCRIPT = """
import sys
from contextlib import closing
from pathlib import Path
from classic_anpr.batch import read_records
from classic_anpr.output.sink import Sink
from tests.batch.test_kill import NAMES
from tests.batch.troubled import TroubledJob

output = Path(sys.argv[1])
with Sink(output.suffix[1:], 5, output, go_on=True) as sink:
    with closing(read_records(TroubledJob(), (name for name in NAMES if not sink.has(name)), 2)) as records:
        for record in records:
            sink.write(record)
"""


def run(output: Path) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(output)], cwd=root, stderr=subprocess.DEVNULL)


def workers(pid: int) -> list[int]:
    # Each worker is the child of the thread that looks after it.
    lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    found = [int(child) for line in lists for child in line.split()]
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def wait_for_more(process: subprocess.Popen[bytes], output: Path) -> None:
    def lines() -> int:
        return output.read_bytes().count(b"\n") if output.exists() else 0

    enough = lines() + 2  # The first one may be the heading.
    while process.poll() is None and lines() < enough:
        time.sleep(0.01)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_every_image_has_one_record_after_all(tmp_path: Path, form: str) -> None:
    output = tmp_path / f"out.{form}"
    orphans: list[int] = []
    for kill_parent in (False, True, True):
        process = run(output)
        wait_for_more(process, output)
        orphans += workers(process.pid)
        if not kill_parent and orphans:
            os.kill(orphans[-1], signal.SIGKILL)
            wait_for_more(process, output)
        process.kill()
        process.wait()
    assert run(output).wait() == 0
    with output.open(newline="") as file:
        read = [row["filename"] for row in (csv.DictReader(file) if form == "csv" else map(json.loads, file))]
    assert read == NAMES
    while any(os.path.exists(f"/proc/{pid}") for pid in orphans):  # They end when they see that they are alone.
        time.sleep(0.01)
