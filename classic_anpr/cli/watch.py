"""``classic-anpr watch``: photographs that arrive in a folder, until it is interrupted."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from classic_anpr.cli import options
from classic_anpr.cli.interrupt import Interrupt
from classic_anpr.errors import UsageError


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False), metavar="DIR")
@click.option(
    "--move-to", type=click.Path(file_okay=False, path_type=Path), help="Move what was read into this folder."
)
@click.option(
    "--interval",
    type=click.FloatRange(0, min_open=True),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Time between two looks; a file that is the same in both is complete.",
)
@options.running
@options.hooks
@options.reading
def watch(
    folder: str,
    move_to: Path | None,
    interval: float,
    form: str | None,
    output: Path | None,
    workers: int | None,
    timeout: float | None,
    webhook: str | None,
    mqtt: str | None,
    spool: Path | None,
    **how: Any,
) -> None:
    """Read the photographs that are in a folder, and those that arrive there, until Ctrl-C.

    Records are appended to the file of --output; what has a record there is not read again after a restart. DIR may lie
    on network storage. Exit code: 130, interrupted; others as of read.
    """
    from classic_anpr import batch
    from classic_anpr.batch.watch import Arrivals, move
    from classic_anpr.output.sink import Sink

    if move_to is not None and move_to.resolve().is_relative_to(Path(folder).resolve()):
        raise UsageError(f"--move-to: {move_to} lies in the watched folder, so everything would be read again")
    job = options.make_job(**how)

    def done_with(name: str) -> None:
        if move_to is not None:
            move(name, folder, move_to)

    with (
        Interrupt() as interrupt,
        options.make_hooks(webhook, mqtt, spool) as hooks,
        Sink(form, job.top, output, go_on=output is not None) as sink,
    ):

        def was_read(name: str) -> bool:
            if sink.has(name):
                done_with(name)  # The earlier run was stopped between its record and its move.
                return True
            return False

        with closing(batch.read_records(job, Arrivals(folder, interval, was_read), workers, timeout)) as records:
            for record in records:
                with interrupt.held_back():
                    hooks.send(record)
                    sink.write(record)
                    done_with(record.filename)
