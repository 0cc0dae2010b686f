"""``classic-anpr convert``: labels from one data set format to another."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from classic_anpr.evaluate.formats import FORMATS


@click.command()
@click.argument("source", metavar="SET", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from", "source_format", type=click.Choice(FORMATS), help="[default: recognised]")
@click.option("--to", "target_format", type=click.Choice(FORMATS), required=True)
@click.option("--pictures", is_flag=True, help="Copy the pictures too; otherwise only labels are written.")
@click.option("--skip-bad", is_flag=True, help="Leave out pictures whose labels are wrong, with a warning.")
def convert(
    source: Path, target: Path, source_format: str | None, target_format: str, pictures: bool, skip_bad: bool
) -> None:
    """Write the labels of a data set in another format.

    What the format cannot hold is named on stderr. Labels name the pictures relative to FOLDER.
    """
    from classic_anpr.evaluate.formats import checked, read_set, write_set

    labels = checked(read_set(source, source_format), skip_bad)
    for lost in write_set(labels, target_format, target):
        click.echo(f"{target_format} cannot hold: {lost}", err=True)
    if pictures and target.resolve() != labels.folder.resolve():
        for photo in labels.photos:
            copy = target / photo.file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(labels.path(photo), copy)
    click.echo(f"{len(labels.photos)} pictures, {sum(len(p.plates) for p in labels.photos)} plates", err=True)
