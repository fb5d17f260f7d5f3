"""The real app on a free port, one for all test processes, and a real browser for each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from benchmarks.browser import find_browser
from tests.browser.reading import finished
from tests.support.servers import shared
from tests.support.tiny import train_tiny

PATIENCE = 90_000  # ms: browsers and servers share a small machine, which may be busy
expect.set_options(timeout=PATIENCE)
SIZE: ViewportSize = {"width": 1280, "height": 900}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# All tabs of a reader are one process, which keeps the app's scripts as they were compiled for the first page.
FLAGS += ["--process-per-site", "--renderer-process-limit=1", "--js-flags=--no-flush-bytecode --no-opt --no-maglev"]
# Scripts would be parsed while they arrive, before they are found compiled.
FLAGS += ["--disable-features=ScriptStreaming"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which all processes of this test run find the apps that they share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Where the app answers: with a tiny model, "tiny", among the user's, and training one run at a time."""
    yield from shared(
        "app.py", home / "app", lambda folder: train_tiny(folder / "models" / "tiny"), GATESCOPE_MAX_RUNS="1"
    )


@pytest.fixture(scope="session")
def odd_address(home: Path) -> Iterator[str]:
    """Where the app answers with the models of tests/support/odd_models.py beside its own, all read by the server."""
    app = "tests/support/odd_models_app.py"
    yield from shared(app, home / "odd_models", lambda _: None, GATESCOPE_LIVE_MEGABYTES="0")


@pytest.fixture(scope="session")
def odd_live_address(home: Path) -> Iterator[str]:
    """The same models, read by the browser where they are small enough."""
    yield from shared("tests/support/odd_models_app.py", home / "odd_models_live", lambda _: None)


@pytest.fixture(scope="session")
def tiny(home: Path, address: str) -> Path:  # noqa: ARG001 (trained where the app is started)
    """The folder of the model "tiny"."""
    return home / "app" / "models" / "tiny"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no browser: run `make browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A reader whose browser has been here before: it need not load and compile the app's scripts for every test."""
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE)
    keeper = context.new_page()  # the process ends with its last tab of this site; of another port is the same site
    keeper.route("**/*", lambda route: route.fulfill(body=""))
    keeper.goto("http://127.0.0.1")
    yield context
    context.close()


@pytest.fixture(scope="session")
def tabs() -> list[Page]:
    """The tab that the tests so far have left, if there is one."""
    return []


@pytest.fixture
def page(reader: BrowserContext, tabs: list[Page]) -> Iterator[Page]:
    """An empty tab of 1280 x 900 whose page errors fail the test.

    It is the one of the test before, if that left it in order: the app's files need not be fetched again.
    """
    page = tabs.pop() if tabs else reader.new_page()
    errors: list[str] = []
    listeners = {
        "pageerror": lambda error: errors.append(str(error)),
        "dialog": lambda dialog: (errors.append(f"a dialog opened: {dialog.message}"), dialog.dismiss()),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    yield page
    if page.locator('[data-testid="stApp"]').count():
        # Streamlit raises where a browser leaves while something is being sent to it, and the log may have no exception.
        finished(page)
        page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    page.set_viewport_size(SIZE)
    page.emulate_media(media="null", color_scheme="light", reduced_motion="no-preference")
    page.mouse.move(0, 0)
    assert not errors, errors
    tabs.append(page)
