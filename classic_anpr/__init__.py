"""Number plates read by classical computer vision and Tesseract, on a CPU, explained at every step.

>>> from classic_anpr import Reader
>>> for plate in Reader(countries=["ru"]).read("photo.jpg"):  # doctest: +SKIP
...     print(plate.text, plate.confidence)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classic_anpr.errors import AnprError, EngineError, ImageError
    from classic_anpr.images import Image
    from classic_anpr.reader import Reader, Settings
    from classic_anpr.results import Character, PlateReading, Record, TextCandidate

__version__ = "0.1.0"

# Imported at first use: `import classic_anpr` must not cost OpenCV and Tesseract.
_HOMES = {
    "AnprError": "errors",
    "EngineError": "errors",
    "ImageError": "errors",
    "Image": "images",
    "Reader": "reader",
    "Settings": "reader",
    "Character": "results",
    "PlateReading": "results",
    "Record": "results",
    "TextCandidate": "results",
}

__all__ = [
    "AnprError",
    "Character",
    "EngineError",
    "Image",
    "ImageError",
    "PlateReading",
    "Reader",
    "Record",
    "Settings",
    "TextCandidate",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
