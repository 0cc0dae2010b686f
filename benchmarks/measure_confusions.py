"""Measure the confusion table of ``classic_anpr/ocr/confusions.csv`` on drawn lines with known texts.

    PYTHONPATH=. python benchmarks/measure_confusions.py [--lines 2000] [--prior 300] [--write]

Each glyph that the engine reads gives its alternatives p and its true character t. The table C (seen, true) is the one
that makes the truths likeliest under p @ C, found by expectation maximisation, with the present table as a Dirichlet
prior of ``--prior`` glyphs per character: drawn glyphs do not tell how alike real fonts draw O and 0, so the table is
moved by them, not replaced. Lines whose number of glyphs is wrong, or with more than two errors, are left out: their
glyphs cannot be told apart.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classic_anpr.ocr.confusion import FLOOR, confusion_matrix
from classic_anpr.ocr.engine import Engine, open_engine
from classic_anpr.ocr.timesteps import ALPHABET
from classic_anpr.synth.glyphs import FONTS, load_fonts
from classic_anpr.training.pool import draw_shard

TABLE = Path(__file__).parents[1] / "classic_anpr" / "ocr" / "confusions.csv"


def glyphs(engine: Engine, count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Alternatives (N, 36) of every usable glyph of `count` drawn lines, and the true characters (N,)."""
    seen: list[NDArray[np.float64]] = []
    true: list[int] = []
    for lines, texts in draw_shard([seed, count], count, load_fonts([FONTS])).values():
        for lattice, text in zip(engine.read(list(lines)), texts, strict=True):
            slots = [slot for slot in lattice.slots if slot.blank <= 0.5]
            if len(slots) != len(text) or sum(a != b for a, b in zip(lattice.text, text, strict=True)) > 2:
                continue
            for slot, char in zip(slots, text, strict=True):
                row = np.zeros(len(ALPHABET))
                for c, p in slot.alternatives:
                    row[ALPHABET.index(c)] = p
                seen.append(row / row.sum())
                true.append(ALPHABET.index(char))
    return np.array(seen), np.array(true)


def estimate(
    seen: NDArray[np.float64], true: NDArray[np.intp], prior: NDArray[np.float64], strength: float, rounds: int = 30
) -> NDArray[np.float64]:
    """Maximum-a-posteriori table (36, 36) by expectation maximisation; rows sum to 1."""
    table = prior
    for _ in range(rounds):
        share = seen * table[:, true].T  # (N, 36): which seen character gave the true one
        share /= share.sum(axis=1, keepdims=True)
        counts = strength * prior
        np.add.at(counts.T, true, share)
        table = counts / counts.sum(axis=1, keepdims=True)
    return table


def log_loss(seen: NDArray[np.float64], true: NDArray[np.intp], table: NDArray[np.float64]) -> float:
    """Mean of -log P(true character | seen), in nats."""
    return float(-np.log((seen @ table)[np.arange(len(true)), true]).mean())


def main() -> None:
    """Print the losses and the largest entries; write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--prior", type=float, default=300.0)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    engine = open_engine(model=options.model)
    seen, true = glyphs(engine, options.lines, seed=1)
    other_seen, other_true = glyphs(engine, options.lines // 4, seed=2)
    prior = confusion_matrix().astype(np.float64)
    table = estimate(seen, true, prior, options.prior)
    print(f"{len(true)} glyphs; log loss on {len(other_true)} others:")
    print(f"  without a table {log_loss(other_seen, other_true, 0.98 * np.eye(36) + 0.02 / 36):.4f}")
    print(f"  present table   {log_loss(other_seen, other_true, prior):.4f}")
    print(f"  measured table  {log_loss(other_seen, other_true, table):.4f}")
    pairs = [(table[i, j], ALPHABET[i], ALPHABET[j]) for i in range(36) for j in range(36) if i != j]
    kept = sorted((p for p in pairs if p[0] > 2 * FLOOR), reverse=True)
    print("largest (seen>true): " + " ".join(f"{a}>{b}:{p:.3f}" for p, a, b in kept[:20]))
    if options.write:
        rows = sorted(f"{a},{b},{p:.4f}" for p, a, b in kept)
        TABLE.write_text("\n".join(["seen,true,probability", *rows]) + "\n", "ascii")


if __name__ == "__main__":
    main()
