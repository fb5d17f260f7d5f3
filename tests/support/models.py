"""Imported models as an importer would return them."""

import numpy as np

from lstm_core.cells import GRU
from lstm_core.importers import Chain, Head, ImportedModel
from lstm_core.stack import Layout, stack_shapes


def two_chains() -> ImportedModel:
    """Two LSTM layers with an embedding and a readout, and a GRU alone."""
    numbers = np.random.default_rng(0)

    def chain(name: str, *layouts: Layout, **others: object) -> Chain:
        shapes = stack_shapes(layouts)
        weights = {key: numbers.normal(size=shape).astype(np.float32) for key, shape in shapes.items()}
        return Chain(name, tuple(f"{name}.{number}" for number in range(len(layouts))), layouts, weights, **others)

    head = Head("fc", numbers.normal(size=(2, 8)).astype(np.float32), np.zeros(2, np.float32), "softmax")
    embedding = numbers.normal(size=(3, 2)).astype(np.float32)
    text = chain("lstm", Layout(2, 4), Layout(4, 4, reading="both"), embedding=embedding, head=head)
    alone = chain("gru", Layout(3, 5, cell=GRU), notes=("It has no readout.",))
    return ImportedModel("PyTorch", "state dict (.pt)", (text, alone), ("a", "b", "c"), "vocab", notes=("Assumed.",))
