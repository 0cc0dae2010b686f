"""The PyTorch network, and that Tesseract computes the same from the packed file."""

# ruff: noqa: E402

import csv
import json
import struct
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
tesserocr = pytest.importorskip("tesserocr", reason="needs tesserocr")

from classic_anpr.cli.train import _bar, _lines
from classic_anpr.synth.glyphs import FONTS, load_fonts
from classic_anpr.training import traineddata
from classic_anpr.training.network import BLANK, CHARACTERS, PlateNetwork, parse_spec
from classic_anpr.training.pool import Pool, draw_shard, load_shard, save_shard
from classic_anpr.training.train import (
    Progress,
    TrainSettings,
    greedy,
    levels,
    loss_of,
    normalise,
    rate_at,
    train,
    vary,
)

TINY = "[1,36,0,1 Ct3,3,8 Mp3,3 Ct3,3,8 Mp2,1 S6,1 Lbx16 O1c38]"


@pytest.fixture(scope="module")
def shard():
    return draw_shard(3, 60, load_fonts([FONTS])[:4])


def sharpen(network: PlateNetwork) -> PlateNetwork:
    """Random weights answer with the blank everywhere: spread the scores so that texts come out."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(-0.4, 0.4)
        network.layers[-1].weight.mul_(12)
        # Tesseract fills the outside of the maps with noise of its own: do not listen to the outermost rows
        recurrent = network.layers[-2]
        for weight in (recurrent.weight_ih_l0, recurrent.weight_ih_l0_reverse):
            weight[:, :8] = 0
            weight[:, -8:] = 0
        network.layers[-1].bias[0] = -30  # no spaces
    return network.eval()


@pytest.mark.parametrize("int8", [False, True])
def test_tesseract_reads_what_the_network_reads(tmp_path, shard, int8):
    network = sharpen(PlateNetwork(TINY))
    network.set_noise(False)
    traineddata.write(network, tmp_path / "tiny.traineddata", int8)
    api = tesserocr.PyTessBaseAPI(path=str(tmp_path), lang="tiny", psm=13, oem=1)
    api.SetVariable("invert_threshold", "0")
    alike = []
    length = 0
    for lines, _ in shard.values():
        with torch.no_grad():
            texts = greedy(network(normalise(lines)))
        for line, text in zip(lines, texts, strict=True):
            api.SetImageBytes(np.ascontiguousarray(line).tobytes(), line.shape[1], 36, 1, line.shape[1])
            read = api.GetUTF8Text().strip()
            alike.append(SequenceMatcher(None, read, text, autojunk=False).ratio())
            length += len(text)
    api.End()
    assert length > 100
    # the noise left and right of the maps still moves the ends of the texts; int8 rounds on top
    assert np.mean(alike) > 0.6


def test_scores_have_one_column_per_three_px():
    scores = PlateNetwork()(torch.zeros(2, 1, 36, 120))
    assert scores.shape == (2, 40, BLANK + 1)


def test_unknown_layers_are_refused():
    with pytest.raises(ValueError, match="Xy3"):
        parse_spec("[1,36,0,1 Xy3 O1c38]")


def test_packed_file_has_its_parts_where_the_table_says():
    data = traineddata.pack(PlateNetwork(TINY))
    count, *offsets = struct.unpack_from("<i24q", data)
    assert count == 24
    assert [k for k, offset in enumerate(offsets) if offset >= 0] == [17, 21, 22, 23]
    assert data[offsets[21] :].startswith(b"39\nNULL 0 Common 0\n")
    assert data[offsets[23] :] == b"5.3.0"


def test_levels_follow_tesseract():
    row = np.full(20, 200, np.uint8)
    row[[4, 9, 14]] = 40
    line = np.repeat(row[None], 36, axis=0)
    black, half = levels(line)
    # three minima of 40, whose lower quartile is raised to the first; maxima of 200 in a bucket of width one
    assert black == pytest.approx(40 + 1 / 3)
    assert 200 <= black + 2 * half <= 201
    scaled = normalise(line[None])
    assert scaled.shape == (1, 1, 36, 20)
    assert scaled.min() == -1
    assert scaled.max() <= 1


def test_greedy_merges_repeats_and_drops_blanks():
    path = [BLANK, 11, 11, BLANK, 11, 1, BLANK]
    scores = torch.nn.functional.one_hot(torch.tensor([path]), BLANK + 1).float()
    assert greedy(scores) == [CHARACTERS[10] * 2 + CHARACTERS[0]]


def test_loss_falls_when_the_right_characters_win():
    right = torch.full((1, 5, BLANK + 1), -4.0)
    for step, code in enumerate([BLANK, 11, BLANK, 1, BLANK]):
        right[0, step, code] = 4
    assert loss_of(right, ["A0"], 0.0) < loss_of(torch.zeros_like(right), ["A0"], 0.0)


def test_learning_rate_rises_stays_and_falls():
    assert rate_at(0.0, 0, 1.0) < 0.01
    assert rate_at(0.2, 1000, 1.0) == 1.0
    assert rate_at(1.0, 5000, 1.0) == pytest.approx(0.01)


def test_shards_survive_the_disk_and_give_batches_of_one_width(tmp_path, shard):
    save_shard(shard, tmp_path / "shard-000.npz")
    again = load_shard(tmp_path / "shard-000.npz")
    assert again.keys() == shard.keys()
    assert all(np.array_equal(again[w][0], shard[w][0]) and again[w][1] == shard[w][1] for w in shard)
    pool = Pool(tmp_path)
    assert pool.refresh() == 1
    assert pool.refresh() == 0
    lines, texts = next(pool.batches(np.random.default_rng(0), 8))
    assert lines.shape[:2] == (len(texts), 36)
    assert vary(np.random.default_rng(0), lines).shape == lines.shape


@pytest.fixture
def work(tmp_path, shard):
    (tmp_path / "pool").mkdir()
    save_shard(shard, tmp_path / "pool" / "shard-000.npz")
    return tmp_path


def test_a_run_leaves_models_and_a_log_and_a_second_one_goes_on(work):
    settings = TrainSettings(minutes=0.01, batch=4, spec=TINY, cuts=0.0)
    seen = []
    for _ in range(2):
        train(work, settings, seen.append, draw=False)
    state = torch.load(work / "checkpoint.pt", weights_only=True)["state"]
    assert state["step"] > state["run_step"] >= 1  # the second run began anew with the rate, not with the weights
    report = json.loads((work / "report.json").read_text())
    assert report["lines"] == state["lines"]
    assert (work / "plate.traineddata").stat().st_size < (work / "plate_float.traineddata").stat().st_size
    with (work / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [p.step for p in seen if p.measured]
    assert float(rows[-1]["error"]) == pytest.approx(report["held_back_error"])
    assert seen[-1].share == 1
    assert seen[-1].seconds == pytest.approx(1.2, abs=1)


def test_an_interrupted_run_goes_on_with_the_rest_of_its_time(work):
    def impatient(progress):
        if progress.share > 0.02:
            raise KeyboardInterrupt

    settings = TrainSettings(minutes=1.0, batch=4, spec=TINY, cuts=0.0)
    with pytest.raises(KeyboardInterrupt):
        train(work, settings, impatient, draw=False)
    before = torch.load(work / "checkpoint.pt", weights_only=True)["state"]
    assert 0.02 < before["share"] < 1
    seen = []
    train(work, replace(settings, minutes=0.01), seen.append, draw=False)
    assert seen[0].share >= before["share"]
    assert seen[0].seconds >= before["seconds"]
    assert seen[-1].step > before["step"]


def test_a_shard_holds_cuts_and_drawn_lines_and_is_the_same_again():
    fonts = load_fonts([FONTS])[:4]
    first, again = (draw_shard(5, 12, fonts, cuts=0.5) for _ in range(2))
    assert sum(len(texts) for _, texts in first.values()) == 12
    assert first.keys() == again.keys()
    assert all(np.array_equal(first[w][0], again[w][0]) for w in first)


def test_the_learning_curve_is_drawn_from_the_log(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the bench extra")
    from classic_anpr.training.curve import learning_curve

    log = tmp_path / "log.csv"
    log.write_text("step,lines,seconds,loss,error,rate\n10,640,60,2.0,0.9,2e-3\n20,1280,120,1.0,0.5,1e-5\n")
    picture = learning_curve(log)
    assert picture.lstrip().startswith("<")
    assert "svg" in picture


def test_the_command_tells_the_error_as_a_bar_or_in_lines(capsys):
    halfway = Progress(0.5, 100, 6400, 60.0, 0.75, 0.125, 1e-3, False)
    done = replace(halfway, share=1.0, measured=True)
    show = _bar(10)
    show(halfway)
    show(done)
    drawn = capsys.readouterr().err
    assert "[############------------]  50%    5:00 left" in drawn
    assert "held-back error 12.5%" in drawn
    assert drawn.endswith("\n")
    _lines(halfway)
    assert capsys.readouterr().err == ""
    _lines(done)
    assert capsys.readouterr().err.startswith("100%  step 100 lines 6400")
