"""Where the parts of a computation run: in this process, or on the workers of a dask cluster."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from dask.base import compute

HERE = ("threads", "synchronous")
SCHEDULER = "GATESCOPE_SCHEDULER"  # in the environment: tcp://host:8786


def chosen(scheduler: Any = None) -> Any:
    """What was asked for, else what the environment says, else "threads"."""
    return scheduler or os.environ.get(SCHEDULER) or "threads"


def computed(tasks: Sequence[Any], scheduler: Any = None, *, watched: Callable[[], None] = lambda: None) -> list[Any]:
    """The results of delayed `tasks`, in order. `scheduler` is "threads", the address of a cluster, or its Client.

    In this process as many run at a time as there are cores. On a cluster, `watched` is called whenever one is done.
    """
    where = chosen(scheduler)
    if where in HERE:
        with _a_core_each(len(tasks)):
            return list(compute(*tasks, scheduler=where, num_workers=os.cpu_count()))
    try:
        from distributed import Client, as_completed  # an extra
    except ImportError as error:
        raise ValueError(
            f"{where!r} asks for a dask cluster, and distributed is not installed: pip install 'gatescope[cluster]'"
        ) from error
    if isinstance(where, str):
        with Client(where, set_as_default=False) as client:
            return computed(tasks, client, watched=watched)
    futures = where.compute(list(tasks))
    for _ in as_completed(futures):
        watched()
    return list(where.gather(futures))


@contextmanager
def _a_core_each(tasks: int) -> Iterator[None]:
    """Let torch take one core for each of several tasks: two with a core each are done sooner than two with both in turn."""
    before = torch.get_num_threads()
    if tasks > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
