"""Folders of drawn pictures with labels: ``labels.csv``, COCO, and tesstrain's ``.gt.txt`` beside each line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.countries import load_countries
from classic_anpr.synth.glyphs import CHARACTERS, FONTS, load_fonts
from classic_anpr.synth.lines import draw_line
from classic_anpr.synth.plates import draw_plate
from classic_anpr.synth.scenes import draw_scene
from classic_anpr.synth.texts import all_countries

Kind = Literal["lines", "plates", "scenes"]


@dataclass(frozen=True)
class Label:
    """A drawn text: its place in the picture as corners (4, 2) and its glyph boxes (N, 4) where they are known."""

    text: str
    country: str
    corners: NDArray[np.float32]
    glyphs: NDArray[np.int32]


def _outline(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def draw(
    kind: Kind, count: int, seed: int, countries: Sequence[str] | None, fonts: Sequence[Path] = ()
) -> Iterator[tuple[NDArray[np.uint8], list[Label]]]:
    """Draw pictures one by one; picture k depends on the seed and k alone.

    Parameters
    ----------
    kind : {"lines", "plates", "scenes"}
    count, seed : int
    countries : sequence of str or None
        Codes, names or groups; None for all.
    fonts : sequence of Path
        Font folders beside the project's own (lines only).

    Raises
    ------
    UsageError
        For an unknown country.
    """
    chosen = load_countries(countries) if countries else None
    faces = load_fonts([FONTS, *fonts]) if kind == "lines" else []
    none = np.zeros((0, 4), np.int32)
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        if kind == "lines":
            line = draw_line(rng, faces, chosen)
            yield line.pixels, [Label(line.text, "", _outline(line.pixels), none)]
            continue
        options = chosen or all_countries()
        country = options[int(rng.integers(len(options)))]
        if kind == "plates":
            plate = draw_plate(rng, country)
            yield plate.pixels, [Label(plate.text, country.code, _outline(plate.pixels), plate.boxes)]
        else:
            picture, placed = draw_scene(rng, country)
            yield picture, [Label(text, code, corners, none) for text, code, corners in placed]


def write(folder: Path, kind: Kind, pictures: Iterator[tuple[NDArray[np.uint8], list[Label]]]) -> int:
    """Write pictures and labels into a folder; returns how many pictures.

    ``labels.csv`` holds a row per text: file, text, country, x, y, w, h (bounding box in px), corners
    (``x1 y1 x2 y2 x3 y3 x4 y4``), glyphs (``x y w h;...``). ``coco.json`` holds category 0 for plates and lines and
    1 to 36 for the glyphs 0-9, A-Z. Lines get a ``.gt.txt`` each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", "text", "country", "x", "y", "w", "h", "corners", "glyphs"])
        for index, (pixels, labels) in enumerate(pictures):
            name = f"{kind[:-1]}-{index:06d}.png"
            cv2.imwrite(str(folder / name), pixels)
            images.append({"id": index, "file_name": name, "width": pixels.shape[1], "height": pixels.shape[0]})
            for label in labels:
                x, y = label.corners.min(axis=0)
                w, h = label.corners.max(axis=0) - (x, y)
                box = [round(float(v), 1) for v in (x, y, w, h)]
                corners = [round(float(v), 1) for v in label.corners.ravel()]
                glyphs = ";".join(" ".join(str(v) for v in row) for row in label.glyphs.tolist())
                table.writerow([name, label.text, label.country, *box, " ".join(str(v) for v in corners), glyphs])
                entries = [(0, box, corners)]
                for character, glyph in zip(label.text, label.glyphs.tolist(), strict=False):
                    a, b, c, d = glyph
                    entries.append((1 + CHARACTERS.index(character), glyph, [a, b, a + c, b, a + c, b + d, a, b + d]))
                for category, bounds, outline in entries:
                    annotations.append(
                        {
                            "id": len(annotations),
                            "image_id": index,
                            "category_id": category,
                            "bbox": bounds,
                            "segmentation": [outline],
                            "area": bounds[2] * bounds[3],
                            "iscrowd": 0,
                            "text": label.text if category == 0 else CHARACTERS[category - 1],
                        }
                    )
                if kind == "lines":
                    (folder / name).with_suffix(".gt.txt").write_text(label.text + "\n", encoding="utf-8")
    categories = [{"id": 0, "name": "line" if kind == "lines" else "plate"}]
    categories += [{"id": k, "name": character} for k, character in enumerate(CHARACTERS, start=1)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "coco.json").write_text(json.dumps(coco, indent=1) + "\n", encoding="utf-8")
    return len(images)
