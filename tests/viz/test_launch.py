"""Starting: all that takes seconds is imported before the address is printed, or while the first page says so."""

import ast
import runpy
import sys
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.web import cli

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
    assert [title.value for title in app.title] == ["Explore"]
    assert [caption.value for caption in app.caption] == [launch.WAITING]
    monkeypatch.setattr(launch._State, "done", True)
    app.run()
    assert launch.WAITING not in [caption.value for caption in app.caption]
    assert app.get("plotly_chart")


def test_the_app_imports_nothing_heavy_before_it_has_shown_something():
    theirs, ours = imported("app")
    assert theirs == {"streamlit"}
    assert ours == {
        "app",
        "viz",
        "viz.browser",
        "viz.launch",
        "viz.locale",
        "viz.locale.extract",
        "viz.browser.printing",
        "viz.browser.component",
        "viz.browser.modules",
        "viz.shared",
        "viz.shared.garbage",
    }


def test_what_pages_import_is_there_once_it_is_loaded():
    pages = {f"viz.{path.parent.name}.page" for path in (ROOT / "viz").glob("*/page.py")}
    theirs, ours = imported(*pages)
    loaded, needed = imported(*launch.NEEDED)
    assert "streamlit" not in loaded, "a component may be among what is loaded, and no server is there to register it"
    assert theirs - loaded == {"streamlit"}
    assert {name for name in ours - needed if not name.startswith("viz")} == set()


def test_a_process_that_the_server_spawns_runs_no_page(monkeypatch):
    """It imports what is the main module here, which Streamlit has made app.py."""
    monkeypatch.setattr(st, "navigation", lambda *_, **__: pytest.fail("a page was run"))
    runpy.run_path(str(ROOT / "app.py"), run_name="__mp_main__")


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
