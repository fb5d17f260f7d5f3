"""What the process of a run begins with: `python worker_start.py FOLDER`.

Run as a file, not as a module: importing torch takes most of the time until the first training step, so the process first
writes down that it is there. Needs nothing but Python until then.
"""

import importlib
import sys
from contextlib import suppress
from pathlib import Path

FILE = "start"  # in a run's folder: the stages that its present process has reached, one a line
STAGES = ("process", "torch", "data")
"""In this order: the process is there; torch and the worker are imported; the data, and the model before its first step,
are ready."""


def note(folder: Path, stage: str) -> None:
    """Write down that the process has reached `stage`. A run is not lost for a line that nobody could write."""
    with suppress(OSError), (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(f"{stage}\n")


def stages_in(folder: Path) -> tuple[str, ...]:
    """The stages that are written down in that folder."""
    try:
        written = (folder / FILE).read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return ()
    return tuple(stage for stage in STAGES if stage in written)


def main() -> None:
    folder = Path(sys.argv[1])
    note(folder, "process")
    worker = importlib.import_module("lstm_core.runs.worker")  # and with it torch
    note(folder, "torch")
    worker.main()


if __name__ == "__main__":
    main()
