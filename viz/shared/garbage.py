"""Garbage is collected while nobody waits for an answer.

Streamlit would collect it after every run of a page (`runner.postScriptGC`, off in .streamlit/config.toml), which takes
longer the more visits there are, and nobody is answered meanwhile. Python's own collector works on as always.

With it go the locks of values that Streamlit's caches have long dropped: it keeps one for every value that it ever cached,
two a run of a page here, and each of these few bytes holds on to the page of memory that it lies in.
"""

import ctypes
import gc
from contextlib import suppress
from itertools import chain
from threading import Lock, Timer
from time import monotonic

from streamlit.runtime.caching import cache_data_api, cache_resource_api

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
MAPPED, TRIMMED = 1 << 20, 2 << 20  # bytes
IDLE = 5.0  # seconds without a run of a page
LATEST = 600.0  # seconds after which one is due on a server that is never idle


class _Waiting:
    lock = Lock()
    timer: Timer | None = None
    since = 0.0  # when the first run of a page came that no collection has followed yet


def fix_thresholds() -> None:
    """Have glibc give large pieces of memory back to the system for good, from MAPPED bytes on.

    Left to itself it does so until a piece of several megabytes is freed, which happens on the way of every long-running
    server, and then keeps pieces of that size, and twice as much at the end of each thread's heap: 60 MB more, for ever.
    """
    with suppress(AttributeError, OSError, TypeError):  # another system's library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, MAPPED)
        mallopt(M_TRIM_THRESHOLD, TRIMMED)


def collect_when_idle() -> None:
    """To be called at each run of a page: collect once none has followed for IDLE seconds, or LATEST have gone by."""
    with _Waiting.lock:
        if _Waiting.timer and _Waiting.timer.is_alive():
            if monotonic() - _Waiting.since > LATEST:
                return
            _Waiting.timer.cancel()
        else:
            _Waiting.since = monotonic()
        _Waiting.timer = Timer(IDLE, _collect)
        _Waiting.timer.daemon = True
        _Waiting.timer.start()


def _collect() -> None:
    with suppress(AttributeError):  # another version of Streamlit keeps them elsewhere
        _drop_locks()
    gc.collect()
    # What is free now is in pieces all over the heaps of many threads: glibc gives it back only when told to.
    with suppress(AttributeError, OSError, TypeError):  # another system's library
        ctypes.CDLL(None).malloc_trim(0)


def _drop_locks() -> None:
    """Take the locks that nobody holds out of Streamlit's caches, which make another where it is needed."""
    for caches in (cache_data_api._data_caches, cache_resource_api._resource_caches):
        with caches._caches_lock:
            every = list(chain.from_iterable(own.values() for own in caches._function_caches.values()))
        for cache in every:
            with cache._value_locks_lock:
                for key in [key for key, lock in cache._value_locks.items() if not lock.locked()]:
                    del cache._value_locks[key]
