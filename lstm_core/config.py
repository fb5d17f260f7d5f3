"""ModelConfig, the layout of a model, and Card, what to know about it: everything but the weights."""

from dataclasses import dataclass, field
from typing import get_args

from lstm_core.cells import LSTM, Cell
from lstm_core.encoders import ClassEncoder, Encoder, NumberEncoder
from lstm_core.given import described
from lstm_core.layers import layer_names, layer_number
from lstm_core.readouts import Between, Labels, LegalTokens, NextToken, Nothing, Readout, Values
from lstm_core.stack import Layout, stack_shapes

MAX_SIZES = {"embedding": 1_000_000, "hidden": 1_000_000, "layers": 100}


@dataclass(frozen=True)
class ModelConfig:
    """The layout of a model: everything but its weights.

    >>> from lstm_core import ByteEncoder
    >>> ModelConfig(ByteEncoder(), embedding=16, hidden=32, layers=2, bidirectional=True).layer_names
    ('layer0', 'layer0_reverse', 'layer1', 'layer1_reverse')
    """

    encoder: Encoder
    embedding: int  # features a token becomes; for numbers as many as are read
    hidden: int  # units a layer
    layers: int = 1
    bidirectional: bool = False
    readout: Readout = field(default_factory=NextToken)
    # Below, only for models of other frameworks' layers. With a stack, `hidden` is its widest layer's.
    stack: tuple[Layout, ...] = ()  # in place of `torch.nn.LSTM`'s equal layers
    one_hot: bool = False  # a class is read as a vector of zeros and a single one, not as an embedding
    between: Between = "nothing"  # what stands between the top layer and the readout

    def __post_init__(self) -> None:
        if not isinstance(self.encoder, Encoder) or not isinstance(self.readout, Readout):
            raise TypeError(
                f"a model needs an encoder, such as ByteEncoder(), and a readout, such as NextToken(), not "
                f"{described(self.encoder)} and {described(self.readout)}"
            )
        for name, most in MAX_SIZES.items():
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= most:
                raise ValueError(f"{name} must be a whole number from 1 to {most:,}, not {value!r}")
        if type(self.bidirectional) is not bool:
            raise ValueError(f"bidirectional must be true or false, not {self.bidirectional!r}")
        if isinstance(self.encoder, NumberEncoder):
            self._check_numbers(self.encoder)
        elif self.one_hot and self.embedding != self.encoder.size:
            raise ValueError(f"one-hot vectors of {self.encoder.size} classes have no {self.embedding} features")
        if self.stack:
            self._check_stack()
        self._check_between()

    def _check_between(self) -> None:
        if self.between not in get_args(Between):
            raise ValueError(f"between must be one of {', '.join(get_args(Between))}, not {self.between!r}")
        whole = isinstance(self.readout, Labels) or (isinstance(self.readout, Values) and not self.readout.ahead)
        if self.between in ("last", "mean", "max") and not whole:
            raise ValueError(
                f'between="{self.between}" is of a model that predicts something of a whole sequence, labels or values; '
                f"this one has a readout of {described(self.readout)}"
            )

    def _check_stack(self) -> None:
        stack_shapes(self.stack)
        told = (self.embedding, self.hidden, self.layers, self.bidirectional)
        backwards = any(layout.reading != "forward" for layout in self.stack)
        wanted = (self.stack[0].features, max(layout.units for layout in self.stack), len(self.stack), backwards)
        if told != wanted:
            raise ValueError(f"embedding, hidden, layers and bidirectional must be the stack's {wanted}, not {told}")

    @classmethod
    def of_stack(
        cls,
        encoder: Encoder,
        stack: tuple[Layout, ...],
        *,
        readout: Readout,
        one_hot: bool = False,
        between: Between = "nothing",
    ) -> "ModelConfig":
        """The layout of a model whose recurrent layers are a stack's."""
        return cls(
            encoder,
            stack[0].features,
            max(layout.units for layout in stack),
            layers=len(stack),
            bidirectional=any(layout.reading != "forward" for layout in stack),
            readout=readout,
            stack=stack,
            one_hot=one_hot,
            between=between,
        )

    def _check_numbers(self, encoder: NumberEncoder) -> None:
        if self.embedding != encoder.features:
            raise ValueError(
                f"embedding must be {encoder.features}, the numbers that are read at each step, not {self.embedding}"
            )
        if isinstance(self.readout, NextToken | LegalTokens):
            raise ValueError(
                "a model that reads numbers has no classes to predict: give it a readout of Values or Labels"
            )

    @property
    def outputs(self) -> int:
        """The number of outputs of the readout at each step."""
        match self.readout:
            case Labels(labels):
                return len(labels)
            case Values(names):
                return len(names)
            case Nothing():
                return 0
        return self.classes

    @property
    def classes(self) -> int:
        """The number of input classes; 0 for a model that reads numbers."""
        return 0 if isinstance(self.encoder, NumberEncoder) else self.encoder.size

    @property
    def class_encoder(self) -> ClassEncoder:
        """The encoder of a model that reads classes. Raises ValueError for one that reads numbers."""
        if isinstance(self.encoder, NumberEncoder):
            raise ValueError("this model reads numbers, not classes: give it numbers as text")
        return self.encoder

    @property
    def layer_names(self) -> tuple[str, ...]:
        """layer0, layer0_reverse, layer1, ...: the order in which torch stacks states."""
        return tuple(name for stacked in self.stacked_layers for name in stacked)

    @property
    def stacked_layers(self) -> tuple[tuple[str, ...], ...]:
        """The names of each layer's directions, from the bottom."""
        if self.stack:
            return tuple(
                tuple(f"layer{number}{suffix}" for suffix in layout.suffixes)
                for number, layout in enumerate(self.stack)
            )
        return tuple(layer_names(number + 1, self.bidirectional)[-self.directions :] for number in range(self.layers))

    @property
    def directions(self) -> int:
        """The largest number of directions of any layer."""
        return 2 if self.bidirectional else 1

    def units(self, layer: str) -> int:
        """The number of units of the layer of that name."""
        return self.stack[layer_number(layer)].units if self.stack else self.hidden

    def features(self, layer: str) -> int:
        """The number of inputs of the layer of that name at each step."""
        number = layer_number(layer)
        if self.stack:
            return self.stack[number].features
        return self.hidden * self.directions if number else self.embedding

    def cell(self, layer: str) -> Cell:
        """The equations of the layer of that name."""
        return self.stack[layer_number(layer)].cell if self.stack else LSTM

    @property
    def readout_features(self) -> int:
        """The number of inputs of the readout at each step."""
        return self.stack[-1].outputs if self.stack else self.hidden * self.directions


@dataclass(frozen=True)
class Card:
    """What a reader should know about a model: plain JSON values.

    >>> Card(name="counter", summary="counts a's and b's").name
    'counter'
    """

    name: str = ""
    summary: str = ""  # one sentence
    look_for: str = ""  # what to look for in its gates, in a sentence or a few
    unit: int | None = None  # of its first layer, where `look_for` names one: the unit to show first
    examples: dict[str, str] = field(default_factory=dict)  # typical sequences, as a reader types them, by title
    training: dict[str, object] = field(default_factory=dict)  # how it was trained: see `training/finish.py`
    evaluation: dict[str, object] = field(default_factory=dict)  # how well it does: see `training/finish.py`
