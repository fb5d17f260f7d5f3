"""Coroutines in tests that may run after those of browsers, whose event loop this thread still has."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def finished(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, in a thread and an event loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()
