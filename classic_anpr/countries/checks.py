"""Checks by name: what a layout's text must fulfil beyond its regular expression, and which region it tells.

A check never deletes a reading. It answers with a warning, and the reader lowers its confidence; nomeroff-net
issue 275 shows what happens when a stale list of regions rejects plates.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, eq=False)
class CodeList:
    """A dated list of codes: districts, regions, provinces.

    Attributes
    ----------
    name : str
        Its key in the country file.
    entries : str
        One entry per line: codes or ranges of codes of equal length, joined by commas, a space, the name, as in
        ``29-33,40 Hanoi``.
    as_of : str
        ISO date on which the list was true. A code that is missing may simply be newer.
    source : str
        Where it is from.
    fold : mapping of int to str
        Translation of the codes to the reader's alphabet (``TÜ`` to ``TU``), as for ``str.translate``.
    """

    name: str
    entries: str
    as_of: str
    source: str
    fold: dict[int, str] = field(default_factory=dict)

    @cached_property
    def _table(self) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
        exact: dict[str, str] = {}
        ranges: list[tuple[str, str, str]] = []
        for line in self.entries.splitlines():
            codes, _, name = line.strip().partition(" ")
            for code in filter(None, codes.translate(self.fold).split(",")):
                low, dash, high = code.partition("-")
                if dash:
                    ranges.append((low, high, name.strip()))
                elif code in exact and exact[code] != name.strip():
                    exact[code] += f" / {name.strip()}"  # two codes that differ by an umlaut only
                else:
                    exact[code] = name.strip()
        return exact, ranges

    def problems(self) -> list[str]:
        """Say what is wrong with the entries (nothing, mostly)."""
        exact, ranges = self._table
        bad = [f"{c!r} is not made of 0-9A-Z" for c in exact if not (c.isascii() and c.isalnum() and c == c.upper())]
        bad += [f"{a}-{b} is no range of codes of equal length" for a, b, _ in ranges if len(a) != len(b) or a > b]
        bad += [f"{c!r} has no name" for c, name in exact.items() if not name]
        return bad if exact or ranges else ["the list is empty"]

    def lookup(self, code: str) -> str | None:
        """Name of a code, or None where the list does not know it."""
        exact, ranges = self._table
        if code in exact:
            return exact[code]
        return next((name for a, b, name in ranges if len(a) == len(code) and a <= code <= b), None)

    def sample(self, rng: random.Random, length: int) -> str | None:
        """Draw a code of this length, or None where there is none."""
        exact, ranges = self._table
        codes = [c for c in exact if len(c) == length]
        codes += [end for a, b, _ in ranges if len(a) == length for end in (a, b)]
        return rng.choice(codes) if codes else None


@dataclass(frozen=True)
class Verdict:
    """What one check says of one text: a warning or None, and the region where the check tells one."""

    warning: str | None = None
    region: str | None = None
    region_name: str | None = None


@dataclass(frozen=True, eq=False)
class Rule:
    """A check as a layout uses it: its name, the capturing group it looks at (from 1; 0: all), its list of codes."""

    name: str
    group: int = 0
    codes: CodeList | None = None

    def judge(self, groups: tuple[str, ...]) -> Verdict:
        return CHECKS[self.name].judge(self, groups)

    def repair(self, groups: list[str], rng: random.Random) -> None:
        """Change random groups in place so that the check holds (for drawn plates)."""
        repair = CHECKS[self.name].repair
        if repair is not None:
            repair(self, groups, rng)


@dataclass(frozen=True)
class CheckKind:
    """One named check: its test, how a random plate is made to pass it, and whether it needs a group and a list."""

    judge: Callable[[Rule, tuple[str, ...]], Verdict]
    repair: Callable[[Rule, list[str], random.Random], None] | None
    needs_group: bool
    needs_list: bool


def _judge_list(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    assert rule.codes is not None
    code = groups[rule.group - 1]
    if not code:
        return Verdict()
    name = rule.codes.lookup(code)
    if name is None:
        return Verdict(f"{code} is not in the list of {rule.codes.name} of {rule.codes.as_of}")
    return Verdict(None, code, name)


def _repair_list(rule: Rule, groups: list[str], rng: random.Random) -> None:
    assert rule.codes is not None
    code = rule.codes.sample(rng, len(groups[rule.group - 1]))
    groups[rule.group - 1] = code or groups[rule.group - 1]


def _judge_prefix(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    # The longest beginning that the list knows: Malaysia's W and WA, Poland's W and WA.
    assert rule.codes is not None
    text = groups[rule.group - 1]
    for length in range(len(text), 0, -1):
        name = rule.codes.lookup(text[:length])
        if name is not None:
            return Verdict(None, text[:length], name)
    return Verdict(
        f"{text} begins with nothing in the list of {rule.codes.name} of {rule.codes.as_of}" if text else None
    )


def _repair_prefix(rule: Rule, groups: list[str], rng: random.Random) -> None:
    assert rule.codes is not None
    text = groups[rule.group - 1]
    for length in rng.sample(range(1, len(text) + 1), len(text)):
        code = rule.codes.sample(rng, length)
        if code:
            groups[rule.group - 1] = code + text[length:]
            return


def _judge_unlisted(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    assert rule.codes is not None
    code = groups[rule.group - 1]
    name = rule.codes.lookup(code)
    return Verdict(None if name is None else f"{code} is not issued ({name})")


def _judge_nonzero(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    number = groups[rule.group - 1]
    return Verdict(f"the number {number} is not issued" if number and not number.strip("0") else None)


def _repair_nonzero(rule: Rule, groups: list[str], rng: random.Random) -> None:
    number = groups[rule.group - 1]
    if number and not number.strip("0"):
        groups[rule.group - 1] = number[:-1] + rng.choice("123456789")


SG_WEIGHTS = (9, 4, 5, 4, 3, 2)
SG_LETTERS = "AZYXUTSRPMLKJHGEDCB"


def sg_check_letter(prefix: str, number: str) -> str:
    """Check letter of a Singapore plate: a weighted sum modulo 19.

    Published by many (sgwiki.com among them); it holds on every plate with a check letter of the 146 development
    photographs.

    Parameters
    ----------
    prefix : str
        1 to 3 letters; the last two count.
    number : str
        1 to 4 digits.
    """
    letters = [0, 0] + [ord(c) - 64 for c in prefix]
    values = letters[-2:] + [int(d) for d in number.zfill(4)]
    return SG_LETTERS[sum(v * w for v, w in zip(values, SG_WEIGHTS, strict=True)) % 19]


def _judge_sg(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    prefix, number, letter = groups
    expected = sg_check_letter(prefix, number)
    return Verdict(None if letter == expected else f"the check letter of {prefix}{number} is {expected}, not {letter}")


def _repair_sg(rule: Rule, groups: list[str], rng: random.Random) -> None:
    groups[2] = sg_check_letter(groups[0], groups[1])


def _judge_gb_age(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    # March issues bear the year (02..), September issues the year + 50 (51..). The scheme began in September 2001
    # with 51 (SI 2001/561), hence 00, 01 and 50 have no meaning.
    age = groups[rule.group - 1]
    return Verdict(f"{age} is no age identifier (02-49, 51-99)" if age in ("00", "01", "50") else None)


def _repair_gb_age(rule: Rule, groups: list[str], rng: random.Random) -> None:
    groups[rule.group - 1] = f"{rng.choice([*range(2, 27), *range(51, 76)]):02d}"


VOWELS = frozenset("AEIOU")


def _judge_hu_pair(rule: Rule, groups: tuple[str, ...]) -> Verdict:
    # Government decree behind the series of 2022: the first two letters are both vowels or both consonants.
    pair = groups[rule.group - 1][:2]
    mixed = (pair[0] in VOWELS) != (pair[1] in VOWELS)
    return Verdict(f"{pair} mixes a vowel and a consonant" if mixed else None)


def _repair_hu_pair(rule: Rule, groups: list[str], rng: random.Random) -> None:
    group = groups[rule.group - 1]
    groups[rule.group - 1] = group[0] + group[0] + group[2:]


CHECKS: dict[str, CheckKind] = {
    "list": CheckKind(_judge_list, _repair_list, True, True),
    "prefix": CheckKind(_judge_prefix, _repair_prefix, True, True),
    "unlisted": CheckKind(_judge_unlisted, None, True, True),
    "nonzero": CheckKind(_judge_nonzero, _repair_nonzero, True, False),
    "sg_checksum": CheckKind(_judge_sg, _repair_sg, False, False),
    "gb_age": CheckKind(_judge_gb_age, _repair_gb_age, True, False),
    "hu_pair": CheckKind(_judge_hu_pair, _repair_hu_pair, True, False),
}
"""Every check a country file may name.

``list``: the group is a code of the list, and tells the region; ``prefix``: the group begins with one, the longest
wins; ``unlisted``: the group is none of the list; ``nonzero``: the group is not all zeros; the others belong to one
country each.
"""
