"""Expressions and their expansions, held against Python's own engine."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classic_anpr.countries.expansion import ALPHABET, RegexError, expand

atoms = st.sampled_from(["A", "7", r"\d", "[A-C]", "[X0-2]", "(?:AB|C)", "(?:1|[A-Z]2)"])
counts = st.sampled_from(["", "", "?", "{2}", "{0,2}", "{1,3}"])
sequences = st.lists(st.builds("{}{}".format, atoms, counts), min_size=1, max_size=3).map("".join)
texts = st.text(alphabet="ABCXZ01279", max_size=7)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(sequences, texts)
def test_admits_what_python_matches(regex: str, text: str) -> None:
    compiled = re.compile(regex)
    try:
        expansions = expand(regex)
    except RegexError:
        assert not any(compiled.fullmatch(c) for c in ALPHABET)
        return
    assert any(e.admits(text) for e in expansions) == bool(text and compiled.fullmatch(text))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(sequences, min_size=1, max_size=3))
def test_groups_cover_the_text(parts: list[str]) -> None:
    try:
        expansions = expand("".join(f"({part})" for part in parts))
    except RegexError:
        return
    for expansion in expansions:
        text = "".join(min(chars) for chars in expansion.positions)
        assert len(expansion.lengths) == len(parts)
        assert "".join(expansion.split(text)) == text
        assert all(re.fullmatch(part, piece) for part, piece in zip(parts, expansion.split(text), strict=True))


def test_sets_and_length() -> None:
    expansions = expand(r"(<H>{1,2})(\d{1,2})", {"H": "AB"}, max_length=3)
    assert [e.lengths for e in expansions] == [(1, 1), (1, 2), (2, 1)]
    assert expansions[0].positions == (frozenset("AB"), frozenset("0123456789"))


@pytest.mark.parametrize(
    ("regex", "reason"),
    [
        ("A*", "neither"),
        ("a", "neither"),
        ("[A-", "missing ]"),
        ("[a]", "a class holds"),
        ("[Z-A]", "no range"),
        ("[0-Z]", "no range"),
        ("(A", "missing )"),
        ("A)", "too many"),
        ("((A))", "do not nest"),
        ("(A)B", "outside its groups"),
        ("(A)|(B)", "alternatives"),
        (r"\w", "only escape"),
        ("A{3,2}", "no count"),
        ("<Q>", "not one of the file's sets"),
        ("", "admits no text"),
        ("(?:A|B|C|D){0,9}", "expansions"),
    ],
)
def test_mistakes_are_named(regex: str, reason: str) -> None:
    with pytest.raises(RegexError, match=re.escape(reason)):
        expand(regex)


def test_empty_text_is_left_out() -> None:
    assert [len(e.positions) for e in expand("A?")] == [1]
