"""What does a question about gradients cost, and what knocking out every unit?

A gradient query compared with one forward and backward pass of plain `torch.nn.LSTM` with its readout and mean loss: medians over
RUNS runs in turn. Knocking out 256 units on 200 characters, in seconds. Threads as torch has them, unless OMP_NUM_THREADS says.
"""

import os
import statistics
import time

import torch
from torch.nn import functional

from benchmarks.machine import machine
from benchmarks.recording import medians
from lstm_core import ByteEncoder, ModelConfig, SequenceModel
from lstm_core.analysis import Target, gradients, knock_out

TEXT = "To be, or not to be: that is the question.\n" * 50
STEPS, HIDDEN, EMBEDDING = 1000, 256, 32
TARGET_RATIO, TARGET_SECONDS = 3.0, 5.0


def model_of(layers: int) -> SequenceModel:
    return SequenceModel(ModelConfig(ByteEncoder(), EMBEDDING, HIDDEN, layers=layers), device="cpu").eval()


def gradient_row(layers: int, layer_name: str) -> str:
    model = model_of(layers)
    tokens = model.encode(TEXT[:STEPS])
    ids = model.inputs(tokens)

    def plain() -> None:
        model.zero_grad()
        logits = model.readout(model.lstm(model.embedding(ids))[0])
        functional.cross_entropy(logits[:-1], ids[1:]).backward()

    reference, one, mean = medians(
        [
            plain,
            lambda: gradients(model, tokens, layer=layer_name, target=Target(STEPS - 2)),
            lambda: gradients(model, tokens, layer=layer_name),
        ]
    )
    met = "met" if max(one, mean) / reference <= TARGET_RATIO else "missed"
    figures = " | ".join(f"{seconds * 1e3:.0f}" for seconds in (reference, one, mean))
    return f"| {layers} | {layer_name} | {figures} | **{one / reference:.2f}** | **{mean / reference:.2f}** | at most {TARGET_RATIO:g}: {met} |"


def knock_out_row(layers: int, layer_name: str) -> str:
    model, times, processor = model_of(layers), [], []
    for _ in range(3):
        began, used = time.perf_counter(), time.process_time()
        *_, last = knock_out(model, TEXT[:200], layer_name)
        times.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    seconds = statistics.median(times)
    met = "met" if seconds <= TARGET_SECONDS else "missed"
    return f"| {layers} | {layer_name} | {last.units} | **{seconds:.1f}** | {statistics.median(processor):.1f} | at most {TARGET_SECONDS:g} s: {met} |"


def main() -> None:
    print(f"Gradients, T = {STEPS:,}, H = {HIDDEN}\n")
    print(
        "| layers | of | (a) plain forward and backward, ms | (b) one step, ms | (c) mean loss, ms | b / a | c / a | target |"
    )
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for layers, layer in ((1, "layer0"), (2, "layer0"), (2, "layer1")):
        print(gradient_row(layers, layer), flush=True)
    print(f"\nKnocking out each unit, T = 200, H = {HIDDEN}\n")
    print("| layers | of | units | s | s of processor | target |")
    print("| ---: | --- | ---: | ---: | ---: | --- |")
    for layers, layer in ((1, "layer0"), (2, "layer0"), (2, "layer1")):
        print(knock_out_row(layers, layer), flush=True)
    print(f"\n{torch.get_num_threads()} threads; load of the machine {os.getloadavg()[0]:.1f}.")
    print(machine("numpy", "xarray"))


if __name__ == "__main__":
    main()
