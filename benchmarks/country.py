"""How often the country of a plate is named right when all countries are admitted.

    PYTHONPATH=. python benchmarks/country.py [--photos ../shared/photos] [--sets PART ...] [--keep FOLDER]

Needs the photographs, which are not part of this repository. Counted are the plates that are read right and whose label
names a country: named right, named wrong, unknown. The second table says what other thresholds than
`JudgeSettings.min_country` would give; the likeliest country of a plate without one is among its candidates. With
--keep, records are kept in a folder, one file per set, and read from there the next time: remove them when the program
or its model has changed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from classic_anpr.judge import JudgeSettings
from classic_anpr.reader import Reader

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
NO_COUNTRY = ("", "EU", "XX")  # labels that name none


@dataclass(frozen=True)
class Named:
    """A plate that was read right: its set, its country, the likeliest one and its probability, and the named one."""

    set_name: str
    country: str
    likeliest: str | None
    probability: float
    named: str | None

    @property
    def outcome(self) -> str:
        return "unknown" if self.named is None else "right" if self.named == self.country else "wrong"


def records(folder: Path, reader: Reader, keep: Path | None) -> dict[str, dict[str, Any]]:
    """The record of each photograph of a set, by file name."""
    kept = keep / f"{folder.name}.jsonl" if keep else None
    if kept is not None and kept.exists():
        found = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    else:
        with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
            names = list(dict.fromkeys(row["file"] for row in csv.DictReader(file)))
        found = [reader.record(folder / name).to_dict() for name in names]
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text("".join(json.dumps(record) + "\n" for record in found), encoding="utf-8")
    return {Path(record["filename"]).name: record for record in found}


def named(folder: Path, found: dict[str, dict[str, Any]]) -> Iterator[Named]:
    """The plates of a set that were read right and have a country. Texts are compared within a photograph."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            plates = found[row["file"]]["plates"]
            plate = next((p for p in plates if p["text"] == row["text"]), None)
            if plate is None or row["country"] in NO_COUNTRY:
                continue
            same = [c for c in plate["candidates"] if c["text"] == plate["text"]]
            best = max(same, key=lambda c: c["country_confidence"] or 0.0)
            probability = best["country_confidence"] or 0.0
            yield Named(folder.name, row["country"].lower(), best["country"], probability, plate["country"])


def row(name: str, plates: list[Named]) -> str:
    counts = Counter(p.outcome for p in plates)
    told = counts["right"] + counts["wrong"]
    confused = Counter(f"{p.country} as {p.named}" for p in plates if p.outcome == "wrong")
    share = f"{counts['right'] / told:.0%}" if told else ""
    errors = ", ".join(f"{pair} {n}" for pair, n in confused.most_common(4))
    cells = (name, len(plates), counts["right"], counts["wrong"], counts["unknown"], share, errors)
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--sets", nargs="*", default=[], help="parts of the names of the sets to use")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    reader = Reader(model=options.model)
    plates: list[Named] = []
    print("| set | read right | country right | wrong | unknown | right of named | taken for |")
    print("|---|---|---|---|---|---|---|")
    for folder in sorted(path.parent for path in options.photos.glob("*/labels.csv")):
        if options.sets and not any(part in folder.name for part in options.sets):
            continue
        here = list(named(folder, records(folder, reader, options.keep)))
        plates += here
        if here:
            print(row(folder.name, here), flush=True)
    print(row("all", plates))
    print(f"\n| a country is named from (now {JudgeSettings().min_country}) | named | right of named |")
    print("|---|---|---|")
    for threshold in THRESHOLDS:
        told = [p for p in plates if p.likeliest is not None and p.probability >= threshold]
        right = sum(p.likeliest == p.country for p in told)
        share = f"{right / len(told):.1%}" if told else ""
        print(f"| {threshold} | {len(told) / max(len(plates), 1):.1%} | {share} |")


if __name__ == "__main__":
    main()
