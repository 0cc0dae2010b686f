"""From what the OCR saw to texts that countries issue: exact search of slots against layouts, n best.

Each *pattern* of a layout says which characters each glyph admits and how many glyphs each printed line has. A pattern
is aligned with the slots of the lattices: every position takes exactly one slot, in order, and a slot that no position
takes is skipped, at a price. Nothing is ever inserted. A text's score is a log posterior probability up to a constant:

- per glyph, log P(true character | what was seen), where the OCR's alternatives are spread by the confusion table;
- per used slot, log P(a glyph is here), per skipped slot log P(no glyph is here), never below a floor: at the ends of a
  line bolts, bands and frame edges are often read as glyphs, in the middle hardly ever;
- log P(text | layout) relative to any text, ``specificity`` x sum of log(36 / characters admitted), and the log of the
  layout's weight within its country;
- ``check_failed`` where the country's checks (check letter, region, district) turn the text down.

The unconstrained text takes part with a handicap of ``prefer``: a layout wins unless it needs changes that are less
likely than that. This is Viterbi decoding (Forney 1973, doi:10.1109/PROC.1973.9030) of the lattice under a union of
finite automata; k best texts per pattern follow from the independence of the slots once the alignment is fixed.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Country, Layout, Pattern
from classic_anpr.ocr.confusion import confusion_matrix
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.ocr.timesteps import ALPHABET
from classic_anpr.results import Edit

_COLUMN = {char: i for i, char in enumerate(ALPHABET)}
_EVERYTHING = frozenset(ALPHABET)
_IMPOSSIBLE = -1e9
# Patterns that are looked at more closely: at most so many, so many different alignments among them, and none so far
# (natural log) behind the best. With 60 countries a poor reading is near to hundreds of patterns.
_TRIED = 60
_ALIGNMENTS = 20
_BEHIND = 6.0
# Texts per pattern without checks, and characters per glyph that combinations are made of.
_PER_PATTERN = 3
_DEPTH = 6
# Glyphs that an upright edge, a bolt or a rest of the frame is read as.
_EDGE_GLYPHS = frozenset("1IJLT7")


@dataclass(frozen=True)
class ConstrainSettings:
    """How strongly layouts pull. All costs are natural logarithms of probabilities unless said otherwise.

    Attributes
    ----------
    prefer : float
        Handicap of the unconstrained text (>= 0): how much a layout may lose and still win.
    specificity : float
        How much of a layout's narrowness counts for it, in [0, 1]; 1 = Bayes, 0 = not at all.
    weight : float
        How much of a layout's commonness counts, in [0, 1].
    check_failed : float
        Added (< 0) where a check of the layout fails.
    skip_left, skip_right, skip_edge, skip_middle : float
        Floors of the price of skipping a slot that was read: at the left end of the line, where bands and emblems are;
        at the right end; at either, but read as an upright stroke (1, I, J, L, T, 7); between used slots.
    max_unlikely : int
        At most so many glyphs of a text may be changed to a character that `unlikely` calls so, and ...
    max_unlikely_part : float
        ... never more than this part of the glyphs.
    unlikely : float
        A change is unlikely where its probability is below this part of what was read.
    texts : int
        How many texts to return at most.
    layouts_per_text : int
        How many layouts to return per text at most.
    combinations : int
        How many texts per pattern to try where a layout has checks.
    """

    prefer: float = 3.0
    specificity: float = 0.85
    weight: float = 0.7
    check_failed: float = -2.5
    skip_left: float = -3.0
    skip_right: float = -4.0
    skip_edge: float = -2.5
    skip_middle: float = -5.0
    max_unlikely: int = 2
    max_unlikely_part: float = 0.34
    unlikely: float = 0.02
    texts: int = 10
    layouts_per_text: int = 3
    combinations: int = 20


@dataclass(frozen=True)
class Hypothesis:
    """One possible text.

    Attributes
    ----------
    text : str
        0-9A-Z without separators, in the order of the plate's text.
    lines : tuple of str
        The text of each printed line, top first.
    score : float
        Log posterior probability up to a constant that is the same for all hypotheses of one call.
    confidence : float
        ``share`` times the probability of the least sure glyph, in [0, 1]; not calibrated.
    share : float
        This text's part of the probability of all texts found, in [0, 1].
    glyphs : tuple of float
        Per character of the text the probability in [0, 1] that it stands there, by what was seen alone.
    country, layout : str or None
        Code and layout id; None for the unconstrained text.
    edits : tuple of Edit
        Every difference from the plain reading. ``used`` is empty for a glyph that was read but left out (``position``
        is then where it would have stood), ``seen`` is empty for one seen too weakly to be read. Nothing else is added.
    slots : tuple of (int, int)
        Per character of the text, the line and the slot it comes from.
    checked : bool or None
        Whether the layout's checks hold; None where it has none.
    """

    text: str
    lines: tuple[str, ...]
    score: float
    confidence: float
    share: float
    glyphs: tuple[float, ...]
    country: str | None
    layout: str | None
    edits: tuple[Edit, ...]
    slots: tuple[tuple[int, int], ...]
    checked: bool | None = None


class Constraints:
    """The patterns of a set of countries, packed for `constrain`; build once, use for every plate.

    Attributes
    ----------
    masks : bool array (K, 36)
        The different sets of admitted characters.
    groups : mapping of int to _Group
        The patterns by their number of printed lines.
    """

    def __init__(self, countries: Sequence[Country]) -> None:
        members: dict[int, list[_Entry]] = {}
        for country in countries:
            total = sum(layout.weight for layout in country.layouts)
            for layout in country.layouts:
                for pattern in layout.patterns:
                    entry = _Entry(country, layout, pattern, math.log(layout.weight / total))
                    members.setdefault(len(pattern.lines), []).append(entry)
        ids: dict[frozenset[str], int] = {}
        self.groups = {count: _Group(count, entries, ids) for count, entries in sorted(members.items())}
        self.masks = np.zeros((len(ids), len(ALPHABET)), bool)
        for chars, i in ids.items():
            self.masks[i, [ALPHABET.index(c) for c in chars]] = True


@dataclass(frozen=True)
class _Entry:
    country: Country
    layout: Layout
    pattern: Pattern
    log_weight: float


class _Group:
    """P patterns of the same number of printed lines.

    A *segment* is the row of admitted sets of one printed line; equal segments of different patterns are aligned once.
    They are numbered through all lengths: ``segments[column]`` maps a length n to (first number, int array (U, n)).
    """

    def __init__(self, line_count: int, entries: list[_Entry], ids: dict[frozenset[str], int]) -> None:
        self.entries = entries
        self.narrowness = np.array(
            [sum(math.log(len(ALPHABET) / len(chars)) for chars in e.pattern.positions) for e in entries], np.float32
        )
        self.log_weight = np.array([e.log_weight for e in entries], np.float32)
        self.segments: list[dict[int, tuple[int, NDArray[np.intp]]]] = []
        self.members = np.zeros((line_count, len(entries)), np.intp)  # segment of each pattern, per line
        starts = [0] * len(entries)
        for column in range(line_count):
            rows: dict[int, dict[tuple[int, ...], list[int]]] = {}  # length -> segment -> patterns
            for p, entry in enumerate(entries):
                length = entry.pattern.lines[column]
                positions = entry.pattern.positions[starts[p] : starts[p] + length]
                starts[p] += length
                segment = tuple(ids.setdefault(chars, len(ids)) for chars in positions)
                rows.setdefault(length, {}).setdefault(segment, []).append(p)
            packed: dict[int, tuple[int, NDArray[np.intp]]] = {}
            first = 0
            for length, members in rows.items():
                packed[length] = (first, np.array(list(members), np.intp))
                for patterns in members.values():
                    self.members[column, patterns] = first
                    first += 1
            self.segments.append(packed)


class _Line:
    """The S slots of one lattice as arrays."""

    def __init__(self, index: int, lattice: Lattice, settings: ConstrainSettings) -> None:
        self.index = index
        self.slots = lattice.slots
        seen = np.zeros((len(self.slots), len(ALPHABET)), np.float32)
        for row, slot in zip(seen, self.slots, strict=True):
            for char, probability in slot.alternatives:
                row[ALPHABET.index(char)] = probability
        # P(true character): (S, 36). What the network itself says of a character stands; the table serves for those
        # that it does not mention. (Spreading every alternative by the table made a certain D beat a likelier O.)
        self.probability: NDArray[np.float32] = np.maximum(seen, seen @ confusion_matrix())
        self.log: NDArray[np.float32] = np.log(np.maximum(self.probability, 1e-9))
        self.best = seen.argmax(axis=1)
        blank = np.array([slot.blank for slot in self.slots], np.float32)
        self.glyph = 1 - blank
        self.read = blank <= 0.5
        self.log_use = np.log(np.clip(self.glyph, 1e-3, 1))
        log_blank = np.log(np.clip(blank, 1e-6, 1))
        stroke = np.array([slot.alternatives[0][0] in _EDGE_GLYPHS for slot in self.slots])
        skip_left = np.maximum(log_blank, np.where(stroke, settings.skip_edge, settings.skip_left))
        skip_right = np.maximum(log_blank, np.where(stroke, settings.skip_edge, settings.skip_right))
        self.skip_middle = np.maximum(log_blank, np.float32(settings.skip_middle))
        # Prices of skipping all slots before k from the left end, from k to the right end, and before k in the middle.
        self.lead = np.concatenate([[0], np.cumsum(skip_left)]).astype(np.float32)
        self.trail = np.concatenate([np.cumsum(skip_right[::-1])[::-1], [0]]).astype(np.float32)
        self.between = np.concatenate([[0], np.cumsum(self.skip_middle)]).astype(np.float32)

    def emissions(self, masks: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Best log P of each slot under each set of admitted characters: (K, S)."""
        best = np.where(masks[:, None, :], self.log[None], np.float32(_IMPOSSIBLE)).max(axis=2)
        return best + self.log_use

    def frame_cost(self, used: Sequence[int]) -> float:
        """Log P that the slots `used` (ascending, at least one) are glyphs and the others are not."""
        cost = self.lead[used[0]] + self.trail[used[-1] + 1] + self.log_use[list(used)].sum()
        inner = sum(self.between[b] - self.between[a + 1] for a, b in pairwise(used))
        return float(cost + inner)


Place: TypeAlias = tuple[_Line, int]


@dataclass(frozen=True)
class _Found:
    """A text under one layout, or freely (country None). `places` are in the order of the text."""

    score: float
    text: str
    lines: tuple[str, ...]
    places: tuple[Place, ...]
    country: str | None = None
    layout: str | None = None
    checked: bool | None = None


def constrain(
    lattices: Sequence[Lattice],
    countries: Constraints | Sequence[Country],
    settings: ConstrainSettings | None = None,
) -> list[Hypothesis]:
    """Find the best texts of a plate.

    Parameters
    ----------
    lattices : sequence of Lattice
        One per printed line, top first. A line without slots counts as absent.
    countries : Constraints or sequence of Country
        The admitted layouts; pack them once with `Constraints` when reading many plates.
    settings : ConstrainSettings, optional

    Returns
    -------
    list of Hypothesis
        Best first, at most ``settings.texts`` texts; the plain, unconstrained reading is always among them. Empty when
        no glyph was seen.
    """
    settings = settings or ConstrainSettings()
    packed = countries if isinstance(countries, Constraints) else Constraints(countries)
    lines = [_Line(i, lattice, settings) for i, lattice in enumerate(lattices) if lattice.slots]
    if not lines:
        return []
    plain, *variants = _free(lines, settings)
    found: list[_Found] = []
    if len(lines) in packed.groups:
        found = _search(packed.groups[len(lines)], packed.masks, lines, settings)
    return _ranked(plain, found, variants, lines, settings)


def _free(lines: list[_Line], settings: ConstrainSettings) -> list[_Found]:
    """The plain reading, then its likeliest variants."""
    places = [(line, int(s)) for line in lines for s in np.flatnonzero(line.read)]
    base = -settings.prefer
    for line in lines:
        base += float(np.where(line.read, line.log_use, line.skip_middle).sum())
    lengths = [int(line.read.sum()) for line in lines]
    plain = tuple(int(line.best[s]) for line, s in places)
    texts = {plain: base + _log_probability(places, plain)}
    for score, chars in _combinations(places, [_EVERYTHING] * len(places), 4):
        texts.setdefault(chars, base + score)
    return [_Found(score, _spell(chars), _cut(chars, lengths), tuple(places)) for chars, score in texts.items()]


def _search(group: _Group, masks: NDArray[np.bool_], lines: list[_Line], settings: ConstrainSettings) -> list[_Found]:
    """Texts of the best patterns of a group."""
    prior = settings.specificity * group.narrowness + settings.weight * group.log_weight
    emissions = [line.emissions(masks) for line in lines]
    total = prior.copy()
    for column, line in enumerate(lines):
        total += _align(group.segments[column], emissions[column], line)[group.members[column]]
    found: list[_Found] = []
    variants: dict[bytes, list[_Variant]] = {}
    best = _IMPOSSIBLE
    for p in np.argsort(-total, kind="stable")[:_TRIED]:
        # `total` is the score of the pattern's best text before checks, so nothing better comes from here on.
        if total[p] < max(best - _BEHIND, _IMPOSSIBLE / 2):
            break
        entry = group.entries[p]
        key = group.members[:, p].tobytes()
        if key not in variants:
            if len(variants) == _ALIGNMENTS:
                continue
            # Equal segments come again with smaller priors only, so that no later pattern needs less likely variants.
            least = max(best, float(total[p]) + settings.check_failed) - _BEHIND - float(prior[p])
            variants[key] = list(_variants(entry.pattern, lines, least, settings))
        for f in _judged(entry, float(prior[p]), variants[key], settings):
            best = max(best, f.score)
            found.append(f)
    # Only now, since a check that fails takes a layout that looked good below one that did not.
    per_text: dict[str, int] = {}
    kept = []
    for f in sorted(found, key=lambda f: -f.score):
        per_text[f.text] = per_text.get(f.text, 0) + 1
        if per_text[f.text] <= settings.layouts_per_text:
            kept.append(f)
    return kept


def _judged(entry: _Entry, prior: float, variants: list[_Variant], settings: ConstrainSettings) -> Iterator[_Found]:
    """The best few texts of a pattern, and the best one that passes the layout's checks, where it has any."""
    passed = False
    for kept, variant in enumerate(variants if entry.layout.rules else variants[:_PER_PATTERN]):
        if passed and kept >= _PER_PATTERN:  # what follows is less likely, and no check can lift it above
            return
        text = entry.pattern.text(_spell(variant.chars))
        checked = entry.country.check(text, entry.layout).ok if entry.layout.rules else None
        if kept >= _PER_PATTERN and not checked:
            continue
        yield _Found(
            score=variant.score + prior + (settings.check_failed if checked is False else 0.0),
            text=text,
            lines=_cut(variant.chars, entry.pattern.lines),
            places=tuple(variant.places[i] for i in entry.pattern.order),
            country=entry.country.code,
            layout=entry.layout.id,
            checked=checked,
        )
        passed = passed or bool(checked)


def _align(
    segments: dict[int, tuple[int, NDArray[np.intp]]], emissions: NDArray[np.float32], line: _Line
) -> NDArray[np.float32]:
    """Score of the best alignment of each segment with a line's slots.

    Position i can take the slots i to i + D, where D is the number of slots to skip, so the state after position i is
    the number d of slots skipped so far; the running maximum over d is the choice of how many to skip before i.
    """
    scores = np.full(sum(len(rows) for _, rows in segments.values()), _IMPOSSIBLE, np.float32)
    for length, (first, rows) in segments.items():
        width = len(line.slots) - length + 1
        if width < 1:
            continue
        state = line.lead[:width] + emissions[rows[:, 0], :width]
        for i in range(1, length):
            between = line.between[i : i + width]
            if width > 1:
                state = np.maximum.accumulate(state - between, axis=1) + between
            state = state + emissions[rows[:, i], i : i + width]
        scores[first : first + len(rows)] = (state + line.trail[length:]).max(axis=1)
    return scores


def _trace(sets: Sequence[frozenset[str]], line: _Line) -> list[int]:
    """The slots that the best alignment of one segment takes, ascending."""
    width = len(line.slots) - len(sets) + 1
    columns = np.array([[c in chars for c in ALPHABET] for chars in sets])
    emissions = line.emissions(columns)
    state = line.lead[:width] + emissions[0, :width]
    back: list[NDArray[np.intp]] = []
    for i in range(1, len(sets)):
        between = line.between[i : i + width]
        reduced = state - between
        best = np.maximum.accumulate(reduced)
        # The first d that reaches the running maximum.
        back.append(np.maximum.accumulate(np.where(reduced >= best, np.arange(width), 0)))
        state = best + between + emissions[i, i : i + width]
    d = int((state + line.trail[len(sets) :]).argmax())
    used = [len(sets) - 1 + d]
    for i in range(len(sets) - 1, 0, -1):
        d = int(back[i - 1][d])
        used.append(i - 1 + d)
    return used[::-1]


@dataclass(frozen=True)
class _Variant:
    """A text of a pattern before the prior: characters (columns of the alphabet) and places in reading order."""

    score: float
    chars: tuple[int, ...]
    places: list[Place]


def _variants(pattern: Pattern, lines: list[_Line], least: float, settings: ConstrainSettings) -> Iterator[_Variant]:
    """Texts of one pattern at its best alignment, best first, none with a score below `least`."""
    places: list[Place] = []
    frame = 0.0
    start = 0
    for line, length in zip(lines, pattern.lines, strict=True):
        used = _trace(pattern.positions[start : start + length], line)
        start += length
        frame += line.frame_cost(used)
        places += [(line, s) for s in used]
    allowed = min(settings.max_unlikely, int(settings.max_unlikely_part * len(places)))
    limits = [float(line.log[s, line.best[s]]) + math.log(settings.unlikely) for line, s in places]
    for score, chars in _combinations(places, pattern.positions, settings.combinations):
        if frame + score < least:
            return
        logs = [line.log[s, c] for (line, s), c in zip(places, chars, strict=True)]
        if sum(log < limit for log, limit in zip(logs, limits, strict=True)) <= allowed:
            yield _Variant(frame + score, chars, places)


def _combinations(
    places: Sequence[Place], sets: Sequence[frozenset[str]], count: int
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The `count` likeliest choices of one admitted character per place, best first, with their log P.

    Places are independent, so from a choice the next ones are those with one place moved on to its next character
    (a heap; each choice is reached by raising the places in one fixed order only).
    """
    ranked: list[list[tuple[float, int]]] = []
    for (line, s), chars in zip(places, sets, strict=True):
        row = line.log[s]
        options = sorted((-float(row[_COLUMN[c]]), _COLUMN[c]) for c in chars)
        ranked.append(options[:_DEPTH])
    start = (0,) * len(ranked)
    heap = [(sum(options[0][0] for options in ranked), start, 0)]
    for _ in range(count):
        if not heap:
            return
        cost, choice, last = heapq.heappop(heap)
        yield -cost, tuple(ranked[i][k][1] for i, k in enumerate(choice))
        for i in range(last, len(ranked)):
            k = choice[i] + 1
            if k < len(ranked[i]):
                step = ranked[i][k][0] - ranked[i][k - 1][0]
                heapq.heappush(heap, (cost + step, (*choice[:i], k, *choice[i + 1 :]), i))


def _ranked(
    plain: _Found, found: list[_Found], variants: list[_Found], lines: list[_Line], settings: ConstrainSettings
) -> list[Hypothesis]:
    """All texts in one order, with their shares; the plain reading is always kept."""
    constrained = {f.text for f in found}
    everything = sorted([plain, *found, *(v for v in variants if v.text not in constrained)], key=lambda f: -f.score)
    best: dict[str, float] = {}
    for f in everything:
        best.setdefault(f.text, f.score)
    top = everything[0].score
    mass = sum(math.exp(score - top) for score in best.values())
    kept = set(list(best)[: settings.texts])
    hypotheses = []
    for f in everything:
        if f is plain or f.text in kept:
            glyphs = tuple(
                float(line.probability[s, _COLUMN[c]] * line.glyph[s])
                for (line, s), c in zip(f.places, f.text, strict=True)
            )
            share = math.exp(best[f.text] - top) / mass
            hypotheses.append(
                Hypothesis(
                    text=f.text,
                    lines=f.lines,
                    score=f.score,
                    confidence=share * min(glyphs, default=0.0),
                    share=share,
                    glyphs=glyphs,
                    country=f.country,
                    layout=f.layout,
                    edits=_edits(f, lines),
                    slots=tuple((line.index, s) for line, s in f.places),
                    checked=f.checked,
                )
            )
    return hypotheses


def _edits(found: _Found, lines: list[_Line]) -> tuple[Edit, ...]:
    """Every difference between a text and the plain reading."""
    edits = []
    position = {(line.index, s): k for k, (line, s) in enumerate(found.places)}
    for (line, s), char in zip(found.places, found.text, strict=True):
        seen = ALPHABET[line.best[s]] if line.read[s] else ""
        if seen != char:
            edits.append(Edit(position[line.index, s], seen, char))
    for line in lines:
        taken = [s for i, s in position if i == line.index]
        for s in np.flatnonzero(line.read).tolist():
            if (line.index, s) not in position:
                before = [t for t in taken if t < s]
                at = position[line.index, max(before)] + 1 if before else min(position[line.index, t] for t in taken)
                edits.append(Edit(at, ALPHABET[line.best[s]], ""))
    return tuple(sorted(edits, key=lambda e: e.position))


def _log_probability(places: Sequence[Place], chars: Sequence[int]) -> float:
    return sum(float(line.log[s, c]) for (line, s), c in zip(places, chars, strict=True))


def _spell(chars: Sequence[int]) -> str:
    return "".join(ALPHABET[c] for c in chars)


def _cut(chars: Sequence[int], lengths: Sequence[int]) -> tuple[str, ...]:
    text = _spell(chars)
    ends = np.cumsum(lengths)
    return tuple(text[end - length : end] for length, end in zip(lengths, ends, strict=True))
