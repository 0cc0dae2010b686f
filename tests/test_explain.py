"""The page that explains: on a drawn plate, with an engine that always sees the same."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr import explain, images, reader
from classic_anpr.cli.main import main
from classic_anpr.ocr.lattice import Lattice, Slot
from classic_anpr.output import page


class FixedEngine:
    """Sees A1Z3BC77 in every line: a Z where a Russian plate has a digit."""

    def read(self, lines: Sequence[np.ndarray]) -> list[Lattice]:
        lattices = []
        for line in lines:
            edges = np.linspace(6, line.shape[1] - 6, 9)
            slots = []
            for char, x0, x1 in zip("A1Z3BC77", edges, edges[1:], strict=False):
                others = ((char, 0.6), ("2", 0.4)) if char == "Z" else ((char, 1.0),)
                slots.append(Slot(others, 0.01, float(x0) + 1, float(x1) - 1))
            lattices.append(Lattice(tuple(slots)))
        return lattices

    def close(self) -> None:
        pass


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = np.full((300, 500, 3), 90, np.uint8)
    cv2.rectangle(picture, (130, 140), (380, 190), (245, 245, 245), cv2.FILLED)
    for i, char in enumerate("A123BC77"):
        cv2.putText(picture, char, (140 + 29 * i, 180), cv2.FONT_HERSHEY_SIMPLEX, 1.15, (20, 20, 20), 4, cv2.LINE_AA)
    path = tmp_path / "drawn photo.png"
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "open_engine", lambda *_: FixedEngine())


def test_sections_tell_what_decided(photo: Path) -> None:
    eyes = reader.Reader(countries=["ru"])
    image = images.load(photo)
    trace = eyes.trace(image)
    sections = explain.explain(image, trace, eyes.settings)
    titles = [section.title for section in sections]
    assert titles[1] == "Candidates"
    assert len(sections[1].rows) == len(trace.candidates)
    assert any(title.startswith("Read as A1Z3BC77") for title in titles)
    everything = " ".join(cell for section in sections for row in section.rows for cell in row)
    assert "Z 0.600 2 0.400" in everything  # the lattice
    assert "2: Z -> 2" in everything  # what the layout changed
    assert any(section.title.startswith(("Accepted", "Rejected")) for section in sections)
    thresholds = [caption for section in sections for caption, _ in section.pictures if caption.startswith("threshold")]
    assert len(thresholds) >= len(eyes.settings.segment.blocks)
    assert any("Besides the text: ink neutral, ground neutral" in section.text for section in sections)


def test_image_without_candidates() -> None:
    eyes = reader.Reader(countries=["ru"])
    image = images.Image(np.full((100, 100, 3), 90, np.uint8), "grey.png")
    sections = explain.explain(image, eyes.trace(image), eyes.settings)
    assert sections[0].title == "grey.png: no plate"
    assert "<table>" in page.to_html(sections)
    assert page.to_picture(sections).shape[1] == 1280


def test_html_is_complete_in_itself(photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    with pytest.raises(SystemExit) as caught:
        main(["explain", str(photo), "-o", str(target), "--country", "ru"])
    assert caught.value.code == 0
    document = target.read_text(encoding="utf-8")
    assert "http" not in document
    sources = re.findall(r'src="([^"]*)"', document)
    assert len(sources) >= 4
    for source in sources:
        kind, data = source.split(";base64,")
        assert kind in ("data:image/png", "data:image/jpeg")
        assert cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR) is not None


def test_png(photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.png"
    with pytest.raises(SystemExit) as caught:
        main(["explain", str(photo), "-o", str(target)])
    assert caught.value.code == 0
    assert images.load(target).pixels.shape[1] == 1280


def test_wrong_usage(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in (
        ([str(photo), "-o", str(tmp_path / "page.pdf")], 2),
        ([str(photo), "-o", str(tmp_path / "absent" / "page.html")], 2),
        ([str(tmp_path / "absent.jpg"), "-o", str(tmp_path / "page.html")], 1),
    ):
        with pytest.raises(SystemExit) as caught:
            main(["explain", *arguments])
        assert caught.value.code == code
    assert "absent.jpg: No such file" in capsys.readouterr().err


def test_text_is_escaped() -> None:
    section = page.Section("<b>a & b", text="<i>", header=("<th>",), rows=(("<td>",),), pictures=())
    document = page.to_html([section])
    for part in ("<b>", "<i>", "<td><td>"):
        assert part not in document
    assert "&lt;b&gt;a &amp; b" in document
