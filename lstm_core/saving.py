"""Writing files and folders atomically, and never over anything that is not ours."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

STALE_SECONDS = 3600.0  # seconds after which a draft belongs to no process that still writes
SWAP = 1.0  # seconds, far more than between the two moves of a folder and its successor
UNNOTICED = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave in any folder
MAX_LISTED = 3  # names in a sentence


class OccupiedError(FileExistsError, ValueError):
    """The target of a file or folder is taken by something else; the message names both."""


def write_text(path: Path, text: str) -> None:
    """Write a file atomically: it is there whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """`write_text`, for bytes."""
    draft = drafted(path)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, *, lasting: bool = True
) -> None:
    """Write safetensors atomically; unless `lasting`, a power cut may lose them."""
    draft = drafted(path)
    save_file(dict(tensors), draft, metadata=dict(metadata) if metadata else None)
    if lasting:
        sync(draft)
    draft.replace(path)
    if lasting:
        sync(path.parent)


def drafted(path: Path) -> Path:
    """The path of a file until it is whole."""
    return path.with_name(path.name + ".part")


@contextmanager
def whole_folder(path: Path, *, ours: Callable[[Path], Iterable[str]], kind: str) -> Iterator[Path]:
    """A folder to write into. It replaces `path` when the block ends, and is deleted if the block fails.

    What lies at `path` is replaced if it is an empty folder, or one of which `ours` names no entry as foreign. Else
    raises OccupiedError, before the block and again after it; `kind` is what belongs there, for that sentence. An old folder stays
    beside the new one until that is in place, so that a kill loses neither: `recovered` puts it back.
    """
    path = recovered(path)
    check_free(path, ours=ours, kind=kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", suffix=".saving", dir=path.parent))
    new, old = beside / "new", beside / "old"
    try:
        new.mkdir()
        yield new
        for one in new.rglob("*"):
            sync(one)
        check_free(path, ours=ours, kind=kind)
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
        sync(path.parent)
    finally:
        if path.exists() or not old.exists():
            shutil.rmtree(beside, ignore_errors=True)


def recovered(path: Path) -> Path:
    """The absolute path, after restoring a folder that a killed `whole_folder` had moved aside."""
    path = Path(os.path.abspath(path))
    if path.is_symlink():  # the folder itself is replaced, and the link stays
        path = path.resolve()
    while not path.exists():
        left = min((one for one in _drafts(path) if (one / "old").is_dir()), key=_age, default=None)
        if left is None:
            break
        if _age(left) < SWAP:  # perhaps a process is about to put the new one there
            time.sleep(SWAP / 20)
            continue
        with suppress(OSError):  # another process was quicker
            (left / "old").rename(path)
            shutil.rmtree(left, ignore_errors=True)
    return path


def check_free(path: Path, *, ours: Callable[[Path], Iterable[str]], kind: str) -> None:
    """Raise OccupiedError if `path` holds anything that is not `ours`: see `whole_folder`."""
    if not path.exists():
        return
    if not path.is_dir():
        raise OccupiedError(f"{path} is a file, but {kind} is a folder: choose another name")
    here = Path.cwd()
    if path == here or path in here.parents:
        raise OccupiedError(f"{path} is the current folder: choose a folder in it for {kind}")
    if all(one.name in UNNOTICED for one in path.iterdir()):
        return
    foreign = [name for name in ours(path) if name not in UNNOTICED]
    if foreign:
        raise OccupiedError(
            f"{path} holds {listed(foreign)}, which would be lost: choose an empty or a new folder for {kind}"
        )


def listed(names: Iterable[str]) -> str:
    """The first few of these names, and how many more there are."""
    first = sorted(names)
    more = f" and {len(first) - MAX_LISTED} more" if len(first) > MAX_LISTED else ""
    return ", ".join(repr(name) for name in first[:MAX_LISTED]) + more


def sync(path: Path) -> None:
    """Sync a file or folder to disk, so that it survives a power cut."""
    if sys.platform == "win32" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot do it for folders
            os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(path: Path) -> None:
    """Remove the drafts of this folder that a killed process left behind."""
    for left in _drafts(path):
        with suppress(OSError):  # another user's, or gone by now
            if _age(left) > STALE_SECONDS:
                shutil.rmtree(left)


def _drafts(path: Path) -> list[Path]:
    name = "".join(f"[{one}]" if one in "*?[" else one for one in path.name)  # what stands for itself in a pattern
    return list(path.parent.glob(f".{name}-????????.saving"))


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
