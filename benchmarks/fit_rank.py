"""Fit the ranking of glyph chains, ``classic_anpr/locate/rank.json``, on the labelled boxes of ``photos``.

    PYTHONPATH=. python benchmarks/fit_rank.py [--photos ../shared/photos] [--write]

A chain is right where its middle lies in the box of a readable plate and its length and height fit the box; chains on
unreadable plates, and those on a plate but of another size, are left out. Half of the photographs (by the checksum of
their first plate's text) is fitted on, the other half reported: besides the probability of single chains, how often a
chain of the plate is among the first n of its photograph.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from fitting import Floats, Label, fit, in_fitting_half, probabilities, read_labels, report
from numpy.typing import NDArray

from classic_anpr.locate import LocateSettings
from classic_anpr.locate.glyphs import Chain, find_chains
from classic_anpr.locate.rank import group, measure

FILE = Path(__file__).parents[1] / "classic_anpr" / "locate" / "rank.json"
NEGATIVES = "neg-mixed"
# The chains of plates are one in a hundred: without a weight the fit would hardly look at them.
POSITIVE_WEIGHT = 0.3


@dataclass(frozen=True)
class Chains:
    """Measured chains: features (N, K), whether right (N,), photograph (N,), and whether it is fitted on (N,)."""

    names: list[str]
    features: Floats
    right: NDArray[np.bool_]
    photo: NDArray[np.int64]
    fitted: NDArray[np.bool_]


def verdict(chain: Chain, labels: list[Label]) -> bool | None:
    """Whether a chain is a plate's line; None where the labels do not tell."""
    x, y = chain.quad.mean(axis=0)
    length = float(np.hypot(*(chain.quad[1] - chain.quad[0])))
    right = False
    for label in labels:
        if label.box is None:
            return None
        bx, by, bw, bh = label.box
        if bx < x < bx + bw and by < y < by + bh:
            if label.text == "?" or not (0.3 * bw < length < 1.15 * bw and 0.22 * bh < chain.height < 1.1 * bh):
                return None
            right = True
    return right


def measure_all(photos: Path) -> Chains:
    """Every chain of every scene with boxes, and of the photographs without plates."""
    settings = LocateSettings()
    rows: list[list[float]] = []
    right: list[bool] = []
    photo: list[int] = []
    fitted: list[bool] = []
    names: list[str] = []
    for folder in sorted(path.parent for path in photos.glob("*/labels.csv")):
        files = read_labels(folder)
        if "crops" in folder.name or (
            folder.name != NEGATIVES and not all(p.box for plates in files.values() for p in plates)
        ):
            continue
        for file, labels in files.items():
            grey = cv2.imread(str(folder / file), cv2.IMREAD_GRAYSCALE)
            if grey is None:
                continue
            scale = min(1.0, (settings.max_pixels / grey.size) ** 0.5)
            if scale < 1:
                grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            half = in_fitting_half(next((p.text for p in labels if p.text != "?"), file))
            scaled = [Label(p.text, tuple(scale * v for v in p.box) if p.box else None) for p in labels]  # type: ignore[arg-type]
            number = photo[-1] + 1 if photo else 0
            groups = group(find_chains(grey, settings.glyphs))
            features = measure(groups, grey) if groups else {}
            names = list(features) or names
            for i, found in enumerate(groups):
                truth = verdict(found.chain, scaled)
                if truth is not None:
                    rows.append([float(values[i]) for values in features.values()])
                    right.append(truth)
                    photo.append(number)
                    fitted.append(half)
        print(f"{folder.name}: {len(rows)} chains so far", flush=True)
    return Chains(names, np.array(rows), np.array(right), np.array(photo), np.array(fitted))


def first_places(p: Floats, right: NDArray[np.bool_], photo: NDArray[np.int64]) -> str:
    """How often a right chain is among the first n of its photograph, over the photographs that have one."""
    places = []
    for number in np.unique(photo[right]):
        here = photo == number
        places.append(int(np.argmax(right[here][np.argsort(-p[here], kind="stable")])))
    return ", ".join(f"{n}: {np.mean(np.array(places) < n):.3f}" for n in (1, 2, 3, 5, 8, 12)) + f" of {len(places)}"


def main() -> None:
    """Fit, report, and write the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--write", action="store_true", help=f"overwrite {FILE.name}")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    chains = measure_all(options.photos)
    table = np.hstack([chains.features, chains.features**2])
    kept, other = chains.fitted, ~chains.fitted
    ratio = (~chains.right[kept]).sum() / max(int(chains.right[kept].sum()), 1)
    weight = np.where(chains.right[kept], max(1.0, POSITIVE_WEIGHT * ratio), 1.0)
    weights, bias = fit(table[kept], chains.right[kept], weight, ridge=1e-3)
    for name, part in (("fitted half", kept), ("other half", other)):
        p = probabilities(table[part], weights, bias)
        # the scores rank; they are no probabilities, since the chains of plates are weighted up
        print(f"{name}: {report(p, chains.right[part])}")
        print(f"  among the first: {first_places(p, chains.right[part], chains.photo[part])} photographs")
    present = json.loads(FILE.read_text(encoding="utf-8"))
    if set(present["features"]) == set(chains.names):
        pairs = np.array([present["features"][n] for n in chains.names])
        p = probabilities(table[other], np.concatenate([pairs[:, 0], pairs[:, 1]]), present["bias"])
        print(f"present weights, other half: {first_places(p, chains.right[other], chains.photo[other])}")
    if options.write:
        count = len(chains.names)
        lines = [
            f'    "{n}": [{a:.5g}, {b:.5g}]'
            for n, a, b in zip(chains.names, weights[:count], weights[count:], strict=True)
        ]
        about = "logistic regression: bias + sum(a * x + b * x^2); features in classic_anpr/locate/rank.py"
        text = (
            f'{{\n  "about": "{about}",\n  "bias": {bias:.5g},\n  "features": {{\n' + ",\n".join(lines) + "\n  }\n}\n"
        )
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
