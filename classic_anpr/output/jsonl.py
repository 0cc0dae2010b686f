"""One JSON object per image and line, schema 1: the native format."""

from __future__ import annotations

import json
from typing import TextIO

from classic_anpr.results import Record


class RecordWriter:
    """Writes ``Record.to_dict()`` and flushes, so that a reader at the other end of a pipe sees each record at once."""

    def __init__(self, stream: TextIO, top: int) -> None:
        self._stream = stream

    def begin(self) -> None:
        pass

    def write(self, record: Record) -> None:
        self._stream.write(json.dumps(record.to_dict(), ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        pass
