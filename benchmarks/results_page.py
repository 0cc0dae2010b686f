"""RESULTS.md, and tessdata/README.md: each script replaces its own part of a page."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).with_name("RESULTS.md")
HISTORY = Path(__file__).with_name("history.jsonl")  # one line per measurement that was written into the page


def replace_part(name: str, text: str, path: Path = PAGE) -> None:
    """Put `text` between the marks of the part `name` of a page, which must be there."""
    page = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{path}: no part {name!r}")
    path.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}", encoding="utf-8")


def stamp() -> str:
    """When, which version, and on what."""
    import classic_anpr

    command = ["git", "rev-parse", "--short", "HEAD"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:  # a bare system has no git
        commit = ""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return (
        f"{day}, classic-anpr {classic_anpr.__version__} ({commit.strip() or 'no commit'}), Python "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}, one process, one thread."
    )
