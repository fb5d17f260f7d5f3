"""capture(module): every gate of the recurrent layers inside any torch.nn.Module, while it runs unchanged."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from lstm_core.capture.forwards import KINDS, observed
from lstm_core.capture.modules import Captured, CapturedModule
from lstm_core.capture.refusals import checked_module, compiled, nothing_recurrent, obstacle, own_forward
from lstm_core.capture.sequences import ParityWarning
from lstm_core.capture.watch import RecurrentModule, Watch

__all__ = ["ParityWarning", "capture"]


@contextmanager
def capture(module: nn.Module) -> Iterator[Captured]:
    """What do the gates of all recurrent layers inside `module` do while it runs within the block?

    Every `nn.LSTM`, `nn.GRU`, `nn.RNN`, `nn.LSTMCell`, `nn.GRUCell` and `nn.RNNCell`, by its qualified name:
    `captured["encoder.lstm"].layer0.forget` is over (step, unit); of a batch `.select(sequence=3)` takes one. Of a subclass
    with a forward of its own each `super().forward(...)` is a call. While the block is open torch's forwards copy what goes
    in and comes out, and the weights whenever these have changed, in whatever way; gates are computed when they are asked
    for. Nothing is put into the model: a copy of it, a pickle or a checkpoint made within the block has nothing of us.
    Outputs, gradients, buffers and random numbers stay what they are without. Values equal the equations in float64 to 1e-5
    for modules in single and double precision; in half precision they are what follows, in float32, from the rounded states
    of the module itself. `parity` tells how far they are from the module's own output, and a `ParityWarning` when that is
    more than rounding explains.

    Raises TypeError for what is not a `torch.nn.Module`, and ValueError for a compiled model and where there is nothing to
    capture. A call without numbers (on the device 'meta', under `torch.func.vmap`) runs on, and says so when it is read.

    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GRU(3, 4, batch_first=True))
    >>> with capture(model) as captured:
    ...     _ = model(torch.randn(5, 7, 2))  # five sequences of seven steps
    >>> captured["1"].select(sequence=3).layer0["update"].shape
    (7, 4)
    """
    recurrent, obstacles = found_in(checked_module(module))
    captured = {id(one): CapturedModule(name, own_forward(name, one)) for name, one in reversed(recurrent.items())}
    with observed({one: Watch(captured[id(one)].keep) for one in recurrent.values()}):
        yield Captured({name: captured[id(one)] for name, one in recurrent.items()}, obstacles)


def found_in(module: nn.Module) -> tuple[dict[str, RecurrentModule], dict[str, str]]:
    """The recurrent modules that can be captured, and why the others cannot, by qualified name."""
    named = dict(module.named_modules(remove_duplicate=False))
    for name, one in named.items():
        if type(one).__name__ == "OptimizedModule" or getattr(one, "_compiled_call_impl", None) is not None:
            raise compiled(name)
    recurrent = {name: one for name, one in named.items() if isinstance(one, KINDS)}
    obstacles = {}
    for name, one in named.items():
        inside = [inner for inner in recurrent if inner.startswith(f"{name}." if name else "")]
        reason = "" if name in recurrent else obstacle(name, one, inside)
        if reason:
            obstacles[name] = reason
    if not recurrent:
        raise ValueError(next(iter(obstacles.values()), "") or nothing_recurrent(module))
    return recurrent, obstacles
