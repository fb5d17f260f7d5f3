"""Starting: all that takes seconds is imported before the address is printed, or while the first page says so."""

import ast
import asyncio
import gc
import json
import os
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from threading import Event

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from streamlit.web import cli
from streamlit.web.server.app_discovery import discover_asgi_app

from lstm_core.device import use_one_core_each
from tests.support.coroutines import finished
from viz import launch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a start does, in order, without doing it."""
    done: list[str] = []
    monkeypatch.setattr(launch, "load", lambda: done.append("load"))
    monkeypatch.setattr(cli, "main", lambda: done.append(" ".join(sys.argv)))
    return done


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> object:
    monkeypatch.setattr(sys, "argv", ["gatescope", *options])
    with pytest.raises(SystemExit) as ended:
        launch.main()
    return ended.value.code


def test_the_command_loads_before_the_server_prints_its_address(monkeypatch, started, capsys):
    assert run(monkeypatch, "--server.port", "8600") is None
    assert started == ["load", f"streamlit run {launch.app_file()} --server.port 8600"]
    assert capsys.readouterr().out == f"{launch.WAITING}\n"


def test_who_asks_for_help_waits_for_nothing(monkeypatch, started):
    run(monkeypatch, "--help")
    assert started == [f"streamlit run {launch.app_file()} --help"]


@pytest.fixture
def torch_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(launch, "import_module", refuse)
    monkeypatch.setattr(launch._State, "done", False)
    monkeypatch.setattr(launch._State, "failed", None)


MISSING = (
    "Gatescope cannot start: torch cannot be imported (No module named 'torch'). Reinstall it with "
    "pip install --force-reinstall gatescope"
)


@pytest.mark.usefixtures("torch_is_missing")
def test_what_cannot_be_imported_is_one_sentence_and_no_server_is_started(monkeypatch):
    monkeypatch.setattr(cli, "main", lambda: pytest.fail("a server was started"))
    assert run(monkeypatch) == MISSING


@pytest.mark.usefixtures("torch_is_missing")
def test_a_page_says_it_too_however_often_it_is_opened():
    for _ in range(2):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        assert not app.exception
        assert [error.value for error in app.error] == [MISSING]


def test_the_first_page_shows_its_title_and_what_it_waits_for_before_it_loads(monkeypatch):
    monkeypatch.setattr(launch._State, "done", False)
    monkeypatch.setattr(launch, "load", st.stop)  # what is shown when loading begins
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert [title.value for title in app.title] == ["What does an LSTM do while it reads?"]
    assert [caption.value for caption in app.caption][1:] == [launch.WAITING]
    monkeypatch.setattr(launch._State, "done", True)
    app.run()
    assert launch.WAITING not in [caption.value for caption in app.caption]
    assert app.get("plotly_chart")


def test_a_server_loads_while_nobody_has_come(monkeypatch):
    loading = Event()
    monkeypatch.setattr(launch, "load", loading.set)

    async def serve() -> None:
        async with launch.loading(None):
            assert await asyncio.to_thread(loading.wait, 60)

    finished(serve())


@pytest.mark.usefixtures("torch_is_missing")
def test_a_server_runs_where_nothing_can_be_loaded():
    """The pages say why."""

    async def serve() -> None:
        async with launch.loading(None):
            pass

    finished(serve())
    launch._load_quietly()


def test_others_get_their_turn_while_it_loads(monkeypatch):
    """And afterwards everything is as it was, whether or not it could be loaded."""
    usual = sys.getswitchinterval(), gc.isenabled()
    during: list[tuple[float, bool]] = []

    def fails() -> tuple[str, str]:
        during.append((sys.getswitchinterval(), gc.isenabled()))
        return "torch", "it is missing"

    monkeypatch.setattr(launch, "_load", fails)
    monkeypatch.setattr(launch._State, "done", False)
    monkeypatch.setattr(launch._State, "failed", None)
    with pytest.raises(launch.CannotLoadError):
        launch.load()
    assert during == [(pytest.approx(launch.SWITCH), False)]
    assert (sys.getswitchinterval(), gc.isenabled()) == usual


def test_streamlit_makes_the_server_of_what_the_script_says():
    found = discover_asgi_app(ROOT / "app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "app:app")


def test_the_app_imports_nothing_heavy_before_it_has_shown_something():
    theirs, ours = imported("app")
    assert theirs == {"streamlit"}
    assert ours == {
        "app",
        "viz",
        "viz.browser",
        "viz.browser.first_words",
        "viz.launch",
        "viz.locale",
        "viz.locale.extract",
        "viz.browser.printing",
        "viz.browser.presenting",
        "viz.browser.component",
        "viz.browser.modules",
        "viz.shared",
        "viz.share",
        "viz.share.bar",
        "viz.shared.garbage",
    }


def test_what_pages_import_is_there_once_it_is_loaded():
    pages = {f"viz.{path.parent.name}.page" for path in (ROOT / "viz").glob("*/page.py")}
    theirs, ours = imported(*pages)
    loaded, needed = imported(*launch.NEEDED, *launch.LATER)
    assert "streamlit" not in loaded, "a component may be among what is loaded, and no server is there to register it"
    assert theirs - loaded == {"streamlit"}
    assert {name for name in ours - needed if not name.startswith("viz")} == set()


def test_a_process_that_the_server_spawns_runs_no_page(monkeypatch):
    """It imports what is the main module here, which Streamlit has made app.py."""
    monkeypatch.setattr(st, "navigation", lambda *_, **__: pytest.fail("a page was run"))
    runpy.run_path(str(ROOT / "app.py"), run_name="__mp_main__")


SETTINGS = {"server.fileWatcherType": "none", "runner.postScriptGC": False, "runner.magicEnabled": False}
READ = """
import json, sys
from streamlit import config
from streamlit.web import bootstrap
config._main_script_path = sys.argv[1]  # as `streamlit run` does
bootstrap.load_config_options(json.loads(sys.argv[2]))
print(json.dumps({name: config.get_option(name) for name in json.loads(sys.argv[3])}))
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder to start in, which is the user's home too, with Streamlit settings of theirs."""
    settings = tmp_path / "elsewhere" / ".streamlit" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[server]\nfileWatcherType = "poll"\n[runner]\npostScriptGC = true\n')
    return tmp_path / "elsewhere"


def settings_of(script: Path, folder: Path, flags: dict[str, str]) -> dict[str, object]:
    """What Streamlit goes by when it runs `script`, started in `folder`."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    answer = subprocess.run(
        [sys.executable, "-c", READ, str(script), json.dumps(flags), json.dumps(list(SETTINGS))],
        cwd=folder,
        env={**variables, "HOME": str(folder), "USERPROFILE": str(folder)},
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, object] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("installed", [False, True])
def test_the_settings_hold_wherever_it_is_started(installed, elsewhere, tmp_path):
    script = ROOT / "app.py"
    if installed:  # a wheel has both files inside the package: see pyproject.toml
        script = tmp_path / "site" / "viz" / "app.py"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "app.py", script)
        shutil.copytree(ROOT / ".streamlit", script.parent / ".streamlit")
    assert settings_of(script, elsewhere, {}) == SETTINGS


def test_a_wheel_has_the_settings_beside_the_app():
    placed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert placed["wheel"]["force-include"] == {
        "app.py": "viz/app.py",
        ".streamlit/config.toml": "viz/.streamlit/config.toml",
    }


def test_a_developer_can_have_changes_watched(elsewhere):
    watched = settings_of(ROOT / "app.py", elsewhere, {"server_fileWatcherType": "auto"})
    assert watched == SETTINGS | {"server.fileWatcherType": "auto"}


CORES = """
import os
from threading import Thread
import torch
from lstm_core.device import use_one_core_each
from viz import launch
launch.load()
print(os.environ["OPENBLAS_NUM_THREADS"])
thread = Thread(target=lambda: print(torch.get_num_threads()))
thread.start()
thread.join()
"""


def test_a_reading_takes_one_core():
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    answer = subprocess.run([sys.executable, "-c", CORES], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert answer.stdout.split() == [b"1", b"1"]


def test_a_reading_takes_as_many_cores_as_the_user_wants(monkeypatch):
    monkeypatch.setattr(torch, "set_num_threads", lambda _: pytest.fail("the user's number was replaced"))
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    use_one_core_each()


def imported(*names: str) -> tuple[set[str], set[str]]:
    """What importing these modules imports: packages of others, and modules of ours. Read off the files, top level only."""
    theirs: set[str] = set()
    ours: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        path = ROOT.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if not path.exists():
            package = name.partition(".")[0]
            if not (ROOT / package).exists() and package not in sys.stdlib_module_names:
                theirs.add(package)
        elif name not in ours:
            ours.add(name)
            left += named(path)
            left += [name.rpartition(".")[0]] if "." in name else []
    return theirs, ours


def named(path: Path) -> list[str]:
    found: list[str] = []
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.Import):
            found += [one.name for one in line.names]
        elif isinstance(line, ast.ImportFrom) and line.module:
            found += [line.module, *(f"{line.module}.{one.name}" for one in line.names)]
    return found
