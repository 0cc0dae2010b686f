"""Several processes that read images, each with one engine and one thread; their records in the order of the images.

In this process a thread looks after each worker: it takes the next name, hands it over, waits for the record, and
starts another worker where that one has died. So nothing here has to be polled, and a source of names that blocks, as
a list on stdin does, holds nothing up that was already read.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from classic_anpr.batch.job import Job
from classic_anpr.errors import AnprError
from classic_anpr.results import Record

log = logging.getLogger(__name__)

# spawn: a forked child would inherit locks that other threads hold, those of OpenMP and of OpenCV among them.
_PROCESSES = multiprocessing.get_context("spawn")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # microseconds of processor time, and in how many they may be used (cgroup v2)
_ONE_THREAD = ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_AHEAD = 16  # names per worker that may be read before an earlier one is done: a slow image holds up nobody for long
_STARTS = 3  # times in a row that a worker may die before it has read anything
_ATTEMPTS = 2  # times that an image may cost its worker's life
_PATIENCE = 3.0  # seconds that the workers have to finish their images after an interrupt
_LAST_WORDS = 5.0  # seconds that a process has to exit after its connection has broken, or after it was killed


def processors() -> int:
    """How many processors this process may use: by its affinity, and by the share of time that its container has."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(
        OSError, ValueError
    ):  # No such file outside of a container; "max" where there is no limit.
        quota, period = map(int, _QUOTA.read_text().split())
        allowed = min(allowed, max(round(quota / period), 1))
    return allowed


def read_records(
    job: Job, names: Iterable[str], workers: int | None = None, timeout: float | None = None
) -> Generator[Record, None, None]:
    """One record per image, in the order of the names, and each as soon as those before it are there.

    Parameters
    ----------
    job : Job
        How to read.
    names : iterable of str
        As `ImageFiles` gives them. Taken as they are needed, at most 16 per worker ahead of the record that comes next.
    workers : int, optional
        Processes; `processors` where None. One means this process, unless there is a timeout.
    timeout : float, optional
        Seconds an image may take. One that takes longer is not tried again.

    Raises
    ------
    EngineError, CountryFileError, UsageError
        As `Job.reader` and `Job.read`.
    AnprError
        If workers die before they read anything.

    Notes
    -----
    A worker that dies is replaced, and its image is tried once more; then, or after the timeout, the image's record has
    an `error`. Close the iterator (`contextlib.closing`) to end the workers early. As ever with multiprocessing,
    workers import the main script anew: one of your own needs its ``if __name__ == "__main__":``.
    """
    workers = workers or processors()
    if workers > 1 or timeout is not None:
        yield from _Pool(job, names, workers, timeout).records()
        return
    reader = job.reader()
    for name in names:
        yield job.read(reader, name)


class _Pool:
    """The threads, and what they share."""

    def __init__(self, job: Job, names: Iterable[str], workers: int, timeout: float | None) -> None:
        for variable in _ONE_THREAD:  # The workers inherit them, and the libraries look when they are loaded.
            os.environ.setdefault(variable, "1")
        self._names = iter(names)
        self._source = threading.Lock()  # guards _names and _taken
        self._taken = 0
        self._room = threading.Semaphore(_AHEAD * workers)
        self._news = threading.Condition()  # guards what follows
        self._done: dict[int, Record | BaseException] = {}
        self._busy = 0
        self._end: int | None = None  # how many names there are, once that is known
        self._stopped = False
        self._workers = [_Worker(job, timeout) for _ in range(workers)]

    def records(self) -> Generator[Record, None, None]:
        for worker in self._workers:
            threading.Thread(target=self._look_after, args=(worker,), daemon=True).start()
        try:
            for index in itertools.count():
                with self._news:
                    while index not in self._done and index != self._end:
                        self._news.wait()
                    if index == self._end:
                        return
                    result = self._done.pop(index)
                self._room.release()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self._stop()

    def _look_after(self, worker: _Worker) -> None:
        """What each thread does: take a name, have it read, leave the record."""
        while True:
            self._room.acquire()
            with self._source:
                if self._stopped or self._end is not None:
                    return
                index = self._taken
                try:
                    name = next(self._names)
                except StopIteration:
                    self._tell(end=index)
                    return
                except BaseException as error:  # For whoever asks for this record.
                    self._tell(index, error, end=index + 1)
                    return
                self._taken += 1
            self._tell(busy=1)
            result: Record | BaseException
            try:
                result = worker.read(name)
            except BaseException as error:
                result = error
            self._tell(index, result, busy=-1)

    def _tell(
        self, index: int = -1, result: Record | BaseException | None = None, busy: int = 0, end: int | None = None
    ) -> None:
        with self._news:
            if result is not None:
                self._done[index] = result
            self._busy += busy
            self._end = end if end is not None else self._end
            self._news.notify_all()

    def _stop(self) -> None:
        """End the workers: idle ones at once, the others when their image is done, but soon."""
        for worker in self._workers:
            worker.last = True
        with self._news:
            self._stopped = True
            self._news.wait_for(lambda: self._busy == 0, _PATIENCE)
        for worker in self._workers:
            self._room.release()  # Lets its thread see that it is over.
            worker.end()


class _Died(Exception):
    """A worker is no more; says how it ended."""


class _Worker:
    """A process that reads images, one at a time; started when it is needed, replaced when it dies.

    Once `last` is set, by any thread, no other process is started.
    """

    _bookkeeping = threading.Lock()  # multiprocessing's list of children is not made for several threads.

    def __init__(self, job: Job, timeout: float | None) -> None:
        self._job = job
        self._timeout = timeout
        self._process: SpawnProcess | None = None
        self.last = False

    def read(self, name: str) -> Record:
        """The record of one image, also where reading it kills the process.

        Raises
        ------
        AnprError
            What `Job.reader` or `Job.read` raised there, or that no process survives its start.
        """
        for _ in range(_ATTEMPTS):
            self._start()
            try:
                self._connection.send(name)
                if not self._connection.poll(self._timeout):
                    self._discard()
                    return Record(name, None, 0, 0, error=f"{name}: not read within {self._timeout:g} s")
                return self._answer()
            except (_Died, OSError):
                cause = self._discard(_LAST_WORDS)
                if not self.last:
                    log.warning("%s: the process that read it %s", name, cause)
        return Record(name, None, 0, 0, error=f"{name}: the process that read it {cause}, {_ATTEMPTS} times")

    def end(self) -> None:
        """Kill the process, and start no other. Called from another thread than `read`."""
        self.last = True
        self._discard()

    def _start(self) -> None:
        for _ in range(_STARTS):
            with self._bookkeeping:
                if self.last and self._process is None:
                    raise _Died
                if self._process is not None:
                    return
                self._connection, theirs = _PROCESSES.Pipe()
                level = logging.getLogger().getEffectiveLevel()
                self._process = _PROCESSES.Process(target=_serve, args=(theirs, self._job, level), daemon=True)
                self._process.start()
                theirs.close()  # So that its end is the end of the connection.
            try:
                self._answer()
                return
            except _Died:
                cause = self._discard(_LAST_WORDS)
        raise AnprError(f"{_STARTS} processes in a row died while they were starting; the last one {cause}")

    def _answer(self) -> Any:
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            raise _Died from None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _discard(self, patience: float = 0.0) -> str:
        """Kill the process unless it ends by itself within `patience` seconds; says how it ended."""
        with self._bookkeeping:
            process, self._process = self._process, None
        if process is None:
            return "was ended"
        wait([process.sentinel], patience)
        with self._bookkeeping:
            process.kill()
            process.join(_LAST_WORDS)  # Not for ever: storage that hangs can hold even a killed process.
            code = process.exitcode or 0
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _serve(connection: Connection, job: Job, level: int) -> None:
    """What a worker does until the other end of its connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the first one decides.
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s: %(message)s")
    with contextlib.suppress(EOFError, OSError):  # The connection is closed: nobody is left to work for.
        reader = _attempt(job.reader)
        connection.send(reader if isinstance(reader, AnprError) else None)
        while not isinstance(reader, AnprError):
            name = connection.recv()
            connection.send(_attempt(job.read, reader, name))


def _attempt(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns, or the error that it raises."""
    try:
        return function(*arguments)
    except AnprError as error:
        return error
    except Exception as error:  # A fault of ours, and not of one image, since that would be in its record.
        log.exception("a worker failed")
        return AnprError(f"internal error: {type(error).__name__}: {error}")
