"""What an OCR engine is, which ones there are, and where their model lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from classic_anpr.errors import EngineError
from classic_anpr.ocr.lattice import Lattice

EngineName = Literal["tesserocr", "pytesseract"]
ENGINES: tuple[EngineName, ...] = ("tesserocr", "pytesseract")
MODEL_NAME = "plate.traineddata"
SECOND_MODEL_NAME = "plate-second.traineddata"  # trained apart from the first: its mistakes are others


class Engine(Protocol):
    """Reads line images. Not for several threads at once; the same line gives the same lattice whatever came before."""

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Lattice]:
        """One lattice per line image (grey uint8, 36 px high, dark glyphs on light ground), in their order.

        Raises
        ------
        ValueError
            When a line is not a two-dimensional uint8 array.
        EngineError
            When the engine fails.
        """

    def close(self) -> None:
        """Free the model. The engine cannot be used afterwards; closing twice is harmless."""


def packaged_model(second: bool = False) -> Path:
    """A plate model that comes with this package: in ``classic_anpr/tessdata`` of an installed wheel, in
    ``tessdata`` of a source tree.

    Parameters
    ----------
    second : bool
        Whether the one for the reader's further looks is meant.

    Raises
    ------
    EngineError
        When neither holds it.
    """
    name = SECOND_MODEL_NAME if second else MODEL_NAME
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "tessdata", package.parent / "tessdata"):
        if (folder / name).is_file():
            return folder / name
    raise EngineError(
        f"the OCR model {name} is missing from {package / 'tessdata'}: reinstall classic-anpr, "
        "or name another Tesseract LSTM model (a .traineddata file)"
    )


def open_engine(name: EngineName = "tesserocr", model: Path | None = None) -> Engine:
    """Load an engine with its model.

    Parameters
    ----------
    name : {"tesserocr", "pytesseract"}
        ``tesserocr`` runs Tesseract in this process; ``pytesseract`` starts the machine's own ``tesseract`` command
        once per call of `read`.
    model : Path, optional
        A Tesseract LSTM ``.traineddata`` file; the packaged plate model if left out. Characters other than 0-9, A-Z are
        ignored, lower case is read as upper case.

    Raises
    ------
    EngineError
        When the engine or the model is missing or does not work; the message says how to get it.
    """
    if model is None:
        model = packaged_model()
    elif not model.is_file():
        raise EngineError(f"there is no OCR model at {model}: name a Tesseract LSTM .traineddata file")
    elif model.suffix != ".traineddata":
        raise EngineError(f"{model} is no OCR model: Tesseract's models are files named *.traineddata")
    if name == "tesserocr":
        from classic_anpr.ocr.inprocess import InProcessEngine

        return InProcessEngine(model)
    if name == "pytesseract":
        from classic_anpr.ocr.commandline import CommandLineEngine

        return CommandLineEngine(model)
    raise EngineError(f"there is no OCR engine named {name!r}: choose {' or '.join(ENGINES)}")


def check_line(line: NDArray[np.uint8]) -> None:
    """Raise ValueError unless `line` is a two-dimensional, non-empty uint8 array."""
    if line.ndim != 2 or line.dtype != np.uint8 or line.size == 0:
        raise ValueError(f"a line image is a grey uint8 array (H, W), not {line.dtype} {line.shape}")
