"""The process that trains one run, once `worker_start.py` has imported this; or `python -m lstm_core.runs.worker FOLDER`."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import click
import torch

from lstm_core import training_checkpoints
from lstm_core.config import Card
from lstm_core.model import SequenceModel
from lstm_core.model_files import read_tensors, save
from lstm_core.runs.curve import Journal
from lstm_core.runs.folder import Folder, Order, Status
from lstm_core.runs.snapshot import SnapshotWriter
from lstm_core.settings import Settings
from lstm_core.tasks import Task, make_task
from lstm_core.training import RESUME, Initial, Progress, finish, initial_model, probe, train

POLL = 0.1  # seconds between two looks at what the process is told
HALF_PRECISION_WEIGHTS = 1_000_000  # weights: from here on training checkpoints are rounded to half precision
TESTING = "It is being tested on sequences that it has never met."
ALONE = "The server was closed: it was saved where it was."


class Orders:
    """The orders to the process: from the page, from the end of its server, or from a signal."""

    def __init__(self, folder: Folder, server: int | None) -> None:
        self._folder, self._server, self._looked = folder, server, 0.0
        self._known: Order = ""
        self.alone = False

    def now(self) -> Order:
        if time.monotonic() - self._looked >= POLL and not self.alone:
            self._looked = time.monotonic()
            self._known = self._folder.order
            # Without its server nobody could pause the process any more, so it goes too.
            if self._server is not None and os.getppid() != self._server:
                self.end()
        return "pause" if self.alone else self._known

    def end(self) -> None:
        self.alone = True


def work(path: Path, *, server: int | None = None, save_every: int | None = None) -> None:
    """Train the run in the folder `path` to its end, or until it is told to pause or stop.

    With `server`, the process number of who started it, it pauses as soon as that one is gone. Another process that
    works on the same run keeps it: then nothing happens. Raises ValueError for a folder that holds no run.
    """
    folder = Folder(Path(os.path.abspath(path)))
    path = folder.path
    if not folder.exists:
        raise ValueError(f"{path} holds no run: it has no request.json and status.json")
    with folder.locked() as mine:
        if not mine:
            return
        orders = Orders(folder, server)
        signal.signal(signal.SIGTERM, lambda *_: orders.end())
        folder.write(Status("running"))
        try:
            status = _trained(folder, orders, save_every)
            folder.write(status)
            if status.state != "paused":
                (path / RESUME).unlink(missing_ok=True)
        except (ValueError, FloatingPointError) as error:
            traceback.print_exc()
            folder.write(Status("failed", str(error)))
        except OSError as error:
            traceback.print_exc()
            file = error.filename or path
            folder.write(Status("failed", f"{file} could not be read or written ({error.strerror or error})."))


def _trained(folder: Folder, orders: Orders, save_every: int | None) -> Status:
    request = folder.request
    request.check()
    task, settings = make_task(request.task, folder.file, dict(request.options)), request.settings
    model = initial_model(task.config(request.size), Initial.of(task, settings))
    model.card = Card(name=request.task, summary=task.summary, look_for=task.look_for, examples=dict(task.examples()))
    save(model, folder.first)
    folder.reach("data")
    half = sum(weights.numel() for weights in model.parameters()) > HALF_PRECISION_WEIGHTS
    saving = save_every or max(10, min(200, settings.steps // 20))
    progress = train(model, task, settings, folder=folder.path, save_every=saving, half=half)
    order, step = _followed(folder, model, orders, progress)
    if order == "pause":
        return Status("paused", ALONE if orders.alone else "")
    if order == "stop":
        _keep_stopped(folder, model, task, settings, step, half=half)
    folder.write(Status("running", TESTING))
    finish(model, task, settings, folder.path, name=request.task, command="the page Train", steps=step)
    return Status("stopped" if order == "stop" else "finished")


def _followed(
    folder: Folder, model: SequenceModel, orders: Orders, progress: Generator[Progress, None, None]
) -> tuple[Order, int | None]:
    """Train until the end or until an order: returns the order and its step (None at the last one)."""
    journal, snapshots = Journal(folder.progress, folder.request.settings.steps), SnapshotWriter(folder)
    with closing(journal):
        before = time.monotonic()
        for now in progress:
            ended = time.monotonic()
            order = orders.now() if now.step < now.steps else ""
            last = bool(order) or now.step == now.steps
            # A snapshot is saved only of a step that the curve tells, and after that: who sees the one finds the other.
            if journal.note(now, ended - before, at_once=last or snapshots.none_yet):
                snapshots.show(model, now, journal.seconds, at_once=last)
            before = ended
            if order:
                progress.close()  # which saves all that is needed to go on
                return order, now.step
    return "", None


def _keep_stopped(
    folder: Folder, model: SequenceModel, task: Task, settings: Settings, step: int | None, *, half: bool
) -> None:
    """Finish as `train` does: restore the best weights if wanted, and save a last checkpoint."""
    tensors, described = read_tensors(folder.path / RESUME)
    score = float(described["score"])
    if "best" in described:
        best = {name.removeprefix("best."): one for name, one in tensors.items() if name.startswith("best.")}
        model.load_state_dict(best)
        score = float(described["best"])
    training_checkpoints.save_checkpoint(
        folder.path, model, step or 0, loss=probe(model, task, settings), score=score, half=half
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--server", type=int, help="The number of the process without which this one pauses.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
def main(folder: Path, server: int | None, threads: int) -> None:
    """Train the run in FOLDER, at low priority."""
    if sys.platform != "win32":
        os.nice(10)
    torch.set_num_threads(threads)
    try:
        work(folder, server=server)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
