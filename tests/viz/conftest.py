"""What tests of pages share."""

from collections.abc import Iterator

import pytest

import pretrained
from tests.support import odd_models
from viz.shared import cached


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
