"""Jobs that the workers of a Dask cluster can import: see test_distributed.py."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from classic_anpr.errors import EngineError
from classic_anpr.results import Record


@dataclass(frozen=True)
class SlowJob:
    """Reads nothing, which takes a while; says in the record which process did it."""

    seconds: float = 0.02

    def reader(self) -> list[int]:
        return [os.getpid()]

    def read(self, reader: list[int], name: str) -> Record:
        time.sleep(self.seconds)
        what = os.path.basename(name)
        if what == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "no engine":
            raise EngineError("no engine there")
        if what == "fault":
            raise TypeError("of another version")
        return Record(name, None, reader[0], 1)
