"""How signals are stored: two bytes or one a number, and how far a stored number is from the recorded one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lstm_core.cells import CellType
from lstm_core.recording import SIGNALS_OF

USUAL = ("cell", "hidden", "forget")  # signals
GATES = ("input", "forget", "output", "reset", "update")  # from 0 to 1, so 256 equal steps hold them
KINDS = ("float16", "float32", "uint8")
LARGEST = 65504.0  # of float16


@dataclass(frozen=True)
class Stored:
    """The type in which a signal is stored."""

    dtype: str  # of KINDS; uint8 only for what lies from 0 to 1

    @property
    def attributes(self) -> dict[str, float | str]:
        """What a store says of it. `scale_factor` is the CF convention's, by which xarray gives the numbers back."""
        match self.dtype:
            case "uint8":
                return {"scale_factor": 1 / 255, "largest_error": 0.5 / 255, "error": "absolute"}
            case "float16":
                return {"largest_error": 2.0**-11, "error": f"relative, within -{LARGEST:.0f} to {LARGEST:.0f}"}
        return {"largest_error": 0.0, "error": "none"}

    def stored(self, signal: Tensor) -> np.ndarray:
        """These numbers, in float32, as they are stored."""
        signal = signal.cpu()
        match self.dtype:
            case "uint8":
                return (signal * 255 + 0.5).to(torch.uint8).numpy()
            case "float16":
                return signal.clamp(-LARGEST, LARGEST).half().numpy()
        return signal.numpy().copy()


def stored_as(signal: str, dtype: str = "") -> Stored:
    """How a signal is stored: as `dtype`, by default gates in uint8 and all else in float16.

    >>> stored_as("forget").dtype, stored_as("cell").dtype
    ('uint8', 'float16')
    """
    if dtype and dtype not in KINDS:
        raise ValueError(f"numbers are stored as one of {', '.join(KINDS)}, not {dtype!r}")
    gate = signal in GATES
    return Stored("float16" if dtype == "uint8" and not gate else dtype or ("uint8" if gate else "float16"))


def kept_signals(
    cell_types: Mapping[str, CellType], signals: Sequence[str], dtype: str
) -> dict[str, dict[str, Stored]]:
    """By layer: how each of the `signals` is stored that it has. Raises ValueError for one that no layer has."""
    there = {signal for cell_type in cell_types.values() for signal in SIGNALS_OF[cell_type]}
    unknown = [signal for signal in signals if signal not in there]
    if isinstance(signals, str) or (unknown and tuple(signals) != USUAL):
        wrong = signals if isinstance(signals, str) else unknown[0]
        raise ValueError(f"signals is a list of {', '.join(sorted(there))}: {wrong!r} is none")
    return {
        name: {one: stored_as(one, dtype) for one in SIGNALS_OF[cell_type] if one in signals}
        for name, cell_type in cell_types.items()
    }
