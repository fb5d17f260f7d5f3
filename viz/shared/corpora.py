"""Texts that a model has read as a whole: where their recording lies, and what each unit does there.

Those of the zoo are shipped with it. A reader's own is a survey, under its id, which a link names.
"""

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
import xarray as xr

import pretrained
from lstm_core import SequenceModel
from lstm_core.corpus import open_corpus, record_corpus
from lstm_core.surveys import SurveyFolder, Surveys
from lstm_core.user_models import home
from viz.locale import _
from viz.shared.cached import load_model, trained

_recorder = ThreadPoolExecutor(1, thread_name_prefix="corpus")  # one text after the other: each takes a core or more


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text as one layer of a model reads it, and what each of its units does there."""

    cards: Sequence[Mapping[str, Any]]  # of `lstm_core.analysis.unit_cards`
    source: str  # what the text is, in a sentence
    steps: int
    id: str  # which cards these are: another text, model or layer has another
    place: "_Place"

    @property
    def store(self) -> Path:
        """The folder of the recording. That of a shipped text is made first, in some seconds, while a sentence says so."""
        made = self.place.recorded()
        if made.done():
            return made.result()
        with st.spinner(_("Reading the held-out text once …")):
            return made.result()

    def prepared(self) -> bool:
        """Is the recording there? If not, it is being made from now on, beside the page. Raises what its making has raised."""
        made = self.place.recorded()
        if made.done():
            made.result()
        return made.done()

    @property
    def recording(self) -> xr.Dataset:
        """The recording of the layer, as `open_corpus` opens it."""
        return open_corpus(self.store, layer=self.place.layer_name)


@dataclass(frozen=True)
class _Place:
    """Where the recording lies, or which text has to be recorded for it."""

    layer_name: str
    model_name: str
    survey: SurveyFolder | None = None

    def recorded(self) -> Future[Path]:
        if self.survey is not None:
            there: Future[Path] = Future()
            there.set_result(self.survey.corpus)
            return there
        model = load_model(self.model_name)
        made = _recorded(model.digest, self.model_name, _model=model)
        if made.done() and made.exception() is not None:
            _recorded.clear(model.digest, self.model_name, _model=model)  # the next visitor has it tried again
        return made


def corpus_of(model_name: str, layer_name: str, survey: str = "") -> Corpus | None:
    """What the units of a layer do over the text that is shipped with the model, or over that of a survey; None if there is none."""
    if survey:
        return _surveyed(model_name, layer_name, survey)
    if model_name != trained(model_name) or model_name not in pretrained.zoo():
        return None
    return _shipped(load_model(model_name).digest, model_name, layer_name)


@st.cache_resource(max_entries=12, show_spinner=False)
def _shipped(digest: str, model_name: str, layer_name: str) -> Corpus | None:
    try:
        found = pretrained.units(model_name, layer_name)
    except FileNotFoundError:
        return None
    place = _Place(layer_name, model_name)
    return Corpus(found["cards"], found["source"], found["steps"], f"{layer_name} {digest}", place)


@st.cache_resource(max_entries=4, show_spinner=False)
def _recorded(digest: str, model_name: str, _model: SequenceModel) -> Future[Path]:  # noqa: ARG001 (digest: the cache key, for _model)
    """The recording of a shipped text, made beside the pages."""
    return _recorder.submit(_record, model_name, _model)


def _record(model_name: str, model: SequenceModel) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gatescope-corpus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    signals = pretrained.units(model_name, model.config.layer_names[0])["signals"]
    record_corpus(model, pretrained.units_text(model_name), folder / "corpus", signals=signals)
    return folder / "corpus"


@st.cache_resource(show_spinner=False)
def surveys() -> Surveys:
    """The surveys of this server, for all readers. Raises ValueError where there is no folder for them."""
    return Surveys(home() / "surveys")


def _surveyed(model_name: str, layer_name: str, survey: str) -> Corpus | None:
    folder = surveys().folder(survey)
    if folder is None or folder.request["model"] != load_model(model_name).digest:
        return None
    return _cards_of(survey, layer_name, folder.touched, _folder=folder, model_name=model_name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _cards_of(survey: str, layer_name: str, touched: float, _folder: SurveyFolder, model_name: str) -> Corpus | None:
    cards = _folder.cards(layer_name)
    if cards is None:
        return None
    source = _("your file {name}").format(name=_folder.request["name"])
    return Corpus(
        cards, source, cards[0]["steps"], f"{survey} {layer_name} {touched}", _Place(layer_name, model_name, _folder)
    )
