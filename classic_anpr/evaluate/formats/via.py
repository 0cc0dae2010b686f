"""VGG Image Annotator's JSON, versions 1 and 2, which nomeroff-net's sets use (via_region_data.json).

nomeroff-net's own files have ``"class": "numberplate"`` as a region's only attribute: places without texts, so that
detection can be measured on them. A text that somebody added is read from the attributes of `base.TEXT_KEYS`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from classic_anpr.evaluate.formats.base import TEXT_KEYS, Sizes, grouped, one_file, outlined, text_in
from classic_anpr.evaluate.textfile import box_of, entry, numbers, parse_json
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The photographs of a VIA file. A region without a text among its attributes is a plate without one."""
    document = parse_json(text, where)
    items = document.get("_via_img_metadata", document) if isinstance(document, dict) else None
    if not isinstance(items, dict):
        raise DataSetError(f"{where}:1: not a VIA file: an object of pictures is wanted")
    return grouped(row for key, item in items.items() for row in _rows(item, f"{where}: {key}"))


def _rows(item: Any, where: str) -> Iterable[tuple[str, PlateLabel | None, str]]:
    file = str(entry(item, "filename", where))
    regions = item.get("regions", [])
    if isinstance(regions, dict):  # version 1 numbers them
        regions = list(regions.values())
    if not regions:
        yield file, None, where
    for number, region in enumerate(regions, 1):
        here = f"{where}: region {number}"
        shape = entry(region, "shape_attributes", here)
        attributes = region.get("region_attributes", {})
        country = str(attributes.get("country", "")) if isinstance(attributes, dict) else ""
        fields: dict[str, Any] = {"text": text_in(attributes), "country": country, "where": here}
        kind = shape.get("name")
        if kind == "rect":
            box = box_of([shape.get(k) for k in ("x", "y", "width", "height")], here)
            yield file, PlateLabel(box=box, **fields), here
        elif kind in ("polygon", "polyline"):
            xs = numbers(shape.get("all_points_x", ()), here, "all_points_x")
            ys = numbers(shape.get("all_points_y", ()), here, "all_points_y", len(xs))
            points = list(zip(xs, ys, strict=True))
            if len(points) == 5 and points[0] == points[-1]:  # version 1 closes its polygons
                points.pop()
            if len(points) < 3:
                raise DataSetError(f"{here}: a polygon of {len(points)} points")
            yield file, outlined(points, **fields), here
        else:
            raise DataSetError(f"{here}: shape {kind!r}: a rect or a polygon is wanted")


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A VIA 2 file."""
    items = {}
    for photo in photos:
        regions = []
        for label in photo.plates:
            assert label.box is not None
            shape: dict[str, Any]
            if label.corners:
                xs, ys = zip(*label.corners, strict=True)
                shape = {"name": "polygon", "all_points_x": list(xs), "all_points_y": list(ys)}
            else:
                shape = dict(zip(("x", "y", "width", "height"), label.box, strict=True)) | {"name": "rect"}
            attributes = {TEXT_KEYS[0]: label.text, "country": label.country}
            regions.append({"shape_attributes": shape, "region_attributes": {k: v for k, v in attributes.items() if v}})
        items[photo.file] = {"filename": photo.file, "size": -1, "regions": regions, "file_attributes": {}}
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


FORMAT = one_file(
    "VGG Image Annotator JSON (nomeroff-net)",
    frozenset({"box", "corners", "country", "several", "negatives", "unreadable", "textless"}),
    ("via_region_data.json", "*.json"),
    lambda head: '"shape_attributes"' in head or '"_via_' in head,
    parse,
    dump,
)
