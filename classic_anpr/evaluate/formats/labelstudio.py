"""Label Studio's JSON: places in percent of the picture, the text in a textarea of the same region."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from classic_anpr.evaluate.formats.base import Sizes, grouped, one_file, outlined
from classic_anpr.evaluate.textfile import box_of, entry, numbers, parse_json
from classic_anpr.evaluate.types import Box, DataSetError, Photo, PlateLabel

_PRECISION = 4  # digits of a pixel kept: percent and back must give what was drawn


def parse(text: str, where: str) -> tuple[Photo, ...]:
    """The photographs of an exported project. Annotations count, predictions only where a task has none."""
    tasks = parse_json(text, where)
    if not isinstance(tasks, list):
        raise DataSetError(f"{where}:1: not Label Studio's: a list of tasks is wanted")
    return grouped(row for k, task in enumerate(tasks, 1) for row in _rows(task, f"{where}: task {k}"))


def file_of(url: str) -> str:
    """The file that a task's picture is about.

    >>> file_of("/data/local-files/?d=photos/a%20b.jpg"), file_of("/data/upload/3/1a2b3c4d-car.jpg")
    ('photos/a b.jpg', 'car.jpg')
    """
    parts = urlsplit(url)
    local = parse_qs(parts.query).get("d")
    if local:
        return local[0].lstrip("/")
    path = unquote(parts.path)
    if path.startswith("/data/upload/"):
        return re.sub(r"^[0-9a-f]{8}-", "", PurePosixPath(path).name)
    return PurePosixPath(path).name if parts.scheme or path.startswith("/") else path


def _rows(task: Any, where: str) -> Iterable[tuple[str, PlateLabel | None, str]]:
    data = entry(task, "data", where)
    url = data.get("image") or data.get("ocr") or data.get("img") if isinstance(data, dict) else None
    if not isinstance(url, str):
        raise DataSetError(f"{where}: no data.image")
    file = file_of(url)
    yield file, None, where
    drawn = task.get("annotations") or task.get("completions") or task.get("predictions") or []
    results = entry(drawn[0], "result", where) if drawn else []
    texts: dict[Any, list[str]] = {}
    for result in results:
        if result.get("type") == "textarea":
            value = result.get("value", {}).get("text", [])
            texts[result.get("id")] = [value] if isinstance(value, str) else [str(v) for v in value]
    for result in results:
        here = f"{where}: region {result.get('id')}"
        value = result.get("value", {})
        if result.get("type") not in ("rectangle", "rectanglelabels", "polygon", "polygonlabels"):
            continue
        width, height = numbers(
            [result.get("original_width"), result.get("original_height")], here, "original_width and original_height"
        )
        fields: dict[str, Any] = {"text": " ".join(texts.get(result.get("id"), [])).strip(), "where": here}
        if "points" in value:
            points = [numbers(p, here, "points", 2) for p in value["points"]]
            yield file, outlined([_pixels(x, y, width, height) for x, y in points], **fields), here
            continue
        values = numbers([value.get(k) for k in ("x", "y", "width", "height")], here, "rectangle")
        (x, y), (w, h) = _pixels(values[0], values[1], width, height), _pixels(values[2], values[3], width, height)
        box = box_of((x, y, w, h), here)
        angle = float(value.get("rotation") or 0)
        yield file, outlined(_turned(box, angle), **fields) if angle else PlateLabel(box=box, **fields), here


def _pixels(x: float, y: float, width: float, height: float) -> tuple[float, float]:
    return round(x * width / 100, _PRECISION), round(y * height / 100, _PRECISION)


def _turned(box: Box, degrees: float) -> list[tuple[float, float]]:
    """A rectangle turned clockwise about its first corner, as Label Studio turns it."""
    x, y, w, h = box
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(x + c * u - s * v, y + s * u + c * v) for u, v in ((0, 0), (w, 0), (w, h), (0, h))]


def dump(photos: Sequence[Photo], sizes: Sizes) -> str:
    """A list of tasks, ready to be imported; the labelling configuration needs an object ``image``, labels ``plate``,
    and a per-region textarea ``text``."""
    tasks = []
    for photo in photos:
        width, height = sizes(photo.file)
        results: list[dict[str, Any]] = []
        for k, label in enumerate(photo.plates):
            assert label.box is not None
            common = {
                "id": f"plate{k}",
                "to_name": "image",
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
            }
            x, y, w, h = label.box
            rectangle = {
                "x": 100 * x / width,
                "y": 100 * y / height,
                "width": 100 * w / width,
                "height": 100 * h / height,
                "rotation": 0,
            }
            if label.corners:
                points = [[100 * px / width, 100 * py / height] for px, py in label.corners]
                value: dict[str, Any] = {"points": points, "closed": True, "polygonlabels": ["plate"]}
                results.append(common | {"from_name": "label", "type": "polygonlabels", "value": value})
            else:
                value = rectangle | {"rectanglelabels": ["plate"]}
                results.append(common | {"from_name": "label", "type": "rectanglelabels", "value": value})
            if label.text:
                value = rectangle | {"text": [label.text]}
                results.append(common | {"from_name": "text", "type": "textarea", "value": value})
        tasks.append({"data": {"image": photo.file}, "annotations": [{"result": results}]})
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


FORMAT = one_file(
    "Label Studio JSON",
    frozenset({"box", "corners", "several", "negatives", "unreadable", "textless"}),
    ("labelstudio.json", "*.json"),
    lambda head: head.lstrip().startswith("[") and '"data"' in head,
    parse,
    dump,
)
