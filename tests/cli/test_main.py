"""The command as a whole: it starts light, and turns every error into an exit code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from classic_anpr import __version__
from classic_anpr.cli import main as cli
from classic_anpr.errors import EngineError, ImageError, UsageError


def exit_code(arguments: Sequence[str]) -> object:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return caught.value.code


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    assert "read" in capsys.readouterr().out
    assert exit_code(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["no-such-command"]) == 2
    assert exit_code(["read"]) == 2
    assert exit_code(["read", "--roi", "1,2,3", "x.jpg"]) == 2
    assert "x,y,width,height" in capsys.readouterr().err
    assert exit_code(["read", "--format", "xml", "x.jpg"]) == 2


@pytest.mark.parametrize("name", ["classic_anpr", "classic_anpr.cli.main"])
def test_import_stays_light(name: str) -> None:
    """Neither the import nor the help may cost OpenCV, numpy or Tesseract."""
    heavy = {"cv2", "numpy", "skimage", "tesserocr", "pytesseract", "torch", "imutils"}
    code = f"import {name}, sys; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_commands_without_a_module_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "COMMANDS", {"read": "Read.", "nothing": "Has no module."})
    context = cli.cli.make_context("classic-anpr", ["read"])
    assert cli.cli.list_commands(context) == ["read"]
    assert cli.cli.get_command(context, "nothing") is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ImageError("a.jpg: empty file"), 1),
        (UsageError("no country 'xx'"), 2),
        (EngineError("no model"), 3),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 1),
    ],
)
def test_errors_become_exit_codes(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli, "main", fail)
    assert exit_code([]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(error) in captured.err


def test_package_names() -> None:
    import classic_anpr

    assert "Reader" in dir(classic_anpr)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = classic_anpr.nonsense
