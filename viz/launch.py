"""The command `gatescope`, and the slow imports, which are done before the first page is shown.

The command starts the same app as `streamlit run app.py`, wherever it is installed; `gatescope export`,
`gatescope site` and `gatescope corpus` are in commands.py.
"""

import gc
import inspect
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from time import sleep

from viz.locale import N_, _

ASKS = {"--help", "--version"}  # they need nothing loaded
COMMANDS = ("corpus", "export", "site")
OTHERS = N_(
    "gatescope export --help and gatescope site --help say how pages are made that need no Python, and "
    "gatescope corpus --help how a model's gates are recorded over a large text. Without these, "
    "gatescope starts the app, with the options of streamlit run:"
)
# Nothing here may import a Streamlit component: components must be registered while the server runs.
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
    "viz.live.still",
    "viz.shared.tables",
    "viz.shared.exports",
)
LATER = ("lstm_core.corpus", "lstm_core.surveys")  # with dask and zarr, which the first page can do without
PAUSE = 0.4  # seconds in which a server that has just started answers its first visitor before it loads
SWITCH = 0.0005  # seconds after which a thread that imports lets another answer a visitor; usually 0.005
WAITING = N_("Loading PyTorch and the models. This takes a few seconds after a start.")


class CannotLoadError(RuntimeError):
    """Something that Gatescope needs cannot be imported; the message says what, why, and what to do."""


class _State:
    """Loading is done once in a process, for all visits; after a failure it is not tried again."""

    lock = Lock()
    done = False
    failed: tuple[str, str] | None = None


def loaded() -> bool:
    """Is everything imported?"""
    return _State.done


def waiting_for() -> str:
    """What does a visit that begins now wait for? In the reader's language."""
    return _("Loading the page.") if loaded() else _(WAITING)


def load() -> None:
    """Import what the pages need, then read and draw one text, which imports the rest. Raises CannotLoadError."""
    with _State.lock:
        if _State.done:
            return
        if not _State.failed:
            from viz.shared.garbage import fix_thresholds  # it brings Streamlit, which `gatescope --help` needs not

            fix_thresholds()
            with _polite():
                _State.failed = _load()
        if _State.failed:
            missing, reason = _State.failed
            raise CannotLoadError(
                _(
                    "Gatescope cannot start: {missing} cannot be imported ({reason}). Reinstall it with "
                    "pip install --force-reinstall gatescope"
                ).format(missing=missing, reason=reason)
            )
        # What is loaded now stays: no collection of garbage need go through it.
        gc.collect()
        gc.freeze()
        _State.done = True


@asynccontextmanager
async def loading(_app: object) -> AsyncIterator[None]:
    """While a server runs: load soon after its start, beside what it does, so that the first visit finds it done."""
    Thread(target=_load_quietly, daemon=True).start()
    yield


def _load_quietly() -> None:
    _know_files()
    sleep(PAUSE)
    with suppress(CannotLoadError):  # every page says so
        load()
        with _polite(), suppress(ImportError, OSError):  # a page that needs them says so
            for name in LATER:
                import_module(name)


@contextmanager
def _polite() -> Iterator[None]:
    """While this imports, other threads get their turn soon, and no garbage is looked for: there is hardly any."""
    interval, collects = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(SWITCH)
    gc.disable()
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if collects:
            gc.enable()


def _load() -> tuple[str, str] | None:
    """What cannot be imported, and why; None if everything can."""
    # Read by NumPy and SciPy as they are imported, for the reason given at `use_one_core_each`.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", os.environ.get("OMP_NUM_THREADS") or "1")
    for name in NEEDED:
        try:
            import_module(name)
        except (ImportError, OSError) as error:  # OSError: a shared library of torch is missing
            return getattr(error, "name", None) or name, " ".join(str(error).split())[:200]
    _warm_up()
    return None


def _warm_up() -> None:
    """The first recording and the first figure take a second longer than later ones."""
    from lstm_core import ByteEncoder, ModelConfig, SequenceModel, record
    from lstm_core.device import use_one_core_each
    from viz.figures import heatmaps

    use_one_core_each()
    recording = record(SequenceModel(ModelConfig(ByteEncoder(), 2, 2), seed=0).eval(), "a")
    heatmaps(recording.layers["layer0"], signals=["forget"], order=[0, 1]).to_json()
    _know_files()


def _know_files() -> None:
    """Let inspect find out which files the modules come from, each once, here and not while a visitor waits.

    Streamlit calls `inspect.stack` at the first element of all, and that looks for the module of each file: of a file that
    it does not know it asks all modules.
    """
    inspect.getmodule(compile("", "nowhere", "exec"))


def app_file() -> Path:
    """Where is app.py? In a checkout beside this package; in an installed wheel, inside it."""
    here = Path(__file__).parent
    beside, inside = here.parent / "app.py", here / "app.py"
    return inside if inside.is_file() else beside


def main() -> None:
    """Run a command of ours; else load what the pages need and pass the options on to `streamlit run`, which prints the address."""
    import click

    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        from viz.commands import commands

        commands()
    from streamlit.web import cli

    if sys.argv[1:2] == ["--help"]:
        click.echo(_(OTHERS))
    if not ASKS.intersection(sys.argv[1:]):
        click.echo(_(WAITING))
        try:
            load()
        except CannotLoadError as error:
            sys.exit(str(error))
    sys.argv = ["streamlit", "run", str(app_file()), *sys.argv[1:]]
    sys.exit(cli.main())
