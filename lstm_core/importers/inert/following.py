"""Pickles, followed and never run: what they would create, with inert records in the place of objects."""

import pickletools
import re
from io import BytesIO
from typing import Any

from lstm_core.importers.inert.joblib_arrays import array_after, holds_objects, is_wrapper
from lstm_core.importers.inert.machine import HOW, Machine
from lstm_core.importers.inert.records import Followed, Record, shown
from lstm_core.importers.limits import UnreadableFile

MAX_PICKLE_STEPS = 1_500_000  # of one pickle with those in it: a vocabulary's entry takes about four
# No model needs these: a pickle that names one is an attack on whoever loads it, though not on us.
HARMFUL = re.compile(
    r"(os|posix|nt|subprocess|sys|shutil|socket|pty|runpy|importlib|ctypes|webbrowser)(\.[\w.]+)? .*"
    r"|builtins (eval|exec|execfile|compile|open|__import__|input|breakpoint|exit|quit)"
    r"|_?io (open|open_code|FileIO)|_?pickle (loads?|Unpickler)|marshal loads?"
)


def follow(pickle: BytesIO, *, nested: bool = False, before: int = 0) -> Followed:
    """What the next pickle in these bytes would create; reads up to its end.

    Numbers that joblib writes between the steps are read too; in a `nested` pickle it writes none, and `before` is how many
    steps were taken up to there. Raises UnreadableFile for a pickle that is damaged, has too many steps, or asks for what no
    model needs.
    """
    machine = Machine()
    machine.found.steps = before
    problem: Exception | None = None
    try:
        for opcode, argument, _ in pickletools.genops(pickle):
            machine.found.steps += 1
            if machine.found.steps > MAX_PICKLE_STEPS + 1:
                raise UnreadableFile(f"this file's pickle has more than {MAX_PICKLE_STEPS:,} steps: {HOW}")
            machine.step(opcode.name, argument)
            if opcode.name == "BUILD" and not nested and is_wrapper(machine.stack[-1]):
                machine.stack[-1] = _array(machine.stack[-1], pickle, machine.found)
    except (ValueError, IndexError, KeyError) as error:
        problem = error
    harmful = next((name for name in machine.found.names if HARMFUL.fullmatch(name)), None)
    if harmful is not None:
        raise UnreadableFile(
            f"this file asks for {shown(harmful)}, which is no part of a model, and a program that loads the file would "
            "run it: do not load it elsewhere either; ask whoever made it for the weights alone, as .safetensors"
        )
    if isinstance(problem, UnreadableFile):
        raise problem
    if isinstance(problem, UnicodeDecodeError) and problem.encoding == "ascii":
        raise UnreadableFile(
            "this file's pickle has texts that are not ASCII, as Python 2 wrote them, or it is damaged: load it there, "
            f"and {HOW}"
        ) from problem
    if problem is not None:
        raise UnreadableFile(
            f"this file's pickle is damaged or cut off ({str(problem)[:100]}): save the model again and upload it whole"
        ) from problem
    return machine.found


def _array(wrapper: Record, pickle: BytesIO, found: Followed) -> Any:
    """The array for which a wrapper of joblib's stands, and whose numbers come next; objects are a pickle of their own."""
    if not holds_objects(wrapper):
        return array_after(wrapper, pickle)
    inside = follow(pickle, nested=True, before=found.steps)
    found.names |= inside.names
    found.steps = inside.steps
    return inside.made
