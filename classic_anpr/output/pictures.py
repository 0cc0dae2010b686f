"""Pictures on their way out: photographs with boxes and texts, and plates cut out and set upright."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.errors import AnprError
from classic_anpr.results import PlateReading, Record

_GREEN = (60, 200, 0)
_BLACK = (0, 0, 0)


def annotated(pixels: NDArray[np.uint8], plates: tuple[PlateReading, ...]) -> NDArray[np.uint8]:
    """A copy of BGR `pixels` (H, W, 3) with each plate's outline and, above or below, its text."""
    picture = pixels.copy()
    height, width = picture.shape[:2]
    line = max(round(max(height, width) / 600), 1)
    for plate in plates:
        cv2.polylines(picture, [np.rint(plate.corners).astype(np.int32)], True, _GREEN, line + 1, cv2.LINE_AA)
        label = f"{plate.text} {plate.confidence:.0%}"
        (text_width, text_height), below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.4 * line + 0.3, line)
        x = int(np.clip(plate.corners[:, 0].min(), 0, max(width - text_width, 0)))
        y = int(plate.corners[:, 1].min()) - below - line
        if y < text_height:
            y = int(plate.corners[:, 1].max()) + text_height + below + line
        cv2.rectangle(picture, (x, y - text_height - line), (x + text_width, y + below), _GREEN, cv2.FILLED)
        cv2.putText(picture, label, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4 * line + 0.3, _BLACK, line, cv2.LINE_AA)
    return picture


def cut_out(pixels: NDArray[np.uint8], plate: PlateReading) -> NDArray[np.uint8]:
    """The plate from BGR `pixels`, warped upright, as large as the longer edges of each pair."""
    top_left, top_right, bottom_right, bottom_left = plate.corners
    width = max(round(float(max(np.hypot(*(top_right - top_left)), np.hypot(*(bottom_right - bottom_left))))), 1)
    height = max(round(float(max(np.hypot(*(bottom_left - top_left)), np.hypot(*(bottom_right - top_right))))), 1)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(plate.corners.astype(np.float32), target)
    return cv2.warpPerspective(pixels, warp, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def save_annotated(folder: Path, record: Record, pixels: NDArray[np.uint8]) -> Path:
    """Write the annotated photograph as JPEG into `folder`; returns its path."""
    return _save(side_file(folder, record, ".jpg"), annotated(pixels, record.plates))


def save_crops(folder: Path, record: Record, pixels: NDArray[np.uint8]) -> list[Path]:
    """Write each plate as PNG into `folder`, its number and text in the name; returns the paths."""
    return [
        _save(side_file(folder, record, f".{i}.{plate.text.replace('?', '_')}.png"), cut_out(pixels, plate))
        for i, plate in enumerate(record.plates)
    ]


def side_file(folder: Path, record: Record, ending: str) -> Path:
    """A name in `folder` for something made from an image.

    The digest of the image is part of it, since pictures of one name in several folders are common; for a video also
    the number of the frame, the time where it is a live stream, and the text of a passage, since two may have one best
    frame. A very long name is cut, so that what is added to it still fits into the 255 bytes of a file name.
    """
    origin = (record.sha256 or "")[:8]
    if record.frame is not None:
        origin += f".{re.sub('[^0-9T]', '', record.frame.at or '')}{record.frame.number:06d}"
    if record.passage is not None:
        origin += "." + record.plates[0].text.replace("?", "_")
    member = record.filename.partition("::")[0]  # of an archive, whose own name comes after it
    return folder / f"{Path(member).stem[:50]}.{origin}{ending}"


def encode(pixels: NDArray[np.uint8], ending: str = ".png") -> bytes:
    """Pixels as the bytes of a picture file of that ending."""
    done, data = cv2.imencode(ending, pixels)
    if not done:
        raise AnprError(f"a picture of {pixels.shape} could not be written as {ending}")
    return data.tobytes()


def _save(path: Path, pixels: NDArray[np.uint8]) -> Path:
    # Not cv2.imwrite, which reports no cause and fails on non-ASCII names on some systems.
    try:
        path.write_bytes(encode(pixels, path.suffix))
    except OSError as error:
        raise AnprError(f"{path}: {error.strerror or error}") from error
    return path
