"""What does it cost to record a corpus? `record_corpus` beside torch's own LSTM over the same documents.

Prints the table of docs/scale.md. Each of RUNS runs reads all characters once in each way, in turn.
"""

import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import machine
from lstm_core import ByteEncoder, ModelConfig, SequenceModel, Tokens
from lstm_core.corpus import record_corpus

DOCUMENTS, LENGTH, STREAMS = 64, 15_625, 64  # a million characters
RUNS = 3
TARGET, MEMORY = 1.7, 1500  # times the bare forward; MB


def documents() -> list[Tokens]:
    drawn = np.random.default_rng(0)
    found = []
    for _ in range(DOCUMENTS):
        ids = drawn.integers(32, 127, LENGTH)
        found.append(Tokens(ids, tuple(map(chr, ids)), np.arange(LENGTH)))
    return found


def bare(model: SequenceModel, read: list[Tokens]) -> None:
    """torch's LSTM alone, all documents side by side, in blocks that hand their state on."""
    ids = torch.from_numpy(np.stack([one.ids for one in read], 1))
    state = None
    with torch.inference_mode():
        for block in ids.split(256):
            _, state = model.lstm(model.embedding(block), state)


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    torch.set_num_threads(2)
    model, read = SequenceModel(ModelConfig(ByteEncoder(), 32, 256), device="cpu").eval(), documents()
    kernel, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(RUNS):
            store = Path(folder, str(run))
            kernel.append(seconds(lambda: bare(model, read)))
            ours.append(seconds(lambda store=store: record_corpus(model, read, store, streams=STREAMS)))
            shutil.rmtree(store)
    a, b = statistics.median(kernel), statistics.median(ours)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        "| characters | units | torch.nn.LSTM alone, s | record_corpus, s | ratio | target | memory at most, MB | target |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(f"| {DOCUMENTS * LENGTH:,} | 256 | {a:.1f} | {b:.1f} | {b / a:.2f} | {TARGET} | {most:,.0f} | {MEMORY:,} |")
    print(f"\n{machine('dask', 'zarr')}; medians of {RUNS} runs, {STREAMS} documents side by side")


if __name__ == "__main__":
    main()
