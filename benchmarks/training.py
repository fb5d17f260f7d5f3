"""Does `train` cost more than a bare PyTorch loop with the same model and batches?

Tokens per second of both, interleaved in one process, for the zoo's language model and a small one. The bare loop is
what a tutorial has: embedding, nn.LSTM, linear readout, cross-entropy, clipping, AdamW, states carried.
`python -m benchmarks.training`
"""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

from benchmarks.machine import machine
from lstm_core.settings import Settings
from lstm_core.tasks import Size
from lstm_core.tasks.text import Text
from lstm_core.training import Initial, initial_model, train

ROUNDS, STEPS = 9, 20
SIZES = {"1 x 256, the zoo's": Size(256, 1, 32), "1 x 64": Size(64, 1, 16), "2 x 128": Size(128, 2, 32)}


def ours(task: Text, size: Size, settings: Settings, folder: Path) -> Iterator[None]:
    model = initial_model(task.config(size), Initial.of(task, settings))
    for _ in train(model, task, settings, folder=folder):
        yield


def bare(task: Text, size: Size, settings: Settings) -> Iterator[None]:
    embedding, readout = nn.Embedding(256, size.embedding), nn.Linear(size.hidden, 256)
    lstm = nn.LSTM(size.embedding, size.hidden, num_layers=size.layers, batch_first=True)
    dropout = nn.Dropout(settings.dropout)
    weights = [*embedding.parameters(), *lstm.parameters(), *readout.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=settings.learning_rate)
    ids = torch.tensor(task.parts[0])
    strands = ids[: len(ids) // settings.batch * settings.batch].view(settings.batch, -1)
    state, start = None, 0
    while True:
        if start + task.window + 1 > strands.shape[1]:
            state, start = None, 0
        piece = strands[:, start : start + task.window + 1]
        start += task.window
        optimizer.zero_grad()
        hidden, (h, c) = lstm(embedding(piece[:, :-1]), state)
        state = (h.detach(), c.detach())
        loss = nn.functional.cross_entropy(readout(dropout(hidden)).flatten(0, 1), piece[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(weights, settings.clip)
        optimizer.step()
        loss.item()
        yield


def seconds(steps: Iterator[None]) -> float:
    began = time.perf_counter()
    for _ in range(STEPS):
        next(steps)
    return (time.perf_counter() - began) / STEPS


def main() -> None:
    torch.set_num_threads(1)
    task = Text.from_library(most=1_000_000)
    print(
        f"{machine()}; one thread; batch 32 x {task.window}, dropout 0.1; medians of {ROUNDS} rounds of {STEPS} steps\n"
    )
    print("| model | bare loop, tokens/s | `train`, tokens/s | ratio | with checkpoints and scores |")
    print("| --- | --- | --- | --- | --- |")
    for name, size in SIZES.items():
        settings = Settings(steps=20 * ROUNDS * STEPS, dropout=0.1, forget_bias=0.0, score_every=10**9)
        scored = Settings(steps=2 * ROUNDS * STEPS, dropout=0.1, forget_bias=0.0)
        with TemporaryDirectory() as folder, TemporaryDirectory() as other:
            runs = {
                "bare": bare(task, size, settings),
                "ours": ours(task, size, settings, Path(folder)),
                "whole": ours(task, size, scored, Path(other)),
            }
            took: dict[str, list[float]] = {kind: [] for kind in runs}
            for steps in runs.values():
                seconds(steps)  # the first steps, where most checkpoints lie, warm up
            for _ in range(ROUNDS):
                for kind, steps in runs.items():
                    took[kind].append(seconds(steps))
        tokens = settings.batch * task.window
        rate = {kind: tokens / statistics.median(times) for kind, times in took.items()}
        ratio, whole = rate["ours"] / rate["bare"], rate["whole"] / rate["bare"]
        print(f"| {name} | {rate['bare']:,.0f} | {rate['ours']:,.0f} | {ratio:.2f} | {whole:.2f} |", flush=True)


if __name__ == "__main__":
    main()
