"""What several test modules draw or fake."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr.images import Image
from classic_anpr.results import Character, Edit, PlateReading, Record, TextCandidate


def make_plate(**changes: object) -> PlateReading:
    """A reading with every field set: 100 x 20 pixels at (50, 30)."""
    corners = np.array([[50, 30], [150, 30], [150, 50], [50, 50]], np.float32)
    plate = PlateReading(
        text="A123BC777",
        raw_text="A1Z3BC777",
        formatted="A 123 BC 777",
        lines=("A123BC777",),
        country="ru",
        layout="car",
        region="777",
        region_name="Moscow",
        confidence=0.91,
        detection_confidence=0.98,
        corners=corners,
        characters=(
            Character("A", 0.99, corners * np.float32([0.1, 1]), (("A", 0.99),)),
            Character("2", 0.52, corners, (("Z", 0.48), ("2", 0.52))),
        ),
        candidates=(TextCandidate("A123BC777", 0.91, "ru", "car", 0.97), TextCandidate("A1Z3BC777", 0.04)),
        edits=(Edit(2, "Z", "2"),),
        warnings=("touches the border",),
        country_confidence=0.97,
    )
    return dataclasses.replace(plate, **changes)  # type: ignore[arg-type]


class FakeReader:
    """Reports the same plates on every image, and remembers what it was shown."""

    def __init__(self, *plates: PlateReading) -> None:
        self.plates = plates
        self.seen: list[Image] = []

    def record(self, image: Image) -> Record:
        self.seen.append(image)
        height, width = image.pixels.shape[:2]
        timings = {"locate": 3.0, "ocr": 4.5}
        return Record(image.filename, image.sha256, width, height, self.plates, timings, image.warnings)


@pytest.fixture
def plate() -> PlateReading:
    return make_plate()


@pytest.fixture
def make() -> object:
    return make_plate


@pytest.fixture
def fake_reader() -> type[FakeReader]:
    return FakeReader


@pytest.fixture
def record(plate: PlateReading) -> Record:
    return Record("фото 1.jpg", "ab" * 32, 640, 480, (plate,), {"locate": 3.0, "ocr": 4.5}, ("10-bit samples",))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with every kind of trouble, and three good pictures among it."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    (folder / "empty").mkdir()
    picture = np.full((60, 200, 3), 128, np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    (folder / "good.jpg").write_bytes(jpeg)
    (folder / "sub" / "фото машины 2.JPG").write_bytes(jpeg)
    (folder / "sub" / "grey.png").write_bytes(cv2.imencode(".png", picture[:, :, 0])[1].tobytes())
    (folder / "truncated.jpg").write_bytes(jpeg[:-40])
    (folder / "text.jpg").write_text("This is no picture.\n")
    (folder / "nothing.jpg").write_bytes(b"")
    header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x75\x30\0\0\x75\x30\x08\x02\0\0\0"
    (folder / "huge.png").write_bytes(header)
    (folder / "notes.txt").write_text("not a picture, and not named like one")
    (folder / ".hidden.jpg").write_bytes(jpeg)
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "dangling.jpg").symlink_to(folder / "absent.jpg")
    (folder / "itself.jpg").symlink_to("itself.jpg")
    return folder
