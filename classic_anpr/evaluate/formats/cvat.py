"""CVAT for images 1.1: an XML file of boxes and polygons, the text in an attribute named ``plate``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree

from classic_anpr.evaluate.formats.base import TEXT_KEYS, Sizes, grouped, one_file, outlined, text_in
from classic_anpr.evaluate.textfile import box_between, number, numbers, parse_xml
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The photographs of a CVAT file."""
    root = parse_xml(text, where)
    names: set[str] = set()

    def rows() -> Iterable[tuple[str, PlateLabel | None, str]]:
        for image in root.iter("image"):
            name = image.get("name", "")
            if not name:
                raise DataSetError(f"{where}: image {image.get('id', '?')} has no name")
            if name in names:
                raise DataSetError(f"{where}: image {name} is there twice")
            names.add(name)
            yield name, None, f"{where}: {name}"
            for shape in image:
                here = f"{where}: {name}: {shape.tag}"
                if shape.tag in ("box", "polygon"):
                    yield name, _label(shape, here), here

    return grouped(rows())


def _label(shape: ElementTree.Element, where: str) -> PlateLabel:
    attributes = {a.get("name", ""): (a.text or "").strip() for a in shape.iter("attribute")}
    fields: dict[str, Any] = {"text": text_in(attributes), "country": attributes.get("country", ""), "where": where}
    if shape.tag == "box":
        return PlateLabel(box=box_between([shape.get(k) for k in ("xtl", "ytl", "xbr", "ybr")], where), **fields)
    points = [numbers(p.split(","), where, "points", 2) for p in shape.get("points", "").split(";") if p]
    if len(points) < 3:
        raise DataSetError(f"{where}: a polygon of {len(points)} points")
    return outlined([(x, y) for x, y in points], **fields)


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A CVAT file; every plate has the label ``plate``."""
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    for k, photo in enumerate(photos):
        width, height = sizes(photo.file)
        image = ElementTree.SubElement(root, "image", id=str(k), name=photo.file, width=str(width), height=str(height))
        for label in photo.plates:
            assert label.box is not None
            x, y, w, h = label.box
            if label.corners:
                points = ";".join(f"{number(px)},{number(py)}" for px, py in label.corners)
                shape = ElementTree.SubElement(image, "polygon", label="plate", points=points, occluded="0")
            else:
                ends = {"xtl": x, "ytl": y, "xbr": x + w, "ybr": y + h}
                shape = ElementTree.SubElement(
                    image, "box", {k: number(v) for k, v in ends.items()}, label="plate", occluded="0"
                )
            for name, value in ((TEXT_KEYS[0], label.text), ("country", label.country)):
                if value:
                    ElementTree.SubElement(shape, "attribute", name=name).text = value
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


FORMAT = one_file(
    "CVAT for images 1.1 XML",
    frozenset({"box", "corners", "country", "several", "negatives", "unreadable", "textless"}),
    ("annotations.xml", "*.xml"),
    lambda head: "<annotations>" in head,
    parse,
    dump,
)
