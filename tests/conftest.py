"""Shapes and types are checked while tests run: jaxtyping and beartype watch every function of lstm_core."""

# ruff: noqa: E402 (the import hook has to be there before the modules that it watches)

from jaxtyping import install_import_hook

install_import_hook("lstm_core", "beartype.beartype")

from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel

HERE = Path(__file__).parent
MARKED = {  # what `make quick` leaves out, beside the browser: files and folders, by marker
    "training": (
        "lstm_core/runs",
        "lstm_core/training",
        "pretrained/test_retrain.py",
        "viz/compare/test_training_film.py",
        "viz/train",
    ),
    "untrusted": (
        "lstm_core/importers/test_fuzz.py",
        "lstm_core/importers/test_hostile.py",
        "lstm_core/importers/test_sandbox.py",
    ),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for marker, places in MARKED.items():
        roots = [HERE / place for place in places]
        assert all(root.exists() for root in roots), f"something of {places} has moved"
        for item in items:
            if any(root == item.path or root in item.path.parents for root in roots):
                item.add_marker(marker)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Examples are run of the packages (`--doctest-modules`): of the tests' own files only those of tests are collected."""
    return True if collection_path.suffix == ".py" and not collection_path.name.startswith("test_") else None


@pytest.fixture
def small_model() -> SequenceModel:
    """A byte model of one layer of 8 units, fresh from seed 3, on the CPU."""
    return SequenceModel(ModelConfig(ByteEncoder(), embedding=5, hidden=8), seed=3, device="cpu").eval()


@pytest.fixture
def numbers() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """The suite has more processes than cores: threads of small models would only wait for each other."""
    torch.set_num_threads(1)
