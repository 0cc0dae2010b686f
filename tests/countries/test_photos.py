"""The labels of the development photographs: each has a layout of its country, or a reason why not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from classic_anpr.countries import load_countries

PHOTOS = Path(__file__).parents[3] / "shared" / "photos"
pytestmark = pytest.mark.skipif(not PHOTOS.is_dir(), reason="the development photographs are not beside the repository")

# Text, country of the label: why no layout has it.
EXCEPTIONS = {
    ("BEX0060", "BG"): "the label follows the lines, B EX over 0060; the number is B 0060 EX",
    ("MGRV8", "GB"): "a show plate: RV8 is the model of MG on which it hangs",
    ("VW4X4WP", "EU"): "an advertisement",
}


def labels() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted(PHOTOS.glob("*/labels.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found += [(path.parent.name, row["text"], row["country"]) for row in csv.DictReader(stream)]
    return [(name, text, code) for name, text, code in found if text not in ("", "?")]


def test_every_label_has_a_layout() -> None:
    everyone = {country.code: country for country in load_countries(None)}
    europe = load_countries(["europe"])
    checked, without = 0, []
    for name, text, code in labels():
        if (text, code) in EXCEPTIONS or code == "XX":  # XX: country unknown
            continue
        countries = europe if code == "EU" else [everyone[code.lower()]]
        checked += 1
        if not any(country.matching(text) for country in countries):
            without.append((name, text, code))
    assert checked > 500
    assert without == []


def test_exceptions_are_needed() -> None:
    everyone = {country.code: country for country in load_countries(None)}
    for text, code in EXCEPTIONS:
        countries = load_countries(["europe"]) if code == "EU" else [everyone[code.lower()]]
        assert not any(country.matching(text) for country in countries), text


def test_singapore_check_letter_holds_on_all_labels() -> None:
    singapore = load_countries(["sg"])[0]
    car = singapore.layout("car")
    texts = [text for _, text, code in labels() if code == "SG" and text[-1].isalpha()]
    assert len(texts) > 150
    assert [text for text in texts if not singapore.check(text, car).ok] == []
