"""How long do the cards of all units take? `python -m benchmarks.unit_cards`.

256 units over a million characters of code, beside 20 models of random weights over 50,000 characters each. Prints the table of
docs/scale.md.
"""

import resource
import tempfile
import time
from pathlib import Path

import torch

from benchmarks.machine import machine
from lstm_core import ByteEncoder, ModelConfig, SequenceModel
from lstm_core.analysis import unit_cards
from lstm_core.corpus import record_corpus
from lstm_core.tasks.text import Text
from lstm_core.training import untrained_draws

CHARACTERS, DOCUMENT, DRAWN = 1_000_000, 15_625, 50_000
TARGET = 120  # seconds


def documents(characters: int) -> list[str]:
    """Modules of Python's standard library, in parts of one length."""
    text = Text.from_library(most=2 * characters).text.encode("ascii", "replace").decode()[:characters]
    return [text[start : start + DOCUMENT] for start in range(0, len(text), DOCUMENT)]


def main() -> None:
    torch.set_num_threads(2)
    model, read = SequenceModel(ModelConfig(ByteEncoder(), 32, 256), device="cpu").eval(), documents(CHARACTERS)
    beginnings = [one[: DRAWN // len(read)] for one in read]
    with tempfile.TemporaryDirectory() as folder:
        corpus = record_corpus(model, read, Path(folder, "corpus"))
        began = time.perf_counter()
        draws = [
            record_corpus(draw, beginnings, Path(folder, str(number)))
            for number, draw in enumerate(untrained_draws(model))
        ]
        recorded = time.perf_counter() - began
        began = time.perf_counter()
        unit_cards(corpus, model, untrained=draws)
        taken = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        "| characters | units | recording 20 models of random weights, s | cards, s | target, s | memory at most, MB |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    print(f"| {CHARACTERS:,} | 256 | {recorded:.0f} | {taken:.0f} | {TARGET} | {most:,.0f} |")
    print(f"\n{machine('dask', 'zarr')}; one run")


if __name__ == "__main__":
    main()
