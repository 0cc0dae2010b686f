"""Loading: formats, orientation, depth, bounds, and everything that is not a photograph."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

from classic_anpr import images
from classic_anpr.errors import ImageError

# Four flat quarters: red, green over blue, white. Compression leaves their middles almost untouched.
RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)


def quarters(height: int = 40, width: int = 60) -> np.ndarray:
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = WHITE
    return picture


def encode(mode: str, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    PIL.Image.fromarray(quarters()[:, :, ::-1]).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def middles(pixels: np.ndarray) -> list[tuple[int, int, int]]:
    height, width = pixels.shape[:2]
    return [tuple(pixels[y, x]) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_formats(tmp_path: Path, kind: str) -> None:
    data = encode("RGB", kind)
    image = images.load(write(tmp_path, f"a.{kind.lower()}", data))
    assert image.pixels.shape == (40, 60, 3)
    assert image.pixels.dtype == np.uint8
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    np.testing.assert_allclose(middles(image.pixels), [RED, GREEN, BLUE, WHITE], atol=12)
    header = images.read_header(data)
    assert (header.format.upper(), header.width, header.height) == (kind, 60, 40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    path = write(tmp_path, "a", encode("RGB", kind, exif=exif))
    # Pillow's own transposition is the reference.
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(path).convert("RGB"))
    expected = np.asarray(upright)[:, :, ::-1]
    pixels = images.load(path).pixels
    assert pixels.shape == expected.shape
    np.testing.assert_allclose(middles(pixels), middles(expected), atol=12)


@pytest.mark.parametrize(("mode", "kind"), [("L", "JPEG"), ("L", "PNG"), ("L", "TIFF"), ("1", "PNG"), ("L", "BMP")])
def test_grey(tmp_path: Path, mode: str, kind: str) -> None:
    pixels = images.load(write(tmp_path, "a", encode(mode, kind))).pixels
    assert pixels.shape == (40, 60, 3)
    assert (pixels[:, :, 0] == pixels[:, :, 2]).all()
    assert pixels[30, 45].min() > 245


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_transparent_parts_become_white(tmp_path: Path, kind: str) -> None:
    alpha = np.full((40, 60), 255, np.uint8)
    alpha[:, :30] = 0
    picture = np.dstack([np.zeros((40, 60, 3), np.uint8), alpha])
    stream = io.BytesIO()
    PIL.Image.fromarray(picture).save(stream, kind)
    image = images.load(write(tmp_path, "a", stream.getvalue()))
    assert image.pixels[20, 10].min() > 245
    assert image.pixels[20, 50].max() < 10
    assert image.warnings == ("transparent parts laid over white",)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_samples(tmp_path: Path, bits: int) -> None:
    deep = np.zeros((20, 20), np.uint16)
    deep[:, 10:] = 2**bits - 1
    deep[:, 5:10] = 2 ** (bits - 1)
    cv2.imwrite(str(tmp_path / "a.png"), deep)
    image = images.load(tmp_path / "a.png")
    assert image.pixels[0, [0, 7, 15], 1].tolist() == [0, 128, 255]
    assert image.warnings == (f"{bits}-bit samples brought to 8 bits",)


def test_cmyk_jpeg(tmp_path: Path) -> None:
    image = images.load(write(tmp_path, "a.jpg", encode("CMYK", "JPEG")))
    np.testing.assert_allclose(middles(image.pixels), [RED, GREEN, BLUE, WHITE], atol=12)


def test_names(tmp_path: Path) -> None:
    path = write(tmp_path, "фото машины 1.jpg", encode("RGB", "JPEG"))
    assert images.load(path).filename == str(path)


def huge_png() -> bytes:
    body = struct.pack(">4sIIBBBBB", b"IHDR", 30000, 30000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def huge_bmp() -> bytes:
    return b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 30000, -30000, 1, 24) + bytes(24)


def huge_tiff(order: str) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHII", 256, 4, 1, 30000) + struct.pack(order + "HHII", 257, 4, 1, 30000)
    return mark + struct.pack(order + "IH", 8, 2) + entries + bytes(4)


def huge_jpeg() -> bytes:
    return b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 8, 8, 30000, 30000, 0) + b"\xff\xda\0\x02\xff\xd9"


def huge_webp() -> bytes:
    size = (29999).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + size + size


@pytest.mark.parametrize(
    "data",
    [huge_png(), huge_bmp(), huge_tiff("<"), huge_tiff(">"), huge_jpeg(), huge_webp()],
    ids=["png", "bmp", "tiff-le", "tiff-be", "jpeg", "webp"],
)
def test_huge_header_is_refused_before_decoding(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("the decoder was called")

    monkeypatch.setattr(cv2, "imdecode", decode)
    with pytest.raises(ImageError, match="30000 x 30000 pixels are more than the 120 million"):
        images.load(write(tmp_path, "huge", data))


@pytest.mark.parametrize("kind", [4, 9])
def test_the_size_that_the_decoder_takes_is_the_one_that_is_checked(tmp_path: Path, kind: int) -> None:
    """A TIFF with two widths: libtiff takes the first, whatever its type (9 is a signed number)."""
    tags = ((256, kind, 30000), (256, 4, 8), (257, 4, 30000), (257, 4, 8))
    entries = b"".join(struct.pack("<HHII", tag, code, 1, value) for tag, code, value in tags)
    data = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    with pytest.raises(ImageError, match=r"30000 x 30000 pixels are more than|a size of 0 x 30000"):
        images.load(write(tmp_path, "a.tif", data))


def test_endless_headers(tmp_path: Path) -> None:
    many = 120_000
    for data, cause in (
        (b"\xff\xd8\xff" + bytes(5_000_000), "ends inside its header"),
        (b"\xff\xd8" + b"\xff" * 5_000_000, "ends inside its header"),
        (b"\xff\xd8" + b"\xff\xe0\0\2" * many, "more than 100000 segments"),
        (b"\xff\xd8\xff" + b"\xff\xd0" * many, "more than 100000 segments"),
        (b"\x89PNG\r\n\x1a\n" + bytes(12 * many), "a size of 0 x 0"),
        (huge_webp()[:-6] + bytes(6) + bytes(8 * many), "truncated|cannot be decoded"),
    ):
        with pytest.raises(ImageError, match=cause):
            images.load(write(tmp_path, "a", data))


def test_a_chunk_that_is_longer_than_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("the decoder was called")

    monkeypatch.setattr(cv2, "imdecode", decode)
    data = encode("RGB", "PNG")
    for kind in (b"IDAT", b"IEND"):
        at = data.index(kind) - 4
        broken = data[:at] + struct.pack(">I", 0x7FFFFFFF) + data[at + 4 :]
        with pytest.raises(ImageError, match="truncated PNG"):
            images.load(write(tmp_path, "a.png", broken + data))


def test_the_first_exif_counts(tmp_path: Path) -> None:
    def exif(orientation: int) -> bytes:
        block = b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, orientation, 0)
        return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block

    plain = encode("RGB", "JPEG")
    data = plain[:2] + exif(6) + exif(1) + plain[2:]
    assert images.load(write(tmp_path, "a.jpg", data)).pixels.shape == (60, 40, 3)


def test_bounds_are_settings(tmp_path: Path) -> None:
    path = write(tmp_path, "a.png", encode("RGB", "PNG"))
    assert images.load(path, images.LoadSettings(max_pixels=2400)).pixels.shape == (40, 60, 3)
    with pytest.raises(ImageError, match="60 x 40 pixels"):
        images.load(path, images.LoadSettings(max_pixels=2399))
    with pytest.raises(ImageError, match="bytes are more than the 10 allowed"):
        images.load(path, images.LoadSettings(max_bytes=10))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
def test_truncated(tmp_path: Path, kind: str, part: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    stream = io.BytesIO()
    PIL.Image.fromarray(noise).save(stream, kind)
    data = stream.getvalue()
    path = write(tmp_path, "cut.jpg", data[: int(len(data) * part)])
    with pytest.raises(ImageError, match=r"cut\.jpg: .*(truncated|damaged|no such|not a)"):
        images.load(path)


def test_thumbnail_does_not_hide_a_missing_end(tmp_path: Path) -> None:
    whole = encode("RGB", "JPEG")
    thumbnail = b"Exif\0\0" + whole
    with_thumbnail = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + whole[2:]
    images.load(write(tmp_path, "whole.jpg", with_thumbnail))
    with pytest.raises(ImageError, match="truncated JPEG: the end of the file is missing"):
        images.load(write(tmp_path, "cut.jpg", with_thumbnail[:-20]))


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "empty file"),
        (b"This is no picture.\n", "not a JPEG, PNG, BMP, TIFF or WebP picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(9), "truncated: the file ends inside its header"),
        (b"\xff\xd8\xff\xd9\0\0", "damaged JPEG: no frame header"),
        (b"II+\0\x08\0\0\0" + b"\xff" * 8, "truncated: the file ends inside its header"),
        (b"GIF89a" + bytes(20), "GIF is not supported"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "HEIC is not supported: convert it"),
    ],
)
def test_no_picture(tmp_path: Path, data: bytes, cause: str) -> None:
    path = write(tmp_path, "a.jpg", data)
    with pytest.raises(ImageError) as caught:
        images.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert cause in str(caught.value)
    assert caught.value.sha256 == (hashlib.sha256(data).hexdigest() if data else None)


def test_missing_folder_and_pipe(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="No such file"):
        images.load(tmp_path / "absent.jpg")
    with pytest.raises(ImageError, match=r"is a folder|Is a directory"):
        images.load(tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match="not a regular file"):
        images.load(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match="not a regular file"):
        images.load("/dev/zero")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.jpg", encode("RGB", "JPEG"))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # Not chmod: these tests may run as root.
    with pytest.raises(ImageError, match=r"a\.jpg: Permission denied"):
        images.load(path)


def test_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    path = write(tmp_path, "a.jpg", encode("RGB", "JPEG"))
    monkeypatch.setattr(cv2, "imdecode", fail)
    with pytest.raises(ImageError, match=r"a\.jpg: not enough memory"):
        images.load(path)


def test_from_array() -> None:
    assert images.from_array(np.zeros((4, 5), np.uint8)).pixels.shape == (4, 5, 3)
    assert images.from_array(np.full((4, 5, 3), 65535, np.uint16)).pixels.max() == 255
    same = images.from_array(quarters())
    np.testing.assert_array_equal(same.pixels, quarters())
    assert (same.filename, same.sha256) == ("", None)
    for array, cause in ((np.zeros((4, 5)), "float64"), (np.zeros(4, np.uint8), r"shape \(4,\)")):
        with pytest.raises(ImageError, match=cause):
            images.from_array(array)


def test_crop() -> None:
    image = images.Image(quarters(), "a.png")
    part = images.crop(image, (30, 0, 100, 20))
    assert part.pixels.shape == (20, 30, 3)
    assert (part.pixels == GREEN).all()
    with pytest.raises(ImageError, match="lies outside"):
        images.crop(image, (60, 0, 5, 5))
