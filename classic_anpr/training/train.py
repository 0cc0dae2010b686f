"""The training run: drawn lines in, a `PlateNetwork` and its ``.traineddata`` out; resumable."""

from __future__ import annotations

import copy
import csv
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
        Wall time; the learning rate falls along it. An interrupted run goes on where it stopped.
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
    cuts : float
        Share of the lines that are cut out of drawn plates by the reader's own stages.
    fonts : tuple of Path
        Font folders beside the project's own.
    seed : int
        Of the drawn lines and the first weights.
    spec : str
        The network.
    """

    minutes: float = 115.0
    rate: float = 2e-3
    batch: int = 64
    floor: float = 0.02
    average: float = 0.999
    shards: int = 60
    shard_lines: int = 4000
    cuts: float = 0.6
    fonts: tuple[Path, ...] = ()
    seed: int = 1
    spec: str = SPEC


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    share : float
        Of the wall time, 0..1.
    step, lines : int
        Since the first weights, over all runs.
    seconds : float
        Of wall time, likewise.
    loss : float
        Mean since the last measurement.
    error : float
        Share of held-back lines that are not read without a fault, as last measured; NaN before.
    rate : float
        Learning rate.
    measured : bool
        Whether the error was measured just now (about once a minute, and at the end).
    """

    share: float
    step: int
    lines: int
    seconds: float
    loss: float
    error: float
    rate: float
    measured: bool


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
    """Cheap variations, so that a line seen twice is not the same: gamma, noise, a little blur; one in fifty is turned
    to light on dark, as where `segment` mistook the polarity.
    """
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
    turned = rng.random(count) < 0.02
    out[turned] = 255 - out[turned]
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


def train(folder: Path, settings: TrainSettings, report: Callable[[Progress], None], draw: bool = True) -> PlateNetwork:
    """Train until the time is up.

    Goes on from ``folder/checkpoint.pt`` where there is one: with the rest of its time if it was interrupted (the
    checkpoint is written every three minutes and when Ctrl-C is pressed), else with a new fall of the learning rate.

    Parameters
    ----------
    folder : Path
        Work folder: the pool, the checkpoint, ``plate.traineddata`` (int8), ``plate_float.traineddata``, ``log.csv``
        (a row per measurement, see `Progress`) and, at the end, ``report.json``.
    settings : TrainSettings
    report : callable
        Told the progress about once a second.
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
    network = PlateNetwork(settings.spec).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=1e-3, betas=(0.9, 0.99))
    state = {"step": 0, "lines": 0, "seconds": 0.0, "share": 0.0, "run_step": 0}
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        mean.load_state_dict(saved["mean"])
        optimiser.load_state_dict(saved["optimiser"])
        state |= saved["state"]
        if state["share"] >= 1:
            state |= {"share": 0.0, "run_step": 0}
    fonts = (FONTS, *settings.fonts)
    artist = multiprocessing.get_context("spawn").Process(
        target=keep_drawing,
        args=(
            folder / "pool",
            fonts,
            (settings.seed, int(state["step"])),  # not the same lines again after an interruption
            settings.shards,
            settings.shard_lines,
            settings.cuts,
        ),
        daemon=True,
    )
    if draw:
        artist.start()
    try:
        held_back = draw_shard([settings.seed, 1 << 30], 600, load_fonts(fonts), settings.cuts)
        pool = Pool(folder / "pool")
        while not pool.refresh():
            time.sleep(0.5)
        progress = _steps(folder, settings, network, mean, optimiser, state, pool, held_back, report)
    except KeyboardInterrupt:
        _save(checkpoint, network, mean, optimiser, state)
        raise
    finally:
        if draw:
            artist.terminate()
    figures = {
        "network": settings.spec,
        "fonts": [font.name for font in load_fonts(fonts)],
        **{key: state[key] for key in ("step", "lines", "seconds")},
        "held_back_error": progress.error,
    }
    (folder / "report.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return mean


def _steps(
    folder: Path,
    settings: TrainSettings,
    network: PlateNetwork,
    mean: PlateNetwork,
    optimiser: torch.optim.Optimizer,
    state: dict[str, float],
    pool: Pool,
    held_back: Shard,
    report: Callable[[Progress], None],
) -> Progress:
    """Train `network` and its running `mean`, keeping account in `state`, until the time is up."""
    rng = np.random.default_rng([settings.seed, int(state["step"])])
    batches = pool.batches(rng, settings.batch)
    began = time.monotonic()
    before, seconds = state["share"], state["seconds"]
    measured = saved = told = began
    losses: list[float] = []
    error = float("nan")
    while True:
        now = time.monotonic()
        state["share"] = min(1.0, before + (now - began) / (60 * settings.minutes))
        state["seconds"] = seconds + now - began
        over = state["share"] >= 1
        rate = rate_at(state["share"], int(state["run_step"]), settings.rate)
        due = over or now - measured > 60
        if due or now - told > 1:
            if due:
                pool.refresh()
                error, measured = 1 - exact_share(mean, held_back), time.monotonic()
            loss = float(np.mean(losses)) if losses else float("nan")
            progress = Progress(
                state["share"], int(state["step"]), int(state["lines"]), state["seconds"], loss, error, rate, due
            )
            if due:
                _log(folder / "log.csv", progress)
                losses = []
            report(progress)
            told = time.monotonic()
        if over or now - saved > 180:
            _save(folder / "checkpoint.pt", network, mean, optimiser, state)
            saved = time.monotonic()
        if over:
            return progress
        for group in optimiser.param_groups:
            group["lr"] = rate
        lines, texts = next(batches)
        losses.append(_step(network, mean, optimiser, vary(rng, lines), texts, settings, int(state["step"])))
        state["step"] += 1
        state["run_step"] += 1
        state["lines"] += len(texts)


def _step(
    network: PlateNetwork,
    mean: PlateNetwork,
    optimiser: torch.optim.Optimizer,
    lines: Pixels,
    texts: Sequence[str],
    settings: TrainSettings,
    number: int,
) -> float:
    """One step of the optimiser and of the running mean; returns the loss."""
    inputs = normalise(lines).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = network(inputs)
    loss = loss_of(scores, texts, settings.floor)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimiser.step()
    decay = min(settings.average, (number + 2) / (number + 21))
    with torch.no_grad():
        for slow, fast in zip(mean.parameters(), network.parameters(), strict=True):
            slow.lerp_(fast, 1 - decay)
    return float(loss.detach())


def _log(path: Path, progress: Progress) -> None:
    """Append a measurement; the learning curve is drawn from these (`training.curve`)."""
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        if fresh:
            table.writerow(["step", "lines", "seconds", "loss", "error", "rate"])
        figures = (progress.seconds, progress.loss, progress.error, progress.rate)
        table.writerow([progress.step, progress.lines, *(f"{value:.6g}" for value in figures)])


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
