"""Which images a list of arguments stands for."""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from classic_anpr.batch import sources
from classic_anpr.errors import UsageError

log = logging.getLogger(__name__)


class ImageFiles:
    """The images that a list of arguments stands for, in a fixed order, found while they are iterated over.

    A folder stands for the pictures in it and below it, by the endings in `images.SUFFIXES`; names that begin with a
    dot are left out there. Folders reached through symbolic links are entered, each real folder once, so that a loop
    of links ends. A pattern (``*``, ``?``, ``[``, ``**``) stands for what it matches, unless a file has that very
    name. An archive (zip, tar) stands for the pictures in it, a URL for what `sources.pictures` says. Any other file
    named as such is taken whatever its ending. What cannot be searched gives a warning in the log.

    Parameters
    ----------
    arguments : iterable of str
    quiet : bool
        No warnings: for counting first.

    Attributes
    ----------
    unreadable : int
        Arguments and folders that could not be searched so far.
    """

    def __init__(self, arguments: Iterable[str], quiet: bool = False) -> None:
        self._arguments = arguments
        self._level = logging.DEBUG if quiet else logging.WARNING
        self._visited: set[tuple[int, int]] = set()
        self.unreadable = 0

    def __iter__(self) -> Iterator[str]:
        for argument in self._arguments:
            self._visited.clear()
            if sources.is_video(argument):
                yield argument  # Videos are read where they are named, and not looked for in folders.
            elif sources.is_url(argument):
                yield from self._elsewhere(argument, argument)
            elif glob.has_magic(argument) and not os.path.lexists(argument):
                yield from self._matching(argument)
            elif os.path.isdir(argument):
                yield from self._folder(argument)
            elif (url := sources.archive_url(argument)) is not None and os.path.isfile(argument):
                yield from self._elsewhere(argument, url)
            else:
                yield argument

    def _elsewhere(self, argument: str, url: str) -> Iterator[str]:
        empty = True
        try:
            for name in sources.pictures(url):
                empty = False
                yield name
        except UsageError:
            raise
        except Exception as error:  # Every service has errors of its own.
            self._complain(argument, sources.cause(error))
            return
        if empty:
            log.log(self._level, "%s: no picture there", argument)

    def _matching(self, pattern: str) -> Iterator[str]:
        # Path.glob and not glob.glob, whose ** runs round every loop of links until the system stops it.
        anchor = Path(pattern).anchor
        try:
            matches = sorted(map(str, Path(anchor).glob(pattern[len(anchor) :])))
        except (OSError, ValueError, RecursionError) as error:
            self._complain(pattern, sources.cause(error))
            return
        if not matches:
            self._complain(pattern, "no file has such a name")
        given: set[str] = set()  # photos/** matches a folder and the pictures in it.
        for match in matches:
            if os.path.isdir(match):
                found: Iterable[str] = self._below(match)
            else:
                # A pattern such as photos/* also matches notes and lists: only pictures are meant.
                found = [match] if sources.is_picture(match) else []
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
            log.log(self._level, "%s: no picture in this folder", folder)

    def _below(self, folder: str) -> Iterator[str]:
        # A stack of listings, since folders may be nested deeper than Python's calls.
        open_folders = [iter(self._listing(folder))]
        while open_folders:
            for path, is_folder in open_folders[-1]:
                if is_folder:
                    open_folders.append(iter(self._listing(path)))
                    break
                yield path
            else:
                open_folders.pop()

    def _listing(self, folder: str) -> list[tuple[str, bool]]:
        """The pictures and folders in a folder, by name, each with whether it is a folder."""
        try:
            status = os.stat(folder)
            identity = status.st_dev, status.st_ino
            if identity in self._visited:
                return []
            self._visited.add(identity)
            with os.scandir(folder) as entries:
                listing = [
                    (entry.path, is_folder)
                    for entry in entries
                    if ((is_folder := _is_folder(entry)) and not entry.name.startswith("."))
                    or (not is_folder and sources.is_picture(entry.name))
                ]
        except OSError as error:
            self._complain(folder, error.strerror or str(error))
            return []
        return sorted(listing)

    def _complain(self, path: str, cause: str) -> None:
        self.unreadable += 1
        log.log(self._level, "%s: %s", path, cause)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # A link to itself, or into a folder without permission: loading will say so.
        return False


def expand_stdin(arguments: Iterable[str], lines: Iterable[bytes]) -> Iterator[str]:
    """The arguments, with ``-`` replaced by the non-empty `lines`, one name each, as they arrive."""
    for argument in arguments:
        if argument == "-":
            yield from (os.fsdecode(name) for line in lines if (name := line.rstrip(b"\r\n")))
        else:
            yield argument
