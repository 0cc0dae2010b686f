"""Folding, printing, checks and regions of single plates."""

from __future__ import annotations

import math

import pytest

from classic_anpr.countries import Country, load_countries
from classic_anpr.countries.checks import sg_check_letter


def country(code: str) -> Country:
    return load_countries([code])[0]


@pytest.mark.parametrize(
    ("code", "printed", "text"),
    [
        ("ru", "а 123 вс 77", "A123BC77"),
        ("by", "1234 АІ-5", "1234AI5"),
        ("gr", "ΥΖΧ-1234", "YZX1234"),
        ("de", "MÜ-LL 123", "MULL123"),
        ("hr", "ČK 123-DE", "CK123DE"),
        ("dk", "ab 12.345", "AB12345"),
    ],
)
def test_fold(code: str, printed: str, text: str) -> None:
    assert country(code).fold(printed) == text


@pytest.mark.parametrize(
    ("code", "text", "printed"),
    [
        ("ru", "A123BC77", "A 123 BC 77"),
        ("de", "BNO1234", "B-NO 1234"),
        ("il", "1234567", "12-345-67"),
        ("il", "12345678", "123-45-678"),
        ("vn", "30G58236", "30G-582.36"),
        ("vn", "29B125662", "29-B1 256.62"),
        ("nl", "12BBKK", "12-BB-KK"),
        ("nl", "GB123B", "GB-123-B"),
        ("by", "AB12345", "AB 1234-5"),
        ("gb", "BD51SMR", "BD51 SMR"),
        ("fr", "AA123AA", "AA-123-AA"),
        ("br", "AYO9034", "AYO-9034"),
        ("sg", "SBA1234G", "SBA 1234 G"),
        ("hu", "OTAB475", "OT AB-475"),
        ("hu", "OT10033", "OT 10-033"),
        ("gb", "V0335706", "V033 5706"),
        ("lv", "B11226", "B 1122-6"),
    ],
)
def test_format(code: str, text: str, printed: str) -> None:
    one = country(code)
    assert one.matching(text)[0].format(text) == printed


def test_gaps_decide_where_letters_cannot() -> None:
    """B-NO and BN-O are both districts: only the measured gap tells Berlin from Bonn."""
    car = country("de").layout("car")
    assert car.format("BNO1234", (0.5, 0.15, 0.4, 0.1, 0.1, 0.1)) == "B-NO 1234"
    assert car.format("BNO1234", (0.15, 0.5, 0.4, 0.1, 0.1, 0.1)) == "BN-O 1234"
    # A line break cannot be measured.
    assert car.format("BNO1234", (0.15, math.nan, 0.4, 0.1, 0.1, 0.1)).endswith(" 1234")
    assert car.format("ABC", (0.1, 0.1)) == "ABC"


def test_an_unknown_district_loses_to_a_known_one() -> None:
    germany = country("de")
    assert germany.layout("car").format("WOBDH786") == "WOB-DH 786"
    assert germany.layout("car").format("XQAB123") in ("X-QAB 123", "XQ-AB 123", "XQA-B 123")


def test_order_of_two_lines() -> None:
    """A Belarusian lorry's AB-5 over 1234 is the number AB1234-5."""
    truck = country("by").layout("truck")
    pattern = next(p for p in truck.patterns if p.lines == (3, 4))
    assert pattern.text("AB51234") == "AB12345"
    motorcycle = country("kz").layout("car")
    above = next(p for p in motorcycle.patterns if p.lines == (5, 3))
    assert above.text("01123ABC") == "123ABC01"


@pytest.mark.parametrize(
    ("code", "text", "layout", "region"),
    [
        ("ru", "A123BC77", "car", "Moscow"),
        ("de", "WOBDH786", "car", "Wolfsburg"),
        ("de", "TÜAB12", "car", "Tübingen"),
        ("pl", "WE632GG", "city", "Warszawa"),
        ("ua", "KA0077AX", "car", "Kyiv"),
        ("vn", "30G58236", "car", "Hà Nội"),
        ("id", "B2064BYF", "civil", "Jakarta, Depok, Tangerang, Bekasi"),
        ("my", "KV1234", "car", "Langkawi"),
        ("my", "KAV1234", "car", "Kedah"),
        ("br", "BXI6284", "old", "São Paulo"),
        ("gb", "LB07SEO", "current", "London"),
        ("tr", "34ABC12", "car", "Istanbul"),
    ],
)
def test_region(code: str, text: str, layout: str, region: str) -> None:
    one = country(code)
    assert one.check(one.fold(text), one.layout(layout)).region_name == region


def test_an_unknown_region_warns_and_keeps_the_reading() -> None:
    russia = country("ru")
    check = russia.check("A123BC00", russia.layout("car"))
    assert not check.ok
    assert "00 is not in the list of regions" in check.warnings[0]
    assert russia.layout("car") in russia.matching("A123BC00")


@pytest.mark.parametrize("plate", ["SBA1234G", "SLF3897K", "ET501G", "SJF4608X"])
def test_singapore_check_letter(plate: str) -> None:
    singapore = country("sg")
    car = singapore.layout("car")
    assert singapore.check(plate, car).ok
    wrong = [c for c in "ABCDEFGHJKLMPRSTUXYZ" if c != plate[-1] and car.matches(plate[:-1] + c)]
    assert wrong
    assert not any(singapore.check(plate[:-1] + c, car).ok for c in wrong)


def test_sg_check_letter_of_one_letter() -> None:
    """Worked by hand: S is 19 after an absent letter; 0*9 + 19*4 + 0 + 0 + 0 + 1*2 = 78; 78 mod 19 = 2, Y."""
    assert sg_check_letter("S", "1") == "Y"


def test_british_age_and_hungarian_pair() -> None:
    britain, hungary = country("gb"), country("hu")
    assert "age identifier" in britain.check("LB01ABC", britain.layout("current")).warnings[0]
    assert "vowel" in hungary.check("ABCD123", hungary.layout("series-2022")).warnings[0]


@pytest.mark.parametrize("plate", ["OT AB-475", "OT AE-775", "OT 10-153"])
def test_hungarian_old_timers_need_no_pair(plate: str) -> None:
    """OT is a vowel and a consonant, which no ordinary plate of 2022 begins with: a layout of its own has it."""
    hungary = country("hu")
    text = hungary.fold(plate)
    assert [layout.id for layout in hungary.matching(text)] == ["historic"]
    assert hungary.check(text, hungary.layout("historic")).warnings == ()
    assert not hungary.layout("series-2022").matches(text)
    assert not hungary.check("OTAB000", hungary.layout("historic")).ok


def test_explain() -> None:
    car = country("ru").layout("car")
    assert car.explain("A123BC77") is None
    assert car.explain("D123BC77") == "character 1 is D, not one of ABCEHKMOPTXY"
    assert car.explain("A12") == "has 3 characters, the layout 8 to 9"
    assert not country("ru").check("A12", car).ok
