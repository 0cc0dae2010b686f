"""The schema: what a record looks like as JSON. A change here is a change of `SCHEMA`."""

from __future__ import annotations

import json

import pytest

from classic_anpr.results import Record

NUMBER = (int, float)
POINTS = [[NUMBER, NUMBER]]
RECORD = {
    "schema": int,
    "filename": str,
    "sha256": str,
    "image_width": int,
    "image_height": int,
    "plates": [
        {
            "text": str,
            "raw_text": str,
            "formatted": str,
            "lines": [str],
            "country": str,
            "country_confidence": NUMBER,
            "layout": str,
            "region": str,
            "region_name": str,
            "confidence": NUMBER,
            "detection_confidence": NUMBER,
            "corners": POINTS,
            "characters": [
                {
                    "char": str,
                    "confidence": NUMBER,
                    "corners": POINTS,
                    "alternatives": [{"char": str, "confidence": NUMBER}],
                }
            ],
            "candidates": [
                {
                    "text": str,
                    "confidence": NUMBER,
                    "country": (str, type(None)),
                    "layout": (str, type(None)),
                    "country_confidence": (int, float, type(None)),
                }
            ],
            "edits": [{"position": int, "seen": str, "used": str}],
            "warnings": [str],
        }
    ],
    "timings_ms": dict,
    "warnings": [str],
    "error": type(None),
}


def check(value: object, schema: object, where: str = "record") -> None:
    if isinstance(schema, dict):
        assert isinstance(value, dict), where
        assert list(value) == list(schema), where
        for key, part in schema.items():
            check(value[key], part, f"{where}.{key}")
    elif isinstance(schema, list):
        assert isinstance(value, list), where
        assert value, where
        for item in value:
            check(item, schema[0] if len(schema) == 1 else NUMBER, f"{where}[]")
    else:
        assert isinstance(value, schema), where  # type: ignore[arg-type]


def test_schema(record: Record) -> None:
    document = json.loads(json.dumps(record.to_dict()))
    assert document["schema"] == 1
    check(document, RECORD)
    plate = document["plates"][0]
    assert plate["corners"] == [[50, 30], [150, 30], [150, 50], [50, 50]]
    assert plate["edits"] == [{"position": 2, "seen": "Z", "used": "2"}]


def test_failed_image() -> None:
    document = Record("a.jpg", None, 0, 0, error="a.jpg: empty file").to_dict()
    assert list(document) == list(RECORD)
    assert document["plates"] == []
    assert document["error"] == "a.jpg: empty file"


def test_results_cannot_be_changed(record: Record) -> None:
    with pytest.raises(AttributeError):
        record.filename = "other"  # type: ignore[misc]
