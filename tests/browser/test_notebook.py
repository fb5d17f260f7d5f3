"""A live view in JupyterLab: typing reads, the kernel follows, and nothing of the notebook's own keys is pressed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import pretrained
from tests.browser.conftest import PATIENCE, SIZE
from tests.browser.test_anywhere import assert_numbers
from tests.support.servers import ROOT, STARTED, _wait_for

CELLS = (
    "import pretrained\nfrom lstm_core import record\nfrom viz.notebook import show\nwidget = show('shakespeare', 'O Romeo', unit=7)\nwidget",
    "show(record(pretrained.load('anbn', device='cpu'), 'SaabbT'), unit=2)",
    "print('read', widget.options['text'])",
)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Where a notebook of these cells opens, in a JupyterLab of its own."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{at}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for at, source in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "gates.ipynb").write_text(json.dumps(book), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    options = [f"--ServerApp.{name}" for name in (f"port={port}", "token=", "password=", f"root_dir={folder}")]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--LabApp.news_url=None", *options]
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | own)
    STARTED.append(server)
    _wait_for(f"http://127.0.0.1:{port}/api", server, log)
    yield f"http://127.0.0.1:{port}/lab/tree/gates.ipynb?reset"
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=PATIENCE / 1000)


def test_a_view_in_jupyterlab_reads_while_one_types_and_a_recording_is_shown(lab, browser: Browser):
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab)
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()

    live = page.locator('.explore-view[data-read="7"]')
    live.wait_for()
    trained = pretrained.load("shakespeare", device="cpu")
    assert_numbers(live, trained, "O Romeo", 7)
    fixed = page.locator('.explore-view[data-read="6"]')
    fixed.wait_for()
    assert_numbers(fixed, pretrained.load("anbn", device="cpu"), "SaabbT", 2)
    expect(fixed.get_by_label("Text", exact=True)).to_have_attribute("readonly", "")
    expect(fixed.get_by_text("the model is not here, so only this text is shown")).to_be_visible()

    box = page.get_by_label("Text", exact=True).first
    box.click()
    page.keyboard.press("End")
    page.keyboard.type(" ddabx", delay=10)  # D D deletes a cell, A and B insert one, X cuts it
    assert_numbers(page.locator('.explore-view[data-read="13"]'), trained, "O Romeo ddabx", 7)
    assert page.locator(".jp-Cell").count() == len(CELLS)

    last = page.locator(".jp-Cell").last
    end = time.monotonic() + PATIENCE / 1000
    while "read O Romeo ddabx" not in last.text_content():  # the kernel hears of it once the reader rests
        assert time.monotonic() < end
        last.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(300)
    context.close()
    assert not errors
