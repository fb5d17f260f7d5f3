"""Readers come and go, and the server's memory does not grow: in short what `benchmarks.soak` measures."""

import sys
from itertools import count

import pytest

from tests.support.coroutines import finished

pytestmark = [
    pytest.mark.browser,  # it takes the time of those, and starts the app as they do
    pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc"),
]


def test_memory_does_not_grow_with_answers():
    from benchmarks.server import served
    from benchmarks.soak import FORGET, soak

    numbers, failures, sizes = count(), list[str](), list[float]()
    with served(options=FORGET) as server:
        for _ in range(3):
            finished(soak(server, 60, numbers, failures))
            sizes.append(server.memory())
        assert server.complaints() == ""
    assert failures == []
    assert sizes[-1] - sizes[0] < 100, f"MB after each 60 reruns: {sizes}"
