"""Which files are meant, what of a record is wanted, and that nothing stops the loop."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr import batch, images
from classic_anpr.errors import EngineError, UsageError
from classic_anpr.images import Image
from classic_anpr.results import PlateReading, Record

GOOD = {"good.jpg", "фото машины 2.JPG", "grey.png"}
BAD = {
    "truncated.jpg": "truncated JPEG",
    "text.jpg": "not a JPEG, PNG, BMP, TIFF or WebP picture",
    "nothing.jpg": "empty file",
    "huge.png": "30000 x 30000 pixels are more than",
    "dangling.jpg": "No such file",
    "itself.jpg": "Too many levels of symbolic links",
}


def names(files: list[str]) -> list[str]:
    return [os.path.basename(file) for file in files]


def test_folder_is_searched_once_in_order(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = names(list(batch.ImageFiles([str(photos)])))
    assert set(found) == GOOD | set(BAD)
    assert len(found) == len(GOOD) + len(BAD)  # The loop of links gave nothing twice.
    assert found == names(list(batch.ImageFiles([str(photos)])))


def test_empty_folder_is_a_warning(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = batch.ImageFiles([str(photos / "empty"), str(photos / "good.jpg")])
    assert names(list(files)) == ["good.jpg"]
    assert "no picture in this folder" in caplog.text
    assert files.unreadable == 0


def test_folder_without_permission(
    photos: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(folder: str) -> object:  # Not chmod: these tests may run as root.
        if os.path.basename(folder) == "sub":
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    files = batch.ImageFiles([str(photos)])
    assert "good.jpg" in names(list(files))
    assert f"{photos / 'sub'}: Permission denied" in caplog.text
    assert files.unreadable == 1


def test_patterns(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert names(list(batch.ImageFiles([str(photos / "g*")]))) == ["good.jpg"]
    assert names(list(batch.ImageFiles([str(photos / "**" / "*.png")]))) == ["huge.png", "grey.png"]
    everything = list(batch.ImageFiles([str(photos / "**")]))
    assert sorted(everything) == sorted(batch.ImageFiles([str(photos)]))
    assert names(list(batch.ImageFiles([str(photos / "n*")]))) == ["nothing.jpg"]  # and not notes.txt
    files = batch.ImageFiles([str(photos / "*.gif")])
    assert list(files) == []
    assert files.unreadable == 1
    assert "no file has such a name" in caplog.text
    odd = photos / "odd [1].jpg"
    odd.write_bytes(b"")
    assert list(batch.ImageFiles([str(odd)])) == [str(odd)]


def test_folders_nested_without_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As deep as a path can be, which is deeper than Python's calls."""
    before = os.getcwd()
    os.chdir(tmp_path)
    for _ in range(2000):
        os.mkdir("d")
        os.chdir("d")
    Path("deep.jpg").touch()
    try:
        found = list(batch.ImageFiles([str(tmp_path), str(tmp_path / "**")]))
    finally:  # Removed from below, since what tidies up after tests is no deeper than Python's calls either.
        os.unlink("deep.jpg")
        for _ in range(2000):
            os.chdir("..")
            os.rmdir("d")
        os.chdir(before)
    assert set(found) <= {str(tmp_path / Path(*["d"] * 2000) / "deep.jpg")}
    assert len(found) == 2 or "File name too long" in caplog.text or "RecursionError" in caplog.text


def test_awkward_names(tmp_path: Path, fake_reader: Callable[..., batch.RecordReader]) -> None:
    picture = cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes()
    names_given = [os.fsencode(name) for name in ("a\nb.png", "c\rd.png", " e .png", "*.png", "f::g.png", "-.png")]
    names_given.append(b"\xff\xfe.png")
    for name in names_given:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(picture)
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    records = [o.record for o in batch.read_files(fake_reader(), batch.ImageFiles([str(tmp_path)]))]
    read = {os.fsencode(os.path.basename(record.filename)) for record in records if record.error is None}
    assert read == set(names_given)
    assert sorted(str(record.error) for record in records if record.error is not None) == [
        f"{tmp_path}/pipe.png: not a regular file",
        f"{tmp_path}/zero.png: not a regular file",
    ]


def test_named_file_is_taken_whatever_its_ending(photos: Path) -> None:
    assert names(list(batch.ImageFiles([str(photos / "notes.txt")]))) == ["notes.txt"]
    assert names(list(batch.ImageFiles([str(photos / "absent")]))) == ["absent"]


def test_names_from_stdin_are_taken_as_they_come() -> None:
    def endless() -> object:
        yield b"a.jpg\n"
        yield b"\n"
        yield b"b c.jpg\r\n"
        raise AssertionError("read too far")

    names = batch.expand_stdin(["x.jpg", "-"], endless())  # type: ignore[arg-type]
    assert [next(names) for _ in range(3)] == ["x.jpg", "a.jpg", "b c.jpg"]


def test_every_image_has_a_record(photos: Path, fake_reader: Callable[..., batch.RecordReader]) -> None:
    outcomes = list(batch.read_files(fake_reader(), batch.ImageFiles([str(photos)])))
    records = {os.path.basename(o.record.filename): o.record for o in outcomes}
    assert {name for name, record in records.items() if record.error is None} == GOOD
    for name, cause in BAD.items():
        assert cause in str(records[name].error)
        assert str(photos / name) in str(records[name].error)
    assert records["good.jpg"].image_width == 200
    assert records["truncated.jpg"].sha256 is not None
    assert all((o.pixels is None) == (o.record.error is not None) for o in outcomes)


def test_internal_error_costs_one_image(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def record(self, image: Image) -> Record:
            if image.filename.endswith("good.jpg"):
                raise ZeroDivisionError("by zero")
            return Record(image.filename, image.sha256, 200, 60)

    with caplog.at_level(logging.WARNING):
        files = [str(photos / "good.jpg"), str(photos / "sub" / "grey.png")]
        first, second = (o.record for o in batch.read_files(Broken(), files))
    assert first.error == f"{photos / 'good.jpg'}: internal error: ZeroDivisionError: by zero"
    assert (first.image_width, first.image_height) == (200, 60)
    assert second.error is None
    assert "by zero" in caplog.text


def test_internal_error_of_loading_costs_one_image(
    photos: Path, fake_reader: Callable[..., batch.RecordReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = images.load

    def fail(name: str) -> Image:
        if name.endswith("good.jpg"):
            raise OverflowError("too large")
        return load(name)

    monkeypatch.setattr(images, "load", fail)
    files = [str(photos / "good.jpg"), str(photos / "sub" / "grey.png")]
    first, second = (o.record for o in batch.read_files(fake_reader(), files))
    assert first.error == f"{photos / 'good.jpg'}: internal error: OverflowError: too large"
    assert second.error is None


def test_engine_error_stops_the_run(photos: Path) -> None:
    class NoEngine:
        def record(self, image: Image) -> Record:
            raise EngineError("no tesseract here")

    with pytest.raises(EngineError):
        list(batch.read_files(NoEngine(), [str(photos / "good.jpg")]))


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, True),
        ({"min_confidence": 0.91}, True),
        ({"min_confidence": 0.92}, False),
        ({"min_width": 100}, True),
        ({"min_width": 101}, False),
        ({"max_width": 100}, True),
        ({"max_width": 99}, False),
    ],
)
def test_selection(plate: PlateReading, options: dict[str, float], wanted: bool) -> None:
    assert batch.Selection(**options).wants(plate, 640, 480) is wanted  # type: ignore[arg-type]


def test_mask_is_stretched_and_judged_at_the_centre(plate: PlateReading) -> None:
    # The plate's centre (100, 40) lies in the left half of a picture 400 wide, in the right half of one 150 wide.
    left = np.array([[True, False]])
    assert batch.Selection(mask=left).wants(plate, 400, 100)
    assert not batch.Selection(mask=left).wants(plate, 150, 100)


def test_load_mask(tmp_path: Path) -> None:
    picture = np.zeros((4, 6), np.uint8)
    picture[:, 3:] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), picture)
    np.testing.assert_array_equal(batch.load_mask(str(tmp_path / "mask.png")), picture > 0)
    cv2.imwrite(str(tmp_path / "black.png"), picture * 0)
    with pytest.raises(UsageError, match="black all over"):
        batch.load_mask(str(tmp_path / "black.png"))
    with pytest.raises(UsageError, match="No such file"):
        batch.load_mask(str(tmp_path / "absent.png"))


def test_region_of_interest(plate: PlateReading, fake_reader: Callable[..., batch.RecordReader]) -> None:
    reader = fake_reader(plate)
    image = Image(np.arange(300 * 400 * 3, dtype=np.uint64).astype(np.uint8).reshape(300, 400, 3), "a.jpg")
    record = batch.read_image(reader, image, batch.Selection(roi=(-10, 20, 110, 500)))
    (part,) = reader.seen  # type: ignore[attr-defined]
    np.testing.assert_array_equal(part.pixels, image.pixels[20:300, :100])
    # Positions come back in the whole image's pixels, those of the characters too.
    np.testing.assert_array_equal(record.plates[0].corners, np.add(plate.corners, [0, 20]))
    np.testing.assert_array_equal(record.plates[0].characters[1].corners, np.add(plate.characters[1].corners, [0, 20]))
    assert (record.image_width, record.image_height) == (400, 300)


def test_region_outside_an_image_is_its_error(photos: Path, fake_reader: Callable[..., batch.RecordReader]) -> None:
    wanted = batch.Selection(roi=(900, 0, 10, 10))
    (outcome,) = batch.read_files(fake_reader(), [str(photos / "good.jpg")], wanted)
    assert "lies outside its 200 x 60 pixels" in str(outcome.record.error)
