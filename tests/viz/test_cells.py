"""The pages with models whose layers are no textbook LSTMs, without a browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import SIGNALS, record
from tests.support import odd_models
from tests.support.apps import begun, figures, opened
from viz.compare.cached import load_training_film
from viz.shared import cached
from viz.shared.exports import csv_rows, csv_table
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.reading import Reading

GRU = ["reset", "update", "candidate", "hidden"]

pytestmark = pytest.mark.usefixtures("with_odd_models")


def heatmaps(app: AppTest) -> list[str]:
    return [str(trace["name"]) for trace in figures(app)[0]["data"] if trace.get("name") in (*SIGNALS, *GRU)]


def words(app: AppTest) -> str:
    return " ".join(one.value for kind in (app.caption, app.title, app.info) for one in kind)


@pytest.mark.parametrize("name", odd_models.STACKS)
@pytest.mark.parametrize("page", ["compare", "step"])
def test_every_page_opens_every_variant(name, page):
    app = begun(page, text="Hark who", model=name)
    assert not app.exception


def test_explore_offers_the_signals_that_the_layer_has():
    app = opened(text="Hark who", model="gru")
    assert heatmaps(app) == GRU
    assert len(json.loads(app.get("plotly_chart")[1].proto.spec)["layout"]["shapes"]) == 1
    assert "What does a GRU do while it reads?" in words(app)
    assert "z near 1: the hidden state stays flat" in words(app)
    assert "1 GRU layer of 7 units" in words(app)
    assert heatmaps(opened(text="Hark who", model="rnn")) == ["hidden"]


def test_chosen_signals_stay_over_a_change_of_model_as_far_as_the_other_has_them():
    app = opened(text="Hark who", model="gru")
    app.get("button_group")[0].set_value(["update", "hidden"]).run()
    assert heatmaps(app) == ["update", "hidden"]
    assert app.session_state["signals"] == ["update", "hidden"]
    app.selectbox[0].set_value("shakespeare").run()
    assert heatmaps(app) == ["hidden"]
    app.selectbox[0].set_value("gru").run()
    assert heatmaps(app) == ["hidden"]


def test_all_signals_of_one_cell_are_all_signals_of_another():
    app = opened(text="Hark who", model="gru")
    app.get("button_group")[0].set_value(["update"]).run()
    app.get("button_group")[0].set_value(GRU).run()
    for name, wanted in (
        ("shakespeare", list(SIGNALS)),
        ("rnn", ["hidden"]),
        ("gru", GRU),
        ("shakespeare", list(SIGNALS)),
    ):
        app.selectbox[0].set_value(name).run()
        assert heatmaps(app) == wanted
        assert not app.exception


@pytest.mark.parametrize(("signals", "shown"), [("forget", GRU), ("hidden", ["hidden"]), ("reset", ["reset"])])
def test_a_link_with_signals_that_the_layer_has_not_shows_what_it_has(signals, shown):
    app = opened(text="Hark who", model="gru", signals=signals)
    assert heatmaps(app) == shown


def test_a_model_that_only_reads_backwards_is_shown_from_its_first_layer_and_layers_say_what_they_are():
    app = opened(text="Hark who", model="uneven", layer="layer0")
    layer = next(box for box in app.selectbox if box.label == "Layer")
    assert layer.options == [
        "Layer 0 backwards: LSTM, 9 units",
        "Layer 1: GRU, 4 units",
        "Layer 1 backwards: GRU, 4 units",
        "Layer 2: RNN, 6 units",
    ]
    assert app.session_state["layer"] == "layer0_reverse"
    assert "What does a recurrent network do while it reads?" in words(app)
    for name, wanted in (("layer1", GRU), ("layer2", ["hidden"]), ("layer0_reverse", list(SIGNALS))):
        next(box for box in app.selectbox if box.label == "Layer").set_value(name).run()
        assert not app.exception
        assert heatmaps(app) == wanted


def test_a_model_without_a_readout_says_so_in_one_sentence():
    app = opened(text="Hark who", model="no readout")
    assert NOTHING in words(app)
    assert heatmaps(app) == GRU
    assert len(figures(app)[0]["data"]) == len(GRU)  # and nothing above


def test_gates_are_compared_by_the_type_of_cell_and_an_rnn_has_none():
    app = begun("compare", text="Hark who", model="gru")
    comparison, distributions, saturations = figures(app)
    assert [trace["name"] for trace in comparison["data"]][::3] == ["reset 1", "update 1", "hidden 1"]
    assert len(distributions["data"]) == 2 * 2
    assert len(saturations["data"]) == 2 * 3
    assert "No training checkpoints were saved with “gru”" in words(
        begun("compare", text="Hark", model="gru", tab="film")
    )
    app.selectbox[0].set_value("rnn").run()
    assert not app.exception
    assert len(figures(app)) == 1
    assert "A simple RNN has no gates: compare its hidden state above." in words(app)


def test_only_layers_of_one_kind_and_size_are_compared():
    assert cached.comparable("gru") == ["gru (untrained)"]
    assert cached.comparable("no readout") == ["no readout (untrained)"]


def test_what_is_no_number_is_said_to_be_a_gap():
    app = opened(text="Hark who", model="no numbers", sort="similarity")
    assert not app.exception
    assert (
        "All 6 units have values that are not numbers (NaN or infinite): they are left out, and shown as gaps."
        in words(app)
    )


def test_the_rows_of_a_csv_are_counted_by_the_signals_there_are():
    recording = record(odd_models.model("uneven"), "Hark")
    for layer in recording.layers:
        assert csv_table(recording, layer, slice(0, 3)).count(b"\n") == csv_rows(recording, layer, 3) + 1


def test_a_model_that_was_trained_elsewhere_has_no_film(monkeypatch):
    monkeypatch.setattr(pretrained, "checkpoints", lambda name: pytest.fail(f"nobody keeps checkpoints of {name}"))
    assert load_training_film(Reading("mine", Passage("abc"), "layer0"), 0, 3, ("forget",)) is None
