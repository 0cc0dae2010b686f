"""The progress line."""

from __future__ import annotations

import io

from classic_anpr.output.progress import Progress
from classic_anpr.results import Record


def test_silent_unless_shown(record: Record) -> None:
    stream = io.StringIO()
    progress = Progress(stream, shown=False)
    progress.update(record)
    progress.close()
    assert stream.getvalue() == ""


def test_counts(record: Record) -> None:
    stream = io.StringIO()
    progress = Progress(stream, shown=True)
    progress.total = 4
    progress.update(record)
    assert "[######                  ] 1/4 images, 1 plates, 0 failed" in stream.getvalue()
    progress.close()
    assert stream.getvalue().endswith("\r\x1b[K")
    unknown = io.StringIO()
    Progress(unknown, shown=True).update(Record("a", None, 0, 0, error="bad"))
    assert "1 images, 0 plates, 1 failed" in unknown.getvalue()
