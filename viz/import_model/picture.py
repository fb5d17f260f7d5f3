"""The gates of a model that was found in a file, on a text, before it is opened on any other page."""

import hashlib
import json
from collections.abc import Callable
from functools import partial

import streamlit as st

from lstm_core import SequenceModel, record, signals_of
from lstm_core.analysis import most_telling
from viz.figures import heatmaps
from viz.live.description import described
from viz.live.explore_host import MESSAGES, Models, draw
from viz.live.facts import dressing_id
from viz.live.limit import obstacle
from viz.live.options import LiveOptions, chosen, defaults
from viz.live.view import view_of
from viz.locale import _, language
from viz.shared.controls import is_dark
from viz.shared.downloads import show
from viz.shared.imported_models import Imported
from viz.shared.model_facts import UNTRAINED

SEEN = "import_seen"  # in the session: (of which file, of which example, the options that the browser reported, their version)
KEY = "import_live"


def show_picture(one: Imported, digest: str, example: str) -> str:
    """Draw the gates of the model from the file of that digest, at first on `example`. Returns the text that it reads."""
    file, begun, options, version = st.session_state.get(SEEN, ("", "", defaults(), 0))
    if (file, begun) != (digest, example):
        version = version if file == digest else 0  # of another file it is another component
        options = chosen(example)
        st.session_state[SEEN] = (digest, example, options, version)
    if obstacle([one.model], len(options["text"].encode(errors="surrogatepass"))):
        _show_figure(one, example)
        return example
    draw(_models(one), options, key=f"{KEY}-{digest}", version=version, on_rested=partial(_rested, digest, example))
    return str(options["text"])


def _rested(digest: str, example: str, options: LiveOptions, version: int, steps: int) -> None:
    del steps
    st.session_state[SEEN] = (digest, example, options, version)


def _models(one: Imported) -> Models:
    """The model and itself before training, as a browser learns of them without a name that other pages know."""
    pair = {one.title: one.model, one.title + UNTRAINED: one.untrained}
    facts: dict[str, Callable[[], object]] = {}
    for name, model in pair.items():
        about = described(name, one.model.config, one.model.card, weights=model.digest)
        facts[f"import {hashlib.sha256(json.dumps(about).encode()).hexdigest()} {language()}"] = partial(_same, about)
    ids, dressing = list(facts), dressing_id("explore", one.model.config)
    facts[dressing] = partial(view_of, [], one.model.config, defaults(), MESSAGES)
    return Models(ids, dressing, facts, {model.digest: partial(_model, model) for model in pair.values()})


def _same(about: dict[str, object]) -> dict[str, object]:
    return about


def _model(model: SequenceModel) -> SequenceModel:
    return model


def _show_figure(one: Imported, example: str) -> None:
    """The most telling units, drawn here: the browser does not compute with so large a model, or so long a text."""
    layer = next(iter(record(one.model, example).layers.values()))
    signals = signals_of(layer)
    figure = partial(heatmaps, layer, signals=signals, order=most_telling(layer), row_height=80, dark=is_dark())
    show(figure, key=KEY, alt=_("Heatmaps of the units that tell most about the text, one for each signal"))
