"""The app as its user starts it, in a process of its own, and what that process takes. Needs Linux's /proc."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000
PATIENCE = 120  # seconds


@dataclass(frozen=True)
class Server:
    """A running app."""

    pid: int
    url: str
    log: Path

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident memory in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE

    def complaints(self) -> str:
        """The end of the log if something was raised, else nothing."""
        log = self.log.read_text(errors="replace")
        return log[log.index("Traceback") :][-3000:] if "Traceback" in log else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(script: Path | str = ROOT / "app.py", options: Sequence[str] = (), **environment: str) -> Iterator[Server]:
    """`streamlit run` of this script on a free port, until the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port), *options]
    with TemporaryDirectory() as home, (Path(home) / "log").open("w") as log:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "GATESCOPE_HOME": home, **environment}
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=variables)
        server = Server(process.pid, f"http://127.0.0.1:{port}", Path(log.name))
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the app did not start: {server.log.read_text()}")
