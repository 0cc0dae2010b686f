"""The PyTorch network, and that Tesseract computes the same from the packed file."""

# ruff: noqa: E402

import json
import struct
from difflib import SequenceMatcher

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
tesserocr = pytest.importorskip("tesserocr", reason="needs tesserocr")

from classic_anpr.synth.glyphs import FONTS, load_fonts
from classic_anpr.training import traineddata
from classic_anpr.training.network import BLANK, CHARACTERS, PlateNetwork, parse_spec
from classic_anpr.training.pool import Pool, draw_shard, load_shard, save_shard
from classic_anpr.training.train import TrainSettings, greedy, levels, loss_of, normalise, rate_at, train, vary

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


def test_a_run_leaves_models_and_can_be_resumed(tmp_path, shard):
    (tmp_path / "pool").mkdir()
    save_shard(shard, tmp_path / "pool" / "shard-000.npz")
    settings = TrainSettings(minutes=0.01, batch=4, spec=TINY)
    for _ in range(2):
        train(tmp_path, settings, print, draw=False)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["state"]
    assert state["step"] >= 2
    assert json.loads((tmp_path / "report.json").read_text())["lines"] == state["lines"]
    assert (tmp_path / "plate.traineddata").stat().st_size < (tmp_path / "plate_float.traineddata").stat().st_size
