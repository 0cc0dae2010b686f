"""One JSON document: an array with one object per image, schema 1."""

from __future__ import annotations

import json
from typing import TextIO

from classic_anpr.results import Record


class RecordWriter:
    """Writes the array element by element, so that a million images need no memory; `close` ends the document."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream = stream
        self._before = "[\n"

    def begin(self) -> None:
        pass  # The opening bracket comes with the first record, so that the end knows whether there was one.

    def write(self, record: Record) -> None:
        self._stream.write(self._before + json.dumps(record.to_dict(), ensure_ascii=False))
        self._stream.flush()
        self._before = ",\n"

    def close(self) -> None:
        self._stream.write("[]\n" if self._before == "[\n" else "\n]\n")
        self._stream.flush()
