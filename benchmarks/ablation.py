"""What each stage is worth: the reader with one thing taken away at a time, on the same photographs.

    python benchmarks/ablation.py --photos ../shared/photos [--set NAME ...] [--limit 40] [--write]

Needs the photographs, which are not part of this repository. `--limit` takes that many of each set, evenly. With
--write, the table goes into RESULTS.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray
from results_page import replace_part, stamp
from table import chosen_sets, countries_of

from classic_anpr import Reader
from classic_anpr.evaluate.intervals import mcnemar
from classic_anpr.evaluate.metrics import summarise
from classic_anpr.evaluate.outcomes import Predictions, judge_set
from classic_anpr.evaluate.report import Result
from classic_anpr.evaluate.report.markdown import table
from classic_anpr.evaluate.report.sections import percent
from classic_anpr.evaluate.systems import own, run
from classic_anpr.evaluate.types import LabelledSet
from classic_anpr.geometry import Quad
from classic_anpr.locate import Candidate, LocateSettings, locate
from classic_anpr.locate.glyphs import GlyphSettings
from classic_anpr.ocr.engine import packaged_model
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.reader import Settings, Trace
from classic_anpr.results import Record

DEFAULT_SETS = ("eu-openalpr-endtoend", "br-openalpr-endtoend", "sg-nahweijie1", "neg-mixed")


class Unconstrained(Reader):
    """Reports what was seen, before any layout had its say."""

    def record(self, image: object) -> Record:  # type: ignore[override]
        record = super().record(image)  # type: ignore[arg-type]
        return replace(record, plates=tuple(replace(p, text=p.raw_text, candidates=()) for p in record.plates))


class Level(Reader):
    """Takes every candidate's line for a level one."""

    def trace(self, image: object) -> Trace:  # type: ignore[override]
        def level(pixels: NDArray[np.uint8], settings: LocateSettings) -> list[Candidate]:
            return [replace(c, band=levelled(c.band)) for c in locate(pixels, settings)]

        with patch("classic_anpr.reader.locate", level):
            return super().trace(image)  # type: ignore[arg-type]


class BestOnly(Reader):
    """Keeps of every glyph the most probable character alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for engine in (self.engine, self.second_engine):
            engine.read = partial(self._best, engine.read)  # type: ignore[method-assign]

    @staticmethod
    def _best(
        read: Callable[[Sequence[NDArray[np.uint8]]], list[Lattice]], lines: Sequence[NDArray[np.uint8]]
    ) -> list[Lattice]:
        cut = [[replace(s, alternatives=s.alternatives[:1]) for s in lattice.slots] for lattice in read(lines)]
        return [Lattice(tuple(slots)) for slots in cut]


class OneModel(Reader):
    """Reads its further looks with the model of the first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, model=packaged_model())


def levelled(band: Quad) -> Quad:
    """The level band of the same middle, length and height."""
    x, y = band.mean(axis=0)
    w = float(np.linalg.norm(band[1] - band[0])) / 2
    h = float(np.linalg.norm(band[3] - band[0])) / 2
    return np.array([[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]], np.float32)


@dataclass(frozen=True)
class Variant:
    """The reader with something taken away."""

    name: str
    settings: Callable[[Settings], Settings] = lambda s: s
    reader: type[Reader] = Reader
    all_countries: bool = False


def _locate(**changes: object) -> Callable[[Settings], Settings]:
    return lambda s: replace(s, locate=replace(s.locate, **changes))  # type: ignore[arg-type]


def _segment(**changes: object) -> Callable[[Settings], Settings]:
    return lambda s: replace(s, segment=replace(s.segment, **changes))  # type: ignore[arg-type]


def _again(**changes: object) -> Callable[[Settings], Settings]:
    return lambda s: replace(s, again=replace(s.again, **changes))  # type: ignore[arg-type]


def _constrain(**changes: object) -> Callable[[Settings], Settings]:
    return lambda s: replace(s, constrain=replace(s.constrain, **changes))  # type: ignore[arg-type]


def _judge(**changes: object) -> Callable[[Settings], Settings]:
    return lambda s: replace(s, judge=replace(s.judge, **changes))  # type: ignore[arg-type]


VARIANTS = (
    Variant("everything"),
    Variant("locate: only the best candidate", _locate(most=1)),
    Variant("locate: only the three best", _locate(most=3)),
    Variant("rectify: lines not set level", reader=Level),
    Variant("locate: one threshold", _locate(glyphs=GlyphSettings(views=(((13, 12.0),), ((27, 12.0),))))),
    Variant("segment: two windows of local mean for the first row, too", _segment(blocks=(0.9, 1.8))),
    Variant("segment: slant not removed", _segment(max_shear=0.0)),
    Variant("segment: no further looks where none is certain", _again(looks=())),
    Variant("segment: a doubtful glyph or a rare layout is certain, too", _again(clear_glyph=-9.0, common=-1.0)),
    Variant("reader: what reads better turned is reported", _again(upright=-9.0)),
    Variant("ocr: one model for all looks", reader=OneModel),
    Variant("ocr: only the best character of each glyph", reader=BestOnly),
    Variant("constrain: no layouts (what was seen)", reader=Unconstrained),
    Variant("constrain: layouts of all countries", all_countries=True),
    Variant("constrain: a narrow layout counts no more", _constrain(specificity=0.0)),
    Variant("constrain: a common layout counts no more", _constrain(weight=0.0)),
    Variant("judge: nothing rejected", _judge(min_confidence=0.0)),
)


def thinned(labels: LabelledSet, limit: int | None) -> LabelledSet:
    """At most `limit` photographs of a set, evenly spread."""
    if limit is None or limit >= len(labels.photos):
        return labels
    return replace(labels, photos=tuple(labels.photos[k * len(labels.photos) // limit] for k in range(limit)))


def measured(variant: Variant, sets: list[LabelledSet]) -> Result:
    """A variant's outcomes."""
    outcomes = {}
    for labels in sets:
        countries = None if variant.all_countries else countries_of(labels)
        reader = variant.reader(countries=countries, settings=variant.settings(Settings()))
        outcomes[labels.name] = judge_set(labels, Predictions(run(own(reader), [labels])))
    return Result(variant.name, outcomes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="names")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    sets = [thinned(s, arguments.limit) for s in chosen_sets(arguments.photos, arguments.names or DEFAULT_SETS)]
    rows: list[list[str]] = []
    whole: Result | None = None
    for variant in VARIANTS:
        result = measured(variant, sets)
        whole = whole or result
        figures = summarise(result.photos)
        test = mcnemar([p.corrected for p in whole.plates], [p.corrected for p in result.plates])
        rows.append(
            [
                variant.name,
                percent(figures.corrected.value),
                f"-{test.only_first} +{test.only_second}",
                f"{test.p:.2g}",
                percent(figures.found.value),
                f"{figures.extra_per_image:.2f}",
                f"{figures.speed.cpu_median_ms:.0f}" if figures.speed and figures.speed.cpu_median_ms else "-",
            ]
        )
        print(" | ".join(rows[-1]), flush=True)
    names = ", ".join(f"{s.name} ({len(s.photos)})" for s in sets)
    header = ("taken away", "corrected", "plates lost and won", "p", "found", "extra per image", "processor ms")
    note = (
        f"{sum(len(p.plates) for s in sets for p in s.photos)} plates of {names}; p is McNemar's, against everything."
    )
    text = "\n".join([note, "", *table(header, rows), "", stamp()])
    print(text)
    if arguments.write:
        replace_part("ablation", text)


if __name__ == "__main__":
    main()
