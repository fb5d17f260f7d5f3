"""The st.cache_* wrappers around lstm_core and pretrained, and nothing else.

Streamlit makes a cache's key of all arguments whose names do not begin with an underscore. So digests are
parameters that the functions themselves never read (ARG001): they stand for what the underscored ones hold.
"""

import streamlit as st

import pretrained
from lstm_core import SIGNALS_OF, Card, ModelConfig, Recording, SequenceModel, Tokens, generate, record
from lstm_core.model_files import CheckpointError
from lstm_core.user_models import user_models
from viz.shared.imported_models import own
from viz.shared.passage import Passage
from viz.shared.wording import kind

UNTRAINED = " (untrained)"
MOST_VALUES = 100_000_000  # numbers of one recording: 400 MB
MOST_PRODUCTS = 50_000_000_000  # of weights and states, for one recording: some ten seconds


def model_names() -> list[str]:
    """Every model a reader can choose: the zoo, what they imported, then each as it was before training."""
    broken = unreadable()
    names = [*(name for name in pretrained.names() if name not in broken), *own()]
    return names + [name + UNTRAINED for name in names]


def unreadable() -> dict[str, str]:
    """Which of the user's models cannot be opened, being damaged or of another version, and why: one sentence each."""
    found = {}
    for name in user_models():
        try:
            describe(name)
        except CheckpointError as error:
            found[name] = str(error)
    return found


def twin(name: str) -> str:
    """The same model before training; for an untrained one, after."""
    return name.removesuffix(UNTRAINED) if name.endswith(UNTRAINED) else name + UNTRAINED


def comparable(name: str) -> list[str]:
    """Which other models have the layout of `name`, unit for unit? Its twin is always among them, first."""
    mine = describe(name)[0]
    rest = [other for other in model_names() if other not in (name, twin(name))]
    return [twin(name), *(other for other in rest if _same_layout(mine, describe(other)[0]))]


def _same_layout(one: ModelConfig, other: ModelConfig) -> bool:
    """Have they as many units of the same cells, and steps of one kind? What one of them reads as words is no step of the other's."""
    (layers, steps), (others, theirs) = (
        ([(name, config.cell(name).type, config.units(name)) for name in config.layer_names], kind(config.encoder))
        for config in (one, other)
    )
    return layers == others and steps == theirs


def describe(name: str) -> tuple[ModelConfig, Card]:
    """Layout and card of a model; of an untrained one those of the trained."""
    trained = name.removesuffix(UNTRAINED)
    mine = own().get(trained)
    return _described(trained) if mine is None else (mine.model.config, mine.model.card)


@st.cache_resource(max_entries=200, show_spinner=False)
def _described(name: str) -> tuple[ModelConfig, Card]:
    model = _load_model(name)
    return model.config, model.card


def load_model(name: str) -> SequenceModel:
    """One model, in evaluation mode, the same for all who read with it; nobody changes it."""
    mine = own().get(name.removesuffix(UNTRAINED))
    if mine is not None:
        return mine.twin if name.endswith(UNTRAINED) else mine.model
    return _load_model(name)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …")
def _load_model(name: str) -> SequenceModel:
    if name.endswith(UNTRAINED):
        return pretrained.untrained(name.removesuffix(UNTRAINED))
    return pretrained.load(name)


def forget(name: str) -> None:
    """Let the model of that name be read anew: another one lies there now."""
    for known in (name, name + UNTRAINED):
        _load_model.clear(known)
    _described.clear(name)


def load_tokens(name: str, passage: Passage) -> Tokens:
    """What the model `name` reads: the text, and what another or it itself wrote after it.

    Raises ValueError when it cannot read that, or when the writer cannot write.
    """
    model, writing = load_model(name), passage.writing
    if writing is None:
        return _tokens(model.digest, passage.text, _model=model)
    writer = load_model(writing.writer)
    key = (writer.digest, writing.count, writing.temperature, writing.seed)
    return _continued(model.digest, passage.text, key, _model=model, _writer=writer)


@st.cache_resource(max_entries=16, show_spinner=False)
def _tokens(digest: str, text: str, _model: SequenceModel) -> Tokens:  # noqa: ARG001 (digest: the cache key, for _model)
    return _model.encode(text)


@st.cache_resource(max_entries=16, show_spinner="Writing on …")
def _continued(
    digest: str,  # noqa: ARG001 (the cache key, for _model)
    text: str,
    writing: tuple[str, int, float, int],
    _model: SequenceModel,
    _writer: SequenceModel,
) -> Tokens:
    _, count, temperature, seed = writing
    tokens = generate(_writer, text, count, temperature=temperature, seed=seed)
    if _writer.config.encoder == _model.config.encoder:
        return tokens
    return _model.encode(_writer.config.class_encoder.decode(tokens.ids))


def load_recording(name: str, passage: Passage) -> Recording:
    """What the model `name` does with a passage. Raises ValueError when it cannot read it."""
    model = load_model(name)
    tokens = load_tokens(name, passage)
    too_much = reading_obstacle(model, len(tokens))
    if too_much:
        raise ValueError(too_much)
    return _recording(model.digest, tokens.digest, _model=model, _tokens=tokens)


def reading_obstacle(model: SequenceModel, steps: int) -> str:
    """Why can so long a text not be read by this model here, in a sentence? Empty where it can."""
    config = model.config
    values = sum(config.units(layer) * len(SIGNALS_OF[config.cell(layer).type]) for layer in config.layer_names)
    values += config.embedding + 2 * config.outputs  # what is read, and what is said, before and after the softmax
    weights = sum(one.numel() for one in model.lstm.parameters())
    most = min(MOST_VALUES // values, MOST_PRODUCTS // weights)
    if steps <= most:
        return ""
    return (
        f"this text has {steps:,} steps, but a model with {weights:,} recurrent weights reads at most {most:,} here: "
        "shorten the text"
    )


@st.cache_resource(max_entries=8, show_spinner="Reading the text …")  # which is shown after half a second
def _recording(digest: str, tokens_digest: str, _model: SequenceModel, _tokens: Tokens) -> Recording:  # noqa: ARG001 (digests: the cache key, for the underscored)
    # A resource, not data: a copy per rerun of up to 140 MB would be the slowest thing on the page. Its
    # arrays are locked instead, so that no page can change what another reader sees.
    recording = record(_model, _tokens)
    for dataset in (*recording.layers.values(), recording.prediction):
        for variable in dataset.variables.values():
            if len(variable.dims) == 2:
                variable.to_numpy().setflags(write=False)
    return recording
