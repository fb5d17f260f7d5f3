"""Readers that take what they must not: `test_sandbox.py` has a child run them in the place of the importers."""

# ruff: noqa: ARG001 (all are called with a path and a name)

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


def tells(path: Path, name: str) -> bytes:
    """What it can see, as the sentence of an error."""
    return _sentence(
        {
            "environment": sorted(os.environ),
            "values": sorted(os.environ.values()),
            "folder": os.listdir(),
            "beside": sorted(one.name for one in path.parent.iterdir()),
            "where": str(path.parent),
            "name": name,
            "content": path.read_text(encoding="utf-8"),
            "stdin": sys.stdin.read(),
            "leads": os.getpgid(0) == os.getpid() == os.getsid(0),
        }
    )


def allocates(path: Path, name: str) -> bytes:
    return bytes(3_000_000_000)


def recurses(path: Path, name: str) -> bytes:
    return recurses(path, name)


def spins(path: Path, name: str) -> bytes:
    while True:
        pass


def sleeps(path: Path, name: str) -> bytes:
    Path("asleep").touch()
    time.sleep(600)
    return b""


def writes(path: Path, name: str) -> bytes:
    with Path("large").open("wb") as file:
        try:
            for _ in range(100):
                file.write(bytes(1_000_000))
                file.flush()
        except OSError as error:
            return _sentence({"error": error.errno, "bytes": Path("large").stat().st_size})
    return b""


def opens(path: Path, name: str) -> bytes:
    files = []
    try:
        for number in range(2_000):
            files.append(Path(f"file{number}").open("w"))  # noqa: SIM115, PERF401 (as many as it gets)
    except OSError as error:
        return _sentence({"error": error.errno, "files": len(files)})
    return b""


def forks(path: Path, name: str) -> bytes:
    """Leaves a process behind that sleeps, and ends well."""
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return _sentence({"left": left.pid})


def unpickles(path: Path, name: str) -> bytes:
    """What no importer may do."""
    with suppress(ImportError):
        pickle.loads(b"cgatescope_canary\ntrap\n(tR.")  # noqa: S301
    return _sentence({"unpickled": True})


def crashes(path: Path, name: str) -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


def is_killed(path: Path, name: str) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def prints(path: Path, name: str) -> bytes:
    for _ in range(50):
        os.write(1, b"o" * 100_000)
        os.write(2, b"e" * 100_000)
    return _sentence({"printed": True})


def prints_and_fails(path: Path, name: str) -> bytes:
    os.write(2, b"e" * 5_000_000)
    raise KeyError("what no importer may raise")


def garbage(path: Path, name: str) -> bytes:
    return b"\x80\x04\x95garbage\n\xff\x00"


def wrong_model(path: Path, name: str) -> bytes:
    return b'{}\n{"a": 1}'


def too_much(path: Path, name: str) -> bytes:
    return b"{}\n" + bytes(30_000_000)


def quotes(path: Path, name: str) -> bytes:
    called = "\x1b[31m\n\ud800" + "x" * 3_000
    return json.dumps({"unreadable": f"it is called {called}: give it another name"}).encode() + b"\n"


def _sentence(seen: dict[str, object]) -> bytes:
    return json.dumps({"unreadable": json.dumps(seen)}).encode() + b"\n"
