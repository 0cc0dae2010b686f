"""Draws the learning curve of a run: ``python -m classic_anpr.training.curve work/log.csv curve.svg``.

Needs matplotlib (the ``bench`` extra).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from classic_anpr.evaluate.report.plots import drawn


def learning_curve(log: Path) -> str:
    """The loss and the error on held-back lines over the lines seen, and the learning rate, as SVG.

    Parameters
    ----------
    log : Path
        ``log.csv`` of a work folder.
    """
    with log.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    seen = [float(row["lines"]) / 1e6 for row in rows]

    def draw(axes: Any) -> None:
        axes.plot(seen, [100 * float(row["error"]) for row in rows], label="held-back lines misread, %")
        axes.plot(seen, [100 * float(row["loss"]) for row in rows], label="loss x 100", color="#999", linewidth=1)
        axes.set(xlabel="lines seen, millions", ylim=(0, None), title="Learning curve")
        axes.grid(color="#eee")
        other = axes.twinx()
        other.plot(seen, [float(row["rate"]) for row in rows], color="#c33", linestyle=":", label="learning rate")
        other.set(ylim=(0, None), ylabel="learning rate")
        lines = axes.get_lines() + other.get_lines()
        axes.legend(lines, [line.get_label() for line in lines], fontsize=8)

    return drawn(draw, (6.4, 3.6))


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(learning_curve(Path(sys.argv[1])), encoding="utf-8")
