"""A page of pictures and tables, as one HTML file without references, or as one PNG."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classic_anpr.output.pictures import encode


@dataclass(frozen=True)
class Section:
    """One part of a page.

    Attributes
    ----------
    title : str
    level : int
        1 to 3: the size of the title.
    text : str
        A paragraph; may be empty.
    pictures : tuple of (caption, uint8 array (H, W) or (H, W, 3))
        BGR or grey.
    header, rows : tuples of str
        A table; none where `header` is empty.
    good : bool or None
        Colours the title green or red; None leaves it black.
    """

    title: str
    level: int = 2
    text: str = ""
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    good: bool | None = None


_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 1240px; padding: 0 1em; color: #222 }
h2 { border-top: 1px solid #ccc; padding-top: .6em } .good { color: #07772b } .bad { color: #b3261e }
img { max-width: 100%; border: 1px solid #ccc; image-rendering: pixelated } figure { margin: .6em 0 }
figcaption { color: #666 } table { border-collapse: collapse; margin: .6em 0; display: block; overflow-x: auto }
td, th { border: 1px solid #ddd; padding: .1em .5em; text-align: left; white-space: nowrap }
td { font-family: ui-monospace, monospace } th { background: #f4f4f4 }
"""


def to_html(sections: Sequence[Section]) -> str:
    """The page as one HTML document; the pictures are in it."""
    title = html.escape(sections[0].title) if sections else ""
    body = "\n".join(map(_html_section, sections))
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _html_section(section: Section) -> str:
    colour = {True: ' class="good"', False: ' class="bad"', None: ""}[section.good]
    parts = [f"<h{section.level}{colour}>{html.escape(section.title)}</h{section.level}>"]
    if section.text:
        parts.append(f"<p>{html.escape(section.text)}</p>")
    for caption, picture in section.pictures:
        # Photographs as JPEG: as PNG a single one would make the page ten times as large.
        kind = "jpeg" if picture.size > 1_000_000 else "png"
        data = base64.b64encode(encode(picture, "." + kind)).decode("ascii")
        image = f'<img alt="{html.escape(caption)}" src="data:image/{kind};base64,{data}">'
        parts.append(f"<figure>{image}<figcaption>{html.escape(caption)}</figcaption></figure>")
    if section.header:
        parts.append("<table>" + _html_row("th", section.header) + "".join(_html_row("td", r) for r in section.rows))
        parts.append("</table>")
    return "\n".join(parts)


def _html_row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


_WIDTH = 1280  # of the PNG, pixels
_MARGIN = 16
_LINE = 18  # height of a line of text, pixels
_SCALES = {1: 0.9, 2: 0.7, 3: 0.5}
_COLOURS = {True: (43, 119, 7), False: (30, 38, 179), None: (30, 30, 30)}
_GREY = (110, 110, 110)


def to_picture(sections: Sequence[Section]) -> NDArray[np.uint8]:
    """The page as one BGR picture, 1280 pixels wide."""
    strips = [strip for section in sections for strip in _strips(section)]
    return np.vstack(strips) if strips else np.full((_LINE, _WIDTH, 3), 255, np.uint8)


def _strips(section: Section) -> list[NDArray[np.uint8]]:
    scale = _SCALES[section.level]
    strips = [_text_line([(0, section.title)], scale, _COLOURS[section.good], round(_LINE * scale * 3))]
    strips += [_text_line([(0, line)], 0.42, _COLOURS[None]) for line in _wrap(section.text, 150)]
    for caption, picture in section.pictures:
        strips += [_placed(picture), _text_line([(0, caption)], 0.4, _GREY)]
    if section.header:
        # Columns as wide as their widest cell: the plain fonts of OpenCV are not monospaced.
        cells = (section.header, *section.rows)
        widths = [max(_text_width(row[i]) for row in cells) + _MARGIN for i in range(len(section.header))]
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
        for number, row in enumerate(cells):
            strips.append(_text_line(list(zip(starts, row, strict=True)), 0.42, _COLOURS[None] if number else _GREY))
    return strips


def _text_width(text: str) -> int:
    return int(cv2.getTextSize(_ascii(text), cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)[0][0])


def _text_line(
    cells: Sequence[tuple[int, str]], scale: float, colour: tuple[int, int, int], height: int = _LINE
) -> NDArray[np.uint8]:
    strip = np.full((height, _WIDTH, 3), 255, np.uint8)
    for x, text in cells:
        place = (_MARGIN + int(x), round(height * 0.72))
        cv2.putText(strip, _ascii(text), place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA)
    return strip


def _placed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture on a white strip of the page's width, made smaller where it is too wide."""
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    room = _WIDTH - 2 * _MARGIN
    if picture.shape[1] > room:
        height = max(round(picture.shape[0] * room / picture.shape[1]), 1)
        picture = cv2.resize(picture, (room, height), interpolation=cv2.INTER_AREA)
    strip = np.full((picture.shape[0] + 4, _WIDTH, 3), 255, np.uint8)
    strip[2:-2, _MARGIN : _MARGIN + picture.shape[1]] = picture
    return strip


def _wrap(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)


def _ascii(text: str) -> str:
    """What OpenCV's plain fonts can draw."""
    return text.encode("ascii", "replace").decode("ascii")
