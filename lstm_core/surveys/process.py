"""The process of one survey: `python -m lstm_core.surveys.process FOLDER --server PID`."""

import os
import shutil
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from lstm_core import model_files
from lstm_core.analysis import unit_cards
from lstm_core.corpus import open_corpus, record_corpus
from lstm_core.corpus.sources import beginnings, documents_of
from lstm_core.encoders import Tokens
from lstm_core.environment import whole_number
from lstm_core.model import SequenceModel
from lstm_core.recording import SIGNALS_OF
from lstm_core.surveys.folder import Progress, State, SurveyFolder
from lstm_core.training import untrained_draws

VARIABLE = "GATESCOPE_MAX_CORPUS_MB"
MOST_MEGABYTES = 2_000  # of a recording
POLL = 1.0  # seconds between two looks at the server
AT_DRAWS = 50_000  # steps that a model with random weights reads
COSTED = 200  # documents that a unit's cost is measured on, at most
NOTED = 0.3  # seconds between two notes of how far it has come


def survey(path: Path) -> None:
    """Record the file of the survey in `path` with its model, measure every unit, and note how far that has come.

    It may be killed at any moment: the same call goes on after the last part that is recorded whole.
    """
    folder = SurveyFolder(path)
    try:
        _Work(folder).run()
    except ValueError as error:
        traceback.print_exc()
        folder.write(replace(folder.progress, state="failed", sentence=str(error)))
    except OSError as error:
        traceback.print_exc()
        sentence = f"the recording cannot be written ({error.strerror or error})"
        folder.write(replace(folder.progress, state="failed", sentence=sentence))


class _Work:
    def __init__(self, folder: SurveyFolder) -> None:
        self.folder = folder
        self.model = model_files.load(folder.model, device="cpu")
        self.began, self.noted, self.left_out, self.steps, self.before = time.monotonic(), 0.0, 0, 0, 0
        self.found: int | None = None  # steps that an earlier process has recorded

    def run(self) -> None:
        signals = sorted(
            {one for layer in self.model.config.layer_names for one in SIGNALS_OF[self.model.config.cell(layer).type]}
        )
        documents = list(self._documents(signals))
        if not documents:
            raise ValueError("the file has no text that this model could read")
        read = beginnings(documents, AT_DRAWS)
        draws = untrained_draws(self.model)
        self.steps = sum(map(len, documents)) + len(draws) * sum(map(len, read))
        record_corpus(self.model, documents, self.folder.corpus, signals=signals, progress=self._told)
        self.before = sum(map(len, documents))
        beside = self.folder.path / "random weights"
        for number, draw in enumerate(draws):
            record_corpus(draw, read, beside / f"{number}", signals=signals, progress=self._told)
            self.before += sum(map(len, read))
        self._note("measuring", self.steps)
        for layer in self.model.config.layer_names:
            untrained = [open_corpus(beside / f"{number}", layer=layer) for number in range(len(draws))]
            corpus = open_corpus(self.folder.corpus, layer=layer)
            cards = unit_cards(corpus, self.model, layer_name=layer, untrained=untrained, documents=documents[:COSTED])
            self.folder.write_cards(layer, cards)
        shutil.rmtree(beside, ignore_errors=True)
        self._note("finished", self.steps)

    def _documents(self, signals: list[str]) -> Iterator[Tokens]:
        """The documents of the file, as far as their recording has room."""
        room = most_steps(self.model, signals)
        for document in documents_of(self.model, self.folder.file):
            if len(document) > room:
                self.left_out += len(document) - max(room, 0)
                document = document.until(max(room, 0))
            if len(document):
                yield document
            room -= len(document)

    def _told(self, done: int, _steps: int) -> None:
        if self.found is None:
            self.began, self.found = time.monotonic(), self.before + done
        if time.monotonic() - self.noted >= NOTED:
            self._note("recording", self.before + done)

    def _note(self, state: State, done: int) -> None:
        self.noted = time.monotonic()
        rate = (done - (self.found or 0)) / max(self.noted - self.began, 1e-3)
        self.folder.write(Progress(state, done, self.steps, rate, self.left_out))


def most_steps(model: SequenceModel, signals: list[str]) -> int:
    """How many steps of a text have room in a recording: GATESCOPE_MAX_CORPUS_MB, or 2 GB. Raises ValueError for a wrong value."""
    gates = {"input", "forget", "output", "update", "reset"}
    a_step = sum(
        model.config.units(layer) * (1 if signal in gates else 2)
        for layer in model.config.layer_names
        for signal in signals
        if signal in SIGNALS_OF[model.config.cell(layer).type]
    )
    return max(1, whole_number(VARIABLE, usual=MOST_MEGABYTES, most=1_000_000) * 1_000_000 // a_step)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--server", type=int, help="The process that started this one; without it, this one stops.")
def main(folder: Path, server: int | None) -> None:
    """Go on with the survey in FOLDER."""
    with suppress(OSError, AttributeError):
        os.nice(10)  # readers who look at pages come first
    if server is not None:
        threading.Thread(target=_end_with, args=(server,), daemon=True).start()
    survey(folder)


def _end_with(server: int) -> None:
    """End this process as soon as its server is gone: nobody could stop it any more, and it goes on from here later."""
    while os.getppid() == server:
        time.sleep(POLL)
    os._exit(1)


if __name__ == "__main__":
    main()
