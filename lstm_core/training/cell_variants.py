"""The same model with other cells: a baseline for the LSTM, trained the same."""

from lstm_core.cells import Cell
from lstm_core.config import ModelConfig
from lstm_core.stack import Layout


def of_cells(config: ModelConfig, cell: Cell) -> ModelConfig:
    """The same layout with other cells: as many units, the same directions.

    Raises ValueError for a model whose layers differ from one another.

    >>> from lstm_core import ByteEncoder, ModelConfig
    >>> from lstm_core.cells import GRU
    >>> of_cells(ModelConfig(ByteEncoder(), embedding=4, hidden=3), GRU).cell("layer0").type
    'GRU'
    """
    if config.stack:
        raise ValueError("only torch's equal layers can be made of other cells: this model has a stack of its own")
    ways = 2 if config.bidirectional else 1
    features = (config.embedding, *([ways * config.hidden] * (config.layers - 1)))
    stack = tuple(Layout(each, config.hidden, cell, "both" if ways == 2 else "forward") for each in features)
    return ModelConfig.of_stack(config.encoder, stack, readout=config.readout)
