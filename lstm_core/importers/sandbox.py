"""Untrusted files, each read in a separate process with limited resources, which may crash without harming the server."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from lstm_core.importers import sandbox_child
from lstm_core.importers.formats import check_size, read_model
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.limits import VARIABLE, UnreadableFile
from lstm_core.importers.sandbox_child import ResourceLimits
from lstm_core.importers.several import Content, named, pack

DEFAULT_LIMITS = ResourceLimits()
READER = "lstm_core.importers.sandbox:answer"
MAX_READERS = 2  # in the whole server
MAX_QUEUE_SECONDS = 30.0  # seconds that a file waits for its turn
FOLDERS = "gatescope-reading-"
MAX_SENTENCE_CHARS = 500  # characters of a sentence
STALE_SECONDS = 600.0  # seconds after which a folder belongs to no process that still reads

_PLACES = threading.BoundedSemaphore(MAX_READERS)


def read_sandboxed(
    content: Content | Mapping[str, Content] | Sequence[Path],
    name: str = "",
    *,
    limits: ResourceLimits = DEFAULT_LIMITS,
    reader: str = READER,
    queue: float = MAX_QUEUE_SECONDS,
) -> ImportedModel:
    """Read a file of another framework in a sandboxed process. `name` is the user's name for it.

    A model in several files is given as a list of paths, as files by their names, or as the folder that they lie in. A
    process of its own reads a copy, alone in a folder that is removed afterwards, under `limits` and without the server's
    environment. Two are read at a time; others wait. Takes some 2.5 s, nearly all of it for importing torch. Raises
    UnreadableFile for whatever goes wrong.

    >>> import io
    >>> import torch
    >>> from lstm_core.importers import read_sandboxed
    >>> file = io.BytesIO()
    >>> torch.save(torch.nn.LSTM(3, 4).state_dict(), file)
    >>> found = read_sandboxed(file.getvalue(), "mine.pt")
    >>> found.framework, found.chains[0].layouts[0].units
    ('PyTorch', 4)
    """
    files = _files(content)
    check_size(sum(map(_size, files.values())))
    if not _PLACES.acquire(timeout=queue):
        raise UnreadableFile(f"{MAX_READERS} other models are being read at this moment: upload it again in a minute")
    try:
        with _alone(files) as path:
            given = _given(path, name, limits, reader)
    except OSError as error:
        raise UnreadableFile(f"the server could not read it ({error.strerror}): upload it again in a minute") from error
    finally:
        _PLACES.release()
    return unpacked(given, limits)


def answer(path: Path, name: str) -> bytes:
    """The child's answer for a file: a line of JSON, and after it the model, if there is one."""
    try:
        return json.dumps({}).encode() + b"\n" + read_model(path, name).to_bytes()
    except UnreadableFile as error:
        return json.dumps({"unreadable": str(error)[:5_000]}).encode() + b"\n"


def sentence_of(code: int | None, limits: ResourceLimits) -> str:
    """A sentence for the user on a child without an answer, by its exit `code` (None after a timeout)."""
    if code is None or (sys.platform != "win32" and code == -signal.SIGALRM):
        return (
            f"reading it took more than {limits.patience:g} s, so it was given up: "
            "try again when the server is less busy, or save the weights alone"
        )
    if sys.platform != "win32" and code == -signal.SIGXCPU:
        return (
            f"reading it took more than {limits.seconds} s of the processor, so it was given up: "
            "no model of the sizes that Gatescope opens needs as long; save the weights alone"
        )
    if sys.platform != "win32" and code == -signal.SIGKILL:
        return "the system ended the process that read it, most likely for want of memory: save the weights alone"
    if code < 0:
        names = {one.value: one.name for one in signal.Signals}
        return (
            f"reading it crashed the library of its format ({names.get(-code, f'signal {-code}')}), "
            "as damaged files do: save the model again and upload it whole"
        )
    return "Gatescope met something in this file that it does not know: save the weights alone, or report it"


def _failed(reason: str, limits: ResourceLimits) -> str:
    sentences = {
        "memory": f"reading it took more than {limits.memory / 1e9:.1f} GB of memory, so it was given up: "
        "save the weights alone, or a smaller model",
        "depth": "what it holds is nested too deep to be read: save the weights alone",
        "written": f"what was read of it is more than {limits.written / 1e6:,.0f} MB: save the recurrent layers alone",
    }
    return sentences.get(reason, "what was read of the file came back damaged; try again")


def _files(content: Content | Mapping[str, Content] | Sequence[Path]) -> Mapping[str, Content]:
    """The given files by name."""
    if isinstance(content, bytes):
        return {"": content}
    found: Mapping[str, Content]
    if isinstance(content, Mapping):
        found = content
    else:
        found = named([content] if isinstance(content, Path) else list(content))
    if not found:
        raise UnreadableFile("no file was given: give the file of a model, or all files of one")
    return found


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


@contextmanager
def _alone(files: Mapping[str, Content]) -> Iterator[Path]:
    """A copy of the file, or of several in an archive, in a temporary folder with an empty `work`; deleted afterwards."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=FOLDERS, ignore_cleanup_errors=True) as folder:
        path = Path(folder, "model")
        [content, *more] = files.values()
        if more:
            pack(files, path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            shutil.copyfile(content, path)
        Path(folder, "work").mkdir()
        yield path


def _sweep() -> None:
    """Remove what a server that was killed left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*"):
        with suppress(OSError):  # another user's, or gone by now
            if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder)


def _given(path: Path, name: str, limits: ResourceLimits, reader: str) -> bytes:
    """The answer of a child that reads the file at `path`. Raises UnreadableFile if there is none."""
    order = {"file": str(path), "name": name[:200], "limits": asdict(limits), "reader": reader}
    work = path.with_name("work")
    # A file that is already open cannot be changed into a link to another; nor can it block, as a pipe does.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 (a fixed command; untrusted values are passed as JSON)
            [
                sys.executable,
                "-P",
                "-X",
                "faulthandler",
                sandbox_child.__file__,
                json.dumps(order | {"server": os.getpid()}),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            cwd=work,
            env=_environment(work),
            start_new_session=True,
        )
        log = _Log(process.stderr, limits.log)
        code: int | None = None
        try:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(limits.patience)
        finally:
            _end(process)
            log.close()
        if code != 0:
            sys.stderr.write(f"reading a model failed ({code}):\n{log}\n")
            raise UnreadableFile(sentence_of(code, limits))
        output.seek(0)
        return output.read(limits.written + 1)


def _environment(work: Path) -> dict[str, str]:
    """The environment variables that Python needs to start, and no others of the server's."""
    inherited = (VARIABLE, "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
    own = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "HOME", "USERPROFILE"), str(work))
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    python = {
        "PYTHONPATH": os.pathsep.join(os.path.abspath(one) for one in sys.path if one),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    return {name: os.environ[name] for name in inherited if name in os.environ} | own | threads | python


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that has ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Log:
    """The beginning of a child's log; the rest is read and dropped, so that the child never blocks on its pipe."""

    def __init__(self, pipe: IO[bytes] | None, most: int) -> None:
        self._pipe, self._most, self._kept = pipe, most, b""
        self._thread = threading.Thread(target=self._listen, name="reading a model", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while self._pipe is not None and (heard := os.read(self._pipe.fileno(), 65_536)):
            self._kept += heard[: self._most - len(self._kept)]

    def close(self) -> None:
        self._thread.join(1.0)
        if self._pipe is not None and not self._thread.is_alive():
            self._pipe.close()

    def __str__(self) -> str:
        # Whoever reads the log must not meet what a file makes a terminal do.
        return "".join(one if one == "\n" or one.isprintable() else "?" for one in self._kept.decode(errors="replace"))


def unpacked(given: bytes, limits: ResourceLimits = DEFAULT_LIMITS) -> ImportedModel:
    """The model in a child's answer. Raises UnreadableFile with the child's sentence where there is none."""
    head, newline, parcel = given.partition(b"\n")
    try:
        verdict = json.loads(head) if newline and len(head) < 50_000 else None
    except (ValueError, RecursionError):
        verdict = None
    if not isinstance(verdict, dict):
        raise UnreadableFile(_failed("", limits))
    if "unreadable" in verdict:
        raise UnreadableFile(_line(str(verdict["unreadable"])))
    if "failed" in verdict:
        raise UnreadableFile(_failed(str(verdict["failed"]), limits))
    return ImportedModel.from_bytes(parcel)


def _line(sentence: str) -> str:
    """A sentence as one printable line, since it may quote the file; a long one is cut in the middle."""
    shown = "".join(one if one.isprintable() else "\ufffd" for one in sentence)
    return shown if len(shown) <= MAX_SENTENCE_CHARS else f"{shown[: MAX_SENTENCE_CHARS - 200]} … {shown[-190:]}"
