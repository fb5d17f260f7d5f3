"""A live view in a notebook, as Python sees it: what is sent, the picture beside it, and what goes wrong in a sentence."""

import base64
import builtins
import io

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from PIL import Image

import pretrained
from lstm_core import record
from tests.support import odd_models
from viz import notebook
from viz.live.limit import LIMIT
from viz.live.options import defaults
from viz.live.pair import pair_of
from viz.live.recorded import recorded
from viz.notebook import show


@pytest.fixture(autouse=True)
def from_the_server() -> None:
    """Nothing is drawn by the server here."""


def picture(widget) -> Image.Image:
    bundle, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    return Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))


def test_a_model_is_shown_by_its_name_or_as_itself():
    by_name, itself = show("anbn", "SaabbT", unit=3), show(pretrained.load("anbn", device="cpu"), "SaabbT", unit=3)
    for widget in (by_name, itself):
        assert widget.options == defaults() | {"text": "SaabbT", "unit": 3}
        assert widget.weights == pair_of("anbn").weights()
        assert [one["name"] for one in widget.view["models"]] == ["anbn", "anbn (untrained)"]
        assert widget.recorded is None


def test_the_picture_shows_what_is_chosen_when_it_is_drawn():
    widget = show("anbn", "SaabbT")
    before = np.asarray(picture(widget))
    assert before.shape[1] > before.shape[0] > 600
    widget.options = widget.options | {"text": "SaaaabbbbT"}
    assert (np.asarray(picture(widget)) != before).any()


@pytest.mark.parametrize("name", ["gru", "rnn", "uneven", "no numbers", "no readout", "opinions", "weather", "grammar"])
def test_every_kind_of_model_and_recording_has_a_picture(name):
    model = odd_models.model(name)
    text = next(iter(model.card.examples.values()), "ab")
    widget = show(record(model, text))
    assert picture(widget).getcolors() is None, "more than 256 colours"
    assert widget.view["fixed"]
    assert [one["name"] for one in widget.view["models"]] == ["Recording"]
    assert picture(show(model, text)).width == picture(widget).width


def test_of_no_text_there_is_no_picture():
    bundle, _ = show("anbn", "")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


def test_a_recording_is_sent_as_it_is():
    recording = record(odd_models.model("uneven"), "three layers")
    sent = recorded(recording)
    for name, layer in recording.layers.items():
        for signal, content in sent["layers"][name]["signals"].items():
            np.testing.assert_array_equal(np.frombuffer(content, np.float32), layer[signal].to_numpy().ravel())
    assert sent["labels"] == list(recording.tokens)
    np.testing.assert_array_equal(
        np.frombuffer(sent["predictions"], np.float32), recording.prediction["probability"].to_numpy().ravel()
    )
    assert sent["ids"][1:] == recording.prediction["next_class"].to_numpy()[:-1].tolist()
    shown = {name: layer["cell"]["shown"]["name"] for name, layer in sent["layers"].items()}
    assert shown == {"layer0_reverse": "tanh", "layer1": "φ", "layer1_reverse": "φ", "layer2": "φ"}


def test_nbconvert_takes_the_picture():
    bundle, _ = show("anbn", "SaabbT")._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=bundle)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    page, _ = HTMLExporter().from_notebook_node(book)
    assert f'src="data:image/png;base64,{bundle["image/png"][:100]}' in page
    assert "widget-view" not in page


def test_what_cannot_be_shown_is_a_sentence(monkeypatch):
    with pytest.raises(KeyError, match="there is no model 'nobody'"):
        show("nobody")
    with pytest.raises(ValueError, match="unknown options colour: a view has text"):
        show("anbn", colour="red")
    recording = record(pretrained.load("anbn", device="cpu"), "SaabbT")
    with pytest.raises(ValueError, match=r"a recording has its own text: show\(recording\) takes none"):
        show(recording, "SaabbT")
    monkeypatch.setenv(LIMIT, "0.0001")
    with pytest.raises(ValueError, match=r"the recording has 0\.0 MB, but a page holds at most 0\.0001 MB"):
        show(recording)


def test_a_missing_extra_is_a_sentence_that_names_it(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "anywidget":
            raise ModuleNotFoundError("No module named 'anywidget'", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    notebook._widget.cache_clear()
    with pytest.raises(ImportError, match=r'show needs anywidget.*: pip install "gatescope\[notebook\]"'):
        show("anbn")
