"""A corpus is recorded as `record` would, document by document, whatever is read side by side, cut, killed or spread."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from distributed import Client, LocalCluster

from lstm_core import NumberEncoder, Recording, SequenceModel, capture, record, signals_of
from lstm_core.corpus import batch, open_corpus, plan, record_captured, record_corpus
from lstm_core.encoders import Tokens
from lstm_core.saving import OccupiedError
from tests.support import odd_models

KINDS = ["one unit", "three layers", "gru", "rnn", "peepholes", "uneven", "both ways", "opinions", "weather", "sum"]
LENGTHS = [1, 130, 64, 7, 333, 65, 20, 2, 90, 128, 41]  # steps of documents
CHUNK = 32


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and parts so small that the documents above lie across many."""
    monkeypatch.setattr(plan, "CHUNK", CHUNK)
    monkeypatch.setattr(plan, "LEAST", 160)
    monkeypatch.setattr(plan, "MOST", 320)


def documents(model: SequenceModel, lengths: list[int] = LENGTHS) -> list[Tokens]:
    drawn = np.random.default_rng(0)
    encoder = model.config.encoder
    if isinstance(encoder, NumberEncoder):
        return [encoder.of(drawn.normal(encoder.mean, encoder.spread, (one, len(encoder.mean)))) for one in lengths]
    labels = encoder.class_labels
    found = []
    for one in lengths:
        ids = drawn.integers(0, len(labels), one)
        found.append(Tokens(ids, tuple(labels[number] for number in ids), np.arange(one)))
    return found


@cache
def each_alone(kind: str) -> list[Recording]:
    """Each of the documents, as `record` reads it."""
    model = odd_models.model(kind)
    return [record(model, tokens) for tokens in documents(model)]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("streams", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_every_document_is_as_it_would_be_recorded_alone(kind, streams, tmp_path):
    model = odd_models.model(kind)
    read, wanted = documents(model), each_alone(kind)
    asked = ("input", "forget", "output", "candidate", "cell", "hidden", "reset", "update")
    there = [one for one in asked if any(one in signals_of(layer) for layer in wanted[0].layers.values())]
    record_corpus(model, read, tmp_path / "corpus", signals=there, streams=streams, dtype="float32")
    for name in wanted[0].layers:
        corpus = open_corpus(tmp_path / "corpus", layer=name).load()
        assert corpus.sizes["step"] == sum(LENGTHS)
        for number, tokens in enumerate(read):
            found = corpus.isel(step=corpus.document.values == number)
            alone = wanted[number].layers[name]
            assert tuple(found.token.values) == tokens.labels
            assert found.attrs == alone.attrs
            assert set(found.data_vars) == set(signals_of(alone))
            for one in signals_of(alone):
                where = f"{name} {one} {number}"
                np.testing.assert_allclose(found[one].values, alone[one].values, atol=2e-6, err_msg=where)


@pytest.mark.usefixtures("small_parts")
def test_a_part_goes_on_with_the_state_before_it_only_where_its_document_began_far_before():
    far, near = np.cumsum([0, 10, 700, 330]), np.cumsum([0, 310, 390])
    parts = plan.parts_of(far, 1)
    assert [(one.start, one.stop) for one in parts] == [(0, 320), (320, 640), (640, 960), (960, 1040)]
    assert [one.continues for one in parts] == [False, True, True, True]
    assert not any(one.continues for one in plan.parts_of(far, 1, whole=True))
    second = plan.parts_of(near, 1)[1]
    assert not second.continues
    assert plan.pieces_of(second, near) == [plan.Piece(start=310, shown=320, stop=640, fresh=True)]
    assert plan.pieces_of(parts[1], far) == [plan.Piece(start=320, shown=320, stop=640, fresh=False)]
    assert plan.pieces_of(plan.parts_of(far, 1, whole=True)[1], far, whole=True) == [
        plan.Piece(start=10, shown=320, stop=710, fresh=True)
    ]


def test_what_is_stored_is_as_near_as_the_store_says(tmp_path):
    model = odd_models.model("one unit")
    read = documents(model, [500])
    corpus = record_corpus(model, read, tmp_path / "corpus", signals=("forget", "cell", "hidden"))
    alone = record(model, read[0]).layers["layer0"]
    assert corpus.forget.attrs["largest_error"] == 0.5 / 255
    assert np.abs(corpus.forget.values - alone.forget.values).max() <= 0.5 / 255 + 1e-6
    for name in ("cell", "hidden"):
        assert corpus[name].attrs["largest_error"] == 2**-11
        np.testing.assert_allclose(corpus[name].values, alone[name], rtol=2**-11, atol=1e-6)


def test_what_was_captured_of_another_model_is_a_corpus_too(tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GRU(3, 4, batch_first=True, bidirectional=True))
    with capture(model) as captured:
        for _ in range(2):
            model(torch.randn(5, 7, 2))
    labels = [[f"{number}.{step}" for step in range(7)] for number in range(10)]
    record_captured(captured["1"], tmp_path / "corpus", signals=("update", "hidden"), dtype="float32", labels=labels)
    for name in ("layer0", "layer0_reverse"):
        corpus = open_corpus(tmp_path / "corpus", layer=name)
        assert corpus.attrs == {"cell_type": "GRU", "direction": "reverse" if "reverse" in name else "forward"}
        for number in (0, 4, 9):
            alone = captured["1"].readings[number // 5].select(sequence=number % 5).layer(name)
            found = corpus.isel(step=corpus.document.values == number)
            assert found.token.values.tolist() == labels[number]
            np.testing.assert_array_equal(found["update"].values, alone["update"])
            np.testing.assert_array_equal(found["hidden"].values, alone["hidden"])
    with pytest.raises(ValueError, match=r"the documents have .7, 7, 7, 7, 7. steps, and the labels are .7."):
        record_captured(captured["1"], tmp_path / "other", labels=labels[:1])


def test_another_corpus_and_what_is_not_ours_are_not_touched(tmp_path):
    model = odd_models.model("one unit")
    record_corpus(model, ["ab", "c"], tmp_path / "corpus")
    assert record_corpus(model, ["ab", "c"], tmp_path / "corpus").sizes["step"] == 3
    with pytest.raises(OccupiedError, match="holds a corpus of other documents: name a new folder"):
        record_corpus(model, ["abc"], tmp_path / "corpus")
    xr.Dataset({"layers": ("step", [1.0])}).to_zarr(tmp_path / "another", consolidated=False)
    with pytest.raises(OccupiedError, match="holds other things"):
        record_corpus(model, ["ab"], tmp_path / "another")


def test_what_was_killed_before_all_tokens_were_in_begins_again(tmp_path):
    model = odd_models.model("one unit")
    record_corpus(model, ["abc"], tmp_path / "corpus")
    (tmp_path / "corpus" / "corpus.json").unlink()
    shutil.rmtree(tmp_path / "corpus" / "parts")
    assert record_corpus(model, ["ab"], tmp_path / "corpus").sizes["step"] == 2


SLOWLY = """
import sys, time
from lstm_core.corpus import plan, record_corpus
plan.CHUNK = 32
plan.LEAST, plan.MOST = 160, 320
from tests.lstm_core.corpus.test_record_corpus import documents
from tests.support import odd_models
model = odd_models.model("three layers")
def told(done, of):
    time.sleep(0.2)
record_corpus(model, documents(model, [1000, 30, 300]), sys.argv[1], streams=2, progress=told)
"""


@pytest.mark.usefixtures("small_parts")
def test_after_a_kill_the_same_call_goes_on_after_the_last_whole_part(tmp_path):
    model, lengths = odd_models.model("three layers"), [1000, 30, 300]
    path = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, str(path)])
    while not (path / "parts" / "1").exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = {one.name: one.stat().st_mtime_ns for one in (path / "parts").iterdir()}
    with pytest.raises(ValueError, match=r"is recorded in part: .* of 5 parts are missing"):
        open_corpus(path)
    with pytest.raises(OccupiedError, match="another corpus, of another model"):
        record_corpus(model, documents(model, lengths), path, streams=3)
    reached: list[int] = []
    found = record_corpus(
        model, documents(model, lengths), path, streams=2, progress=lambda done, _: reached.append(done)
    )
    assert reached[0] >= 640
    whole = record_corpus(model, documents(model, lengths), tmp_path / "whole", streams=2)
    assert found.equals(whole)
    assert files(path) == files(tmp_path / "whole")
    assert all((path / "parts" / name).stat().st_mtime_ns == at for name, at in before.items())


def files(path: Path) -> dict[str, bytes]:
    return {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*") if one.is_file()}


@pytest.fixture
def own_environment() -> Iterator[None]:
    """A cluster leaves variables for its workers, such as MALLOC_TRIM_THRESHOLD_, in this process too."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.usefixtures("small_parts", "own_environment")
def test_two_processes_of_a_cluster_make_the_same_store_to_the_bit_though_one_is_killed(tmp_path):
    model, lengths = odd_models.model("three layers"), [40] * 60 + [900]
    record_corpus(model, documents(model, lengths), tmp_path / "here", streams=4)
    there = tmp_path / "there"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        pids = list(client.run(be_slow).values())

        def kill() -> None:
            while not (there / "parts" / "2").exists():
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)

        killer = Thread(target=kill)
        killer.start()
        record_corpus(model, documents(model, lengths), there, streams=4, scheduler=client)
        killer.join()
        assert pids[0] not in client.run(os.getpid).values()
    assert files(tmp_path / "here") == files(there)


def be_slow() -> int:
    """Make a worker's blocks take a while, so that it can be killed in the middle of a part."""
    read = batch.Reader.read

    def slow(*given: Any) -> Iterator[batch.Block]:
        for block in read(*given):
            time.sleep(0.05)
            yield block

    batch.Reader.read = slow  # type: ignore[method-assign]  # in a process of its own
    return os.getpid()
