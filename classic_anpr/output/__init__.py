"""Records on their way out: one module per format, all with the same methods."""

from __future__ import annotations

import importlib
from typing import Protocol, TextIO

from classic_anpr.errors import UsageError
from classic_anpr.results import Record

# Format name -> module. A module is imported only when its format is asked for.
_MODULES = {
    "table": "table",
    "jsonl": "jsonl",
    "json": "jsonarray",
    "csv": "csvfile",
    "openalpr": "openalpr",
    "platerecognizer": "platerecognizer",
}
FORMATS = tuple(_MODULES)


class Writer(Protocol):
    """Writes records to a text stream as they come; each is on its way when `write` returns."""

    def __init__(self, stream: TextIO, top: int) -> None: ...

    def begin(self) -> None:
        """Write what comes before the first record, if the format has a heading. Not called to go on with a file."""

    def write(self, record: Record) -> None:
        """Write one image's record."""

    def close(self) -> None:
        """Write what ends the document, if the format has an end. Leaves the stream open."""


def make_writer(name: str, stream: TextIO, top: int = 5) -> Writer:
    """The writer of a format.

    Parameters
    ----------
    name : str
        One of `FORMATS`.
    stream : text stream
        Where to write; for ``csv``, opened with ``newline=""``.
    top : int
        The number of candidates that was asked for; some formats report it.

    Raises
    ------
    UsageError
        If there is no such format.
    """
    if name not in _MODULES:
        raise UsageError(f"no format {name!r}: there are {', '.join(FORMATS)}")
    module = importlib.import_module(f"classic_anpr.output.{_MODULES[name]}")
    writer: Writer = module.RecordWriter(stream, top)
    return writer


def total_ms(record: Record) -> float:
    """Wall-clock milliseconds that an image took, all stages together."""
    return record.timings_ms.get("total", sum(record.timings_ms.values()))
