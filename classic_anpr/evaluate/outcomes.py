"""From labels and predictions to what happened to each plate: every strictness level in one pass.

All figures are sums over these outcomes, so that a table, a slice of it and a paired test count the same things.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from classic_anpr.evaluate.overlap import iou, lies_on
from classic_anpr.evaluate.strings import distance, fold
from classic_anpr.evaluate.types import (
    PICTURES,
    UNREADABLE,
    Cost,
    DataSetError,
    LabelledSet,
    Photo,
    PlateLabel,
    PredictedPlate,
    Prediction,
    clean,
)

log = logging.getLogger(__name__)

IOUS = (0.4, 0.5, 0.7)
"""Overlaps at which detection is reported: OpenALPR's benchmark.py, PASCAL VOC, CCPD."""


@dataclass(frozen=True)
class PlateOutcome:
    """What a system made of one readable plate.

    Attributes
    ----------
    set_name, file, index : str, str, int
        Which plate: the same for every system, so outcomes can be paired.
    label : PlateLabel
    truth : str
        The corrected text, upper case, without separators.
    texts : tuple of str
        The texts of the predictions that lie on it.
    best : str
        The one of `texts` nearest to the truth; empty where there is none.
    strict, corrected, folded : bool
        One of `texts` equals the text as published; the corrected one; the corrected one with O read as 0 and I as 1.
    rank : int or None
        1 where a text equals the truth, else the place of the first candidate that does.
    found : bool
        A prediction lies on it, whatever its text.
    overlap : float
        Largest intersection over union; NaN where the label has no place.
    overlap_right : float
        Largest overlap among predictions with the right text; 0 where there is none, NaN where the label has no place.
    confidence : float or None
        Of the most certain prediction on it.
    """

    set_name: str
    file: str
    index: int
    label: PlateLabel
    truth: str
    texts: tuple[str, ...]
    best: str
    strict: bool
    corrected: bool
    folded: bool
    rank: int | None
    found: bool
    overlap: float
    overlap_right: float
    confidence: float | None

    @property
    def edits(self) -> int:
        """Character errors: the distance of the nearest text, at most the truth's length, which is what a miss
        costs."""
        return min(distance(self.best, self.truth), len(self.truth))


@dataclass(frozen=True)
class Judged:
    """One reported plate for calibration and precision.

    Attributes
    ----------
    confidence : float
    right, folded : bool
        Whether its text is the corrected one of a label that it lies on; the same with O read as 0 and I as 1.
    truth : str
        That of the label it lies on, the one it reads if there are several; empty where it lies on none.
    """

    confidence: float
    right: bool
    folded: bool
    truth: str


@dataclass(frozen=True)
class PhotoOutcome:
    """What a system made of one picture.

    Attributes
    ----------
    plates : tuple of PlateOutcome
        One per readable label.
    extra : int
        Predictions that lie on no label.
    judged : tuple of Judged
        The predictions that count for calibration.
    """

    set_name: str
    photo: Photo
    prediction: Prediction | None
    plates: tuple[PlateOutcome, ...]
    extra: int
    judged: tuple[Judged, ...]

    @property
    def cost(self) -> Cost | None:
        return self.prediction.cost if self.prediction else None


class Predictions(Mapping[str, Prediction]):
    """A system's predictions by picture: looked up by folder and file name, else by file name, else by its stem.

    Parameters
    ----------
    predictions : iterable of Prediction
    origin : str
        Where they come from, for messages.

    Raises
    ------
    DataSetError
        If two predictions are for the same path.
    """

    def __init__(self, predictions: Iterable[Prediction], origin: str = "predictions") -> None:
        self._items: dict[str, Prediction] = {}
        self._keys: dict[tuple[str, ...], list[Prediction]] = {}
        for prediction in predictions:
            name = prediction.filename
            if name in self._items:
                raise DataSetError(f"{origin}: {name} is there twice")
            self._items[name] = prediction
            path = PurePath(name.replace("\\", "/"))
            # A name without a picture's ending, as of a JSON file beside each picture, stands for any with that stem.
            last = (path.name,) if path.suffix.lower() in PICTURES else ("stem", "", path.name)
            for key in ((path.parent.name, path.name), last):
                self._keys.setdefault(key, []).append(prediction)

    def __getitem__(self, name: str) -> Prediction:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def of(self, labels: LabelledSet, photo: Photo) -> Prediction | None:
        """The prediction for a photograph; None where there is none.

        Systems name their files in their own way, so the folder counts only where it tells two pictures apart. A bare
        name that several pictures share is not used: it could be any of them.
        """
        path = PurePath(labels.name, photo.file)
        exact = self._items.get(str(labels.path(photo))) or self._items.get(photo.file)
        if exact is not None:
            return exact
        for key in ((path.parent.name, path.name), (path.name,), ("stem", "", path.stem)):
            found = self._keys.get(key, [])
            if len(found) == 1:
                return found[0]
            if found:
                log.warning("%s: %d predictions could be meant for it: none is used", photo.file, len(found))
                return None
        return None


def judge_photo(labels: LabelledSet, photo: Photo, prediction: Prediction | None, floor: float = 0.0) -> PhotoOutcome:
    """Compare one photograph's labels with what a system said of it.

    Parameters
    ----------
    floor : float
        Predictions less certain than this are left out.

    Notes
    -----
    The rules are the project's rules of acceptance. A plate is read when any prediction that lies on it
    (`overlap.lies_on`) has its text; several predictions on one plate are not extra. A prediction on an unreadable
    plate counts neither way. Where a label has no place, only predictions whose text is within half its length of the
    truth are taken to be meant for it, and the others are extra.
    """
    plates = [p for p in (prediction.plates if prediction else ()) if p.confidence >= floor]
    texts = [clean(p.text) for p in plates]
    used: set[int] = set()
    ignored: set[int] = set()
    truths: dict[int, list[str]] = {}
    outcomes: list[PlateOutcome] = []
    for index, label in enumerate(photo.plates):
        here = [i for i, p in enumerate(plates) if lies_on(p, label)]
        if not label.readable:
            if label.text == UNREADABLE or label.box is not None:
                used.update(here)
                ignored.update(here)
            continue
        outcome = _outcome(labels.name, photo.file, index, label, [plates[i] for i in here])
        outcomes.append(outcome)
        for i in here:
            truths.setdefault(i, []).append(outcome.truth)
        if label.box is None:
            here = [i for i in here if distance(texts[i], outcome.truth) <= len(outcome.truth) // 2]
        used.update(here)
    judged = (
        _judged(p.confidence, text, truths.get(i, [])) for i, (p, text) in enumerate(zip(plates, texts, strict=True))
    )
    kept = tuple(j for i, j in enumerate(judged) if plates[i].scored and (i not in ignored or j.right))
    extra = sum(i not in used for i in range(len(plates)))
    return PhotoOutcome(labels.name, photo, prediction, tuple(outcomes), extra, kept)


def judge_set(labels: LabelledSet, predictions: Predictions, floor: float = 0.0) -> list[PhotoOutcome]:
    """`judge_photo` for every photograph of a set, in the set's order."""
    return [judge_photo(labels, photo, predictions.of(labels, photo), floor) for photo in labels.photos]


def _judged(confidence: float, text: str, truths: list[str]) -> Judged:
    """A reported plate against the texts of the labels that it lies on."""
    truth = min(truths, key=lambda t: (t != text, fold(t) != fold(text)), default="")
    return Judged(confidence, truth == text and bool(truths), fold(truth) == fold(text) and bool(truths), truth)


def _outcome(set_name: str, file: str, index: int, label: PlateLabel, here: list[PredictedPlate]) -> PlateOutcome:
    truth, published = clean(label.text), clean(label.published or label.text)
    texts = tuple(clean(p.text) for p in here)
    ranks = [rank for plate in here for rank, candidate in enumerate(plate.candidates, 1) if clean(candidate) == truth]
    placed = label.box is not None
    overlaps = [iou(label, p) for p in here] if placed else []
    return PlateOutcome(
        set_name=set_name,
        file=file,
        index=index,
        label=label,
        truth=truth,
        texts=texts,
        best=min(texts, key=lambda text: distance(text, truth), default=""),
        strict=published in texts,
        corrected=truth in texts,
        folded=fold(truth) in [fold(text) for text in texts],
        rank=1 if truth in texts else min(ranks, default=None),
        found=bool(here),
        overlap=max(overlaps, default=0.0) if placed else float("nan"),
        overlap_right=max((o for o, t in zip(overlaps, texts, strict=True) if t == truth), default=0.0)
        if placed
        else float("nan"),
        confidence=max((p.confidence for p in here), default=None),
    )
