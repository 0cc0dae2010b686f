"""``classic-anpr render``: one clean plate as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from classic_anpr.errors import UsageError


@click.command()
@click.argument("country")
@click.argument("text", required=False)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Picture to write."
)
@click.option("--scale", type=click.FloatRange(0.1, 10), default=2.0, show_default=True, help="Pixels per millimetre.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the text where none is given, and the look.")
def render(country: str, text: str | None, output: Path, scale: float, seed: int) -> None:
    """Draw a plate of COUNTRY with TEXT (a random one if left out), as in: render ru A123BC77 -o plate.png

    Without separators the text is set in the country's layout; with spaces, hyphens and / (a new line) as given.
    """
    import cv2
    import numpy as np

    from classic_anpr.synth.plates import draw_plate

    plate = draw_plate(np.random.default_rng(seed), country, text, scale)
    try:
        written = cv2.imwrite(str(output), plate.pixels)
    except cv2.error:
        raise UsageError(f"{output}: unknown picture format, use .png or .jpg") from None
    if not written:
        raise UsageError(f"cannot write {output}")
    click.echo(f"{plate.text} {plate.country} -> {output}", err=True)
