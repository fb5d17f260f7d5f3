"""Training runs as pages see them: the one pool of this server, and what a run's model does at this moment."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lstm_core import (
    Card,
    CharacterEncoder,
    Labels,
    LegalTokens,
    NextToken,
    Recording,
    SequenceModel,
    Values,
    generate,
    record,
)
from lstm_core.runs import Folder, Pool, Snapshot, last_snapshot, load_snapshot, most_at_once
from lstm_core.runs.request import plain_name
from lstm_core.tasks import Task, make_task
from lstm_core.tasks.files import read_table
from lstm_core.user_models import home
from viz.shared.wording import to_spread

LONGEST = 200  # steps of the watched sequence
WRITTEN, FEWEST = 200, 40  # characters of a text, of a large model; of other sequences as many as the watched one has
READING = 150_000_000  # weights to be read for what is written: a large model writes less
PATIENCE = 6  # times as long as a look takes, before the next
ENDED = ("finished", "stopped")
GIVEN = 24  # characters of it, at most, that the model goes on from


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The runs of this server, for all readers. Raises ValueError when GATESCOPE_MAX_RUNS is nonsense."""
    return Pool(home() / "runs", most_at_once())


@dataclass(frozen=True, eq=False)
class RunPreview:
    """What the model of a run does with the sequence that is watched, as it is at one moment."""

    snapshot: Snapshot
    recording: Recording
    says: str  # one line of what it says, or what it writes
    about: str  # what `says` is, for a heading
    tested: str  # how well it did in the end; "" before


@dataclass
class Latest:
    """What was seen of a run last, and when it is worth another look."""

    seen: RunPreview | None = None
    due: float = 0.0


def run_preview(folder: Folder) -> RunPreview | None:
    """What does the model of that run do now? None before its first step.

    A large model, which takes long to look at, is looked at less often while it is trained.
    """
    now, ended = last_snapshot(folder), folder.status.state in ENDED
    if now is None:
        return None
    latest, began = _latest(str(folder.path)), time.monotonic()
    if ended or latest.seen is None or began >= latest.due:
        latest.seen = _run_preview(str(folder.path), now.step, ended)
        latest.due = time.monotonic() + (time.monotonic() - began) * PATIENCE
    return latest.seen


@st.cache_resource(max_entries=64, show_spinner=False)
def _latest(path: str) -> Latest:  # noqa: ARG001 (the cache key)
    return Latest()


@st.cache_resource(max_entries=16, show_spinner=False)
def _run_preview(path: str, step: int, ended: bool) -> RunPreview | None:  # noqa: ARG001 (step and ended: the cache key)
    found = load_snapshot(Folder(Path(path)))
    if found is None:
        return None
    now, model = found
    example = next(iter(model.card.examples.values()))
    tokens = model.encode(example)
    recording = record(model, tokens)
    about, says = answer(model, example, recording)
    return RunPreview(now, recording, says, about, _tested(model.card))


def _tested(card: Card) -> str:
    result = card.evaluation
    if "score" not in result:
        return ""
    others = "".join(f"; {name}: {value:.4g}" for name, value in dict(result["others"]).items())  # type: ignore[call-overload]  # a JSON object
    return f"{result['score']:.4g} {result['measure']} (before training {result['untrained']:.4g}{others})"


def answer(model: SequenceModel, example: str, recording: Recording) -> tuple[str, str]:
    """What does the model say of the example, and what is that? (a heading, a text)"""
    last = recording.prediction.isel(step=-1)
    match model.config.readout:
        case Labels(labels):
            chances = zip(labels, last["probability"].to_numpy().tolist(), strict=True)
            return "What it says at the end", "   ".join(f"{label} {chance:.0%}" for label, chance in chances)
        case Values(names, spread=spread, ahead=True):
            return "What it forecasts", _forecast(recording, names[0], spread[0])
        case Values(names, spread=spread):
            values = zip(names, last["value"].to_numpy().tolist(), spread, strict=True)
            said = (f"{name}: {to_spread(value, own, digits=3)}" for name, value, own in values)
            return "What it says at the end", "   ".join(said)
        case NextToken() | LegalTokens():
            return _written(model, example)
    return "", ""


def _forecast(recording: Recording, name: str, spread: float) -> str:
    value, came = (recording.prediction[key].to_numpy()[-6:-1, 0].tolist() for key in ("value", "came"))
    return f"{name}, and what came\n" + "\n".join(
        f"{to_spread(one, spread):>10} {to_spread(other, spread):>10}" for one, other in zip(value, came, strict=True)
    )


def _written(model: SequenceModel, example: str) -> tuple[str, str]:
    """How the model goes on from the beginning of the example: a text as it likes, a symbol as the likeliest."""
    symbols = isinstance(model.config.encoder, CharacterEncoder)
    given = example[: len(example) // 2 + 1] if symbols else example[:GIVEN]
    weights = sum(one.numel() for one in model.parameters())
    text = max(FEWEST, min(WRITTEN, READING // weights))
    count = max(1, len(example) - len(given)) if symbols else text
    tokens = generate(model, given, count, temperature=0.0 if symbols else 0.8, seed=0)
    begun = len(model.encode(given))
    new = model.config.class_encoder.decode(tokens.ids[begun:])
    return "How it goes on after ▸", f"{given}▸{new}"


@dataclass(frozen=True)
class Upload:
    """A file of the reader's own."""

    name: str
    content: bytes
    digest: str


@contextmanager
def stored(upload: Upload) -> Iterator[Path]:
    """The upload as a file, for as long as it is read."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / plain_name(upload.name)
        path.write_bytes(upload.content)
        yield path


def problem_with(task: str, options: dict[str, Any], upload: Upload) -> str:
    """Why can the task not be learnt from that file? One sentence; "" where it can."""
    made = _task_on(task, upload.digest, options, upload)
    return made if isinstance(made, str) else ""


def caution_of(task: str, options: dict[str, Any], batch: int, upload: Upload) -> str:
    """What should a reader know before the task is learnt in batches of so many sequences? "" where nothing."""
    made = _task_on(task, upload.digest, options, upload)
    return "" if isinstance(made, str) else made.caution(batch)


@st.cache_resource(max_entries=4, show_spinner="Reading the file …")  # few: each holds the reader's data
def _task_on(task: str, digest: str, options: dict[str, Any], _upload: Upload) -> Task | str:  # noqa: ARG001 (digest: the cache key)
    """The task on that file; or one sentence that says why there is none."""
    with stored(_upload) as path:
        try:
            made = make_task(task, path, dict(options))
            made.config(made.size)
        except ValueError as error:
            return str(error)
    return made


@dataclass(frozen=True)
class TableFacts:
    """What a table holds, as far as a reader has to know before choosing a column."""

    gaps: dict[str, tuple[int, int]]  # by the name of each column of numbers: how many gaps, and the line of the first
    notes: tuple[str, ...]  # sentences: what was assumed


@st.cache_data(max_entries=32, show_spinner="Reading the file …")
def table_facts(digest: str, _upload: Upload) -> TableFacts:  # noqa: ARG001 (digest: the cache key)
    """Which columns of that table hold numbers, and what was assumed? Nothing for a file that is no table."""
    with stored(_upload) as path:
        try:
            table = read_table(path)
        except ValueError:
            return TableFacts({}, ())
    return TableFacts({one.name: (int(one.gaps.sum()), table.first_gap(one)) for one in table.numeric}, table.notes)
