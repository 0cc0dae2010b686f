"""hOCR to posteriors, posteriors to slots."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classic_anpr.ocr.timesteps import ALPHABET, build_lattice, line_lattice, model_stride, parse_hocr


def hocr_page(steps: list[list[tuple[str, int]]]) -> str:
    spans = "".join(
        "<span class='ocrx_cinfo' id='timestep1_1_1'>"
        + "".join(
            f"<span class='ocrx_cinfo' id='choice_1_1_1' title='x_confs {percent}'>{text}</span>"
            for text, percent in step
        )
        + "</span>"
        for step in steps
    )
    return f"<div class='ocr_page' id='page_1'><span class='ocrx_word'>AB{spans}</span></div>"


def posteriors(*steps: dict[str, float]) -> NDArray[np.float32]:
    """Rows of character probabilities; what is left is the null's."""
    rows = np.zeros((len(steps), 37), np.float32)
    for row, step in zip(rows, steps, strict=True):
        for char, probability in step.items():
            row[ALPHABET.index(char)] = probability
        row[36] = 1 - row[:36].sum()
    return rows


def test_hocr_pages_are_read_in_order_with_null_case_and_foreign_characters_folded() -> None:
    document = hocr_page([[("", 99)], [("A", 60), ("a", 20), ("", 10), ("&amp;", 5)]]) + hocr_page([[("7", 97)]])
    first, second = parse_hocr(document)
    assert first.shape == (2, 37)
    assert first[0, 36] == pytest.approx(0.995)
    assert first[1, ALPHABET.index("A")] == pytest.approx(0.81)
    assert first[1, 36] == pytest.approx(0.16)
    assert second[0, 7] == pytest.approx(0.975)
    assert (first.sum(axis=1) <= 1 + 1e-6).all()


def test_a_page_without_text_gives_no_timesteps_and_no_slots() -> None:
    (page,) = parse_hocr("<div class='ocr_page' id='page_1'></div>")
    assert page.shape == (0, 37)
    assert line_lattice(page, 100, 36, None).slots == ()


def test_equal_letters_with_a_null_between_are_two_slots_at_their_places() -> None:
    lattice = build_lattice(posteriors({}, {"1": 0.9}, {"1": 0.95}, {"1": 0.2}, {"1": 0.9}, {}), 3)
    assert lattice.text == "11"
    assert [(s.x0, s.x1) for s in lattice.slots] == [(3, 9), (12, 15)]


def test_equal_letters_without_a_null_between_are_one_slot() -> None:
    assert build_lattice(posteriors({"1": 0.9}, {"1": 0.6}, {"1": 0.9}), 3).text == "1"


def test_touching_different_letters_are_two_slots() -> None:
    lattice = build_lattice(posteriors({"A": 0.98}, {"A": 0.97}, {"B": 0.98, "A": 0.01}, {"B": 0.98}), 3)
    assert lattice.text == "AB"


def test_look_alikes_that_take_turns_are_alternatives_of_one_slot() -> None:
    lattice = build_lattice(posteriors({}, {"O": 0.55, "0": 0.4}, {"O": 0.5, "0": 0.45}, {"0": 0.5, "O": 0.45}), 3)
    (slot,) = lattice.slots
    assert [char for char, _ in slot.alternatives] == ["O", "0"]
    assert sum(p for _, p in slot.alternatives) == pytest.approx(1)


def test_a_weak_glyph_is_a_slot_that_the_plain_reading_leaves_out() -> None:
    lattice = build_lattice(posteriors({"A": 0.99}, {}, {"7": 0.1}, {"7": 0.2}, {}, {"B": 0.99}), 3)
    assert lattice.text == "AB"
    weak = lattice.slots[1]
    assert weak.alternatives[0][0] == "7"
    assert weak.blank == pytest.approx(0.8)


def test_noise_below_the_threshold_is_no_slot() -> None:
    assert build_lattice(posteriors({"A": 0.02}, {"B": 0.03}), 3).slots == ()


def test_positions_are_in_pixels_of_a_line_of_another_height() -> None:
    rows = posteriors({}, {"A": 0.99}, {})
    assert line_lattice(rows, 18, 72, 3).slots[0].x0 == 6
    assert line_lattice(rows, 30, 36, None).slots[0].x0 == 10


@pytest.mark.parametrize(
    ("spec", "stride"),
    [
        (b"[1,36,0,1 Ct3,3,16 Mp3,3 Ct3,3,32 Mp2,1 S3,1 Lbx64 O1c38]", 3),
        (b"[1,36,0,1Ct3,3,16Mp3,3Mp2,2Lfys48Lfx96O1c1]", 6),
        (b"no specification", None),
    ],
)
def test_the_stride_comes_from_the_network_specification(tmp_path, spec, stride) -> None:
    model = tmp_path / "m.traineddata"
    model.write_bytes(b"\x00[\xff" + spec + b"\x00]")
    assert model_stride(model) == stride
