"""Known errors in published truths. `errata.csv` is the list; each correction has its source.

Only errors whose correction is known are in it. openalpr/benchmarks#6 also doubts OUN4297 (br) and 3127K, 59E21P1,
5DJ0529 and 853FL (us) without saying what they should be, and every O of the us set is written 0: look at the folded
column there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files

from classic_anpr.evaluate.textfile import parse_table
from classic_anpr.evaluate.types import LabelledSet, PlateLabel, clean


@cache
def errata() -> dict[str, str]:
    """Published text -> corrected text. Each published error is a text that no right plate of the sets has."""
    text = files("classic_anpr.evaluate").joinpath("errata.csv").read_text("utf-8")
    return {
        row["published"]: row["corrected"] for _, row in parse_table(text, "errata.csv", ("published", "corrected"))
    }


def corrected(labels: LabelledSet) -> LabelledSet:
    """The set with known errors corrected; the published texts are kept beside. Corrections of its own stay."""
    return replace(
        labels,
        photos=tuple(replace(p, plates=tuple(_corrected(label) for label in p.plates)) for p in labels.photos),
    )


def _corrected(label: PlateLabel) -> PlateLabel:
    text = errata().get(clean(label.text))
    return label if text is None or label.published else replace(label, text=text, published=label.text)
