"""The running app, which all processes of a test run share: the first that needs it starts it, the last ends it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
OPTIONS = ("--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none")
PATIENCE = 300  # seconds: a small machine may be busy
LEFT = 'Cannot call "send" once a close message has been sent.'
TRACEBACKS = re.compile(
    r"(?:.*Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*\n(?:\nDuring handling .*\n\n|\nThe above .*\n\n)?)+"
)
STARTED: list[subprocess.Popen[bytes]] = []  # by this process, which need not be the one that ends them


def shared(script: str, home: Path, prepare: Callable[[Path], object], **environment: str) -> Iterator[str]:
    """Where the app `script` answers that keeps its files in `home`, which is prepared before it starts.

    After the last test that uses it, its log must have no exception.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock, state, log = FileLock(home / "lock"), home / "server.json", home / "log"
    with lock:
        if state.exists():
            found = json.loads(state.read_text())
        else:
            prepare(home)
            found = _started(script, log, GATESCOPE_HOME=str(home), **environment) | {"users": 0}
        state.write_text(json.dumps(found | {"users": found["users"] + 1}))
    try:
        yield found["url"]
    finally:
        with lock:
            now = json.loads(state.read_text())
            state.write_text(json.dumps(now | {"users": now["users"] - 1}))
            if now["users"] == 1:
                state.unlink()
                _end(now["pid"])
                rest = without_known(log.read_text())
                assert "Traceback" not in rest, f"the app raised: {rest[-3000:]}"


def without_known(log: str) -> str:
    """A log of the app without the tracebacks of one error, with those it came from.

    Streamlit 1.67 closes the connection of a visitor who left while it was writing to them, a second time.
    """
    return TRACEBACKS.sub(lambda found: "" if found[0].rstrip().endswith(LEFT) else found[0], log)


def _started(script: str, log: Path, **environment: str) -> dict[str, object]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", port, *OPTIONS]
    variables = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=variables)
    STARTED.append(server)
    url = f"http://127.0.0.1:{port}"
    _wait_for(f"{url}/_stcore/health", server, log)
    return {"url": url, "pid": server.pid}


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"the app did not start: {log.read_text()}")
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the app did not answer: {log.read_text()}")


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):  # it has ended by itself, and its log says why
        os.kill(pid, signal.SIGTERM)
    for server in STARTED:
        if server.pid == pid:
            server.wait(timeout=PATIENCE)
