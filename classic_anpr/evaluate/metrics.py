"""The figures of a table, from outcomes."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from classic_anpr.evaluate.calibration import Bin, calibration_error, reliability
from classic_anpr.evaluate.intervals import bootstrap, wilson
from classic_anpr.evaluate.outcomes import IOUS, PhotoOutcome, PlateOutcome
from classic_anpr.evaluate.strings import align

TOPS = (1, 3, 5, 10)
"""The numbers of candidates at which top-N is reported."""


@dataclass(frozen=True)
class Rate:
    """A share of `total` plates with Wilson's 95 % interval, in [0, 1]."""

    right: int
    total: int

    @property
    def value(self) -> float:
        """NaN where nothing was counted."""
        return self.right / self.total if self.total else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.right, self.total)


@dataclass(frozen=True)
class Speed:
    """Milliseconds per picture and the most memory in MiB, over the pictures whose cost is known."""

    images: int
    median_ms: float
    p95_ms: float
    cpu_median_ms: float | None
    peak_mib: float | None


@dataclass(frozen=True)
class Summary:
    """Everything that is measured over some photographs.

    Attributes
    ----------
    images, plates, missing : int
        Pictures; readable plates, the denominator of every rate; pictures of which the system said nothing.
    strict, corrected, folded : Rate
        A plate counts when a prediction that lies on it has exactly its text (separators and case aside): the text as
        published; with the published errors corrected; that, with O read as 0 and I as 1 on both sides. A missed plate
        is wrong. This is the recognition rate of Laroca et al. (arXiv:1802.09567) over plates, end to end.
    found : Rate
        A prediction lies on the plate (`overlap.lies_on`), whatever its text.
    detected, end_to_end : dict of float to Rate
        Over plates with an annotated place, for each IoU of `IOUS`: a prediction overlaps it at least so much; one that
        also has the corrected text. 0.4 is OpenALPR's benchmark.py, 0.5 PASCAL VOC (Everingham et al. 2010,
        doi:10.1007/s11263-009-0275-4), 0.7 CCPD (Xu et al., ECCV 2018).
    top : dict of int to Rate
        The corrected text is the reading, or among its first N candidates (fast-plate-ocr calls N = 3 ``top_3_k``).
    characters : Rate
        Character errors over characters: Levenshtein distance of the nearest reading, at most the truth's length,
        which is what a miss costs, over the truths' lengths. The character error rate.
    length : Rate
        The nearest reading has as many characters as the truth (fast-plate-ocr's ``plate_len_acc``).
    extra : int
        Predictions that lie on no label.
    calibration : tuple of Bin
        The reliability diagram; `calibration_error` is its expected calibration error.
    corrected_bootstrap, error_bootstrap : (float, float)
        95 % intervals of `corrected` and `characters` by resampling photographs.
    speed : Speed or None
    confusions : Counter of (str, str)
        (true, read) characters of the cheapest alignment of each plate with its nearest reading, equal pairs included;
        an empty string is a lost or an added character. Plates that were not found are left out.
    """

    images: int
    plates: int
    missing: int
    strict: Rate
    corrected: Rate
    folded: Rate
    found: Rate
    detected: dict[float, Rate]
    end_to_end: dict[float, Rate]
    top: dict[int, Rate]
    characters: Rate
    length: Rate
    extra: int
    calibration: tuple[Bin, ...]
    corrected_bootstrap: tuple[float, float]
    error_bootstrap: tuple[float, float]
    speed: Speed | None
    confusions: Counter[tuple[str, str]]

    @property
    def extra_per_image(self) -> float:
        return self.extra / self.images if self.images else float("nan")

    @property
    def calibration_error(self) -> float:
        return calibration_error(self.calibration)


def summarise(photos: Sequence[PhotoOutcome]) -> Summary:
    """All figures over some photographs."""
    plates = [plate for photo in photos for plate in photo.plates]
    placed = [plate for plate in plates if not math.isnan(plate.overlap)]
    n = len(plates)

    def rate(counted: Sequence[bool]) -> Rate:
        return Rate(sum(counted), len(counted))

    return Summary(
        images=len(photos),
        plates=n,
        missing=sum(photo.prediction is None for photo in photos),
        strict=rate([p.strict for p in plates]),
        corrected=rate([p.corrected for p in plates]),
        folded=rate([p.folded for p in plates]),
        found=rate([p.found for p in plates]),
        detected={t: rate([p.overlap >= t for p in placed]) for t in IOUS},
        end_to_end={t: rate([p.overlap_right >= t for p in placed]) for t in IOUS},
        top={k: rate([p.rank is not None and p.rank <= k for p in plates]) for k in TOPS},
        characters=Rate(sum(p.edits for p in plates), sum(len(p.truth) for p in plates)),
        length=rate([len(p.best) == len(p.truth) for p in plates]),
        extra=sum(photo.extra for photo in photos),
        calibration=reliability(j for photo in photos for j in photo.judged),
        corrected_bootstrap=bootstrap([(sum(p.corrected for p in f.plates), len(f.plates)) for f in photos]),
        error_bootstrap=bootstrap(
            [(sum(p.edits for p in f.plates), sum(len(p.truth) for p in f.plates)) for f in photos]
        ),
        speed=speed(photos),
        confusions=confusions(plates),
    )


def confusions(plates: Sequence[PlateOutcome]) -> Counter[tuple[str, str]]:
    """The confusion matrix as counts of (true, read) characters; see `Summary`."""
    return Counter(pair for plate in plates if plate.found for pair in align(plate.truth, plate.best))


def speed(photos: Sequence[PhotoOutcome]) -> Speed | None:
    """Median and 95th percentile (nearest rank) of time per picture; None where no time is known."""
    costs = [photo.cost for photo in photos if photo.cost is not None]
    if not costs:
        return None
    wall = sorted(c.wall_ms for c in costs)
    cpu = [c.cpu_ms for c in costs if c.cpu_ms is not None]
    peak = [c.peak_mib for c in costs if c.peak_mib is not None]
    return Speed(
        images=len(costs),
        median_ms=statistics.median(wall),
        p95_ms=wall[math.ceil(0.95 * len(wall)) - 1],
        cpu_median_ms=statistics.median(cpu) if cpu else None,
        peak_mib=max(peak) if peak else None,
    )
