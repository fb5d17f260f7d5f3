"""The state before the first step, where a file leaves it to whoever runs the model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lstm_core.importers.imported import Chain

State = Mapping[str, Sequence[float] | np.ndarray]  # by its name: "initial_hidden_l0", "initial_cell_l1_reverse"


def state_sizes(chain: Chain) -> dict[str, int]:
    """How many numbers has each part of the state before the first step?

    >>> import torch
    >>> from lstm_core.importers import Chain, state_sizes
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> state_sizes(Chain("lstm", ("lstm",), (Layout(3, 4),), weights))
    {'initial_hidden_l0': 4, 'initial_cell_l0': 4}
    """
    return {
        name: shape[0]
        for number, layout in enumerate(chain.layouts)
        for name, shape in replace(layout, starts=True).shapes(number).items()
        if name.startswith("initial_")
    }


def starting(chain: Chain, state: State) -> Chain:
    """The chain with this state before the first step; parts that are not given stay as they are, or zeros.

    Raises ValueError for parts that the chain does not have, or of another size, or that are no finite numbers.

    >>> import torch
    >>> from lstm_core.cells import Cell
    >>> from lstm_core.importers import Chain, starting
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.GRU(3, 2).named_parameters()}
    >>> chain = Chain("gru", ("gru",), (Layout(3, 2, Cell("GRU")),), weights)
    >>> starting(chain, {"initial_hidden_l0": [0.5, -1.0]}).weights["initial_hidden_l0"].tolist()
    [0.5, -1.0]
    """
    sizes = state_sizes(chain)
    rows = {name: _row(name, numbers, sizes) for name, numbers in state.items()}
    layouts, weights = [], dict(chain.weights)
    for number, layout in enumerate(chain.layouts):
        own = replace(layout, starts=True)
        names = [name for name in own.shapes(number) if name in sizes]
        begins = layout.starts or any(name in rows for name in names)
        layouts.append(own if begins else layout)
        if begins:
            zeros = {name: np.zeros(sizes[name], np.float32) for name in names}
            weights |= {name: rows.get(name, chain.weights.get(name, zeros[name])) for name in names}
    return replace(chain, layouts=tuple(layouts), weights=weights)


def _row(name: str, numbers: Sequence[float] | np.ndarray, sizes: Mapping[str, int]) -> np.ndarray:
    if name not in sizes:
        raise ValueError(f"there is no state {name!r}: this model has {', '.join(sizes)}")
    try:
        row = np.array(numbers, np.float32)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} must be a list of {sizes[name]:,} numbers ({str(error)[:80]})") from error
    if row.shape != (sizes[name],):
        raise ValueError(
            f"{name} must be {sizes[name]:,} numbers, one for each unit, not an array of shape {row.shape}"
        )
    if not np.isfinite(row).all():
        raise ValueError(f"{name} must be finite numbers")
    return row
