"""Known plates and how near a reading is."""

from __future__ import annotations

from pathlib import Path

import pytest

from classic_anpr.countries import Watched, read_watchlist, watchlist
from classic_anpr.countries.watched import edit_distance
from classic_anpr.errors import UsageError


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    path.write_text("А 123 ВС 77  # the neighbour\n\n# a heading\nB-NO 1234\n", encoding="utf-8")
    assert read_watchlist(path) == (Watched("A123BC77", "the neighbour"), Watched("BNO1234"))
    path.write_text("***\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        read_watchlist(path)
    with pytest.raises(UsageError, match="none"):
        read_watchlist(tmp_path / "none.txt")


def test_match() -> None:
    known = [Watched("BNO1234"), Watched("A123BC77"), Watched("BNO1235")]
    assert [(m.watched.text, m.distance) for m in watchlist("BNO1235", known)] == [("BNO1235", 0), ("BNO1234", 1)]
    assert [m.watched.text for m in watchlist("A123BC7?", known)] == ["A123BC77"]
    assert watchlist("XYZ", known) == ()
    assert len(watchlist("BNO12", known, max_distance=2)) == 2


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("AB", "", 2), ("KITTEN", "SITTING", 3), ("A?C", "ABC", 0), ("ABC", "ABCD", 1), ("BA", "AB", 2)],
)
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance
