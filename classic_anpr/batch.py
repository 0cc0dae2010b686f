"""Many images: which files are meant, the loop over them, and what of each result is wanted."""

from __future__ import annotations

import dataclasses
import glob
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from classic_anpr import images
from classic_anpr.countries.watched import Watched
from classic_anpr.countries.watched import watchlist as near_watched
from classic_anpr.errors import EngineError, ImageError, UsageError
from classic_anpr.geometry import Quad
from classic_anpr.results import PlateReading, Record, WatchHit

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)


class RecordReader(Protocol):
    """What the loop needs of a reader: `classic_anpr.reader.Reader` has it."""

    def record(self, image: images.Image) -> Record:
        """The record of a loaded image."""


# --- which files -----------------------------------------------------------------------------------------------------


class ImageFiles:
    """The image files that a list of arguments stands for, in a fixed order, found while they are iterated over.

    A folder stands for the pictures in it and below it, by the endings in `images.SUFFIXES`; names that begin with a
    dot are left out there. Folders reached through symbolic links are entered, each real folder once, so that a loop
    of links ends. A pattern (``*``, ``?``, ``[``, ``**``) stands for what it matches, unless a file has that very
    name. A file named as such is taken whatever its ending. What cannot be searched gives a warning in the log.

    Attributes
    ----------
    unreadable : int
        Arguments and folders that could not be searched so far.
    """

    def __init__(self, arguments: Iterable[str]) -> None:
        self._arguments = arguments
        self._visited: set[tuple[int, int]] = set()
        self.unreadable = 0

    def __iter__(self) -> Iterator[str]:
        for argument in self._arguments:
            self._visited.clear()
            if glob.has_magic(argument) and not os.path.lexists(argument):
                yield from self._matching(argument)
            elif os.path.isdir(argument):
                yield from self._folder(argument)
            else:
                yield argument

    def _matching(self, pattern: str) -> Iterator[str]:
        # Path.glob and not glob.glob, whose ** runs round every loop of links until the system stops it.
        anchor = Path(pattern).anchor
        matches = sorted(map(str, Path(anchor).glob(pattern[len(anchor) :])))
        if not matches:
            self._complain(pattern, "no file has such a name")
        given: set[str] = set()  # photos/** matches a folder and the pictures in it.
        for match in matches:
            if os.path.isdir(match):
                found: Iterable[str] = self._below(match)
            else:
                # A pattern such as photos/* also matches notes and lists: only pictures are meant.
                found = [match] if _is_picture(os.path.basename(match)) else []
            for file in found:
                if file not in given:
                    given.add(file)
                    yield file

    def _folder(self, folder: str) -> Iterator[str]:
        before, empty = self.unreadable, True
        for file in self._below(folder):
            empty = False
            yield file
        if empty and self.unreadable == before:
            log.warning("%s: no picture in this folder", folder)

    def _below(self, folder: str) -> Iterator[str]:
        try:
            status = os.stat(folder)
            identity = status.st_dev, status.st_ino
            if identity in self._visited:
                return
            self._visited.add(identity)
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._complain(folder, error.strerror or str(error))
            return
        for entry in listing:
            if _is_folder(entry):
                if not entry.name.startswith("."):
                    yield from self._below(entry.path)
            elif _is_picture(entry.name):
                yield entry.path

    def _complain(self, path: str, cause: str) -> None:
        self.unreadable += 1
        log.warning("%s: %s", path, cause)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # A link to itself, or into a folder without permission: loading will say so.
        return False


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in images.SUFFIXES and not name.startswith(".")


def expand_stdin(arguments: Iterable[str], lines: Iterable[bytes]) -> Iterator[str]:
    """The arguments, with ``-`` replaced by the non-empty `lines`, one name each, as they arrive."""
    for argument in arguments:
        if argument == "-":
            yield from (os.fsdecode(name) for line in lines if (name := line.rstrip(b"\r\n")))
        else:
            yield argument


# --- what is wanted --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Selection:
    """Which plates are wanted, and which are looked out for. The defaults want all.

    Attributes
    ----------
    min_confidence : float
        Smallest confidence, in [0, 1].
    min_width, max_width : float
        Bounds of a plate's width in pixels of the original image: the mean of its upper and lower edge.
    roi : (int, int, int, int) or None
        x, y, width, height in pixels: only this part of each image is looked at.
    mask : bool array (H, W) or None
        True where plates are wanted, by the centre of the plate; stretched to each image's size.
    watchlist : tuple of Watched or None
        Known plates; a reading within `watch_distance` edits of one of them is marked with it.
    watch_distance : int
        Insertions, deletions and substitutions together.
    """

    min_confidence: float = 0.0
    min_width: float = 0.0
    max_width: float = float("inf")
    roi: tuple[int, int, int, int] | None = None
    mask: NDArray[np.bool_] | None = None
    watchlist: tuple[Watched, ...] | None = None
    watch_distance: int = 1

    def wants(self, plate: PlateReading, width: int, height: int) -> bool:
        """Whether a plate of an image of `width` x `height` pixels is wanted."""
        return (
            plate.confidence >= self.min_confidence
            and self.min_width <= quad_width(plate.corners) <= self.max_width
            and (self.mask is None or _inside(self.mask, plate.corners, width, height))
        )

    def marked(self, plate: PlateReading) -> PlateReading:
        """The plate with its hits in the watchlist."""
        if self.watchlist is None:
            return plate
        matches = near_watched(plate.text, self.watchlist, self.watch_distance)
        hits = tuple(WatchHit(m.watched.text, m.watched.remark, m.distance) for m in matches)
        return dataclasses.replace(plate, watched=hits)


def load_mask(path: str) -> NDArray[np.bool_]:
    """A mask from a picture: True where it is lighter than half.

    Raises
    ------
    UsageError
        If the picture cannot be read or is black all over.
    """
    try:
        mask: NDArray[np.bool_] = images.load(path).pixels.max(axis=2) > 127
    except ImageError as error:
        raise UsageError(f"--mask: {error}") from error
    if not mask.any():
        raise UsageError(f"--mask: {path}: black all over, so nothing would be read")
    return mask


def quad_width(corners: Quad) -> float:
    """Mean length of the upper and the lower edge, in pixels."""
    top, bottom = corners[1] - corners[0], corners[2] - corners[3]
    return float(np.hypot(*top) + np.hypot(*bottom)) / 2


def _inside(mask: NDArray[np.bool_], corners: Quad, width: int, height: int) -> bool:
    x, y = corners.mean(axis=0)
    rows, columns = mask.shape
    row = min(max(int(y * rows / height), 0), rows - 1)
    column = min(max(int(x * columns / width), 0), columns - 1)
    return bool(mask[row, column])


# --- the loop --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One image's record, and its pixels (H, W, 3) for whoever wants to draw on them; None where it failed to load."""

    record: Record
    pixels: NDArray[np.uint8] | None


def read_files(reader: RecordReader, files: Iterable[str], selection: Selection | None = None) -> Iterator[Outcome]:
    """Read image after image. Whatever is wrong with one of them becomes its record's `error`; the others are read.

    Parameters
    ----------
    reader : RecordReader
    files : iterable of str
        Names of image files, as `ImageFiles` gives them.
    selection : Selection, optional
        Which plates are wanted; all where None.

    Raises
    ------
    EngineError
        If the OCR engine fails, since it would fail on every image.
    """
    selection = selection or Selection()
    for name in files:
        start = time.perf_counter()
        try:
            image = images.load(name)
            loading = {"load": 1000 * (time.perf_counter() - start)}
            record = read_image(reader, image, selection)
            yield Outcome(dataclasses.replace(record, timings_ms=loading | record.timings_ms), image.pixels)
        except ImageError as error:
            log.info("%s", error)
            yield Outcome(Record(name, error.sha256, 0, 0, error=str(error)), None)


def read_image(reader: RecordReader, image: images.Image, selection: Selection) -> Record:
    """The record of one loaded image, with the plates that are wanted, in coordinates of the whole image.

    Raises
    ------
    ImageError
        If the region of interest lies outside the image.
    EngineError
        If the OCR engine fails.
    """
    height, width = image.pixels.shape[:2]
    part = image if selection.roi is None else images.crop(image, selection.roi)
    try:
        record = reader.record(part)
    except (EngineError, ImageError):
        raise
    except Exception as error:  # A fault of ours in one photograph must not cost the reader of a folder all the others.
        log.warning("%s: internal error", image.filename, exc_info=True)
        cause = f"{image.filename}: internal error: {type(error).__name__}: {error}"
        return Record(image.filename, image.sha256, width, height, error=cause)
    plates: Iterable[PlateReading] = record.plates
    if selection.roi is not None:
        offset = np.array([max(selection.roi[0], 0), max(selection.roi[1], 0)], np.float32)
        plates = (_moved(plate, offset) for plate in plates)
    wanted = tuple(selection.marked(plate) for plate in plates if selection.wants(plate, width, height))
    return dataclasses.replace(record, plates=wanted, image_width=width, image_height=height)


def _moved(plate: PlateReading, offset: NDArray[np.float32]) -> PlateReading:
    characters = tuple(dataclasses.replace(c, corners=c.corners + offset) for c in plate.characters)
    return dataclasses.replace(plate, corners=plate.corners + offset, characters=characters)
