"""Data sets in the form in which they are published: one module per format, all with a `base.Format` named FORMAT."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from classic_anpr.errors import UsageError
from classic_anpr.evaluate.formats.base import Format, losses, picture_size, reduced
from classic_anpr.evaluate.types import DataSetError, LabelledSet

log = logging.getLogger(__name__)

# Format -> module; those that look most like themselves first, since a folder takes the first that recognises it.
_MODULES = {
    "labels": "labels",
    "openalpr": "openalpr",
    "ccpd": "ccpd",
    "ufpr": "ufpr",
    "rodosol": "rodosol",
    "ssig": "ssig",
    "aolp": "aolp",
    "via": "via",
    "coco": "coco",
    "labelstudio": "labelstudio",
    "cvat": "cvat",
    "voc": "voc",
    "fast-plate-ocr": "fastplateocr",
    "csv": "table",
    "caltech": "caltech",
    "zemris": "zemris",
    "yolo": "yolo",
    "filename": "filename",
}
FORMATS = tuple(_MODULES)


def get_format(name: str) -> Format:
    """The format of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in _MODULES:
        raise UsageError(f"no data set format {name!r}: there are {', '.join(FORMATS)}")
    form: Format = importlib.import_module(f"classic_anpr.evaluate.formats.{_MODULES[name]}").FORMAT
    return form


def recognise(path: Path) -> str:
    """The name of the first format that takes a folder for its own.

    Raises
    ------
    UsageError
        If none does. ``filename`` never takes a folder by itself: every folder of pictures would be one.
    """
    for name in FORMATS:
        if name != "filename" and get_format(name).recognise(path):
            return name
    raise UsageError(f"{path}: no known data set format; name one of {', '.join(FORMATS)}")


def read_set(path: Path, name: str | None = None) -> LabelledSet:
    """Read a data set.

    Parameters
    ----------
    path : Path
        The folder as published, or the label file in it.
    name : str, optional
        The format; recognised where left out.

    Raises
    ------
    DataSetError
        If something is wrong with a label; names file and line.
    UsageError
        If the folder does not exist or its format is not known.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such folder")
    form = get_format(name or recognise(path))
    photos = form.read(path)
    folder = path if path.is_dir() else path.parent
    if not photos:
        raise DataSetError(f"{path}: no labelled picture in it")
    return LabelledSet(folder.resolve().name, folder, photos)


def write_set(labels: LabelledSet, name: str, folder: Path) -> list[str]:
    """Write a set's labels into a folder; the pictures stay where they are.

    Returns
    -------
    list of str
        What the format cannot hold, in words.

    Raises
    ------
    UsageError
        If the format cannot be written.
    DataSetError
        If the format needs the pictures' sizes and one cannot be had.
    """
    form = get_format(name)
    if form.write is None:
        writable = ", ".join(n for n in FORMATS if get_format(n).write)
        raise UsageError(f"{name} cannot be written; {writable} can")
    folder.mkdir(parents=True, exist_ok=True)
    form.write(reduced(labels.photos, form.keeps), folder, lambda file: picture_size(labels.folder / file))
    return losses(labels.photos, form.keeps)


def problems(labels: LabelledSet) -> list[tuple[str, str]]:
    """What is wrong with a set, as (picture, message with file and line).

    Checked here, for all formats: pictures that are missing or cannot be read, and boxes more than half outside their
    picture.
    """
    found = []
    for photo in labels.photos:
        where = photo.where or str(labels.path(photo))
        if not os.path.isfile(labels.path(photo)):  # Path.is_file fails on a name that is too long.
            found.append((photo.file, f"{where}: {photo.file}: no such picture in {labels.folder}"))
            continue
        try:
            width, height = picture_size(labels.path(photo))
        except DataSetError as error:
            found.append((photo.file, f"{where}: {error}"))
            continue
        for label in photo.plates:
            if label.box is None:
                continue
            x, y, w, h = label.box
            inside = max(min(x + w, width) - max(x, 0), 0) * max(min(y + h, height) - max(y, 0), 0)
            if inside < 0.5 * w * h:
                message = f"the box {x:g},{y:g},{w:g},{h:g} lies outside its {width} x {height} pixels"
                found.append((photo.file, f"{label.where or where}: {photo.file}: {message}"))
    return found


def checked(labels: LabelledSet, skip: bool = False) -> LabelledSet:
    """The set without what `problems` finds.

    Parameters
    ----------
    skip : bool
        Warn of each problem in the log and leave its picture out, instead of raising.

    Raises
    ------
    DataSetError
        If there are problems and `skip` is false; names up to ten of them.
    """
    wrong = problems(labels)
    if not wrong:
        return labels
    if not skip:
        raise DataSetError(_listed([message for _, message in wrong]))
    for _, message in wrong:
        log.warning("left out: %s", message)
    bad = {file for file, _ in wrong}
    kept = tuple(photo for photo in labels.photos if photo.file not in bad)
    return LabelledSet(labels.name, labels.folder, kept)


def _listed(messages: Sequence[str], most: int = 10) -> str:
    shown = "\n  ".join(messages[:most])
    more = f"\n  and {len(messages) - most} more" if len(messages) > most else ""
    return shown + more
