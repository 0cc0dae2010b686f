"""``classic-anpr read``: photographs in, records out."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from classic_anpr.cli import options
from classic_anpr.cli.interrupt import Interrupt
from classic_anpr.errors import UsageError

if TYPE_CHECKING:
    from classic_anpr.output.sink import Sink
    from classic_anpr.results import Record


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--resume", "go_on", is_flag=True, help="Go on with the file of --output: read what is not in it yet.")
@click.option(
    "--fps",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    show_default=True,
    help="Frames per second of a video to look at.",
)
@click.option("--per-frame", is_flag=True, help="One record per frame of a video, and not per passage.")
@click.option(
    "--min-frames",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Leave out passages whose plate was read in fewer frames.",
)
@click.option("--dask", metavar="URL", help="Have the images read by a Dask cluster, as in tcp://scheduler:8786.")
@options.running
@options.hooks
@options.reading
@click.pass_context
def read(
    ctx: click.Context,
    paths: tuple[str, ...],
    go_on: bool,
    fps: float,
    per_frame: bool,
    min_frames: int,
    dask: str | None,
    form: str | None,
    output: Path | None,
    workers: int | None,
    timeout: float | None,
    webhook: str | None,
    mqtt: str | None,
    spool: Path | None,
    **how: Any,
) -> None:
    """Find and read the plates in photographs and videos; write one record per image, and per vehicle in a video.

    A PATH is a file, a folder (searched recursively), a quoted pattern such as "photos/**/*.jpg", or - for a list of
    names on stdin. An image without a plate, or one that cannot be read, has a record too. A PATH is a video by its
    ending, as in clip.mp4, or a live stream, as in rtsp://camera/1.

    Exit code: 0, all images were processed; 1, some failed; 2, wrong usage; 3, the OCR engine or its model is missing;
    130, interrupted.
    """
    from classic_anpr import batch, video
    from classic_anpr.output.sink import Sink
    from classic_anpr.tracking import TrackSettings

    if go_on and output is None:
        raise click.UsageError("--resume needs --output: the file to go on with")
    if dask is not None and (workers is not None or timeout is not None):
        raise click.UsageError("--dask: how many workers there are, and how long they wait, is the cluster's matter")
    if len(paths) == 1 and os.path.isfile(paths[0]) and batch.is_picture(paths[0]):
        workers = workers or 1  # For one photograph, starting another process takes longer than reading it.
    job = options.make_job(**how)
    videos = video.VideoSettings(fps, per_frame, TrackSettings(min_frames=min_frames))

    def read_images(job: Any, images: Iterable[Any]) -> Generator[Record, None, None]:
        if dask is not None:
            from classic_anpr import distributed

            return distributed.read_records(job, images, dask)
        return batch.read_records(job, images, workers, timeout)

    files = batch.ImageFiles(batch.expand_stdin(paths, _stdin()))
    failed = 0
    with (
        Interrupt() as interrupt,
        options.make_hooks(webhook, mqtt, spool) as hooks,
        Sink(form, job.top, output, go_on=go_on) as sink,
    ):
        if "-" not in paths and sys.stderr.isatty():
            # Counted for the progress line only, and forgotten: a million names would take 100 MB.
            sink.expect(sum(not sink.has(name) for name in batch.ImageFiles(paths, quiet=True)))
        names = (name for name in files if not _is_done(name, sink, go_on))
        with closing(video.read_records(job, names, videos, read_images)) as records:
            for record in records:
                with interrupt.held_back():
                    hooks.send(record)  # First, or a kill in between would keep it from them: what is written is done.
                    sink.write(record)
                failed += record.error is not None
    ctx.exit(1 if failed or files.unreadable else 0)


def _is_done(name: str, sink: Sink, go_on: bool) -> bool:
    from classic_anpr.batch.sources import is_video

    if go_on and is_video(name):
        raise UsageError(f"{name}: --resume is for images; a video cannot be gone on with in its middle")
    return sink.has(name)


def _stdin() -> Iterator[bytes]:
    # Not sys.stdin.buffer: Python aborts at its exit where a thread still waits for a line of that.
    with open(sys.stdin.fileno(), "rb", closefd=False) as lines:
        yield from lines
