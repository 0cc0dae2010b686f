"""The failure ledger of benchmarks/failures.py on drawn pictures."""

from __future__ import annotations

import csv
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from classic_anpr import Reader
from classic_anpr.countries import load_countries

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("failures")


def readable_sample() -> dict[str, str]:
    """The label of a drawn picture whose plate, of one line, is read."""
    with (SAMPLES / "labels.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            if float(row["w"]) > 3 * float(row["h"]):
                plates = Reader(countries=[row["country"].lower()]).read(SAMPLES / row["file"])
                if row["text"] in [plate.text for plate in plates]:
                    return row
    pytest.fail("no drawn picture is read")


def labelled(folder: Path, rows: list[tuple[str, str, tuple[int, int, int, int]]]) -> Path:
    """A set of its own format: (file, text, box) of each plate."""
    folder.mkdir(parents=True)
    with (folder / "labels.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "text", "country", "x", "y", "w", "h"])
        writer.writerows([file, text, "", *box] for file, text, box in rows)
    return folder


def test_what_a_wrong_cut_does_to_a_text(failures: ModuleType) -> None:
    def ends(truth: str, read: str) -> tuple[int, int, int]:
        found = failures.ends(truth, read)
        return found.missing, found.added, found.inner

    assert ends("AB123", "AB123") == (0, 0, 0)
    assert ends("AB123", "123") == (2, 0, 0)
    assert ends("AB123", "1AB123") == (0, 1, 0)
    assert ends("AB123", "A8123") == (0, 0, 1)
    assert ends("AB123", "AB13") == (0, 0, 1)
    assert ends("AB123", "") == (5, 0, 0)


def test_a_candidate_fits_a_label_by_place_and_size(failures: ModuleType) -> None:
    box = (100.0, 100.0, 200.0, 50.0)

    def band(x: float, y: float, w: float, h: float) -> np.ndarray:
        return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)

    assert failures.fits(band(110, 110, 180, 30), box)
    assert not failures.fits(band(400, 110, 180, 30), box)
    assert not failures.fits(band(180, 120, 20, 30), box)  # one glyph
    assert not failures.fits(band(0, 60, 400, 130), box)  # the car


def test_printed_lines_of_two_line_layouts(failures: ModuleType) -> None:
    (country,) = load_countries(["sg"])
    assert set(failures.printed_lines(country, "SBA1234G")) >= {"SBA", "1234G"}
    assert not list(failures.printed_lines(country, "12"))


def test_ledger_of_drawn_pictures(
    failures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = readable_sample()
    box = tuple(round(float(row[k])) for k in "xywh")
    picture = cv2.imread(str(SAMPLES / row["file"]))
    name = f"{row['country'].lower()}-drawn"
    last = "7" if row["text"][-1] != "7" else "4"
    photos = tmp_path / "photos"
    folder = labelled(
        photos / name,
        [
            ("right.png", row["text"], box),
            ("otherwise.png", row["text"][:-1] + last, box),
            ("longer.png", row["text"] + "77", box),
            ("wall.png", "AB1234", (100, 100, 200, 50)),
        ],
    )  # type: ignore[list-item]
    for file in ("right", "otherwise", "longer"):
        cv2.imwrite(str(folder / f"{file}.png"), picture)
    cv2.imwrite(str(folder / "wall.png"), np.full((300, 400, 3), 120, np.uint8))
    kept = tmp_path / "ledger.json"
    arguments = ["failures.py", "--photos", str(photos), "--json", str(kept), "--sheets", str(tmp_path / "sheets")]
    monkeypatch.setattr(sys, "argv", arguments)
    failures.main()
    table = capsys.readouterr().out
    assert "| **missed** | 3 | 3 |" in table
    assert "| of plates | 4 | 4 |" in table
    causes = {c["file"]: c["cause"] for c in json.loads(kept.read_text())["cases"]}
    assert causes["wall.png"] == "not proposed"
    assert causes["otherwise.png"].startswith("one glyph wrong")
    assert causes["longer.png"] == "badly cut: too short"
    assert (tmp_path / "sheets" / "not_proposed_1.png").is_file()

    labelled_rows = (folder / "labels.csv").read_text().replace(row["text"] + "77", row["text"])
    (folder / "labels.csv").write_text(labelled_rows)
    monkeypatch.setattr(sys, "argv", ["failures.py", "--photos", str(photos), "--before", str(kept)])
    failures.main()
    table = capsys.readouterr().out
    assert "| badly cut: too short | 1 | 0 | -1 |" in table
    assert f"- won {name}/longer.png: {row['text']}77, was badly cut: too short" in table


def test_no_part_of_a_photograph_goes_into_the_repository(
    failures: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["failures.py", "--photos", ".", "--sheets", str(ROOT / "benchmarks" / "sheets")])
    with pytest.raises(SystemExit):
        failures.main()
    assert "no part of a photograph may be" in capsys.readouterr().err
