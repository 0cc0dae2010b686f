"""A report as one HTML page that needs nothing else: styles, plots and pictures are in it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from classic_anpr.errors import ImageError
from classic_anpr.evaluate.outcomes import PlateOutcome
from classic_anpr.evaluate.report import Section
from classic_anpr.evaluate.types import Box

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums }
td, th { border-bottom: 1px solid #ddd; padding: .25rem .6rem; text-align: right; vertical-align: top }
td:first-child, th:first-child { text-align: left }
.wide { overflow-x: auto }
.plots svg { max-width: 100%; height: auto }
figure { display: inline-block; margin: .4rem; width: 16rem; vertical-align: top }
figure img { width: 16rem; border: 1px solid #999 }
figcaption { font-size: 13px; overflow-wrap: anywhere }
b.wrong { color: #b00020 }
"""


def page(
    title: str,
    sections: Sequence[Section],
    plots: Sequence[str] = (),
    pictures: Sequence[str] = (),
) -> str:
    """The whole page.

    Parameters
    ----------
    plots : sequence of str
        SVG elements.
    pictures : sequence of str
        Figures as `figure` makes them.
    """
    parts = [f"<h1>{escape(title)}</h1>"]
    for k, section in enumerate(sections):
        parts.append(_section(section))
        if k == 0 and plots:
            parts.append('<div class="plots">' + "".join(plots) + "</div>")
    if pictures:
        parts.append("<h2>The worst misses, in pictures</h2>" + "".join(pictures))
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _section(section: Section) -> str:
    text = f"<h2>{escape(section.title)}</h2>"
    if section.text:
        text += f"<p>{escape(section.text)}</p>"
    if section.header:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in section.header)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>\n" for row in section.rows)
        text += f'<div class="wide"><table><tr>{head}</tr>\n{body}</table></div>'
    return text


def figure(plate: PlateOutcome, path: Path) -> str:
    """A missed plate: its surroundings, its text, what was read. Without a picture where the file cannot be read."""
    read = " ".join(plate.texts) or "(nothing)"
    sure = "" if plate.confidence is None else f" ({plate.confidence:.2f})"
    caption = f"{escape(plate.truth)} read as <b class=wrong>{escape(read)}</b>{sure}<br>"
    data = _picture(path, plate.label.box)
    image = "" if data is None else f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
    return f"<figure>{image}<figcaption>{caption}{escape(plate.set_name)}/{escape(plate.file)}</figcaption></figure>"


def _picture(path: Path, box: Box | None) -> bytes | None:
    """A JPEG 400 pixels wide of the plate with half its size around it, or of the whole photograph."""
    import cv2

    from classic_anpr import images

    try:
        pixels = images.load(path).pixels
    except ImageError:
        return None
    if box is not None:
        x, y, w, h = box
        margin = max(0.5 * w, h)
        rows = slice(max(round(y - margin), 0), max(round(y + h + margin), 1))
        part = pixels[rows, max(round(x - margin), 0) : max(round(x + w + margin), 1)]
        pixels = part if part.size else pixels
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (400, max(round(400 * height / width), 1)), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes())
