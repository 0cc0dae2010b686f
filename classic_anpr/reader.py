"""The stages in order: this is the page to read first."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr import images
from classic_anpr.constrain import ConstrainSettings, Constraints, Hypothesis, constrain
from classic_anpr.countries import load_countries
from classic_anpr.errors import ImageError
from classic_anpr.evidence import observe
from classic_anpr.geometry import Quad
from classic_anpr.judge import (
    JudgeSettings,
    agreement,
    corners_of,
    features_of,
    judge,
    overlap,
    probability,
    without_overlaps,
)
from classic_anpr.locate import Candidate, LocateSettings, locate
from classic_anpr.ocr.engine import Engine, EngineName, open_engine, packaged_model
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.rectify import Crop, RectifySettings, pyramid, rectify
from classic_anpr.results import PlateReading, Record
from classic_anpr.segment import Line, SegmentSettings, segment


@dataclass(frozen=True)
class AgainSettings:
    """How much more is tried while no reading is certain.

    Simulated on every look at every candidate of the development scenes (653 texts), processor time of cutting and
    reading on a busy machine: everything 317 ms, 592 texts found; what is certain or hopeless left alone 239 ms, 589;
    the first look only 143 ms, 566.

    Attributes
    ----------
    first : int
        So many of the best candidates are examined first; the others only ...
    likely : float
        ... where their score, in [0, 1], is at least this, or no reading of the first ones is certain.
    certain, clear_glyph, common : float
        A reading with this confidence ends the search on its place where the logarithm of every glyph's probability is
        at least the second (another cut settles many an O or D, 5 or 6: of 890 plates 821 instead of 817 were read, and
        0.5 % more of what was reported was right, in the same time), and its feature `common` is
        at least the third: a part of a plate easily has some rare layout.
    beside : float
        No vehicle's plate is nearer to a certain one than this, in cap heights: of 833 looks at candidates beside
        certain plates none of the 142 that were nearer than five found another, 34 of the others did.
    most : int
        So many candidates are looked at again, the best ranked ones that are neither certain nor hopeless.
    hopeless, doubtful : float
        So does one below this confidence (the second where a plate was read with `certain` elsewhere; a candidate on
        which nothing was read is then not looked at again: a fifth of the cuts and an eighth of the OCR, and of 890
        plates none was lost by it), and ...
    legible : float
        ... with a smaller mean of the logarithms of its glyphs' probabilities: clear glyphs that make no plate may be
        a part of one. Where nothing was read, a candidate that is not likely ends it.
    clear : float
        A text with fewer than `JudgeSettings.min_glyphs` glyphs of this probability is dropped before any layout is
        tried.
    longest, garbled : int, float
        A text of more glyphs, or with a smaller mean of the logarithms of their probabilities, is compared with no
        layout. With all countries 19 % of 2,192 wrong readings are such, and they take longest; of 1,262 right ones the
        longest has 11 glyphs and the least legible -0.31.
    upright, turned : float
        A reading with a smaller mean of the logarithms of its glyphs' probabilities than the first is dropped where its
        lines, turned upside down or mirrored, are at least as legible, and the odds of what they give, whatever else
        was read there, are more than the second times its own. Of 238 photographs and crops turned by 180 degrees 37
        gave a plate without this and 10 do with it, of as many mirrored ones 28 and 11 (``benchmarks/turned.py``;
        without: ``upright`` -9).
    looks : tuple of SegmentSettings
        Other ways to cut the lines of a candidate, one after another until a reading is certain. A second model,
        trained apart from the first, reads them: what two independent readers agree on is rarely wrong.
    """

    first: int = 1
    likely: float = 0.2
    certain: float = 0.8
    clear_glyph: float = -0.25
    common: float = -0.45
    beside: float = 4.0
    most: int = 3
    hopeless: float = 0.0005
    doubtful: float = 0.01
    legible: float = -0.25
    clear: float = 0.7
    longest: int = 12
    garbled: float = -0.5
    upright: float = -0.01
    turned: float = 0.5
    looks: tuple[SegmentSettings, ...] = (
        # a higher threshold parts what blur has joined; a wider gap reaches groups that stand apart
        SegmentSettings(shares=(0.5,), gap=2.6, above=0.32),
        # larger windows, for bold or large glyphs
        SegmentSettings(shares=(0.35,), gap=2.6, blocks=(1.3, 3.0), above=0.28),
    )


@dataclass(frozen=True)
class Settings:
    """The settings of all stages."""

    load: images.LoadSettings = field(default_factory=images.LoadSettings)
    locate: LocateSettings = field(default_factory=LocateSettings)
    rectify: RectifySettings = field(default_factory=RectifySettings)
    segment: SegmentSettings = field(default_factory=SegmentSettings)
    again: AgainSettings = field(default_factory=AgainSettings)
    constrain: ConstrainSettings = field(default_factory=ConstrainSettings)
    judge: JudgeSettings = field(default_factory=JudgeSettings)


@dataclass(frozen=True)
class Examined:
    """One candidate with everything that was made of it."""

    candidate: Candidate
    crop: Crop
    lines: tuple[Line, ...]
    lattices: tuple[Lattice, ...]
    hypotheses: tuple[Hypothesis, ...]
    features: dict[str, float]
    reading: PlateReading


@dataclass(frozen=True)
class Trace:
    """Every intermediate result of one image, for ``explain`` and for the benchmarks."""

    candidates: tuple[Candidate, ...]
    examined: tuple[Examined, ...]
    timings_ms: dict[str, float]

    @property
    def plates(self) -> list[PlateReading]:
        """The accepted readings, most certain first."""
        return sorted((e.reading for e in self.examined if e.reading.accepted), key=lambda r: -r.confidence)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the picture's owner should know: that it seems to be upside down or mirrored."""
        return tuple(
            f"a text {name}: is the picture?"
            for name in (f"reads better {turn}" for turn in _TURNS)
            if any(e.reading.reason == name for e in self.examined)
        )


class Reader:
    """Reads the number plates of photographs.

    Parameters
    ----------
    countries : sequence of str, optional
        Country codes, names or groups whose layouts are admitted; all that are built in if left out.
    country_files : sequence of path
        Country files of your own, added to them.
    engine : {"tesserocr", "pytesseract"}
    model : path, optional
        Another Tesseract LSTM ``.traineddata`` file, for all looks, than the packaged ones.
    settings : Settings
    top : int
        How many candidate texts each plate reports.

    Raises
    ------
    EngineError
        When the engine or its model is missing.
    CountryFileError, UsageError
        When a country file is wrong or a country is unknown.

    Examples
    --------
    >>> reader = Reader(countries=["ru"])                       # doctest: +SKIP
    >>> [plate.text for plate in reader.read("photo.jpg")]      # doctest: +SKIP
    ['A123BC77']
    """

    def __init__(
        self,
        countries: Sequence[str] | None = None,
        country_files: Sequence[str | Path] = (),
        engine: EngineName = "tesserocr",
        model: str | Path | None = None,
        settings: Settings | None = None,
        top: int = 5,
    ) -> None:
        self.settings = settings or Settings()
        self.countries = {c.code: c for c in load_countries(countries, files=country_files)}
        self.constraints = Constraints(list(self.countries.values()))
        self.engine = open_engine(engine, None if model is None else Path(model))
        self.second_engine = open_engine(engine, packaged_model(second=True)) if model is None else self.engine
        self.top = top

    def read(self, image: str | Path | NDArray[np.uint8] | images.Image) -> list[PlateReading]:
        """The plates of one image, most certain first.

        Parameters
        ----------
        image : path, images.Image, or uint8 array (H, W), (H, W, 3) BGR or (H, W, 4) BGRA

        Raises
        ------
        ImageError
            When the file cannot be read as an image, or the array is not one; names the file and the cause.
        """
        return self.trace(image).plates

    def record(self, image: str | Path | images.Image) -> Record:
        """The record of one image file. A file that cannot be read gives a record whose `error` says why."""
        started = time.perf_counter()
        filename = str(image.filename if isinstance(image, images.Image) else image)
        try:
            loaded = image if isinstance(image, images.Image) else images.load(image, self.settings.load)
        except ImageError as error:
            return Record(filename, error.sha256, 0, 0, error=str(error))
        loading = {} if loaded is image else {"load": 1000 * (time.perf_counter() - started)}
        trace = self.trace(loaded)
        height, width = loaded.pixels.shape[:2]
        return Record(
            filename,
            loaded.sha256,
            width,
            height,
            tuple(trace.plates),
            {**loading, **trace.timings_ms},
            (*loaded.warnings, *trace.warnings),
        )

    def trace(self, image: str | Path | NDArray[np.uint8] | images.Image) -> Trace:
        """Read one image and keep every intermediate result."""
        s = self.settings
        pixels = self._load(image).pixels
        clock = _Clock()
        with clock("locate"):
            candidates = locate(pixels, s.locate)
        with clock("rectify"):
            levels = pyramid(pixels)
        crops: dict[int, Crop] = {}
        texts: list[_Text] = []
        for some in (range(len(candidates))[: s.again.first], range(len(candidates))[s.again.first :]):
            for look in (s.segment, *s.again.looks):
                again = look is not s.segment
                engine = self.second_engine if again else self.engine
                open_ = [i for i in some if self._is_open(candidates[i], texts, again)]
                open_ = open_[: s.again.most] if again else open_
                with clock("rectify"):
                    crops |= {i: rectify(levels, candidates[i], s.rectify) for i in open_ if i not in crops}
                texts += self._texts(levels, [crops[i] for i in open_], look, engine, clock)
                with clock("judge"):
                    texts = [_compared(t, texts) for t in texts]
        with clock("judge"):
            readings = [
                judge(
                    t.crop.candidate, t.lines, t.lattices, t.hypotheses, t.features, self.countries, s.judge, self.top
                )
                for t in texts
            ]
            readings = without_overlaps(readings, s.judge)
        with clock("ocr"):
            readings = [self._upright(r, t) if r.accepted else r for r, t in zip(readings, texts, strict=True)]
        examined = tuple(
            Examined(t.crop.candidate, t.crop, t.lines, t.lattices, t.hypotheses, t.features, reading)
            for t, reading in zip(texts, readings, strict=True)
        )
        return Trace(tuple(candidates), examined, clock.milliseconds)

    def _is_open(self, candidate: Candidate, texts: Sequence[_Text], again: bool) -> bool:
        """Whether a look at a candidate, the first or a further one, may still bring something."""
        s = self.settings.again
        found = any(t.confidence >= s.certain for t in texts)
        if candidate.score < s.likely and found:
            return False
        x, y = (float(v) for v in candidate.band.mean(axis=0))
        inside = [(t, cv2.pointPolygonTest(t.corners, (x, y), True)) for t in texts]  # pixels; negative outside
        if any(d > -s.beside * t.lines[0].height and self._is_certain(t) for t, d in inside):
            return False
        if not again:
            return True
        here = [t for t, d in inside if d > 0]
        if not here:
            return candidate.score >= s.likely and not found
        least = s.doubtful if found else s.hopeless
        return any(t.confidence >= least or t.features["mean_log_glyph"] >= s.legible for t in here)

    def _is_certain(self, text: _Text) -> bool:
        s, features = self.settings.again, text.features
        clear = features["min_log_glyph"] >= s.clear_glyph and features["common"] >= s.common
        return clear and text.confidence >= s.certain

    def _texts(
        self,
        levels: list[NDArray[np.uint8]],
        crops: Sequence[Crop],
        look: SegmentSettings,
        engine: Engine,
        clock: _Clock,
    ) -> list[_Text]:
        """What can be read on some candidates with one way to cut lines."""
        s = self.settings
        with clock("segment"):
            found = _distinct([(crop, segment(levels, crop, look)) for crop in crops])
        with clock("ocr"):
            read = iter(engine.read([line.pixels for _, lines in found for line in lines]))
            lattices = [[next(read) for _ in lines] for _, lines in found]
        with clock("constrain"):
            texts = []
            for (crop, lines), lattice in zip(found, lattices, strict=True):
                for rows in _arrangements(len(lines)):
                    here, seen = tuple(lines[i] for i in rows), tuple(lattice[i] for i in rows)
                    clear = [g for row in seen for g in row.slots if g.alternatives[0][1] >= s.again.clear]
                    if len(clear) < s.judge.min_glyphs:
                        continue
                    glyphs = sum(g.blank <= 0.5 for row in seen for g in row.slots)
                    garbled = glyphs > s.again.longest or _legibility(seen) < s.again.garbled
                    layouts = _NO_LAYOUTS if garbled else self.constraints
                    hypotheses = constrain(seen, layouts, s.constrain, observe(crop, here, seen))
                    if hypotheses:
                        corners = corners_of(crop.candidate, here)
                        features = features_of(crop.candidate, here, hypotheses, self.countries)
                        alone = probability(features)
                        texts.append(_Text(crop, here, seen, tuple(hypotheses), corners, features, alone))
        return texts

    def _upright(self, reading: PlateReading, text: _Text) -> PlateReading:
        """The reading; rejected, saying so, where its lines read as well or better upside down or mirrored.

        Both models must find so: of a worn plate one of them alone sometimes makes something when it is turned.
        """
        if _legibility(text.lattices) >= self.settings.again.upright:
            return reading
        for name, turn in _TURNS.items():
            if all(self._reads_better(text, turn, engine) for engine in (self.engine, self.second_engine)):
                return replace(reading, accepted=False, reason=f"reads better {name}")
        return reading

    def _reads_better(self, text: _Text, turn: tuple[int, int], engine: Engine) -> bool:
        """Whether an engine finds the lines of a text as legible, and what they give as probable, when turned."""
        s = self.settings
        rows, columns = turn
        turned = [np.ascontiguousarray(line.pixels[::rows, ::columns]) for line in text.lines]
        lattices = engine.read(turned)[::rows]
        if _legibility(lattices) < _legibility(text.lattices):
            return False
        hypotheses = constrain(lattices, self.constraints, s.constrain)
        other = probability(features_of(text.crop.candidate, text.lines, hypotheses, self.countries))
        return other * (1 - text.alone) > s.again.turned * text.alone * (1 - other)

    def _load(self, image: str | Path | NDArray[np.uint8] | images.Image) -> images.Image:
        if isinstance(image, images.Image):
            return image
        return images.from_array(image) if isinstance(image, np.ndarray) else images.load(image, self.settings.load)


@dataclass(frozen=True)
class _Text:
    """Lines of a candidate with what was read there, and how probable that is if nothing else was read there."""

    crop: Crop
    lines: tuple[Line, ...]
    lattices: tuple[Lattice, ...]
    hypotheses: tuple[Hypothesis, ...]
    corners: Quad
    features: dict[str, float]
    alone: float

    @property
    def confidence(self) -> float:
        return probability(self.features)


def _compared(text: _Text, texts: Sequence[_Text]) -> _Text:
    """The text in the light of what else was read on its place."""
    others = [t for t in texts if t is not text and overlap(text.corners, t.corners) > 0.6]
    compared = agreement(text.hypotheses[0].text, [(t.hypotheses[0].text, t.alone) for t in others])
    return replace(text, features={**text.features, **compared})


_TURNS = {"upside down": (-1, -1), "mirrored": (1, -1)}  # steps along rows and columns


_NO_LAYOUTS = Constraints([])


def _legibility(lattices: Sequence[Lattice]) -> float:
    """Mean logarithm of the probabilities of all glyphs' best characters."""
    best = [slot.alternatives[0][1] for lattice in lattices for slot in lattice.slots]
    return float(np.log(np.maximum(best, 1e-3)).mean()) if best else -math.inf


class _Clock:
    """Wall-clock milliseconds per stage."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.milliseconds[stage] = self.milliseconds.get(stage, 0.0) + 1000 * (time.perf_counter() - start)


def _arrangements(count: int) -> list[tuple[int, ...]]:
    """Which of a crop's lines may be a plate's text: each alone, and each with the next."""
    return [(i,) for i in range(count)] + [(i, i + 1) for i in range(count - 1)]


def _distinct(found: list[tuple[Crop, list[Line]]]) -> list[tuple[Crop, list[Line]]]:
    """Without the crops all of whose lines better ranked ones already have."""
    kept: list[tuple[Crop, list[Line]]] = []
    known: list[Line] = []
    for crop, lines in found:
        if any(not any(_same(a, b) for b in known) for a in lines):
            kept.append((crop, lines))
            known += lines
    return kept


def _same(a: Line, b: Line) -> bool:
    """Whether two lines of one polarity are cut from one place: corners nearer than a fifth of the cap height."""
    return a.light_on_dark == b.light_on_dark and bool(np.abs(a.band - b.band).max() < 0.2 * max(a.height, b.height))
