"""The real app on a free port, and a real browser: one of each per test process."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.browser import find_browser
from tests.browser.reading import finished
from tests.support.tiny import train_tiny

ROOT = Path(__file__).parents[2]
PATIENCE = 90_000  # ms: two browsers and two servers share a small machine, which may be busy
expect.set_options(timeout=PATIENCE)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# All tabs of a reader are one process, which has compiled the app's scripts once: half the work of a page.
FLAGS += ["--process-per-site", "--renderer-process-limit=1"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app answers."""
    yield from _served("app.py", tmp_path_factory.mktemp("app") / "log")


@pytest.fixture(scope="session")
def odd_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app answers with the models of tests/support/odd_models.py beside its own."""
    yield from _served("tests/support/odd_models_app.py", tmp_path_factory.mktemp("odd_models") / "log")


@pytest.fixture(scope="session")
def lapse_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Where the app answers with a tiny model among its models, and the folder of that model, "tiny"."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "models" / "tiny"
    train_tiny(folder)
    for address in _served("app.py", home / "log", GATESCOPE_HOME=str(home)):
        yield address, folder


@pytest.fixture(scope="session")
def training_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app answers that trains one run at a time and has no saved models."""
    home = tmp_path_factory.mktemp("home")
    yield from _served("app.py", home / "log", GATESCOPE_HOME=str(home), GATESCOPE_MAX_RUNS="1")


def _served(script: str, log: Path, **environment: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as output:
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, "OMP_NUM_THREADS": "1", **environment}
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/_stcore/health", server, log)
        yield url
        assert "Traceback" not in log.read_text(), f"the app raised: {log.read_text()[-3000:]}"
    finally:
        server.terminate()
        server.wait(timeout=120)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 300
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
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    keeper = context.new_page()  # the process ends with its last tab of this site; of another port is the same site
    keeper.route("**/*", lambda route: route.fulfill(body=""))
    keeper.goto("http://127.0.0.1")
    yield context
    context.close()


@pytest.fixture
def page(reader: BrowserContext) -> Iterator[Page]:
    """A fresh tab of 1280 x 900 whose page errors fail the test."""
    page = reader.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: (errors.append(f"a dialog opened: {dialog.message}"), dialog.dismiss()))
    yield page
    if page.locator('[data-testid="stApp"]').count():
        # Streamlit raises where a browser leaves while something is being sent to it, and the log may have no exception.
        finished(page)
    page.close()
    assert not errors, errors
