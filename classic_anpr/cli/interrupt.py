"""Ctrl-C and SIGTERM end a command between two records, never within one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """A context manager in which SIGINT and SIGTERM raise KeyboardInterrupt, but not within `held_back`.

    A second signal is never held back: whoever reads our output may have stopped doing so.
    """

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self._held = self._asked = False

    def __enter__(self) -> Interrupt:
        self._before = [signal.signal(number, self._handle) for number in self._SIGNALS]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in zip(self._SIGNALS, self._before, strict=True):
            signal.signal(number, handler)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Work that is not to be left half done."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._asked:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again, self._asked = self._asked, True
        if again or not self._held:
            raise KeyboardInterrupt
