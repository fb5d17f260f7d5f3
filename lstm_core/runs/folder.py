"""Folder: the files of one run, and the state they describe."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from lstm_core.model_files import CONFIG
from lstm_core.runs import worker_start
from lstm_core.runs.request import Request, is_request, plain_name
from lstm_core.saving import write_bytes, write_text
from lstm_core.training import RESUME

State = Literal["queued", "running", "paused", "interrupted", "stopped", "finished", "failed"]
STATES: tuple[State, ...] = get_args(State)
Order = Literal["", "pause", "stop"]

ACTIVE: tuple[State, ...] = ("queued", "running")


@dataclass(frozen=True)
class Status:
    """The state of a run."""

    state: State
    sentence: str = ""  # what a reader should know beside it: why it failed

    @classmethod
    def from_json(cls, text: str) -> "Status":
        """The status in a file. One that cannot be read counts as a failed run, with a sentence."""
        try:
            fields = json.loads(text)
            state, sentence = fields["state"], fields.get("sentence", "")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return cls("failed", f"How it stood cannot be read any more ({type(error).__name__}: {error}).")
        if state not in STATES or not isinstance(sentence, str):
            return cls(
                "failed",
                f"It was left by another version of Gatescope, as {str(state)[:40]!r}, which this one does not know.",
            )
        return cls(state, sentence)


class Folder:
    """The files of one run. Every file is replaced atomically."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.progress = path / "progress.jsonl"  # see `curve.py`
        self.now = path / "now.safetensors"  # see `snapshot.py`
        self.first = path / "first"  # the model before its first step: layout and examples
        self.log = path / "log"  # the process's output, tracebacks too
        self._request, self._status, self._order = path / "request.json", path / "status.json", path / "control"

    @classmethod
    def create(cls, path: Path, request: Request, content: bytes | None) -> "Folder":
        """A new run, with the user's file in it. Raises OSError, and leaves nothing, if it cannot be written."""
        path.mkdir(parents=True)
        folder = cls(path)
        try:
            if content is not None:
                (path / "file").mkdir()
                write_bytes(path / "file" / plain_name(request.file), content)
            write_text(folder._request, request.to_json())
            folder.write(Status("queued"))
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return folder

    @property
    def request(self) -> Request:
        return Request.from_json(self._request.read_text(encoding="utf-8"))

    @property
    def file(self) -> Path | None:
        """The user's file, if there is one."""
        name = self.request.file
        return self.path / "file" / plain_name(name) if name else None

    @property
    def status(self) -> Status:
        """The last status that was written; a process that was killed cannot write one."""
        return Status.from_json(self._status.read_text(encoding="utf-8"))

    def write(self, status: Status) -> None:
        write_text(self._status, json.dumps(asdict(status), ensure_ascii=False))

    @property
    def order(self) -> Order:
        """The order to the process that it has not carried out yet."""
        try:
            order = self._order.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        return "pause" if order == "pause" else "stop" if order == "stop" else ""

    def tell(self, order: Order) -> None:
        if order:
            write_text(self._order, order)
        else:
            self._order.unlink(missing_ok=True)

    @property
    def exists(self) -> bool:
        return self._status.is_file() and self._request.is_file()

    @property
    def is_run(self) -> bool:
        """Is it a run, and not another program's folder with files of the same names?"""
        with suppress(OSError, ValueError):
            return self.exists and is_request(self._request.read_text(encoding="utf-8"))
        return False

    @property
    def touched(self) -> float:
        """When the status last changed, in seconds as `time.time` counts."""
        return self._status.stat().st_mtime

    @property
    def started(self) -> tuple[str, ...]:
        """How far has the start of its present process come? Of `worker_start.STAGES`, those that it has reached."""
        return worker_start.stages_in(self.path)

    def reach(self, stage: str) -> None:
        """Called by the process: its start has come so far."""
        worker_start.note(self.path, stage)

    def forget_start(self) -> None:
        """Before another process starts: what the one before has reached is over."""
        (self.path / worker_start.FILE).unlink(missing_ok=True)

    @property
    def has_begun(self) -> bool:
        """Is there a saved step to go on from?"""
        return (self.path / RESUME).is_file()

    @property
    def has_model(self) -> bool:
        """Is there a model to keep?"""
        return (self.path / CONFIG).is_file()

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Lock the run for this process, until the block or the process ends. False if another process has the lock."""
        if sys.platform == "win32":
            yield True
            return
        import fcntl

        with (self.path / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    @property
    def is_locked(self) -> bool:
        """Is a process working on it?"""
        with self.locked() as free:
            return not free
