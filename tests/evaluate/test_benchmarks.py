"""The arithmetic of the scripts in benchmarks/, on made-up figures."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from classic_anpr.evaluate.outcomes import Judged, PhotoOutcome
from classic_anpr.evaluate.types import LabelledSet, Photo, PlateLabel

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SAMPLES = BENCHMARKS.parent / "samples"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def test_growth_of_cost(load: object) -> None:
    speed: ModuleType = load("speed")  # type: ignore[operator]
    times = [speed.Times(size, (7 * size**0.8,) * 3, {}) for size in (0.3, 1, 4, 24)]
    assert speed.growth(times) == pytest.approx(0.8)
    assert speed.Times(1, tuple(range(101)), {}).p95 == 95


def test_pictures_are_brought_to_a_size(load: object) -> None:
    speed: ModuleType = load("speed")  # type: ignore[operator]
    for megapixels in (0.01, 0.5):
        height, width = speed.scaled(np.zeros((120, 160, 3), np.uint8), megapixels).shape[:2]
        assert height * width == pytest.approx(1e6 * megapixels, rel=0.02)
        assert width / height == pytest.approx(4 / 3, rel=0.02)


def test_precision_is_counted_where_every_plate_is_labelled(load: object) -> None:
    table: ModuleType = load("table")  # type: ignore[operator]
    placed, unplaced = PlateLabel("A1", box=(0, 0, 9, 9)), PlateLabel("A1")

    def labels(name: str, *plates: PlateLabel) -> LabelledSet:
        return LabelledSet(name, Path(name), (Photo("a.jpg", plates), Photo("b.jpg")))

    assert table.scenes(labels("ru-x", placed))
    assert not table.scenes(labels("ru-x", placed, unplaced))
    assert not table.scenes(labels("ru-x-crops", placed))
    assert not table.scenes(labels("neg-x"))


def test_a_reading_is_of_the_half_of_the_plate_that_it_lies_on(load: object) -> None:
    table: ModuleType = load("table")  # type: ignore[operator]
    texts = [f"A{k}" for k in range(20)]
    items = tuple(Judged(0.9, True, True, text) for text in texts)
    halves = table.judged_by_half([PhotoOutcome("s", Photo("a.jpg"), None, (), 0, items)])
    assert {half: [j.truth for j in part] for half, part in halves.items()} == {
        half: [t for t in texts if table.half_of(t) == half] for half in table.HALVES
    }
    assert all(halves.values())
    stray = table.judged_by_half([PhotoOutcome("s", Photo("a.jpg"), None, (), 1, (Judged(0.9, False, False, ""),))])
    assert len(stray[table.half_of("a.jpg")]) == 1


def test_table_of_drawn_pictures(
    load: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the curve needs matplotlib: pip install 'classic-anpr[bench]'")
    folder = tmp_path / "photos" / "sk-drawn"
    folder.mkdir(parents=True)
    header, *rows = (SAMPLES / "labels.csv").read_text(encoding="utf-8").splitlines()
    rows = [row for row in rows if ",SK," in row]
    (folder / "labels.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    for row in rows:
        shutil.copy(SAMPLES / row.split(",")[0], folder)
    table: ModuleType = load("table")  # type: ignore[operator]
    curve = tmp_path / "curve.svg"
    monkeypatch.setattr(sys, "argv", ["table.py", "--photos", str(folder.parent), "--curve", str(curve)])
    table.main()
    text = capsys.readouterr().out
    assert f"| sk-drawn | {len(rows)} | {len(rows)} |" in text
    assert f"over the scenes whose background plates are labelled, too (sk-drawn): {len(rows)} plates" in text
    assert f"| {table.THRESHOLD:g} (default) |" in text
    assert curve.read_text(encoding="utf-8").startswith("<svg")
