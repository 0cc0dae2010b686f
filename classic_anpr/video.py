"""Videos and live streams: frames out of them, and one record per vehicle that passes, or per frame.

Frames are looked at a few times a second. Each is read as a photograph is, by whoever reads photographs in this run;
`classic_anpr.tracking` makes passages of the readings. OpenCV's FFmpeg does the decoding.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import queue
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from classic_anpr import images
from classic_anpr.batch import Job, Outcome, RecordReader, Selection, read_image
from classic_anpr.batch.sources import STREAMS, is_video
from classic_anpr.countries import load_countries
from classic_anpr.errors import ImageError
from classic_anpr.results import Frame, PlateReading, Record
from classic_anpr.tracking import Followed, Tracker, TrackSettings
from classic_anpr.urls import without_secrets

if TYPE_CHECKING:
    import cv2

Pixels: TypeAlias = NDArray[np.uint8]

_TIMEOUT_MS = 10_000  # for opening a stream, and for the wait for its next frame
_BLOCK = 8  # px; whether a frame has changed is seen by the means of such squares
_CHANGE = 6  # grey levels: more than noise leaves in such a mean, less than a glyph that has moved
_LONGEST_LOOK_AWAY = 1.0  # seconds after which a frame is read even if nothing has changed
_ROUNDING = 1e-6  # seconds
_COMPLETE = 0.9  # part of the length a file promises at which it counts as complete: some only estimate it


@dataclass(frozen=True)
class VideoSettings:
    """How videos are read.

    Attributes
    ----------
    fps : float
        Frames per second that are looked at, at most.
    per_frame : bool
        One record per frame that is looked at, and no passages.
    track : TrackSettings
    """

    fps: float = 5.0
    per_frame: bool = False
    track: TrackSettings = field(default_factory=TrackSettings)


# --- records ---------------------------------------------------------------------------------------------------------


Read: TypeAlias = Callable[[Any, Iterable[Any]], Generator[Record, None, None]]
"""Reads the things it is given with the job it is given, in their order, as `classic_anpr.batch.read_records` does."""


def read_records(job: Job, names: Iterable[str], settings: VideoSettings, read: Read) -> Generator[Record, None, None]:
    """The records of images and of the videos among them, in the order of the names; for the rest see `read_video`."""
    for moving, group in itertools.groupby(names, is_video):
        if moving:
            for name in group:
                yield from read_video(job, name, settings, read)
        else:
            yield from read(job, group)


def read_video(job: Job, name: str, settings: VideoSettings, read: Read) -> Iterator[Record]:
    """The records of one video, each as soon as its passage is over or its frame is read.

    Parameters
    ----------
    job : Job
        How frames are read, and which plates are wanted. ``min_confidence`` and the watchlist are applied to the text
        that was voted for, the rest of the selection to each frame.
    name : str
        A file, or the address of a stream.
    settings : VideoSettings
    read : callable
        Who reads the frames.

    Yields
    ------
    Record
        One per passage, with its `passage` and its best `frame`; or one per frame. A video without any gives one record
        without plates. Whatever is wrong gives a last record with an `error`: the video cannot be opened, it breaks
        off, frames could not be read, or, as every live stream does some day, it ended.

    Raises
    ------
    EngineError
        If the OCR engine fails.
    AnprError
        If a picture cannot be written.
    """
    video = _Video(name)
    count = 0
    for record, pixels in (_frames if settings.per_frame else _passages)(job, video, settings, read):
        count += 1
        job.save_pictures(Outcome(record, pixels))
        yield record
    if video.problem is not None or count == 0:
        yield video.record(error=video.problem)


def _frames(job: Job, video: _Video, settings: VideoSettings, read: Read) -> Iterator[tuple[Record, Pixels | None]]:
    for look, seen in _looks(_FrameJob(job, job.selection), video, settings.fps, read):
        record = video.record(look.frame, seen.plates, seen.error)
        yield replace(record, timings_ms=seen.timings_ms), look.pixels


def _passages(job: Job, video: _Video, settings: VideoSettings, read: Read) -> Iterator[tuple[Record, Pixels | None]]:
    countries = {country.code: country for country in load_countries(job.countries, files=job.country_files)}
    tracker = Tracker(countries, settings.track, job.top)
    # A doubtful frame takes part in the vote, too; what is wanted is decided on its result.
    selection = replace(job.selection, min_confidence=0.0, watchlist=None)
    errors: list[str] = []

    def results(over: Iterable[Followed]) -> Iterator[tuple[Record, Pixels | None]]:
        for followed in over:
            best = followed.best
            if best.plate.confidence >= job.selection.min_confidence:
                record = video.record(best.frame, (job.selection.marked(best.plate),))
                yield replace(record, passage=followed.passage), best.pixels

    try:
        for look, seen in _looks(_FrameJob(job, selection), video, settings.fps, read):
            if seen.error is not None:
                errors.append(seen.error)
            yield from results(tracker.step(look.frame, seen.plates, look.pixels))
    except (
        KeyboardInterrupt
    ):  # How a live stream is usually ended: the vehicles that are just passing have records, too.
        yield from results(tracker.finish())
        raise
    yield from results(tracker.finish())
    if errors and video.problem is None:
        video.problem = f"{video.name}: {len(errors)} frames could not be read; the first: {errors[0]}"


@dataclass(frozen=True)
class _Look:
    """A frame that is looked at; `changed` where it differs from the one that was read before."""

    video: str
    frame: Frame
    pixels: Pixels | None
    changed: bool

    def __str__(self) -> str:
        return f"{self.video}, frame {self.frame.number}"


@dataclass(frozen=True)
class _FrameJob:
    """Reads frames where a `Job` reads files."""

    job: Job
    selection: Selection

    def reader(self) -> RecordReader:
        return self.job.reader()

    def read(self, reader: RecordReader, look: _Look) -> Record:
        assert look.pixels is not None
        try:
            return read_image(reader, images.Image(look.pixels, str(look)), self.selection)
        except ImageError as error:
            return Record(str(look), None, 0, 0, error=str(error))


def _looks(job: _FrameJob, video: _Video, fps: float, read: Read) -> Iterator[tuple[_Look, Record]]:
    """Each frame that is looked at, with its record: the last one's, where nothing has changed since."""
    waiting: deque[_Look] = deque()  # Frames without a record: `read` may take several before it gives one.
    keep_pixels = job.job.annotate is not None or job.job.crops is not None

    def changed() -> Iterator[_Look]:
        for look in video.looks(fps):
            waiting.append(look if keep_pixels else replace(look, pixels=None))
            if look.changed:
                yield look

    last = Record(video.name, None, 0, 0)
    with contextlib.closing(read(job, changed())) as records:
        for record in records:
            while not (look := waiting.popleft()).changed:
                yield look, last
            last = record
            yield look, record
    for look in waiting:
        yield look, last


# --- frames ----------------------------------------------------------------------------------------------------------


class _Video:
    """A video that is being decoded, and what its records have in common.

    Attributes
    ----------
    name : str
        As it stands in the records.
    problem : str or None
        What was wrong with it, as far as it was decoded.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._sha256: str | None = None
        self._size = 0, 0
        self._seconds = 0.0  # time of the last frame that was decoded
        self.name = without_secrets(address)
        self.problem: str | None = None

    def record(
        self, frame: Frame | None = None, plates: tuple[PlateReading, ...] = (), error: str | None = None
    ) -> Record:
        """A record of this video."""
        return Record(self.name, self._sha256, *self._size, plates, error=error, frame=frame)

    def looks(self, fps: float) -> Iterator[_Look]:
        """The frames to look at, at most `fps` per second; afterwards `problem` says whether these were all."""
        import cv2

        # What FFmpeg says about a broken file on stderr is ours to word.
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        try:
            if "://" not in self._address:
                self._sha256 = _digest(self._address)
        except OSError as error:
            self.problem = f"{self.name}: {error.strerror or error}"
            return
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _TIMEOUT_MS]
        capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG, timeouts)
        if not capture.isOpened():
            self.problem = f"{self.name}: cannot be opened as a video"
            return
        # A file says how long it is, a stream does not.
        rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        live = count <= 0 or urlsplit(self._address).scheme in STREAMS
        frames = self._frames(capture, fps, rate, live)
        has_changed = _Change()
        try:
            for frame, pixels in _newest(frames) if live else frames:
                self._size = pixels.shape[1], pixels.shape[0]
                yield _Look(self.name, frame, pixels, has_changed(pixels, frame.time_s))
        except cv2.error as error:
            self.problem = f"{self.name}: damaged after {self._seconds:.1f} s: {error.err or error}"
            return
        if self._size == (0, 0):
            self.problem = f"{self.name}: no frame of it can be decoded"
        elif live:
            self.problem = f"{self.name}: the stream ended after {self._seconds:.1f} s"
        elif rate > 0 and self._seconds < _COMPLETE * count / rate - 1:
            self.problem = f"{self.name}: it breaks off after {self._seconds:.1f} s of {count / rate:.1f}"

    def _frames(self, capture: cv2.VideoCapture, fps: float, rate: float, live: bool) -> Iterator[tuple[Frame, Pixels]]:
        """Decode to the end; give at most `fps` frames per second."""
        import cv2

        start = time.monotonic()
        due = 0.0
        for number in itertools.count():
            if not capture.grab():
                return
            # A camera's time stamps jump and drift, so a stream goes by our own clock.
            self._seconds = time.monotonic() - start if live else capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if self._seconds <= 0 < number and rate > 0:
                self._seconds = number / rate  # A file without time stamps.
            if self._seconds < due - _ROUNDING:
                continue
            decoded, pixels = capture.retrieve()
            if decoded:
                due = max(due, self._seconds - 1 / fps) + 1 / fps
                at = datetime.now(UTC).isoformat(timespec="milliseconds") if live else None
                yield Frame(number, self._seconds, at), pixels


def _digest(path: str) -> str:
    """SHA-256 of a file in hexadecimal; OSError where it is none that can be read to its end."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # Reading a FIFO would wait for a writer for ever.
        raise OSError(errno.EINVAL, "not a regular file")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _newest(frames: Iterator[tuple[Frame, Pixels]]) -> Iterator[tuple[Frame, Pixels]]:
    """The newest of live frames whenever one is asked for: a reader that is too slow skips some and stays on time."""
    newest: queue.Queue[tuple[Frame, Pixels] | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def watch() -> None:
        for frame in frames:
            if stopped.is_set():
                return
            with contextlib.suppress(queue.Empty):
                newest.get_nowait()
            newest.put(frame)
        newest.put(None)

    threading.Thread(target=watch, daemon=True).start()
    try:
        while (frame := newest.get()) is not None:
            yield frame
    finally:
        stopped.set()


class _Change:
    """Tells whether a frame differs from the last one that did: on a fixed camera most do not, and need no reading."""

    def __init__(self) -> None:
        self._means: Pixels | None = None
        self._time_s = 0.0

    def __call__(self, pixels: Pixels, time_s: float) -> bool:
        import cv2

        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        size = max(pixels.shape[1] // _BLOCK, 1), max(pixels.shape[0] // _BLOCK, 1)
        means = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        if (
            self._means is not None
            and means.shape == self._means.shape
            and time_s - self._time_s < _LONGEST_LOOK_AWAY
            and cv2.absdiff(means, self._means).max() < _CHANGE
        ):
            return False
        self._means, self._time_s = means, time_s
        return True
