"""Every way in which a file was foreseen to attack: its own sentence, little memory, no code run, nothing left."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_core.importers import UnreadableFile
from lstm_core.importers.sandbox import FOLDERS, read_sandboxed
from tests.fuzz.fork_pool import REFUSED, Outcome, outcomes
from tests.support.attacks import COMMANDED, hostile_files, torch_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are watched through /proc")
MEMORY = 1_000_000_000  # bytes: what a child that refuses a file may hold, where 3 GB would be the end of it
SAME = {  # pairs that may share a sentence: one attack in two formats
    frozenset(
        {
            ".pt: code",
            ".pt: code, legacy",
            ".pt: a whole model with code",
            "TorchScript: code",
            "pickle: code",
            "agent: code",
        }
    ),
    frozenset({"pickle: Keras, a bomb", "zip: a bomb (.keras)"}),
}


@pytest.fixture(scope="module")
def files(originals) -> dict[str, tuple[bytes, str]]:
    return hostile_files(originals)


@pytest.fixture(scope="module")
def seen(files, fork_pool) -> dict[str, Outcome]:
    """What became of each, read by a child of its own."""
    Path(COMMANDED).unlink(missing_ok=True)
    return {kind: fork_pool.submit(outcomes, [content]).result()[0] for kind, (content, _) in files.items()}


def test_each_is_refused_with_its_own_sentence(files, seen):
    for kind, (_, message) in files.items():
        assert seen[kind].kind == REFUSED, (kind, seen[kind])
        assert message in seen[kind].message, (kind, seen[kind].message)
    by_sentence: dict[str, set[str]] = {}
    for kind, one in seen.items():
        by_sentence.setdefault(one.message, set()).add(kind)
    assert {frozenset(kinds) for kinds in by_sentence.values() if len(kinds) > 1} <= SAME


def test_none_takes_much_or_leaves_anything(seen):
    for kind, one in seen.items():
        assert one.memory < MEMORY, (kind, one.memory)
        assert one.seconds < 5, (kind, one.seconds)
        assert not one.left, kind
    assert not Path(COMMANDED).exists(), "code of a file was run"


def test_the_server_is_told_the_same_sentence(files, seen, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for kind in (".pt: code", "HDF5: external link"):
        with pytest.raises(UnreadableFile) as refused:
            read_sandboxed(files[kind][0], "model")
        assert str(refused.value) == seen[kind].message
    assert not list(tmp_path.glob(f"{FOLDERS}*"))


def test_a_good_file_comes_through_whole_even_with_weights_that_are_no_numbers():
    state = torch.nn.GRU(3, 5).state_dict()
    state["weight_hh_l0"][2, 3] = torch.nan
    state["bias_ih_l0"][1] = torch.inf
    (chain,) = read_sandboxed(torch_file(state), "gru.pt").chains
    assert not chain.finite
    assert set(chain.weights) == set(state)
    for name, tensor in state.items():
        np.testing.assert_array_equal(chain.weights[name], tensor.numpy())
