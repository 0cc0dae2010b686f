"""Fit the confidence of readings, ``classic_anpr/judge.json``, on the labelled scenes and crops of ``photos``.

    PYTHONPATH=. python benchmarks/fit_judge.py [--photos ../shared/photos] [--cache FILE] [--swap] [--write]

Every examined candidate of every photograph is a row: right where its text is that of a label it lies on. Candidates
on unreadable plates are left out, and in scenes without boxes confident ones that are no label's text, for they may be
on plates that nobody labelled. Half of the plates (by the checksum of their text; what lies on no plate goes with
the photograph's first) is fitted on, the other half reported.

What the search examines, and how much one text speaks against another, depends on the weights there are: after a change
of the model or a stage this is run twice. The shipped weights are those of the second run.

With ``--cache`` the rows are read from the file, or written to it where it does not exist: reading the photographs
takes minutes. The file holds features and texts, nothing of the pictures. Delete it when an earlier stage has changed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from fitting import Label, fit, in_fitting_half, probabilities, read_labels, report

from classic_anpr.errors import ImageError
from classic_anpr.reader import Reader

FILE = Path(__file__).parents[1] / "classic_anpr" / "judge.json"
# What each set is read with: its own country, as users who know it would, and then all (None), as the others do; these
# sets with all only.
COUNTRIES: dict[str, list[str] | None] = {"mix": None, "neg": None}
FOLD = str.maketrans("OI", "01")  # the US labels write every O as 0
UNLABELLED = 0.5  # in scenes without boxes, a surer reading that is no label's may be of an unlabelled plate


@dataclass(frozen=True)
class Row:
    """One examined candidate: its features, whether its text is right, and the text that decides its half."""

    features: dict[str, float]
    right: bool
    key: str
    set_name: str


def verdict(
    text: str, place: tuple[float, float], confidence: float, labels: list[Label], set_name: str
) -> tuple[bool, str] | None:
    """Whether a reading is right, with the label it lies on (empty: none); None where the labels do not tell."""
    x, y = place
    us, scenes = set_name.startswith("us"), "crops" not in set_name
    right, on = False, ""
    for label in labels:
        if label.box is not None:
            bx, by, bw, bh = label.box
            # an eighth of the box more on every side, as the score does
            if not (bx - bw / 8 <= x <= bx + bw * 9 / 8 and by - bh / 8 <= y <= by + bh * 9 / 8):
                continue
            on = label.text
        if label.text == "?":
            return None
        seen, true = (text.translate(FOLD), label.text.translate(FOLD)) if us else (text, label.text)
        if seen == true:
            right, on = True, label.text
    if scenes and not right and confidence > UNLABELLED and any(label.box is None for label in labels):
        return None
    return right, on


def measure(photos: Path, sets: list[str], model: Path | None) -> list[Row]:
    """Rows of every photograph; `sets` are parts of set names, none = all."""
    rows: list[Row] = []
    for folder in sorted(path.parent for path in photos.glob("*/labels.csv")):
        name = folder.name
        if sets and not any(part in name for part in sets):
            continue
        prefix = name.partition("-")[0]
        for countries in (COUNTRIES.get(prefix, [prefix]), None) if prefix not in COUNTRIES else (None,):
            reader = Reader(countries=countries, model=model)
            for file, labels in read_labels(folder).items():
                try:
                    trace = reader.trace(folder / file)
                except ImageError as error:
                    print(error)
                    continue
                first = next((label.text for label in labels if label.text != "?"), file)
                for e in trace.examined:
                    x, y = (float(v) for v in e.reading.corners.mean(axis=0))
                    found = verdict(e.reading.text, (x, y), e.reading.confidence, labels, name)
                    if found is not None:
                        rows.append(Row(e.features, found[0], found[1] or first, name))
        here = [row for row in rows if row.set_name == name]
        print(f"{name}: {len(here)} readings, {sum(row.right for row in here)} right", flush=True)
    return rows


def main() -> None:
    """Fit, report, and write the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--sets", nargs="*", default=[], help="parts of the names of the sets to use")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--swap", action="store_true", help="fit on the other half instead")
    parser.add_argument("--write", action="store_true", help=f"overwrite {FILE.name}")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.cache and options.cache.exists():
        rows: list[Row] = [Row(*values) for values in pickle.loads(options.cache.read_bytes())]
    else:
        rows = measure(options.photos, options.sets, options.model)
        if options.cache:
            options.cache.write_bytes(pickle.dumps([(r.features, r.right, r.key, r.set_name) for r in rows]))
    names = list(rows[0].features)
    table = np.array([[row.features[n] for n in names] for row in rows])
    right = np.array([row.right for row in rows])
    fitted = np.array([in_fitting_half(row.key) != options.swap for row in rows])
    weights, bias = fit(table[fitted], right[fitted])
    present = json.loads(FILE.read_text(encoding="utf-8"))
    old = np.array([present["features"].get(n, 0.0) for n in names])
    print("fitted half:", report(probabilities(table[fitted], weights, bias), right[fitted]))
    print("other half:", report(probabilities(table[~fitted], weights, bias), right[~fitted]))
    print("other half, present weights:", report(probabilities(table[~fitted], old, present["bias"]), right[~fitted]))
    if options.write:
        about = "logistic regression: probability that the whole text is right; features in classic_anpr/judge.py"
        lines = ",\n".join(f'    "{n}": {w:.5g}' for n, w in zip(names, weights, strict=True))
        text = f'{{\n  "about": "{about}",\n  "bias": {bias:.5g},\n  "features": {{\n{lines}\n  }}\n}}\n'
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
