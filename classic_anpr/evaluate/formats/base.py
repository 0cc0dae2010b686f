"""What a data set's format is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from classic_anpr.errors import ImageError
from classic_anpr.evaluate.textfile import read_text
from classic_anpr.evaluate.types import (
    PICTURES,
    UNREADABLE,
    Corners,
    DataSetError,
    Photo,
    PlateLabel,
    corners_box,
)

Sizes: TypeAlias = Callable[[str], tuple[int, int]]
"""Width and height in pixels of a picture, by its file relative to the set's folder."""

Keeps: TypeAlias = frozenset[str]
"""What a format can hold: a subset of `EVERYTHING`."""

EVERYTHING = frozenset(
    {
        "box",
        "corners",
        "country",
        "published",
        "source",
        "several",  # more than one plate in a picture
        "negatives",  # pictures without a plate
        "unreadable",  # plates whose text is ?
        "textless",  # plates with a place and no text
        "unplaced",  # plates without a place
    }
)

TEXT_KEYS = ("plate", "text", "plate_text", "plate_number", "license_plate", "licence_plate", "number", "transcription")
"""Names of the attribute that holds a plate's text, where a format leaves the name to its user; the first is
written."""


@dataclass(frozen=True)
class Format:
    """How one kind of data set is read and written.

    Attributes
    ----------
    title : str
        What it is, for the list of formats.
    keeps : Keeps
    recognise : Path -> bool
        Whether a folder looks like one; cheap, and says no rather than guess.
    read : Path -> tuple of Photo
        Raises DataSetError, which names file and line.
    write : (photos, folder, sizes) -> None, or None where nobody would want it written
    """

    title: str
    keeps: Keeps
    recognise: Callable[[Path], bool]
    read: Callable[[Path], tuple[Photo, ...]]
    write: Callable[[Sequence[Photo], Path, Sizes], None] | None = None


def one_file(
    title: str,
    keeps: Keeps,
    patterns: Sequence[str],
    looks_right: Callable[[str], bool],
    parse: Callable[[str, str], tuple[Photo, ...]],
    dump: Callable[[Sequence[Photo], Sizes], str] | None = None,
) -> Format:
    """A format that keeps all labels in one file of the folder, the first of `patterns` being the name that is written.

    Parameters
    ----------
    looks_right : str -> bool
        Whether the first 4096 characters are this format's.
    parse : (text, where) -> photos
    dump : (photos, sizes) -> text, optional
    """

    def candidates(folder: Path) -> list[Path]:
        if folder.is_file():
            return [folder]
        return [file for pattern in patterns for file in sorted(folder.glob(pattern)) if file.is_file()]

    def mine(file: Path) -> bool:
        try:
            with file.open("rb") as stream:
                head = stream.read(16384)
        except OSError:
            return False
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        return looks_right(head.decode(encoding, "replace")[:4096])

    def find(folder: Path) -> Path:
        files = candidates(folder)
        fitting = [file for file in files if mine(file)] or files
        if not fitting:
            raise DataSetError(f"{folder}: no {' or '.join(patterns)} there")
        if len(set(fitting)) > 1:
            names = ", ".join(sorted({file.name for file in fitting}))
            raise DataSetError(f"{folder}: {names}: which one? Name the file instead of the folder")
        return fitting[0]

    def read(folder: Path) -> tuple[Photo, ...]:
        file = find(folder)
        return parse(read_text(file), str(file))

    def write(photos: Sequence[Photo], folder: Path, sizes: Sizes) -> None:
        assert dump is not None
        (folder / patterns[0]).write_text(dump(photos, sizes), encoding="utf-8", newline="")

    return Format(
        title,
        keeps,
        lambda folder: any(mine(file) for file in candidates(folder)),
        read,
        None if dump is None else write,
    )


def grouped(rows: Iterable[tuple[str, PlateLabel | None, str]]) -> tuple[Photo, ...]:
    """Photographs from rows (file, plate or None, where), in the order in which the files first appear.

    Raises
    ------
    DataSetError
        If a row is there twice.
    """
    plates: dict[str, list[PlateLabel]] = {}
    first: dict[str, str] = {}
    for file, label, where in rows:
        first.setdefault(file, where)
        known = plates.setdefault(file, [])
        if label is not None:
            twin = next((k for k in known if k == label), None)
            if twin is not None:
                raise DataSetError(f"{where}: {file} {label.text} is there twice, first at {twin.where}")
            known.append(label)
    return tuple(Photo(file, tuple(labels), first[file]) for file, labels in plates.items())


def reduced(photos: Iterable[Photo], keeps: Keeps) -> tuple[Photo, ...]:
    """What is left of the labels in a format that holds only `keeps`."""
    result = []
    for photo in photos:
        plates = [_reduced(label, keeps) for label in photo.plates if _holds(label, keeps)]
        if "several" not in keeps:
            plates = plates[:1]
        if plates or ("negatives" in keeps and not photo.plates):
            result.append(replace(photo, plates=tuple(plates)))
    return tuple(result)


def _holds(label: PlateLabel, keeps: Keeps) -> bool:
    return (
        ("unreadable" in keeps or label.text != UNREADABLE)
        and ("textless" in keeps or label.text != "")
        and ("unplaced" in keeps or label.box is not None)
    )


def _reduced(label: PlateLabel, keeps: Keeps) -> PlateLabel:
    return replace(
        label,
        box=label.box if "box" in keeps else None,
        corners=label.corners if "corners" in keeps else None,
        country=label.country if "country" in keeps else "",
        published=label.published if "published" in keeps else "",
        source=label.source if "source" in keeps else "",
    )


def losses(photos: Sequence[Photo], keeps: Keeps) -> list[str]:
    """In words, what a format that holds only `keeps` loses of these labels."""
    labels = [label for photo in photos for label in photo.plates]
    counts = {
        "box": (sum(p.box is not None for p in labels), "boxes"),
        "corners": (sum(p.corners is not None for p in labels), "quadrilaterals"),
        "country": (sum(bool(p.country) for p in labels), "countries"),
        "published": (sum(bool(p.published) for p in labels), "published texts"),
        "source": (sum(bool(p.source) for p in labels), "sources"),
        "several": (sum(max(len(p.plates) - 1, 0) for p in photos), "plates beside the first of their picture"),
        "negatives": (sum(not p.plates for p in photos), "pictures without a plate"),
        "unreadable": (sum(p.text == UNREADABLE for p in labels), "unreadable plates"),
        "textless": (sum(p.text == "" for p in labels), "plates without a text"),
        "unplaced": (sum(p.box is None for p in labels), "plates without a place"),
    }
    return [f"{count} {what}" for key, (count, what) in counts.items() if key not in keeps and count]


def ordered(corners: Corners) -> Corners:
    """Corners in any order round the plate, as clockwise ones from the top left, which annotators do not agree on."""
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], *corners[:1]], strict=True))
    points = list(corners if area >= 0 else corners[::-1])
    start = min(range(len(points)), key=lambda k: points[k][0] + points[k][1])
    return tuple(points[start:] + points[:start])


def outlined(points: Sequence[tuple[float, float]], **fields: Any) -> PlateLabel:
    """A label from a polygon: its quadrilateral where it has four points, else its bounding box alone."""
    corners = tuple(points)
    return PlateLabel(box=corners_box(corners), corners=ordered(corners) if len(corners) == 4 else None, **fields)


def text_in(attributes: Any) -> str:
    """The plate's text among an annotation's attributes; empty where there is none."""
    if not isinstance(attributes, dict):
        return ""
    for key in TEXT_KEYS:
        value = attributes.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return ""


def pictures(folder: Path, below: bool = True) -> list[str]:
    """The pictures of a folder, relative to it with ``/`` between, sorted."""
    found = folder.rglob("*") if below else folder.iterdir()
    return sorted(
        f.relative_to(folder).as_posix()
        for f in found
        if f.suffix.lower() in PICTURES and not f.name.startswith(".") and f.is_file()
    )


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture as it is shown, from its header.

    Raises
    ------
    DataSetError
        If it is missing or no picture.
    """
    from classic_anpr.images import read_header

    try:
        with path.open("rb") as stream:
            data = stream.read()
        header = read_header(data)
    except OSError as error:
        raise DataSetError(f"{path}: {error.strerror or error}") from None
    except ImageError as error:
        raise DataSetError(f"{path}: {error}") from None
    return (header.height, header.width) if header.orientation >= 5 else (header.width, header.height)


def beside(file: str, suffix: str) -> str:
    """The name of a picture with another ending.

    >>> beside("a/b.jpg", ".txt")
    'a/b.txt'
    """
    return PurePath(file).with_suffix(suffix).as_posix()


def written(folder: Path, name: str, text: str) -> None:
    """Write one of many label files, and the folders above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
