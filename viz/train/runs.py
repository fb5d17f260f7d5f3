"""Training runs as pages see them: the server's pool of runs, and what a run's model predicts at this moment."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lstm_core import (
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
from lstm_core.runs import MAX_FILE_BYTES, Folder, Pool, Snapshot, last_snapshot, load_snapshot, most_at_once
from lstm_core.runs.request import plain_name
from lstm_core.tasks import Task, make_task
from lstm_core.tasks.files import read_table
from lstm_core.user_models import home
from viz.locale import N_, _
from viz.shared.wording import to_spread

LONGEST = 200  # timesteps of the preview's sequence
WRITTEN, FEWEST = 200, 40  # characters that a model writes, and a large one; other sequences have the example's length
READING = 150_000_000  # parameters read for all that is written: a large model writes less
PATIENCE = 6  # times as long as a look takes, before the next
ENDED = ("finished", "stopped")
GIVEN = 24  # at most so many characters of the example, which the model continues


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The runs of this server, for all readers. Raises ValueError when GATESCOPE_MAX_RUNS is nonsense."""
    return Pool(home() / "runs", most_at_once())


@dataclass(frozen=True, eq=False)
class RunPreview:
    """A run's model at one moment, and its predictions and signals on the example."""

    snapshot: Snapshot
    recording: Recording
    prediction: str  # in words, or the text that the model writes
    about: str  # a heading for `prediction`, of the catalogue
    evaluation: Mapping[str, object]  # the score on held-out sequences; empty before the end


@dataclass
class Latest:
    """The last preview of a run, and when to make another."""

    seen: RunPreview | None = None
    due: float = 0.0


def run_preview(folder: Folder) -> RunPreview | None:
    """The present preview of that run; None before its first training step.

    A large model, whose preview takes long, has fewer of them during training.
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
    about, prediction = answer(model, example, recording)
    return RunPreview(now, recording, prediction, about, model.card.evaluation)


def answer(model: SequenceModel, example: str, recording: Recording) -> tuple[str, str]:
    """What does the model predict for the example? (a heading of the catalogue, a text)"""
    last = recording.prediction.isel(step=-1)
    match model.config.readout:
        case Labels(labels):
            chances = zip(labels, last["probability"].to_numpy().tolist(), strict=True)
            return N_("Prediction at the end"), "   ".join(f"{label} {chance:.0%}" for label, chance in chances)
        case Values(names, spread=spread, ahead=True):
            return N_("Forecast (left) and true value (right)"), _forecast(recording, names[0], spread[0])
        case Values(names, spread=spread):
            values = zip(names, last["value"].to_numpy().tolist(), spread, strict=True)
            outputs = (f"{name}: {to_spread(value, own, digits=3)}" for name, value, own in values)
            return N_("Prediction at the end"), "   ".join(outputs)
        case NextToken() | LegalTokens():
            return _written(model, example)
    return "", ""


def _forecast(recording: Recording, name: str, spread: float) -> str:
    value, came = (recording.prediction[key].to_numpy()[-6:-1, 0].tolist() for key in ("value", "came"))
    return f"{name}\n" + "\n".join(
        f"{to_spread(one, spread):>10} {to_spread(other, spread):>10}" for one, other in zip(value, came, strict=True)
    )


def _written(model: SequenceModel, example: str) -> tuple[str, str]:
    """How the model continues the beginning of the example: a text by sampling, symbols by the likeliest."""
    symbols = isinstance(model.config.encoder, CharacterEncoder)
    given = example[: len(example) // 2 + 1] if symbols else example[:GIVEN]
    weights = sum(one.numel() for one in model.parameters())
    text = max(FEWEST, min(WRITTEN, READING // weights))
    count = max(1, len(example) - len(given)) if symbols else text
    tokens = generate(model, given, count, temperature=0.0 if symbols else 0.8, seed=0)
    begun = len(model.encode(given))
    new = model.config.class_encoder.decode(tokens.ids[begun:])
    return N_("Text the model writes after ▸"), f"{given}▸{new}"


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
    """Why the task cannot be trained on that file, one sentence; "" if it can."""
    if len(upload.content) > MAX_FILE_BYTES:
        return _("{file} has {size} MB: give at most {most} MB, for example its beginning.").format(
            file=upload.name, size=f"{len(upload.content) / 1e6:.1f}", most=MAX_FILE_BYTES // 10**6
        )
    made = _task_on(task, options, upload)
    return made if isinstance(made, str) else ""


def caution_of(task: str, options: dict[str, Any], batch: int, upload: Upload) -> str:
    """A warning before the task is trained in batches of so many sequences; "" if there is none."""
    made = _task_on(task, options, upload)
    return "" if isinstance(made, str) else made.caution(batch)


def _task_on(task: str, options: dict[str, Any], upload: Upload) -> Task | str:
    with st.spinner(_("Reading the file …")):
        return _cached_task(task, upload.digest, options, upload)


@st.cache_resource(max_entries=4, show_spinner=False)  # few: each holds the reader's data
def _cached_task(task: str, digest: str, options: dict[str, Any], _upload: Upload) -> Task | str:  # noqa: ARG001 (digest: the cache key)
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
    """What a reader has to know of a table before choosing a column."""

    gaps: dict[str, tuple[int, int]]  # for each column of numbers: how many gaps, and the line of the first
    notes: tuple[str, ...]  # sentences: what was assumed


def table_facts(upload: Upload) -> TableFacts:
    """Which columns of that table hold numbers, and what was assumed? Nothing for a file that is no table."""
    with st.spinner(_("Reading the file …")):
        return _cached_facts(upload.digest, upload)


@st.cache_data(max_entries=32, show_spinner=False)
def _cached_facts(digest: str, _upload: Upload) -> TableFacts:  # noqa: ARG001 (digest: the cache key)
    with stored(_upload) as path:
        try:
            table = read_table(path)
        except ValueError:
            return TableFacts({}, ())
    return TableFacts({one.name: (int(one.gaps.sum()), table.first_gap(one)) for one in table.numeric}, table.notes)
