"""The doctor names what is missing, and does not fall over it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from classic_anpr import doctor
from classic_anpr.cli.main import main
from classic_anpr.ocr import engine


def test_versions() -> None:
    findings = {f.name: f for f in doctor.examine()}
    assert set(doctor.REQUIRED) < set(findings)
    assert not findings["numpy"].missing
    assert findings["numpy"].state[0].isdigit()
    assert findings["Tesseract library"].state.startswith("tesseract 5")


def test_broken_module_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imutils", None)  # makes `import imutils` fail
    broken = {f.name: f for f in doctor.examine()}["imutils"]
    assert broken.missing
    assert "imutils" in broken.state


def test_missing_model(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(engine, "MODEL_NAME", "absent.traineddata")
    with pytest.raises(SystemExit) as caught:
        main(["doctor"])
    out, err = capfd.readouterr()
    assert caught.value.code == 1
    assert "MISSING plate model" in out
    assert "reinstall" in out
    assert "missing:" in err


def test_second_engine_is_optional(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no `tesseract` here
    second = {f.name: f for f in doctor.examine()}["engine pytesseract"]
    assert not second.missing
    assert second.state.startswith("not available: ")
