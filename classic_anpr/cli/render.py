"""``classic-anpr render``: one clean plate as a picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from classic_anpr.errors import UsageError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("country")
@click.argument("text", required=False)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Picture to write."
)
@click.option("--layout", help="Id of the layout to take the sheet from, as in: countries ru.  [default: by the text]")
@click.option("--country-file", multiple=True, type=_FILE, help="A country file of your own; may be repeated.")
@click.option("--scale", type=click.FloatRange(0.1, 10), default=2.0, show_default=True, help="Pixels per millimetre.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the text where none is given, and the look.")
def render(
    country: str,
    text: str | None,
    output: Path,
    layout: str | None,
    country_file: tuple[Path, ...],
    scale: float,
    seed: int,
) -> None:
    """Draw a plate of COUNTRY with TEXT (a random one if left out), as in: render ru A123BC77 -o plate.png

    Without separators the text is set in the country's layout; with spaces, hyphens and / (a new line) as given.
    """
    import cv2
    import numpy as np

    from classic_anpr.countries import load_countries
    from classic_anpr.synth.plates import draw_plate
    from classic_anpr.synth.texts import as_given, random_inscription

    rng = np.random.default_rng(seed)
    known = load_countries([country], country_file)[0]
    if layout is not None:
        try:
            known = replace(known, layouts=(known.layout(layout),))
        except KeyError:
            ids = ", ".join(lay.id for lay in known.layouts)
            raise UsageError(f"{known.code} has no layout {layout!r}: {ids}") from None
    inscription = random_inscription(rng, known) if text is None else as_given(known, text)
    plate = draw_plate(rng, known, inscription, scale)
    try:
        written = cv2.imwrite(str(output), plate.pixels)
    except cv2.error:
        raise UsageError(f"{output}: unknown picture format, use .png or .jpg") from None
    if not written:
        raise UsageError(f"cannot write {output}")
    click.echo(f"{plate.text} {plate.country} -> {output}", err=True)
