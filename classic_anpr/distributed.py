"""Many machines: images read by the workers of a Dask cluster, their records in the order of the images.

Every image is one task. A task only reads, so the cluster may do it again where a worker was lost, and each image still
has one record. On the workers this package must be installed in the same version, and an image must have the same name
as here: they share a file system, or the names are URLs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import threading
import zlib
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from classic_anpr.batch import Job
from classic_anpr.batch.sources import is_url
from classic_anpr.errors import AnprError, UsageError
from classic_anpr.results import Record

if TYPE_CHECKING:
    from distributed import Future

log = logging.getLogger(__name__)

_AHEAD = 4  # tasks in flight per thread of the cluster: nobody waits for work, and few records wait for their turn
_FEWEST = 16  # tasks in flight, also while the cluster is still starting
_COUNTED = 100  # records after which the threads are counted again: a cluster may grow and shrink
_TIMEOUT = 10.0  # seconds for the scheduler to answer

_NO_WORKERS = 20.0  # seconds without a record after which it is said that the cluster has no workers

_worker = threading.local()  # A worker may have several threads; an OCR engine serves one.


def read_records(job: Job, names: Iterable[Any], scheduler: str) -> Generator[Record, None, None]:
    """One record per image, as `classic_anpr.batch.read_records`, by the workers of a cluster.

    Parameters
    ----------
    job : Job
        How to read. Folders for pictures and country files are those of the workers.
    names : iterable
        What ``job.read`` takes. A relative path is one from here. Taken as they are needed, at most
        ``max(16, 4 x threads of the cluster)`` ahead of the record that comes next.
    scheduler : str
        Its address, as in ``tcp://host:8786``.

    Raises
    ------
    UsageError
        If Dask is not installed, or the scheduler does not answer.
    AnprError
        What ``job`` raises on a worker, or that the cluster was lost.

    Notes
    -----
    An image that costs several workers their lives, by Dask's ``allowed-failures``, has a record with an `error`. Close
    the generator (`contextlib.closing`) to have the cluster forget the rest.
    """
    cluster = _Cluster(scheduler, job)
    flying: deque[tuple[Any, Future]] = deque()
    limit = taken = 0

    def landed() -> Record:
        name, future = flying.popleft()
        return cluster.result(name, future, [other for _, other in flying])

    with cluster.client:
        for name in names:
            if taken % _COUNTED == 0:
                limit = max(_FEWEST, _AHEAD * cluster.threads())
            taken += 1
            flying.append((name, cluster.submit(name)))
            while flying and (len(flying) >= limit or flying[0][1].done()):
                yield landed()
        while flying:
            yield landed()


class _Cluster:
    """A connection to the scheduler, for one job."""

    def __init__(self, scheduler: str, job: Job) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise UsageError("--dask needs Dask; this brings it: pip install 'classic-anpr[dask]'") from error
        self._scheduler = scheduler
        self._packed = zlib.compress(pickle.dumps(job))
        self._here = os.getcwd()
        try:
            self.client = Client(scheduler, timeout=_TIMEOUT, set_as_default=False, name="classic-anpr")
        except (OSError, ValueError) as error:
            raise UsageError(f"--dask: {scheduler}: {error}") from error

    def threads(self) -> int:
        """How many images the cluster can read at a time."""
        return sum(self.client.nthreads().values())

    def submit(self, name: Any) -> Future:
        return self.client.submit(_read, self._packed, self._here, name, pure=False)

    def result(self, name: Any, future: Future, others: Sequence[Future]) -> Record:
        """The record of one task, waited for.

        When a worker dies, Dask suspects all tasks that it had, and gives those up that are suspected too often. So a
        task that was given up is done once more when all `others` are done: if a worker dies now, it is its fault.
        """
        from distributed import KilledWorker

        try:
            try:
                return self._wait(future)
            except KilledWorker:
                for other in others:
                    with contextlib.suppress(Exception):
                        self._wait(other)
                return self._wait(self.submit(name))
        except AnprError:
            raise
        except KilledWorker:
            return Record(str(name), None, 0, 0, error=f"{name}: every worker that read it died")
        except (CancelledError, OSError) as error:
            raise AnprError(f"{self._scheduler}: the cluster was lost: {error}") from error
        except Exception as error:
            cause = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            question = "is classic-anpr installed there, in this version?"
            raise AnprError(f"{self._scheduler}: a worker failed: {cause}; {question}") from error

    def _wait(self, future: Future) -> Record:
        while True:
            try:
                record: Record = future.result(timeout=_NO_WORKERS)
                return record
            except TimeoutError:
                if future.status == "error":  # It was raised over there.
                    raise
                if not self.threads():
                    log.warning("%s: the cluster has no workers; waiting for some", self._scheduler)


def _read(packed: bytes, folder: str, name: Any) -> Record:
    """What a worker does: one image. Its reader is kept for the next one."""
    if getattr(_worker, "packed", None) != packed:
        _worker.job = pickle.loads(zlib.decompress(packed))
        _worker.reader = _worker.job.reader()
        _worker.packed = packed
    if not isinstance(name, str) or is_url(name) or os.path.isabs(name):
        record: Record = _worker.job.read(_worker.reader, name)
        return record
    path = os.path.join(folder, name)
    record = _worker.job.read(_worker.reader, path)
    error = record.error and record.error.replace(path, name, 1)
    return replace(record, filename=name, error=error)
