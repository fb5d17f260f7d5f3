"""The command `gatescope`, and what takes seconds to import: it is loaded before the first page, at a moment of our choice.

The command starts the same app as `streamlit run app.py`, from wherever it is installed.
"""

import sys
from importlib import import_module
from pathlib import Path
from threading import Lock

ASKS = {"--help", "--version"}  # which need nothing loaded
# Nothing here may import a component of Streamlit's: it must be registered while the server runs.
NEEDED = (
    "plotly.graph_objects",
    "lstm_core",
    "lstm_core.analysis",
    "lstm_core.importers",
    "lstm_core.importers.sandbox",
    "lstm_core.runs",
    "lstm_core.tasks",
    "lstm_core.training",
    "pretrained",
    "pretrained.measures",
    "viz.figures",
    "viz.shared.tables",
    "viz.shared.exports",
)
WAITING = "Loading PyTorch and the models. This takes a few seconds after a start."


class CannotLoadError(RuntimeError):
    """Something that Gatescope needs cannot be imported; the message is one sentence of what to do."""


class _State:
    """Loading is done once in a process, for all who wait; what half failed is not tried again."""

    lock = Lock()
    done = False
    failed = ""


def loaded() -> bool:
    """Is all there, so that nobody has to wait?"""
    return _State.done


def load() -> None:
    """Import what the pages need, and read and draw one text, which imports the rest. Raises CannotLoadError."""
    with _State.lock:
        if _State.done:
            return
        if not _State.failed:
            _State.failed = _load()
        if _State.failed:
            raise CannotLoadError(_State.failed)
        _State.done = True


def _load() -> str:
    """Why did it not work, in a sentence? Empty where it did."""
    for name in NEEDED:
        try:
            import_module(name)
        except (ImportError, OSError) as error:  # OSError: a shared library of torch's that is not there
            missing = getattr(error, "name", None) or name
            said = " ".join(str(error).split())[:200]
            return (
                f"Gatescope cannot start, for {missing} cannot be imported ({said}): install it again, "
                "pip install --force-reinstall gatescope"
            )
    _warm_up()
    return ""


def _warm_up() -> None:
    """The first recording and the first figure take a second more than those after them."""
    from lstm_core import ByteEncoder, ModelConfig, SequenceModel, record
    from viz.figures import heatmaps

    recording = record(SequenceModel(ModelConfig(ByteEncoder(), 2, 2), seed=0).eval(), "a")
    heatmaps(recording.layers["layer0"], signals=["forget"], order=[0, 1]).to_json()


def app_file() -> Path:
    """Where is app.py? In a checkout beside this package; in an installed wheel, inside it."""
    here = Path(__file__).parent
    beside, inside = here.parent / "app.py", here / "app.py"
    return inside if inside.is_file() else beside


def main() -> None:
    """Load what the pages need, then pass the command's own options on to `streamlit run`, which prints the address."""
    import click
    from streamlit.web import cli

    if not ASKS.intersection(sys.argv[1:]):
        click.echo(WAITING)
        try:
            load()
        except CannotLoadError as error:
            sys.exit(str(error))
    sys.argv = ["streamlit", "run", str(app_file()), *sys.argv[1:]]
    sys.exit(cli.main())
