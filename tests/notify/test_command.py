"""The options of the command, and a process that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import classic_anpr
from classic_anpr.cli.main import main
from classic_anpr.notify import make_hooks
from tests.notify.test_webhook import Server

ROOT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from pathlib import Path
from classic_anpr.notify import make_hooks
from classic_anpr.results import Record
with make_hooks(sys.argv[1], None, Path(sys.argv[2])) as hooks:
    for number in range(5):
        hooks.send(Record(f"{number}.jpg", None, 1, 1))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_had_sent_is_delivered_by_the_next(tmp_path: Path) -> None:
    server = Server()
    server.stop()
    command = [sys.executable, "-c", KILLED, server.url, str(tmp_path)]
    killed = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    server.start()
    with make_hooks(server.url, None, tmp_path):
        pass
    server.stop()
    assert [document["filename"] for document in server.received] == [f"{number}.jpg" for number in range(5)]


def test_read_sends_every_record(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fake_reader: Any,
    plate: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(vars(classic_anpr), "Reader", lambda **_: fake_reader(plate))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    server = Server()
    with pytest.raises(SystemExit):
        main(["-q", "read", str(photos), "--webhook", server.url])
    server.stop()
    written = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert len(written) == 9
    assert [{k: v for k, v in document.items() if k != "id"} for document in server.received] == written
    (folder,) = (tmp_path / "state" / "classic-anpr" / "spool").iterdir()
    assert [path.name for path in folder.iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--webhook", "ftp://host"], "--webhook: ftp://host"),
        (["--mqtt", "host"], "--mqtt: host"),
        (["--dask", "tcp://host:8786", "--workers", "2"], "--dask: "),
    ],
)
def test_wrong_options(options: list[str], message: str, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["read", "a.jpg", "--spool", str(tmp_path), *options])
    assert caught.value.code == 2
    assert message in capfd.readouterr().err
