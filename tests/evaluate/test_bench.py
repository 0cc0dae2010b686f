"""The commands bench and convert, from the outside."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr.cli.bench import bench
from classic_anpr.cli.convert import convert
from classic_anpr.cli.main import main
from classic_anpr.errors import AnprError

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(command: object, *arguments: object) -> tuple[int, str, str]:
        words = [str(a) for a in arguments]
        try:
            code = command.main(words, standalone_mode=False)  # type: ignore[attr-defined]
        except AnprError as error:
            print(f"error: {error}", file=sys.stderr)
            code = error.exit_code
        out, err = capsys.readouterr()
        return (code if isinstance(code, int) else 0), out, err

    return run


@pytest.fixture
def public_set(tmp_path: Path) -> Path:
    """OpenALPR's layout: four pictures, a text file beside each, one published error."""
    folder = tmp_path / "eu"
    folder.mkdir()
    for k, text in enumerate(("AB123CD", "RKO99AN", "XY77", "ZZ9999")):
        picture = np.full((100, 200, 3), 60 + 40 * k, np.uint8)
        cv2.putText(picture, text, (50, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (250, 250, 250))
        cv2.imwrite(str(folder / f"eu{k}.jpg"), picture)
        (folder / f"eu{k}.txt").write_text(f"eu{k}.jpg\t40\t40\t120\t30\t{text}\n")
    return folder


def said(path: Path, texts: list[str], time: float = 10.0) -> Path:
    """A system's OpenALPR JSON, one line per picture."""
    corners = [{"x": x, "y": y} for x, y in ((42, 41), (158, 41), (158, 69), (42, 69))]
    with path.open("w") as stream:
        for k, text in enumerate(texts):
            plate = {"plate": text, "confidence": 90.0, "coordinates": corners, "candidates": []}
            document = {"data_type": "alpr_results", "filename": f"eu{k}.jpg", "processing_time_ms": time + k}
            stream.write(json.dumps(document | {"results": [plate] if text else []}) + "\n")
    return path


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|\n").split("|")]


def test_one_command_prints_the_table(run: Run, public_set: Path, tmp_path: Path) -> None:
    predictions = said(tmp_path / "mine.jsonl", ["AB123CD", "RK099AN", "", "ZZ9998"])
    code, out, _ = run(bench, public_set, "--predictions", predictions)
    lines = [line for line in out.splitlines() if line.startswith("|")]
    table = dict(zip(cells(lines[0]), cells(lines[2]), strict=True))
    assert code == 0
    assert (table["images"], table["plates"]) == ("4", "4")
    assert (table["strict, as published"], table["corrected"], table["folded"]) == ("25.0 %", "50.0 %", "50.0 %")
    assert table["95 %"] == "15-85"
    assert table["CER"] == "20.8 %"  # 1 wrong and 4 lost of 24
    assert table["ms per image"] == "12"
    _, out, _ = run(bench, public_set, "--predictions", predictions, "--as-published")
    lines = [line for line in out.splitlines() if line.startswith("|")]
    assert dict(zip(cells(lines[0]), cells(lines[2]), strict=True))["corrected"] == "25.0 %"


def test_another_compares_two_systems(run: Run, public_set: Path, tmp_path: Path) -> None:
    first = said(tmp_path / "first.jsonl", ["AB123CD", "RK099AN", "XY77", "ZZ9999"])
    second = said(tmp_path / "second.jsonl", ["AB123CD", "", "", "ZZ9998"])
    code, out, _ = run(bench, public_set, "--compare", first, second)
    assert code == 0
    rows = {cells(line)[0]: cells(line) for line in out.splitlines() if line.startswith("|")}
    assert rows["first"][4] == "100.0 %"
    assert rows["second"][4] == "25.0 %"
    assert rows["first / second"][1:4] == ["3", "0", "0.25"]
    assert "cannot be told apart" in rows["first / second"][4]


class Links(HTMLParser):
    """What a page refers to, and which elements it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]


def test_report_is_one_page(run: Run, public_set: Path, tmp_path: Path) -> None:
    predictions = said(tmp_path / "<mine>.jsonl", ["AB123CD", "RK099AN", "", "ZZ9998"])
    code, _, err = run(bench, public_set, "--predictions", predictions, "--out", tmp_path / "out")
    assert code == 0
    assert "report.html" in err
    text = (tmp_path / "out" / "report.html").read_text()
    page = Links()
    page.feed(text)
    assert all(link.startswith(("data:", "#")) for link in page.links)
    assert sum(link.startswith("data:image/jpeg") for link in page.links) == 2  # the two misses
    assert "script" not in page.tags
    assert "&lt;mine&gt;" in text
    for words in (
        "ZZ9999 read as",
        "OpenALPR&#x27;s protocols",
        "command",
        "What makes a plate hard",
        "<td>brightness</td>",
    ):
        assert words in text
    markdown = (tmp_path / "out" / "report.md").read_text()
    assert "| eu/eu3.jpg | ZZ9999 | ZZ9998 | 0.90 |" in markdown
    assert re.search(r"\| 9 \| 8 \| 1 \|", markdown)


def test_plots_are_in_the_page(run: Run, public_set: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the plots need matplotlib, of the bench extra")
    predictions = said(tmp_path / "a.jsonl", ["AB123CD", "RK099AN", "", "ZZ9998"])
    run(bench, public_set, "--compare", predictions, said(tmp_path / "b.jsonl", [""] * 4), "--out", tmp_path)
    page = Links()
    page.feed((tmp_path / "report.html").read_text())
    assert page.tags.count("svg") >= 3


def test_page_without_matplotlib_says_so(
    run: Run, public_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classic_anpr.evaluate.report import plots

    monkeypatch.setattr(plots, "available", lambda: False)
    run(bench, public_set, "--predictions", said(tmp_path / "a.jsonl", [""] * 4), "--out", tmp_path)
    assert "classic-anpr[bench]" in (tmp_path / "report.html").read_text()


def test_protocols_by_name(run: Run, public_set: Path, tmp_path: Path) -> None:
    predictions = said(tmp_path / "mine.jsonl", ["AB123CD", "RKO99AN", "", "ZZ9998"])
    _, out, _ = run(bench, public_set, "--predictions", predictions, "--protocol", "endtoendtest")
    assert "| endtoendtest | correct matches | 50.00 % |" in out
    assert "benchmark.py" not in out


def test_fail_under(run: Run, public_set: Path, tmp_path: Path) -> None:
    predictions = said(tmp_path / "mine.jsonl", ["AB123CD", "RK099AN", "", "ZZ9998"])
    assert run(bench, public_set, "--predictions", predictions, "--fail-under", 0.5)[0] == 0
    code, _, err = run(bench, public_set, "--predictions", predictions, "--fail-under", 0.51)
    assert code == 1
    assert "corrected 0.500 is below 0.51" in err
    arguments = (public_set, "--predictions", predictions, "--fail-under", 0.7, "--level", "found")
    assert run(bench, *arguments)[0] == 0


def test_a_system_is_run_and_resumed(run: Run, public_set: Path, tmp_path: Path) -> None:
    script = tmp_path / "system.py"
    script.write_text(
        "import pathlib, sys\nopen(sys.argv[2], 'a').write('x')\n"
        "print(pathlib.Path(sys.argv[1]).with_suffix('.txt').read_text().split()[-1])\n"
    )
    command = f"{sys.executable} {script} {{image}} {tmp_path / 'count'}"
    out = tmp_path / "out"
    for _ in range(2):
        assert run(bench, public_set, "--system", command, "--out", out, "--as-published", "--fail-under", 1)[0] == 0
    assert (tmp_path / "count").read_text() == "xxxx"
    lines = (out / "readings.jsonl").read_text().splitlines()
    assert len(lines) == 4
    assert json.loads(lines[0])["cost"]["wall_ms"] > 0
    (out / "readings.jsonl").write_text("\n".join(lines[:2]) + "\n" + lines[2][:20])
    run(bench, public_set, "--system", command, "--out", out)
    assert (tmp_path / "count").read_text() == "xxxxxx"


def test_missing_predictions_count_as_missed_and_are_named(run: Run, public_set: Path, tmp_path: Path) -> None:
    _, out, _ = run(bench, public_set, "--predictions", said(tmp_path / "mine.jsonl", ["AB123CD"]))
    assert "3 images have no prediction" in out
    assert "25.0 %" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--compare"], "predictions are wanted behind the set"),
        (["--predictions", "{predictions}", "--system", "x {image}"], "not both"),
        (["{set}"], "folders of the same name"),
        (["--predictions", "{broken}"], r"broken\.jsonl:2: not JSON"),
    ],
)
def test_wrong_usage(run: Run, public_set: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "broken.jsonl").write_text('{"filename": "a", "plates": []}\n{\n')
    names = {
        "{predictions}": said(tmp_path / "mine.jsonl", [""]),
        "{set}": public_set,
        "{broken}": tmp_path / "broken.jsonl",
    }
    code, out, err = run(bench, public_set, *(names.get(a, a) for a in arguments))
    assert (code, out) == (2, "")
    assert re.search(message, err)


def test_wrong_labels_and_skipping_them(run: Run, public_set: Path, tmp_path: Path) -> None:
    (public_set / "eu1.jpg").unlink()
    predictions = said(tmp_path / "mine.jsonl", ["AB123CD"])
    code, _, err = run(bench, public_set, "--predictions", predictions)
    assert code == 2
    assert "eu1.txt:1: eu1.jpg: no such picture" in err
    code, out, _ = run(bench, public_set, "--predictions", predictions, "--skip-bad")
    assert code == 0
    assert "| eu | 3 | 3 |" in out


def test_convert(run: Run, public_set: Path, tmp_path: Path) -> None:
    target = tmp_path / "coco"
    code, _, err = run(convert, public_set, target, "--to", "coco", "--pictures")
    assert (code, err) == (0, "4 pictures, 4 plates\n")
    assert len(list(target.glob("*.jpg"))) == 4
    back = tmp_path / "back"
    code, _, err = run(convert, target, back, "--from", "coco", "--to", "openalpr")
    assert code == 0
    for file in public_set.glob("*.txt"):
        assert (back / file.name).read_text() == file.read_text()
    code, _, err = run(convert, public_set, tmp_path / "x", "--to", "ccpd")
    assert code == 2
    assert "ccpd cannot be written" in err


def test_bench_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["bench", "--help"])
    assert caught.value.code == 0
    assert "--fail-under" in capsys.readouterr().out
