"""Passages of a corpus: the tokens and values that stand there, from no more chunks than they lie in."""

import dask.array as da
import numpy as np
import pytest
import xarray as xr

from lstm_core.analysis import unit_passages
from lstm_core.corpus import passage_values

LENGTHS = (5, 300, 95)
CHUNK = 20


@pytest.fixture
def corpus() -> xr.Dataset:
    steps = sum(LENGTHS)
    cell = np.random.default_rng(0).normal(size=(steps, 3)).astype(np.float32)
    labels = np.array([f"w{step}" for step in range(steps)], dtype=object)
    coords = {
        "token": ("step", da.from_array(labels, chunks=CHUNK)),
        "document": ("step", da.from_array(np.repeat(np.arange(3), LENGTHS), chunks=CHUNK)),
        "unit": [0, 1, 2],
    }
    return xr.Dataset({"cell": (("step", "unit"), da.from_array(cell, chunks=(CHUNK, 3)))}, coords=coords)


def test_passages_are_those_of_unit_passages_with_what_stands_there(corpus):
    table = unit_passages(corpus, "cell", window=30, top=4, each=2)
    own = table[table["unit"] == 1]
    found = passage_values(corpus, 1, "cell", own["step"].tolist(), window=30)
    assert [one.start for one in found] == own["start"].tolist()
    for one, stop in zip(found, own["stop"], strict=True):
        assert one.tokens == tuple(f"w{step}" for step in range(one.start, stop))
        np.testing.assert_array_equal(one.values, corpus["cell"][one.start : stop, 1])
    assert passage_values(corpus, 1, "cell", []) == []


def test_only_the_chunks_of_the_passages_are_read(corpus):
    read = set()

    def noted(rows: np.ndarray, block_info: dict) -> np.ndarray:
        if block_info:
            read.add(block_info[0]["chunk-location"][0])
        return rows

    watched = corpus.assign(cell=(("step", "unit"), corpus["cell"].data.map_blocks(noted, meta=np.empty((0, 0)))))
    passage_values(watched, 0, "cell", [50, 211], window=10)
    assert read == {2, 10}  # steps 45 to 54 and 206 to 215


@pytest.mark.parametrize(
    ("unit", "signal", "step", "error", "said"),
    [(3, "cell", 0, IndexError, "no unit 3"), (0, "input", 0, KeyError, "input"), (0, "cell", 400, IndexError, "400")],
)
def test_what_there_is_not_is_named(corpus, unit, signal, step, error, said):
    with pytest.raises(error, match=said):
        passage_values(corpus, unit, signal, [step])
