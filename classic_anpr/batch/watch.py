"""Pictures that arrive in a folder, each when it is complete."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from classic_anpr.batch.files import ImageFiles

log = logging.getLogger(__name__)


class Arrivals:
    """The pictures in a folder and below it, now and later, without an end.

    The folder is looked at again and again, since network storage tells nobody about changes. A picture is complete
    when two looks find it the same: size, time of change and inode. An empty file is waited for. A picture that is
    overwritten later, under the same name, is a new one.

    Parameters
    ----------
    folder : str
    interval : float
        Seconds between two looks. Must be longer than the writer of a picture ever pauses.
    was_read : callable
        Whether an earlier run has read a picture of this name; asked once for each that is there at the first look.
    """

    def __init__(self, folder: str, interval: float, was_read: Callable[[str], bool]) -> None:
        self._folder = folder
        self._interval = interval
        self._was_read = was_read
        self._first = True
        self._searchable = True
        self._growing: dict[str, tuple[int, int, int]] = {}
        self._given: dict[str, tuple[int, int, int]] = {}

    def __iter__(self) -> Iterator[str]:
        while True:
            yield from self.look()
            time.sleep(self._interval)

    def look(self) -> list[str]:
        """Look once: the pictures that are complete and were not given before, by name."""
        complete = []
        files = ImageFiles([self._folder], quiet=True)
        for name in files:
            try:
                status = os.stat(name)
            except OSError:  # Gone again, or a link to nowhere.
                continue
            state = status.st_size, status.st_mtime_ns, status.st_ino
            if self._given.get(name) == state:
                continue
            if self._first and self._was_read(name):
                self._given[name] = state
            elif (self._growing.get(name) == state and status.st_size > 0) or not stat.S_ISREG(status.st_mode):
                self._growing.pop(name, None)
                self._given[name] = state
                complete.append(name)
            else:
                self._growing[name] = state
        self._first = False
        searchable = os.path.isdir(self._folder) and not files.unreadable
        if self._searchable and not searchable:
            log.warning("%s: cannot be searched, or not all of it", self._folder)
        self._searchable = searchable
        return complete


def move(name: str, folder: str, target: Path) -> None:
    """Move a picture from below `folder` to the same place below `target`, under a new name if that one is taken.

    A picture that cannot be moved stays, with a warning.
    """
    wanted = target / os.path.relpath(name, folder)
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        names = itertools.chain([wanted], (wanted.with_stem(f"{wanted.stem}.{n}") for n in itertools.count(1)))
        shutil.move(name, next(path for path in names if not os.path.lexists(path)))
    except OSError as error:
        log.warning("%s: not moved: %s", name, error.strerror or error)
