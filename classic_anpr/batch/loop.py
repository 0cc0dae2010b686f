"""The loop over images, in this process; one bad image never stops it."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from classic_anpr import images
from classic_anpr.batch import sources
from classic_anpr.batch.selection import Selection
from classic_anpr.errors import AnprError, EngineError, ImageError
from classic_anpr.results import PlateReading, Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)


class RecordReader(Protocol):
    """What the loop needs of a reader: `classic_anpr.reader.Reader` has it."""

    def record(self, image: images.Image) -> Record:
        """The record of a loaded image."""


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
        yield read_file(reader, name, selection)


def read_file(reader: RecordReader, name: str, selection: Selection) -> Outcome:
    """Load one image by its name and read it. What is wrong with the image becomes the record's `error`.

    Raises
    ------
    EngineError
        If the OCR engine fails, since it would fail on every image.
    """
    start = time.perf_counter()
    try:
        image = sources.load(name)
        loading = {"load": 1000 * (time.perf_counter() - start)}
        record = read_image(reader, image, selection)
        return Outcome(dataclasses.replace(record, timings_ms=loading | record.timings_ms), image.pixels)
    except ImageError as error:
        log.info("%s", error)
        return Outcome(Record(name, error.sha256, 0, 0, error=str(error)), None)
    except AnprError:
        raise
    except Exception as error:  # As in read_image.
        log.warning("%s: internal error", name, exc_info=True)
        return Outcome(Record(name, None, 0, 0, error=f"{name}: internal error: {type(error).__name__}: {error}"), None)


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
