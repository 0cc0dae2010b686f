"""What other systems say, as predictions: one module per system, each a pure function from its document to plates.

A document is what a system says of one picture, parsed from JSON. A file holds one document, one per line, a list of
them, or an object from picture to document; a folder holds one file per picture, named after it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from classic_anpr.errors import UsageError
from classic_anpr.evaluate.formats.base import Sizes
from classic_anpr.evaluate.predictions import alprunconstrained, plainfile
from classic_anpr.evaluate.predictions.base import System
from classic_anpr.evaluate.textfile import parse_json, read_text
from classic_anpr.evaluate.types import DataSetError, Prediction

# System -> module; a document goes to the first that recognises it.
_MODULES = {
    "classic-anpr": "native",
    "openalpr": "openalpr",
    "platerecognizer": "platerecognizer",
    "fast-alpr": "fastalpr",
    "nomeroff-net": "nomeroff",
    "hyperlpr3": "hyperlpr",
    "paddleocr": "paddleocr",
    "easyocr": "easyocr",
    "deep-anpr": "deepanpr",
}
SYSTEMS = (*_MODULES, "alpr-unconstrained", "csv", "text")


def get_system(name: str) -> System:
    """The system of that name, of those that speak JSON."""
    if name not in _MODULES:
        raise UsageError(f"no system {name!r}: there are {', '.join(SYSTEMS)}")
    system: System = importlib.import_module(f"classic_anpr.evaluate.predictions.{_MODULES[name]}").SYSTEM
    return system


def prediction_of(document: Any, where: str, name: str | None = None, filename: str = "") -> Prediction:
    """What a document says of a picture.

    Parameters
    ----------
    document : object parsed from JSON
    where : str
        File and line, for messages.
    name : str, optional
        The system; recognised by the document where left out.
    filename : str
        The picture, where the document does not name it.

    Raises
    ------
    DataSetError
        If no system has such documents, the picture is not named, or a value is wrong.
    """
    for candidate in _MODULES if name is None else (name,):
        system = get_system(candidate)
        if system.recognise(document) or candidate == name:
            try:
                prediction = system.read(document, where)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                raise DataSetError(f"{where}: not as {candidate} writes it: {type(error).__name__}: {error}") from None
            if not (prediction.filename or filename):
                raise DataSetError(f"{where}: no file name; keep one file per picture, named after it")
            return Prediction(prediction.filename or filename, prediction.plates, prediction.cost, prediction.error)
    raise DataSetError(f"{where}: the predictions of no known system; name one of {', '.join(SYSTEMS)}")


def read_predictions(path: Path, name: str | None = None, sizes: Sizes | None = None) -> list[Prediction]:
    """All predictions of a file or a folder.

    Parameters
    ----------
    path : Path
    name : str, optional
        The system; recognised where left out.
    sizes : Sizes, optional
        Width and height of a picture by its stem: alpr-unconstrained writes shares of them.

    Raises
    ------
    UsageError
        If there is no such file or folder.
    DataSetError
        If something in it is wrong; names file and line.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    if name == "alpr-unconstrained" or (name is None and path.is_dir() and any(path.glob("*_cars.txt"))):
        return alprunconstrained.read(path, sizes)
    if name == "csv" or (name is None and path.suffix.lower() == ".csv"):
        return plainfile.parse_table_of_plates(read_text(path), str(path))
    predictions = list(_documents(path, name))
    if not predictions and path.is_dir():
        raise DataSetError(f"{path}: no .json file in it")
    return predictions


def _documents(path: Path, name: str | None) -> Iterator[Prediction]:
    if path.is_dir():
        for file in sorted(path.glob("*.json")):
            yield prediction_of(parse_json(read_text(file), str(file)), str(file), name, file.name[: -len(".json")])
        return
    text = read_text(path)
    lines = [(k, line) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    if path.suffix.lower() in (".jsonl", ".ndjson") or (len(lines) > 1 and all(x.startswith("{") for _, x in lines)):
        for k, line in lines:
            yield prediction_of(parse_json(line, str(path), k), f"{path}:{k}", name)
        return
    whole = parse_json(text, str(path))
    if isinstance(whole, dict) and not _known(whole, name):
        for key, document in whole.items():
            yield prediction_of(document, f"{path}: {key}", name, key)
    elif isinstance(whole, list) and all(isinstance(d, dict) and _named(d) for d in whole):
        for k, document in enumerate(whole, 1):
            yield prediction_of(document, f"{path}: record {k}", name)
    else:
        yield prediction_of(whole, str(path), name, path.stem)


def _known(document: Any, name: str | None) -> bool:
    return any(get_system(n).recognise(document) for n in (_MODULES if name is None else (name,)))


def _named(document: dict[str, Any]) -> bool:
    return any(key in document for key in ("filename", "image", "file", "input_path"))
