"""``classic-anpr train``: the shipped model from nothing but this repository and its training extra."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classic_anpr.errors import UsageError

if TYPE_CHECKING:
    from classic_anpr.training.train import Progress


@click.command()
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Work folder.")
@click.option("--minutes", type=click.FloatRange(0.05), default=115.0, show_default=True, help="Wall time to train.")
@click.option("--rate", type=click.FloatRange(1e-6, 0.1), default=2e-3, show_default=True, help="Peak learning rate.")
@click.option("--batch", type=click.IntRange(2), default=64, show_default=True, help="Lines per step.")
@click.option(
    "--cuts",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="Share of the lines that are cut from drawn plates by the reader's own stages.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--fonts",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of .ttf or .otf files beside the project's own; may be repeated.",
)
def train(
    output: Path, minutes: float, rate: float, batch: int, cuts: float, seed: int, fonts: tuple[Path, ...]
) -> None:
    """Train the plate model on drawn lines; goes on from the checkpoint in the work folder where there is one.

    One process draws, one trains. Leaves plate.traineddata (int8), plate_float.traineddata and log.csv, from which
    python -m classic_anpr.training.curve draws the learning curve. Ctrl-C keeps what was learnt: the same command goes
    on with the rest of the time.
    """
    try:
        from classic_anpr.training.train import TrainSettings
        from classic_anpr.training.train import train as run
    except ImportError as error:
        raise UsageError(f"training needs the extra: pip install 'classic-anpr[train]' ({error})") from error
    settings = TrainSettings(minutes=minutes, rate=rate, batch=batch, cuts=cuts, fonts=fonts, seed=seed)
    run(output, settings, _bar(minutes) if sys.stderr.isatty() else _lines)


def _lines(progress: Progress) -> None:
    """A line per measurement, where nobody watches."""
    if progress.measured:
        click.echo(f"{progress.share:4.0%}  {_words(progress)}", err=True)


def _bar(minutes: float) -> Callable[[Progress], None]:
    """A progress bar with the time that is left and the latest figures, in place."""

    def show(progress: Progress) -> None:
        done = round(24 * progress.share)
        left = round(60 * minutes * (1 - progress.share))
        bar = "#" * done + "-" * (24 - done)
        text = f"\r[{bar}] {progress.share:4.0%} {left // 60:4}:{left % 60:02} left  {_words(progress)}"
        click.echo(text + ("\n" if progress.share >= 1 else ""), err=True, nl=False)

    return show


def _words(progress: Progress) -> str:
    error = "  -  " if math.isnan(progress.error) else f"{progress.error:5.1%}"
    return (
        f"step {progress.step} lines {progress.lines} loss {progress.loss:.3f} "
        f"held-back error {error} rate {progress.rate:.1e}"
    )
