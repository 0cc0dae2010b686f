"""Every built-in country file: its mistakes, its examples, and the round trip of random texts."""

from __future__ import annotations

import random

import pytest

from classic_anpr.countries import Country, Layout, codes, load_countries, problems_of
from classic_anpr.countries.loading import FOLDER

COUNTRIES = {country.code: country for country in load_countries(None)}
LAYOUTS = [
    pytest.param(country, layout, id=f"{country.code}-{layout.id}")
    for country in COUNTRIES.values()
    for layout in country.layouts
]
each_layout = pytest.mark.parametrize(("country", "layout"), LAYOUTS)


@pytest.mark.parametrize("code", codes())
def test_no_mistakes(code: str) -> None:
    assert [str(problem) for problem in problems_of(FOLDER / f"{code}.toml")] == []
    assert COUNTRIES[code].code == code
    assert COUNTRIES[code].sources


@each_layout
def test_examples_and_near_misses(country: Country, layout: Layout) -> None:
    """Five plates that match and pass every check, three that do not."""
    examples = {country.fold(text) for text in layout.examples}
    near = {country.fold(text) for text in layout.near_misses}
    assert len(examples) >= 5
    assert len(near) >= 3
    for text in examples:
        assert layout.explain(text) is None
        assert country.check(text, layout).warnings == ()
    for text in near:
        assert not (layout.matches(text) and country.check(text, layout).ok), text


@each_layout
def test_where_the_examples_are_from(country: Country, layout: Layout) -> None:
    """One source names the pages or photographs that print them, or that state the form they have."""
    (source,) = [source for source in layout.sources if source.startswith("examples:")]
    assert len(source) > len("examples: 12")


@each_layout
def test_random_texts(country: Country, layout: Layout) -> None:
    """What the generator makes, expression, checks, printing and patterns agree on."""
    rng = random.Random(f"{country.code}-{layout.id}")
    for _ in range(10):
        text = layout.generate(rng)
        assert layout.matches(text)
        assert country.check(text, layout).ok
        assert country.fold(layout.format(text)) == text
        assert layout in country.matching(text)
        assert any(
            len(p.order) == len(text) and all(text[k] in p.positions[place] for k, place in enumerate(p.order))
            for p in layout.patterns
        )


@each_layout
def test_patterns(country: Country, layout: Layout) -> None:
    """A plate read line by line and put in order is the text; nothing else is admitted."""
    assert layout.patterns
    for pattern in layout.patterns:
        assert sum(pattern.lines) == len(pattern.positions) == len(pattern.order)
        assert sorted(pattern.order) == list(range(len(pattern.order)))
        reading = "".join(min(chars) for chars in pattern.positions)
        assert layout.matches(pattern.text(reading))
    assert all(1 <= len(p.lines) <= 3 for p in layout.patterns)
    assert all(0 < p.listed <= 1 and 0 < p.share <= 1 for p in layout.patterns)
    for pattern in layout.patterns:
        ends = {sum(pattern.lines[: k + 1]) - 1 for k in range(len(pattern.lines))}
        assert not ends & set(pattern.breaks)
        assert all(0 <= k < len(pattern.positions) for k in pattern.breaks)


def test_all_patterns_are_few() -> None:
    """The constraint weighs every pattern for every plate: a stray {0,9} would slow all readings down."""
    assert sum(len(layout.patterns) for country in COUNTRIES.values() for layout in country.layouts) < 3000


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_cars_are_the_commonest(code: str) -> None:
    layouts = COUNTRIES[code].layouts
    heaviest = max(layouts, key=lambda layout: layout.weight)
    assert heaviest.vehicle == "car"
    assert all(layout.weight > 0 for layout in layouts)


def test_promised_countries() -> None:
    eu = "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se"
    neighbours = "gb no ch is li"  # they drive there every day
    europe = "al ba me mk rs xk md tr ge az by ua ru"
    others = "kz am my id vn ph il sg br ar us"
    assert {country.code for country in load_countries(["eu"])} == set(f"{eu} {neighbours}".split())
    assert {country.code for country in load_countries(["europe"])} >= set(f"{eu} {neighbours} {europe}".split())
    assert set(others.split()) <= set(COUNTRIES)
    assert {country.code for country in load_countries(["sea"])} == {"my", "id", "vn", "ph", "sg"}
    assert {country.code for country in load_countries(["cis"])} >= {"ru", "by", "kz", "am", "az", "md"}
