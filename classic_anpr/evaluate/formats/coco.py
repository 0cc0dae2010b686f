"""COCO's JSON: boxes, and quadrilaterals as segmentations. COCO has no place for a text: it is read from ``attributes``
(where CVAT and others put it), else from ``caption`` or ``text`` of the annotation, and written to
``attributes.plate``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from classic_anpr.evaluate.formats.base import TEXT_KEYS, Sizes, grouped, one_file, outlined, text_in
from classic_anpr.evaluate.textfile import box_of, entry, numbers, parse_json
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The photographs of a COCO file."""
    document = parse_json(text, where)
    images: dict[Any, str] = {}
    names: set[str] = set()
    for number, image in enumerate(entry(document, "images", where), 1):
        here = f"{where}: image {number}"
        identity, file = entry(image, "id", here), str(entry(image, "file_name", here))
        if identity in images or file in names:
            raise DataSetError(f"{here}: {file} (id {identity}) is there twice")
        images[identity] = file
        names.add(file)

    def rows() -> Iterable[tuple[str, PlateLabel | None, str]]:
        for file in images.values():
            yield file, None, f"{where}: {file}"
        for number, annotation in enumerate(entry(document, "annotations", where), 1):
            here = f"{where}: annotation {number}"
            image = entry(annotation, "image_id", here)
            if image not in images:
                raise DataSetError(f"{here}: no image has the id {image!r}")
            yield images[image], _label(annotation, here), here

    return grouped(rows())


def _label(annotation: dict[str, Any], where: str) -> PlateLabel:
    attributes = annotation.get("attributes") or {}
    caption = annotation.get("caption") or annotation.get("text") or ""
    fields: dict[str, Any] = {
        "text": text_in(attributes) or str(caption).strip(),
        "country": str(attributes.get("country", "")),
        "where": where,
    }
    segments = annotation.get("segmentation")
    if isinstance(segments, list) and len(segments) == 1 and len(segments[0]) == 8:
        values = numbers(segments[0], where, "segmentation")
        return outlined(list(zip(values[::2], values[1::2], strict=True)), **fields)
    return PlateLabel(box=box_of(entry(annotation, "bbox", where), where), **fields)


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A COCO file with one category, ``plate``."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, photo in enumerate(photos, 1):
        width, height = sizes(photo.file)
        images.append({"id": number, "file_name": photo.file, "width": width, "height": height})
        for label in photo.plates:
            assert label.box is not None
            attributes = {TEXT_KEYS[0]: label.text, "country": label.country}
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1,
                    "bbox": list(label.box),
                    "area": label.box[2] * label.box[3],
                    "iscrowd": 0,
                    "segmentation": [[v for p in label.corners for v in p]] if label.corners else [],
                    "attributes": {k: v for k, v in attributes.items() if v},
                }
            )
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "plate"}]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


FORMAT = one_file(
    "COCO JSON",
    frozenset({"box", "corners", "country", "several", "negatives", "unreadable", "textless"}),
    ("annotations.json", "*.json"),
    lambda head: '"images"' in head and ('"file_name"' in head or '"annotations"' in head),
    parse,
    dump,
)
