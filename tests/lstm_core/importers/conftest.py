"""What takes seconds to make, made once: valid files of every format, and a process that forks children to read files."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.fuzz.samples import samples


@pytest.fixture(scope="session")
def fork_pool() -> Iterator[ProcessPoolExecutor]:
    from tests.fuzz.fork_pool import prepare  # which is for Linux alone, as not all tests here are

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=prepare) as pool:
        yield pool


@pytest.fixture(scope="session")
def originals(tmp_path_factory) -> dict[str, list[bytes]]:
    return samples(tmp_path_factory.mktemp("samples"))
