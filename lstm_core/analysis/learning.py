"""How did each unit's gate change while the model was trained?"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from lstm_core.analysis.saturation import HIGH, LOW
from lstm_core.given import checked


@checked
def learning(gates: Sequence[xr.DataArray], training_steps: Sequence[int]) -> xr.Dataset:
    """How open was each unit's gate over one text, after each of these training steps?

    `gates` are activations 0..1 of one gate over (step, unit), recorded on the same text at each of
    `training_steps`. Returns, over ("unit", "training_step"), `mean` over the text and the shares 0..1 of its steps at
    which the gate is nearly `shut` (below 0.1) and nearly `open` (above 0.9): the left- and right-saturation of Karpathy,
    Johnson & Fei-Fei 2015, "Visualizing and understanding recurrent networks", section 4.2, unit by unit. A
    gate that is NaN at some step of the text has NaN for all three at that training step. Raises ValueError when the
    counts differ or the recordings are not of the same units.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import learning
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> found = learning([layer.forget, layer.forget], [0, 1])
    >>> found["mean"].shape
    (5, 2)
    """
    if len(gates) != len(training_steps) or not gates:
        raise ValueError(
            f"{len(gates)} recordings but {len(training_steps)} training steps: give one of each, at least"
        )
    units = gates[0]["unit"].to_numpy()
    for gate, step in zip(gates, training_steps, strict=True):
        if not np.array_equal(gate["unit"].to_numpy(), units):
            raise ValueError(
                f"the recording of training step {step} is of {gate.sizes['unit']} other units, not of {len(units)}"
            )
    values = [gate.transpose("step", "unit").to_numpy() for gate in gates]
    dims = ("unit", "training_step")

    def by_unit(parts: list[np.ndarray]) -> tuple[tuple[str, str], np.ndarray]:
        return dims, np.stack(parts, axis=1).astype(np.float32)

    def share(chosen: np.ndarray, gate: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(gate).any(axis=0), np.nan, chosen.mean(axis=0))

    return xr.Dataset(
        {
            "mean": by_unit([one.mean(axis=0, dtype=np.float64) for one in values]),
            "shut": by_unit([share(one < LOW, one) for one in values]),
            "open": by_unit([share(one > HIGH, one) for one in values]),
        },
        coords={"unit": units, "training_step": list(training_steps)},
    )
