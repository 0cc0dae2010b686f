"""Passages: the readings of one plate in successive frames, kept together and voted on. Knows nothing of video files.

A reading belongs to a vehicle that is being followed if it lies near where the plate should be by now, moving on as it
last did; the more its text is like what was read before, the farther away it may lie. Readings and vehicles are paired
one to one, the likeliest pair first, so two plates in one picture stay apart. A vehicle whose plate is not read for a
while is still expected for `TrackSettings.max_gap_s`; then its passage is over and its text is the result of a vote.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Country, Layout
from classic_anpr.countries.watched import edit_distance
from classic_anpr.results import Character, Edit, Frame, Passage, PlateReading, TextCandidate

_Votes: TypeAlias = dict[str, float]  # of one place in the text, by character
_FIRST_SPEED = 10.0  # plate widths per second that a plate seen once may move: half a metre wide, at 20 km/h


@dataclass(frozen=True)
class TrackSettings:
    """When readings of different frames are of one vehicle. Distances are in widths of the plate.

    Attributes
    ----------
    max_gap_s : float
        Longest time in seconds that the plate of a passing vehicle may go unread.
    min_frames : int
        Passages read in fewer frames are left out: a chance reading of something else seldom repeats.
    alike : float
        Texts with a `similarity` of so much or more are one plate, misread: it may be where the speed allows.
    vaguely_alike : float
        Texts with so much or more may be one plate, cut off or badly seen: it must be within `near`.
    near, same_place : float
        How far from the expected place the centre of a plate of vaguely alike text may lie; and that of a plate of any
        text, if the vehicle was seen in the frame before.
    """

    max_gap_s: float = 2.0
    min_frames: int = 2
    alike: float = 0.75
    vaguely_alike: float = 0.4
    near: float = 1.0
    same_place: float = 0.5


@dataclass(frozen=True)
class Sighting:
    """One reading of a plate: the frame, the reading, and the frame's pixels (H, W, 3) where somebody wants them."""

    frame: Frame
    plate: PlateReading
    pixels: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Followed:
    """A passage that is over: its times, and the best sighting with the voted text in it."""

    passage: Passage
    best: Sighting


class Tracker:
    """Follows plates from frame to frame.

    Parameters
    ----------
    countries : mapping of str to Country
        By code; their layouts bind the vote.
    settings : TrackSettings, optional
    top : int
        How many candidate texts each passage reports.
    """

    def __init__(self, countries: Mapping[str, Country], settings: TrackSettings | None = None, top: int = 5) -> None:
        self._countries = countries
        self._settings = settings or TrackSettings()
        self._top = top
        self._tracks: list[_Track] = []
        self._previous: int | None = None

    def step(
        self, frame: Frame, plates: Sequence[PlateReading], pixels: NDArray[np.uint8] | None = None
    ) -> list[Followed]:
        """Take the readings of the next frame, of which there may be none; the passages that are over by then."""
        over = [t for t in self._tracks if frame.time_s - t.last.frame.time_s > self._settings.max_gap_s]
        self._tracks = [t for t in self._tracks if t not in over]
        # A text that is read twice in one frame is one vehicle: a lorry and its trailer, or a reflection.
        distinct = {plate.text: plate for plate in sorted(plates, key=lambda plate: plate.confidence)}
        new = [Sighting(frame, plate, pixels) for plate in distinct.values()]
        pairs = [
            (likeness, t, s)
            for t, track in enumerate(self._tracks)
            for s, sighting in enumerate(new)
            if (likeness := track.likeness(sighting, self._previous, self._settings)) is not None
        ]
        taken: dict[int, int] = {}  # sighting -> track
        for _, t, s in sorted(pairs, key=lambda pair: -pair[0]):
            if s not in taken and t not in taken.values():
                taken[s] = t
        for s, sighting in enumerate(new):
            if s in taken:
                self._tracks[taken[s]].add(sighting)
            else:
                self._tracks.append(_Track(sighting))
        self._previous = frame.number
        return self._results(over)

    def finish(self) -> list[Followed]:
        """The passages that were still going on when the video ended."""
        over, self._tracks = self._tracks, []
        return self._results(over)

    def _results(self, tracks: Sequence[_Track]) -> list[Followed]:
        followed = []
        for track in tracks:
            if track.ballot.frames >= self._settings.min_frames:
                first, last = track.first.frame.time_s, track.last.frame.time_s
                best = replace(track.ballot.best, plate=track.ballot.result(self._countries, self._top))
                followed.append(Followed(Passage(first, last, track.ballot.frames), best))
        return followed


def similarity(a: str, b: str) -> float:
    """How alike two texts are, 0 to 1: the share of the longer one's characters that need no edit."""
    return 1 - edit_distance(a, b) / max(len(a), len(b), 1)


class _Track:
    """A vehicle that is being followed: its first and its last sighting, its speed, and the votes on its text."""

    def __init__(self, sighting: Sighting) -> None:
        self.first = self.last = replace(sighting, pixels=None)
        self.ballot = Ballot(sighting)
        self._velocity: NDArray[np.float32] | None = None  # px/s

    def add(self, sighting: Sighting) -> None:
        seconds = max(sighting.frame.time_s - self.last.frame.time_s, 1e-3)
        self._velocity = (_centre(sighting) - _centre(self.last)) / np.float32(seconds)
        self.last = replace(sighting, pixels=None)
        self.ballot.add(sighting)

    def likeness(self, sighting: Sighting, previous: int | None, settings: TrackSettings) -> float | None:
        """How well a sighting continues this track, more is better; None where it cannot be the same plate.

        `previous` is the number of the frame before, if there was one.
        """
        text = sighting.plate.text
        alike = max(similarity(text, known.plate.text) for known in (self.last, self.ballot.best))
        seconds = sighting.frame.time_s - self.last.frame.time_s
        width = max(_width(self.last), _width(sighting), 1.0)
        step = np.zeros(2, np.float32) if self._velocity is None else self._velocity * np.float32(seconds)
        distance = float(np.linalg.norm(_centre(sighting) - _centre(self.last) - step)) / width
        travelled = _FIRST_SPEED * seconds if self._velocity is None else float(np.linalg.norm(step)) / width
        if alike == 1:
            reach = math.inf  # The same text within the gap is the same vehicle, wherever.
        elif alike >= settings.alike:
            reach = settings.near + travelled
        elif alike >= settings.vaguely_alike:
            reach = settings.near
        elif self.last.frame.number == previous:
            reach = settings.same_place
        else:
            return None
        # One plate width counts as much as a tenth of the text: the place decides between texts that are equally alike.
        return alike - 0.1 * min(distance, 5.0) if distance <= reach else None


def _centre(sighting: Sighting) -> NDArray[np.float32]:
    return sighting.plate.corners.mean(axis=0)


def _width(sighting: Sighting) -> float:
    corners = sighting.plate.corners
    return float(np.linalg.norm(corners[1] - corners[0]))


# --- the vote --------------------------------------------------------------------------------------------------------


class Ballot:
    """The votes on one plate's text. What it keeps does not grow with the number of frames, but with that of the texts.

    Each reading votes at each of its characters, for what it reads there and for what the OCR held possible there, with
    its confidence times the character's probability. Only readings of one length can be laid over each other: that with
    the greatest confidence in all decides, so a plate that was cut off by the picture's edge does not count.

    Attributes
    ----------
    best : Sighting
        The most certain sighting of the leading text, as far as it was seen since that text leads. The only one whose
        pixels are kept.
    frames : int
        How many readings were counted.
    """

    def __init__(self, sighting: Sighting) -> None:
        self.frames = 0
        self.best = sighting
        self._lengths: dict[int, float] = defaultdict(float)
        self._texts: dict[str, float] = defaultdict(float)
        self._confidence: dict[str, float] = defaultdict(float)
        self._layouts: dict[int, dict[tuple[str | None, str | None], float]] = {}
        self._glyphs: dict[int, list[_Votes]] = {}
        self.add(sighting)

    def add(self, sighting: Sighting) -> None:
        """Count one more reading."""
        plate = sighting.plate
        text, weight, length = plate.text, plate.confidence, len(plate.text)
        self.frames += 1
        self._lengths[length] += weight
        self._texts[text] += weight
        self._confidence[text] = max(self._confidence[text], weight)
        self._layouts.setdefault(length, defaultdict(float))[plate.country, plate.layout] += weight
        glyphs = self._glyphs.setdefault(length, [defaultdict(float) for _ in text])
        for votes, character in zip(glyphs, plate.characters, strict=True):
            seen = dict(character.alternatives)
            seen[character.char] = max(character.confidence, seen.get(character.char, 0.0))
            for char, probability in seen.items():
                if char != "?":
                    votes[char] += weight * probability
        if length == self._leading_length():
            leads = text == max((t for t in self._texts if len(t) == length), key=self._texts.__getitem__)
            better = text != self.best.plate.text or weight >= self.best.plate.confidence
            if len(self.best.plate.text) != length or (leads and better):
                self.best = sighting

    def _leading_length(self) -> int:
        return max(self._lengths, key=self._lengths.__getitem__)

    def result(self, countries: Mapping[str, Country], top: int) -> PlateReading:
        """The best sighting's reading with the voted text.

        The text keeps to the layout that most readings had, as long as each of its characters was seen by somebody.
        The confidence is the highest of the readings with the very same text, since frames that follow each other are
        too alike to add up. A text that no frame had as a whole gets the share of votes of its weakest character, times
        the confidence of the best reading.
        """
        plate = self.best.plate
        length = len(plate.text)
        glyphs = self._glyphs[length]
        code, layout_id = max(self._layouts[length], key=self._layouts[length].__getitem__)
        country = countries.get(code) if code else None
        layout = country.layout(layout_id) if country and layout_id else None
        text = _text_of_layout(glyphs, layout) if layout else None
        if text is None:
            country = layout = None
            text = "".join(max(votes, key=votes.__getitem__, default="?") for votes in glyphs)
        shares = [votes[char] / max(sum(votes.values()), 1e-9) for votes, char in zip(glyphs, text, strict=True)]
        confidence = self._confidence[text] if text in self._texts else min(shares) * plate.confidence
        if (text, country and country.code, layout and layout.id) != (plate.text, plate.country, plate.layout):
            plate = _with_text(plate, text, shares, country, layout)
        candidates = self._candidates(plate, confidence, top)
        return replace(plate, confidence=confidence, candidates=candidates)

    def _candidates(self, plate: PlateReading, confidence: float, top: int) -> tuple[TextCandidate, ...]:
        """The voted text, then the texts that were read, by the confidence they had in all."""
        others = sorted((t for t in self._texts if t != plate.text), key=lambda t: -self._texts[t])[: top - 1]
        leading = max(self._texts.values())
        return (
            TextCandidate(plate.text, confidence, plate.country, plate.layout),
            *(TextCandidate(text, confidence * self._texts[text] / leading) for text in others),
        )


def _text_of_layout(glyphs: Sequence[_Votes], layout: Layout) -> str | None:
    """The text with most votes that a layout admits; None where that needs a character that nobody saw."""
    best, best_score = None, -math.inf
    for pattern in layout.patterns:
        if len(pattern.order) != len(glyphs):
            continue
        # The votes are in the order of the text, the pattern's characters in that of reading.
        seen = [
            {char: vote for char, vote in votes.items() if char in pattern.positions[place] and vote > 0}
            for votes, place in zip(glyphs, pattern.order, strict=True)
        ]
        if not all(seen):
            continue
        text = "".join(max(votes, key=votes.__getitem__) for votes in seen)
        score = sum(math.log(votes[char]) for votes, char in zip(seen, text, strict=True))
        if score > best_score and layout.matches(text):
            best, best_score = text, score
    return best


def _with_text(
    plate: PlateReading, text: str, shares: Sequence[float], country: Country | None, layout: Layout | None
) -> PlateReading:
    """A reading made into that of another text of the same length; each changed character is listed as an edit."""
    characters = tuple(
        c if c.char == char else Character(char, share, c.corners, c.alternatives)
        for c, char, share in zip(plate.characters, text, shares, strict=True)
    )
    changed = [k for k, (old, new) in enumerate(zip(plate.text, text, strict=True)) if old != new]
    check = country.check(text, layout) if country and layout else None
    return replace(
        plate,
        text=text,
        formatted=layout.format(text) if layout else text,
        lines=_lines(plate, text, layout),
        country=country.code if country else None,
        country_confidence=plate.country_confidence if country and country.code == plate.country else None,
        layout=layout.id if layout else None,
        region=check.region if check else None,
        region_name=check.region_name if check else None,
        characters=characters,
        edits=(*plate.edits, *(Edit(k, plate.text[k], text[k]) for k in changed)),
        warnings=check.warnings if check else (),
    )


def _lines(plate: PlateReading, text: str, layout: Layout | None) -> tuple[str, ...]:
    """The printed lines of a text, arranged as the reading's are."""
    lengths = tuple(map(len, plate.lines))
    patterns = layout.patterns if layout else ()
    order = next((p.order for p in patterns if p.lines == lengths), range(len(text)))
    char_at = dict(zip(order, text, strict=True))  # by place in reading order
    reading = "".join(char_at[place] for place in sorted(char_at))
    ends = np.cumsum(lengths)
    return tuple(reading[end - length : end] for length, end in zip(lengths, ends, strict=True))
