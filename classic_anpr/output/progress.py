"""One line on a terminal that says how far a run has come."""

from __future__ import annotations

import time
from typing import TextIO

from classic_anpr.results import Record

_INTERVAL = 0.1  # seconds between redraws: faster is flicker
_BAR = 24  # characters


class Progress:
    """Redraws its line on `stream`; does nothing where `shown` is false.

    Parameters
    ----------
    stream : text stream
        A terminal.
    shown : bool
        Whether to draw at all.

    Attributes
    ----------
    total : int or None
        How many images there are; None where that is not known in advance.
    """

    def __init__(self, stream: TextIO, shown: bool) -> None:
        self.total: int | None = None
        self._stream = stream
        self._shown = shown
        self._images = self._plates = self._failed = 0
        self._start = time.monotonic()
        self._drawn = 0.0

    def update(self, record: Record) -> None:
        """Count a record, and redraw if the last drawing has been up long enough."""
        self._images += 1
        self._plates += len(record.plates)
        self._failed += record.error is not None
        now = time.monotonic()
        if self._shown and now - self._drawn >= _INTERVAL:
            self._drawn = now
            self._stream.write("\r\x1b[K" + self._line(now - self._start))
            self._stream.flush()

    def close(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _line(self, seconds: float) -> str:
        rate = self._images / seconds if seconds > 0 else 0.0
        counts = f"{self._plates} plates, {self._failed} failed, {rate:.1f} images/s"
        if not self.total:
            return f"{self._images} images, {counts}"
        bar = "#" * round(_BAR * self._images / self.total)
        left = (self.total - self._images) / rate if rate else 0.0
        return f"[{bar:<{_BAR}}] {self._images}/{self.total} images, {counts}, {left:.0f} s left"
