"""Whether a confidence of 0.9 is right nine times in ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classic_anpr.evaluate.outcomes import Judged


@dataclass(frozen=True)
class Bin:
    """Reported plates with a confidence in [low, high): how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(judged: Iterable[Judged], bins: int = 10) -> tuple[Bin, ...]:
    """The reliability diagram: equally wide bins of confidence, empty ones left out.

    A reported plate is right when its text is that of a label on which it lies; extra plates are wrong; readings of
    unreadable plates are left out.

    References
    ----------
    M. H. DeGroot and S. E. Fienberg, The comparison and evaluation of forecasters, The Statistician 32 (1983),
    doi:10.2307/2987588.
    """
    groups: dict[int, list[Judged]] = {}
    for item in judged:
        groups.setdefault(min(int(item.confidence * bins), bins - 1), []).append(item)
    return tuple(
        Bin(
            k / bins,
            (k + 1) / bins,
            len(group),
            sum(j.confidence for j in group) / len(group),
            sum(j.right for j in group) / len(group),
        )
        for k, group in sorted(groups.items())
    )


def calibration_error(diagram: Iterable[Bin]) -> float:
    """Expected calibration error, in [0, 1]: mean gap between confidence and accuracy, bins weighted by their counts.

    NaN where no plate was reported with a confidence.

    References
    ----------
    M. P. Naeini, G. F. Cooper and M. Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI
    2015.

    Examples
    --------
    >>> calibration_error([Bin(0, 0.5, 1, 0.25, 0.0), Bin(0.5, 1, 3, 0.75, 1.0)])
    0.25
    """
    diagram = list(diagram)
    total = sum(b.count for b in diagram)
    return sum(b.count * abs(b.accuracy - b.confidence) for b in diagram) / total if total else float("nan")


@dataclass(frozen=True)
class Operating:
    """What remains when only plates with a confidence of `threshold` or more are reported.

    Attributes
    ----------
    precision : float
        Share of the reported plates whose text is right, folded (O read as 0, I as 1); extra plates are wrong.
    recall : float
        Those over the labelled plates.
    reported : int
    """

    threshold: float
    precision: float
    recall: float
    reported: int


def precision_recall(judged: Iterable[Judged], plates: int) -> tuple[Operating, ...]:
    """The precision-recall curve (Davis and Goadrich 2006, doi:10.1145/1143844.1143874), lowest threshold first.

    Parameters
    ----------
    judged : iterable of Judged
    plates : int
        How many readable plates there are.
    """
    ranked = sorted(judged, key=lambda j: -j.confidence)
    points: list[Operating] = []
    right = 0
    for reported, item in enumerate(ranked, 1):
        right += item.folded
        if reported == len(ranked) or ranked[reported].confidence < item.confidence:
            points.append(Operating(item.confidence, right / reported, right / max(plates, 1), reported))
    return tuple(reversed(points))


def operating_at(judged: Sequence[Judged], plates: int, threshold: float) -> Operating:
    """Precision and recall at one threshold; precision is NaN where nothing is reported."""
    kept = [j for j in judged if j.confidence >= threshold]
    right = sum(j.folded for j in kept)
    return Operating(threshold, right / len(kept) if kept else float("nan"), right / max(plates, 1), len(kept))
