"""An LSTM whose every gate can be seen. Knows neither plots nor Streamlit."""

from lstm_core.capture import ParityWarning, capture
from lstm_core.config import Card, ModelConfig
from lstm_core.device import available_devices, pick_device
from lstm_core.encoders import (
    ByteEncoder,
    CharacterEncoder,
    NumberEncoder,
    Tokens,
    VocabularyEncoder,
    WordEncoder,
)
from lstm_core.interventions import Intervention, silence
from lstm_core.layers import layer_number
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, LegalTokens, NextToken, Nothing, Values
from lstm_core.record import record, record_layer, record_layers
from lstm_core.recording import GATES, SIGNALS, SIGNALS_OF, Recording, signals_of
from lstm_core.sampling import generate, generation_obstacle
from lstm_core.stepper import Stepper
from lstm_core.wiring import wiring

__version__ = "0.1.0"

__all__ = [
    "GATES",
    "SIGNALS",
    "SIGNALS_OF",
    "ByteEncoder",
    "Card",
    "CharacterEncoder",
    "Intervention",
    "Labels",
    "LegalTokens",
    "ModelConfig",
    "NextToken",
    "Nothing",
    "NumberEncoder",
    "ParityWarning",
    "Recording",
    "SequenceModel",
    "Stepper",
    "Tokens",
    "Values",
    "VocabularyEncoder",
    "WordEncoder",
    "__version__",
    "available_devices",
    "capture",
    "generate",
    "generation_obstacle",
    "layer_number",
    "pick_device",
    "record",
    "record_layer",
    "record_layers",
    "signals_of",
    "silence",
    "wiring",
]
