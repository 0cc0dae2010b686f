"""``classic-anpr explain``: every step of one photograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from classic_anpr.cli.options import codes

if TYPE_CHECKING:
    from classic_anpr.ocr.engine import EngineName


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="*.html or *.png")
@click.option("--country", multiple=True, callback=codes, help="Countries or groups, as in ru,by.  [default: all]")
@click.option(
    "--country-file",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A country file of your own; may be repeated.",
)
@click.option("--engine", type=click.Choice(["tesserocr", "pytesseract"]), default="tesserocr", show_default=True)
def explain(
    image: Path, output: Path, country: list[str] | None, country_file: tuple[Path, ...], engine: EngineName
) -> None:
    """Show every stage of one photograph in pictures, with the numbers that decided.

    The HTML file is complete in itself; the PNG is the same page as a picture.
    """
    from classic_anpr import explain as explaining
    from classic_anpr import images
    from classic_anpr.errors import UsageError
    from classic_anpr.output import page
    from classic_anpr.output.pictures import encode
    from classic_anpr.output.stdout import records_only
    from classic_anpr.reader import Reader

    if output.suffix.lower() not in (".html", ".htm", ".png"):
        raise UsageError(f"{output}: the name must end in .html or .png")
    with records_only():
        loaded = images.load(image)
        reader = Reader(countries=country, country_files=country_file, engine=engine)
        sections = explaining.explain(loaded, reader.trace(loaded), reader.settings)
    try:
        if output.suffix.lower() == ".png":
            output.write_bytes(encode(page.to_picture(sections)))
        else:
            output.write_text(page.to_html(sections), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from error
    click.echo(f"{output}: {sections[0].title}", err=True)
