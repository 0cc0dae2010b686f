"""The constrained search against brute force, and the rules of the house that it keeps."""

from __future__ import annotations

import itertools
import math
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classic_anpr.constrain import ConstrainSettings, Constraints, Hypothesis, constrain
from classic_anpr.countries import Check, Colours, Pattern, load_countries
from classic_anpr.evidence import Evidence
from classic_anpr.ocr.confusion import confusion_matrix
from classic_anpr.ocr.lattice import Lattice, Slot
from classic_anpr.ocr.timesteps import ALPHABET
from classic_anpr.results import Edit

LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS = frozenset("0123456789")


def lattice(text: str, probability: float = 0.97, blank: float = 0.01) -> Lattice:
    return Lattice(tuple(Slot(((c, probability),), blank, 10.0 * i, 10.0 * i + 8) for i, c in enumerate(text)))


def stand_in(id: str, *patterns: Pattern, weight: float = 1.0, colours: tuple[Colours, ...] = ()) -> Any:
    return SimpleNamespace(
        id=id,
        weight=weight,
        rules=(),
        patterns=patterns,
        colours=colours,
        separators=("", " "),
        plate=lambda count: None,
    )


def layout(
    id: str,
    *patterns: tuple[str, tuple[int, ...]],
    weight: float = 1.0,
    breaks: tuple[int, ...] = (),
    colours: tuple[Colours, ...] = (),
) -> Any:
    """A layout from texts of A (letter), 9 (digit) and other characters (themselves)."""
    made = []
    for classes, lines in patterns:
        positions = tuple({"A": LETTERS, "9": DIGITS}.get(c, frozenset(c)) for c in classes)
        made.append(Pattern(positions, lines, tuple(range(len(positions))), breaks))
    return stand_in(id, *made, weight=weight, colours=colours)


def country(*layouts: Any, code: str = "xx", vehicles: float = 5.0) -> Any:
    return SimpleNamespace(code=code, layouts=layouts, vehicles=vehicles, check=lambda text, layout: Check(True))


def best(lattices: list[Lattice], *layouts: Any, **settings: Any) -> Hypothesis:
    return constrain(lattices, [country(*layouts)], ConstrainSettings(**settings))[0]


def test_a_look_alike_is_changed_where_the_layout_wants_it_and_the_change_is_listed() -> None:
    found = best([lattice("ABC12O4")], layout("old", ("AAA9999", (7,))))
    assert (found.text, found.country, found.layout) == ("ABC1204", "xx", "old")
    assert found.edits == (Edit(5, "O", "0"),)
    assert found.slots == tuple((0, i) for i in range(7))


def test_the_plain_reading_is_always_kept() -> None:
    found = constrain([lattice("ABC12O4")], [country(layout("old", ("AAA9999", (7,))))])
    (plain,) = [h for h in found if h.country is None and h.text == "ABC12O4"]
    assert plain.edits == ()
    assert [h.share for h in found] == sorted((h.share for h in found), reverse=True)


def test_a_text_far_from_every_layout_is_left_as_it_is() -> None:
    found = best([lattice("KXWMVHN")], layout("old", ("AAA9999", (7,))))
    assert (found.text, found.country, found.edits) == ("KXWMVHN", None, ())


def test_a_strong_alternative_needs_no_confusion() -> None:
    slots = [*lattice("AB").slots, Slot((("8", 0.6), ("W", 0.4)), 0.01, 20, 28)]
    assert best([Lattice(tuple(slots))], layout("l", ("AAA", (3,)))).text == "ABW"


def test_nothing_is_inserted() -> None:
    for hypothesis in constrain([lattice("AB12")], [country(layout("l", ("AAA9999", (7,))))]):
        assert len(hypothesis.text) <= 4
        assert len(set(hypothesis.slots)) == len(hypothesis.slots)


def test_bolts_at_the_ends_are_left_out_and_listed() -> None:
    found = best([lattice("IABC1234I")], layout("old", ("AAA9999", (7,))))
    assert found.text == "ABC1234"
    assert found.edits == (Edit(0, "I", ""), Edit(7, "I", ""))
    assert found.slots == tuple((0, i) for i in range(1, 8))


def test_leaving_out_a_middle_glyph_costs_more_than_an_end_one() -> None:
    fixed = country(layout("short", ("XY12", (4,))))
    (end,) = [h for h in constrain([lattice("XY12K")], [fixed]) if h.text == "XY12"]
    (middle,) = [h for h in constrain([lattice("XYK12")], [fixed]) if h.text == "XY12"]
    assert middle.edits == (Edit(2, "K", ""),)
    assert end.score > middle.score


def test_a_weak_glyph_is_taken_up_where_a_layout_needs_it() -> None:
    slots = list(lattice("ABC1234").slots)
    slots[6] = Slot((("4", 0.9),), 0.7, 60, 68)
    found = best([Lattice(tuple(slots))], layout("old", ("AAA9999", (7,))))
    assert found.text == "ABC1234"
    assert found.edits == (Edit(6, "", "4"),)


def test_lines_must_agree_with_the_layout() -> None:
    both = country(layout("one", ("AAA9999", (7,))), layout("two", ("AAA9999", (3, 4))))
    assert {h.layout for h in constrain([lattice("ABC1234")], [both])} == {"one", None}
    found = constrain([lattice("ABC"), lattice("1234")], [both])
    assert {h.layout for h in found} == {"two", None}
    assert found[0].lines == ("ABC", "1234")
    assert found[0].slots[3] == (1, 0)
    assert {h.layout for h in constrain([lattice("ABC"), lattice("123"), lattice("4")], [both])} == {None}


def test_a_line_without_slots_counts_as_absent() -> None:
    found = best([Lattice(()), lattice("ABC1234")], layout("one", ("AAA9999", (7,))))
    assert (found.layout, found.slots[0]) == ("one", (1, 0))
    assert constrain([Lattice(())], [country(layout("one", ("AAA9999", (7,))))]) == []


def test_the_text_follows_the_pattern_order_and_edits_and_slots_follow_the_text() -> None:
    pattern = Pattern((LETTERS, LETTERS, DIGITS), (2, 1), (2, 0, 1))
    turned = stand_in("t", pattern)
    found = best([lattice("AB"), lattice("O")], turned)
    assert (found.text, found.lines, found.slots) == ("0AB", ("AB", "0"), ((1, 0), (0, 0), (0, 1)))
    assert found.edits == (Edit(0, "O", "0"),)


def test_no_more_unlikely_changes_than_allowed() -> None:
    digits = layout("digits", ("999999", (6,)))
    loose = ConstrainSettings(prefer=100, max_unlikely=6, max_unlikely_part=1.0)
    assert "digits" in {h.layout for h in constrain([lattice("12KWX6")], [country(digits)], loose)}
    strict = ConstrainSettings(prefer=100, max_unlikely=2, max_unlikely_part=1.0)
    assert "digits" not in {h.layout for h in constrain([lattice("12KWX6")], [country(digits)], strict)}
    # Look-alikes do not count: a font may draw O and 0 alike.
    assert constrain([lattice("OOI2I0")], [country(digits)], strict)[0].text == "001210"


def test_the_commoner_layout_wins_where_both_fit() -> None:
    found = best([lattice("AB12")], layout("rare", ("AA99", (4,)), weight=0.1), layout("usual", ("AA99", (4,))))
    assert found.layout == "usual"


def test_the_country_with_more_vehicles_is_likelier_and_the_other_is_named_too() -> None:
    cars = [country(layout("car", ("AA99", (4,))), code=c, vehicles=v) for c, v in (("aa", 1.0), ("bb", 50.0))]
    first, second = (h for h in constrain([lattice("AB12")], cars) if h.text == "AB12" and h.country)
    assert (first.country, second.country) == ("bb", "aa")
    assert first.country_share > 0.7 > 0.3 > second.country_share > 0.05
    assert first.share == second.share


def test_a_text_that_many_countries_have_is_not_changed_for_one_narrow_layout() -> None:
    """A lone narrow layout would win by the change of S to 5; five countries together outweigh it."""
    narrow = country(layout("narrow", ("AB5999", (6,))), code="nn")
    wide = [country(layout("car", ("AAA999", (6,))), code=f"w{i}") for i in range(5)]
    slots = list(lattice("ABS123").slots)
    slots[2] = Slot((("S", 0.6), ("5", 0.35)), 0.01, 20, 28)
    assert constrain([Lattice(tuple(slots))], [wide[0], narrow])[0].text == "AB5123"
    plain = ConstrainSettings(specificity=0.3)
    assert constrain([Lattice(tuple(slots))], [narrow, *wide], plain)[0].text == "ABS123"


def seen(text: str, spaces: dict[int, float], light: bool = False) -> Evidence:
    """Glyphs 0.5 wide, 0.1 apart, and where `spaces` says otherwise."""
    edges, x = [], 0.0
    for k in range(len(text)):
        edges.append((x, x + 0.5))
        x += 0.5 + spaces.get(k, 0.1)
    return Evidence(light, "neutral", "neutral", (0.0, 0.0, 0.0), None, (np.array(edges, np.float32),))


def test_gaps_tell_countries_apart() -> None:
    three = country(layout("car", ("AA999AA", (7,)), breaks=(1, 4)), code="it")
    two = country(layout("car", ("AA999AA", (7,)), breaks=(1,)), code="sk")
    for spaces, code in (({1: 0.7}, "sk"), ({1: 0.6, 4: 0.6}, "it")):
        found = constrain([lattice("BL123AB")], [three, two], evidence=seen("BL123AB", spaces))
        assert found[0].country == code
        assert found[0].country_share > 0.6
        assert found[0].gaps == pytest.approx([spaces.get(k, 0.1) for k in range(6)], abs=1e-5)


def test_polarity_tells_countries_apart() -> None:
    black, white = Colours("white", "black"), Colours("black", "white")
    dark = country(layout("car", ("AAA9999", (7,)), colours=(black,)), code="my")
    light = country(layout("car", ("AAA9999", (7,)), colours=(white,)), code="br")
    for turned, code in ((True, "my"), (False, "br")):
        evidence = seen("ABC1234", {2: 0.5}, turned)
        assert constrain([lattice("ABC1234")], [dark, light], evidence=evidence)[0].country == code


def test_a_check_decides_between_look_alikes() -> None:
    """Singapore's check letter: the reading 8 for 3 fails it, the second best passes."""
    (sg,) = load_countries(["sg"])
    car = sg.layout("car")
    text = next(t for t in ("SBA3334" + c for c in "AZYXUTSRPMLKJHGEDCB") if sg.check(t, car).ok)
    slots = list(lattice(text).slots)
    slots[3] = Slot((("8", 0.55), ("3", 0.45)), 0.01, 30, 38)
    found = constrain([Lattice(tuple(slots))], [sg])
    assert found[0].text == text
    assert found[0].checked
    wrong = [h for h in found if h.text == text.replace("SBA333", "SBA833")]
    assert wrong
    assert wrong[0].checked is False


def test_a_failing_check_does_not_delete_the_reading() -> None:
    (sg,) = load_countries(["sg"])
    car = sg.layout("car")
    text = next(t for t in ("SBA5791" + c for c in "AZYXUTSRPMLKJHGEDCB") if not sg.check(t, car).ok)
    assert text in {h.text for h in constrain([lattice(text, 0.999)], [sg])}


def test_shares_and_confidences_are_probabilities() -> None:
    found = constrain([lattice("ABC12O4", 0.6)], [country(layout("old", ("AAA9999", (7,))))])
    by_text = {h.text: h.share for h in found}
    assert sum(by_text.values()) <= 1 + 1e-6
    for h in found:
        assert 0 <= h.confidence <= h.share <= 1
        assert len(h.glyphs) == len(h.slots) == len(h.text)
        assert all(0 <= p <= 1 for p in h.glyphs)


def test_packed_constraints_give_what_the_countries_give() -> None:
    countries = load_countries(["br", "sg", "ru"])
    lines = [lattice("SBA1234G")]
    assert constrain(lines, Constraints(countries)) == constrain(lines, countries)


def test_without_countries_there_is_the_plain_reading() -> None:
    assert constrain([lattice("AB12")], [])[0].text == "AB12"


def test_the_confusion_table_is_a_distribution_that_knows_look_alikes() -> None:
    table = confusion_matrix()
    assert table.shape == (36, 36)
    assert (table > 0).all()
    assert table.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (table.diagonal() > 0.5).all()
    assert table[ALPHABET.index("O"), ALPHABET.index("0")] > 20 * table[ALPHABET.index("O"), ALPHABET.index("K")]


@pytest.mark.parametrize("seed", range(8))
def test_the_search_agrees_with_brute_force(seed: int) -> None:
    """Every alignment and every text of small random patterns, scored one by one by the definition."""
    rng = random.Random(seed)
    settings = ConstrainSettings(max_unlikely=9, max_unlikely_part=1.0)
    chars = "AB01"
    lines = []
    for _ in range(rng.choice([1, 2])):
        slots = []
        for i in range(rng.randint(2, 4)):
            first, second = rng.sample(chars, 2)
            p = rng.uniform(0.5, 0.95)
            slots.append(Slot(((first, p), (second, 0.98 - p)), rng.choice([0.01, 0.3, 0.8]), 10 * i, 10 * i + 8))
        lines.append(Lattice(tuple(slots)))
    lengths = tuple(rng.randint(1, len(line.slots)) for line in lines)
    sets = [frozenset(rng.sample(chars, rng.randint(1, 3))) for _ in range(sum(lengths))]
    pattern = Pattern(tuple(sets), lengths, tuple(range(len(sets))))
    only = country(stand_in("l", pattern))

    scores: dict[str, float] = {}
    prior = settings.specificity * sum(math.log(36 / len(s)) for s in sets)
    choices = [itertools.combinations(range(len(line.slots)), n) for line, n in zip(lines, lengths, strict=True)]
    for used in itertools.product(*choices):
        frame = sum(_frame(line, taken, settings) for line, taken in zip(lines, used, strict=True))
        places = [line.slots[s] for line, taken in zip(lines, used, strict=True) for s in taken]
        for text in itertools.product(*sets):
            score = prior + frame + sum(_log(slot, c) for slot, c in zip(places, text, strict=True))
            scores["".join(text)] = max(score, scores.get("".join(text), -math.inf))
    expected = max(scores, key=lambda t: scores[t])

    best = max((h for h in constrain(lines, [only], settings) if h.layout == "l"), key=lambda h: h.score)
    assert best.score == pytest.approx(scores[expected], abs=1e-3)
    assert scores[best.text] == pytest.approx(scores[expected], abs=1e-3)


def _log(slot: Slot, char: str) -> float:
    table = confusion_matrix()
    spread = sum(p * float(table[ALPHABET.index(c), ALPHABET.index(char)]) for c, p in slot.alternatives)
    return math.log(max(spread, dict(slot.alternatives).get(char, 0.0)))


def _frame(line: Lattice, used: tuple[int, ...], settings: ConstrainSettings) -> float:
    total = 0.0
    for i, slot in enumerate(line.slots):
        if i in used:
            total += math.log(1 - slot.blank)
        elif used[0] < i < used[-1]:
            total += max(math.log(slot.blank), settings.skip_middle)
        else:
            end = settings.skip_left if i < used[0] else settings.skip_right
            floor = settings.skip_edge if slot.alternatives[0][0] in "1IJLT7" else end
            total += max(math.log(slot.blank), floor)
    return total
