"""Broken label files, watchlists and country files give a result or an error of ours that names the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given

from classic_anpr import countries
from classic_anpr.countries.loading import FOLDER
from classic_anpr.errors import AnprError, CountryFileError, UsageError
from classic_anpr.evaluate.formats import FORMATS, get_format, problems, read_set, recognise, write_set
from classic_anpr.evaluate.types import LabelledSet, Photo, PlateLabel
from tests.fuzz.mutations import fuzz, mutated

QUAD = ((12.5, 20.0), (92.0, 24.0), (90.0, 44.0), (11.0, 41.0))
BOX = (11.0, 20.0, 81.0, 24.0)
# Formats that are only read, and the file of theirs that is broken.
READ_ONLY = {
    "openalpr": ("a.txt", b"a.jpg\t396\t340\t203\t46\tM5XSX\n"),
    "ufpr": (
        "a.txt",
        b"camera: GoPro\n\ttype: car\nplate: AQY6388\nposition_plate: 909 483 78 26\n\tchar 1: 1 2 3 4\n",
    ),
    "rodosol": ("a.txt", b"type: car\nplate: ODJ3757\nlayout: Brazilian\ncorners: 598,463 721,466 721,506 598,503\n"),
    "ssig": ("a.txt", b"text: OLC2843\nposition: 700 500 90 30\nchar 1: 1 2 3 4\n"),
    "caltech": ("plates.txt", b"# read by eye\nimage_0001.jpg 10 20 60 15 ZG123AB\n"),
    "zemris": ("plates.txt", b"040603/P6040001.jpg 10 20 60 15 ZG123AB\n"),
    "aolp": ("groundtruth_localization/1.txt", b"  1.00e+02\n 150\n  50\n 130\n"),
    "csv": ("cars.csv", b"fname;x1;y1;x2;y2;plate\na.jpg;10;20;70;35;7ABC123\n"),
}
WRITABLE = [name for name in FORMATS if get_format(name).write and name not in READ_ONLY]


def set_of(folder: Path) -> LabelledSet:
    photos = (Photo("a.jpg", (PlateLabel("AB12CD", "SK", BOX, QUAD),)), Photo("b 2.png", (PlateLabel("XY9", box=BOX),)))
    for photo in photos:
        picture = np.full((100, 200, 3), 90, np.uint8)
        (folder / photo.file).write_bytes(cv2.imencode(Path(photo.file).suffix, picture)[1].tobytes())
    return LabelledSet(folder.name, folder, photos)


@pytest.mark.parametrize("name", [*WRITABLE, *READ_ONLY])
def test_broken_labels(tmp_path: Path, name: str) -> None:
    labels = set_of(tmp_path)
    if name in READ_ONLY:
        file, seed = READ_ONLY[name]
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(seed)
        if name == "aolp":
            (tmp_path / "groundtruth_recognition").mkdir()
            (tmp_path / "groundtruth_recognition" / "1.txt").write_bytes(b"9F1234\n")
            (tmp_path / "Image").mkdir()
            (tmp_path / "a.jpg").rename(tmp_path / "Image" / "1.jpg")
    else:
        write_set(labels, name, tmp_path)
    written = sorted(path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in (".jpg", ".png"))
    for path in written[:3]:
        seed = path.read_bytes()
        break_file(path, seed, tmp_path, lambda: problems(read_set(tmp_path, name)))
        break_file(path, seed, tmp_path, lambda: recognise(tmp_path))
        path.write_bytes(seed)


def break_file(path: Path, seed: bytes, folder: Path, read: Callable[[], object]) -> None:
    @fuzz
    @given(mutated([seed], text=True))
    def search(data: bytes) -> None:
        path.write_bytes(data)
        try:
            read()
        except AnprError as error:
            assert str(folder) in str(error)  # noqa: PT017

    search()


def test_broken_watchlists(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"

    @fuzz
    @given(mutated(["A 123 BC 777  # the boss\nX1 YZ99\n\n# nothing\nжук 1\n".encode()], text=True))
    def search(data: bytes) -> None:
        path.write_bytes(data)
        try:
            assert all(watched.text for watched in countries.read_watchlist(path))
        except UsageError as error:
            assert str(path) in str(error)  # noqa: PT017

    search()


def test_broken_country_files(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"

    @fuzz
    @given(mutated([(FOLDER / f"{code}.toml").read_bytes()[:6000] for code in ("ru", "sk", "vn")], text=True))
    def search(data: bytes) -> None:
        path.write_bytes(data)
        try:
            countries.load_countries(["de"], files=[path])
        except CountryFileError as error:
            assert str(path) in str(error) or path.name in str(error)  # noqa: PT017

    search()
