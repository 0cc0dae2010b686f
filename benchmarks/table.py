"""The project's own table: every labelled set of a folder, with the countries that its name begins with.

    python benchmarks/table.py --photos ../shared/photos [--set NAME ...] [--keep FOLDER] [--write]

Needs the photographs, which are not part of this repository. A set named ``mix-...`` or ``neg-...`` is read with all
countries. With --keep, readings are kept and a broken run goes on; remove them when the program or its model has
changed. With --write, the table goes into RESULTS.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
from results_page import replace_part, stamp

from classic_anpr import Reader
from classic_anpr.evaluate.formats import read_set
from classic_anpr.evaluate.outcomes import Predictions, judge_set
from classic_anpr.evaluate.report import Result, sections
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.evaluate.systems import own, run
from classic_anpr.evaluate.types import LabelledSet

ANY = ("mix", "neg")


def countries_of(labels: LabelledSet) -> list[str] | None:
    """The countries to read a set with, from its name; None for all."""
    code = labels.name.split("-")[0]
    return None if code in ANY else [code]


def chosen_sets(photos: Path, names: Sequence[str] | None) -> list[LabelledSet]:
    """The labelled sets of a folder, all or those that are named."""
    folders = sorted(f.parent for f in photos.glob("*/labels.csv"))
    return [read_set(folder) for folder in folders if not names or folder.name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="names")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    outcomes = {}
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    for labels in chosen_sets(arguments.photos, arguments.names):
        system = own(Reader(countries=countries_of(labels), top=5))
        predictions = run(system, [labels], arguments.keep / f"{labels.name}.jsonl" if arguments.keep else None)
        outcomes[labels.name] = judge_set(labels, Predictions(predictions))
        last = sections.main_table(Result("classic-anpr", {labels.name: outcomes[labels.name]})).rows[0]
        print(" | ".join(last), flush=True)
    section = sections.main_table(Result("classic-anpr", outcomes))
    text = "\n".join([section.text, "", *table(section.header, section.rows), "", stamp()])
    print(text)
    if arguments.write:
        replace_part("table", text)


if __name__ == "__main__":
    main()
