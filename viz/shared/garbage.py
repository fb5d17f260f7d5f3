"""Garbage is collected while nobody waits for an answer.

Streamlit would collect it after every run of a page (`runner.postScriptGC`, off in .streamlit/config.toml), which takes
longer the more visits there are, and nobody is answered meanwhile. Python's own collector works on as always.
"""

import gc
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
        _Waiting.timer = Timer(IDLE, gc.collect)
        _Waiting.timer.daemon = True
        _Waiting.timer.start()
