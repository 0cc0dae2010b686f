"""Which image files a list of arguments stands for."""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from classic_anpr import images

log = logging.getLogger(__name__)


class ImageFiles:
    """The image files that a list of arguments stands for, in a fixed order, found while they are iterated over.

    A folder stands for the pictures in it and below it, by the endings in `images.SUFFIXES`; names that begin with a
    dot are left out there. Folders reached through symbolic links are entered, each real folder once, so that a loop
    of links ends. A pattern (``*``, ``?``, ``[``, ``**``) stands for what it matches, unless a file has that very
    name. A file named as such is taken whatever its ending. What cannot be searched gives a warning in the log.

    Attributes
    ----------
    unreadable : int
        Arguments and folders that could not be searched so far.
    """

    def __init__(self, arguments: Iterable[str]) -> None:
        self._arguments = arguments
        self._visited: set[tuple[int, int]] = set()
        self.unreadable = 0

    def __iter__(self) -> Iterator[str]:
        for argument in self._arguments:
            self._visited.clear()
            if glob.has_magic(argument) and not os.path.lexists(argument):
                yield from self._matching(argument)
            elif os.path.isdir(argument):
                yield from self._folder(argument)
            else:
                yield argument

    def _matching(self, pattern: str) -> Iterator[str]:
        # Path.glob and not glob.glob, whose ** runs round every loop of links until the system stops it.
        anchor = Path(pattern).anchor
        matches = sorted(map(str, Path(anchor).glob(pattern[len(anchor) :])))
        if not matches:
            self._complain(pattern, "no file has such a name")
        given: set[str] = set()  # photos/** matches a folder and the pictures in it.
        for match in matches:
            if os.path.isdir(match):
                found: Iterable[str] = self._below(match)
            else:
                # A pattern such as photos/* also matches notes and lists: only pictures are meant.
                found = [match] if _is_picture(os.path.basename(match)) else []
            for file in found:
                if file not in given:
                    given.add(file)
                    yield file

    def _folder(self, folder: str) -> Iterator[str]:
        before, empty = self.unreadable, True
        for file in self._below(folder):
            empty = False
            yield file
        if empty and self.unreadable == before:
            log.warning("%s: no picture in this folder", folder)

    def _below(self, folder: str) -> Iterator[str]:
        try:
            status = os.stat(folder)
            identity = status.st_dev, status.st_ino
            if identity in self._visited:
                return
            self._visited.add(identity)
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._complain(folder, error.strerror or str(error))
            return
        for entry in listing:
            if _is_folder(entry):
                if not entry.name.startswith("."):
                    yield from self._below(entry.path)
            elif _is_picture(entry.name):
                yield entry.path

    def _complain(self, path: str, cause: str) -> None:
        self.unreadable += 1
        log.warning("%s: %s", path, cause)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # A link to itself, or into a folder without permission: loading will say so.
        return False


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in images.SUFFIXES and not name.startswith(".")


def expand_stdin(arguments: Iterable[str], lines: Iterable[bytes]) -> Iterator[str]:
    """The arguments, with ``-`` replaced by the non-empty `lines`, one name each, as they arrive."""
    for argument in arguments:
        if argument == "-":
            yield from (os.fsdecode(name) for line in lines if (name := line.rstrip(b"\r\n")))
        else:
            yield argument
