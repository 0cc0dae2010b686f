"""How far something long has come, and how long it will still take: one line on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_INTERVAL = 0.1  # seconds between redraws: faster is flicker


def track(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The items, with a progress line on stderr while they are taken, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    start = drawn = time.monotonic()
    try:
        for done, item in enumerate(items):
            now = time.monotonic()
            if now - drawn >= _INTERVAL:
                drawn = now
                sys.stderr.write("\r\x1b[K" + line(what, done, total, now - start))
                sys.stderr.flush()
            yield item
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def line(what: str, done: int, total: int, seconds: float) -> str:
    """
    >>> line("reading", 30, 60, 15.0)
    'reading [############            ] 30/60, 15 s left'
    """
    bar = "#" * round(24 * done / total)
    left = f"{(total - done) * seconds / done:.0f} s left" if done else "..."
    return f"{what} [{bar:<24}] {done}/{total}, {left}"
