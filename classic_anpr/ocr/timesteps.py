"""From Tesseract's per-timestep posteriors to slots.

With ``lstm_choice_mode=1`` Tesseract keeps, for every timestep of its LSTM, all characters with a probability of at
least 1 %, the CTC null included, and prints them in hOCR as nested ``ocrx_cinfo`` spans with whole percents (cut off,
not rounded; an empty span is the null). ``lstm_choice_iterations=0`` leaves out the second search that this mode
otherwise adds (0.9 ms per line) and whose result is not used here. The modes' other outputs, the symbol and choice
iterators, hold one ranking per glyph that Tesseract itself found, most of it zeros, and nothing about glyphs it did not
print.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classic_anpr.ocr.lattice import Lattice, Slot

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Every character a reading can hold, in the order of the columns of posteriors and masks."""

LINE_HEIGHT = 36
"""Height in pixels of a line image."""

VARIABLES = {
    "lstm_choice_mode": "1",
    "lstm_choice_iterations": "0",
    "invert_threshold": "0",
    "load_system_dawg": "0",
    "load_freq_dawg": "0",
    "user_defined_dpi": "300",
}
"""Tesseract's variables, the same for both engines."""

WEAK = 0.06
"""Glyph mass (1 - null) from which a place is worth a slot although the null wins there."""

OVERLAP = 0.5
"""Two neighbouring characters without a null between them are alternatives of one glyph when the mass that they share
is at least this part of the smaller one's; else they are two glyphs that touch."""

_INDEX = {char: i for i, char in enumerate(ALPHABET)} | {char.lower(): i for i, char in enumerate(ALPHABET)}
_NULL = len(ALPHABET)
_PAGE = re.compile(r"<div class='ocr_page'")
_STEP = re.compile(r"id='timestep")
_CHOICE = re.compile(r"x_confs (\d+)'>([^<]*)<")
_SPEC = re.compile(rb"\[\d+,\d+,0,[13][ -Z\\^-~]*\]")
_X_SCALE = re.compile(r"(?:Mp|S)\d+,(\d+)")


def parse_hocr(hocr: str) -> list[NDArray[np.float32]]:
    """Posteriors of each page of an hOCR document.

    Returns
    -------
    list of float32 arrays (T, 37)
        Per timestep the probabilities in [0, 1] of the 36 characters of `ALPHABET` and, last, that none of them is
        here: the null and every character outside the alphabet. Lower case counts as upper case. What Tesseract left
        out (below 1 %) is 0, so rows sum to 1 or less. T is 0 where nothing was recognised.
    """
    return [_parse_page(page) for page in _PAGE.split(hocr)[1:]]


def _parse_page(page: str) -> NDArray[np.float32]:
    steps = _STEP.split(page)[1:]
    posteriors = np.zeros((len(steps), _NULL + 1), np.float32)
    for row, step in zip(posteriors, steps, strict=True):
        for percent, text in _CHOICE.findall(step):
            # Half a percent makes up, on average, for the digits that hOCR cuts off.
            row[_INDEX.get(unescape(text), _NULL)] += (int(percent) + 0.5) / 100
    total = posteriors.sum(axis=1, keepdims=True)
    return posteriors / np.maximum(total, 1)


def model_stride(model: Path) -> int | None:
    """Pixels of line image per timestep, from the network specification (VGSL) stored in a traineddata; None if absent.

    The horizontal scale is the product of the x factors of the ``Mp`` and ``S`` layers.
    """
    spec = _SPEC.search(model.read_bytes())
    if spec is None:
        return None
    return int(np.prod([int(x) for x in _X_SCALE.findall(spec.group().decode("ascii"))], dtype=int))


def build_lattice(posteriors: NDArray[np.float32], stride: float) -> Lattice:
    """Slots of one line.

    Parameters
    ----------
    posteriors : float32 array (T, 37)
        As `parse_hocr` gives them.
    stride : float
        Pixels of the line image per timestep.
    """
    glyph = posteriors[:, :_NULL].sum(axis=1)
    slots: list[Slot] = []
    for start, stop in _runs(glyph):
        for a, b in _glyphs(posteriors[start:stop, :_NULL], glyph[start:stop]):
            here = slice(start + a, start + b)
            slots.append(_slot(posteriors[here, :_NULL], glyph[here], here.start * stride, stride))
    return Lattice(tuple(slots))


def line_lattice(posteriors: NDArray[np.float32], width: int, height: int, stride: int | None) -> Lattice:
    """Slots of a line image of `width` x `height` pixels, in its own pixels.

    Tesseract scales a line to the model's height first; `stride` is `model_stride`'s, in pixels of that scaled line.
    Where it is unknown, the timesteps are taken to span the whole width.
    """
    if len(posteriors) == 0:
        return Lattice(())
    return build_lattice(posteriors, stride * height / LINE_HEIGHT if stride else width / len(posteriors))


def _runs(glyph: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Stretches of timesteps [start, stop) that a null does not interrupt.

    A null between two places where a glyph wins separates them (that is how CTC writes the same letter twice). Where no
    glyph wins, the stretch around each local maximum above `WEAK` is a run of its own.
    """
    edges = np.flatnonzero(np.diff(glyph >= WEAK, prepend=False, append=False)).tolist()
    return [run for start, stop in zip(edges[::2], edges[1::2], strict=True) for run in _valleys(glyph, start, stop)]


def _valleys(glyph: NDArray[np.float32], start: int, stop: int) -> list[tuple[int, int]]:
    """Cut [start, stop) where the null wins between two places at which a glyph wins."""
    strong = glyph[start:stop] > 0.5
    if not strong.any():
        return [(start, stop)]
    edges = np.flatnonzero(np.diff(strong, prepend=False, append=False)).tolist()
    bounds = [start]
    for left, right in zip(edges[1:-1:2], edges[2::2], strict=True):
        bounds.append(start + left + int(np.argmin(glyph[start + left : start + right])))
    bounds.append(stop)
    return list(pairwise(bounds))


def _glyphs(chars: NDArray[np.float32], glyph: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Cut a run (T, 36), of the sums (T,), where one character gives way to another that is not its alternative."""
    best = chars.argmax(axis=1)
    changes = np.flatnonzero(best[1:] != best[:-1])
    if not len(changes) or glyph.max() <= 0.5:
        return [(0, len(chars))]
    cuts = [0, *(changes + 1).tolist(), len(chars)]
    parts = [(cuts[0], cuts[1])]
    for a, b in pairwise(cuts[1:]):
        before = parts[-1][0]
        left, right = chars[before:b, _leader(chars[before:a])], chars[before:b, best[a]]
        # A segment whose character never wins against the null is the tail of its neighbour, not a glyph.
        faint = min(glyph[before:a].max(), glyph[a:b].max()) <= 0.5
        if faint or np.minimum(left, right).sum() >= OVERLAP * min(left.sum(), right.sum()):
            parts[-1] = (before, b)
        else:
            parts.append((a, b))
    return parts


def _leader(chars: NDArray[np.float32]) -> int:
    return int(chars.sum(axis=0).argmax())


def _slot(chars: NDArray[np.float32], glyph: NDArray[np.float32], x0: float, stride: float) -> Slot:
    """One glyph's timesteps (T, 36), of the sums (T,), as a slot; `x0` is the first one's left edge.

    A character's probability is the mean over the timesteps, weighted by how surely a glyph stands there; the blank is
    the null at the surest timestep: neighbouring timesteps see the same pixels, so their nulls are no independent
    evidence.
    """
    mean = glyph @ chars
    shares = (mean / mean.sum()).tolist()
    sure = glyph.tolist()
    surest = max(sure)
    # The extent is where the glyph is at least half as sure as at its surest.
    core = [i for i, value in enumerate(sure) if value >= 0.5 * surest]
    return Slot(
        alternatives=tuple(sorted(((c, p) for c, p in zip(ALPHABET, shares, strict=True) if p > 1e-3), key=_likelier)),
        blank=1 - min(surest, 1.0),
        x0=x0 + core[0] * stride,
        x1=x0 + (core[-1] + 1) * stride,
    )


def _likelier(alternative: tuple[str, float]) -> float:
    return -alternative[1]
