"""The text that unit cards are computed over: what a model of the zoo never met in its training."""

import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_core.encoders.typed_numbers import typed
from lstm_core.tasks import (
    Adding,
    AnBn,
    AnBnCn,
    Brackets,
    EmbeddedReber,
    Forecast,
    Sentiment,
    Task,
    TemporalOrder,
    Text,
)
from lstm_core.tasks.brackets import TEST_DEPTH, nested

MOST = 100_000  # characters of a text
SEED = 10_000_247  # of sequences that no training and no test had
GENERATED = 20_000  # steps, about
SENTENCES = 400  # of a collection whose licence is for research: no more than the statistics need
LONGEST = {AnBn: 30, AnBnCn: 20}  # n of a string
DIGITS = 3  # after the point, of a generated number


@dataclass(frozen=True)
class HeldOut:
    """Documents as a user types them, and one sentence on where they are from."""

    documents: list[str]
    source: str


def held_out(task: Task) -> HeldOut:
    """Held-out documents for a model that was trained on this task: about 20,000 generated steps, or 100,000 characters of text."""
    random = np.random.default_rng(SEED)
    match task:
        case Text():
            return _of_text(task)
        case Sentiment():
            sentences = [sentence for sentence, _ in task.held_out[:SENTENCES]]
            said = (
                f"The first {len(sentences)} sentences of the test split of the Stanford Sentiment Treebank (Socher et al. "
                f"2013), quoted for research and teaching; the collection itself is not part of Gatescope."
            )
            return HeldOut(sentences, said)
        case Forecast():
            return _of_series(task)
        case AnBn():
            most = LONGEST[type(task)]
            return _generated(
                f"n from 1 to {most}", (task.string(int(random.integers(1, most + 1)))[0] + "T" for _ in _endless())
            )
        case Brackets():
            strings = ("S" + nested(random, TEST_DEPTH, 100, reach=True) + "T" for _ in _endless())
            return _generated(f"strings that reach depth {TEST_DEPTH}", strings)
        case EmbeddedReber():
            return _generated("strings of the grammar", (task.string(random)[0] for _ in _endless()))
        case Adding():
            return _generated(f"rows of {task.length} numbers", (_row(task, random) for _ in _endless()))
        case TemporalOrder():
            strings = (task.encoder.decode(task.batch(0, 1, random).inputs[0].numpy()) for _ in _endless())
            return _generated(f"sequences of {task.length} symbols", strings)
    raise ValueError(f"{task.name} has no held-out documents")


def _endless() -> Iterator[None]:
    while True:
        yield None


def _generated(what: str, made: Iterable[str]) -> HeldOut:
    documents: list[str] = []
    steps = 0
    for one in made:
        documents.append(one)
        steps += len(one.split()) if " " in one else len(one)
        if steps >= GENERATED:
            break
    return HeldOut(documents, f"{len(documents)} sequences drawn afresh by the task's own generator ({what}).")


def _row(task: Adding, random: np.random.Generator) -> str:
    numbers, marks = task.batch(0, 1, random).inputs[0].numpy().T
    return " ".join(f"{number:.{DIGITS}f}:{mark:.0f}" for number, mark in zip(numbers, marks, strict=True))


def _of_text(task: Text) -> HeldOut:
    """Whole modules of the standard library that lie in the held-out tenth; of another text its held-out tenth, from a paragraph on."""
    text = task.encoder.decode(task.parts[2])
    if "standard library" not in task.title_of_text:
        start = text.find("\n\n") + 2
        stop = text.rfind("\n\n", start, start + MOST) + 1
        kept = text[start:stop]
        return HeldOut(
            [kept], f"{len(kept):,} characters of the last tenth of {task.title_of_text}, which was held out."
        )
    contents = [_content(path) for path in Path(sysconfig.get_path("stdlib")).glob("*.py")]
    there = sorted({one for one in contents if one and one in text}, key=lambda one: (len(one), one))
    sizes = np.cumsum([len(one) for one in there])
    modules = sorted(
        there[: int(np.searchsorted(sizes, MOST, side="right"))], key=text.find
    )  # the shortest: so there are many
    said = (
        f"{len(modules)} modules of Python's standard library that lie in the held-out tenth of {task.title_of_text} "
        f"(Python Software Foundation License)."
    )
    return HeldOut(modules, said)


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _of_series(task: Forecast) -> HeldOut:
    """The held-out numbers as one document, with the place in the period wherever it does not go on by one."""
    first, spread = task.cuts[1], task.encoder.spread[0]
    pieces, due = [], None
    for number, place in zip(task.numbers[first:], task.places[first:], strict=True):
        if place != due:
            pieces.append(f"@{place:g}")
        due = place % task.period + 1
        pieces.append(typed(number, spread, least=10))
    count = len(task.numbers) - first
    return HeldOut([" ".join(pieces)], f"The last {count} numbers of {task.title_of_data}, which were held out.")
