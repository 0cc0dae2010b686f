"""Countries in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from classic_anpr.countries.model import Arrangement, Country, Layout


def printed_lines(layout: Layout, text: str, arrangement: Arrangement) -> list[str]:
    """The text lines of a plate as printed in an arrangement, separators between the groups of a line."""
    groups = layout.best_split(text)
    if groups is None:
        return [text]
    lines = []
    for members in arrangement.lines:
        line = ""
        for group in members:
            if groups[group - 1]:
                line += (layout.separators[group - 1] if line else "") + groups[group - 1]
        if line:
            lines.append(line)
    return lines


def drawn(lines: Sequence[str], sign: str = "", right: bool = False) -> str:
    """A plate of box-drawing characters around its lines, with a band for its sign."""
    width = max(len(line) for line in lines)
    bars = []
    for i, line in enumerate(lines):
        cells = [f" {line:^{width}} "]
        if sign:
            cells.insert(right, f"{sign if i == 0 else '':{len(sign)}}")
        bars.append(f"│{'│'.join(cells)}│")
    edge = "─" * (len(bars[0]) - 2)
    return "\n".join([f"┌{edge}┐", *bars, f"└{edge}┘"])


def describe(country: Country) -> Iterator[str]:
    """Each layout of a country with a drawn example of each arrangement, as paragraphs."""
    yield f"{country.code}  {country.name}  groups: {' '.join(country.groups) or '-'}  sign: {country.sign or '-'}"
    for layout in country.layouts:
        text = country.fold(layout.examples[0]) if layout.examples else ""
        colours = ", ".join(f"{c.characters} on {c.background}" for c in layout.colours)
        first, last = (str(year or "") for year in layout.years)
        years = f"  {first}-{last}" if first or last else ""
        paragraph = [f"{layout.id} ({layout.vehicle}){years}: {layout.name}", f"  {colours}; {layout.regex}"]
        seen = set()
        for arrangement in layout.arrangements if text else ():
            lines = tuple(printed_lines(layout, text, arrangement))
            if lines in seen:
                continue
            seen.add(lines)
            band = arrangement.plate.band if arrangement.plate else ""
            picture = drawn(lines, country.sign if band else "", band.endswith("right"))
            paragraph += ["  " + row for row in picture.splitlines()]
        yield "\n".join(paragraph)


def explain(country: Country, text: str) -> Iterator[tuple[Layout, bool, str]]:
    """For each layout: whether the text has it and passes its checks, and the reason in words."""
    for layout in country.layouts:
        why = layout.explain(text)
        if why is not None:
            yield layout, False, f"no: {why}"
            continue
        check = country.check(text, layout)
        where = f"; {check.region} {check.region_name}" if check.region else ""
        words = f"matches: {layout.format(text)}{where}"
        yield layout, check.ok, words + "".join(f"; warning: {warning}" for warning in check.warnings)
