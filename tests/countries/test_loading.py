"""Choosing countries, and a user's own file with every kind of mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classic_anpr.countries import load_countries, problems_of
from classic_anpr.countries.loading import FOLDER
from classic_anpr.errors import CountryFileError, UsageError

README = (FOLDER / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", README, re.S).group(1)  # type: ignore[union-attr]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_readme_example_is_right(own: Path) -> None:
    assert [str(p) for p in problems_of(own)] == []
    (country,) = load_countries(None, files=[own])
    assert country.name == "Examplia"
    layout = country.layout("car")
    assert layout.format("AB1234") == "AB 123-4"
    assert country.check("AB1234", layout).region_name == "South"
    assert [p.lines for p in layout.patterns] == [(6,), (3, 3)]
    assert layout.patterns[1].text("AB4123") == "AB1234"
    assert layout.arrangements[1].plate is country.plates["square"]
    assert country.vehicles == 2.5
    # Groups end, with a separator, after the letters and the digits; on two lines only where a line goes on.
    assert [p.breaks for p in layout.patterns] == [(1, 4), (1,)]
    # Regions 1 to 4 and 8 of the ten digits.
    assert [p.listed for p in layout.patterns] == pytest.approx([0.5, 0.5], abs=0.1)


def test_choice() -> None:
    assert [c.code for c in load_countries(["ru", "Germany", "RU"])] == ["ru", "de"]
    assert [c.code for c in load_countries([" Deutschland "])] == ["de"]
    assert len(load_countries(["all"])) == len(load_countries(None)) >= 60
    with pytest.raises(UsageError, match="atlantis"):
        load_countries(["Atlantis"])


def test_own_file_beside_and_instead_of_built_in_ones(own: Path, tmp_path: Path) -> None:
    assert [c.code for c in load_countries(["ru"], files=[own])] == ["ru", "xa"]
    other = tmp_path / "ru.toml"
    other.write_text(EXAMPLE.replace('code = "xa"', 'code = "ru"'), encoding="utf-8")
    (country,) = load_countries(["ru"], files=[other])
    assert country.name == "Examplia"
    assert load_countries(["ru"])[0].name == "Russia"


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('code = "xa"', 'code = "XAX"', "code", "two lower-case letters"),
        ('name = "Examplia"', "name = 3", "name", "must be str, is int"),
        ('groups = "europe"', 'group = "europe"', "group", "is no key"),
        ('vehicle = "car"', 'vehicle = "ship"', "layouts.car.vehicle", "'ship' is none of"),
        ("([1-9]\\d{2})", "([1-9]\\d+)", "layouts.car.regex", "neither"),
        ("(<L>{2})", "(<M>{2})", "layouts.car.regex", "not one of the file's sets"),
        ('"{1} {2}-{3}"', '"{1} {2}"', "layouts.car.format", "{1} to {3}"),
        ('"{1} {2}-{3}"', '"{1} X {2}-{3}"', "layouts.car.format", "separators"),
        ('"1 3 / 2"', '"1 / 2"', "layouts.car.lines", "each group 1 to 3 once"),
        ('plates = "long square"', 'plates = "long round"', "layouts.car.plates", "'round' is none"),
        ("weight = 100", "weight = 0", "layouts.car.weight", "must be > 0"),
        ("vehicles = 2.5", "vehicles = -1", "vehicles", "must be > 0"),
        ("vehicles = 2.5", 'vehicles = "many"', "vehicles", "must be int or float"),
        ('years = "1998-"', 'years = "98"', "layouts.car.years", "must read"),
        ('"list regions 3"', '"liste regions 3"', "layouts.car.checks", "'liste' is no check"),
        ('"list regions 3"', '"list region 3"', "layouts.car.checks", "none of the file's lists"),
        ('"list regions 3"', '"list regions 4"', "layouts.car.checks", "1 to 3"),
        ('"list regions 3"', '"list regions"', "layouts.car.checks", "must read"),
        ("AB1234 XY9001", "AB1239 XY9001", "layouts.car.examples", "9 is not in the list"),
        ("AB1234 XY9001", "AB12345 XY9001", "layouts.car.examples", "has 7 characters"),
        ("AI1234 AB0234", "AA1234 AB0234", "layouts.car.near_misses", "matches and passes"),
        ("size = [520, 110]", "size = [520]", "plates.long.size", "[width, height]"),
        ("stroke = 10", 'stroke = "thin"', "plates.long.stroke", "must be"),
        ('as_of = "2026-01-01"', "", "lists.regions.as_of", "is missing"),
        ("1-3 North", "1-33 North", "lists.regions.codes", "equal length"),
        ("4,8 South", "4,8", "lists.regions.codes", "has no name"),
        ('colours = "black on white"', 'colours = "mauve on white"', "colours", "black on white"),
        ('id = "car"\n', "", "layouts.1.id", "is missing"),
        ("weight = 100", 'weight = 100\nmax_length = "8"', "layouts.car.max_length", "must be int"),
        ('L = "A-HJ-NP-Z"', "L = 7", "sets.L", "the inside of a class"),
        ("[sets]", "[sets", "file", "is no TOML"),
    ],
)
def test_mistakes_are_named_with_file_key_and_reason(own: Path, old: str, new: str, key: str, reason: str) -> None:
    assert old in EXAMPLE
    own.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
    problems = problems_of(own)
    assert any(p.key == key and reason in p.reason for p in problems), [str(p) for p in problems]
    with pytest.raises(CountryFileError, match=re.escape(str(own))):
        load_countries(None, files=[own])


def test_several_mistakes_at_once(own: Path) -> None:
    text = EXAMPLE.replace("weight = 100", "weight = -1").replace('vehicle = "car"', 'vehicle = "cart"')
    own.write_text(text, encoding="utf-8")
    assert {p.key for p in problems_of(own)} == {"layouts.car.weight", "layouts.car.vehicle"}


def test_missing_file(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "none.toml")
    assert "No such file" in problem.reason


@pytest.mark.parametrize("wrong", ["7", '"x"', "true", "[1]", '{ a = "b" }', "2026-01-01"])
def test_a_value_of_any_type_is_reported_not_raised(own: Path, wrong: str) -> None:
    """Each value of the example in turn becomes another type."""
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if not equals or line.endswith("'''"):
            continue
        own.write_text("\n".join([*lines[:number], f"{key} = {wrong}", *lines[number + 1 :]]), encoding="utf-8")
        for problem in problems_of(own):
            assert problem.key
            assert problem.reason


@pytest.mark.parametrize("table", ["sets", "fold", "plates", "lists", "layouts", "colours"])
def test_a_table_of_any_type_is_reported_not_raised(own: Path, table: str) -> None:
    for wrong in ("7", '"x"', "[1]", '["x"]', "{ a = 1 }", '{ a = "x" }', "[{ id = 3 }]"):
        start = f'code = "xa"\nname = "X"\n{table} = {wrong}\n'
        body = "" if table == "layouts" else "[[layouts]]\nid = 'a'\nvehicle = 'car'\nregex = 'A'\n"
        own.write_text(start + body, encoding="utf-8")
        for problem in problems_of(own):
            assert problem.key
            assert problem.reason
