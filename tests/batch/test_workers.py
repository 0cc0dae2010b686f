"""Worker processes: order, bounds, and that none of their deaths costs more than its image."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from classic_anpr.batch import processors, read_records
from classic_anpr.batch import workers as workers_module
from classic_anpr.batch.workers import _AHEAD
from classic_anpr.errors import AnprError, EngineError, UsageError
from classic_anpr.results import Record
from tests.batch.troubled import TroubledJob


def names(records: list[Record]) -> list[str]:
    return [record.filename for record in records]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_records_come_in_the_order_of_the_names(workers: int) -> None:
    wanted = [f"{i} sleep {0.05 * (i % 3 == 0)}" for i in range(12)]
    records = list(read_records(TroubledJob(), wanted, workers))
    assert names(records) == wanted
    assert ({record.sha256 for record in records} == {str(os.getpid())}) is (workers == 1)
    assert all(record.error is None for record in records)
    assert multiprocessing.active_children() == []


def test_no_names_no_processes() -> None:
    assert list(read_records(TroubledJob(start="die"), [], 2)) == []


@pytest.mark.parametrize(
    ("quota", "wanted"), [(None, 4), ("max 100000\n", 4), ("250000 100000\n", 2), ("10000 100000\n", 1)]
)
def test_as_many_workers_as_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str | None, wanted: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5, 7})
    monkeypatch.setattr(workers_module, "_QUOTA", tmp_path / "cpu.max")
    if quota is not None:
        (tmp_path / "cpu.max").write_text(quota)
    assert processors() == wanted


@pytest.mark.parametrize("death", ["SIGKILL", "SIGSEGV"])
def test_a_worker_that_dies_is_replaced(tmp_path: Path, death: str, caplog: pytest.LogCaptureFixture) -> None:
    job = TroubledJob(log=tmp_path / "log")
    wanted = ["0 well -", f"1 once {death}", f"2 die {death}", "3 well -"]
    records = list(read_records(job, wanted, 2))
    assert names(records) == wanted
    assert [record.error for record in records] == [
        None,
        None,
        f"2 die {death}: the process that read it was killed by {death}, 2 times",
        None,
    ]
    begun = job.log.read_text().splitlines()
    assert [begun.count(name) for name in wanted] == [1, 2, 2, 1]
    assert f"1 once {death}: the process that read it was killed by {death}" in caplog.text


def test_an_image_that_takes_too_long_is_given_up() -> None:
    records = list(read_records(TroubledJob(), ["0 sleep 60", "1 well -"], 1, timeout=0.5))
    assert [record.error for record in records] == ["0 sleep 60: not read within 0.5 s", None]


def test_what_hits_every_image_ends_the_run(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EngineError, match="no engine here"):
        list(read_records(TroubledJob(start="fail"), ["0 well -"] * 3, 2))
    with pytest.raises(AnprError, match=r"3 processes in a row died while they were starting; .* exit code 7"):
        list(read_records(TroubledJob(start="die"), ["0 well -"], 2))
    with pytest.raises(AnprError, match="internal error: ZeroDivisionError: by-zero"):
        list(read_records(TroubledJob(), ["0 raise by-zero"], 2))
    assert multiprocessing.active_children() == []


def test_an_error_among_the_names_comes_after_the_records_before_it() -> None:
    def failing() -> Iterator[str]:
        yield "0 sleep 0.2"
        yield "1 well -"
        raise UsageError("not installed")

    records = read_records(TroubledJob(), failing(), 2)
    assert names([next(records), next(records)]) == ["0 sleep 0.2", "1 well -"]
    with pytest.raises(UsageError, match="not installed"):
        next(records)


def test_names_are_taken_as_they_are_needed() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield f"{taken} well -"

    with closing(read_records(TroubledJob(), endless(), 2)) as records:
        for done in range(1, 60):
            next(records)
            assert taken <= done + 2 * _AHEAD + 1
    assert multiprocessing.active_children() == []


def test_a_source_that_waits_holds_no_record_back() -> None:
    more = threading.Event()

    def waiting() -> Iterator[str]:
        yield "0 well -"
        assert more.wait(60)
        yield "1 well -"

    with closing(read_records(TroubledJob(), waiting(), 2)) as records:
        assert next(records).filename == "0 well -"
        more.set()
        assert next(records).filename == "1 well -"
