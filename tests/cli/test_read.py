"""``classic-anpr read``, with a reader that finds the same plate everywhere: sources, formats, files, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import classic_anpr
from classic_anpr.cli.main import main

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fake_reader: Any, plate: Any, tmp_path: Path
) -> Run:
    """Runs the command; gives its exit code, stdout and stderr. The reader's arguments are kept in ``run.options``."""
    options: dict[str, Any] = {}

    def make_reader(**given: Any) -> Any:
        options.update(given)
        return fake_reader(plate)

    monkeypatch.setitem(vars(classic_anpr), "Reader", make_reader)  # not setattr, which would import the real one
    monkeypatch.setattr(
        os, "sched_getaffinity", lambda _: {0}
    )  # One worker is this process, which has the fake reader.

    def run_it(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as caught:
            main([str(a) for a in arguments])
        out, err = capfd.readouterr()
        return caught.value.code, out, err

    run_it.options = options  # type: ignore[attr-defined]
    return run_it


def test_every_image_has_a_record_and_some_failed(run: Run, photos: Path) -> None:
    code, out, _ = run("read", photos)
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert len(records) == 9
    errors = {os.path.basename(r["filename"]): r["error"] for r in records}
    assert sorted(name for name, error in errors.items() if error is None) == [
        "good.jpg",
        "grey.png",
        "фото машины 2.JPG",
    ]
    assert all(len(r["plates"]) == (r["error"] is None) for r in records)


def test_all_well(run: Run, photos: Path) -> None:
    code, out, err = run("read", photos / "sub" / "grey.png", photos / "good.jpg", photos / "empty")
    assert code == 0
    assert [json.loads(line)["error"] for line in out.splitlines()] == [None, None]
    assert "no picture in this folder" in err


def test_nothing_found(run: Run, tmp_path: Path) -> None:
    assert run("read", tmp_path / "absent.jpg")[0] == 1
    assert run("read", tmp_path / "*.jpg")[:2] == (1, "")


def test_options_reach_the_reader(run: Any, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("")
    arguments = ["--country", "RU,by", "--country", "sk", "--top", "3", "--engine", "pytesseract"]
    run("read", photos / "good.jpg", *arguments, "--country-file", tmp_path / "my.toml")
    assert run.options == {
        "countries": ("ru", "by", "sk"),
        "country_files": (tmp_path / "my.toml",),
        "top": 3,
        "engine": "pytesseract",
    }
    run("read", photos / "good.jpg")
    assert run.options == {"countries": None, "country_files": (), "top": 5, "engine": "tesserocr"}


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 1),
        (["--min-confidence", "0.95"], 0),
        (["--min-width", "120"], 0),
        (["--max-width", "80"], 0),
        (["--roi", "0,0,100,60"], 1),
    ],
)
def test_selection(run: Run, photos: Path, options: list[str], count: int) -> None:
    code, out, _ = run("read", photos / "good.jpg", *options)
    assert code == 0
    assert len(json.loads(out)["plates"]) == count


def test_mask(run: Run, photos: Path, tmp_path: Path) -> None:
    mask = np.zeros((6, 20), np.uint8)
    mask[:, 12:] = 255
    cv2.imwrite(str(tmp_path / "right.png"), mask)
    cv2.imwrite(str(tmp_path / "left.png"), 255 - mask)
    for name, count in (("left.png", 1), ("right.png", 0)):
        _, out, _ = run("read", photos / "good.jpg", "--mask", tmp_path / name)
        assert len(json.loads(out)["plates"]) == count
    (tmp_path / "text.png").write_text("no picture")
    assert run("read", photos / "good.jpg", "--mask", tmp_path / "text.png")[0] == 2


def test_watchlist(run: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text("A 123 BC 777  # the boss\nA 128 BC 777\nX 1 YZ 99\n")
    arguments = ["read", photos / "good.jpg", "--watchlist", tmp_path / "known.txt"]
    boss = {"text": "A123BC777", "remark": "the boss", "distance": 0}
    near = {"text": "A128BC777", "remark": "", "distance": 1}
    assert json.loads(run(*arguments)[1])["plates"][0]["watched"] == [boss, near]
    assert json.loads(run(*arguments, "--watch-distance", 0)[1])["plates"][0]["watched"] == [boss]
    (row,) = csv.DictReader(io.StringIO(run(*arguments, "--format", "csv")[1]))
    assert row["watched"] == "A123BC777|A128BC777"
    assert "WATCHED A123BC777 the boss  WATCHED A128BC777 (~1)" in run(*arguments, "--format", "table")[1]
    assert "watched" not in json.loads(run("read", photos / "good.jpg")[1])["plates"][0]
    assert run("read", photos / "good.jpg", "--watchlist", photos)[0] == 2


def test_output_file_and_formats(run: Run, photos: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    code, out, _ = run("read", photos, "--format", "csv", "--output", target)
    assert (code, out) == (1, "")
    with target.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 9
    _, out, _ = run("read", photos / "sub", "--format", "json")
    assert len(json.loads(out)) == 9  # The loop of links leads back to all of them.
    code, _, err = run("read", photos, "--output", tmp_path / "absent" / "out.jsonl")
    assert code == 2
    assert "No such file or directory" in err


def test_pictures(run: Run, photos: Path, tmp_path: Path) -> None:
    folders = tmp_path / "new" / "annotated", tmp_path / "crops"
    run("read", photos / "good.jpg", photos / "text.jpg", "--annotate", folders[0], "--crops", folders[1])
    assert [len(list(folder.iterdir())) for folder in folders] == [1, 1]


def test_list_on_stdin(run: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = f"{photos / 'good.jpg'}\n\n{photos / 'sub' / 'фото машины 2.JPG'}\n{photos / 'nothing.jpg'}\n"
    (tmp_path / "list").write_text(listing)
    with open(tmp_path / "list") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, out, _ = run("read", "-")
    names = [os.path.basename(json.loads(line)["filename"]) for line in out.splitlines()]
    assert (code, names) == (1, ["good.jpg", "фото машины 2.JPG", "nothing.jpg"])


SCRIPT = """
import os, sys
import classic_anpr
from classic_anpr.cli.main import main
from classic_anpr.results import Record

class Reader:
    def __init__(self, **options): pass
    def record(self, image):
        if CHATTY:
            os.write(1, b"Tesseract Open Source OCR Engine\\n")
            print("said in Python")
        return Record(image.filename, image.sha256, 1, 1)

classic_anpr.Reader = Reader
main(sys.argv[1:])
"""


def command(chatty: bool, *files: Path) -> list[str]:
    return [sys.executable, "-c", f"CHATTY = {chatty}\n{SCRIPT}", "read", "--workers", "1", *map(str, files)]


def test_chatty_libraries_cannot_reach_stdout(photos: Path) -> None:
    call = command(True, photos / "good.jpg", photos / "sub" / "grey.png")
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 2
    assert done.stderr.count("Tesseract Open Source OCR Engine") == 2
    assert done.stderr.count("said in Python") == 2


def test_reader_of_the_pipe_may_leave(photos: Path) -> None:
    """As in ``classic-anpr read photos | head -1``: no traceback."""
    call = command(False, *[photos / "good.jpg"] * 2000)
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["error"] is None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 1


def test_resume(run: Run, photos: Path, tmp_path: Path) -> None:
    for form in ("jsonl", "csv"):
        target = tmp_path / f"out.{form}"
        arguments = ["read", photos, "--format", form, "--output", target, "--resume"]
        assert run(*arguments)[0] == 1
        whole = target.read_bytes()
        assert run(*arguments)[0] == 0  # Nothing was left to fail.
        assert target.read_bytes() == whole
        target.write_bytes(whole[: len(whole) // 2])
        run(*arguments)
        read = csv.DictReader(target.open()) if form == "csv" else map(json.loads, target.open())
        assert len({row["filename"] for row in read}) == 9
        assert target.read_bytes().count(b"\n") == whole.count(b"\n")
    assert run("read", photos, "--resume")[0] == 2
    assert run("read", photos, "--resume", "--format", "json", "--output", tmp_path / "x")[0] == 2
    (tmp_path / "diary.txt").write_text("Dear diary")
    code, _, err = run("read", photos, "--resume", "--output", tmp_path / "diary.txt")
    assert (code, (tmp_path / "diary.txt").read_text()) == (2, "Dear diary")
    assert "diary.txt: what stands there after 0 bytes is no jsonl record" in err


def test_archive(run: Run, photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as file:
        file.write(photos / "good.jpg", "a/good.jpg")
    code, out, _ = run("read", tmp_path / "photos.zip")
    assert (code, json.loads(out)["filename"]) == (0, f"zip://a/good.jpg::{tmp_path}/photos.zip")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_whole_records(photos: Path, number: signal.Signals) -> None:
    call = command(False, *[photos / "good.jpg"] * 5000)
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = [process.stdout.readline() for _ in range(10)]
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.stderr.read().split() == ["interrupted"]
        assert process.wait() == 130
    lines = ("".join(first) + rest).splitlines(keepends=True)
    assert all(line.endswith("\n") and json.loads(line)["error"] is None for line in lines)
    assert 10 <= len(lines) < 5000
