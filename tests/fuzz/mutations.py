"""Broken versions of good files: what a fuzzer tries.

The tests try the same few in every run. A search for new ones: ``FUZZ_EXAMPLES=20000 python -m pytest tests/fuzz``.
"""

from __future__ import annotations

import os
import struct

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_SEARCH = os.environ.get("FUZZ_EXAMPLES")
fuzz = settings(
    max_examples=int(_SEARCH or 30),
    derandomize=_SEARCH is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_NUMBERS = [struct.pack(code, value & mask) for value in _EXTREMES for code, mask in (("<I", -1), (">I", -1))]
_NUMBERS += [struct.pack(code, value & 0xFFFF) for value in _EXTREMES for code in ("<H", ">H")]
_WORDS = (
    *(b"NaN", b"-1", b"1e999", b"0", b"99999999999999999999", b"null", b"true", b'""', b"[]", b"{}"),
    *(b"\n", b"\r", b"\0", b"\t", b" ", b",", b'"', b"'", b"{", b"[", b"]", b"}", b"=", b"<", b"&x;", b"\xff"),
    *("Ж".encode(), "\u2028".encode(), b"\\ud800", b"../", b"/", b"[" * 3000, b"9" * 5000),
)


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes], text: bool = False) -> bytes:
    """One of the seeds with one to six edits, half of them near its beginning, where the headers are."""
    data = bytearray(draw(st.sampled_from(seeds)))
    pieces = st.sampled_from(_WORDS) if text else st.sampled_from(_NUMBERS) | st.binary(min_size=1, max_size=4)
    for _ in range(draw(st.integers(1, 6))):
        near = draw(st.booleans())
        at = draw(st.integers(0, min(len(data), 160 if near else len(data))))
        match draw(st.sampled_from(("overwrite", "overwrite", "insert", "delete", "repeat", "cut"))):
            case "overwrite":
                piece = draw(pieces)
                data[at : at + len(piece)] = piece
            case "insert":
                data[at:at] = draw(pieces)
            case "delete":
                del data[at : at + draw(st.integers(1, 40))]
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 60))]
            case "cut":
                del data[at:]
    return bytes(data)
