"""A measurement's files: report.md and report.html."""

from __future__ import annotations

import html as html_module
from collections.abc import Sequence
from pathlib import Path

from classic_anpr.evaluate.calibration import precision_recall
from classic_anpr.evaluate.metrics import summarise
from classic_anpr.evaluate.report import Result, Section, html, markdown, plots, sections
from classic_anpr.evaluate.slices import Key, Properties, slices
from classic_anpr.evaluate.types import LabelledSet

TITLE = "Number plates: what was read"


def write_report(folder: Path, results: Sequence[Result], sets: Sequence[LabelledSet], command: str) -> None:
    """Write report.md and report.html of one system, or of several side by side, into `folder`.

    Parameters
    ----------
    command : str
        The exact command, which the report states.
    """
    from classic_anpr.evaluate.slices import measure

    measured = measure(sets)
    parts = report_sections(results, measured, command)
    (folder / "report.md").write_text(markdown.markdown(TITLE, parts), encoding="utf-8")
    drawn = _plots(results, measured)
    folders = {labels.name: labels.folder for labels in sets}
    pictures = [html.figure(plate, folders[plate.set_name] / plate.file) for plate in sections.worst(results[0].plates)]
    (folder / "report.html").write_text(html.page(TITLE, parts, drawn, pictures), encoding="utf-8")


def report_sections(results: Sequence[Result], measured: dict[Key, Properties], command: str) -> list[Section]:
    """All sections: side by side first where there are several systems; the details are of the first."""
    parts = sections.comparison(results) if len(results) > 1 else []
    parts += [sections.main_table(result) for result in results if len(results) == 1 or len(result.sets) > 1]
    parts += sections.detail(results[0], measured)
    return [*parts, sections.misses(results[0].plates), sections.versions(command)]


def _plots(results: Sequence[Result], measured: dict[Key, Properties]) -> list[str]:
    if not plots.available():
        return ["<p>" + html_module.escape("The plots need matplotlib: pip install 'classic-anpr[bench]'") + "</p>"]
    drawn = [plots.reliability({result.name: summarise(result.photos) for result in results})]
    curves = {r.name: precision_recall((j for p in r.photos for j in p.judged), len(r.plates)) for r in results}
    if any(curves.values()):
        drawn.append(plots.precision_recall(curves))
    cut = slices(results[0].plates, measured)
    drawn += [plots.by_slice(cut, by) for by in dict.fromkeys(s.by for s in cut) if by != "country"]
    return [*drawn, plots.confusion_matrix(summarise(results[0].photos))]
