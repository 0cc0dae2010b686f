"""``classic-anpr countries``: what is known of each country."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from classic_anpr.countries import Country

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("names", nargs=-1, metavar="[COUNTRY]...")
@click.option("--check", type=_FILE, help="Report every mistake of this country file.")
@click.option("--country-file", multiple=True, type=_FILE, help="A country file of your own; may be repeated.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write a picture of each example there."
)
@click.pass_context
def countries(
    ctx: click.Context,
    names: tuple[str, ...],
    check: Path | None,
    country_file: tuple[Path, ...],
    output: Path | None,
) -> None:
    """List the known countries; or show the layouts of each COUNTRY (a code, name or group) with an example.

    Exit code: 0; with --check 1 if the file has mistakes; 2, wrong usage.
    """
    from classic_anpr.countries import load_countries, problems_of
    from classic_anpr.countries.show import describe

    if check is not None:
        mistakes = problems_of(check)
        for mistake in mistakes:
            click.echo(str(mistake))
        click.echo(f"{check}: {len(mistakes)} mistakes" if mistakes else f"{check}: no mistakes", err=True)
        ctx.exit(1 if mistakes else 0)
    if not names and not country_file:
        for country in load_countries(None):
            click.echo(
                f"{country.code}  {country.name:<24}{len(country.layouts):>3} layouts  {' '.join(country.groups)}"
            )
        return
    for country in load_countries(names or None, country_file):
        for paragraph in describe(country):
            click.echo(paragraph + "\n")
        if output is not None:
            _draw(country, output)


def _draw(country: Country, folder: Path) -> None:
    import cv2
    import numpy as np

    from classic_anpr.errors import UsageError
    from classic_anpr.synth.plates import draw_plate
    from classic_anpr.synth.texts import inscribe

    folder.mkdir(parents=True, exist_ok=True)
    for layout in (lay for lay in country.layouts if lay.examples):
        text = country.fold(layout.examples[0])
        for number, arrangement in enumerate(layout.arrangements, 1):
            picture = draw_plate(np.random.default_rng(0), country, inscribe(country, layout, text, arrangement), 2.0)
            path = folder / f"{country.code}-{layout.id}-{number}.png"
            if not cv2.imwrite(str(path), picture.pixels):
                raise UsageError(f"cannot write {path}")
