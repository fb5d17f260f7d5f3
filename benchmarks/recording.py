"""How much does it cost to see the gates? `record` compared with the fused kernel, which shows none, and with the usual loop.

Prints the table of docs/benchmarks.md: medians over RUNS runs, all of a size in turn in one process, two threads.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.machine import machine
from lstm_core import ByteEncoder, ModelConfig, SequenceModel, Tokens, record

RUNS = 15
SIZES = ((1000, 512), (5000, 256), (20_000, 128), (1000, 128))
EMBEDDING = 32
TARGET_KERNEL = {(1000, 512): 1.6, (5000, 256): 1.6, (20_000, 128): 1.6}
TARGET_LOOP = {(1000, 128): 3.0}


def gates_by_loop(cell: nn.LSTMCell, x: Tensor) -> dict[str, Tensor]:
    """The loop that people write: LSTMCell for the states, and the gates once more by hand."""
    units = cell.hidden_size
    hidden, memory = x.new_zeros(1, units), x.new_zeros(1, units)
    found: dict[str, list[Tensor]] = {name: [] for name in ("input", "forget", "candidate", "output", "cell", "hidden")}
    for step in x.split(1):
        stacked = step @ cell.weight_ih.T + cell.bias_ih + hidden @ cell.weight_hh.T + cell.bias_hh
        i, f, g, o = stacked.chunk(4, dim=1)
        hidden, memory = cell(step, (hidden, memory))
        now = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), memory, hidden)
        for signals, value in zip(found.values(), now, strict=True):
            signals.append(value)
    return {name: torch.cat(values) for name, values in found.items()}


def medians(calls: list[Callable[[], object]]) -> list[float]:
    """Seconds, the median of each; the calls take turns, so that a slow moment hits all of them."""
    times: list[list[float]] = [[] for _ in calls]
    for run in range(RUNS + 2):
        for call, own in zip(calls, times, strict=True):
            began = time.perf_counter()
            call()
            if run >= 2:  # the first two warm up
                own.append(time.perf_counter() - began)
    return [statistics.median(own) for own in times]


def measure(steps: int, hidden: int) -> tuple[float, float, float]:
    model = SequenceModel(ModelConfig(ByteEncoder(), EMBEDDING, hidden), device="cpu").eval()
    text = ("To be, or not to be: that is the question.\n" * (steps // 40))[:steps]
    tokens: Tokens = model.encode(text)
    with torch.inference_mode():
        x = model.embedding(torch.from_numpy(tokens.ids))
        cell = nn.LSTMCell(EMBEDDING, hidden)
        cell.load_state_dict({name.removesuffix("_l0"): weight for name, weight in model.lstm.state_dict().items()})
        kernel, ours, loop = medians(
            [lambda: model.lstm(x), lambda: record(model, tokens), lambda: gates_by_loop(cell, x)]
        )
    return kernel, ours, loop


def main() -> None:
    torch.set_num_threads(2)
    print(
        "| steps T | units H | (a) torch.nn.LSTM, ms | (b) record, ms | (c) LSTMCell loop, ms | b / a | c / b | target |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for size in SIZES:
        kernel, ours, loop = measure(*size)
        goals = []
        if size in TARGET_KERNEL:
            goals.append(
                f"b / a at most {TARGET_KERNEL[size]}: {'met' if ours / kernel <= TARGET_KERNEL[size] else 'missed'}"
            )
        if size in TARGET_LOOP:
            goals.append(
                f"c / b at least {TARGET_LOOP[size]}: {'met' if loop / ours >= TARGET_LOOP[size] else 'missed'}"
            )
        figures = f"{kernel * 1e3:.1f} | {ours * 1e3:.1f} | {loop * 1e3:.1f} | **{ours / kernel:.2f}** | **{loop / ours:.1f}**"
        print(f"| {size[0]:,} | {size[1]} | {figures} | {'; '.join(goals)} |", flush=True)
    print(
        f"\nMedians of {RUNS} runs. `record` includes the embedding, the readout's softmax over 256 classes and the labels."
    )
    print(machine("numpy", "xarray"))


if __name__ == "__main__":
    main()
