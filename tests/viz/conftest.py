"""What tests of pages share."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

import pretrained
from tests.support import odd_models
from viz.live.limit import LIMIT
from viz.shared import cached


@pytest.fixture(autouse=True, scope="session")
def _installed_components_found_once() -> Iterator[None]:
    """Streamlit looks for components in all that is installed whenever a test opens the app: a seventh of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def from_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages as the server draws them, where a test can read them; in a browser they would draw themselves."""
    monkeypatch.setenv(LIMIT, "0")


@pytest.fixture
def with_odd_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The models of tests/support/odd_models.py in place of the shipped ones."""
    for name, function in odd_models.STAND_INS.items():
        monkeypatch.setattr(pretrained, name, function)
    for one in (cached._load_model, cached._described):
        one.clear()
    yield
    for one in (cached._load_model, cached._described):
        one.clear()
