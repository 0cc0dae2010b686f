"""Videos, drawn by the tests: passages, single frames, live streams, broken files."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import socket
import struct
import threading
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr import batch, images
from classic_anpr.batch.sources import is_video
from classic_anpr.cli.main import main
from classic_anpr.countries.watched import Watched
from classic_anpr.results import Character, Passage, PlateReading, Record
from classic_anpr.video import VideoSettings, read_records, read_video
from tests.drawn import background

SAMPLES = Path(__file__).parents[1] / "samples"
WIDTH, HEIGHT, FPS = 640, 360, 5
PLATE = 120  # px wide
Pixels = NDArray[np.uint8]


@cache
def cars() -> tuple[tuple[str, str, Pixels], ...]:
    """Text, country and picture of the first three cars with a long plate, all drawn as large."""
    found = []
    with (SAMPLES / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            x, y, w, h = (int(row[k]) for k in "xywh")
            if w > 3.2 * h and len(found) < 3:
                pixels = images.load(SAMPLES / row["file"]).pixels
                car = pixels[max(y - w // 2, 0) : y + h + w // 3, max(x - w // 3, 0) : x + w + w // 3]
                scale = PLATE / w
                car = cv2.resize(car, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                found.append((row["text"], row["country"].lower(), car))
    return tuple(found)


def put(picture: Pixels, car: Pixels, x: float, y: float) -> None:
    """Lay a car over the picture with its top left corner at (x, y), as far as it is inside."""
    left, top = round(x), round(y)
    part = car[: HEIGHT - top, max(-left, 0) : max(WIDTH - left, 0)]
    picture[top : top + part.shape[0], max(left, 0) : max(left, 0) + part.shape[1]] = part


def street(second: float) -> Pixels:
    """One car behind a post at 5 to 11 s; two at a time, one from either side, at 30 to 38 s."""
    picture = wall().copy()
    way = (WIDTH + 200) / 6.0  # px/s
    (_, _, first), (_, _, second_car), (_, _, third) = cars()
    if 5 <= second <= 11:
        put(picture, first, way * (second - 5) - 200, 190)
        picture[150:, 300:350] = 90
    if 30 <= second <= 36:
        put(picture, second_car, way * (second - 30) - 200, 20)
    if 32 <= second <= 38:
        put(picture, third, WIDTH - way * (second - 32), 195)
    return picture


@cache
def wall() -> Pixels:
    return background(WIDTH, HEIGHT, seed=1)


def write(path: Path, frames: Sequence[Pixels], codec: str = "MJPG", fps: float = FPS) -> Path:
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), fps, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def test_a_minute_with_three_vehicles_gives_three_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    clip = write(tmp_path / "street.avi", [street(i / FPS) for i in range(60 * FPS)])
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})  # One worker is this process: nothing to start.
    countries = ",".join(country for _, country, _ in cars())
    with pytest.raises(SystemExit) as caught:
        main(["read", str(clip), "--fps", "2.5", "--country", countries, "--annotate", str(tmp_path / "seen")])
    assert caught.value.code == 0
    records = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [r["plates"][0]["text"] for r in records] == [text for text, _, _ in cars()]
    for record, (begin, end) in zip(records, ((5, 11), (30, 36), (32, 38)), strict=True):
        assert record["filename"] == str(clip)
        assert record["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
        assert (record["image_width"], record["image_height"], record["error"]) == (WIDTH, HEIGHT, None)
        assert len(record["plates"]) == 1
        passage, frame = record["passage"], record["frame"]
        assert begin <= passage["time_first_s"] <= frame["time_s"] <= passage["time_last_s"] <= end
        assert passage["time_last_s"] - passage["time_first_s"] > 2
        assert passage["frames_read"] >= 4
        assert frame["number"] == round(frame["time_s"] * FPS)
        assert frame["at"] is None
    seen = sorted(path.name for path in (tmp_path / "seen").iterdir())
    assert seen == sorted(
        f"street.{r['sha256'][:8]}.{r['frame']['number']:06d}.{r['plates'][0]['text']}.jpg" for r in records
    )


# --- with a reader that knows what it sees: frames of one grey level, and a plate on those brighter than 100 ----------


def flat(*levels: int) -> list[Pixels]:
    return [np.full((48, 64, 3), level, np.uint8) for level in levels]


class Looker:
    """Reads frames as `batch.read_records` does, in this process; remembers the grey levels it was shown."""

    def __init__(self, text: str = "A123BC77", confidence: float = 0.9) -> None:
        self.levels: list[int] = []
        corners = np.array([[10, 10], [50, 10], [50, 20], [10, 20]], np.float32)
        characters = tuple(Character(char, 0.9, corners) for char in text)
        self.plate = PlateReading(
            text, text, text, (text,), None, None, None, None, confidence, 0.9, corners, characters
        )

    def record(self, image: images.Image) -> Record:
        self.levels.append(round(float(image.pixels.mean()) / 10) * 10)
        height, width = image.pixels.shape[:2]
        return Record(image.filename, None, width, height, (self.plate,) if image.pixels.mean() > 100 else ())

    def read(self, job: Any, looks: Iterable[Any]) -> Generator[Record, None, None]:
        for look in looks:
            yield job.read(self, look)

    def records(self, name: object, selection: batch.Selection | None = None, **settings: Any) -> list[Record]:
        job = batch.Job(countries=("ru",), selection=selection or batch.Selection())
        return list(read_video(job, str(name), VideoSettings(**settings), self.read))


def test_frames_one_by_one(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.avi", flat(*[50] * 10, *[150] * 10), fps=10)
    records = Looker().records(clip, fps=5, per_frame=True)
    assert [r.frame.number for r in records if r.frame] == list(range(0, 20, 2))
    assert [r.frame.time_s for r in records if r.frame] == pytest.approx([0.2 * i for i in range(10)])
    assert [len(r.plates) for r in records] == [0] * 5 + [1] * 5
    assert {(r.filename, r.passage, r.error) for r in records} == {(str(clip), None, None)}


def test_more_frames_than_the_video_has_are_all_of_them(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.avi", flat(*[50, 150] * 4), fps=10)
    assert len(Looker().records(clip, fps=60, per_frame=True)) == 8


def test_where_nothing_changes_the_last_reading_holds_for_a_second(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.avi", flat(*[50] * 10, *[150] * 25, *[60] * 2), fps=10)
    looker = Looker()
    (record,) = looker.records(clip, fps=10)
    assert looker.levels == [50, 150, 150, 150, 60]  # The plate is looked at again after a second, and after two.
    assert record.passage == Passage(pytest.approx(1.0), pytest.approx(3.4), 25)


def test_a_video_without_a_plate_has_one_record(tmp_path: Path) -> None:
    (record,) = Looker().records(write(tmp_path / "a.avi", flat(*[50] * 8)))
    assert (record.plates, record.error, record.image_width, record.frame) == ((), None, 64, None)


def test_what_is_wanted_is_decided_on_the_voted_text(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.avi", flat(*[150] * 8))
    (record,) = Looker(confidence=0.5).records(clip, batch.Selection(min_confidence=0.6))
    assert record.plates == ()
    watched = (Watched("A123BC71", "the boss"),)
    (record,) = Looker().records(clip, batch.Selection(watchlist=watched))
    assert [hit.remark for hit in record.plates[0].watched or ()] == ["the boss"]


def test_a_region_outside_the_picture_is_said_once(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.avi", flat(*[50, 150] * 4))
    (record,) = Looker().records(clip, batch.Selection(roi=(500, 500, 10, 10)))
    assert record.error is not None
    assert record.error.startswith(f"{clip}: 8 frames could not be read; the first: {clip}, frame 0: the region")


def test_a_video_that_breaks_off_gives_its_passages_and_an_error(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.avi", flat(*[150] * 60)).read_bytes()
    clip = tmp_path / "half.avi"
    clip.write_bytes(whole[: len(whole) // 2])
    passage, problem = Looker().records(clip)
    assert [plate.text for plate in passage.plates] == ["A123BC77"]
    assert problem.error is not None
    assert problem.error.startswith(f"{clip}: it breaks off after ")
    assert problem.error.endswith(" s of 12.0")


def test_an_interrupt_does_not_lose_the_vehicles_that_are_passing(tmp_path: Path) -> None:
    class Interrupted(Looker):
        def record(self, image: images.Image) -> Record:
            if len(self.levels) == 3:
                raise KeyboardInterrupt
            return super().record(image)

    clip = write(tmp_path / "a.avi", flat(*[150, 200] * 8))
    records = read_video(batch.Job(countries=("ru",)), str(clip), VideoSettings(), Interrupted().read)
    passage = next(records).passage
    assert passage is not None
    assert passage.frames_read == 3
    with pytest.raises(KeyboardInterrupt):
        next(records)


@pytest.mark.parametrize("kind", ["absent", "empty", "text", "folder", "fifo", "cut"])
def test_what_is_no_video_has_a_record_that_says_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.mp4"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "cut":  # The index of an MP4 file stands at its end.
        path.write_bytes(write(tmp_path / "whole.mp4", flat(*[50] * 9), "mp4v").read_bytes()[:-400])
    elif kind != "absent":
        path.write_text("This is no video.\n" * (kind == "text"))
    (record,) = Looker().records(path)
    assert record.error is not None
    assert record.error.startswith(f"{path}: ")
    causes = {"absent": "No such file or directory", "folder": "not a regular file", "fifo": "not a regular file"}
    assert record.error.endswith(causes.get(kind, "cannot be opened as a video"))


# --- live streams ----------------------------------------------------------------------------------------------------


class Camera(threading.Thread):
    """An RTSP server (RFC 2326) for one client: an MPEG transport stream (RTP payload type 33) over its connection."""

    def __init__(self, stream: bytes) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.start()

    def run(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rwb") as client:
            while request := client.readline().decode().split():
                headers = dict(line.decode().split(": ", 1) for line in iter(client.readline, b"\r\n"))
                answer = {
                    "OPTIONS": "Public: DESCRIBE, SETUP, PLAY",
                    "DESCRIBE": "Content-Type: application/sdp",
                    "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1",
                }.get(request[0], "Session: 1")
                sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:1\r\n"
                content = sdp if request[0] == "DESCRIBE" else ""
                head = f"RTSP/1.0 200 OK\r\nCSeq: {headers['CSeq'].strip()}\r\n{answer}\r\n"
                client.write(f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode())
                client.flush()
                if request[0] == "PLAY":
                    for number, at in enumerate(range(0, len(self._stream), 7 * 188)):
                        rtp = struct.pack(">BBHII", 0x80, 33, number, number * 3000, 1)
                        packet = rtp + self._stream[at : at + 7 * 188]
                        client.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                    return


def test_a_live_stream_is_read_until_it_ends(tmp_path: Path) -> None:
    # A picture with something in it: a stream of grey frames would be over before its format is recognised.
    frames = [cv2.add(np.repeat(wall()[:, :320], 2, axis=0)[:240], 90) for _ in range(100)]
    camera = Camera(write(tmp_path / "a.ts", frames, "mpg2", 25).read_bytes())
    before = datetime.now(UTC)
    records = Looker().records(f"rtsp://me:secret@127.0.0.1:{camera.port}/door", fps=50, per_frame=True)
    *looks, end = records
    assert looks
    assert {record.filename for record in records} == {f"rtsp://127.0.0.1:{camera.port}/door"}
    assert {(r.image_width, r.image_height, len(r.plates), r.sha256) for r in looks} == {(320, 240, 1, None)}
    times = [datetime.fromisoformat(r.frame.at or "") for r in looks if r.frame]
    assert before <= times[0] + timedelta(milliseconds=1)
    assert times == sorted(times)
    assert end.error is not None
    assert end.error.startswith(f"rtsp://127.0.0.1:{camera.port}/door: the stream ended after ")


def test_a_camera_that_does_not_answer_has_a_record_that_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    (record,) = Looker().records(f"rtsp://me:secret@127.0.0.1:{port}/door?pwd=x")
    assert record.error == f"rtsp://127.0.0.1:{port}/door?pwd=...: cannot be opened as a video"


@pytest.mark.parametrize("name", ["a.mp4", "b/c.AVI", "rtsp://camera", "https://host/a.mp4?x=1", "udp://@:1234"])
def test_videos_by_name(name: str) -> None:
    assert is_video(name)


@pytest.mark.parametrize("name", ["a.jpg", "mp4", "https://host/a.jpg?x=.mp4", "s3://bucket/photos", "-"])
def test_images_by_name(name: str) -> None:
    assert not is_video(name)


def test_images_and_videos_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    clip = write(tmp_path / "b.avi", flat(*[150] * 8))
    looker = Looker()

    def read(job: Any, things: Iterable[Any]) -> Generator[Record, None, None]:
        for thing in things:
            yield Record(thing, None, 1, 1) if isinstance(thing, str) else job.read(looker, thing)

    names = ["a.jpg", "b.jpg", str(clip), str(tmp_path / "absent.mp4"), "c.jpg"]
    records = list(read_records(batch.Job(countries=("ru",)), names, VideoSettings(), read))
    assert [record.filename for record in records] == names


def test_a_video_cannot_be_resumed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["read", str(tmp_path / "a.mp4"), "--output", str(tmp_path / "out.jsonl"), "--resume"])
    assert caught.value.code == 2
    assert "a.mp4: --resume is for images" in capfd.readouterr().err
