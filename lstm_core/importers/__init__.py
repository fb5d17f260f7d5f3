"""Other frameworks' files -> our layers, one framework a folder."""

from lstm_core.importers.build import (
    build_model,
    byte_encoder,
    number_encoder,
    number_readout,
    usual_encoder,
    usual_entries,
    usual_readout,
)
from lstm_core.importers.formats import read_model
from lstm_core.importers.imported import Chain, Framework, Head, ImportedModel
from lstm_core.importers.limits import LIMITS, Limits, UnreadableFile, largest_file
from lstm_core.importers.numbers import Table, read_numbers
from lstm_core.importers.parity import Parity, parity
from lstm_core.importers.sandbox import read_sandboxed
from lstm_core.importers.scaling import Scaler, input_scaler, output_scaler
from lstm_core.importers.states import starting, state_sizes
from lstm_core.importers.twin import untrained_twin
from lstm_core.importers.vocabulary import read_vocabulary

__all__ = [
    "LIMITS",
    "Chain",
    "Framework",
    "Head",
    "ImportedModel",
    "Limits",
    "Parity",
    "Scaler",
    "Table",
    "UnreadableFile",
    "build_model",
    "byte_encoder",
    "input_scaler",
    "largest_file",
    "number_encoder",
    "number_readout",
    "output_scaler",
    "parity",
    "read_model",
    "read_numbers",
    "read_sandboxed",
    "read_vocabulary",
    "starting",
    "state_sizes",
    "untrained_twin",
    "usual_encoder",
    "usual_entries",
    "usual_readout",
]
