"""Reading country files: structure is checked while loading, everything else by `problems_of`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from classic_anpr.countries.checks import CHECKS, CodeList, Rule
from classic_anpr.countries.expansion import RegexError
from classic_anpr.countries.model import GENERIC_FOLD, VEHICLES, Arrangement, Colours, Country, Layout, Plate, fold
from classic_anpr.errors import CountryFileError, UsageError

FOLDER = Path(__file__).parent

_COUNTRY_KEYS = {
    "code", "name", "names", "groups", "sign", "sources", "sets", "fold", "plates", "lists", "layouts", "colours",
    "vehicles", "notes",
}  # fmt: skip
_LAYOUT_KEYS = {
    "id", "name", "vehicle", "regex", "format", "lines", "plates", "colours", "weight", "years", "checks",
    "max_length", "examples", "near_misses", "sources", "notes",
}  # fmt: skip
_LIST_KEYS = {"as_of", "source", "codes"}
_PLATE_KEYS = {"size", "char", *(f.name for f in fields(Plate))} - {
    "name",
    "width",
    "height",
    "char_height",
    "char_width",
}
_COLOUR_NAMES = frozenset({
    "white", "black", "yellow", "grey", "silver", "orange", "red", "blue", "green", "light-blue", "light-green",
    "dark-green", "beige", "brown", "pink", "violet",
})  # fmt: skip
# Codes of lists are folded as texts are (TÜ to TU); worked out once, since folding letter by letter is slow.
_ACCENTS = {ord(c): fold(c) for c in {*GENERIC_FOLD, *"ÄÖÜŠŽČĆŘŇÅÉ"}}
_NO_COLOURS = (Colours("black", "white"),)


@dataclass(frozen=True)
class Problem:
    """A mistake in a country file: where (``layouts.car.regex``) and why."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}"


class _Reader:
    """Turns one parsed file into a `Country`, noting every mistake; what is wrong is left out and reading goes on."""

    def __init__(self, file: str, data: Mapping[str, Any]) -> None:
        self.file = file
        self.data = data
        self.problems: list[Problem] = []

    def note(self, key: str, reason: str) -> None:
        self.problems.append(Problem(self.file, key, reason))

    def get(
        self, table: Mapping[str, Any], key: str, kind: type | tuple[type, ...], where: str, default: Any = None
    ) -> Any:
        """Value of a key if it has the right type; a missing key is a mistake unless there is a default."""
        if key not in table:
            if default is None:
                self.note(where + key, "is missing")
            return default
        value = table[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            names = kind.__name__ if isinstance(kind, type) else " or ".join(k.__name__ for k in kind)
            self.note(where + key, f"must be {names}, is {type(value).__name__}")
            return default
        return value

    def unknown(self, table: Mapping[str, Any], known: set[str], where: str) -> None:
        for key in table:
            if key not in known:
                self.note(where + key, f"is no key; known are {', '.join(sorted(known))}")

    def strings(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        values = self.get(table, key, list, where, [])
        if not all(isinstance(v, str) for v in values):
            self.note(where + key, "must be a list of strings")
            return ()
        return tuple(values)

    def entries(self, key: str, kind: type, what: str) -> dict[str, Any]:
        """Entries of a top-level table that have the right type; the others are noted."""
        found = {}
        for name, value in self.get(self.data, key, dict, "", {}).items():
            if isinstance(value, kind):
                found[name] = value
            else:
                self.note(f"{key}.{name}", f"must be {what}")
        return found

    def country(self) -> Country:
        data = self.data
        self.unknown(data, _COUNTRY_KEYS, "")
        code = self.get(data, "code", str, "") or "??"
        if not (len(code) == 2 and code.isascii() and code.isalpha() and code.islower()):
            self.note("code", f"must be the two lower-case letters of ISO 3166-1, is {code!r}")
        table = self.entries("fold", str, "a character of 0-9A-Z")
        sets = self.entries("sets", str, 'the inside of a class, such as "ABC" or "A-HJ-N"')
        plates = {name: self.plate(name, t) for name, t in self.entries("plates", dict, "a table").items()}
        translation = _ACCENTS | {ord(c): latin for c, latin in table.items() if len(c) == 1}
        lists = {n: self.code_list(n, t, translation) for n, t in self.entries("lists", dict, "a table").items()}
        colours = self.colours(data, "")
        layouts: list[Layout] = []
        vehicles = float(self.get(data, "vehicles", (int, float), "", 5.0))
        if vehicles <= 0:
            self.note("vehicles", f"must be > 0, is {vehicles}")
        tables = self.get(data, "layouts", list, "")
        for number, item in enumerate(tables or [], 1):
            if not isinstance(item, dict):
                self.note(f"layouts.{number}", "must be a table: write [[layouts]]")
                continue
            where = f"layouts.{item.get('id', number)}."
            layout = self.layout(item, where, sets, plates, lists, colours)
            if layout is None:
                continue
            if any(layout.id == other.id for other in layouts):
                self.note(where + "id", "is used twice")
            layouts.append(layout)
        if tables == []:
            self.note("layouts", "is empty")
        return Country(
            code=code,
            name=self.get(data, "name", str, "") or code,
            names=self.strings(data, "names", ""),
            groups=tuple(self.get(data, "groups", str, "", "").split()),
            sign=self.get(data, "sign", str, "", ""),
            fold_table=table,
            layouts=tuple(layouts),
            plates=plates,
            sources=self.strings(data, "sources", ""),
            vehicles=vehicles,
        )

    def plate(self, name: str, table: Mapping[str, Any]) -> Plate:
        where = f"plates.{name}."
        self.unknown(table, _PLATE_KEYS, where)
        values: dict[str, Any] = {}
        for key, names in (("size", ("width", "height")), ("char", ("char_width", "char_height"))):
            pair = table.get(key, [0, 0] if key == "char" else None)
            if not (
                isinstance(pair, list) and len(pair) == 2 and all(isinstance(v, (int, float)) and v >= 0 for v in pair)
            ):
                self.note(where + key, "must be [width, height] in mm")
                pair = [0, 0]
            values.update(zip(names, map(float, pair), strict=True))
        for key in table.keys() & (_PLATE_KEYS - {"size", "char"}):
            text = key in ("font", "band")
            values[key] = self.get(table, key, str if text else (int, float), where, "" if text else 0.0)
        return Plate(name=name, **values)

    def code_list(self, name: str, table: Mapping[str, Any], translation: dict[int, str]) -> CodeList:
        where = f"lists.{name}."
        self.unknown(table, _LIST_KEYS, where)
        return CodeList(
            name=name,
            entries=self.get(table, "codes", str, where) or "",
            as_of=self.get(table, "as_of", str, where) or "",
            source=self.get(table, "source", str, where) or "",
            fold=translation,
        )

    def colours(self, table: Mapping[str, Any], where: str) -> tuple[Colours, ...]:
        found = []
        for text in filter(None, map(str.strip, self.get(table, "colours", str, where, "").split(","))):
            characters, _, background = text.partition(" on ")
            if not {characters, background} <= _COLOUR_NAMES:
                self.note(
                    where + "colours",
                    f'{text!r} must read "black on white"; colours: {", ".join(sorted(_COLOUR_NAMES))}',
                )
            else:
                found.append(Colours(characters, background))
        return tuple(found)

    def layout(
        self, table: Mapping[str, Any], where: str, sets: Mapping[str, str], plates: Mapping[str, Plate],
        lists: Mapping[str, CodeList], colours: tuple[Colours, ...],
    ) -> Layout | None:  # fmt: skip
        self.unknown(table, _LAYOUT_KEYS, where)
        layout_id = self.get(table, "id", str, where)
        regex = self.get(table, "regex", str, where)
        if not layout_id or not regex:
            return None
        vehicle = self.get(table, "vehicle", str, where) or "car"
        if vehicle not in VEHICLES:
            self.note(where + "vehicle", f"{vehicle!r} is none of {', '.join(VEHICLES)}")
        groups = max(regex.count("(") - regex.count("(?:"), 1)
        weight = float(self.get(table, "weight", (int, float), where, 1.0))
        if weight <= 0:
            self.note(where + "weight", f"must be > 0, is {weight}")
        return Layout(
            id=layout_id,
            name=self.get(table, "name", str, where, "") or layout_id,
            vehicle=vehicle,
            regex=regex,
            sets=sets,
            separators=self.separators(self.get(table, "format", str, where, ""), groups, where),
            arrangements=self.arrangements(table, groups, plates, where),
            colours=self.colours(table, where) or colours or _NO_COLOURS,
            weight=weight,
            years=self.years(self.get(table, "years", str, where, ""), where),
            rules=self.rules(table, groups, lists, where),
            max_length=self.get(table, "max_length", int, where) if "max_length" in table else None,
            examples=tuple(self.get(table, "examples", str, where, "").split()),
            near_misses=tuple(self.get(table, "near_misses", str, where, "").split()),
            sources=self.strings(table, "sources", where),
        )

    def separators(self, template: str, groups: int, where: str) -> tuple[str, ...]:
        # "{1}-{2} {3}": what stands before each group.
        parts = (template or "".join(f"{{{i}}}" for i in range(1, groups + 1))).split("{")
        found = []
        for number, part in enumerate(parts[1:], 1):
            digits, brace, after = part.partition("}")
            if digits != str(number) or not brace:
                break
            found.append(after)
        if len(found) != groups or parts[0] or any(c.isalnum() for sep in found for c in sep):
            self.note(
                where + "format",
                f"must hold {{1}} to {{{groups}}} in order, one per group of the regex, and separators between them",
            )
            return ("",) * groups
        return ("", *found[:-1])

    def arrangements(
        self, table: Mapping[str, Any], groups: int, plates: Mapping[str, Plate], where: str
    ) -> tuple[Arrangement, ...]:
        everything = " ".join(map(str, range(1, groups + 1)))
        texts = self.strings(table, "lines", where) or (everything,)
        names = self.get(table, "plates", str, where, "").split()
        if len(names) > len(texts):
            texts = (*texts, *(texts[-1:] * (len(names) - len(texts))))
        found = []
        for number, text in enumerate(texts):
            try:
                lines = tuple(tuple(map(int, line.split())) for line in text.split("/"))
            except ValueError:
                lines = ()
            if sorted(g for line in lines for g in line) != list(range(1, groups + 1)):
                self.note(where + "lines", f'{text!r} must name each group 1 to {groups} once, lines divided by "/"')
                lines = (tuple(range(1, groups + 1)),)
            plate = None
            if number < len(names):
                plate = plates.get(names[number])
                if plate is None:
                    self.note(where + "plates", f"{names[number]!r} is none of the file's plates ({', '.join(plates)})")
            found.append(Arrangement(lines, plate))
        return tuple(found)

    def years(self, text: str, where: str) -> tuple[int | None, int | None]:
        first, dash, last = text.partition("-")
        if any(part and not (part.isdigit() and len(part) == 4) for part in (first, last)) or (text and not dash):
            self.note(where + "years", f'{text!r} must read "1994-2018", "2018-" or "-1994"')
            return None, None
        return (int(first) if first else None, int(last) if last else None)

    def rules(
        self, table: Mapping[str, Any], groups: int, lists: Mapping[str, CodeList], where: str
    ) -> tuple[Rule, ...]:
        found = []
        for text in self.strings(table, "checks", where):
            name, *arguments = text.split()
            kind = CHECKS.get(name)
            if kind is None:
                self.note(where + "checks", f"{name!r} is no check; known are {', '.join(sorted(CHECKS))}")
                continue
            wanted = ["LIST"] * kind.needs_list + ["GROUP"] * kind.needs_group
            if len(arguments) != len(wanted):
                self.note(where + "checks", f"{text!r} must read {' '.join([name, *wanted])!r}")
                continue
            group = int(arguments[-1]) if kind.needs_group and arguments[-1].isdigit() else 0
            if kind.needs_group and not 1 <= group <= groups:
                self.note(where + "checks", f"{text!r}: the group must be 1 to {groups}")
                continue
            codes = lists.get(arguments[0]) if kind.needs_list else None
            if kind.needs_list and codes is None:
                self.note(
                    where + "checks", f"{text!r}: {arguments[0]!r} is none of the file's lists ({', '.join(lists)})"
                )
                continue
            found.append(Rule(name, group, codes))
        return tuple(found)


def _parse(path: Path) -> tuple[Country | None, list[Problem]]:
    try:
        with path.open("rb") as stream:
            data = tomllib.load(stream)
    except OSError as error:
        return None, [Problem(str(path), "file", error.strerror or str(error))]
    except (ValueError, RecursionError) as error:  # Also a number of thousands of digits, or lists within lists.
        return None, [Problem(str(path), "file", f"is no TOML: {error}")]
    reader = _Reader(path.name if path.parent == FOLDER else str(path), data)
    return reader.country(), reader.problems


def problems_of(path: Path) -> list[Problem]:
    """List every mistake of a country file: keys and types, expressions, checks' lists, examples and near misses.

    Parameters
    ----------
    path : pathlib.Path
        A TOML file in the format of ``countries/README.md``.

    Returns
    -------
    list of Problem
        Empty for a right file. Never raises for what is in the file.
    """
    country, problems = _parse(path)
    if country is None:
        return problems
    found = list(problems)

    def note(key: str, reason: str) -> None:
        found.append(Problem(str(path), key, reason))

    lists = {rule.codes.name: rule.codes for lay in country.layouts for rule in lay.rules if rule.codes}
    for name, codes in lists.items():
        for reason in codes.problems():
            note(f"lists.{name}.codes", reason)
    for layout in country.layouts:
        where = f"layouts.{layout.id}."
        try:
            _ = layout.patterns
        except RegexError as error:
            note(where + "regex", str(error))
            continue
        for text in layout.examples:
            if not layout.matches(country.fold(text)):
                note(where + "examples", f"{text} does not match: {layout.explain(country.fold(text))}")
                continue
            check = country.check(country.fold(text), layout)
            if not check.ok:
                note(where + "examples", f"{text}: {'; '.join(check.warnings)}")
        for text in layout.near_misses:
            if layout.matches(country.fold(text)) and country.check(country.fold(text), layout).ok:
                note(where + "near_misses", f"{text} matches and passes all checks")
    return found


@cache
def _built_in(code: str) -> Country:
    return _checked(FOLDER / f"{code}.toml")


def _checked(path: Path) -> Country:
    country, problems = _parse(path)
    if country is None or problems:
        raise CountryFileError("\n".join(map(str, problems)))
    return country


def codes() -> tuple[str, ...]:
    """Codes of the built-in countries, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_countries(
    codes_or_groups: Iterable[str] | None = None, files: Sequence[str | Path] = ()
) -> tuple[Country, ...]:
    """Load countries.

    Parameters
    ----------
    codes_or_groups : iterable of str, optional
        Codes (``de``), names (``Germany``), groups (``eu``, ``europe``, ``cis``, ``sea``, ``americas`` ...) and
        ``all``, in any case. None means all, or only the ``files`` if there are any.
    files : sequence of path, optional
        A user's own country files. One with the code of a built-in country takes its place.

    Returns
    -------
    tuple of Country
        Without repeats, in the order asked for, then the files.

    Raises
    ------
    UsageError
        If a code, name or group is unknown.
    CountryFileError
        If a file has mistakes; the message lists them all, with file, key and reason.
    """
    own = []
    for file in files:
        path = Path(file)
        mistakes = problems_of(path)
        if mistakes:
            raise CountryFileError("\n".join(map(str, mistakes)))
        own.append(_checked(path))
    wanted = (() if files else ("all",)) if codes_or_groups is None else codes_or_groups
    known = frozenset(codes())
    found: dict[str, Country] = {}
    for word in (w.strip().lower() for w in wanted):
        if word in known:
            matched = [_built_in(word)]
        else:
            everyone = [_built_in(code) for code in sorted(known)] + own
            matched = [c for c in everyone if word == "all" or word in c.groups or word in _names(c)]
        if not matched:
            raise UsageError(f"unknown country or group {word!r}; `classic-anpr countries` lists them")
        found.update((country.code, country) for country in matched)
    found.update((country.code, country) for country in own)
    return tuple(found.values())


def _names(country: Country) -> set[str]:
    return {country.code, *(name.lower() for name in (country.name, *country.names))}
