"""Garbage is collected while nobody waits for an answer.

Streamlit would collect it after every run of a page (`runner.postScriptGC`, off in .streamlit/config.toml), which takes
longer the more visits there are, and nobody is answered meanwhile. Python's own collector works on as always.
"""

import ctypes
import gc
from contextlib import suppress
from threading import Lock, Timer

IDLE = 5.0  # seconds without a run of a page


class _Waiting:
    lock = Lock()
    timer: Timer | None = None


def collect_when_idle() -> None:
    """To be called at each run of a page: collect once none has followed for IDLE seconds."""
    with _Waiting.lock:
        if _Waiting.timer:
            _Waiting.timer.cancel()
        _Waiting.timer = Timer(IDLE, _collect)
        _Waiting.timer.daemon = True
        _Waiting.timer.start()


def _collect() -> None:
    gc.collect()
    # What is free now is in pieces all over the heaps of many threads: glibc gives it back only when told to.
    with suppress(AttributeError, OSError, TypeError):  # another system's library
        ctypes.CDLL(None).malloc_trim(0)
