"""Running a reader over a data set: this one, any command, or fast-alpr; resumable, with the cost of each picture."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from classic_anpr.errors import UsageError
from classic_anpr.evaluate.predictions import prediction_of, read_predictions
from classic_anpr.evaluate.predictions.base import mean
from classic_anpr.evaluate.predictions.plainfile import parse_lines
from classic_anpr.evaluate.progress import track
from classic_anpr.evaluate.types import Cost, DataSetError, LabelledSet, PredictedPlate, Prediction, box_corners

if TYPE_CHECKING:
    from classic_anpr.reader import Reader

System: TypeAlias = Callable[[Path], Prediction]
"""Reads one picture."""


def run(system: System, sets: Sequence[LabelledSet], kept: Path | None = None) -> list[Prediction]:
    """Read every picture of some sets.

    Parameters
    ----------
    system : System
    sets : sequence of LabelledSet
    kept : Path, optional
        A file of predictions, one a line. What is in it already is not read again, and each new prediction is added as
        soon as it is there, so that a broken run goes on where it stopped. Written by another system or with other
        settings, it must be removed first.
    """
    done = {p.filename: p for p in _kept(kept)}
    names = [str(labels.path(photo)) for labels in sets for photo in labels.photos]
    left = [name for name in names if name not in done]
    with open(kept or os.devnull, "a", encoding="utf-8") as stream:
        for name in track(left, len(left), "reading"):
            prediction = system(Path(name))
            done[name] = replace(prediction, filename=name)
            stream.write(json.dumps(done[name].to_dict(), ensure_ascii=False) + "\n")
            stream.flush()
    return [done[name] for name in names]


def _kept(path: Path | None) -> Iterator[Prediction]:
    if path is None or not path.exists():
        return
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:  # the line that was being written when the run was broken off
        path.write_bytes(whole)
    if whole:
        yield from read_predictions(path, "classic-anpr")


def own(reader: Reader) -> System:
    """This project's reader, in this process."""

    def read(path: Path) -> Prediction:
        wall, cpu = time.perf_counter(), time.process_time()
        record = reader.record(str(path))
        cost = Cost(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu), peak_mib())
        return replace(prediction_of(record.to_dict(), str(path)), cost=cost)

    return read


def command(line: str, name: str | None = None) -> System:
    """Any command, started anew for each picture; ``{image}`` in it stands for the file.

    Parameters
    ----------
    line : str
        Split as a shell would split it, but no shell runs it. Its output is a document of any known system, or a plate
        per line.
    name : str, optional
        Whose documents it writes; recognised where left out, and ``text`` for lines.

    Notes
    -----
    A command that fails gives a prediction with an error and without plates: a miss, as for its user.

    Raises
    ------
    UsageError
        If ``{image}`` is not in the command, or there is no such program.
    """
    parts = shlex.split(line)
    if not any("{image}" in part for part in parts):
        raise UsageError(f"--system: no {{image}} in {line!r}")

    def read(path: Path) -> Prediction:
        arguments = [part.replace("{image}", str(path)) for part in parts]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.perf_counter()
            try:
                process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            except OSError as error:
                raise UsageError(f"--system: {arguments[0]}: {error.strerror or error}") from None
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            wall = 1000 * (time.perf_counter() - start)
            out.seek(0)
            err.seek(0)
            text, complaint = out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace")
        cost = Cost(wall, 1000 * (usage.ru_utime + usage.ru_stime), _mib(usage.ru_maxrss))
        if process.returncode:
            last = (complaint.strip().splitlines() or [""])[-1]
            return Prediction(str(path), cost=cost, error=f"exit code {process.returncode}: {last}")
        return replace(parse_output(text, str(path), name), cost=cost)

    return read


def parse_output(text: str, filename: str, name: str | None = None) -> Prediction:
    """What a command wrote to stdout: one JSON document, or its last line as one, or a plate per line."""
    stripped = text.strip()
    if name != "text" and stripped.startswith(("{", "[")):
        for candidate in (stripped, stripped.splitlines()[-1]):
            try:
                document = json.loads(candidate)
            except json.JSONDecodeError:
                continue
            if isinstance(document, list) and not document:
                return Prediction(filename)
            return prediction_of(document, f"output for {filename}", name, filename)
        raise DataSetError(f"output for {filename}: neither JSON nor a plate per line")
    return Prediction(filename, parse_lines(text, filename))


def fast_alpr(**options: Any) -> System:
    """The installed fast-alpr, in this process; it fetches its models when first used.

    Raises
    ------
    UsageError
        If fast-alpr is not installed.
    """
    try:
        from fast_alpr import ALPR  # type: ignore[import-not-found]
    except ImportError:
        raise UsageError("fast-alpr is not installed: pip install 'fast-alpr[onnx]'") from None
    return live_fast_alpr(ALPR(**options))


def live_fast_alpr(alpr: Any) -> System:
    """A ``fast_alpr.ALPR`` as it is."""

    def read(path: Path) -> Prediction:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            results = alpr.predict(str(path))
        except ValueError as error:
            return Prediction(str(path), error=str(error))
        cost = Cost(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu), peak_mib())
        plates = []
        for result in results:
            box = result.detection.bounding_box
            corners = box_corners((box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1))
            text, score = (result.ocr.text, mean(result.ocr.confidence)) if result.ocr else ("", 0.0)
            plates.append(PredictedPlate(text, float(score), corners))
        return Prediction(str(path), tuple(plates), cost)

    return read


def peak_mib() -> float:
    """The most memory that this process has had so far, in MiB."""
    import resource

    return _mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _mib(maxrss: int) -> float:
    return maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
