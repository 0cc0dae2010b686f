"""Pictures that arrive in a folder: each once, when it is complete, and moved away when it is done with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classic_anpr.batch.watch import Arrivals, move


def arrivals(folder: Path, *done: str) -> Arrivals:
    return Arrivals(str(folder), 0.01, lambda name: os.path.basename(name) in done)


def look(watched: Arrivals) -> list[str]:
    return [os.path.basename(name) for name in watched.look()]


def test_a_growing_file_is_waited_for(tmp_path: Path) -> None:
    watched = arrivals(tmp_path)
    assert look(watched) == []
    growing = tmp_path / "a.jpg"
    growing.write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".b.jpg.part").write_text("hidden")
    assert [look(watched) for _ in range(3)] == [[], [], []]
    for _ in range(3):
        with growing.open("ab") as file:
            file.write(b"more")
        assert look(watched) == []
    assert [look(watched) for _ in range(3)] == [["a.jpg"], [], []]


def test_a_file_that_is_renamed_in(tmp_path: Path) -> None:
    watched = arrivals(tmp_path)
    (tmp_path / "sub").mkdir()
    part = tmp_path / "sub" / "a.jpg.part"
    part.write_bytes(b"all of it")
    assert [look(watched) for _ in range(2)] == [[], []]
    part.rename(tmp_path / "sub" / "a.jpg")
    assert [look(watched) for _ in range(3)] == [[], ["a.jpg"], []]


def test_a_file_that_is_overwritten_is_a_new_one(tmp_path: Path) -> None:
    watched = arrivals(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"one")
    assert [look(watched) for _ in range(3)] == [[], ["a.jpg"], []]
    os.utime(tmp_path / "a.jpg", (1, 1))
    assert [look(watched) for _ in range(3)] == [[], ["a.jpg"], []]


def test_what_an_earlier_run_has_read_is_not_read_again(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"picture")
    watched = arrivals(tmp_path, "a.jpg", "c.jpg")
    assert [look(watched) for _ in range(2)] == [[], ["b.jpg"]]
    (tmp_path / "c.jpg").write_bytes(b"of an old name, but new")
    assert [look(watched) for _ in range(3)] == [[], ["c.jpg"], []]


def test_pipes_and_links_to_nowhere_hold_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "nowhere.jpg").symlink_to("absent")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert look(arrivals(tmp_path)) == ["pipe.jpg"]  # Reading it gives a record with an error.


def test_a_folder_that_goes_away_and_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder, elsewhere = tmp_path / "in", tmp_path / "away"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"picture")
    watched = arrivals(folder)
    assert [look(watched) for _ in range(2)] == [[], ["a.jpg"]]
    folder.rename(elsewhere)
    assert [look(watched) for _ in range(3)] == [[], [], []]
    assert caplog.text.count("cannot be searched") == 1
    elsewhere.rename(folder)
    assert [look(watched) for _ in range(3)] == [[], [], []]


def test_iterating_waits_for_more(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"picture")
    names = iter(arrivals(tmp_path))
    assert os.path.basename(next(names)) == "a.jpg"
    (tmp_path / "b.jpg").write_bytes(b"picture")
    assert os.path.basename(next(names)) == "b.jpg"


def test_move(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source, target = tmp_path / "in", tmp_path / "done"
    for content in ("one", "two", "three"):
        (source / "sub").mkdir(parents=True, exist_ok=True)
        (source / "sub" / "a.b.jpg").write_text(content)
        move(str(source / "sub" / "a.b.jpg"), str(source), target)
    moved = {path.name: path.read_text() for path in (target / "sub").iterdir()}
    assert moved == {"a.b.jpg": "one", "a.b.1.jpg": "two", "a.b.2.jpg": "three"}
    move(str(source / "absent.jpg"), str(source), target)
    assert "absent.jpg: not moved: No such file" in caplog.text
