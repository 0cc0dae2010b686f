"""From a layout's regular expression to its fixed-length expansions.

The language is a small, documented subset of regular expressions: literal characters ``0-9A-Z``, classes such as
``[A-HJ-N0-9]``, ``\\d``, named sets ``<H>`` of the country file, ``?``, ``{n}``, ``{m,n}``, alternatives ``|``,
capturing groups ``(...)`` at the top level and ``(?:...)`` anywhere. There is no ``*`` or ``+``: a number plate has a
bounded length, so each expression stands for finitely many sequences of character sets, and those are what the
reader's constraint needs.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

ALPHABET = frozenset(string.digits + string.ascii_uppercase)
"""The reader's alphabet: every other script is folded to it by shape."""
DIGITS = frozenset(string.digits)
MAX_EXPANSIONS = 1000
"""An expression with more expansions than this is a mistake (a stray ``{0,9}``), and would slow every reading down."""

_SET_NAME = re.compile(r"<([A-Za-z][A-Za-z0-9_]*)>")
_COUNT = re.compile(r"\{(\d+)(?:,(\d+))?\}")


class RegexError(ValueError):
    """The expression is outside the subset; the message says where and why."""


@dataclass(frozen=True)
class Expansion:
    """One fixed-length reading of an expression.

    Attributes
    ----------
    positions : tuple of frozenset of str
        Admitted characters, one set per character of the text.
    lengths : tuple of int
        Characters per capturing group, in order; sums to ``len(positions)``.
    """

    positions: tuple[frozenset[str], ...]
    lengths: tuple[int, ...]

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile("".join(f"[{''.join(sorted(chars))}]" for chars in self.positions))

    def admits(self, text: str) -> bool:
        return self._compiled.fullmatch(text) is not None

    def split(self, text: str) -> tuple[str, ...]:
        """Cut a text of this length into its groups (an absent optional group gives ``""``)."""
        parts, start = [], 0
        for length in self.lengths:
            parts.append(text[start : start + length])
            start += length
        return tuple(parts)


def substitute_sets(regex: str, sets: Mapping[str, str]) -> str:
    """Replace each ``<NAME>`` by the class that the country file gives it; the result is a Python expression too."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in sets:
            raise RegexError(f"<{name}> is not one of the file's sets ({', '.join(sorted(sets)) or 'it has none'})")
        return f"[{sets[name]}]"

    return _SET_NAME.sub(replace, regex)


# A sequence of sets under construction; the second item of each pair is the capturing group (0: none).
_Sequence = tuple[tuple[frozenset[str], int], ...]


class _Parser:
    def __init__(self, regex: str) -> None:
        self.regex = regex
        self.at = 0
        self.groups = 0
        self.group = 0  # the capturing group being read; groups do not nest

    def fail(self, reason: str) -> RegexError:
        return RegexError(f"{reason} (at character {self.at + 1} of {self.regex!r})")

    def peek(self) -> str:
        return self.regex[self.at] if self.at < len(self.regex) else ""

    def alternatives(self) -> list[_Sequence]:
        result = self.sequence()
        while self.peek() == "|":
            if self.group == 0 and self.groups:
                raise self.fail("alternatives belong inside a group: give each printed arrangement its own layout")
            self.at += 1
            result = result + self.sequence()
        return _limited(result, self)

    def sequence(self) -> list[_Sequence]:
        result: list[_Sequence] = [()]
        while self.peek() not in ("", "|", ")"):
            item = self.quantified(self.atom())
            result = _limited([head + tail for head in result for tail in item], self)
        return result

    def atom(self) -> list[_Sequence]:
        char = self.peek()
        if char == "(":
            return self.parenthesis()
        if char == "[":
            return [((self.char_class(), self.group),)]
        if char == "\\":
            if self.regex[self.at : self.at + 2] != "\\d":
                raise self.fail("the only escape is \\d")
            self.at += 2
            return [((DIGITS, self.group),)]
        if char not in ALPHABET:
            raise self.fail(f"{char!r} is neither 0-9A-Z nor part of the subset")
        self.at += 1
        return [((frozenset(char), self.group),)]

    def parenthesis(self) -> list[_Sequence]:
        capturing = not self.regex.startswith("(?:", self.at)
        self.at += 1 if capturing else 3
        if capturing:
            if self.group:
                raise self.fail("capturing groups do not nest; write (?:...) inside a group")
            self.groups += 1
            self.group = self.groups
        inner = self.alternatives()
        if self.peek() != ")":
            raise self.fail("missing )")
        self.at += 1
        if capturing:
            self.group = 0
        return inner

    def char_class(self) -> frozenset[str]:
        end = self.regex.find("]", self.at)
        if end < 0:
            raise self.fail("missing ]")
        body = self.regex[self.at + 1 : end].replace("\\d", "0-9")
        chars: set[str] = set()
        i = 0
        while i < len(body):
            if i + 2 < len(body) and body[i + 1] == "-":
                low, high = body[i], body[i + 2]
                if low > high or not {low, high} <= ALPHABET or low.isdigit() != high.isdigit():
                    raise self.fail(f"{low}-{high} is no range of digits or of letters")
                chars.update(chr(c) for c in range(ord(low), ord(high) + 1))
                i += 3
            else:
                chars.add(body[i])
                i += 1
        if not chars or not chars <= ALPHABET:
            raise self.fail(f"a class holds characters of 0-9A-Z only, this one holds {body!r}")
        self.at = end + 1
        return _interned(chars)

    def quantified(self, item: list[_Sequence]) -> list[_Sequence]:
        if self.peek() == "?":
            self.at += 1
            return [(), *item] if () not in item else item
        match = _COUNT.match(self.regex, self.at)
        if not match:
            return item
        low = int(match.group(1))
        high = int(match.group(2) or low)
        if high < low or high > 12:
            raise self.fail(f"{match.group()} is no count that a number plate can have")
        self.at = match.end()
        result: list[_Sequence] = []
        repeated: list[_Sequence] = [()]
        for count in range(high + 1):
            if count >= low:
                result += repeated
            if count < high:
                repeated = _limited([head + tail for head in repeated for tail in item], self)
        return result


_SETS: dict[frozenset[str], frozenset[str]] = {}


def _interned(chars: Iterable[str]) -> frozenset[str]:
    # Thousands of patterns share a few dozen sets; one object each keeps them small and comparisons quick.
    key = frozenset(chars)
    return _SETS.setdefault(key, key)


def _limited(sequences: list[_Sequence], parser: _Parser) -> list[_Sequence]:
    unique = list(dict.fromkeys(sequences))
    if len(unique) > MAX_EXPANSIONS:
        raise parser.fail(f"more than {MAX_EXPANSIONS} expansions")
    return unique


def expand(regex: str, sets: Mapping[str, str] | None = None, max_length: int | None = None) -> tuple[Expansion, ...]:
    """List the fixed-length expansions of an expression.

    Parameters
    ----------
    regex : str
        Expression in the subset of this module. Either it has no capturing group (then the whole text is one group),
        or all of it lies in capturing groups.
    sets : mapping of str to str, optional
        Named sets: name to the inside of a class, e.g. ``{"H": "ABCEHKMOPTXY"}``.
    max_length : int, optional
        Longer expansions are left out (Germany: 8 characters in all).

    Returns
    -------
    tuple of Expansion
        In the order of the expression (short repetitions first), without repeats, never empty texts.

    Raises
    ------
    RegexError
        If the expression is outside the subset, or nothing is left of it.
    """
    parser = _Parser(substitute_sets(regex, sets or {}))
    sequences = parser.alternatives()
    if parser.at < len(parser.regex):
        raise parser.fail("a ) too many")
    groups = max(parser.groups, 1)
    result: dict[Expansion, None] = {}
    for sequence in sequences:
        if not sequence or (max_length is not None and len(sequence) > max_length):
            continue
        numbers = [number for _, number in sequence]
        if parser.groups and 0 in numbers:
            raise RegexError(f"part of {regex!r} lies outside its groups")
        lengths = tuple(sum(max(n, 1) == g for n in numbers) for g in range(1, groups + 1))
        result[Expansion(tuple(chars for chars, _ in sequence), lengths)] = None
    if not result:
        raise RegexError(f"{regex!r} admits no text")
    return tuple(result)
