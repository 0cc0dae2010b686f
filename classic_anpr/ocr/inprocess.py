"""Tesseract in this process, through tesserocr: the default engine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Tesseract's OpenMP threads cost more than they give on lines this short; processes are this project's parallelism.
# The variable is read when the library is loaded, so it must be set before the import.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

from classic_anpr.errors import EngineError
from classic_anpr.ocr.engine import check_line
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.ocr.timesteps import VARIABLES, line_lattice, model_stride, parse_hocr

try:
    import tesserocr
except ImportError as error:
    raise EngineError(
        f"the OCR engine tesserocr cannot be imported ({error}): install it with `pip install tesserocr`, "
        "or use the engine pytesseract"
    ) from error


class InProcessEngine:
    """tesserocr with one loaded model. See `classic_anpr.ocr.engine.Engine`."""

    def __init__(self, model: Path) -> None:
        self._stride = model_stride(model)
        self._api: tesserocr.PyTessBaseAPI | None = None
        try:
            self._api = tesserocr.PyTessBaseAPI(
                path=str(model.parent),
                lang=model.stem,
                psm=tesserocr.PSM.RAW_LINE,
                oem=tesserocr.OEM.LSTM_ONLY,
                variables=VARIABLES,
            )
        except RuntimeError as error:
            raise EngineError(
                f"tesserocr cannot load the model {model}: is it a Tesseract LSTM model? ({error})"
            ) from error

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Lattice]:
        """See `classic_anpr.ocr.engine.Engine.read`."""
        if self._api is None:
            raise EngineError("this OCR engine was closed")
        return [self._read_line(self._api, line) for line in lines]

    def _read_line(self, api: tesserocr.PyTessBaseAPI, line: NDArray[np.uint8]) -> Lattice:
        check_line(line)
        height, width = line.shape
        api.SetImageBytes(np.ascontiguousarray(line).tobytes(), width, height, 1, width)
        if not api.Recognize():
            raise EngineError(f"tesserocr failed on a line of {width} x {height} px")
        pages = parse_hocr(api.GetHOCRText(0))
        api.Clear()
        return line_lattice(pages[0], width, height, self._stride) if pages else Lattice(())

    def close(self) -> None:
        """See `classic_anpr.ocr.engine.Engine.close`."""
        if self._api is not None:
            self._api.End()
            self._api = None
