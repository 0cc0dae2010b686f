"""Where the records of a run go: to stdout or a file, and the progress to the terminal."""

from __future__ import annotations

import fcntl
import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TextIO

from classic_anpr.errors import UsageError
from classic_anpr.output import make_writer, resume
from classic_anpr.output.progress import Progress
from classic_anpr.output.stdout import records_only
from classic_anpr.results import Record

log = logging.getLogger(__name__)


class Sink:
    """A context manager; takes one `Record` after the other.

    Parameters
    ----------
    form : str or None
        One of `classic_anpr.output.FORMATS`; None means ``table`` on a terminal and ``jsonl`` elsewhere.
    top : int
        The number of candidates that was asked for.
    output : Path, optional
        File for the records; stdout where None.
    go_on : bool
        Keep the records that the file already has, and append to them.

    Raises
    ------
    UsageError
        On entering, if the file cannot be made or, with `go_on`, is none to go on with.
    """

    def __init__(self, form: str | None, top: int, output: Path | None = None, go_on: bool = False) -> None:
        on_terminal = output is None and sys.stdout.isatty()
        self._form = form or ("table" if on_terminal else "jsonl")
        self._top = top
        self._output = output
        self._go_on = go_on
        self._done: set[str] = set()
        # Records on the same terminal show the progress by themselves.
        self._progress = Progress(sys.stderr, shown=sys.stderr.isatty() and not on_terminal)
        self._stack = ExitStack()

    def __enter__(self) -> Sink:
        with ExitStack() as stack:
            try:
                stream, empty = self._open(stack)
            except OSError as error:
                raise UsageError(f"{error.filename}: {error.strerror}") from error
            stack.callback(self._progress.close)
            self._writer = make_writer(self._form, stream, self._top)
            if empty:
                self._writer.begin()
            self._stack = stack.pop_all()
        return self

    def _open(self, stack: ExitStack) -> tuple[TextIO, bool]:
        """The stream for the records, and whether it has none yet."""
        # Even where the records go to a file, nothing else belongs on stdout.
        stdout = stack.enter_context(records_only())
        if self._output is None:
            return stdout, True
        if self._go_on:
            return self._continue(self._output, stack)
        file = open(self._output, "w", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115
        return stack.enter_context(file), True

    def _continue(self, path: Path, stack: ExitStack) -> tuple[TextIO, bool]:
        if self._form not in resume.FORMATS or (path.exists() and not path.is_file()):
            raise UsageError(f"{path}: only a file of the formats {' and '.join(resume.FORMATS)} can be gone on with")
        file = open(path, "a", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115
        stack.enter_context(file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # The system lets it go when this process ends.
        except BlockingIOError:
            raise UsageError(f"{path}: another run is writing to this file") from None
        except OSError as error:
            log.debug("%s: not locked: %s", path, error)  # Not every network storage can.
        self._done, end = resume.progress_of(path, self._form)
        file.truncate(end)
        return file, end == 0

    def has(self, name: str) -> bool:
        """Whether the file had an image's record before this run."""
        return resume.printed(name) in self._done

    def expect(self, images: int) -> None:
        """Say how many images are to come, where that is known."""
        self._progress.total = images

    def write(self, record: Record) -> None:
        """Pass on one image's record."""
        self._writer.write(record)
        self._progress.update(record)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            # An interrupted run ends its document all the same; a broken pipe has nobody left to read the end.
            if not isinstance(error, BrokenPipeError):
                self._writer.close()
