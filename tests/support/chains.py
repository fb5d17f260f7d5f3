"""Chains with weights of a seed, for tests of what becomes of them."""

from dataclasses import replace

import numpy as np

from lstm_core.importers import Chain, Head
from lstm_core.stack import Layout, stack_shapes


def chain_of(*layouts: Layout, classes: int = 0, outputs: int = 0, activation: str = "softmax", seed: int = 0) -> Chain:
    """A chain with weights N(0, 0.5), an embedding of `classes` and a readout of `outputs` where these are not 0."""
    generator = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray:
        return generator.normal(scale=0.5, size=shape).astype(np.float32)

    chain = Chain(
        "lstm",
        tuple(f"lstm{number}" for number in range(len(layouts))),
        layouts,
        {name: drawn(*shape) for name, shape in stack_shapes(layouts).items()},
    )
    if classes:
        chain = replace(chain, embedding=drawn(classes, layouts[0].features))
    if outputs:
        between = None if activation == "unknown" else "nothing"
        head = Head("fc", drawn(outputs, layouts[-1].outputs), drawn(outputs), activation, between)
        chain = replace(chain, head=head)
    return chain
