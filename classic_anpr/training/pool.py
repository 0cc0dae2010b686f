"""Drawn lines in bulk: shards of lines sorted by width, drawn by one process while another trains on them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classic_anpr.synth.cuts import draw_cuts
from classic_anpr.synth.glyphs import GlyphFont, load_fonts
from classic_anpr.synth.lines import DrawnLine, draw_line

Pixels = NDArray[np.uint8]
Shard = dict[int, tuple[Pixels, list[str]]]
"""Width in px to its line images uint8 (lines, 36, width) and their texts."""


def draw_shard(seed: int | Sequence[int], count: int, fonts: Sequence[GlyphFont], cuts: float = 0.0) -> Shard:
    """Draw `count` lines; the same arguments give the same shard.

    Parameters
    ----------
    seed : int or sequence of int
    count : int
    fonts : sequence of GlyphFont
    cuts : float
        Share of the lines that are cut out of drawn plates by the reader's own stages (`synth.cuts`), which costs about
        five times as much as drawing a line directly (`synth.lines`).
    """
    rng = np.random.default_rng(seed)
    lines: list[DrawnLine] = []
    while len(lines) < round(count * cuts):
        lines += draw_cuts(rng, fonts)
    while len(lines) < count:
        lines.append(draw_line(rng, fonts))
    groups: dict[int, list[tuple[Pixels, str]]] = defaultdict(list)
    for line in lines[:count]:
        groups[line.pixels.shape[1]].append((line.pixels, line.text))
    return {width: (np.stack([p for p, _ in group]), [t for _, t in group]) for width, group in sorted(groups.items())}


def save_shard(shard: Shard, path: Path) -> None:
    """Write a shard as one file, all or nothing."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for width, (pixels, texts) in shard.items():
        arrays[f"p{width}"] = pixels
        arrays[f"t{width}"] = np.array(texts)
    scratch = path.with_suffix(".part")
    with scratch.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    os.replace(scratch, path)


def load_shard(path: Path) -> Shard:
    """Read what `save_shard` wrote."""
    with np.load(path) as arrays:
        widths = sorted(int(name[1:]) for name in arrays.files if name[0] == "p")
        return {width: (arrays[f"p{width}"], [str(t) for t in arrays[f"t{width}"]]) for width in widths}


def keep_drawing(
    folder: Path, font_folders: Sequence[Path], seed: Sequence[int], shards: int, lines: int, cuts: float = 0.0
) -> None:
    """Fill a ring of shard files for ever (run it in a process of its own and stop that).

    Parameters
    ----------
    folder : Path
        Receives ``shard-000.npz`` and so on; the oldest is replaced when the ring is full.
    font_folders : sequence of Path
        Folders of ``.ttf`` files.
    seed : sequence of int
        Shard k is drawn with the seed ``[*seed, k]``.
    shards, lines : int
        Size of the ring, and lines per shard.
    cuts : float
        See `draw_shard`.
    """
    import cv2

    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    fonts = load_fonts(font_folders)
    number = 0
    while True:
        count = min(lines, 400 * (number + 1))  # the first ones small, so that training need not wait
        save_shard(draw_shard([*seed, number], count, fonts, cuts), folder / f"shard-{number % shards:03d}.npz")
        number += 1


class Pool:
    """The lines of all shard files of a folder; `refresh` takes in what was drawn since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[Path, float] = {}
        self._shards: dict[Path, Shard] = {}
        self._widths: list[int] = []
        self._share = np.zeros(0)

    def refresh(self) -> int:
        """Load new shard files; returns how many."""
        fresh = 0
        for path in sorted(self.folder.glob("shard-*.npz")):
            changed = path.stat().st_mtime
            if self._seen.get(path) != changed:
                self._shards[path] = load_shard(path)
                self._seen[path] = changed
                fresh += 1
        if fresh:
            counts: dict[int, int] = defaultdict(int)
            for shard in self._shards.values():
                for width, (pixels, _) in shard.items():
                    counts[width] += len(pixels)
            self._widths = sorted(counts)
            share = np.array([counts[width] for width in self._widths], float)
            self._share = share / share.sum()
        return fresh

    def batches(self, rng: np.random.Generator, size: int) -> Iterator[tuple[Pixels, list[str]]]:
        """Endless batches of equal width: uint8 (size or fewer, 36, width) and the texts."""
        while True:
            width = self._widths[int(rng.choice(len(self._widths), p=self._share))]
            parts = [shard[width] for shard in self._shards.values() if width in shard]
            ends = np.cumsum([len(pixels) for pixels, _ in parts])
            wanted = rng.integers(0, ends[-1], min(size, int(ends[-1])))
            owners = np.searchsorted(ends, wanted, side="right")
            lines, texts = [], []
            for owner, index in zip(owners, wanted, strict=True):
                pixels, labels = parts[int(owner)]
                at = int(index - (ends[owner] - len(pixels)))
                lines.append(pixels[at])
                texts.append(labels[at])
            yield np.stack(lines), texts
