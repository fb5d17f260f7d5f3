"""Pool: which runs are being trained and which are waiting."""

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lstm_core.environment import whole_number
from lstm_core.runs import worker_start
from lstm_core.runs.folder import ACTIVE, Folder, Order, State, Status
from lstm_core.runs.request import MAX_FILE_BYTES, Request
from lstm_core.runs.retention import sweep
from lstm_core.user_models import VARIABLE as HOME
from lstm_core.user_models import home, unwritable

VARIABLE = "GATESCOPE_MAX_RUNS"
DEFAULT_RUNS = 2
MAX_WAITING = 20

_ID = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True)
class View:
    """The current state of a run."""

    state: State
    sentence: str  # what a reader should know beside it
    order: Order  # what it was told and has not done yet
    ahead: int = 0  # how many runs are before it, where it waits in line
    trouble: str = ""  # why what it was told, or how it ended, could not be written down

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


class Pool:
    """The runs of one server, each a process; at most `most` at once, the others wait in order.

    Safe to call from several threads. What runs are and how they stand lies in their folders under `root`, so
    a new pool finds those of an earlier one.
    """

    def __init__(self, root: Path, most: int) -> None:
        self._root, self.most = Path(os.path.abspath(root)), most
        self._line: list[str] = []
        self._at_work: set[str] = set()
        self._trouble: dict[str, str] = {}  # why a run could not be written, where that is so
        self._lock = threading.RLock()
        sweep(self._root, spare=())

    def start(self, request: Request, content: bytes | None = None) -> str:
        """Start a run and return its id; whoever knows it can watch it. Raises ValueError, one sentence, if it cannot."""
        request.check()
        if content is not None and len(content) > MAX_FILE_BYTES:
            raise ValueError(
                f"The file has {len(content) / 1e6:.1f} MB: give one of at most {MAX_FILE_BYTES / 1e6:.0f} MB, "
                f"for example its beginning."
            )
        with self._lock:
            if len(self._line) >= MAX_WAITING:
                raise ValueError(f"{MAX_WAITING} runs are already waiting: try again when some have ended.")
            sweep(self._root, spare={*self._line, *self._at_work})
            run = secrets.token_urlsafe(12)
            try:
                Folder.create(self._root / run, request, content)
            except OSError as error:
                raise ValueError(unwritable(error, self._root)) from error
            self._line.append(run)
            self._fill()
        return run

    def folder(self, run: str) -> Folder | None:
        """The folder of that run; None if there is no such run."""
        folder = Folder(self._root / run)
        return folder if _ID.fullmatch(run) and folder.exists else None

    def look(self, run: str) -> View | None:
        """The state of that run; None if there is no such run."""
        folder = self.folder(run)
        if folder is None:
            return None
        with self._lock:
            view = self._look(run, folder)
            return replace(view, trouble=self._trouble.get(run, ""))

    def _look(self, run: str, folder: Folder) -> View:
        status, order = folder.status, folder.order
        if run in self._line:
            return View("queued", "", order, len(self._at_work) + self._line.index(run))
        if run in self._at_work:
            # Also when its end is written down already: as long as there is the process, no other may follow.
            return View("running", status.sentence if status.state == "running" else "", order)
        if status.state in ACTIVE and not folder.is_locked:
            # Its process was killed, or the server that had it in its line is gone.
            return View("interrupted", "", "")
        return View(status.state, status.sentence, order if status.state in ACTIVE else "")

    def pause(self, run: str) -> None:
        """Save a run and free its slot."""
        self._tell(run, "pause")

    def stop(self, run: str) -> None:
        """End a run now; a paused one is queued again for that, since its model is tested at the end."""
        self._tell(run, "stop")

    def resume(self, run: str) -> None:
        """Resume a run from where it was saved, when its turn comes."""
        with self._lock:
            view, folder = self.look(run), self.folder(run)
            if view and folder and view.state in ("paused", "interrupted"):
                self._write(run, folder, lambda: folder.tell(""))
                self._queue(run, folder)

    def _tell(self, run: str, order: Order) -> None:
        with self._lock:
            view, folder = self.look(run), self.folder(run)
            if view is None or folder is None:
                return
            if view.state == "running":
                self._write(run, folder, lambda: folder.tell(order))
            elif order == "stop" and view.state in ("queued", "paused", "interrupted") and folder.has_begun:
                self._write(run, folder, lambda: folder.tell(order))
                if view.state != "queued":
                    self._queue(run, folder)
            elif view.state == "queued":
                self._line.remove(run)
                status = Status("paused" if order == "pause" else "stopped")
                self._write(run, folder, lambda: folder.write(status))
            elif order == "stop" and view.state in ("paused", "interrupted"):
                self._write(run, folder, lambda: folder.write(Status("stopped")))

    def _write(self, run: str, folder: Folder, change: Callable[[], None]) -> None:
        """Change a file in a run's folder; if that fails, `look` says why."""
        try:
            change()
            self._trouble.pop(run, None)
        except OSError as error:
            self._trouble[run] = unwritable(error, folder.path)

    def _queue(self, run: str, folder: Folder) -> None:
        self._write(run, folder, lambda: folder.write(Status("queued")))
        self._line.append(run)
        self._fill()

    def _fill(self) -> None:
        """Start the run that has waited longest in every free slot."""
        while self._line and len(self._at_work) < self.most:
            run = self._line.pop(0)
            folder = Folder(self._root / run)
            try:
                process = _process(folder)
            except OSError as error:
                failed = Status("failed", f"No process could be started for it: {error.strerror}.")
                self._write(run, folder, partial(folder.write, failed))
                continue
            self._at_work.add(run)
            threading.Thread(target=self._wait, args=(run, folder, process), name=f"run {run}", daemon=True).start()

    def _wait(self, run: str, folder: Folder, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        with self._lock:
            # Below 0 it was killed: then it can be resumed. Above 0 it met an error that nobody foresaw.
            if code > 0:
                failed = Status("failed", "It ended with an error of the program itself; its log says more.")
                self._write(run, folder, lambda: folder.write(failed))
            self._at_work.discard(run)
            if (
                folder.exists and folder.status.state == "paused" and folder.order == "stop"
            ):  # told while it was pausing
                self._queue(run, folder)
            self._fill()


def most_at_once() -> int:
    """The number of runs trained at once: GATESCOPE_MAX_RUNS, or 2. Raises ValueError for an invalid value."""
    return whole_number(VARIABLE, usual=DEFAULT_RUNS, most=1_000)


def _process(folder: Folder) -> subprocess.Popen[bytes]:
    folder.forget_start()
    command = [sys.executable, "-P", worker_start.__file__, str(folder.path), "--server", str(os.getpid())]
    # Found where this process finds them, wherever the server was started: the new process works elsewhere.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    if os.environ.get(HOME, "").strip():
        environment[HOME] = str(home())
    with folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (a fixed command; the folder's name is our own)
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env=environment,
            start_new_session=True,  # Ctrl-C in the server's terminal must not hit it: it saves and pauses by itself
        )
