"""The st.cache_* wrappers around lstm_core and pretrained, and nothing else.

Streamlit makes a cache's key from all arguments whose names do not begin with an underscore. So digests are parameters
that the functions never read (ARG001): they stand for the contents of the underscored ones.
"""

import streamlit as st

import pretrained
from lstm_core import Card, ModelConfig, Recording, SequenceModel, Tokens, generate, record
from lstm_core.costs import max_recorded_steps, recurrent_weights
from lstm_core.model_files import CheckpointError, read_description
from lstm_core.user_models import user_models
from viz.locale import N_, Deferred, _
from viz.shared.imported_models import own_models
from viz.shared.model_facts import UNTRAINED
from viz.shared.passage import Passage
from viz.shared.wording import kind


def model_names() -> list[str]:
    """Every model that a link may name: the trained ones, then each as it was before training, where that is known."""
    names = trained_names()
    return names + [name + UNTRAINED for name in names if has_untrained(name)]


def trained_names() -> list[str]:
    """Every trained model a reader can choose: the zoo, the user's and the imported models."""
    broken = unreadable()
    return [*(name for name in pretrained.names() if name not in broken), *own_models()]


def unreadable() -> dict[str, str]:
    """Which of the user's models cannot be opened (damaged, or of another version), each with a sentence that says why."""
    found = {}
    for name in user_models():
        try:
            describe(name)
        except CheckpointError as error:
            found[name] = str(error)
    return found


def counterpart(name: str) -> str:
    """The same model before training; for an untrained one, the same after training."""
    return name.removesuffix(UNTRAINED) if name.endswith(UNTRAINED) else name + UNTRAINED


def trained(name: str) -> str:
    """The model after training, whether `name` is it or itself before training."""
    return name.removesuffix(UNTRAINED)


def has_untrained(name: str) -> bool:
    """Is it known what this model was before training? Not of every model that was saved by hand."""
    name = trained(name)
    return name in own_models() or _described(name)[2]


def comparable(name: str) -> list[str]:
    """The other models with the same layout as `name`, unit for unit; the first is `name` itself before (or after) training."""
    mine, twin = describe(name)[0], [counterpart(name)] if has_untrained(name) else []
    rest = [other for other in model_names() if other not in (name, *twin)]
    return [*twin, *(other for other in rest if _same_layout(mine, describe(other)[0]))]


def _same_layout(one: ModelConfig, other: ModelConfig) -> bool:
    """Do they have as many units of the same cells, and steps of the same kind? A word is not a step of a character model."""
    (layers, steps), (others, theirs) = (
        ([(name, config.cell(name).type, config.units(name)) for name in config.layer_names], kind(config.encoder))
        for config in (one, other)
    )
    return layers == others and steps == theirs


def describe(name: str) -> tuple[ModelConfig, Card]:
    """Layout and card of a model; an untrained one has those of the trained."""
    mine = own_models().get(trained(name))
    return _described(trained(name))[:2] if mine is None else (mine.model.config, mine.model.card)


@st.cache_resource(max_entries=200, show_spinner=False)
def _described(name: str) -> tuple[ModelConfig, Card, bool]:
    """Layout, card, and is it known before training? Weights are read only where they may be damaged."""
    if name in pretrained.zoo():
        return *read_description(pretrained.folder_of(name)), pretrained.has_untrained(name)
    model = _load_model(name)
    return model.config, model.card, pretrained.has_untrained(name)


def load_model(name: str) -> SequenceModel:
    """The model in eval mode. The instance is shared by all sessions and must not be mutated."""
    mine = own_models().get(trained(name))
    if mine is not None:
        return mine.untrained if name.endswith(UNTRAINED) else mine.model
    return _load_model(name)


@st.cache_resource(max_entries=8, show_spinner=Deferred(N_("Loading the model …")))
def _load_model(name: str) -> SequenceModel:
    if name.endswith(UNTRAINED):
        return pretrained.untrained(trained(name))
    return pretrained.load(name)


def forget(name: str) -> None:
    """Forget the model of that name: its files have been replaced by another model."""
    for known in (name, name + UNTRAINED):
        _load_model.clear(known)
    _described.clear(name)


def load_tokens(name: str, passage: Passage) -> Tokens:
    """The tokens that the model `name` reads: the text, and the text that a model generated after it.

    Raises ValueError when it cannot read them, or when the writer cannot generate.
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


@st.cache_resource(max_entries=16, show_spinner=Deferred(N_("Generating text …")))
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
    """The recording of the model `name` reading a passage. Raises ValueError when it cannot read it."""
    model = load_model(name)
    tokens = load_tokens(name, passage)
    too_much = reading_obstacle(model, len(tokens))
    if too_much:
        raise ValueError(too_much)
    return _recording(model.digest, tokens.digest, _model=model, _tokens=tokens)


def reading_obstacle(model: SequenceModel, steps: int) -> str:
    """Why is this text too long for this model, in a sentence? Empty if it is not."""
    weights, most = recurrent_weights(model), max_recorded_steps(model)
    if steps <= most:
        return ""
    return _(
        "this text has {steps} timesteps, but a model with {parameters} recurrent parameters reads at most {most}: "
        "shorten the text"
    ).format(steps=f"{steps:,}", parameters=f"{weights:,}", most=f"{most:,}")


@st.cache_resource(max_entries=8, show_spinner=Deferred(N_("Reading the text …")))  # it is shown after half a second
def _recording(digest: str, tokens_digest: str, _model: SequenceModel, _tokens: Tokens) -> Recording:  # noqa: ARG001 (digests: the cache key, for the underscored)
    # A resource, not data: copying up to 140 MB per rerun would be the slowest part of the page. Its arrays
    # are read-only instead, so that no page can change what another reader sees.
    recording = record(_model, _tokens)
    for dataset in (*recording.layers.values(), recording.prediction):
        for variable in dataset.variables.values():
            if len(variable.dims) == 2:
                variable.to_numpy().setflags(write=False)
    return recording
