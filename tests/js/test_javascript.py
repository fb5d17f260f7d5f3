"""The tests of the JavaScript that needs no page run in node; without it they are skipped."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from tests.js.answers_reference import write_answers_reference
from tests.js.engine_reference import write_engine_reference
from tests.js.ordering_reference import write_ordering_reference
from tests.js.reference import reference

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.test.js"))
OLDEST = 20  # of Node.js, whose own runner of tests this is


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the JavaScript is not tested")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", version)[0]) < OLDEST:
        pytest.skip(f"node is too old: {version.strip()}, but its runner of tests needs {OLDEST}")
    return found


@pytest.fixture(scope="module")
def numbers_of_python(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the reference lies, as the tests' environment says it."""
    folder = tmp_path_factory.mktemp("javascript")
    (folder / "reference.json").write_text(json.dumps(reference(), allow_nan=False), encoding="utf-8")
    torch.set_num_threads(1)  # as every test has it; this comes before them
    write_engine_reference(folder / "engine")
    write_ordering_reference(folder / "ordering")
    write_answers_reference(folder / "answers")
    return {
        "GATESCOPE_REFERENCE": str(folder / "reference.json"),
        "GATESCOPE_ENGINE": str(folder / "engine"),
        "GATESCOPE_ORDERING": str(folder / "ordering"),
        "GATESCOPE_ANSWERS": str(folder / "answers"),
    }


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_javascript(file, node, numbers_of_python):
    command = [node, "--test", "--test-reporter=spec", file]
    ran = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=os.environ | numbers_of_python, cwd=HERE
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"pass (\d+)", ran.stdout)
    assert passed is not None, ran.stdout
    assert int(passed[1]) > 0, "no test ran"
    assert re.search(r"(skipped|todo|cancelled) [1-9]", ran.stdout) is None, ran.stdout
