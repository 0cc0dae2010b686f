"""Aligned columns for a person at a terminal."""

from __future__ import annotations

from typing import TextIO

from classic_anpr.geometry import box_of
from classic_anpr.results import Record

_ROW = "{:<40}  {:<14} {:<7} {:>5}  {}"


class RecordWriter:
    """Writes one line per plate as it is read; widths are fixed, so nothing has to be waited for."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream = stream

    def begin(self) -> None:
        self._line("FILE", "PLATE", "COUNTRY", "CONF", "PLACE (x, y, width x height)")

    def write(self, record: Record) -> None:
        name = _shorten(record.filename, 40)
        if record.error is not None:
            # Every message begins with the file's name, which already stands in the first column.
            self._line(name, "error", "", "", record.error.removeprefix(record.filename + ": "))
        elif not record.plates:
            self._line(name, "-", "", "", "no plate")
        for plate in record.plates:
            x, y, width, height = box_of(plate.corners)
            place = f"{x:.0f}, {y:.0f}, {width:.0f} x {height:.0f}" + _time(record)
            for hit in plate.watched or ():
                place += f"  WATCHED {hit.text} {hit.remark}".rstrip() + (f" (~{hit.distance})" if hit.distance else "")
            text = plate.formatted or plate.text
            self._line(name, text, plate.country or "?", f"{plate.confidence:.0%}", place)

    def close(self) -> None:
        pass

    def _line(self, *cells: str) -> None:
        self._stream.write(_ROW.format(*map(_harmless, cells)).rstrip() + "\n")
        self._stream.flush()


def _time(record: Record) -> str:
    """When it was seen, for a video."""
    if record.passage is not None:
        return f"  {record.passage.time_first_s:.1f} to {record.passage.time_last_s:.1f} s"
    return "" if record.frame is None else f"  at {record.frame.time_s:.1f} s"


def _shorten(name: str, width: int) -> str:
    """The end of a long path, which is the part that tells files apart."""
    return name if len(name) <= width else "…" + name[1 - width :]


def _harmless(cell: str) -> str:
    """A cell without line breaks and without what a terminal would obey: file names may hold both."""
    return "".join(c if c.isprintable() or "\ud800" <= c <= "\udfff" else ascii(c)[1:-1] for c in cell)
