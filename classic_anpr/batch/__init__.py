"""Many images: which files are meant, what of each is wanted, and who reads them.

``files`` finds the images, ``sources`` those that are not files of this machine, ``watch`` those that arrive later;
``selection`` says which plates are wanted; ``loop`` reads an image; ``job`` is the description of a run that fits into
a message to another process; ``workers`` are such processes on this machine.
"""

from classic_anpr.batch.files import ImageFiles, expand_stdin
from classic_anpr.batch.job import Job
from classic_anpr.batch.loop import Outcome, RecordReader, read_file, read_files, read_image
from classic_anpr.batch.selection import Selection, load_mask, quad_width
from classic_anpr.batch.sources import is_picture
from classic_anpr.batch.workers import processors, read_records

__all__ = [
    "ImageFiles",
    "Job",
    "Outcome",
    "RecordReader",
    "Selection",
    "expand_stdin",
    "is_picture",
    "load_mask",
    "processors",
    "quad_width",
    "read_file",
    "read_files",
    "read_image",
    "read_records",
]
