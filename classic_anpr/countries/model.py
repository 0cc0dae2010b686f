"""A country as the reader sees it: layouts, their fixed-length patterns, checks and printed form."""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from classic_anpr.countries.checks import Rule
from classic_anpr.countries.expansion import ALPHABET, Expansion, expand, substitute_sets

VEHICLES = (
    "car", "motorcycle", "moped", "trailer", "truck", "bus", "taxi", "tractor", "electric", "diplomatic", "police",
    "military", "government", "temporary", "transit", "dealer", "historic", "vanity", "special",
)  # fmt: skip
"""Vehicle classes a layout may name."""

# Cyrillic and Greek capitals that look like a Latin one, and the letters that Unicode does not decompose. By shape,
# never by sound.
GENERIC_FOLD = dict(zip("АВЕЅІЈКМНОРСТУХЗЭΑΒΕΖΗΙΚΜΝΟΡΤΥΧĐØŁƏÐĲ", "ABESIJKMHOPCTYX33ABEZHIKMNOPTYXDOLEDY", strict=True))

# A district outside the list may still be right (lists age): so many cap heights of gap evidence outweigh one warning.
_WARNING_GAP = 0.2


@dataclass(frozen=True)
class Pattern:
    """One fixed-length arrangement of a layout.

    Attributes
    ----------
    positions : tuple of frozenset of str
        Admitted characters per glyph in reading order (top line first).
    lines : tuple of int
        Glyphs per printed text line; sums to ``len(positions)``.
    order : tuple of int
        ``order[k]`` is the reading-order index of the k-th character of the plate's text.
    breaks : tuple of int
        Reading-order indices of the glyphs after which, in the same line, another group begins with a separator.
    listed : float
        Which part of these texts the layout's checks let pass, in (0, 1]; estimated.
    share : float
        Which part of the layout's plates have this length, in (0, 1]: in proportion to the square root of the number of
        texts, which is between all lengths alike and all texts alike.
    """

    positions: tuple[frozenset[str], ...]
    lines: tuple[int, ...]
    order: tuple[int, ...]
    breaks: tuple[int, ...] = ()
    listed: float = 1.0
    share: float = 1.0

    def text(self, reading: str) -> str:
        """Reorder a text in reading order to the plate's text."""
        return "".join(reading[i] for i in self.order)


@dataclass(frozen=True)
class Check:
    """What the checks of a layout say of a text. ``ok`` is False as soon as there is a warning; the reading stays."""

    ok: bool
    warnings: tuple[str, ...] = ()
    region: str | None = None
    region_name: str | None = None


@dataclass(frozen=True)
class Plate:
    """The sheet a layout is printed on; all lengths in mm, 0 where unknown.

    Attributes
    ----------
    name : str
        Its key in the country file.
    width, height : float
    char_height, char_width, stroke, gap, group_gap, line_gap : float
        Of the largest characters; ``gap`` between neighbours, ``group_gap`` between groups, ``line_gap`` between text
        lines.
    font : str
        Name of the style, for drawing: ``din``, ``fe``, ``charles-wright``, ``gost``, ``sans`` ...
    band : str
        Coloured band beside the text: ``eu``, ``il``, ``flag-right`` ..., empty for none.
    """

    name: str
    width: float
    height: float
    char_height: float = 0.0
    char_width: float = 0.0
    stroke: float = 0.0
    gap: float = 0.0
    group_gap: float = 0.0
    line_gap: float = 0.0
    font: str = "din"
    band: str = ""

    @property
    def aspect(self) -> float:
        """Width of the widest characters over their height, 0 where unknown."""
        return self.char_width / self.char_height if self.char_height else 0.0

    @property
    def division(self) -> float:
        """Gap between groups over the height of the characters, 0 where unknown."""
        return self.group_gap / self.char_height if self.char_height else 0.0


@dataclass(frozen=True)
class Colours:
    """Colour names of characters and ground; ``dark_on_light`` tells the polarity."""

    characters: str
    background: str

    @property
    def dark_on_light(self) -> bool:
        return self.background in ("white", "yellow", "grey", "silver", "orange", "light-blue", "light-green", "beige")


@dataclass(frozen=True, eq=False)
class Arrangement:
    """How the groups stand on the plate: one tuple of group numbers (from 1) per text line, and the sheet."""

    lines: tuple[tuple[int, ...], ...]
    plate: Plate | None


@dataclass(frozen=True, eq=False)
class Layout:
    """One kind of plate of a country.

    Attributes
    ----------
    id, name : str
        Key within the country, and words for people.
    vehicle : str
        One of `VEHICLES`.
    regex : str
        Expression over the text without separators (see ``expansion``), with the country's named sets still in it.
    sets : mapping of str to str
        Those sets.
    separators : tuple of str
        What is printed before each group (the first is empty).
    arrangements : tuple of Arrangement
        One-line and two-line variants, the commonest first.
    colours : tuple of Colours
        Commonest first.
    weight : float
        How common within the country, > 0; only ratios matter.
    years : tuple of (int or None)
        First and last year of issue, None where open or unknown.
    rules : tuple of Rule
        Its checks.
    max_length : int or None
        Longest text.
    examples, near_misses : tuple of str
        Texts that match, and texts that nearly do.
    """

    id: str
    name: str
    vehicle: str
    regex: str
    sets: Mapping[str, str]
    separators: tuple[str, ...]
    arrangements: tuple[Arrangement, ...]
    colours: tuple[Colours, ...]
    weight: float = 1.0
    years: tuple[int | None, int | None] = (None, None)
    rules: tuple[Rule, ...] = ()
    max_length: int | None = None
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @cached_property
    def expansions(self) -> tuple[Expansion, ...]:
        """Every fixed length with its division into groups."""
        return expand(self.regex, self.sets, self.max_length)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every fixed-length expansion in every line arrangement, without repeats."""
        found: dict[Pattern, None] = {}
        listed = [self._listed(expansion) for expansion in self.expansions]
        sizes = [
            math.sqrt(part * math.prod(map(len, e.positions))) for e, part in zip(self.expansions, listed, strict=True)
        ]
        for arrangement in self.arrangements:
            for expansion, part, size in zip(self.expansions, listed, sizes, strict=True):
                found[_pattern(expansion, arrangement, self.separators, part, size / sum(sizes))] = None
        return tuple(found)

    def _listed(self, expansion: Expansion) -> float:
        """Part of an expansion's texts that passes the checks; the checks are taken as independent."""
        part = 1.0
        for rule in self.rules:
            start = sum(expansion.lengths[: max(rule.group - 1, 0)])
            length = expansion.lengths[rule.group - 1] if rule.group else len(expansion.positions)
            if rule.group:
                part *= _passing(rule, expansion.positions[start : start + length], (rule.group, length))
            else:
                part *= _passing(rule, expansion.positions, expansion.lengths)
        return part

    @cached_property
    def _by_length(self) -> dict[int, tuple[Expansion, ...]]:
        found: dict[int, list[Expansion]] = {}
        for expansion in self.expansions:
            found.setdefault(len(expansion.positions), []).append(expansion)
        return {length: tuple(expansions) for length, expansions in found.items()}

    def plate(self, lines: int) -> Plate | None:
        """The first sheet that this layout is printed on in so many text lines."""
        return next((a.plate for a in self.arrangements if a.plate and len(a.lines) == lines), None)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(substitute_sets(self.regex, self.sets))

    def matches(self, text: str) -> bool:
        """Tell whether a text (0-9A-Z, no separators) has this layout; checks are not asked."""
        return (self.max_length is None or len(text) <= self.max_length) and bool(self._compiled.fullmatch(text))

    def splits(self, text: str) -> list[tuple[str, ...]]:
        """All ways to cut a matching text into the layout's groups; empty if it does not match."""
        if not self.matches(text):
            return []
        same = self._by_length[len(text)]
        if len(same) == 1:
            return [same[0].split(text)]
        return list(dict.fromkeys(e.split(text) for e in same if e.admits(text)))

    def warnings(self, groups: tuple[str, ...]) -> list[str]:
        return [v.warning for v in (rule.judge(groups) for rule in self.rules) if v.warning]

    def best_split(self, text: str, gaps: Sequence[float] | None = None) -> tuple[str, ...] | None:
        """The likeliest division of a text into groups, or None if it does not match.

        Parameters
        ----------
        text : str
            Text without separators.
        gaps : sequence of float, optional
            Measured gap after each character but the last, in cap heights; NaN where there is none to measure (a line
            break). Where several divisions are possible, wide gaps at the group boundaries speak for one, and a
            district that the list does not know speaks against it.
        """
        candidates = self.splits(text)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        return max(candidates, key=lambda g: round(_contrast(g, gaps) - _WARNING_GAP * len(self.warnings(g)), 2))

    def format(self, text: str, gaps: Sequence[float] | None = None) -> str:
        """Print a text as the country does (``B-NO 1234``); see `best_split` for ``gaps``.

        A text of another layout comes back as it is.
        """
        groups = self.best_split(text, gaps)
        if groups is None:
            return text
        printed = ""
        for separator, group in zip(self.separators, groups, strict=True):
            printed += (separator if printed else "") + group if group else ""
        return printed

    def generate(self, rng: random.Random) -> str:
        """Draw a random text that the layout matches and all its checks accept; ValueError if none is found."""
        for _ in range(200):
            expansion = rng.choice(self.expansions)
            text = "".join(rng.choice(sorted(chars)) for chars in expansion.positions)
            groups = list(expansion.split(text))
            for rule in self.rules:
                rule.repair(groups, rng)
            text = "".join(groups)
            best = self.best_split(text)
            if best is not None and not self.warnings(best):
                return text
        raise ValueError(f"{self.id}: 200 random texts failed the checks; do the lists fit the groups?")

    def explain(self, text: str) -> str | None:
        """Say why a text does not match: None if it does, else the nearest expansion's first complaint."""
        if self.matches(text):
            return None
        same = [e for e in self.expansions if len(e.positions) == len(text)]
        if not same:
            lengths = sorted({len(e.positions) for e in self.expansions})
            span = str(lengths[0]) if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"
            return f"has {len(text)} characters, the layout {span}"

        def wrong(expansion: Expansion) -> list[int]:
            return [i for i, (c, chars) in enumerate(zip(text, expansion.positions, strict=True)) if c not in chars]

        nearest = min(same, key=lambda e: len(wrong(e)))
        faults = [f"character {i + 1} is {text[i]}, not {_class_text(nearest.positions[i])}" for i in wrong(nearest)]
        return "; ".join(faults)


@dataclass(frozen=True, eq=False)
class Country:
    """A country's plates.

    Attributes
    ----------
    code : str
        ISO 3166-1 alpha-2, lower case.
    name : str
        English name; ``names`` holds further ones.
    groups : tuple of str
        Groups it belongs to (``eu``, ``europe``, ``cis``, ``sea``, ``americas`` ...).
    sign : str
        Distinguishing sign in traffic (``D``, ``RUS``), empty if none.
    fold_table : mapping of str to str
        Letters of the country to the reader's alphabet, by shape.
    layouts : tuple of Layout
    plates : mapping of str to Plate
    sources : tuple of str
    vehicles : float
        Millions of registered vehicles: how likely a plate is this country's before it is looked at.
    """

    code: str
    name: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    sign: str
    fold_table: Mapping[str, str]
    layouts: tuple[Layout, ...]
    plates: Mapping[str, Plate] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    vehicles: float = 5.0

    def fold(self, text: str) -> str:
        """Bring a printed text to the reader's alphabet: look-alikes to Latin, no accents, no separators."""
        return fold(text, self.fold_table)

    def matching(self, text: str) -> tuple[Layout, ...]:
        """Layouts that a text has, the commonest first."""
        return tuple(sorted((lay for lay in self.layouts if lay.matches(text)), key=lambda lay: -lay.weight))

    def layout(self, layout_id: str) -> Layout:
        """Layout by its id. Raises KeyError where there is none."""
        for layout in self.layouts:
            if layout.id == layout_id:
                return layout
        raise KeyError(layout_id)

    def check(self, text: str, layout: Layout, gaps: Sequence[float] | None = None) -> Check:
        """Ask a layout's checks about a text; a text of another layout is not ok."""
        groups = layout.best_split(text, gaps)
        if groups is None:
            return Check(False, (f"{text} is not of the layout {layout.id}",))
        verdicts = [rule.judge(groups) for rule in layout.rules]
        warnings = tuple(v.warning for v in verdicts if v.warning)
        told = next((v for v in verdicts if v.region), None)
        return Check(not warnings, warnings, told.region if told else None, told.region_name if told else None)

    def generate(self, rng: random.Random) -> tuple[Layout, str]:
        """Draw a layout by its weight and a random text of it."""
        layout = rng.choices(self.layouts, [lay.weight for lay in self.layouts])[0]
        return layout, layout.generate(rng)


def fold(text: str, table: Mapping[str, str] | None = None) -> str:
    """Fold a printed text to 0-9A-Z: a country's table first, then the look-alikes, then accents; drop the rest."""
    table = table or {}
    folded = ""
    for char in text.upper():
        char = table.get(char) or GENERIC_FOLD.get(char, char)
        folded += "".join(c for c in unicodedata.normalize("NFKD", char).upper() if c in ALPHABET)
    return folded


def _pattern(
    expansion: Expansion, arrangement: Arrangement, separators: Sequence[str], listed: float, share: float
) -> Pattern:
    starts = [sum(expansion.lengths[:g]) for g in range(len(expansion.lengths))]
    reading: list[int] = []  # indices into the text, in reading order
    lines: list[int] = []
    breaks: list[int] = []
    for line in arrangement.lines:
        members: list[int] = []
        for g in line:
            if members and expansion.lengths[g - 1] and separators[g - 1]:
                breaks.append(len(reading) + len(members) - 1)
            members += [starts[g - 1] + i for i in range(expansion.lengths[g - 1])]
        reading += members
        if members:
            lines.append(len(members))
    order = [0] * len(reading)
    for place, index in enumerate(reading):
        order[index] = place
    return Pattern(
        tuple(expansion.positions[i] for i in reading), tuple(lines), tuple(order), tuple(breaks), listed, share
    )


_SAMPLES = 300


@cache
def _passing(rule: Rule, positions: tuple[frozenset[str], ...], lengths: tuple[int, ...]) -> float:
    """Which part of random groups a check lets pass, at least 1 / `_SAMPLES`.

    `lengths` cuts the characters into groups; for a check of one group it is that group's number and length.
    """
    rng = random.Random(0)
    choices = [sorted(chars) for chars in positions]
    passed = 0
    for _ in range(_SAMPLES):
        text = "".join(map(rng.choice, choices))
        if rule.group:
            groups = ("",) * (rule.group - 1) + (text,)
        else:
            ends = [sum(lengths[: k + 1]) for k in range(len(lengths))]
            groups = tuple(text[end - length : end] for end, length in zip(ends, lengths, strict=True))
        passed += rule.judge(groups).warning is None
    return max(passed, 1) / _SAMPLES


def _contrast(groups: tuple[str, ...], gaps: Sequence[float] | None) -> float:
    """Mean measured gap at the group boundaries less the mean gap inside the groups, in cap heights."""
    if gaps is None:
        return 0.0
    ends, at = set(), 0
    for group in groups:
        at += len(group)
        ends.add(at - 1)
    edge = [g for i, g in enumerate(gaps) if i in ends and not math.isnan(g)]
    inner = [g for i, g in enumerate(gaps) if i not in ends and not math.isnan(g)]
    return (sum(edge) / len(edge) if edge else 0.0) - (sum(inner) / len(inner) if inner else 0.0)


def _class_text(chars: frozenset[str]) -> str:
    text = "".join(sorted(chars))
    if len(text) == 1:
        return text
    runs = re.sub(r"ABCDEFGHIJKLMNOPQRSTUVWXYZ$", "A-Z", text.replace("0123456789", "0-9").replace("123456789", "1-9"))
    return f"one of {runs}"
