"""The project's own table: every labelled set of a folder, with the countries that its name begins with.

    python benchmarks/table.py --photos ../shared/photos [--set NAME ...] [--keep FOLDER] [--curve FILE] [--write]

Needs the photographs, which are not part of this repository. A set named ``mix-...`` or ``neg-...`` is read with all
countries. With --keep, readings are kept and a broken run goes on; remove them when the program or its model has
changed. With --curve, the precision-recall curve is drawn as SVG, which needs matplotlib. With --write, the tables go
into RESULTS.md, the curve beside it, and a line into history.jsonl.

Besides the table of the sets: both halves of each (by the checksum of a plate's text: one the judge was fitted on, the
other one not; p is Fisher's, that chance alone parts them so far), and what the confidence is worth, over the scenes
whose background plates are labelled, too.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
from fitting import in_fitting_half
from results_page import HISTORY, PAGE, replace_part, stamp
from scipy.stats import fisher_exact

from classic_anpr import Reader
from classic_anpr.evaluate.calibration import calibration_error, operating_at, precision_recall, reliability
from classic_anpr.evaluate.formats import read_set
from classic_anpr.evaluate.metrics import Rate, summarise
from classic_anpr.evaluate.outcomes import Judged, PhotoOutcome, Predictions, judge_set
from classic_anpr.evaluate.report import Result, plots, sections
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.evaluate.report.sections import between, percent
from classic_anpr.evaluate.systems import own, run
from classic_anpr.evaluate.types import LabelledSet
from classic_anpr.judge import JudgeSettings
from classic_anpr.reader import Settings

ANY = ("mix", "neg")
THRESHOLD = JudgeSettings().min_confidence
THRESHOLDS = sorted({0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, THRESHOLD})
HALVES = ("fitted half", "other half")
CURVE = PAGE.with_name("precision_recall.svg")


def countries_of(labels: LabelledSet) -> list[str] | None:
    """The countries to read a set with, from its name; None for all."""
    code = labels.name.split("-")[0]
    return None if code in ANY else [code]


def whole_pictures(labels: LabelledSet) -> bool:
    """Whether the pictures of a set are cut-out plates, from its name."""
    return "crops" in labels.name


def scenes(labels: LabelledSet) -> bool:
    """Whether a set has scenes whose plates are all labelled, with their places: there, precision can be counted."""
    plates = [plate for photo in labels.photos for plate in photo.plates]
    return bool(plates) and not whole_pictures(labels) and all(plate.box is not None for plate in plates)


def chosen_sets(photos: Path, names: Sequence[str] | None) -> list[LabelledSet]:
    """The labelled sets of a folder, all or those that are named."""
    folders = sorted(f.parent for f in photos.glob("*/labels.csv"))
    return [read_set(folder) for folder in folders if not names or folder.name in names]


def everything(settings: Settings | None = None) -> Settings:
    """Settings that reject nothing for its confidence: the threshold is applied when the readings are scored."""
    settings = settings or Settings()
    return replace(settings, judge=replace(settings.judge, min_confidence=0.0))


def half_of(text: str) -> str:
    return HALVES[0] if in_fitting_half(text) else HALVES[1]


def judged_by_half(photos: Sequence[PhotoOutcome]) -> dict[str, list[Judged]]:
    """Reported plates by half: of the plate that each lies on, else of the photograph's first."""
    halves: dict[str, list[Judged]] = {name: [] for name in HALVES}
    for photo in photos:
        first = next((plate.truth for plate in photo.plates), photo.photo.file)
        for item in photo.judged:
            halves[half_of(item.truth or first)].append(item)
    return halves


def rate(plates: Sequence[bool]) -> str:
    """A share in percent with its interval and its denominator."""
    value = Rate(sum(plates), len(plates))
    return f"{percent(value.value)} [{between(value.interval)}] of {value.total}" if value.total else "-"


def chance(left: Sequence[bool], right: Sequence[bool]) -> str:
    """Fisher's exact probability, two-sided, that two halves of one population differ at least so much."""
    counts = [[sum(half), len(half) - sum(half)] for half in (left, right)]
    return f"{fisher_exact(counts)[1]:.2g}" if left and right else "-"


def halves_table(outcomes: dict[str, list[PhotoOutcome]]) -> str:
    """What is read of each half of each set: corrected; folded for the US, whose labels write every O as 0."""
    rows = []
    whole: dict[str, list[bool]] = {half: [] for half in HALVES}
    for name, photos in outcomes.items():
        found: dict[str, list[bool]] = {half: [] for half in HALVES}
        for plate in (plate for photo in photos for plate in photo.plates):
            found[half_of(plate.truth)].append(plate.folded if name.startswith("us-") else plate.corrected)
        if any(found.values()):
            rows.append([name, *(rate(found[half]) for half in HALVES), chance(*found.values())])
        for half in HALVES:
            whole[half] += found[half]
    rows.append(["all", *(rate(whole[half]) for half in HALVES), chance(*whole.values())])
    return "\n".join(table(("read, exactly (us: folded)", *HALVES, "p"), rows))


def confidence_table(judged: dict[str, list[Judged]], plates: dict[str, int], names: Sequence[str]) -> str:
    """Precision and recall at each threshold, and the expected calibration error of what is reported by default."""
    rows = []
    for threshold in THRESHOLDS:
        row = [f"{threshold:g}" + (" (default)" if threshold == THRESHOLD else "")]
        for half in HALVES:
            at = operating_at(judged[half], plates[half], threshold)
            row += [f"{percent(at.precision)} of {at.reported}", percent(at.recall)]
        both = operating_at([*judged[HALVES[0]], *judged[HALVES[1]]], sum(plates.values()), threshold)
        rows.append([*row, f"{percent(both.precision)} of {both.reported}", percent(both.recall)])
    header = (
        "confidence at least",
        *(f"{name}, {what}" for name in (*HALVES, "all") for what in ("precision", "recall")),
    )
    errors = []
    for name, items in (*judged.items(), ("all", [j for part in judged.values() for j in part])):
        reported = [j for j in items if j.confidence >= THRESHOLD]
        errors.append(f"{name} {calibration_error(reliability(reported)):.3f}")
    note = (
        f"Folded, over the scenes whose background plates are labelled, too ({', '.join(names)}): "
        f"{sum(plates.values())} plates. Extra plates are wrong; readings of unreadable ones are left out. "
        f"Expected calibration error of what is reported by default: {', '.join(errors)}."
    )
    return "\n".join([note, "", *table(header, rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="names")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--curve", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    outcomes: dict[str, list[PhotoOutcome]] = {}
    uncut: list[PhotoOutcome] = []  # of the scenes, whatever the confidence
    counted: list[str] = []
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    for labels in chosen_sets(arguments.photos, arguments.names):
        system = own(Reader(countries=countries_of(labels), top=5, settings=everything()))
        kept = arguments.keep / f"{labels.name}.jsonl" if arguments.keep else None
        predictions = Predictions(run(system, [labels], kept))
        outcomes[labels.name] = judge_set(labels, predictions, THRESHOLD)
        if scenes(labels):
            uncut += judge_set(labels, predictions)
            counted.append(labels.name)
        last = sections.main_table(Result("classic-anpr", {labels.name: outcomes[labels.name]})).rows[0]
        print(" | ".join(last), flush=True)
    section = sections.main_table(Result("classic-anpr", outcomes))
    parts = [section.text, "", *table(section.header, section.rows), "", halves_table(outcomes)]
    curve = arguments.curve or (CURVE if arguments.write else None)
    if uncut:
        judged = judged_by_half(uncut)
        halves = [half_of(plate.truth) for photo in uncut for plate in photo.plates]
        plates = {half: halves.count(half) for half in HALVES}
        parts += ["", confidence_table(judged, plates, counted)]
        if curve:
            lines = {f"{half}, {plates[half]} plates": precision_recall(judged[half], plates[half]) for half in HALVES}
            curve.write_text(plots.precision_recall(lines, THRESHOLD) + "\n", encoding="utf-8")
            parts += ["", f"![Precision and recall by confidence]({curve.name})"]
    text = "\n".join([*parts, "", stamp()])
    print(text)
    if arguments.write:
        replace_part("table", text)
        read = {name: round(summarise(photos).corrected.value, 4) for name, photos in outcomes.items()}
        line = {"when": stamp(), "read": {name: value for name, value in read.items() if value == value}}
        with HISTORY.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
