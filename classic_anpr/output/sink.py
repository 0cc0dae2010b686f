"""Where the records of a run go: to stdout or a file, and the progress to the terminal."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TextIO

from classic_anpr.errors import UsageError
from classic_anpr.output import make_writer
from classic_anpr.output.progress import Progress
from classic_anpr.output.stdout import records_only
from classic_anpr.results import Record


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
    total : int, optional
        The number of images to come, where it is known.

    Raises
    ------
    UsageError
        On entering, if the file cannot be made.
    """

    def __init__(
        self,
        form: str | None,
        top: int,
        output: Path | None = None,
        total: int | None = None,
    ) -> None:
        on_terminal = output is None and sys.stdout.isatty()
        self._form = form or ("table" if on_terminal else "jsonl")
        self._top = top
        self._output = output
        # Records on the same terminal show the progress by themselves.
        self._progress = Progress(sys.stderr, total, shown=sys.stderr.isatty() and not on_terminal)
        self._stack = ExitStack()

    def __enter__(self) -> Sink:
        with ExitStack() as stack:
            try:
                stream = self._open(stack)
            except OSError as error:
                raise UsageError(f"{error.filename}: {error.strerror}") from error
            stack.callback(self._progress.close)
            self._writer = make_writer(self._form, stream, self._top)
            self._stack = stack.pop_all()
        return self

    def _open(self, stack: ExitStack) -> TextIO:
        # Even where the records go to a file, nothing else belongs on stdout.
        stdout = stack.enter_context(records_only())
        if self._output is None:
            return stdout
        file = open(self._output, "w", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115
        return stack.enter_context(file)

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
