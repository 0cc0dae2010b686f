"""``classic-anpr bench``: how well this reader, or any other, reads labelled photographs."""

from __future__ import annotations

import logging
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classic_anpr.cli.options import codes
from classic_anpr.errors import UsageError
from classic_anpr.evaluate.formats import FORMATS
from classic_anpr.evaluate.predictions import SYSTEMS
from classic_anpr.evaluate.protocols import PROTOCOLS

if TYPE_CHECKING:
    from classic_anpr.evaluate.types import LabelledSet, Prediction
    from classic_anpr.ocr.engine import EngineName

log = logging.getLogger(__name__)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PATH = click.Path(exists=True, path_type=Path)
_LEVELS = ("strict", "corrected", "folded", "found")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SET...", type=_PATH)
@click.option("--set-format", type=click.Choice(FORMATS), help="How the sets are labelled.  [default: recognised]")
@click.option("--country", multiple=True, callback=codes, help="Countries or groups, as in ru,by.  [default: all]")
@click.option("--country-file", multiple=True, type=_FILE, help="A country file of your own; may be repeated.")
@click.option("--engine", type=click.Choice(["tesserocr", "pytesseract"]), default="tesserocr", show_default=True)
@click.option("--predictions", multiple=True, type=_PATH, help="Score these predictions; repeat it to compare systems.")
@click.option("--predictions-format", type=click.Choice(SYSTEMS), help="Whose predictions.  [default: recognised]")
@click.option("--system", metavar="COMMAND", help="Score a command, {image} in it being the file; or fast-alpr.")
@click.option("--compare", is_flag=True, help="Arguments behind the first are predictions to compare on it.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, help="Leave out less certain plates.")
@click.option("--protocol", multiple=True, type=click.Choice(list(PROTOCOLS)), help="Print OpenALPR's protocol too.")
@click.option("--as-published", is_flag=True, help="Do not correct the known errors of the OpenALPR sets.")
@click.option("--skip-bad", is_flag=True, help="Leave out photographs whose labels are wrong, with a warning.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Keep readings and report here; resumes.")
@click.option("--fail-under", type=click.FloatRange(0, 1), help="Exit code 1 where fewer plates are read, as in 0.65.")
@click.option("--level", type=click.Choice(_LEVELS), default="corrected", help="What --fail-under looks at.")
@click.pass_context
def bench(
    ctx: click.Context,
    paths: tuple[Path, ...],
    set_format: str | None,
    country: list[str] | None,
    country_file: tuple[Path, ...],
    engine: EngineName,
    predictions: tuple[Path, ...],
    predictions_format: str | None,
    system: str | None,
    compare: bool,
    min_confidence: float,
    protocol: tuple[str, ...],
    as_published: bool,
    skip_bad: bool,
    out: Path | None,
    fail_under: float | None,
    level: str,
) -> None:
    """Measure reading on labelled photographs: a Markdown table on stdout, a whole report with --out.

    A SET is a folder in one of the formats in which data sets are published, or the label file in it. Without
    --predictions or --system, this reader is measured. With --compare, the first argument is the set:
    classic-anpr bench SET --compare a.jsonl b.jsonl

    Exit code: 0, measured; 1, below --fail-under; 2, wrong usage, labels or predictions; 3, no OCR engine or model.
    """
    from classic_anpr.evaluate.metrics import summarise
    from classic_anpr.evaluate.outcomes import Predictions, judge_set
    from classic_anpr.evaluate.report import Result, sections
    from classic_anpr.evaluate.report.markdown import markdown
    from classic_anpr.evaluate.report.write import TITLE, write_report

    if compare:
        paths, predictions = paths[:1], (*predictions, *paths[1:])
        if not predictions:
            raise UsageError("--compare: predictions are wanted behind the set")
    if predictions and system:
        raise UsageError("--predictions or --system, not both")
    sets = [_labels(path, set_format, skip_bad, as_published) for path in paths]
    if len({labels.name for labels in sets}) < len(sets):
        raise UsageError("two sets have folders of the same name")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    said: dict[str, list[Prediction]]
    if predictions:
        names = _names(predictions)
        said = {n: _predictions(p, predictions_format, sets) for n, p in zip(names, predictions, strict=True)}
    else:
        name = system or "classic-anpr"
        kept = None if out is None else out / "readings.jsonl"
        said = {name: _readings(sets, country, country_file, engine, system, predictions_format, kept)}
    results = [
        Result(name, {s.name: judge_set(s, Predictions(items, name), min_confidence) for s in sets})
        for name, items in said.items()
    ]
    shown = sections.comparison(results) if len(results) > 1 else [sections.main_table(results[0])]
    shown += [sections.protocols(result, protocol) for result in results if protocol]
    click.echo(markdown(TITLE, shown), nl=False)
    if out is not None:
        command = shlex.join(["classic-anpr", *sys.argv[1:]])
        write_report(out, results, sets, command)
        click.echo(f"report: {out / 'report.html'}", err=True)
    value = getattr(summarise(results[0].photos), level).value
    if fail_under is not None and not value >= fail_under:
        click.echo(f"{results[0].name}: {level} {value:.3f} is below {fail_under:g}", err=True)
        ctx.exit(1)


def _labels(path: Path, form: str | None, skip_bad: bool, as_published: bool) -> LabelledSet:
    from classic_anpr.evaluate.errata import corrected
    from classic_anpr.evaluate.formats import checked, read_set, recognise

    form = form or recognise(path)
    labels = checked(read_set(path, form), skip_bad)
    # The list of errors is OpenALPR's: the texts could be right elsewhere.
    return corrected(labels) if form == "openalpr" and not as_published else labels


def _names(paths: tuple[Path, ...]) -> list[str]:
    """The systems' names: those of their files without the ending, or the paths where two are alike."""
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in paths]


def _predictions(path: Path, form: str | None, sets: list[LabelledSet]) -> list[Prediction]:
    from classic_anpr.evaluate.formats.base import picture_size
    from classic_anpr.evaluate.predictions import read_predictions
    from classic_anpr.evaluate.types import DataSetError

    files = {Path(photo.file).stem: labels.path(photo) for labels in sets for photo in labels.photos}

    def size(stem: str) -> tuple[int, int]:
        if stem not in files:
            raise DataSetError(f"{path}: {stem}: no such picture in the set")
        return picture_size(files[stem])

    return read_predictions(path, form, size)


def _readings(
    sets: list[LabelledSet],
    country: list[str] | None,
    country_file: tuple[Path, ...],
    engine: EngineName,
    system: str | None,
    form: str | None,
    kept: Path | None,
) -> list[Prediction]:
    from classic_anpr.evaluate import systems

    if system == "fast-alpr":
        return systems.run(systems.fast_alpr(), sets, kept)
    if system is not None:
        return systems.run(systems.command(system, form), sets, kept)
    from classic_anpr import Reader

    reader = Reader(countries=country, country_files=country_file, engine=engine, top=10)
    return systems.run(systems.own(reader), sets, kept)
