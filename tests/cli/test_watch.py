"""``classic-anpr watch``, until it is interrupted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from classic_anpr.cli.main import main
from tests.cli.test_read import SCRIPT


def start(*arguments: object) -> subprocess.Popen[str]:
    call = [sys.executable, "-c", f"CHATTY = False\n{SCRIPT}", "watch", "--workers", "1", *map(str, arguments)]
    return subprocess.Popen(call, stderr=subprocess.PIPE, text=True)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came")


def records(path: Path) -> list[str]:
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [os.path.basename(json.loads(line)["filename"]) for line in lines if line.endswith("\n")]


def test_what_arrives_is_read_once_and_moved(photos: Path, tmp_path: Path) -> None:
    folder, done, output = tmp_path / "in", tmp_path / "done", tmp_path / "out.jsonl"
    folder.mkdir()
    shutil.copy(photos / "good.jpg", folder / "a.jpg")
    arguments = [folder, "--output", output, "--move-to", done, "--interval", "0.02"]
    with start(*arguments) as process:
        wait_for(lambda: (done / "a.jpg").exists())
        shutil.copy(photos / "text.jpg", folder / "b.jpg")
        wait_for(lambda: (done / "b.jpg").exists())
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    # Killed between the record and the move, and in the middle of the next record.
    (done / "b.jpg").rename(folder / "b.jpg")
    with output.open("a") as file:
        file.write('{"schema": 1, "filename": "')
    shutil.copy(photos / "good.jpg", folder / "c.jpg")
    with start(*arguments) as process:
        wait_for(lambda: (done / "c.jpg").exists())
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 130
    assert records(output) == ["a.jpg", "b.jpg", "c.jpg"]
    assert sorted(path.name for path in done.iterdir()) == ["a.jpg", "b.jpg", "c.jpg"]
    assert list(folder.iterdir()) == []


def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def exit_code(*arguments: object) -> object:
        with pytest.raises(SystemExit) as caught:
            main(["watch", *map(str, arguments)])
        return caught.value.code

    assert exit_code(tmp_path / "absent") == 2
    assert exit_code(tmp_path, "--move-to", tmp_path / "done") == 2
    assert "lies in the watched folder" in capsys.readouterr().err
    assert exit_code(tmp_path, "--output", tmp_path / "x.json", "--format", "json") == 2
