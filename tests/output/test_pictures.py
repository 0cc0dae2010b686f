"""Annotated photographs and plates cut out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from classic_anpr import images
from classic_anpr.output import pictures
from classic_anpr.results import Record


def test_annotated_draws_around_the_plate_and_leaves_the_input(plate: Any) -> None:
    photo = np.full((120, 300, 3), 128, np.uint8)
    drawn = pictures.annotated(photo, (plate,))
    assert (photo == 128).all()
    assert (drawn[30, 60:140] != 128).any(axis=1).all()  # the upper edge
    assert (drawn[38:44, 60:140] == 128).all()  # the plate itself stays readable
    assert (drawn[:26] != 128).any()  # the text above it
    assert (pictures.annotated(photo, ()) == photo).all()


def test_text_goes_below_a_plate_at_the_top(make: Any, plate: Any) -> None:
    photo = np.full((120, 300, 3), 128, np.uint8)
    drawn = pictures.annotated(photo, (make(corners=plate.corners - [0, 28]),))
    assert (drawn[28:60] != 128).any()


def test_cut_out_sets_a_tilted_plate_upright(make: Any) -> None:
    # A quarter turn: what stands to the right of the top-left corner in the plate lies below it in the photograph.
    photo = np.zeros((100, 100, 3), np.uint8)
    photo[10:50, 40:60] = 100
    photo[50:90, 40:60] = 200
    corners = np.array([[60, 10], [60, 90], [40, 90], [40, 10]], np.float32)
    crop = pictures.cut_out(photo, make(corners=corners))
    assert crop.shape == (20, 80, 3)
    assert (crop[3:-3, 3:36] == 100).all()
    assert (crop[3:-3, 44:-3] == 200).all()


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path, make: Any) -> None:
    photo = np.full((120, 300, 3), 128, np.uint8)
    unread = make(text="A?23")
    one = Record("x/a.jpg", "11" * 32, 300, 120, (unread,))
    two = Record("y/a.jpg", "22" * 32, 300, 120, (unread,))
    for record in (one, two):
        pictures.save_annotated(tmp_path, record, photo)
        pictures.save_crops(tmp_path, record, photo)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "a.11111111.0.A_23.png",
        "a.11111111.jpg",
        "a.22222222.0.A_23.png",
        "a.22222222.jpg",
    ]
    assert images.load(tmp_path / "a.11111111.0.A_23.png").pixels.shape == (20, 100, 3)


def test_very_long_name(tmp_path: Path, plate: Any) -> None:
    record = Record("ж" * 120 + ".jpg", "11" * 32, 300, 120, (plate,))
    pictures.save_crops(tmp_path, record, np.full((120, 300, 3), 128, np.uint8))
    assert len(list(tmp_path.iterdir())) == 1


def test_member_of_an_archive(tmp_path: Path) -> None:
    record = Record("zip://in/a.jpg::/photos/b.zip", "11" * 32, 300, 120)
    assert pictures.side_file(tmp_path, record, ".jpg").name == "a.11111111.jpg"
