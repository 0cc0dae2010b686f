"""The plots of a report, as SVG. matplotlib is needed for them, and for nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from classic_anpr.evaluate.calibration import Operating
from classic_anpr.evaluate.metrics import Summary
from classic_anpr.evaluate.slices import Slice


def available() -> bool:
    """Whether matplotlib is installed."""
    import importlib.util

    return importlib.util.find_spec("matplotlib") is not None


def reliability(tables: Mapping[str, Summary]) -> str:
    """Share right against confidence, one line per system; the diagonal is what a confidence promises."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="#999", linestyle=":")
        for name, table in tables.items():
            bins = table.calibration
            axes.plot([b.confidence for b in bins], [b.accuracy for b in bins], marker="o", label=name[:30])
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title="Reliability")
        axes.legend(fontsize=8)

    return drawn(draw, (4.2, 4.0))


def precision_recall(curves: Mapping[str, Sequence[Operating]], marked: float | None = None) -> str:
    """Precision (folded) against recall, one line per system.

    Parameters
    ----------
    marked : float, optional
        A threshold whose point is marked on every line: the last one that is not above it.
    """

    def draw(axes: Any) -> None:
        shown = []
        for name, curve in curves.items():
            if not curve:
                continue
            (line,) = axes.plot([p.recall for p in curve], [p.precision for p in curve], label=name[:30])
            at = next((p for p in curve if marked is not None and p.threshold >= marked), None)
            if at is not None:
                shown.append(at.precision)
                axes.plot(at.recall, at.precision, "o", color=line.get_color())
                note = f"{marked:g}: {100 * at.precision:.1f} % right"
                axes.annotate(
                    note, (at.recall, at.precision), (-8, -4), textcoords="offset points", ha="right", fontsize=7
                )
        # where the threshold lies is what matters; the ends of a curve are of few readings or of noise
        bottom = max(min(shown, default=0.2) - 0.2, 0)
        axes.set(xlim=(0, 1), ylim=(bottom, 1.005), xlabel="recall: plates read, of all labelled")
        axes.set(ylabel="precision: right, of those reported", title="Precision and recall by confidence")
        axes.grid(color="#eee")
        axes.legend(fontsize=8, loc="lower left")

    return drawn(draw, (5.2, 4.0))


def by_slice(slices: Sequence[Slice], by: str) -> str:
    """Corrected rate with Wilson's interval for each slice of one kind."""
    chosen = [s for s in slices if s.by == by]

    def draw(axes: Any) -> None:
        values = [s.rate.value for s in chosen]
        low = [max(v - s.rate.interval[0], 0) for v, s in zip(values, chosen, strict=True)]
        high = [max(s.rate.interval[1] - v, 0) for v, s in zip(values, chosen, strict=True)]
        axes.bar(range(len(chosen)), values, yerr=[low, high], color="#5b8fb9", capsize=3)
        names = [f"{s.name}\n(n = {s.rate.total})" for s in chosen]
        axes.set_xticks(range(len(chosen)), names, fontsize=7, rotation=20)
        axes.set(ylim=(0, 1), ylabel="read", title=f"By {by}")

    return drawn(draw, (4.8, 3.4))


def confusion_matrix(table: Summary) -> str:
    """Which characters are read as which: rows are true, columns read, each row in shares of its character."""
    counts = {pair: n for pair, n in table.confusions.items() if len(pair[0]) == 1}
    true = sorted({t for t, _ in counts})
    read = [*sorted({r for _, r in counts if r}), "-"]

    def draw(axes: Any) -> None:
        rows = []
        for t in true:
            total = sum(n for (a, _), n in counts.items() if a == t)
            rows.append([counts.get((t, "" if r == "-" else r), 0) / total for r in read])
        axes.imshow(rows, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(read)), read, fontsize=6)
        axes.set_yticks(range(len(true)), true, fontsize=6)
        axes.set(xlabel="read (- = lost)", ylabel="true", title="Confusion matrix")

    return drawn(draw, (6.4, 6.2)) if true else ""


def drawn(draw: Any, size: tuple[float, float]) -> str:
    """What `draw` puts on matplotlib's axes, as an SVG element of `size` inches; the same figures, the same bytes."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure  # not pyplot: no window system, no global state

    figure = Figure(figsize=size, layout="constrained")
    draw(figure.add_subplot())
    stream = io.StringIO()
    with rc_context({"svg.hashsalt": "classic-anpr"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]
