"""``classic-anpr synth``: folders of drawn pictures with labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from classic_anpr.cli.options import codes

if TYPE_CHECKING:
    from classic_anpr.synth.dataset import Kind


@click.command()
@click.option("--kind", type=click.Choice(["lines", "plates", "scenes"]), default="lines", show_default=True)
@click.option("--country", multiple=True, callback=codes, help="Countries, as in ru,sg.  [default: all]")
@click.option("--count", type=click.IntRange(1), default=100, show_default=True)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same bytes."
)
@click.option(
    "--fonts",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of .ttf or .otf files to draw lines with, beside the project's own; may be repeated.",
)
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to fill.")
def synth(kind: Kind, country: list[str] | None, count: int, seed: int, fonts: tuple[Path, ...], output: Path) -> None:
    """Draw pictures with labels: text lines as OCR sees them, clean plates, or scenes with a car.

    Writes labels.csv, coco.json and, for lines, .gt.txt files as tesstrain takes them. Good for neural readers too.
    """
    import cv2

    from classic_anpr.synth.dataset import draw, write

    cv2.setNumThreads(1)
    number = write(output, kind, draw(kind, count, seed, country, fonts))
    click.echo(f"{number} {kind} -> {output}", err=True)
