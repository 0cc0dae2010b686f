"""``classic-anpr train``: the shipped model from nothing but this repository and its training extra."""

from __future__ import annotations

from pathlib import Path

import click

from classic_anpr.errors import UsageError


@click.command()
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Work folder.")
@click.option("--minutes", type=click.FloatRange(0.05), default=90.0, show_default=True, help="Wall time to train.")
@click.option("--rate", type=click.FloatRange(1e-6, 0.1), default=2e-3, show_default=True, help="Peak learning rate.")
@click.option("--batch", type=click.IntRange(2), default=64, show_default=True, help="Lines per step.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--fonts",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of .ttf or .otf files beside the project's own; may be repeated.",
)
def train(output: Path, minutes: float, rate: float, batch: int, seed: int, fonts: tuple[Path, ...]) -> None:
    """Train the plate model on drawn lines; goes on from the checkpoint in the work folder where there is one.

    One process draws, one trains. Leaves plate.traineddata (int8) and plate_float.traineddata in the folder.
    """
    try:
        from classic_anpr.training.train import TrainSettings
        from classic_anpr.training.train import train as run
    except ImportError as error:
        raise UsageError(f"training needs the extra: pip install 'classic-anpr[train]' ({error})") from error
    settings = TrainSettings(minutes=minutes, rate=rate, batch=batch, fonts=fonts, seed=seed)
    run(output, settings, lambda text: click.echo(text, err=True))
