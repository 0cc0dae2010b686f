"""Measuring readers: labelled photographs, predictions of any system, metrics, reports.

`types` has what is compared, `metrics` compares it. A data set's format is one module of `formats`, a system's output
is one module of `predictions`; `systems` runs a reader, `report` writes what came of it.
"""
