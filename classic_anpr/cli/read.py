"""``classic-anpr read``: photographs in, records out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from classic_anpr.cli import options
from classic_anpr.cli.interrupt import Interrupt


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--resume", "go_on", is_flag=True, help="Go on with the file of --output: read what is not in it yet.")
@options.running
@options.reading
@click.pass_context
def read(
    ctx: click.Context,
    paths: tuple[str, ...],
    go_on: bool,
    form: str | None,
    output: Path | None,
    workers: int | None,
    timeout: float | None,
    **how: Any,
) -> None:
    """Find and read the plates in photographs; write one record per image.

    A PATH is a file, a folder (searched recursively), a quoted pattern such as "photos/**/*.jpg", or - for a list of
    names on stdin. An image without a plate, or one that cannot be read, has a record too.

    Exit code: 0, all images were processed; 1, some failed; 2, wrong usage; 3, the OCR engine or its model is missing;
    130, interrupted.
    """
    from classic_anpr import batch
    from classic_anpr.output.sink import Sink

    if go_on and output is None:
        raise click.UsageError("--resume needs --output: the file to go on with")
    job = options.make_job(**how)
    files = batch.ImageFiles(batch.expand_stdin(paths, _stdin()))
    failed = 0
    with Interrupt() as interrupt, Sink(form, job.top, output, go_on=go_on) as sink:
        if "-" not in paths and sys.stderr.isatty():
            # Counted for the progress line only, and forgotten: a million names would take 100 MB.
            sink.expect(sum(not sink.has(name) for name in batch.ImageFiles(paths, quiet=True)))
        names = (name for name in files if not sink.has(name))
        with closing(batch.read_records(job, names, workers, timeout)) as records:
            for record in records:
                with interrupt.held_back():
                    sink.write(record)
                failed += record.error is not None
    ctx.exit(1 if failed or files.unreadable else 0)


def _stdin() -> Iterator[bytes]:
    # Not sys.stdin.buffer: Python aborts at its exit where a thread still waits for a line of that.
    with open(sys.stdin.fileno(), "rb", closefd=False) as lines:
        yield from lines
