"""Passwords stay out of records and messages."""

from __future__ import annotations

import pytest

from classic_anpr.urls import without_secrets


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rtsp://me:pa@ss@camera:554/1", "rtsp://camera:554/1"),
        ("http://camera/v.mjpg?user=me&PASSWORD=x&channel=2", "http://camera/v.mjpg?user=...&PASSWORD=...&channel=2"),
        ("http://camera/a@b.mp4", "http://camera/a@b.mp4"),
        ("me:secret@home.mp4", "me:secret@home.mp4"),
    ],
)
def test_no_password_stands_in_a_record(name: str, expected: str) -> None:
    assert without_secrets(name) == expected
