"""Broken pictures give pixels within the bounds or an ImageError, never anything else, and no gigabytes."""

from __future__ import annotations

import io
import resource
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest
from hypothesis import given

from classic_anpr import images
from classic_anpr.errors import ImageError
from tests.fuzz.mutations import fuzz, mutated

MOST = 20_000  # pixels; the seeds have 2400


def encoded(mode: str, kind: str, **options: Any) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (5, 8, 4), dtype=np.uint8)
    picture = PIL.Image.fromarray(cv2.resize(pixels, (60, 40))).convert(mode)
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def exif() -> PIL.Image.Exif:
    tags = PIL.Image.Exif()
    tags[0x0112] = 6
    return tags


def deep() -> bytes:
    return cv2.imencode(".png", np.arange(2400, dtype=np.uint16).reshape(40, 60))[1].tobytes()


SEEDS = {
    "jpeg": [
        encoded("RGB", "JPEG", exif=exif()),
        encoded("RGB", "JPEG", progressive=True),
        encoded("L", "JPEG"),
        encoded("CMYK", "JPEG"),
    ],
    "png": [
        encoded("RGB", "PNG"),
        encoded("RGBA", "PNG", exif=exif()),
        encoded("P", "PNG"),
        encoded("1", "PNG"),
        deep(),
    ],
    "bmp": [encoded("RGB", "BMP"), encoded("L", "BMP"), encoded("1", "BMP"), encoded("RGBA", "BMP")],
    "tiff": [
        encoded("RGB", "TIFF"),
        encoded("RGBA", "TIFF", compression="tiff_lzw"),
        encoded("L", "TIFF", compression="tiff_adobe_deflate"),
        encoded("RGB", "TIFF", compression="jpeg"),
        encoded("RGB", "TIFF", big_tiff=True),
        encoded("1", "TIFF", compression="group4"),
    ],
    "webp": [
        encoded("RGB", "WEBP"),
        encoded("RGB", "WEBP", lossless=True),
        encoded("RGBA", "WEBP"),
        encoded("RGB", "WEBP", exif=exif()),
    ],
}


def check(data: bytes) -> bool:
    """Whether the data are a picture; fails where loading does what it must not."""
    try:
        image = images.from_bytes(data, "x", images.LoadSettings(max_pixels=MOST))
    except ImageError as error:
        assert str(error).startswith("x: ")  # noqa: PT017
        return False
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape[2] == 3
    assert 0 < image.pixels[:, :, 0].size <= MOST
    return True


@pytest.mark.parametrize("kind", SEEDS)
def test_broken_pictures(kind: str) -> None:
    assert all(check(seed) for seed in SEEDS[kind])

    @fuzz
    @given(mutated(SEEDS[kind]))
    def search(data: bytes) -> None:
        check(data)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    search()
    # In kB: a small file must not make a decoder take gigabytes.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000
