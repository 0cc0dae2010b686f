"""The recogniser as a PyTorch module whose forward pass is the one of Tesseract's LSTM engine.

The network is described by the same VGSL-like string that Tesseract uses, restricted to the layers that plates need
(``Ct`` convolution + tanh, ``Mp`` max pooling, ``S`` folding of rows into channels, ``Lbx`` bidirectional LSTM along
the line, ``O1c`` CTC output). The arithmetic follows Tesseract's sources (Apache-2.0), see ``traineddata.py`` for the
matching file format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

SPEC = "[1,36,0,1 Ct3,3,16 Mp3,3 Ct3,3,32 Mp2,1 Ct3,3,48 Mp2,1 S3,1 Lbx96 Lbx96 O1c38]"
"""The shipped network: 36 px high grey lines in, 38 scores (space, 0-9, A-Z, CTC blank) per 3 px column out."""

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK = 37
"""Output column of the CTC blank; column 0 is the space, 1..36 are `CHARACTERS`."""


@dataclass(frozen=True)
class LayerSpec:
    """One token of a network string: its kind and its numbers (y before x, as Tesseract writes them)."""

    kind: str
    numbers: tuple[int, ...]


def parse_spec(spec: str) -> list[LayerSpec]:
    """Split a network string into its layers.

    Parameters
    ----------
    spec : str
        For example `SPEC`.

    Raises
    ------
    ValueError
        If a token is not one of ``Ct Mp S Lbx O1c``.
    """
    tokens = spec.strip("[]").split()
    layers = []
    for token in tokens[1:]:
        match = re.fullmatch(r"(Ct|Mp|S|Lbx|O1c)(\d+(?:,\d+)*)", token)
        if not match:
            raise ValueError(f"unknown layer {token!r} in {spec!r}")
        layers.append(LayerSpec(match[1], tuple(int(n) for n in match[2].split(","))))
    return layers


class NoisyConvolution(nn.Module):
    """Convolution + tanh whose outside is filled with uniform noise in [-1, 1], as Tesseract does when it *reads*.

    In evaluation mode with `noise` off the outside is zero, which is the expected value.
    """

    def __init__(self, channels: int, height: int, width: int, outputs: int) -> None:
        super().__init__()
        self.reach = (height // 2, width // 2)
        self.conv = nn.Conv2d(channels, outputs, (height, width))
        self.noise = True

    def forward(self, maps: Tensor, pool: nn.Module | None = None) -> Tensor:
        """Maps (batch, channels, height, width) to (batch, outputs, height, width), or smaller by `pool`.

        Pooling before the tanh gives what pooling after it gives, for a ninth of the work.
        """
        hy, hx = self.reach
        padded = functional.pad(maps, (hx, hx, hy, hy))
        if self.noise:
            for border in (
                padded[:, :, :hy],
                padded[:, :, padded.shape[2] - hy :],
                padded[..., :hx],
                padded[..., padded.shape[3] - hx :],
            ):
                border.uniform_(-1, 1)
        maps = self.conv(padded)
        return torch.tanh(maps if pool is None else pool(maps))


class PlateNetwork(nn.Module):
    """The network of `spec`.

    Input: float (batch, 1, 36, width), scaled as in `normalise`. Output: scores before the softmax
    (batch, width // 3, 38) for the shipped network.
    """

    def __init__(self, spec: str = SPEC, height: int = 36) -> None:
        super().__init__()
        self.spec = spec
        layers: list[nn.Module] = []
        channels = 1
        for layer in parse_spec(spec):
            if layer.kind == "Ct":
                ky, kx, outputs = layer.numbers
                layers.append(NoisyConvolution(channels, ky, kx, outputs))
                channels = outputs
            elif layer.kind == "Mp":
                layers.append(nn.MaxPool2d(layer.numbers))
                height //= layer.numbers[0]
            elif layer.kind == "S":
                layers.append(_Fold())
                channels *= height
            elif layer.kind == "Lbx":
                layers.append(nn.LSTM(channels, layer.numbers[0], batch_first=True, bidirectional=True))
                channels = 2 * layer.numbers[0]
            else:
                layers.append(nn.Linear(channels, layer.numbers[0]))
        self.layers = nn.ModuleList(layers)

    def set_noise(self, on: bool) -> None:
        """Switch the noise outside the maps on (as Tesseract) or off (its mean, for comparable figures)."""
        for layer in self.layers:
            if isinstance(layer, NoisyConvolution):
                layer.noise = on

    def forward(self, lines: Tensor) -> Tensor:
        maps = lines
        pooled = False
        for layer, following in zip(self.layers, [*self.layers[1:], None], strict=True):
            if isinstance(layer, NoisyConvolution):
                pooled = isinstance(following, nn.MaxPool2d)
                maps = layer(maps, following if pooled else None)
            elif isinstance(layer, nn.LSTM):
                maps = layer(maps)[0]
            elif pooled:
                pooled = False
            else:
                maps = layer(maps)
        return maps


class _Fold(nn.Module):
    """Fold all rows into the channels: (batch, C, H, W) to (batch, W, H * C), channel ``y * C + c``."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps.permute(0, 3, 2, 1).flatten(2)
