"""Many machines: a real scheduler, and two workers in processes of their own, one of which is killed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'classic-anpr[dask]'")

from classic_anpr import batch
from classic_anpr.distributed import read_records
from classic_anpr.errors import AnprError, EngineError, UsageError
from tests.dask_jobs import SlowJob

ROOT = Path(__file__).parents[1]


class Cluster:
    """A scheduler and its workers, each a process of one thread without a nanny that would start it again."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._file = folder / "scheduler.json"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._run("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        for _ in range(workers):
            self.add_worker()
        from distributed import Client

        until = time.monotonic() + 60
        while not self._file.exists():
            assert time.monotonic() < until, "the scheduler does not start"
            time.sleep(0.05)
        with Client(scheduler_file=str(self._file), set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
            self.address = client.scheduler.address

    def add_worker(self) -> None:
        self._run("worker", "--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder))

    def _run(self, what: str, *options: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--scheduler-file", str(self._file), *options]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        log = (self._folder / f"{what}-{len(self._processes)}.log").open("wb")
        with log:
            self._processes.append(subprocess.Popen(command, cwd=self._folder, env=environment, stdout=log, stderr=log))

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("dask"), workers=2)
    yield cluster
    cluster.stop()


def names_of(records: Any) -> list[str]:
    return [record.filename for record in records]


def test_the_same_records_as_without_a_cluster(cluster: Cluster, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photos)  # The workers are in another folder.
    names = [*batch.ImageFiles([str(photos)]), "good.jpg", "absent.jpg"]
    job = batch.Job(countries=("de",))

    def untimed(records: Any) -> list[dict[str, Any]]:
        return [replace(record, timings_ms={}).to_dict() for record in records]

    there = untimed(read_records(job, names, cluster.address))
    assert there == untimed(batch.read_records(job, names, 1))
    assert sum(record["error"] is None for record in there) == 4


def test_names_are_taken_as_they_are_needed(cluster: Cluster) -> None:
    source = itertools.count()
    with closing(read_records(SlowJob(0.001), map(str, source), cluster.address)) as records:
        first = names_of(itertools.islice(records, 40))
    assert first == [str(i) for i in range(40)]
    assert next(source) <= 40 + 16


def test_what_hits_every_image_ends_the_run(cluster: Cluster) -> None:
    with pytest.raises(EngineError, match="no engine there"):
        list(read_records(SlowJob(), ["a", "no engine", "b"], cluster.address))
    with pytest.raises(AnprError, match="a worker failed: TypeError: of another version"):
        list(read_records(SlowJob(), ["a", "fault", "b"], cluster.address))


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(cluster: Cluster) -> None:
    names = [f"{i}.jpg" for i in range(150)]
    records = []
    killed = 0
    for record in read_records(SlowJob(), names, cluster.address):
        records.append(record)
        if len(records) == 40:
            killed = record.image_width
            os.kill(killed, signal.SIGKILL)
    assert names_of(records) == names
    assert all(record.error is None for record in records)
    workers = {record.image_width for record in records}
    assert len(workers) == 2
    assert killed not in {record.image_width for record in records[80:]}


def test_an_image_that_kills_its_workers_has_a_record_that_says_so(cluster: Cluster) -> None:
    for _ in range(4):
        cluster.add_worker()
    records = list(read_records(SlowJob(), ["a", "deadly", "b"], cluster.address))
    assert names_of(records) == ["a", "deadly", "b"]
    assert [record.error for record in records] == [None, "deadly: every worker that read it died", None]


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classic_anpr.distributed._TIMEOUT", 0.2)
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:1"):
        list(read_records(SlowJob(), ["a"], "tcp://127.0.0.1:1"))
    with pytest.raises(UsageError, match="nonsense"):
        list(read_records(SlowJob(), ["a"], "nonsense://x"))
