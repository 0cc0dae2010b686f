"""What a read character may really be: the confusion table."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from classic_anpr.ocr.timesteps import ALPHABET

FLOOR = 3e-4
"""Probability of each confusion that the table does not list."""


@cache
def confusion_matrix() -> NDArray[np.float32]:
    """P(true | seen) as a float32 array (36, 36), rows seen, columns true, in the order of `ALPHABET`; rows sum to 1.

    From ``confusions.csv`` beside this module (rows ``seen,true,probability``). Its values are estimates made by hand:
    on 823 real plates, 0.4 times all of them moved the exact matches by +0.2 points at most, 1.5 times by -1.2.
    ``benchmarks/measure_confusions.py`` measures them on drawn lines and can rewrite the file.
    """
    matrix = np.full((len(ALPHABET), len(ALPHABET)), FLOOR)
    table = files("classic_anpr.ocr").joinpath("confusions.csv").read_text("ascii")
    for row in table.splitlines()[1:]:
        seen, true, probability = row.split(",")
        matrix[ALPHABET.index(seen), ALPHABET.index(true)] = float(probability)
    np.fill_diagonal(matrix, 0)
    np.fill_diagonal(matrix, 1 - matrix.sum(axis=1))
    matrix = matrix.astype(np.float32)
    matrix.setflags(write=False)
    return matrix
