"""Options that several commands share, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from classic_anpr.errors import UsageError
from classic_anpr.output import FORMATS

if TYPE_CHECKING:
    from classic_anpr.batch import Job
    from classic_anpr.notify import Hooks
    from classic_anpr.ocr.engine import EngineName

_Function = TypeVar("_Function", bound=Callable[..., Any])


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
_READING = (
    click.option("--country", multiple=True, callback=codes, help="Countries or groups, as in ru,by.  [default: all]"),
    click.option("--country-file", multiple=True, type=_FILE, help="A country file of your own; may be repeated."),
    click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="Candidate texts per plate."),
    click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, help="Leave out less certain plates."),
    click.option("--roi", callback=_box, metavar="X,Y,W,H", help="Look only at this part of each image (pixels)."),
    click.option("--mask", type=_FILE, help="Report only plates where this picture is white; it is stretched to fit."),
    click.option("--min-width", type=click.FloatRange(0), default=0.0, help="Narrowest plate, in pixels."),
    click.option("--max-width", type=click.FloatRange(0), default=float("inf"), help="Widest plate, in pixels."),
    click.option("--watchlist", type=_FILE, help="Mark plates near those in this file: one a line, # before a remark."),
    click.option("--watch-distance", type=click.IntRange(0), default=1, show_default=True, help="How near, in edits."),
    click.option("--annotate", type=_FOLDER, help="Write each photograph with boxes and texts into this folder."),
    click.option("--crops", type=_FOLDER, help="Write each plate, cut out and set upright, into this folder."),
    click.option("--engine", type=click.Choice(["tesserocr", "pytesseract"]), default="tesserocr", show_default=True),
)
_RUNNING = (
    click.option("--format", "form", type=click.Choice(FORMATS), help="[default: table on a terminal, else jsonl]"),
    click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the records to this file."),
    click.option("--workers", type=click.IntRange(1), help="Processes that read.  [default: one per processor]"),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Give an image up after this time.  [default: never]",
    ),
)
_HOOKS = (
    click.option("--webhook", metavar="URL", help="Send each record to this address, by HTTP POST."),
    click.option("--mqtt", metavar="URL", help="Publish each record, as in mqtt://host:1883/prefix."),
    click.option(
        "--spool",
        type=_FOLDER,
        metavar="DIR",
        help="Where records wait for a receiver that is down.  [default: in ~/.local/state]",
    ),
)


def _all(options: tuple[Callable[[_Function], _Function], ...]) -> Callable[[_Function], _Function]:
    def decorate(function: _Function) -> _Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


reading = _all(_READING)
"""Decorator: how an image is read. The command takes these options as ``**how`` and gives them to `make_job`."""

running = _all(_RUNNING)
"""Decorator: where the records go (``form``, ``output``), and who reads (``workers``, ``timeout``)."""

hooks = _all(_HOOKS)
"""Decorator: which other software gets the records. The command gives these options to `make_hooks`."""


def make_hooks(webhook: str | None, mqtt: str | None, spool: Path | None) -> Hooks:
    """What the options of `hooks` ask for; a context manager that takes the records.

    Raises
    ------
    UsageError
        If a URL is wrong, or a package is missing.
    """
    from classic_anpr import notify

    return notify.make_hooks(webhook, mqtt, spool)


def make_job(
    country: list[str] | None,
    country_file: tuple[Path, ...],
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
) -> Job:
    """What the options of `reading` ask for. Makes the folders for pictures.

    Raises
    ------
    UsageError
        If the mask or the watchlist cannot be used, or a folder cannot be made.
    """
    from classic_anpr import batch
    from classic_anpr.countries.watched import read_watchlist

    for folder in (annotate, crops):
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(f"{folder}: {error.strerror or error}") from error
    mask_pixels = None if mask is None else batch.load_mask(str(mask))
    watched = None if watchlist is None else read_watchlist(watchlist)
    wanted = batch.Selection(min_confidence, min_width, max_width, roi, mask_pixels, watched, watch_distance)
    countries = None if country is None else tuple(country)
    return batch.Job(countries, country_file, engine, top, wanted, annotate, crops)
