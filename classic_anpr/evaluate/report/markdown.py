"""A report as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from classic_anpr.evaluate.report import Section


def markdown(title: str, sections: Sequence[Section]) -> str:
    """The whole report."""
    return "\n".join([f"# {title}", *(part for section in sections for part in ("", *_lines(section)))]) + "\n"


def _lines(section: Section) -> list[str]:
    lines = [f"## {_escaped(section.title)}"]
    if section.text:
        lines += ["", section.text]
    if section.header:
        lines += ["", *table(section.header, section.rows)]
    return lines


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """
    >>> table(("a", "b"), [("x|y", "1")])
    ['| a | b |', '| --- | --- |', '| x\\\\|y | 1 |']
    """
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(_escaped(cell) for cell in cells) + " |" for cells in lines]


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
