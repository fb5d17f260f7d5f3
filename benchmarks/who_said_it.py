"""What does a negation do to what the sentiment model makes of a phrase, and what does the python model write with its quotation unit held?

`python -m benchmarks.who_said_it --sentences test.tsv` reads SST-2's held-out sentences (a sentence and its label by tab) for the first
table; without it only the second is made.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import torch

import pretrained
from lstm_core import Intervention, SequenceModel, Tokens, generate, record
from lstm_core.analysis import contextual_decomposition, text_features
from viz.shared.findings import FINDINGS

NEGATIONS = {"not", "n't", "never", "no"}
ENDS = NEGATIONS | set(",.;:!?-`'") | {"''", "--", "..."}
WORDS = 3  # of a phrase, at most
CONTROLS = 0.015  # of all other words, those that stand in the place of a negation
UNIT = 132
OPENED = ("    raise ValueError({}", "    print({}", "name = {}", "    return {}")
SEEDS, WRITTEN = range(25), 100


def scores(model: SequenceModel, tokens: Tokens, start: int, stop: int) -> float:
    """What a phrase adds to the log odds of "positive" after the last word."""
    last = contextual_decomposition(model, tokens, start, stop).prediction["phrase"][-1]
    return float(last.sel({"class": "positive"}) - last.sel({"class": "negative"}))


def phrases(words: list[str]) -> Iterator[tuple[int, int]]:
    """For each word the place of it and the end of the phrase after it: up to three words, to the next mark or negation."""
    for at, word in enumerate(words):
        stop = at + 1
        while stop - at <= WORDS and stop < len(words) and words[stop] not in ENDS:
            stop += 1
        if stop > at + 1 and (word in NEGATIONS or word not in ENDS):
            yield at, stop


def negations(sentences: Path) -> Iterator[str]:
    model, numbers = pretrained.load("sentiment", device="cpu"), np.random.default_rng(0)
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for line in sentences.read_text(encoding="utf-8").splitlines():
        tokens = model.encode(line.rsplit("\t", 1)[0])
        words = list(tokens.labels)
        for at, stop in phrases(words):
            negated = words[at] in NEGATIONS
            if negated or numbers.random() < CONTROLS:
                found[negated].append((scores(model, tokens, at + 1, stop), scores(model, tokens, at, stop)))
    for negated, rows in found.items():
        alone, whole = np.array(rows).T
        flipped = np.sign(alone) != np.sign(whole)
        parts = " | ".join(
            f"{flipped[of].mean():.1%} of {of.sum()}" for of in (np.full(len(rows), True), alone > 0, alone < 0)
        )
        yield f"| {'a negation' if negated else 'any other word'} | {parts} | {(whole - alone).mean():+.2f} |"


def medians(model: SequenceModel) -> dict[str, tuple[float, float]]:
    """The unit's cell and hidden state inside quotation marks and outside, over two texts."""
    texts = (
        FINDINGS["A unit that knows it is inside quotation marks"].text,
        model.card.examples["Strings and a comment"],
    )
    values: dict[str, tuple[list[float], list[float]]] = {"cell": ([], []), "hidden": ([], [])}
    for text in texts:
        recording = record(model, text)
        inside = text_features(recording)["inside quotation marks"].to_numpy() > 0
        for signal, (within, without) in values.items():
            own = recording.layers["layer0"][signal].sel(unit=UNIT).to_numpy()
            within.extend(own[inside])
            without.extend(own[~inside])
    return {name: (float(np.median(one)), float(np.median(other))) for name, (one, other) in values.items()}


def written(model: SequenceModel, mark: str, held: tuple[str, float] | None) -> list[str]:
    """A hundred continuations of opened strings, the unit held from the first character on."""
    found = []
    for prompt in (one.format(mark) for one in OPENED):
        own = [Intervention("layer0", *held, units=(UNIT,), start=len(prompt))] if held else []
        found += [
            "".join(generate(model, prompt, WRITTEN, seed=seed, interventions=own).labels[len(prompt) :])
            for seed in SEEDS
        ]
    return found


def quotations() -> Iterator[str]:
    model = pretrained.load("python", device="cpu")
    typical = medians(model)
    inside = [(name, values[0]) for name, values in typical.items()]
    conditions = {
        "free": None,
        "inside": inside[0],
        "inside, output": inside[1],
        "outside": ("cell", typical["cell"][1]),
    }
    for mark in "'\"":
        for name, held in conditions.items():
            texts = written(model, mark, held)
            firsts = np.array([one.find(mark) % (WRITTEN + 1) for one in texts])  # -1, none, is as many as were written
            marks = np.mean([one.count("'") for one in texts])
            value = f"{held[0]} {held[1]:.2f}" if held else ""
            shares = " | ".join(f"{(firsts >= limit).mean():.0%}" for limit in (40, WRITTEN))
            yield f"| {mark} | {name} | {value} | {shares} | {marks:.1f} |"


@click.command()
@click.option("--sentences", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(sentences: Path | None) -> None:
    torch.set_num_threads(1)
    if sentences:
        print("| the phrase has before it | its sign changes | of positive ones | of negative ones | mean change |")
        print("| --- | --- | --- | --- | --- |")
        print(*negations(sentences), sep="\n")
    print("\n| opened by | unit 132 | held | not closed within 40 | within 100 | ' in 100 characters |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in quotations():
        print(row, flush=True)


if __name__ == "__main__":
    main()
