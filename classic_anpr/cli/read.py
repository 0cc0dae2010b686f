"""``classic-anpr read``: photographs in, records out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classic_anpr.output import FORMATS

if TYPE_CHECKING:
    from classic_anpr.ocr.engine import EngineName


def _box(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int, int, int] | None:
    if value is None:
        return None
    try:
        x, y, width, height = (int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter("four whole numbers x,y,width,height are wanted") from None
    if width < 1 or height < 1:
        raise click.BadParameter("width and height must be positive")
    return x, y, width, height


def codes(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[str] | None:
    """The value of ``--country``: codes separated by commas, the option repeated or not; None where none is given."""
    codes = [code.strip().lower() for value in values for code in value.split(",") if code.strip()]
    return codes or None


_FOLDER = click.Path(file_okay=False, writable=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--country", multiple=True, callback=codes, help="Countries or groups, as in ru,by.  [default: all]")
@click.option("--country-file", multiple=True, type=_FILE, help="A country file of your own; may be repeated.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="[default: table on a terminal, else jsonl]")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the records to this file.")
@click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="Candidate texts per plate.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, help="Leave out less certain plates.")
@click.option("--roi", callback=_box, metavar="X,Y,W,H", help="Look only at this part of each image (pixels).")
@click.option("--mask", type=_FILE, help="Report only plates where this picture is white; it is stretched to fit.")
@click.option("--min-width", type=click.FloatRange(0), default=0.0, help="Narrowest plate, in pixels.")
@click.option("--max-width", type=click.FloatRange(0), default=float("inf"), help="Widest plate, in pixels.")
@click.option("--watchlist", type=_FILE, help="Mark plates near those in this file: one a line, # before a remark.")
@click.option("--watch-distance", type=click.IntRange(0), default=1, show_default=True, help="How near, in edits.")
@click.option("--annotate", type=_FOLDER, help="Write each photograph with boxes and texts into this folder.")
@click.option("--crops", type=_FOLDER, help="Write each plate, cut out and set upright, into this folder.")
@click.option("--engine", type=click.Choice(["tesserocr", "pytesseract"]), default="tesserocr", show_default=True)
@click.pass_context
def read(
    ctx: click.Context,
    paths: tuple[str, ...],
    country: list[str] | None,
    country_file: tuple[Path, ...],
    form: str | None,
    output: Path | None,
    top: int,
    min_confidence: float,
    roi: tuple[int, int, int, int] | None,
    mask: Path | None,
    min_width: float,
    max_width: float,
    watchlist: Path | None,
    watch_distance: int,
    annotate: Path | None,
    crops: Path | None,
    engine: EngineName,
) -> None:
    """Find and read the plates in photographs; write one record per image.

    A PATH is a file, a folder (searched recursively), a quoted pattern such as "photos/**/*.jpg", or - for a list of
    names on stdin. An image without a plate, or one that cannot be read, has a record too.

    Exit code: 0, all images were processed; 1, some failed; 2, wrong usage; 3, the OCR engine or its model is missing.
    """
    from classic_anpr import Reader, batch
    from classic_anpr.countries.watched import read_watchlist
    from classic_anpr.output.sink import Sink

    mask_pixels = None if mask is None else batch.load_mask(str(mask))
    watched = None if watchlist is None else read_watchlist(watchlist)
    wanted = batch.Selection(min_confidence, min_width, max_width, roi, mask_pixels, watched, watch_distance)
    reader = Reader(countries=country, country_files=country_file, engine=engine, top=top)
    files = batch.ImageFiles(batch.expand_stdin(paths, sys.stdin.buffer))
    # A list on stdin may have no end, so it is taken name by name; everything else is counted first.
    counted = None if "-" in paths else list(files)
    names: Iterable[str] = files if counted is None else counted
    failed = 0
    with Sink(form, top, output, annotate, crops, total=None if counted is None else len(counted)) as sink:
        for outcome in batch.read_files(reader, names, wanted):
            sink.write(outcome)
            failed += outcome.record.error is not None
    ctx.exit(1 if failed or files.unreadable else 0)
