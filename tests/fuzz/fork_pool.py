"""A process that has imported everything forks children that read files, and sees how they fare under the usual limits."""

import gc
import importlib
import json
import os
import resource
import select
import signal
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, NoReturn

from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.sandbox import DEFAULT_LIMITS, READER, unpacked
from lstm_core.importers.sandbox_child import Reader, ResourceLimits, answer_of, found, limit
from tests.fuzz.canary import Canary

OPENED, REFUSED, DEFECT, TIME = "opened", "refused", "defect", "time"
OVER = ("memory", "depth", "written", TIME, "SIGXCPU")
CANARY = Canary()  # of all that this process's children read
MAX_MESSAGE_CHARS = 30_000  # characters that are kept of a traceback


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    kind: str  # opened, refused, defect; memory, depth, written, time; or SIGSEGV and so on
    message: str  # the sentence of a refusal, the traceback of a defect
    seconds: float
    memory: int  # bytes that the child held at most, the fork pool's own 0.3 GB included
    left: int = 0  # processes that it started and that outlived it

    @property
    def contained(self) -> bool:
        """Is it anything that the importers may do: open it, say why not, or die of it alone?"""
        return self.kind != DEFECT and not self.left


def prepare() -> None:
    """Import everything now, so that no child has to; adopt what children leave behind."""
    import ctypes

    import torch

    torch.set_num_threads(1)
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    for name in (
        "h5py",
        "onnx",
        *(f"lstm_core.importers.{one}.read" for one in ("pytorch", "keras", "onnx", "tensorflow")),
        "lstm_core.importers.pickled",
    ):
        importlib.import_module(name)
    CANARY.set()
    gc.freeze()  # or each child would copy all of it when it collects


def outcomes(
    contents: Sequence[bytes], *, reader: str = READER, limits: ResourceLimits = DEFAULT_LIMITS, name: str = ""
) -> list[Outcome]:
    """What becomes of children of this process that read `contents`?

    One child reads one after the other, since a fork takes longer than reading a small file. What is neither opened nor
    refused is read once more, by a child of its own: it alone may be the cause.
    """
    if len(contents) == 1:
        return [_family(contents, reader, limits, name)[0]]
    told: list[Outcome] = []
    while len(told) < len(contents):
        told += _family(contents[len(told) :], reader, limits, name)
        if told[-1].kind not in (OPENED, REFUSED):
            told[-1] = _family([contents[len(told) - 1]], reader, limits, name)[0]
    return told


def _family(contents: Sequence[bytes], reader: str, limits: ResourceLimits, name: str) -> list[Outcome]:
    """What one child says of `contents`: of all, or up to the one that it died of or that was worse than refused."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        paths = [Path(folder, str(number), "model") for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.parent.mkdir()
            path.write_bytes(content)
        listening, speaking = os.pipe()
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _read_and_end(paths, name, reader, limits, speaking)
        os.close(speaking)
        lines = _heard(listening, began + limits.patience).splitlines()
        late = time.monotonic() - began > limits.patience
        if late:
            os.kill(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
        left = _end_orphans()
    told = [Outcome(*json.loads(line), used.ru_maxrss * 1024) for line in lines]
    code = os.waitstatus_to_exitcode(status)
    if code or late or not told:
        kind = TIME if late else signal.Signals(-code).name if code < 0 else DEFECT
        told.append(Outcome(kind, f"it ended with {code}", time.monotonic() - began, used.ru_maxrss * 1024))
    if left:
        told[-1] = Outcome(told[-1].kind, told[-1].message, told[-1].seconds, told[-1].memory, left)
    return told


def _read_and_end(paths: Sequence[Path], name: str, reader: str, limits: ResourceLimits, speaking: int) -> NoReturn:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, limits.patience)
    with os.fdopen(speaking, "w", buffering=1) as pipe, _Reporting(pipe) as report:
        chosen = found(reader)
        limit(limits)
        CANARY.seen.clear()  # what the pool itself did before
        for path in paths:
            os.chdir(path.parent)
            report.began = time.monotonic()
            kind, message = _read(chosen, path, name, limits)
            report.say(kind, message)
            if kind not in (OPENED, REFUSED):
                break
    raise AssertionError


def _read(reader: Reader, path: Path, name: str, limits: ResourceLimits) -> tuple[str, str]:
    answer = answer_of(reader, path, name, limits)
    told = json.loads(answer.partition(b"\n")[0])
    if CANARY.seen:
        return DEFECT, f"code of a file was run: {CANARY.seen}"
    try:
        model = unpacked(answer, limits)
        shown = (model.vocabulary_from, *model.vocabulary, *model.notes, *(one.name for one in model.chains))
        " ".join(shown).encode()
    except UnreadableFile as error:
        # What was opened must also reach the server.
        return told.get("failed") or (REFUSED if told else DEFECT), str(error)
    return OPENED, ""


class _Reporting:
    """However the child comes to its end, it ends here: nothing of the fork pool's own stack may go on in it."""

    def __init__(self, pipe: IO[str]) -> None:
        self._pipe, self.began = pipe, time.monotonic()

    def __enter__(self) -> "_Reporting":
        return self

    def say(self, kind: str, message: str) -> None:
        self._pipe.write(json.dumps([kind, message[-MAX_MESSAGE_CHARS:], time.monotonic() - self.began]) + "\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> NoReturn:
        if error is not None:
            self.say(DEFECT, "".join(traceback.format_exception(error)))
        os._exit(0)


def _heard(listening: int, until: float) -> bytes:
    message = b""
    with os.fdopen(listening, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
            more = pipe.read(65_536)
            if not more:
                break
            message += more
    return message


def _end_orphans() -> int:
    """How many processes did a child leave behind, that are this one's now? They are ended."""
    left = 0
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for process in map(int, children.read_text(encoding="ascii").split()):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        left += 1
    return left
