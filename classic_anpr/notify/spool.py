"""A queue of messages on disk: one file each, in order, there until it is delivered."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import re
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from classic_anpr.errors import AnprError, UsageError
from classic_anpr.results import Record

log = logging.getLogger(__name__)

_NAME = re.compile(r"\d{12}\.[0-9a-f]{32}\.json")
_REFUSED = "refused"


@dataclass(frozen=True)
class Message:
    """One record on its way.

    Attributes
    ----------
    id : str
        The same whenever this record is sent: a receiver that has seen it can drop it.
    body : str
        The record as JSON, with the id in it.
    """

    id: str
    body: str


class Spool:
    """The messages of one receiver. Its folder is made where it is absent; one process at a time may `open` it.

    Each message is a file ``NUMBER.ID.json``, written under another name and then renamed, and on the disk when `put`
    returns: neither a kill nor a power cut leaves half of one. One thread may put while another takes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._waiting: deque[str] = deque()
        self._next = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Use the folder, with the messages that an earlier process left there first.

        Raises
        ------
        UsageError
            If it cannot be used, or another process does.
        """
        with ExitStack() as stack:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._lock(stack.enter_context((self.folder / "lock").open("w")))
                for part in self.folder.glob("*.part"):  # Its writer was stopped, and reads that record again.
                    part.unlink()
                left = sorted(filter(_NAME.fullmatch, os.listdir(self.folder)))
            except OSError as error:
                raise UsageError(f"{error.filename or self.folder}: {error.strerror or error}") from error
            self._waiting = deque(left)
            self._next = int(left[-1].partition(".")[0]) + 1 if left else 0
            yield

    def _lock(self, file: TextIO) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # The system lets it go when this process ends.
        except BlockingIOError:
            raise UsageError(f"{self.folder}: another run sends from this folder: give one of them another") from None

    def __len__(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    def put(self, record: Record) -> None:
        """Add a message.

        Raises
        ------
        AnprError
            If it cannot be written.
        """
        message = make_message(record)
        name = f"{self._next:012d}.{message.id}.json"
        path = self.folder / name
        try:
            with path.with_suffix(".part").open("w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(message.body)
                file.flush()
                os.fsync(file.fileno())
            path.with_suffix(".part").rename(path)
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise AnprError(f"{path}: {error.strerror or error}") from error
        self._next += 1
        self._waiting.append(name)

    def first(self) -> Message | None:
        """The message that has waited longest; it stays there until `drop` or `set_aside`."""
        while self._waiting:
            name = self._waiting[0]
            try:
                return Message(name.split(".")[1], (self.folder / name).read_text(encoding="utf-8"))
            except FileNotFoundError:
                log.warning("%s: somebody took it away", self.folder / name)
                self._waiting.popleft()
        return None

    def drop(self) -> None:
        """Forget the first message, which was delivered."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / self._waiting[0]).unlink()
        self._waiting.popleft()

    def set_aside(self) -> Path:
        """Move the first message, which the receiver does not want, out of the way; returns its new place."""
        name = self._waiting[0]
        (self.folder / _REFUSED).mkdir(exist_ok=True)
        place = (self.folder / name).rename(self.folder / _REFUSED / name)
        self._waiting.popleft()
        return place


def make_message(record: Record) -> Message:
    """A record as a message. Its id is a digest of all that is in the record but the times that reading took."""
    content = record.to_dict()
    lasting = {key: value for key, value in content.items() if key != "timings_ms"}
    text = json.dumps(lasting, sort_keys=True)  # ASCII: a file name may hold bytes that are no UTF-8.
    id_ = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Message(id_, json.dumps({"id": id_, **content}, ensure_ascii=False))
