"""The machine's own ``tesseract`` command, through pytesseract: many lines per process start."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

from classic_anpr.errors import EngineError
from classic_anpr.ocr.engine import check_line
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.ocr.timesteps import VARIABLES, line_lattice, model_stride, parse_hocr

try:
    import pytesseract
except ImportError as error:
    raise EngineError(
        f"the OCR engine pytesseract cannot be imported ({error}): install it with `pip install pytesseract`, "
        "or use the engine tesserocr"
    ) from error

TIMEOUT_START_S = 30.0
TIMEOUT_LINE_S = 1.0


class CommandLineEngine:
    """pytesseract with one model. See `classic_anpr.ocr.engine.Engine`."""

    def __init__(self, model: Path) -> None:
        try:
            pytesseract.get_tesseract_version()
        except pytesseract.TesseractNotFoundError as error:
            raise EngineError(
                "the engine pytesseract needs the command `tesseract`, which is not on this machine: install it "
                "(Debian: apt-get install tesseract-ocr), or use the engine tesserocr, which needs nothing installed"
            ) from error
        except SystemExit as error:  # pytesseract's answer to a version line that it cannot read
            raise EngineError(f"the command `tesseract` does not answer with its version: {error}") from error
        self._model = model
        self._stride = model_stride(model)

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Lattice]:
        """See `classic_anpr.ocr.engine.Engine.read`. All lines go through one process."""
        for line in lines:
            check_line(line)
        if not lines:
            return []
        with TemporaryDirectory(prefix="classic-anpr-") as folder:
            names = [_write_pgm(Path(folder) / f"{i:05d}.pgm", line) for i, line in enumerate(lines)]
            page_list = Path(folder) / "lines.txt"
            page_list.write_text("\n".join(names) + "\n")
            pages = parse_hocr(self._run(page_list, len(lines)))
        if len(pages) != len(lines):
            raise EngineError(f"tesseract answered for {len(pages)} of {len(lines)} lines")
        return [
            line_lattice(page, line.shape[1], line.shape[0], self._stride)
            for page, line in zip(pages, lines, strict=True)
        ]

    def _run(self, page_list: Path, count: int) -> str:
        options = ["--tessdata-dir", str(self._model.parent), "--oem", "1", "--psm", "13"]
        for name, value in VARIABLES.items():
            options += ["-c", f"{name}={value}"]
        try:
            hocr = pytesseract.image_to_pdf_or_hocr(
                str(page_list),
                lang=self._model.stem,
                config=shlex.join(options),
                extension="hocr",
                timeout=TIMEOUT_START_S + count * TIMEOUT_LINE_S,
            )
        except pytesseract.TesseractError as error:
            raise EngineError(f"tesseract failed with the model {self._model}: {error.message}") from error
        except RuntimeError as error:
            raise EngineError(f"tesseract did not answer for {count} lines: {error}") from error
        return str(hocr, "utf-8")

    def close(self) -> None:
        """See `classic_anpr.ocr.engine.Engine.close`. Nothing is held between calls."""


def _write_pgm(path: Path, line: NDArray[np.uint8]) -> str:
    """Write a grey image in the one format that every build of Leptonica reads without an image library."""
    height, width = line.shape
    path.write_bytes(b"P5 %d %d 255\n" % (width, height) + line.tobytes())
    return str(path)
