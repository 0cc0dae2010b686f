"""From what the OCR saw to texts that countries issue: exact search of slots against layouts, n best.

Each *pattern* of a layout says which characters each glyph admits and how many glyphs each printed line has. A pattern
is aligned with the slots of the lattices: every position takes exactly one slot, in order, and a slot that no position
takes is skipped, at a price. Nothing is ever inserted. A text's score is a log posterior probability up to a constant:

- per glyph, log P(true character | what was seen), where the OCR's alternatives are spread by the confusion table;
- per used slot, log P(a glyph is here), per skipped slot log P(no glyph is here), never below a floor: at the ends of a
  line bolts, bands and frame edges are often read as glyphs, in the middle hardly ever;
- log P(text | layout) relative to any text, ``specificity`` x (sum of log(36 / characters admitted) - log of the part
  of such texts that pass the layout's checks: district, check letter), or ``check_failed`` instead of the latter where
  they turn the text down;
- the log of the layout's weight within its country, and of the country's vehicles over those of the admitted country
  that has most;
- the evidence besides the text, where there is any: colours, bands, gaps between groups (`evidence`).

The unconstrained text takes part with a handicap of ``prefer``: a layout wins unless it needs changes that are less
likely than that. A text's probability is the sum over all layouts that have it, so that one that many countries issue
as it stands need not be changed into one that a single narrow layout makes likelier. This is Viterbi decoding (Forney
1973, doi:10.1109/PROC.1973.9030) of the lattice under a union of finite automata; k best texts per pattern follow from
the independence of the slots once the alignment is fixed.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import Colours, Country, Layout, Pattern
from classic_anpr.ocr.confusion import confusion_matrix
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.ocr.timesteps import ALPHABET
from classic_anpr.results import Edit

if TYPE_CHECKING:
    from classic_anpr.evidence import Evidence

_COLUMN = {char: i for i, char in enumerate(ALPHABET)}
_EVERYTHING = frozenset(ALPHABET)
_IMPOSSIBLE = -1e9
# Patterns that are looked at more closely: at most so many, so many different alignments among them, and none so far
# (natural log) behind the best. With 60 countries a poor reading is near to hundreds of patterns.
_TRIED = 150
_ALIGNMENTS = 30
_BEHIND = 5.0
# How much the gaps between groups may lift a pattern: these are weighed after the alignment, on the patterns tried.
_GAPS_LIFT = 3.0
# Texts per pattern without checks, and characters per glyph that combinations are made of.
_PER_PATTERN = 3
_DEPTH = 6
# Gaps between groups that are narrower, in cap heights, are not told from those within.
_NARROW_DIVISION = 0.27
# Verdicts of checks that are kept.
_REMEMBERED = 20000
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
        How much of a layout's commonness within its country counts, in [0, 1].
    vehicles : float
        How much of a country's share of vehicles counts, in [0, 1]: photographs are no sample of the world's vehicles.
    evidence : float
        How much the evidence besides the text counts, in [0, 1].
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
    vehicles: float = 0.4
    evidence: float = 1.0
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
    country_share : float
        This country's part of the probability of this text, in [0, 1]; the rest is of other countries or of none.
    gaps : tuple of float
        Ground after each character but the last, in cap heights, NaN across lines; empty where it was not measured.
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
    country_share: float = 1.0
    gaps: tuple[float, ...] = ()


class Constraints:
    """The patterns of a set of countries, packed for `constrain`; build once, use for every plate.

    Attributes
    ----------
    masks : bool array (K, 36)
        The different sets of admitted characters.
    ids : mapping of frozenset of str to int
        The row of each set.
    groups : mapping of int to _Group
        The patterns by their number of printed lines.
    looks : tuple of (tuple of Colours, str)
        The different colours and bands of the layouts.
    log_most_vehicles : float
        Of the country that has most.
    """

    def __init__(self, countries: Sequence[Country]) -> None:
        members: dict[int, list[_Entry]] = {}
        looks: dict[tuple[tuple[Colours, ...], str], int] = {}
        for country in countries:
            total = sum(layout.weight for layout in country.layouts)
            for layout in country.layouts:
                log_weight = math.log(layout.weight / total)
                for pattern in layout.patterns:
                    count = len(pattern.lines)
                    plate = layout.plate(count)
                    look = looks.setdefault((layout.colours, plate.band if plate else ""), len(looks))
                    aspect = plate.aspect if plate else 0.0
                    # nobody knows how a layout of one group is printed, and narrow gaps cannot be told from others
                    divides = len(layout.separators) > 1 and not (plate and 0 < plate.division < _NARROW_DIVISION)
                    entry = _Entry(country, layout, pattern, log_weight, look, aspect, divides)
                    members.setdefault(count, []).append(entry)
        ids: dict[frozenset[str], int] = {}
        self.groups = {count: _Group(count, entries, ids) for count, entries in sorted(members.items())}
        self.ids = ids
        self.masks = np.zeros((len(ids), len(ALPHABET)), bool)
        for chars, i in ids.items():
            self.masks[i, [ALPHABET.index(c) for c in chars]] = True
        self.looks = tuple(looks)
        self.log_most_vehicles = math.log(max((country.vehicles for country in countries), default=1.0))
        self._ratios: dict[Hashable, NDArray[np.float32]] = {}
        self._checks: dict[tuple[str, str, str], bool] = {}

    def ratios(self, evidence: Evidence) -> NDArray[np.float32]:
        """Log-likelihood ratio of each look under the evidence."""
        seen = evidence.appearance
        if seen not in self._ratios:
            self._ratios[seen] = np.array([evidence.look(colours, band) for colours, band in self.looks], np.float32)
        return self._ratios[seen]

    def passes(self, entry: _Entry, text: str) -> bool:
        """Whether a layout's checks hold; remembered, since a plate is read several times, with nearly equal texts."""
        key = (entry.country.code, entry.layout.id, text)
        if key not in self._checks:
            if len(self._checks) == _REMEMBERED:
                self._checks.clear()
            self._checks[key] = entry.country.check(text, entry.layout).ok
        return self._checks[key]


@dataclass(frozen=True)
class _Entry:
    country: Country
    layout: Layout
    pattern: Pattern
    log_weight: float
    look: int
    aspect: float
    divides: bool

    @cached_property
    def bonus(self) -> float:
        """What a text that passes the checks is likelier by: the fewer pass, the more each."""
        return -math.log(self.pattern.listed)


class _Group:
    """P patterns of the same number of printed lines.

    A *segment* is the row of admitted sets of one printed line; equal segments of different patterns are aligned once.
    They are numbered through all lengths: ``segments[column]`` maps a length n to (first number, int array (U, n)).
    """

    def __init__(self, line_count: int, entries: list[_Entry], ids: dict[frozenset[str], int]) -> None:
        self.entries = entries
        self.narrowness = np.array(
            [sum(math.log(len(ALPHABET) / len(chars)) for chars in e.pattern.positions) + e.bonus for e in entries],
            np.float32,
        )
        self.log_weight = np.array([e.log_weight + math.log(e.pattern.share) for e in entries], np.float32)
        self.log_vehicles = np.array([math.log(e.country.vehicles) for e in entries], np.float32)
        self.looks = np.array([e.look for e in entries], np.intp)
        self.aspects = np.array([e.aspect for e in entries], np.float32)
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


_Option: TypeAlias = tuple[float, int, bool]
"""Cost (-log P) of a character, its column in the alphabet, and whether it is an unlikely one."""


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
        self._order: list[list[int]] = np.argsort(-self.log, axis=1, kind="stable").tolist()
        self._costs: list[list[float]] = (-self.log).tolist()
        # a character of a higher cost is an unlikely one
        self._limits = [self._costs[s][b] - math.log(settings.unlikely) for s, b in enumerate(self.best.tolist())]
        self._options: dict[tuple[int, frozenset[str]], list[_Option]] = {}

    def emissions(self, masks: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Best log P of each slot under each set of admitted characters: (K, S)."""
        best = np.where(masks[:, None, :], self.log[None], np.float32(_IMPOSSIBLE)).max(axis=2)
        return best + self.log_use

    def options(self, slot: int, chars: frozenset[str]) -> list[_Option]:
        """The likeliest admitted characters of a slot, best first."""
        key = (slot, chars)
        found = self._options.get(key)
        if found is None:
            order, costs = self._order[slot], self._costs[slot]
            found = self._options[key] = [
                (costs[c], c, costs[c] > self._limits[slot]) for c in order if ALPHABET[c] in chars
            ][:_DEPTH]
        return found

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
    evidence: Evidence | None = None,
) -> list[Hypothesis]:
    """Find the best texts of a plate.

    Parameters
    ----------
    lattices : sequence of Lattice
        One per printed line, top first. A line without slots counts as absent.
    countries : Constraints or sequence of Country
        The admitted layouts; pack them once with `Constraints` when reading many plates.
    settings : ConstrainSettings, optional
    evidence : Evidence, optional
        What the crop shows besides the text.

    Returns
    -------
    list of Hypothesis
        Best text first, at most ``settings.texts`` texts, each under its likeliest countries, the likeliest first; the
        plain, unconstrained reading is always among them. Empty when no glyph was seen.
    """
    settings = settings or ConstrainSettings()
    packed = countries if isinstance(countries, Constraints) else Constraints(countries)
    lines = [_Line(i, lattice, settings) for i, lattice in enumerate(lattices) if lattice.slots]
    if not lines:
        return []
    plain, *variants = _free(lines, settings)
    found: list[_Found] = []
    if len(lines) in packed.groups:
        found = _search(packed, packed.groups[len(lines)], lines, settings, evidence)
    return _ranked(plain, found, variants, lines, settings, evidence)


def _free(lines: list[_Line], settings: ConstrainSettings) -> list[_Found]:
    """The plain reading, then its likeliest variants."""
    places = [(line, int(s)) for line in lines for s in np.flatnonzero(line.read)]
    base = -settings.prefer
    for line in lines:
        base += float(np.where(line.read, line.log_use, line.skip_middle).sum())
    lengths = [int(line.read.sum()) for line in lines]
    plain = tuple(int(line.best[s]) for line, s in places)
    texts = {plain: base + _log_probability(places, plain)}
    for cost, chars, _ in _combinations([line.options(s, _EVERYTHING) for line, s in places], 4, math.inf):
        texts.setdefault(chars, base - cost)
    return [_Found(score, _spell(chars), _cut(chars, lengths), tuple(places)) for chars, score in texts.items()]


def _search(
    packed: Constraints, group: _Group, lines: list[_Line], settings: ConstrainSettings, evidence: Evidence | None
) -> list[_Found]:
    """Texts of the best patterns of a group."""
    s = settings
    prior = s.specificity * group.narrowness + s.weight * group.log_weight + s.vehicles * group.log_vehicles
    prior -= s.vehicles * packed.log_most_vehicles
    if evidence is not None:
        prior += s.evidence * (packed.ratios(evidence)[group.looks] + evidence.proportions(group.aspects))
    emissions = [line.emissions(packed.masks) for line in lines]
    total = prior.copy()
    for column, line in enumerate(lines):
        total += _align(group.segments[column], emissions[column], line)[group.members[column]]
    alignments: dict[bytes, _Alignment] = {}
    tried: list[tuple[float, int, _Alignment]] = []
    reach = max(float(total.max()) - _BEHIND - (_GAPS_LIFT if evidence else 0.0), _IMPOSSIBLE / 2)
    for p in np.argsort(-total, kind="stable")[:_TRIED].tolist():
        if total[p] < reach:
            break
        key = group.members[:, p].tobytes()
        if key not in alignments:
            if len(alignments) == _ALIGNMENTS:
                continue
            alignments[key] = _Alignment(group.entries[p].pattern, lines, emissions, packed, evidence)
        alignment = alignments[key]
        tried.append((float(total[p]) + s.evidence * alignment.divided(group.entries[p]), p, alignment))
    # `tried` holds the score of each pattern's best text before checks, so nothing better comes once that is behind.
    tried.sort(key=lambda t: -t[0])
    found: list[_Found] = []
    best = _IMPOSSIBLE
    for score, p, alignment in tried:
        if score < best - _BEHIND:
            break
        entry = group.entries[p]
        base = score - alignment.score
        failed = s.check_failed - s.specificity * entry.bonus
        least = max(best, score + (failed if entry.layout.rules else 0.0)) - _BEHIND - base
        for f in _judged(entry, base, failed, alignment.variants(least, s), packed):
            best = max(best, f.score)
            found.append(f)
    return found


class _Alignment:
    """One row of admitted sets per line, at its best alignment with the slots: the texts it gives there.

    Attributes
    ----------
    places : list of Place
        Per glyph in reading order, its line and slot.
    frame : float
        Log P that these slots are glyphs and the others are not.
    score : float
        Log P of the best text, `frame` included.
    """

    def __init__(
        self,
        pattern: Pattern,
        lines: list[_Line],
        emissions: list[NDArray[np.float32]],
        packed: Constraints,
        evidence: Evidence | None,
    ) -> None:
        self.places: list[Place] = []
        self.frame = 0.0
        start = 0
        for line, rows, length in zip(lines, emissions, pattern.lines, strict=True):
            ids = [packed.ids[chars] for chars in pattern.positions[start : start + length]]
            used = _trace(rows[ids], line)
            start += length
            self.frame += line.frame_cost(used)
            self.places += [(line, s) for s in used]
        self.options = [line.options(s, chars) for (line, s), chars in zip(self.places, pattern.positions, strict=True)]
        self.score = self.frame - sum(options[0][0] for options in self.options)
        self._ratios: list[list[float]] = []
        if evidence is not None:
            seen = "".join(ALPHABET[line.best[s]] for line, s in self.places)
            self._ratios = evidence.divisions([(line.index, s) for line, s in self.places], seen).tolist()
        self._variants: list[_Variant] | None = None

    def divided(self, entry: _Entry) -> float:
        """Log-likelihood ratio of the gaps between the glyphs, if the plate is divided as a pattern says."""
        if not entry.divides:
            return 0.0
        breaks = entry.pattern.breaks
        return sum(yes if k in breaks else no for k, (yes, no) in enumerate(self._ratios))

    def variants(self, least: float, settings: ConstrainSettings) -> list[_Variant]:
        """The texts, best first, none with a score below `least`. Later calls ask for no more than the first one."""
        if self._variants is None:
            allowed = min(settings.max_unlikely, int(settings.max_unlikely_part * len(self.places)))
            self._variants = [
                _Variant(self.frame - cost, chars, self.places)
                for cost, chars, unlikely in _combinations(self.options, settings.combinations, self.frame - least)
                if unlikely <= allowed
            ]
        return self._variants


def _judged(
    entry: _Entry, base: float, failed: float, variants: list[_Variant], packed: Constraints
) -> Iterator[_Found]:
    """The best few texts of a pattern, and the best one that passes the layout's checks, where it has any."""
    passed = False
    rules = bool(entry.layout.rules)
    for kept, variant in enumerate(variants if rules else variants[:_PER_PATTERN]):
        if passed and kept >= _PER_PATTERN:  # what follows is less likely, and no check can lift it above
            return
        text = entry.pattern.text(_spell(variant.chars))
        checked = None
        if rules:
            checked = packed.passes(entry, text)
        if kept >= _PER_PATTERN and not checked:
            continue
        yield _Found(
            score=variant.score + base + (failed if checked is False else 0.0),
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


def _trace(emissions: NDArray[np.float32], line: _Line) -> list[int]:
    """The slots that the best alignment of one segment takes, ascending; emissions (n, S) of its positions."""
    length, width = len(emissions), len(line.slots) - len(emissions) + 1
    if width == 1:
        return list(range(length))
    rows = emissions.tolist()
    between = line.between.tolist()
    state = [line.lead[d] + rows[0][d] for d in range(width)]
    back: list[list[int]] = []
    for i in range(1, length):
        best, came = -math.inf, 0
        pointers, following = [], []
        for d in range(width):
            reduced = state[d] - between[i + d]
            if reduced > best:  # the first d that reaches the running maximum
                best, came = reduced, d
            pointers.append(came)
            following.append(best + between[i + d] + rows[i][i + d])
        back.append(pointers)
        state = following
    d = max(range(width), key=lambda d: state[d] + line.trail[length + d])
    used = [length - 1 + d]
    for i in range(length - 1, 0, -1):
        d = back[i - 1][d]
        used.append(i - 1 + d)
    return used[::-1]


@dataclass(frozen=True)
class _Variant:
    """A text of an alignment before the prior: characters (columns of the alphabet) and places in reading order."""

    score: float
    chars: tuple[int, ...]
    places: list[Place]


def _combinations(
    options: Sequence[list[_Option]], count: int, budget: float
) -> Iterator[tuple[float, tuple[int, ...], int]]:
    """The `count` likeliest choices of one character per place, best first: cost, columns, and how many are unlikely.

    None costs more than `budget`. Places are independent, so from a choice the next ones are those with one place moved
    on to its next character (a heap; each choice is reached by raising the places in one fixed order only).
    """
    heap = [(sum(o[0][0] for o in options), (0,) * len(options), 0)]
    # what moving a place on from its best character costs at least: most places cannot move at all
    movable = [i for i, o in enumerate(options) if len(o) > 1 and heap[0][0] + o[1][0] - o[0][0] <= budget]
    for _ in range(count):
        if not heap or heap[0][0] > budget:
            return
        cost, choice, last = heapq.heappop(heap)
        taken = [o[k] for o, k in zip(options, choice, strict=True)]
        yield cost, tuple([t[1] for t in taken]), sum([t[2] for t in taken])
        for i in movable:
            k = choice[i] + 1
            if i >= last and k < len(options[i]):
                dearer = cost + options[i][k][0] - options[i][k - 1][0]
                if dearer <= budget:
                    heapq.heappush(heap, (dearer, (*choice[:i], k, *choice[i + 1 :]), i))


def _ranked(
    plain: _Found,
    found: list[_Found],
    variants: list[_Found],
    lines: list[_Line],
    settings: ConstrainSettings,
    evidence: Evidence | None,
) -> list[Hypothesis]:
    """All texts in one order, with their shares; the plain reading is always kept."""
    free = {f.text: f for f in (*variants, plain)}
    top = max(f.score for f in (*found, *free.values()))
    # Probability of each text under each country. Of the readings of one text under one layout the best counts, for
    # they differ in what cannot be printed: where a group ends.
    likeliest: dict[str, dict[tuple[str | None, str | None], _Found]] = {}
    for f in (*found, *free.values()):
        layouts = likeliest.setdefault(f.text, {})
        best = layouts.get((f.country, f.layout))
        if best is None or f.score > best.score:
            layouts[f.country, f.layout] = f
    mass: dict[str, dict[str | None, float]] = {}
    for text, layouts in likeliest.items():
        of_text = mass[text] = {}
        for (code, _), f in layouts.items():
            of_text[code] = of_text.get(code, 0.0) + math.exp(f.score - top)
    whole = {text: sum(of_text.values()) for text, of_text in mass.items()}
    everything = sum(whole.values())
    order = sorted(whole, key=lambda text: -whole[text])
    kept = order[: settings.texts]
    hypotheses = []
    for text in kept if plain.text in kept else [*kept, plain.text]:
        countries = sorted(mass[text], key=lambda code: -mass[text][code])
        shown = countries[: settings.layouts_per_text]
        if text == plain.text and None not in shown:
            shown.append(None)
        for code in shown:
            f = max((f for (c, _), f in likeliest[text].items() if c == code), key=lambda f: f.score)
            glyphs = tuple(
                float(line.probability[s, _COLUMN[c]] * line.glyph[s])
                for (line, s), c in zip(f.places, f.text, strict=True)
            )
            slots = tuple((line.index, s) for line, s in f.places)
            share = whole[text] / everything
            hypotheses.append(
                Hypothesis(
                    text=text,
                    lines=f.lines,
                    score=f.score,
                    confidence=share * min(glyphs, default=0.0),
                    share=share,
                    glyphs=glyphs,
                    country=f.country,
                    layout=f.layout,
                    edits=_edits(f, lines),
                    slots=slots,
                    checked=f.checked,
                    country_share=mass[text][code] / whole[text],
                    gaps=_gaps(slots, evidence) if evidence else (),
                )
            )
    return hypotheses


def _gaps(slots: Sequence[tuple[int, int]], evidence: Evidence) -> tuple[float, ...]:
    """See `Hypothesis.gaps`."""
    return tuple(
        evidence.gap(line, slot, following) if line == following_line else math.nan
        for (line, slot), (following_line, following) in pairwise(slots)
    )


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
    text, parts, start = _spell(chars), [], 0
    for length in lengths:
        parts.append(text[start : start + length])
        start += length
    return tuple(parts)
