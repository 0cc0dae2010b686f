"""A run's settings as one small value, from which any process, here or on another machine, builds its reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from classic_anpr.batch.loop import Outcome, RecordReader, read_file
from classic_anpr.batch.selection import Selection
from classic_anpr.results import Record

if TYPE_CHECKING:
    from classic_anpr.ocr.engine import EngineName


@dataclass(frozen=True)
class Job:
    """How images are to be read. Can be pickled.

    Attributes
    ----------
    countries : tuple of str or None
        Codes, names or groups; all countries where None.
    country_files : tuple of Path
        Country files of the user's own; they must exist where the job is done.
    engine : {"tesserocr", "pytesseract"}
    top : int
        How many candidate texts each plate reports.
    selection : Selection
        Which plates are wanted.
    annotate, crops : Path or None
        Folders for photographs with boxes and for plates cut out. They are written by whoever reads the image, so that
        pixels never travel.
    """

    countries: tuple[str, ...] | None = None
    country_files: tuple[Path, ...] = ()
    engine: EngineName = "tesserocr"
    top: int = 5
    selection: Selection = field(default_factory=Selection)
    annotate: Path | None = None
    crops: Path | None = None

    def reader(self) -> RecordReader:
        """A reader with these settings, in a process that from now on uses one processor.

        Raises
        ------
        EngineError, CountryFileError, UsageError
            As `classic_anpr.Reader`.
        """
        import cv2

        from classic_anpr import Reader

        cv2.setNumThreads(1)  # Processes are the parallelism: see CONTRIBUTING.md.
        return Reader(countries=self.countries, country_files=self.country_files, engine=self.engine, top=self.top)

    def read(self, reader: RecordReader, name: str) -> Record:
        """Read one image by its name, and write the pictures that are asked for.

        Parameters
        ----------
        reader : RecordReader
            What `reader` gave, once per process.
        name : str
            As `ImageFiles` gives it.

        Raises
        ------
        EngineError
            If the OCR engine fails, since it would fail on every image.
        AnprError
            If a picture cannot be written.
        """
        outcome = read_file(reader, name, self.selection)
        self.save_pictures(outcome)
        return outcome.record

    def save_pictures(self, outcome: Outcome) -> None:
        """Write the pictures that are asked for.

        Raises
        ------
        AnprError
            If one cannot be written.
        """
        if outcome.pixels is None or not (self.annotate or self.crops):
            return
        from classic_anpr.output import pictures

        if self.annotate is not None:
            pictures.save_annotated(self.annotate, outcome.record, outcome.pixels)
        if self.crops is not None:
            pictures.save_crops(self.crops, outcome.record, outcome.pixels)
