"""stdout carries records and nothing else."""

from __future__ import annotations

import ctypes
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def records_only() -> Iterator[TextIO]:
    """A stream on the real stdout; meanwhile whatever else writes to file descriptor 1 goes to stderr.

    C libraries print as they please, Tesseract among them, and one such line would break a piped JSON document. The
    stream is UTF-8 whatever the locale says; an undecodable byte of a file name becomes ``\\udcXX``, which is how JSON
    writes it.
    """
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, io.UnsupportedOperation):
        yield sys.stdout  # Replaced by an object without a descriptor, as in a test or a notebook.
        return
    sys.stdout.flush()
    real = os.dup(descriptor)
    os.dup2(2, descriptor)
    try:
        with open(real, "w", encoding="utf-8", errors="backslashreplace", newline="", closefd=False) as stream:
            yield stream
    finally:
        sys.stdout.flush()
        ctypes.CDLL(None).fflush(None)  # What C code still holds for descriptor 1 must go to stderr, too.
        os.dup2(real, descriptor)
        os.close(real)
