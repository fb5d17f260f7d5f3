"""A canary: a module that only files name, and a hook that sees whoever would import it or run a pickle or a command."""

import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

NAME = "gatescope_canary"  # no such module exists
EVENTS = ("pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "marshal.loads")


class _Finder(MetaPathFinder):
    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        _ = path, target
        if fullname.partition(".")[0] == NAME:
            self.seen.append(f"import {fullname}")
        return None


class Canary:
    """What was seen since it was set."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._finder = _Finder(self.seen)
        self._on = True

    def set(self) -> "Canary":
        """Watch from now on, for as long as this process lives."""
        sys.meta_path.insert(0, self._finder)
        sys.addaudithook(self._heard)
        return self

    def end(self) -> None:
        """Watch no longer; the hook stays, for Python lets none be removed."""
        sys.meta_path.remove(self._finder)
        self._on = False

    def _heard(self, event: str, details: tuple[Any, ...]) -> None:
        if self._on and event in EVENTS and not (event == "marshal.loads" and _compiled()):
            self.seen.append(f"{event} {str(details)[:100]}")


def _compiled() -> bool:
    """Is it Python's own import that reads a compiled module?"""
    frame: Any = sys._getframe(2)
    while frame is not None:
        if "importlib" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


@contextmanager
def watching() -> Iterator[Canary]:
    canary = Canary().set()
    try:
        yield canary
    finally:
        canary.end()


@contextmanager
def trap() -> Iterator[Callable[..., Any]]:
    """A function of the canary's module, there for as long as a pickle with it is made."""
    module = types.ModuleType(NAME)
    exec("def trap(*given):\n    raise AssertionError('code of a file was run')", module.__dict__)  # noqa: S102
    sys.modules[NAME] = module
    try:
        yield module.trap
    finally:
        del sys.modules[NAME]
