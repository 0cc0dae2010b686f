"""A job for worker processes, whose images say by their names what goes wrong with them. Needs no engine."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from classic_anpr.batch import Job, RecordReader
from classic_anpr.errors import EngineError
from classic_anpr.results import Record


@dataclass(frozen=True)
class TroubledJob(Job):
    """Reads names such as ``7 sleep 0.1``: a number, what happens, and its argument. `log` lists what was begun."""

    log: Path = Path(os.devnull)
    start: str = ""

    def reader(self) -> RecordReader:
        if self.start == "die":
            os._exit(7)
        if self.start == "fail":
            raise EngineError("no engine here")
        return None  # type: ignore[return-value] - read does not ask for it

    def read(self, reader: RecordReader, name: str) -> Record:
        with self.log.open("a") as file:
            file.write(f"{name}\n")
        _, what, argument = name.split()
        if what == "sleep":
            time.sleep(float(argument))
        elif what == "die" or (what == "once" and self.log.read_text().count(f"{name}\n") == 1):
            os.kill(os.getpid(), signal.Signals[argument])
        elif what == "raise":
            raise ZeroDivisionError(argument)
        return Record(name, str(os.getpid()), 1, 1)
