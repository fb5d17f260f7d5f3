"""capture(module): every gate of the recurrent layers inside any torch.nn.Module, while it runs as it is."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from lstm_core.captured.modules import Captured, CapturedModule
from lstm_core.captured.watch import RecurrentModule, Watch

KINDS = (nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell)
NAMES = tuple(kind.__name__ for kind in KINDS)


@contextmanager
def capture(module: nn.Module) -> Iterator[Captured]:
    """What do the gates of all recurrent layers inside `module` do while it runs within the block?

    Every `nn.LSTM`, `nn.GRU`, `nn.RNN`, `nn.LSTMCell`, `nn.GRUCell` and `nn.RNNCell`, by its qualified name:
    `captured["encoder.lstm"].layer0.forget` is over (step, unit); of a batch `.select(sequence=3)` takes one. Hooks copy
    what goes in and comes out, and the weights once for each state that an optimiser leaves them in; gates are computed
    when they are asked for. Outputs, gradients and random numbers stay what they are without. Values equal the equations
    in float64 to 1e-5 for modules in single and double precision; in half precision they are what follows, in float32,
    from the rounded states of the module itself. `parity` tells how far they are from what the module said.

    Raises ValueError for a compiled model, and where there is nothing to capture.
    """
    recurrent, obstacles = found_in(module)
    captured = {id(one): CapturedModule(name) for name, one in reversed(recurrent.items())}
    handles = []
    try:
        for one in {id(one): one for one in recurrent.values()}.values():
            watch = Watch(captured[id(one)].keep)
            if isinstance(one, nn.RNNBase) and one.num_layers > 1:
                handles.append(one.register_forward_pre_hook(watch.before, with_kwargs=True))
            # First of all hooks: others may change what the module gave back.
            handles.append(one.register_forward_hook(watch.after, with_kwargs=True, prepend=True))
        yield Captured({name: captured[id(one)] for name, one in recurrent.items()}, obstacles)
    finally:
        for handle in handles:
            handle.remove()


def found_in(module: nn.Module) -> tuple[dict[str, RecurrentModule], dict[str, str]]:
    """The recurrent modules that can be captured, and of others why not, each by its qualified names."""
    recurrent: dict[str, RecurrentModule] = {}
    obstacles: dict[str, str] = {}
    for name, one in module.named_modules(remove_duplicate=False):
        if type(one).__name__ == "OptimizedModule" or getattr(one, "_compiled_call_impl", None) is not None:
            raise ValueError(
                f"{_label(name)} was compiled with torch.compile, which passes hooks by: capture the model as it was before "
                "(torch.compile(model) leaves model itself as it is)"
            )
        obstacle = _obstacle(name, one)
        if obstacle:
            obstacles[name] = obstacle
        elif isinstance(one, KINDS):
            recurrent[name] = one
    if not recurrent:
        if obstacles:
            raise ValueError(next(iter(obstacles.values())))
        inside = Counter(type(one).__name__ for one in module.modules() if not list(one.children()))
        listed = ", ".join(f"{count} {kind}" for kind, count in inside.most_common(8))
        raise ValueError(
            f"there is no {', '.join(NAMES)} in this {type(module).__name__}, which is made of {listed}: nothing to capture"
        )
    return recurrent, obstacles


def _obstacle(name: str, one: nn.Module) -> str:
    """Why can this module not be captured, though it is recurrent? Empty for all others."""
    kind = next((kind for kind in KINDS if isinstance(one, kind)), None)
    if kind is not None:
        if type(one).forward is kind.forward and "forward" not in vars(one):
            return ""
        own = type(one).__name__
        return (
            f"{_label(name)} has a forward of its own ({own}, made of {kind.__name__}), whose equations are not known: "
            "capture works for torch's own, and for cells that such a forward calls"
        )
    original = getattr(one, "original_name", type(one).__name__)  # of a scripted module
    if original not in NAMES:
        return ""
    if original != type(one).__name__:
        return (
            f"{_label(name)} was scripted by torch.jit, which passes hooks by: capture the model before it is scripted"
        )
    if type(one).__module__.startswith("torch."):
        return (
            f"{_label(name)} is quantized ({type(one).__module__}), with other arithmetic than the equations: "
            "capture the model before it is quantized"
        )
    return ""


def _label(name: str) -> str:
    return repr(name) if name else "the module itself"
