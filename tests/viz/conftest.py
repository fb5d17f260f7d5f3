"""What tests of pages share."""

from collections.abc import Iterator

import pytest

import pretrained
from tests.browser import zoo
from viz.shared import cached


@pytest.fixture
def odd_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The models of the browser's zoo in place of the shipped ones."""
    for name in ("names", "load", "untrained", "points"):
        monkeypatch.setattr(pretrained, name, getattr(zoo, name))
    for one in (cached._load_model, cached._described):
        one.clear()
    yield
    for one in (cached._load_model, cached._described):
        one.clear()
