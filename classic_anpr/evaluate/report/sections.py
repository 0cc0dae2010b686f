"""The tables of a report."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from classic_anpr.evaluate.intervals import mcnemar
from classic_anpr.evaluate.metrics import IOUS, Rate, Speed, Summary, summarise
from classic_anpr.evaluate.outcomes import PlateOutcome
from classic_anpr.evaluate.protocols import PROTOCOLS, benchmark_py, endtoendtest
from classic_anpr.evaluate.report import Result, Section
from classic_anpr.evaluate.slices import Key, Properties, slices
from classic_anpr.evaluate.strings import FOLDS

HEADER = (
    "",
    "images",
    "plates",
    "strict, as published",
    "corrected",
    "95 %",
    "folded",
    "top 5",
    "found",
    "end to end, IoU 0.5",
    "CER",
    "length",
    "extra per image",
    "ECE",
    "ms per image",
)

_FOLDED = ", ".join(f"{a} read as {b}" for a, b in FOLDS.items())
_EXPLAINED = (
    "A plate counts when a reported plate that lies on it has its text, separators and case aside; missed plates are "
    "wrong. Strict: the text as published. Corrected: with the known errors of the published texts corrected. "
    f"Folded: {_FOLDED} on both sides. 95 %: Wilson's interval of the corrected rate. "
    "Top 5: the text or one of five candidates. Found: a reported plate lies on it, whatever its text. "
    "CER: character errors over characters. Length: as many characters as the truth. "
    "ECE: expected calibration error. Milliseconds: median wall-clock, and processor time where it is known."
)


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage; a dash where it is unknown."""
    return "-" if math.isnan(value) else f"{100 * value:.{digits}f} %"


def between(interval: tuple[float, float]) -> str:
    """An interval of shares in whole percent."""
    low, high = interval
    return "-" if math.isnan(low) else f"{100 * low:.0f}-{100 * high:.0f}"


def row(name: str, table: Summary) -> list[str]:
    """One line of the main table."""
    return [
        name,
        str(table.images),
        str(table.plates),
        percent(table.strict.value),
        percent(table.corrected.value),
        between(table.corrected.interval) if table.plates else "-",
        percent(table.folded.value),
        percent(table.top[5].value),
        percent(table.found.value),
        percent(table.end_to_end[0.5].value),
        percent(table.characters.value),
        percent(table.length.value),
        f"{table.extra_per_image:.2f}",
        "-" if math.isnan(table.calibration_error) else f"{table.calibration_error:.3f}",
        _times(table.speed),
    ]


def _times(speed: Speed | None) -> str:
    """Median wall-clock and processor milliseconds: the second is the one to trust on a busy machine."""
    if speed is None:
        return "-"
    cpu = "" if speed.cpu_median_ms is None else f" / {speed.cpu_median_ms:.0f}"
    return f"{speed.median_ms:.0f}{cpu}"


def main_table(result: Result) -> Section:
    """The figures of one system, set by set and together."""
    rows = [row(name, summarise(photos)) for name, photos in result.sets.items()]
    if len(rows) > 1:
        rows.append(row("all", summarise(result.photos)))
    missing = summarise(result.photos).missing
    note = f" {missing} images have no prediction: their plates count as missed." if missing else ""
    return Section(result.name, _EXPLAINED + note, HEADER, rows)


def comparison(results: Sequence[Result]) -> list[Section]:
    """Systems side by side, and McNemar's test of each pair."""
    table = Section(
        "Side by side",
        _EXPLAINED,
        HEADER,
        [row(result.name, summarise(result.photos)) for result in results],
    )
    rows = []
    for first, second in itertools.combinations(results, 2):
        a = {(p.set_name, p.file, p.index): p for p in first.plates}
        b = {(p.set_name, p.file, p.index): p for p in second.plates}
        keys = sorted(a.keys() & b.keys())
        test = mcnemar([a[k].corrected for k in keys], [b[k].corrected for k in keys])
        verdict = "differ" if test.p < 0.05 else "cannot be told apart on these plates"
        rows.append(
            [f"{first.name} / {second.name}", str(test.only_first), str(test.only_second), f"{test.p:.3g}", verdict]
        )
    text = (
        "Exact McNemar test on the corrected truth: only the plates that one system reads and the other does not say "
        "which is better."
    )
    tests = Section("Do they differ?", text, ("systems", "only the first", "only the second", "p", "so they"), rows)
    return [table, tests]


def detail(result: Result, measured: Mapping[Key, Properties]) -> list[Section]:
    """Everything else about one system."""
    table = summarise(result.photos)
    sections = [_levels(table), _cost(table), _calibration(table), _slices(result.plates, measured)]
    sections += [_confusions(table), protocols(result)]
    return [section for section in sections if section.rows]


def _rate(name: str, rate: Rate) -> list[str]:
    return [name, f"{rate.right} / {rate.total}", percent(rate.value), between(rate.interval)]


def _levels(table: Summary) -> Section:
    rows = [
        _rate("strict, as published", table.strict),
        _rate("corrected", table.corrected),
        _rate("folded", table.folded),
        *(_rate(f"among the first {n}", rate) for n, rate in table.top.items()),
        _rate("found", table.found),
        *(_rate(f"detected, IoU {t}", table.detected[t]) for t in IOUS),
        *(_rate(f"end to end, IoU {t}", table.end_to_end[t]) for t in IOUS),
        _rate("length", table.length),
        _rate("character errors", table.characters),
    ]
    text = (
        f"Intervals by resampling whole photographs: corrected {between(table.corrected_bootstrap)} %, "
        f"character errors {between(table.error_bootstrap)} %. Where the truth is an axis-aligned box, overlap is that "
        "of the bounding rectangles."
    )
    return Section("All levels", text, ("", "count", "share", "95 %"), rows)


def _cost(table: Summary) -> Section:
    s = table.speed
    if s is None:
        return Section("Time and memory")
    cpu = "-" if s.cpu_median_ms is None else f"{s.cpu_median_ms:.0f}"
    peak = "-" if s.peak_mib is None else f"{s.peak_mib:.0f}"
    values = [str(s.images), f"{s.median_ms:.0f}", f"{s.p95_ms:.0f}", cpu, peak]
    header = ("images", "median ms", "95th percentile ms", "median processor ms", "peak MiB")
    return Section("Time and memory", "", header, [values])


def _calibration(table: Summary) -> Section:
    rows = [
        [f"{b.low:.1f} to {b.high:.1f}", str(b.count), f"{b.confidence:.3f}", f"{b.accuracy:.3f}"]
        for b in table.calibration
    ]
    text = "Of the reported plates with such a confidence, how many are right."
    return Section("Is the confidence true?", text, ("confidence", "plates", "mean confidence", "share right"), rows)


def _slices(plates: Sequence[PlateOutcome], measured: Mapping[Key, Properties]) -> Section:
    rows = [[s.by, *_rate(s.name, s.rate)] for s in slices(plates, measured)]
    return Section("What makes a plate hard", "Corrected rate.", ("by", "", "count", "share", "95 %"), rows)


def _confusions(table: Summary) -> Section:
    wrong = [(n, t, r) for (t, r), n in table.confusions.items() if t != r]
    wrong.sort(key=lambda item: (-item[0], item[1], item[2]))
    rows = [[t or "(nothing)", r or "(nothing)", str(n)] for n, t, r in wrong[:15]]
    return Section("What is taken for what", "The most frequent of them.", ("true", "read", "times"), rows)


def protocols(result: Result, names: Sequence[str] = tuple(PROTOCOLS)) -> Section:
    """OpenALPR's protocols, those that are named."""
    a, b = benchmark_py(result.photos), endtoendtest(result.photos)
    if not a.plates:
        return Section("OpenALPR's protocols")
    rows = [
        ["benchmark.py", "detected, IoU above 0.4", f"{a.detected:.2f} %"],
        ["benchmark.py", "top result", f"{a.top:.2f} %"],
        ["benchmark.py", "top N", f"{a.top_n:.2f} %"],
        ["benchmark.py", "top pattern", f"{a.top_pattern:.2f} %"],
        ["benchmark.py", "false positives", f"{a.false_positives:.2f} %"],
        ["endtoendtest", "plates detected", f"{b.detected:.2f} %"],
        ["endtoendtest", "correct top 10", f"{b.top10:.2f} %"],
        ["endtoendtest", "correct matches", f"{b.matches:.2f} %"],
        ["endtoendtest", "false detections per image", f"{b.false_detections:.2f}"],
        ["endtoendtest", "false results per image", f"{b.false_results:.2f}"],
    ]
    text = "The truth as published; for comparison with figures published under these protocols only."
    return Section("OpenALPR's protocols", text, ("protocol", "", ""), [r for r in rows if r[0] in names])


def worst(plates: Sequence[PlateOutcome], most: int = 24) -> list[PlateOutcome]:
    """The misses that hurt most: most characters wrong, the most certain of them first."""
    missed = [p for p in plates if not p.corrected]
    return sorted(missed, key=lambda p: (-p.edits / len(p.truth), -(p.confidence or 0), p.set_name, p.file))[:most]


def misses(plates: Sequence[PlateOutcome], most: int = 24) -> Section:
    """The worst misses in words."""
    rows = [
        [
            f"{p.set_name}/{p.file}",
            p.truth,
            " ".join(p.texts) or "(nothing)",
            "-" if p.confidence is None else f"{p.confidence:.2f}",
        ]
        for p in worst(plates, most)
    ]
    total = sum(not p.corrected for p in plates)
    return Section("The worst misses", f"{len(rows)} of {total}.", ("photograph", "plate", "read", "confidence"), rows)


def versions(command: str) -> Section:
    """What was run, and with what."""
    import platform
    from importlib import metadata

    import classic_anpr

    rows = [["command", command], ["classic-anpr", classic_anpr.__version__], ["Python", platform.python_version()]]
    for name in ("opencv-python-headless", "numpy", "tesserocr", "fast-alpr", "matplotlib"):
        try:
            rows.append([name, metadata.version(name)])
        except metadata.PackageNotFoundError:
            continue
    rows.append(["machine", f"{platform.system()} {platform.machine()}"])
    return Section("How it was measured", "", ("", ""), rows)
