"""The training run: drawn lines in, a `PlateNetwork` and its ``.traineddata`` out; resumable."""

from __future__ import annotations

import copy
import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from classic_anpr.synth.glyphs import FONTS, load_fonts
from classic_anpr.training import traineddata
from classic_anpr.training.network import BLANK, CHARACTERS, SPEC, PlateNetwork
from classic_anpr.training.pool import Pool, Shard, draw_shard, keep_drawing

Pixels = NDArray[np.uint8]
CODES = {character: index for index, character in enumerate(CHARACTERS, start=1)}


@dataclass(frozen=True)
class TrainSettings:
    """How to train.

    Attributes
    ----------
    minutes : float
        Wall time of this run; the learning rate falls along it.
    rate : float
        Peak learning rate of AdamW.
    batch : int
        Lines per step (all of one width).
    floor : float
        Weight of the pull towards even scores; keeps confidences from running to 1.
    average : float
        Decay of the running mean of the weights; the mean is what is exported.
    shards, shard_lines : int
        Size of the ring of drawn lines.
    fonts : tuple of Path
        Font folders beside the project's own.
    seed : int
        Of the drawn lines and the first weights.
    """

    minutes: float = 90.0
    rate: float = 2e-3
    batch: int = 64
    floor: float = 0.02
    average: float = 0.999
    shards: int = 40
    shard_lines: int = 4000
    fonts: tuple[Path, ...] = ()
    seed: int = 1
    spec: str = SPEC


def _quantile(values: Pixels, share: float) -> float:
    """Tesseract's STATS::ile on grey values: the quantile, interpolated inside its bucket of width one."""
    target = min(max(share * len(values), 1.0), float(len(values)))
    ordered = np.sort(values)
    value = int(ordered[math.ceil(target) - 1])
    upto = int(np.searchsorted(ordered, value, side="right"))
    count = upto - int(np.searchsorted(ordered, value, side="left"))
    return value + 1 - (upto - target) / count


def levels(line: Pixels) -> tuple[float, float]:
    """Black and half the way from black to white of a line, from the extrema of its middle row (as Tesseract)."""
    row = line[line.shape[0] // 2].astype(np.int16)
    before, here, after = row[:-2], row[1:-1], row[2:]
    low = here[((here < before) & (here <= after)) | ((here <= before) & (here < after))]
    high = here[((here > before) & (here >= after)) | ((here >= before) & (here > after))]
    black = _quantile(low, 0.25) if len(low) else _quantile(np.zeros(1, np.int16), 0.25)
    white = _quantile(high, 0.75) if len(high) else _quantile(np.full(1, 255, np.int16), 0.75)
    half = (white - black) / 2
    return black, half if half > 0 else 1.0


def normalise(lines: Pixels) -> Tensor:
    """Line images uint8 (batch, 36, width) to network input float32 (batch, 1, 36, width), clipped to [-1, 1]."""
    scales = np.array([levels(line) for line in lines], np.float32)
    scaled = (lines - scales[:, :1, None]) / scales[:, 1:, None] - 1
    return torch.from_numpy(np.clip(scaled, -1, 1).astype(np.float32))[:, None]


def vary(rng: np.random.Generator, lines: Pixels) -> Pixels:
    """Cheap variations, so that a line seen twice is not the same: gamma, noise, a little blur."""
    count, height, width = lines.shape
    out = np.empty((count, height, width), np.float32)
    for k, power in enumerate(np.exp(rng.normal(0, 0.25, count))):
        out[k] = (255 * (np.arange(256) / 255) ** power)[lines[k]]
    if rng.random() < 0.25:
        side = np.float32(rng.uniform(0.05, 0.3))
        out[:, :, 1:-1] += side * (out[:, :, :-2] + out[:, :, 2:] - 2 * out[:, :, 1:-1])
    if rng.random() < 0.25:
        side = np.float32(rng.uniform(0.05, 0.3))
        out[:, 1:-1] += side * (out[:, :-2] + out[:, 2:] - 2 * out[:, 1:-1])
    strength = rng.gamma(1.0, 3.0, (count, 1, 1)).astype(np.float32)
    out += strength * rng.standard_normal((count, height, width), dtype=np.float32)
    return np.clip(out, 0, 255).astype(np.uint8)


def greedy(scores: Tensor) -> list[str]:
    """Best path texts of scores (batch, steps, 38)."""
    texts = []
    for path in scores.argmax(-1).tolist():
        merged = [code for k, code in enumerate(path) if k == 0 or code != path[k - 1]]
        texts.append("".join(CHARACTERS[code - 1] for code in merged if 0 < code < BLANK))
    return texts


@torch.no_grad()
def exact_share(network: PlateNetwork, shard: Shard) -> float:
    """Share of lines of a shard that are read without a fault."""
    right = total = 0
    for pixels, texts in shard.values():
        read = greedy(network(normalise(pixels)))
        right += sum(a == b for a, b in zip(read, texts, strict=True))
        total += len(texts)
    return right / total


def loss_of(scores: Tensor, texts: Sequence[str], floor: float) -> Tensor:
    """CTC loss per character, with a pull of weight `floor` towards even scores in every column."""
    logs = functional.log_softmax(scores.float(), -1)
    targets = torch.tensor([CODES[c] for text in texts for c in text], dtype=torch.long)
    lengths = torch.tensor([len(text) for text in texts])
    steps = torch.full((len(texts),), scores.shape[1])
    losses = functional.ctc_loss(
        logs.transpose(0, 1), targets, steps, lengths, blank=BLANK, reduction="none", zero_infinity=True
    )
    return (losses / lengths.clamp(min=4)).mean() - floor * logs.mean()


def rate_at(progress: float, step: int, peak: float) -> float:
    """Learning rate: short warm-up, level for the first 30 %, then half a cosine down to a hundredth."""
    fall = 0.0 if progress < 0.3 else min(1.0, (progress - 0.3) / 0.7)
    return peak * min(1.0, (step + 1) / 300) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * fall)))


def train(folder: Path, settings: TrainSettings, report: Callable[[str], None], draw: bool = True) -> PlateNetwork:
    """Train until the time is up; resumes from ``folder/checkpoint.pt`` where there is one.

    Parameters
    ----------
    folder : Path
        Work folder: the pool, checkpoints, ``plate.traineddata`` (int8), ``plate_float.traineddata`` and, at the end,
        ``report.json``.
    settings : TrainSettings
    report : callable
        Receives a line of text about once a minute.
    draw : bool
        Start the drawing process (else shards must come from elsewhere).

    Returns
    -------
    PlateNetwork
        The averaged network, in evaluation mode.
    """
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    artist = multiprocessing.get_context("spawn").Process(
        target=keep_drawing,
        args=(folder / "pool", (FONTS, *settings.fonts), settings.seed, settings.shards, settings.shard_lines),
        daemon=True,
    )
    if draw:
        artist.start()
    held_back = draw_shard([settings.seed, 1 << 30], 600, load_fonts([FONTS, *settings.fonts]))
    pool = Pool(folder / "pool")
    while not pool.refresh():
        time.sleep(0.5)
    network = PlateNetwork(settings.spec).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=1e-3, betas=(0.9, 0.99))
    state = {"step": 0, "lines": 0, "seconds": 0.0}
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        mean.load_state_dict(saved["mean"])
        optimiser.load_state_dict(saved["optimiser"])
        state = saved["state"]
    rng = np.random.default_rng([settings.seed, int(state["step"])])
    batches = pool.batches(rng, settings.batch)
    began = told = saved_at = time.monotonic()
    total_loss, steps = 0.0, 0
    first_step = int(state["step"])
    while True:
        now = time.monotonic()
        progress = (now - began) / (60 * settings.minutes)
        if progress >= 1:
            break
        rate = rate_at(progress, int(state["step"]) - first_step, settings.rate)
        for group in optimiser.param_groups:
            group["lr"] = rate
        lines, texts = next(batches)
        inputs = normalise(vary(rng, lines)).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = network(inputs)
        loss = loss_of(scores, texts, settings.floor)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        state["step"] += 1
        state["lines"] += len(texts)
        decay = min(settings.average, (state["step"] + 1) / (state["step"] + 20))
        with torch.no_grad():
            for slow, fast in zip(mean.parameters(), network.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        total_loss += float(loss.detach())
        steps += 1
        if now - told > 60:
            state["seconds"] += now - told
            report(
                f"step {state['step']} lines {state['lines']} loss {total_loss / steps:.3f} "
                f"held-back exact {exact_share(mean, held_back):.3f} rate {rate:.1e} new shards {pool.refresh()}"
            )
            total_loss, steps, told = 0.0, 0, time.monotonic()
        if now - saved_at > 180:
            _save(checkpoint, network, mean, optimiser, state)
            saved_at = time.monotonic()
    state["seconds"] += time.monotonic() - told
    _save(checkpoint, network, mean, optimiser, state)
    if draw:
        artist.terminate()
    figures = {
        "network": settings.spec,
        "fonts": [font.name for font in load_fonts([FONTS, *settings.fonts])],
        **state,
        "held_back_exact": exact_share(mean, held_back),
    }
    (folder / "report.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return mean


def _save(
    path: Path,
    network: PlateNetwork,
    mean: PlateNetwork,
    optimiser: torch.optim.Optimizer,
    state: dict[str, float],
) -> None:
    """Checkpoint and packed models, each replaced in one move."""
    scratch = path.with_suffix(".part")
    saved = {
        "network": network.state_dict(),
        "mean": mean.state_dict(),
        "optimiser": optimiser.state_dict(),
        "state": state,
    }
    torch.save(saved, scratch)
    os.replace(scratch, path)
    for name, int8 in (("plate", True), ("plate_float", False)):
        traineddata.write(mean, scratch, int8, int(state["step"]))
        os.replace(scratch, path.with_name(f"{name}.traineddata"))
