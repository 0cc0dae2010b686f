"""Pascal VOC: one XML file per picture. The text is read from ``attributes`` (as CVAT exports it), from a ``plate`` or
``text`` element of the object, and written to ``attributes``.

Coordinates are taken as they are, although VOC itself counted pixels from 1: the hobby sets that use the form do not.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from classic_anpr.evaluate.formats.base import PICTURES, TEXT_KEYS, Format, Sizes, beside, text_in, written
from classic_anpr.evaluate.textfile import box_between, number, parse_xml, read_text
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

_BOX = ("xmin", "ymin", "xmax", "ymax")


def parse(text: str, where: str) -> tuple[str, tuple[PlateLabel, ...]]:
    """The picture's name as stated, and its plates."""
    root = parse_xml(text, where)
    if root.tag != "annotation":
        raise DataSetError(f"{where}:1: <annotation> is wanted, not <{root.tag}>")
    plates = []
    for k, item in enumerate(root.iter("object"), 1):
        here = f"{where}: object {k}"
        box = item.find("bndbox")
        if box is None:
            raise DataSetError(f"{here}: no bndbox")
        attributes = {child.tag: (child.text or "").strip() for child in item}
        attributes |= {(a.findtext("name") or ""): (a.findtext("value") or "").strip() for a in item.iter("attribute")}
        plates.append(
            PlateLabel(
                text_in(attributes),
                country=attributes.get("country", ""),
                box=box_between([box.findtext(k) for k in _BOX], here),
                where=here,
            )
        )
    return (root.findtext("filename") or "").strip(), tuple(plates)


def dump(photo: Photo, size: tuple[int, int]) -> str:
    """One picture's file."""
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "folder").text = str(Path(photo.file).parent)
    ElementTree.SubElement(root, "filename").text = Path(photo.file).name
    element = ElementTree.SubElement(root, "size")
    for name, value in zip(("width", "height", "depth"), (*size, 3), strict=True):
        ElementTree.SubElement(element, name).text = str(value)
    for label in photo.plates:
        assert label.box is not None
        x, y, w, h = label.box
        item = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(item, "name").text = "plate"
        box = ElementTree.SubElement(item, "bndbox")
        for name, end in zip(_BOX, (x, y, x + w, y + h), strict=True):
            ElementTree.SubElement(box, name).text = number(end)
        attributes = ElementTree.SubElement(item, "attributes")
        for name, text in ((TEXT_KEYS[0], label.text), ("country", label.country)):
            if text:
                attribute = ElementTree.SubElement(attributes, "attribute")
                ElementTree.SubElement(attribute, "name").text = name
                ElementTree.SubElement(attribute, "value").text = text
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def read(folder: Path) -> tuple[Photo, ...]:
    photos = []
    for path in sorted(folder.rglob("*.xml")):
        name, plates = parse(read_text(path), str(path))
        photos.append(Photo(_picture(folder, path, name), plates, str(path)))
    return tuple(photos)


def _picture(folder: Path, path: Path, name: str) -> str:
    """The picture of an XML file: beside it, or in a sister folder; under its own stem where `name` lies, as it often
    does."""
    up = path.parent.parent if path.parent != folder else folder
    sisters = (up / s for s in ("JPEGImages", "images", "Images", "imgs"))
    names = [Path(name.replace("\\", "/")).name] if name else []
    names += [path.stem + suffix for suffix in sorted(PICTURES)]
    for place in (path.parent, *sisters, folder):
        for candidate in names:
            if os.path.isfile(place / candidate):  # Path.is_file fails on a name that is too long.
                return (place / candidate).relative_to(folder).as_posix()
    return (path.parent / names[0]).relative_to(folder).as_posix()


def recognise(folder: Path) -> bool:
    first = next(iter(sorted(folder.rglob("*.xml"))), None) if folder.is_dir() else None
    return first is not None and b"<annotation>" in first.read_bytes()[:2048]


def write(photos: Sequence[Photo], folder: Path, sizes: Sizes) -> None:
    for photo in photos:
        written(folder, beside(photo.file, ".xml"), dump(photo, sizes(photo.file)))


FORMAT = Format(
    "Pascal VOC XML",
    frozenset({"box", "country", "several", "negatives", "unreadable", "textless"}),
    recognise,
    read,
    write,
)
