"""Packs the weights of a `PlateNetwork` into a ``.traineddata`` file that stock Tesseract 5 reads.

The byte layout (little-endian) follows the serialisation code of Tesseract 5 (Apache-2.0): tessdatamanager.cpp,
lstmrecognizer.cpp, network.cpp, weightmatrix.cpp, unicharset.cpp, unicharcompress.cpp.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from classic_anpr.training.network import BLANK, CHARACTERS, NoisyConvolution, PlateNetwork, parse_spec

_PARTS = 24
_LSTM, _UNICHARSET, _RECODER, _VERSION = 17, 21, 22, 23
_MODE_INT8, _MODE_ADAM, _MODE_DOUBLE = 1, 4, 128
_FLAG_INT8, _FLAG_COMPRESSED = 1, 64

_OUTPUTS = BLANK + 2
"""One output more than the network has: where Tesseract lists its choices per timestep it prints the last two as "no
character" (recodebeam.cpp, SaveMostCertainChoices), which would hide the Z."""
_NEVER = -20.0
"""Score of that output."""

Matrix = NDArray[np.float64]


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def _node(kind: str, inputs: int, outputs: int, weights: int, name: str, body: bytes) -> bytes:
    head = b"\0" + _string(kind) + struct.pack("<bb", 0, 0)
    return head + struct.pack("<4i", 0, inputs, outputs, weights) + _string(name) + body


def _matrix(matrix: Matrix, int8: bool) -> bytes:
    """One weight matrix; the last column is the bias. int8 rows share one scale each."""
    rows, columns = matrix.shape
    if not int8:
        return struct.pack("<B2i8x", _MODE_DOUBLE | _MODE_ADAM, rows, columns) + matrix.astype("<f8").tobytes()
    scales = np.abs(matrix).max(axis=1) / 127.0
    quantised = np.rint(matrix / np.where(scales == 0, 1.0, scales)[:, None]).astype(np.int8)
    padded = np.zeros(-(-rows // 8) * 8)
    padded[:rows] = scales
    head = struct.pack("<B2ix", _MODE_DOUBLE | _MODE_ADAM | _MODE_INT8, rows, columns)
    return head + quantised.tobytes() + struct.pack("<I", len(padded)) + padded.astype("<f8").tobytes()


def _array(tensor: object) -> Matrix:
    return np.asarray(tensor.detach().double().numpy())  # type: ignore[attr-defined]


def _with_bias(weight: Matrix, bias: Matrix) -> Matrix:
    return np.hstack([weight, bias[:, None]])


def _lstm(layer: nn.LSTM, suffix: str, name: str, int8: bool) -> tuple[bytes, int]:
    """One direction of a PyTorch LSTM as a Tesseract LSTM node; returns it with its number of weights."""
    size, inputs = layer.hidden_size, layer.input_size
    weight = np.hstack(
        [_array(getattr(layer, f"weight_ih_l0{suffix}")), _array(getattr(layer, f"weight_hh_l0{suffix}"))]
    )
    bias = _array(getattr(layer, f"bias_ih_l0{suffix}")) + _array(getattr(layer, f"bias_hh_l0{suffix}"))
    matrix = _with_bias(weight, bias)
    gate_in, gate_forget, cell, gate_out = (matrix[k * size : (k + 1) * size] for k in range(4))
    body = struct.pack("<i", inputs + size)
    body += b"".join(_matrix(part, int8) for part in (cell, gate_in, gate_forget, gate_out))
    return _node("LSTM", inputs, size, matrix.size, name, body), matrix.size


def _network(network: PlateNetwork, int8: bool) -> bytes:
    children = [_node("Input", 36, 1, 0, "Input", struct.pack("<5i", 1, 36, 0, 1, 0))]
    weights = 0
    channels = 1
    height = 36
    for layer, spec in zip(network.layers, parse_spec(network.spec), strict=True):
        if isinstance(layer, NoisyConvolution):
            ky, kx, outputs = spec.numbers
            columns = channels * ky * kx
            matrix = _with_bias(
                _array(layer.conv.weight).transpose(0, 3, 2, 1).reshape(outputs, columns), _array(layer.conv.bias)
            )
            stacked = _node("Convolve", channels, columns, 0, "Convolve", struct.pack("<2i", kx // 2, ky // 2))
            dense = _node("Tanh", columns, outputs, matrix.size, "Tanh", _matrix(matrix, int8))
            body = struct.pack("<I", 2) + stacked + dense
            children.append(_node("Series", channels, outputs, matrix.size, "ConvNL", body))
            weights += matrix.size
            channels = outputs
        elif isinstance(layer, nn.MaxPool2d):
            y_scale, x_scale = spec.numbers
            children.append(_node("Maxpool", channels, channels, 0, "Maxpool", struct.pack("<2i", x_scale, y_scale)))
            height //= y_scale
        elif isinstance(layer, nn.LSTM):
            forward, count = _lstm(layer, "", "Lfx", int8)
            backward, _ = _lstm(layer, "_reverse", "Lrx", int8)
            size = layer.hidden_size
            backward = _node("RTLReversed", channels, size, count, "RevLSTM", struct.pack("<I", 1) + backward)
            body = struct.pack("<I", 2) + forward + backward
            children.append(_node("ParBidiLSTM", channels, 2 * size, 2 * count, "BidiLSTM", body))
            weights += 2 * count
            channels = 2 * size
        elif isinstance(layer, nn.Linear):
            matrix = _with_bias(_array(layer.weight), _array(layer.bias))
            matrix = np.vstack([matrix, np.zeros(matrix.shape[1])])
            matrix[-1, -1] = _NEVER
            children.append(_node("Softmax", channels, _OUTPUTS, matrix.size, "Output", _matrix(matrix, int8)))
            weights += matrix.size
        else:
            y_scale, x_scale = spec.numbers
            body = struct.pack("<2i", x_scale, y_scale)
            children.append(_node("Reconfig", channels, channels * height, 0, "Reconfig", body))
            channels *= height
    body = struct.pack("<I", len(children)) + b"".join(children)
    return _node("Series", 36, _OUTPUTS, weights, "Series", body)


def _unicharset() -> bytes:
    """Space, Tesseract's two special entries, then the 36 characters (flags: 8 digit, 5 upper-case letter)."""
    box = "0,255,0,255,0,0,0,0,0,0"
    lines = [str(3 + len(CHARACTERS)), "NULL 0 Common 0"]
    lines.append(f"Joined 7 {box} Latin 1 0 1 Joined\t# Joined [4a 6f 69 6e 65 64 ]a")
    lines.append(f"|Broken|0|1 f {box} Common 2 10 2 |Broken|0|1\t# Broken")
    for index, character in enumerate(CHARACTERS, start=3):
        flags, script, direction = ("8", "Common", 2) if character.isdigit() else ("5", "Latin", 0)
        lines.append(f"{character} {flags} {box} {script} {index} {direction} {index} {character}\t# {character}")
    return ("\n".join(lines) + "\n").encode()


def _recoder() -> bytes:
    codes = [0, BLANK, BLANK, *range(1, BLANK)]
    return struct.pack("<I", len(codes)) + b"".join(struct.pack("<bii", 1, 1, code) for code in codes)


def pack(network: PlateNetwork, int8: bool = True, iterations: int = 1) -> bytes:
    """The bytes of a ``.traineddata`` file for a trained network.

    Parameters
    ----------
    network : PlateNetwork
        With 38 outputs.
    int8 : bool
        Quantise each row to 8 bits (small and fast), else 64-bit floats.
    iterations : int
        Written into the file; Tesseract also seeds its border noise with it.
    """
    lstm = _network(network, int8) + _string(network.spec.replace(f"O1c{BLANK + 1}", f"O1c{_OUTPUTS}"))
    lstm += struct.pack("<4i", _FLAG_COMPRESSED | (_FLAG_INT8 if int8 else 0), iterations, iterations, BLANK)
    lstm += struct.pack("<3f", 0.999, 0.001, 0.5)
    parts = {_LSTM: lstm, _UNICHARSET: _unicharset(), _RECODER: _recoder(), _VERSION: b"5.3.0"}
    offsets = [-1] * _PARTS
    position = 4 + 8 * _PARTS
    for index in sorted(parts):
        offsets[index] = position
        position += len(parts[index])
    return struct.pack(f"<i{_PARTS}q", _PARTS, *offsets) + b"".join(parts[index] for index in sorted(parts))


def write(network: PlateNetwork, path: Path, int8: bool = True, iterations: int = 1) -> None:
    """Write `pack` to a file (its stem is the ``lang`` that Tesseract loads)."""
    path.write_bytes(pack(network, int8, iterations))
