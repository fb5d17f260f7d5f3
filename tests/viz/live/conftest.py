"""Live views are drawn in the browser, whatever tests of pages do."""

import pytest


@pytest.fixture(autouse=True)
def from_the_server() -> None:
    """Nothing is drawn by the server here."""
