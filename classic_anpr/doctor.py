"""What is installed, and what is missing to read plates."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import classic_anpr

# Distribution -> the module that must import.
REQUIRED = {
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "scikit-image": "skimage",
    "imutils": "imutils",
    "click": "click",
    "tesserocr": "tesserocr",
    "pytesseract": "pytesseract",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    name : str
        What was looked at.
    state : str
        What was found there, or why it fails.
    missing : bool
        Whether plates cannot be read because of it.
    """

    name: str
    state: str
    missing: bool = False


def examine() -> Iterator[Finding]:
    """Look at everything that reading needs, one `Finding` after the other."""
    yield Finding("classic-anpr", classic_anpr.__version__)
    yield Finding("Python", f"{platform.python_version()} on {platform.platform()}, {os.cpu_count()} processors")
    for distribution, module in REQUIRED.items():
        yield _try(distribution, functools.partial(_version, distribution, module))
    yield _try("Tesseract library", _tesseract_library)
    yield _try("plate model", _model)
    yield _try("plate model, second", functools.partial(_model, second=True))
    yield _try("engine tesserocr", lambda: _engine("tesserocr"))
    second = _try("engine pytesseract", lambda: _engine("pytesseract"))
    # Not needed unless it is asked for, so its absence is no fault.
    yield Finding(second.name, f"not available: {second.state}" if second.missing else second.state)
    yield _try("countries", _countries)


def _try(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look())
    except Exception as error:  # Whatever breaks here is what the user wants to be told.
        return Finding(name, str(error) or type(error).__name__, missing=True)


def _version(distribution: str, module: str) -> str:
    importlib.import_module(module)
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        # Another distribution may bring the module: opencv-python instead of opencv-python-headless does as well.
        return f"from another package: {getattr(importlib.import_module(module), '__version__', 'version unknown')}"


def _tesseract_library() -> str:
    import tesserocr

    return str(tesserocr.tesseract_version()).split("\n")[0]


def _model(second: bool = False) -> str:
    from classic_anpr.ocr.engine import packaged_model

    path = packaged_model(second)
    data = path.read_bytes()
    return f"{path} ({len(data) / 1e6:.1f} MB, sha256 {hashlib.sha256(data).hexdigest()[:16]})"


def _engine(name: str) -> str:
    import numpy as np

    from classic_anpr.ocr.engine import open_engine

    engine = open_engine(name)  # type: ignore[arg-type]
    try:
        line = np.full((36, 120), 220, np.uint8)
        line[6:30, 56:62] = 20  # One upright stroke: whatever it is read as, the engine has run.
        engine.read([line])
    finally:
        engine.close()
    return "works"


def _countries() -> str:
    from classic_anpr.countries import load_countries

    countries = load_countries(None)
    return f"{len(countries)}: {' '.join(country.code for country in countries)}"
