"""The stages in order, on plates drawn by the test and on the drawn scenes that come with the project."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr import images
from classic_anpr.errors import EngineError, ImageError, UsageError
from classic_anpr.judge import JudgeSettings
from classic_anpr.locate import LocateSettings
from classic_anpr.ocr.engine import Engine, packaged_model
from classic_anpr.ocr.lattice import Lattice
from classic_anpr.reader import AgainSettings, Reader, Settings, Trace
from tests.drawn import Scene, background, draw_plate, place

SAMPLES = Path(__file__).parents[1] / "samples"
STAGES = ("locate", "rectify", "segment", "ocr", "constrain", "judge")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(countries=["de", "br", "sk"])


@pytest.fixture(scope="module")
def scene() -> Scene:
    return place((draw_plate("HXK4827"), (320, 240), 220, 4), wall=60)


@pytest.fixture(scope="module")
def trace(reader: Reader, scene: Scene) -> Trace:
    return reader.trace(scene.pixels)


@pytest.fixture
def picture(tmp_path: Path, scene: Scene) -> Path:
    """The scene as a file without loss."""
    path = tmp_path / "drawn ü.png"
    path.write_bytes(cv2.imencode(".png", scene.pixels)[1].tobytes())
    return path


def test_reads_a_drawn_plate(reader: Reader, scene: Scene) -> None:
    (plate,) = reader.read(scene.pixels)
    assert plate.text == "HXK4827"
    assert plate.accepted
    assert 0.5 < plate.confidence <= 1
    cap = float(np.linalg.norm(scene.band()[3] - scene.band()[0]))
    assert float(np.abs(plate.corners - scene.corners()).max()) < 0.6 * cap
    assert [c.char for c in plate.characters] == list("HXK4827")
    for character, (x, y, w, h) in zip(plate.characters, scene.plates[0].lines[0], strict=True):
        centre = scene.homographies[0] @ [x + w / 2, y + h / 2, 1]
        assert float(np.linalg.norm(character.corners.mean(axis=0) - centre[:2])) < 0.5 * cap


def test_reads_two_plates_the_surer_first(reader: Reader) -> None:
    both = place(
        (draw_plate("HXK4827"), (170, 130), 220, 3),
        (draw_plate("MNP5638", light_on_dark=True), (450, 340), 220, -3),
        wall=60,
    )
    plates = reader.read(both.pixels)
    assert sorted(p.text for p in plates) == ["HXK4827", "MNP5638"]
    assert plates[0].confidence >= plates[1].confidence


def test_another_cut_is_tried_only_where_no_reading_is_certain(scene: Scene) -> None:
    """Every look makes lines of its own framing, so the heights of the lines tell how many looks there were."""

    def looks(**again: float) -> int:
        settings = Settings(again=dataclasses.replace(AgainSettings(), **again))  # type: ignore[arg-type]
        trace = Reader(countries=["de", "br", "sk"], settings=settings).trace(scene.pixels)
        best = max(trace.examined, key=lambda e: e.reading.confidence)
        assert best.reading.text == "HXK4827"
        framings = {round(float(line.pieces[0].homography[1, 1]), 6) for e in trace.examined for line in e.lines}
        return len(framings)

    assert looks(certain=0.0) == 1
    every = 1 + len(AgainSettings().looks)
    assert looks(certain=1.1) == every
    assert looks(certain=0.0, clear_glyph=0.1) == every, "a doubtful glyph"
    assert looks(certain=0.0, common=0.1) == every, "a rare layout"


def test_a_further_look_finds_the_group_that_stands_apart() -> None:
    """A gap of two cap heights ends the first look's line."""
    drawn = draw_plate("HX    4827")
    scene = place((drawn, (320, 240), 300, 0), wall=60)
    once = Settings(again=dataclasses.replace(AgainSettings(), looks=()))
    texts = [e.reading.text for e in Reader(countries=["de"], settings=once).trace(scene.pixels).examined]
    assert "HX4827" not in texts
    again = [e.reading.text for e in Reader(countries=["de"]).trace(scene.pixels).examined]
    assert "HX4827" in again


def test_another_model_reads_the_further_looks(scene: Scene) -> None:
    doubtful = Settings(again=AgainSettings(certain=1.1))
    eyes = Reader(countries=["de"], settings=doubtful)
    calls = {"first": 0, "second": 0}

    class Counted:
        def __init__(self, engine: Engine, name: str) -> None:
            self.engine, self.name = engine, name

        def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Lattice]:
            calls[self.name] += 1
            return self.engine.read(lines)

        def close(self) -> None: ...

    eyes.engine, eyes.second_engine = Counted(eyes.engine, "first"), Counted(eyes.second_engine, "second")
    trace = eyes.trace(scene.pixels)
    assert [p.text for p in trace.plates] == ["HXK4827"]
    assert calls["first"] >= 1
    assert calls["second"] >= len(doubtful.again.looks)


def test_a_model_of_ones_own_reads_every_look() -> None:
    eyes = Reader(countries=["de"], model=packaged_model())
    assert eyes.second_engine is eyes.engine
    assert Reader(countries=["de"]).second_engine is not eyes.engine


def test_nothing_is_looked_for_right_beside_a_certain_plate() -> None:
    """The lower plate is three cap heights below the upper one: no second vehicle's."""
    near = place((draw_plate("HXK4827"), (320, 200), 220, 0), (draw_plate("MNP5638"), (320, 300), 220, 0), wall=60)

    def places(beside: float) -> int:
        settings = Settings(again=dataclasses.replace(AgainSettings(), beside=beside))
        trace = Reader(countries=["de", "br", "sk"], settings=settings).trace(near.pixels)
        return len({e.reading.text for e in trace.examined if e.reading.accepted})

    assert places(0.0) == 2
    assert places(6.0) == 1


def test_once_a_plate_is_certain_only_what_may_be_a_plate_is_looked_at_again() -> None:
    """The first look ends at the wide gap of the lower plate; a further one would not."""
    both = place((draw_plate("HXK4827"), (170, 120), 220, 0), (draw_plate("MN    5638"), (420, 360), 300, 0), wall=60)

    def texts(doubtful: float) -> set[str]:
        settings = Settings(again=dataclasses.replace(AgainSettings(), doubtful=doubtful, legible=1.0))
        return {e.reading.text for e in Reader(countries=["de"], settings=settings).trace(both.pixels).examined}

    assert {"HXK4827", "MN5638"} <= texts(0.0)
    assert "HXK4827" in texts(1.1)
    assert "MN5638" not in texts(1.1)


@pytest.mark.parametrize("again", [AgainSettings(longest=6), AgainSettings(garbled=0.1)])
def test_what_is_too_long_or_garbled_is_compared_with_no_layout(scene: Scene, again: AgainSettings) -> None:
    """The text has seven glyphs."""
    examined = Reader(countries=["sk"], settings=Settings(again=again)).trace(scene.pixels).examined
    assert "HXK4827" in {e.reading.raw_text for e in examined}
    assert all(h.layout is None for e in examined for h in e.hypotheses if len(e.reading.raw_text) == 7)


@pytest.mark.parametrize(("axis", "name"), [(-1, "upside down"), (1, "mirrored")])
def test_what_reads_better_turned_is_not_reported_and_the_reason_says_so(scene: Scene, axis: int, name: str) -> None:
    credulous = Settings(judge=JudgeSettings(min_confidence=0.0))
    trace = Reader(countries=["gb"], settings=credulous).trace(cv2.flip(scene.pixels, axis).astype(np.uint8))
    on_plate = [e.reading for e in trace.examined if len(e.reading.text) >= 6]
    assert on_plate
    assert {r.reason for r in on_plate if "reads better" in r.reason} == {f"reads better {name}"}
    assert all(r.text not in {p.text for p in trace.plates} for r in on_plate)
    assert trace.warnings == (f"a text reads better {name}: is the picture?",)


def test_an_empty_wall_has_no_plate(reader: Reader) -> None:
    assert reader.read(background(640, 480)) == []


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (1, 400), (20, 20)])
def test_tiny_pictures_have_no_plate(reader: Reader, shape: tuple[int, int]) -> None:
    assert reader.read(np.zeros((*shape, 3), np.uint8)) == []


@pytest.mark.parametrize("name", ["04-de.jpg", "06-br.jpg", "02-sk.jpg"])
def test_samples_are_read_where_they_are(reader: Reader, name: str) -> None:
    """The surest plate lies on the drawn one and shares its characters; how many are right is for the benchmarks."""
    rows = [line.split(",") for line in (SAMPLES / "labels.csv").read_text(encoding="utf-8").splitlines()]
    row = next(row for row in rows if row[0] == name)
    text, (x, y, w, h) = row[1], map(float, row[3:7])
    plates = reader.read(SAMPLES / name)
    assert plates, text
    cx, cy = plates[0].corners.mean(axis=0)
    assert x < cx < x + w
    assert y < cy < y + h
    assert len(set(plates[0].text) & set(text)) >= len(set(text)) - 2


def test_the_same_picture_gives_the_same_result(reader: Reader, scene: Scene) -> None:
    first, second = ([p.to_dict() for p in reader.read(scene.pixels)] for _ in range(2))
    assert first
    assert first == second


def test_array_path_and_image_give_the_same(reader: Reader, scene: Scene, picture: Path) -> None:
    results = [
        [p.to_dict() for p in reader.read(source)]
        for source in (scene.pixels, picture, str(picture), images.load(picture), images.from_array(scene.pixels))
    ]
    assert results[0]
    assert all(result == results[0] for result in results[1:])


def test_a_grey_picture_is_read(reader: Reader, scene: Scene) -> None:
    (plate,) = reader.read(cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY))
    assert plate.text == "HXK4827"


def test_the_picture_is_left_as_it_was(reader: Reader, scene: Scene) -> None:
    before = scene.pixels.copy()
    reader.read(scene.pixels)
    np.testing.assert_array_equal(scene.pixels, before)


# records


def test_a_record_has_the_file_its_plates_and_the_time_of_every_stage(reader: Reader, picture: Path) -> None:
    record = reader.record(picture)
    assert record.error is None
    assert record.filename == str(picture)
    assert record.sha256 == hashlib.sha256(picture.read_bytes()).hexdigest()
    assert (record.image_width, record.image_height) == (640, 480)
    assert [p.text for p in record.plates] == ["HXK4827"]
    assert set(record.timings_ms) == {"load", *STAGES}
    assert all(value >= 0 for value in record.timings_ms.values())
    assert json.loads(json.dumps(record.to_dict()))["plates"][0]["text"] == "HXK4827"


def test_a_record_of_a_loaded_image_has_no_time_of_loading(reader: Reader, picture: Path) -> None:
    assert set(reader.record(images.load(picture)).timings_ms) == set(STAGES)


@pytest.mark.parametrize("content", [b"", b"no picture at all", None])
def test_a_broken_file_gives_a_record_with_the_error(
    reader: Reader, tmp_path: Path, picture: Path, content: bytes | None
) -> None:
    broken = tmp_path / "broken.png"
    content = picture.read_bytes()[:2000] if content is None else content
    broken.write_bytes(content)
    record = reader.record(broken)
    assert record.error
    assert "broken.png" in record.error
    assert record.plates == ()
    assert (record.image_width, record.image_height) == (0, 0)
    if content:
        assert record.sha256 == hashlib.sha256(content).hexdigest()


def test_a_missing_file_gives_a_record_without_a_digest(reader: Reader, tmp_path: Path) -> None:
    record = reader.record(tmp_path / "missing.jpg")
    assert record.error
    assert record.sha256 is None


def test_read_raises_for_a_broken_file(reader: Reader, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture at all")
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        reader.read(broken)


# traces


def test_a_trace_keeps_every_part(trace: Trace) -> None:
    assert trace.candidates
    assert list(trace.timings_ms) == list(STAGES)
    assert trace.examined
    for examined in trace.examined:
        assert any(examined.candidate is c for c in trace.candidates)
        assert examined.crop.candidate is examined.candidate
        assert examined.lines
        assert len(examined.lines) == len(examined.lattices) == len(examined.reading.lines)
        assert all(line.pixels.shape[0] == 36 for line in examined.lines)
        assert examined.hypotheses
        assert examined.reading.accepted or examined.reading.reason


def test_the_plates_of_a_trace_are_the_accepted_readings(reader: Reader, scene: Scene, trace: Trace) -> None:
    assert [p.to_dict() for p in trace.plates] == [p.to_dict() for p in reader.read(scene.pixels)]
    everything = [e.reading for e in trace.examined]
    assert all(any(p is r for r in everything) and p.accepted for p in trace.plates)


def test_the_chain_of_the_plate_runs_through_all_stages(trace: Trace) -> None:
    best = next(e for e in trace.examined if e.reading is trace.plates[0])
    assert "".join(lattice.text for lattice in best.lattices) == trace.plates[0].raw_text == "HXK4827"
    assert trace.plates[0].text in [h.text for h in best.hypotheses]


# settings


def test_settings_are_frozen_all_the_way_down() -> None:
    settings = Settings()
    for field in dataclasses.fields(settings):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(settings, field.name, None)
        part = getattr(settings, field.name)
        assert dataclasses.is_dataclass(part)
        for inner in dataclasses.fields(part):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(part, inner.name, None)


def test_settings_reach_the_stages(scene: Scene) -> None:
    strict = Reader(countries=["de"], settings=Settings(judge=JudgeSettings(min_confidence=1.01)))
    trace = strict.trace(scene.pixels)
    assert trace.plates == []
    assert any("confidence" in e.reading.reason for e in trace.examined)
    blind = Reader(countries=["de"], settings=Settings(locate=LocateSettings(most=0)))
    assert blind.trace(scene.pixels).candidates == ()


def test_top_limits_the_candidates(scene: Scene) -> None:
    (plate,) = Reader(countries=["de", "br"], top=2).read(scene.pixels)
    assert 1 <= len({c.text for c in plate.candidates}) <= 2


def test_an_unknown_country_and_a_missing_model_are_errors_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Reader(countries=["nowhere"])
    with pytest.raises(EngineError):
        Reader(countries=["de"], model=tmp_path / "missing.traineddata")
