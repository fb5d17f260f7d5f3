"""What does it cost to run a model within `capture`? Its forward within the block, compared with the plain one.

Medians over RUNS runs in turn in one process, one thread, each entering a block of its own;
on the CPU in processor time, in which what else the machine does hardly shows. Beside it what a reader may want in the end: the
forward and then every gate of one sequence, and (of fewer runs) of every sequence of the batch.
`python -m benchmarks.capture`
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.machine import machine
from lstm_core import available_devices, capture

RUNS, FEW = 31, 3
TARGET = 2.0


class Loop(nn.Module):
    """A cell, or a layer, that is called once for each step, as a decoder is."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        state = None
        whole = isinstance(self.inner, nn.RNNBase)
        for step in x.split(1) if whole else x:
            output, state = self.inner(step, state) if whole else (None, self.inner(step, state))
        return output if whole else state[0] if isinstance(state, tuple) else state


@dataclass(frozen=True)
class Case:
    name: str
    module: nn.Module
    shape: tuple[int, int, int]  # (step, batch, feature)
    training: bool = False


def cases() -> list[Case]:
    return [
        Case("LSTM 1 x 256", nn.LSTM(64, 256), (200, 32, 64)),
        Case("LSTM 1 x 256, training", nn.LSTM(64, 256), (200, 32, 64), training=True),
        Case("LSTM 1 x 512, one sequence", nn.LSTM(32, 512), (1000, 1, 32)),
        Case("LSTM 1 x 32", nn.LSTM(8, 32), (50, 4, 8)),
        Case(
            "LSTM 2 x 128, both ways, dropout, training",
            nn.LSTM(64, 128, 2, bidirectional=True, dropout=0.2),
            (100, 16, 64),
            training=True,
        ),
        Case("GRU 1 x 256", nn.GRU(64, 256), (200, 32, 64)),
        Case("GRU 1 x 256, training", nn.GRU(64, 256), (200, 32, 64), training=True),
        Case("GRU 1 x 32", nn.GRU(8, 32), (50, 4, 8)),
        Case("LSTMCell 256, a loop", Loop(nn.LSTMCell(64, 256)), (100, 32, 64)),
        Case("LSTMCell 256, a loop, one sequence", Loop(nn.LSTMCell(64, 256)), (100, 1, 64)),
        Case("LSTMCell 32, a loop, one sequence", Loop(nn.LSTMCell(8, 32)), (100, 1, 8)),
        Case("GRUCell 32, a loop, one sequence", Loop(nn.GRUCell(8, 32)), (100, 1, 8)),
        Case("LSTM 1 x 64, a loop of one step each", Loop(nn.LSTM(16, 64)), (100, 8, 16)),
    ]


def medians(calls: list[Callable[[], object]], device: str, runs: int) -> list[float]:
    """Seconds, the median of each; the calls take turns, so that a slow moment hits all of them."""
    times: list[list[float]] = [[] for _ in calls]
    clock = time.process_time if device == "cpu" else time.perf_counter
    for run in range(runs + 2):
        for call, own in zip(calls, times, strict=True):
            began = clock()
            call()
            if device == "cuda":
                torch.cuda.synchronize()
            if run >= 2:  # the first two warm up
                own.append(clock() - began)
    return [statistics.median(own) for own in times]


def measure(case: Case, device: str) -> tuple[float, float, float, float]:
    module = case.module.to(device).train(case.training)
    x = torch.randn(case.shape, device=device)

    def within(sequences: int) -> None:
        with torch.set_grad_enabled(case.training), capture(module) as captured:
            module(x)
        for number in range(sequences):
            dict(captured.only.select(sequence=number).layers)

    def plain() -> None:
        with torch.set_grad_enabled(case.training):
            module(x)

    alone, captured, one = medians([plain, lambda: within(0), lambda: within(1)], device, RUNS)
    within_block, every = medians([plain, lambda: within(case.shape[1])], device, FEW)
    return alone, captured, one, every * alone / within_block


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(
        "| device | model | steps x batch | plain, ms | captured, ms | ratio | and one sequence's gates | and all sequences' |"
    )
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |")
    worst = 0.0
    for device in (one for one in available_devices() if one in ("cpu", "cuda")):
        for case in cases():
            plain, captured, one, every = measure(case, device)
            worst = max(worst, captured / plain)
            ratios = f"**{captured / plain:.2f}** | {one / plain:.2f} | {every / plain:.2f}"
            size = f"{case.shape[0]} x {case.shape[1]}"
            print(
                f"| {device} | {case.name} | {size} | {plain * 1e3:.2f} | {captured * 1e3:.2f} | {ratios} |", flush=True
            )
    print(
        f"\nMedians of {RUNS} runs. Target: at most {TARGET} x: {'met' if worst <= TARGET else 'missed'}, {worst:.2f} at worst."
    )
    print(machine())


if __name__ == "__main__":
    main()
