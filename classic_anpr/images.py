"""Safe loading of photographs: from a path or an array to BGR pixels, or one clear error.

A folder of photographs is hostile input: truncated uploads, text files named ``.jpg``, headers that promise gigabytes,
pipes and devices. Size and format are therefore read from the header, by this module, before a decoder is let near the
bytes; the decoder is OpenCV's.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classic_anpr.errors import ImageError

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".tif", ".tiff", ".webp"},
)
"""File name endings, lower case, that count as a photograph when a folder is searched."""

# JPEG start-of-frame markers: all of C0..CF but C4 (Huffman tables), C8 (reserved), CC (arithmetic conditioning).
# ITU-T T.81, table B.1.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_FILL = re.compile(rb"[^\xff]")
_MOST_PARTS = 100_000  # segments or chunks of a file that are looked at: 512 MB may hold a hundred million empty ones
_EXIF_ORIENTATION = 0x0112
_OTHER_FORMATS = (
    (0, b"GIF8", "GIF"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypavif", "AVIF"),
    (0, b"%PDF", "PDF"),
    (0, b"\0\0\0\x0cjP", "JPEG 2000"),
)


@dataclass(frozen=True)
class LoadSettings:
    """Bounds that are checked before anything is decoded.

    Attributes
    ----------
    max_pixels : int
        Largest width x height. The default admits a 108-megapixel telephone picture (324 MB of BGR pixels).
    max_bytes : int
        Largest file, in bytes.
    """

    max_pixels: int = 120_000_000
    max_bytes: int = 512 * 1024 * 1024


@dataclass(frozen=True)
class Image:
    """A loaded photograph.

    Attributes
    ----------
    pixels : uint8 array (H, W, 3)
        Blue, green, red; upright as its EXIF orientation says.
    filename : str
        The path it came from, as given; empty for an array.
    sha256 : str or None
        Hexadecimal digest of the file's bytes; None for an array.
    warnings : tuple of str
        What was done to the picture that its owner may want to know.
    """

    pixels: NDArray[np.uint8]
    filename: str = ""
    sha256: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Header:
    """What the first bytes of a file say: format, size in pixels as stored, EXIF orientation 1..8."""

    format: str
    width: int
    height: int
    orientation: int = 1


# What reading at a position outside of the data raises; an OverflowError is a position of 64 bits in a BigTIFF.
_SHORT = (struct.error, IndexError, OverflowError)


class _Bad(ImageError):
    """The cause of a failure, before the file's name is put in front of it."""


def load(path: str | os.PathLike[str], settings: LoadSettings | None = None) -> Image:
    """Read a JPEG, PNG, BMP, TIFF or WebP file.

    Grey pictures become three equal channels; transparent ones are laid over white, as a viewer shows them; 10- to
    16-bit samples are brought to 8 bits from the highest bit in use; of several pictures in a file the first is taken.

    Parameters
    ----------
    path : str or path-like
        A regular file.
    settings : LoadSettings, optional
        Upper bounds; the defaults where None.

    Returns
    -------
    Image

    Raises
    ------
    ImageError
        If the file cannot be read, is no such picture, is cut off, or exceeds a bound. The message names the file and
        the cause.
    """
    settings = settings or LoadSettings()
    name = os.fspath(path)
    try:
        data = _read(name, settings.max_bytes)
    except _Bad as cause:
        raise ImageError(f"{name}: {cause}") from None
    except OSError as cause:
        raise ImageError(f"{name}: {cause.strerror or cause}") from cause
    except ValueError as cause:  # A null character in the name.
        raise ImageError(f"{name}: {cause}") from cause
    except MemoryError as cause:
        raise ImageError(f"{name}: not enough memory to read it") from cause
    return from_bytes(data, name, settings)


def from_bytes(data: bytes, name: str, settings: LoadSettings | None = None) -> Image:
    """An image from the bytes of its file, by the rules of `load`.

    Parameters
    ----------
    data : bytes
        A JPEG, PNG, BMP, TIFF or WebP file.
    name : str
        What to call it in the image and in error messages.
    settings : LoadSettings, optional
        Upper bounds; the defaults where None.

    Raises
    ------
    ImageError
        As `load`.
    """
    settings = settings or LoadSettings()
    sha256 = hashlib.sha256(data).hexdigest() if data else None
    try:
        if not data:
            raise _Bad("empty file")
        if len(data) > settings.max_bytes:
            raise _Bad(f"more than the {settings.max_bytes} bytes allowed")
        header = read_header(data)
        if header.width < 1 or header.height < 1:
            raise _Bad(f"the header gives a size of {header.width} x {header.height} pixels")
        if header.width * header.height > settings.max_pixels:
            allowed = f"{settings.max_pixels / 1e6:g} million"
            raise _Bad(f"{header.width} x {header.height} pixels are more than the {allowed} allowed")
        _check_complete(data, header)
        pixels, warnings = _decode(data, header)
    except _Bad as cause:
        raise ImageError(f"{name}: {cause}", sha256) from None
    except MemoryError as cause:
        raise ImageError(f"{name}: not enough memory to decode it", sha256) from cause
    return Image(pixels, name, sha256, warnings)


def from_array(array: NDArray[np.generic]) -> Image:
    """An image from pixels that the caller already has, by the rules of `load`.

    Parameters
    ----------
    array : array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)
        uint8 or uint16; grey, BGR or BGRA in OpenCV's order.

    Raises
    ------
    ImageError
        If shape or type is another.
    """
    try:
        pixels, warnings = _to_bgr8(np.asarray(array))
    except _Bad as cause:
        raise ImageError(f"array: {cause}") from None
    return Image(pixels, warnings=warnings)


def crop(image: Image, box: tuple[int, int, int, int]) -> Image:
    """The part of an image inside `box` (x, y, width, height in pixels), clipped to the picture; never empty.

    Raises
    ------
    ImageError
        If the box lies outside the picture.
    """
    x, y, width, height = box
    rows, columns = image.pixels.shape[:2]
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + width, columns), min(y + height, rows)
    if x0 >= x1 or y0 >= y1:
        raise ImageError(f"{image.filename}: the region {box} lies outside its {columns} x {rows} pixels", image.sha256)
    return Image(np.ascontiguousarray(image.pixels[y0:y1, x0:x1]), image.filename, image.sha256, image.warnings)


def _read(name: str, max_bytes: int) -> bytes:
    # Opened without blocking and judged by its descriptor: a FIFO would otherwise wait for a writer for ever.
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise _Bad("is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise _Bad("not a regular file")
        if status.st_size > max_bytes:
            raise _Bad(f"{status.st_size} bytes are more than the {max_bytes} allowed")
        return file.read(max_bytes + 1)


def read_header(data: bytes) -> Header:
    """Format, size and orientation of an encoded picture, without decoding it.

    Raises
    ------
    ImageError
        If the bytes are no such picture, or end inside the header.

    References
    ----------
    ITU-T T.81 (JPEG), W3C PNG 3rd edition, TIFF 6.0 and BigTIFF, RFC 9649 (WebP), Microsoft's BITMAPINFOHEADER,
    CIPA DC-008 (EXIF).
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg_header(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png_header(data)
        if data.startswith(b"BM"):
            return _bmp_header(data)
        if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            tags = _tiff_tags(data)
            return Header("TIFF", tags.get(256, 0), tags.get(257, 0))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_header(data)
    except _SHORT:
        raise _Bad("truncated: the file ends inside its header") from None
    for offset, magic, name in _OTHER_FORMATS:
        if data[offset : offset + len(magic)] == magic:
            raise _Bad(f"{name} is not supported: convert it to JPEG or PNG")
    raise _Bad("not a JPEG, PNG, BMP, TIFF or WebP picture")


def _jpeg_segments(data: bytes) -> list[tuple[int, int, int]]:
    """(marker, start, end) of each segment's payload up to and including the first start of scan."""
    segments = []
    at = 2
    for _ in range(_MOST_PARTS):
        # Fill bytes and garbage between segments are skipped, as libjpeg does; by C code, since there may be much.
        begin = data.find(b"\xff", at)
        code = _NO_FILL.search(data, begin) if begin >= 0 else None
        if code is None:
            raise IndexError
        marker, at = code[0][0], code.end()
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        segments.append((marker, at + 2, at + length))
        if marker == 0xDA or marker == 0xD9:
            return segments
        at += max(length, 2)
    raise _Bad(f"damaged JPEG: more than {_MOST_PARTS} segments before the picture")


def _jpeg_header(data: bytes) -> Header:
    size, orientation = None, None
    for marker, start, end in _jpeg_segments(data):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, start + 1)
            size = width, height
        elif marker == 0xE1 and orientation is None and data[start : start + 6] == b"Exif\0\0":
            orientation = _exif_orientation(data[start + 6 : end])
    if size is None:
        raise _Bad("damaged JPEG: no frame header")
    return Header("JPEG", *size, orientation or 1)


def _png_header(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    at = 8
    for _ in range(_MOST_PARTS):
        if at + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"eXIf":
            return Header("PNG", width, height, _exif_orientation(data[at + 8 : at + 8 + length]))
        if kind == b"IEND":
            break
        at += length + 12
    return Header("PNG", width, height)


def _bmp_header(data: bytes) -> Header:
    (info,) = struct.unpack_from("<I", data, 14)
    if info == 12:  # OS/2 1.x
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return Header("BMP", abs(width), abs(height))  # A negative height means that the top row comes first.


def _webp_header(data: bytes) -> Header:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(_slice(data, 24, 3), "little") + 1
        height = int.from_bytes(_slice(data, 27, 3), "little") + 1
        at = 12
        for _ in range(_MOST_PARTS):
            if at + 8 > len(data):
                break
            name, length = struct.unpack_from("<4sI", data, at)
            if name == b"EXIF":
                exif = data[at + 8 : at + 8 + length]
                return Header("WebP", width, height, _exif_orientation(exif.removeprefix(b"Exif\0\0")))
            at += 8 + length + length % 2
        return Header("WebP", width, height)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", data, 26)
    return Header("WebP", width & 0x3FFF, height & 0x3FFF)


def _slice(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise IndexError
    return data[at : at + length]


def _tiff_tags(data: bytes) -> dict[int, int]:
    """The whole-number tags of the first directory of a TIFF or BigTIFF; the first value of each.

    Of a tag that is there twice the first counts, as for libtiff, which decodes: the bounds must hold for its size. One
    of another type is 0.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    if big:
        (at,) = struct.unpack_from(order + "Q", data, 8)
        (count,) = struct.unpack_from(order + "Q", data, at)
        first, step, value_at = at + 8, 20, 12
    else:
        (at,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, at)
        first, step, value_at = at + 2, 12, 8
    tags: dict[int, int] = {}
    for entry in range(first, first + step * min(count, 4096), step):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        code = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
        value = struct.unpack_from(order + code, data, entry + value_at)[0] if code is not None else 0
        tags.setdefault(tag, value)
    return tags


def _exif_orientation(exif: bytes) -> int:
    """EXIF orientation 1..8 of a TIFF-shaped block; 1 where it is absent or damaged."""
    if exif[:2] not in (b"II", b"MM"):
        return 1
    try:
        value = _tiff_tags(exif).get(_EXIF_ORIENTATION, 1)
    except _SHORT:
        return 1
    return value if 1 <= value <= 8 else 1


def _check_complete(data: bytes, header: Header) -> None:
    """Refuse a file whose end is missing: some decoders fill the rest with grey and say nothing."""
    if header.format == "JPEG":
        # Looked for behind the scan header, since an EXIF thumbnail has an end-of-image marker of its own.
        complete = data.rfind(b"\xff\xd9") >= _jpeg_segments(data)[-1][2]
    elif header.format == "PNG":
        complete = _png_is_whole(data)
    elif header.format == "WebP":
        complete = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    else:
        complete = True  # OpenCV's BMP and TIFF readers refuse a short file themselves.
    if not complete:
        raise _Bad(f"truncated {header.format}: the end of the file is missing")


def _png_is_whole(data: bytes) -> bool:
    """Whether all chunks of a PNG lie within the file, to its end mark.

    OpenCV's reader takes a chunk's length at its word, and would fill up to 2 GB of memory for a file of 100 bytes.
    """
    at = 8
    for _ in range(_MOST_PARTS):
        if at + 12 > len(data):
            return False
        length, kind = struct.unpack_from(">I4s", data, at)
        at += length + 12
        if kind == b"IEND":
            return at <= len(data)
    raise _Bad(f"damaged PNG: more than {_MOST_PARTS} chunks")


def _decode(data: bytes, header: Header) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    import cv2

    try:
        # IMREAD_UNCHANGED keeps alpha and 16 bits, and does not turn by EXIF (TIFF excepted, which it always turns).
        raw = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _Bad(f"damaged {header.format}: {error.err or error}") from None
    if raw is None:
        raise _Bad(f"damaged or truncated {header.format}: it cannot be decoded")
    pixels, warnings = _to_bgr8(raw)
    return _upright(pixels, header.orientation), warnings


def _to_bgr8(raw: NDArray[np.generic]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    import cv2

    warnings: tuple[str, ...] = ()
    if raw.ndim not in (2, 3) or (raw.ndim == 3 and raw.shape[2] not in (1, 3, 4)) or raw.size == 0:
        raise _Bad(f"an array of shape {raw.shape} is no picture")
    if raw.dtype == np.uint16:
        # Cameras store 10, 12 or 14 bits in 16: the shift that brings the highest bit in use down to bit 7.
        bits = max(int(raw.max()).bit_length(), 8)
        raw = np.right_shift(raw, bits - 8).astype(np.uint8)
        warnings = (f"{bits}-bit samples brought to 8 bits",)
    elif raw.dtype != np.uint8:
        raise _Bad(f"samples of type {raw.dtype} are not supported: 8- or 16-bit unsigned ones are")
    pixels = raw.astype(np.uint8, copy=False)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), warnings
    if pixels.shape[2] == 4:
        alpha = pixels[:, :, 3:]
        if alpha.min() < 255:
            weight = alpha.astype(np.float32) / 255.0
            pixels = (pixels[:, :, :3] * weight + 255.0 * (1.0 - weight) + 0.5).astype(np.uint8)
            warnings = (*warnings, "transparent parts laid over white")
    return np.ascontiguousarray(pixels[:, :, :3]), warnings


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Pixels (H, W, 3) turned and mirrored as EXIF orientation 1..8 asks."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
