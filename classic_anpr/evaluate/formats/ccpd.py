"""CCPD (Xu et al., ECCV 2018; detectRecog/CCPD): the file name is the annotation.

``area-tilt_tilt-x1&y1_x2&y2-four corners from the lower right-plate-brightness-blur.jpg``; the plate is seven indices
into three lists of characters, the first of which are the Chinese names of provinces. The last of each list, O, stands
for no character. Plates of new energy vehicles (CCPD2020/ccpd_green) have eight.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from classic_anpr.evaluate.formats.base import Format, pictures
from classic_anpr.evaluate.textfile import box_between, numbers
from classic_anpr.evaluate.types import DataSetError, Photo, PlateLabel

PROVINCES = "皖沪津渝冀晋蒙辽吉黑苏浙京闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新警学O"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZO"
CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789O"

_NAME = re.compile(r"\d+(-\d+_-?\d+)(-\d+&\d+_\d+&\d+)(-\d+&\d+){1}(_\d+&\d+){3}-\d+(_\d+){6,7}-\d+-\d+$")


def parse_name(file: str) -> PlateLabel:
    """The label in a picture's name.

    Raises
    ------
    DataSetError
        If the name is not of CCPD's form.
    """
    stem = PurePath(file).stem
    if not _NAME.match(stem):
        raise DataSetError(f"{file}: not a file name of CCPD's form")
    _, box, corners, plate, _, _ = stem.rsplit("-", 5)  # from the right, since a tilt may be negative
    values = numbers(re.split("[&_]", corners), file, "corners", 8)
    lower_right, lower_left, upper_left, upper_right = zip(values[::2], values[1::2], strict=True)
    indices = [int(k) for k in plate.split("_")]
    lists = [PROVINCES, LETTERS, *[CHARACTERS] * (len(indices) - 2)]
    try:
        text = "".join(characters[k] for characters, k in zip(lists, indices, strict=True)).replace("O", "")
    except IndexError:
        raise DataSetError(f"{file}: {plate}: no such character") from None
    return PlateLabel(
        text,
        country="CN",
        box=box_between(re.split("[&_]", box), file),
        corners=(upper_left, upper_right, lower_right, lower_left),
        where=file,
    )


def read(folder: Path) -> tuple[Photo, ...]:
    # ccpd_np holds pictures without a plate, under plain names.
    return tuple(
        Photo(file, () if "np" in PurePath(file).parent.name.split("_") else (parse_name(file),), str(folder / file))
        for file in pictures(folder)
    )


def recognise(folder: Path) -> bool:
    names = (f.stem for f in folder.rglob("*.jpg")) if folder.is_dir() else iter(())
    return bool(_NAME.match(next(names, "")))


FORMAT = Format(
    "CCPD (annotation in the file name)", frozenset({"box", "corners", "country", "negatives"}), recognise, read
)
