"""Both engines on lines drawn here, with the packaged model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.errors import EngineError
from classic_anpr.ocr.engine import Engine, open_engine, packaged_model
from classic_anpr.ocr.lattice import Lattice

try:
    MODEL: Path | None = packaged_model()
except EngineError:
    MODEL = None

needs_model = pytest.mark.skipif(MODEL is None, reason="the packaged model is not there")
needs_command = pytest.mark.skipif(shutil.which("tesseract") is None, reason="no tesseract command on this machine")

TEXTS = ("AB12", "7K93", "HN584", "CE6P2")


def draw(text: str) -> NDArray[np.uint8]:
    """Draw a line as the segmenter hands it over: 36 px high, dark on light, capitals about 24 px."""
    line = np.full((36, 20 * len(text) + 24), 215, np.uint8)
    cv2.putText(line, text, (12, 30), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 25, 3, cv2.LINE_AA)
    return cv2.GaussianBlur(line, (0, 0), 0.8)


@pytest.fixture(scope="module")
def tesserocr_engine() -> Iterator[Engine]:
    engine = open_engine("tesserocr")
    yield engine
    engine.close()


@needs_model
def test_drawn_lines_are_read(tesserocr_engine: Engine) -> None:
    texts = [lattice.text for lattice in tesserocr_engine.read([draw(text) for text in TEXTS])]
    same = sum(a == b for read, text in zip(texts, TEXTS, strict=True) for a, b in zip(read, text, strict=False))
    assert same >= 0.7 * sum(map(len, TEXTS)), texts


@needs_model
def test_slots_stand_where_the_glyphs_are(tesserocr_engine: Engine) -> None:
    line = draw("HH")
    wide = np.hstack([np.full((36, 60), 215, np.uint8), line])
    here, there = tesserocr_engine.read([line, wide])
    first, moved = (next(s for s in lattice.slots if s.blank < 0.5) for lattice in (here, there))
    assert 0 <= first.x0 < first.x1 <= line.shape[1]
    assert moved.x0 - first.x0 == pytest.approx(60, abs=9)


@needs_model
def test_order_and_repetition_change_nothing(tesserocr_engine: Engine) -> None:
    lines = [draw(text) for text in TEXTS]
    once = tesserocr_engine.read(lines)
    again = [tesserocr_engine.read([line])[0] for line in reversed(lines)]
    assert again[::-1] == once


@needs_model
def test_lines_without_text_or_too_narrow_give_empty_lattices(tesserocr_engine: Engine) -> None:
    assert tesserocr_engine.read([]) == []
    assert tesserocr_engine.read([np.full((36, 2), 200, np.uint8)]) == [Lattice(())]


@needs_model
@pytest.mark.parametrize(
    "line", [np.zeros((36, 50, 3), np.uint8), np.zeros((36, 50), np.float32), np.zeros((36, 0), np.uint8)]
)
def test_what_is_no_line_image_is_refused(tesserocr_engine: Engine, line) -> None:
    with pytest.raises(ValueError, match="grey uint8"):
        tesserocr_engine.read([line])


@needs_model
@needs_command
def test_both_engines_give_the_same_lattice(tesserocr_engine: Engine) -> None:
    """Within a tolerance: the two versions fill the borders of their convolutions with different random numbers."""
    lines = [draw(text) for text in TEXTS] + [np.full((36, 2), 200, np.uint8)]
    other = open_engine("pytesseract")
    for ours, theirs in zip(tesserocr_engine.read(lines), other.read(lines), strict=True):
        ours_strong, theirs_strong = ([s for s in lattice.slots if s.blank < 0.3] for lattice in (ours, theirs))
        assert len(ours_strong) == len(theirs_strong)
        for a, b in zip(ours_strong, theirs_strong, strict=True):
            assert abs((a.x0 + a.x1) - (b.x0 + b.x1)) / 2 <= 3.5
            chances = dict(b.alternatives)
            assert all(abs(p - chances.get(c, 0)) < 0.25 for c, p in a.alternatives)
    assert other.read([]) == []


@needs_model
@needs_command
def test_the_command_line_engine_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_engine("pytesseract").read([draw("AB12")])
    assert list(tmp_path.iterdir()) == []


@needs_model
def test_a_missing_command_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    pytesseract = pytest.importorskip("pytesseract")
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "no-such-tesseract")
    pytesseract.get_tesseract_version.cache_clear() if hasattr(
        pytesseract.get_tesseract_version, "cache_clear"
    ) else None
    with pytest.raises(EngineError, match="apt-get install tesseract-ocr"):
        open_engine("pytesseract")


def test_a_missing_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no OCR model at"):
        open_engine("tesserocr", tmp_path / "absent.traineddata")


def test_a_file_that_is_no_model_is_one_clear_error(tmp_path: Path) -> None:
    model = tmp_path / "text.traineddata"
    model.write_text("this is no model")
    with pytest.raises(EngineError, match="LSTM model"):
        open_engine("tesserocr", model)


@needs_model
def test_an_unknown_engine_is_one_clear_error() -> None:
    with pytest.raises(EngineError, match="tesserocr or pytesseract"):
        open_engine("magic")  # type: ignore[arg-type]


@needs_model
def test_a_closed_engine_says_so() -> None:
    engine = open_engine("tesserocr")
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.read([draw("AB12")])


@needs_model
def test_tesseract_is_loaded_with_one_thread() -> None:
    code = "import classic_anpr.ocr.inprocess, os; print(os.environ['OMP_THREAD_LIMIT'])"
    environment = {k: v for k, v in os.environ.items() if k != "OMP_THREAD_LIMIT"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "1"
