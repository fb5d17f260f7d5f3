"""The page Import without a browser: what it says of a file, what it asks, and what becomes of "Open"."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from lstm_core import VocabularyEncoder, costs, record
from lstm_core.cells import RELU, Cell
from lstm_core.cells import RNN as RNN_CELL
from lstm_core.importers import ImportedModel, Parity, Scaler, build_model, read_model, read_numbers
from lstm_core.stack import Layout
from tests.support.apps import APP, begun
from tests.support.chains import chain_of
from viz.import_model.controls import FOUND, first_text
from viz.import_model.number_controls import text_of, wave
from viz.import_model.picture import SEEN
from viz.import_model.sections import SAVING
from viz.shared import imported_models, state
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.imported_models import Imported, ModelStore, badge, title_of

LETTERS = tuple("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,.!?:")
RNN = replace(
    chain_of(Layout(6, 8), classes=60, outputs=60, activation="unknown"), name="rnn", notes=("An assumption.",)
)
UNTOLD = ("A state dict does not tell whether rnn has tanh or relu: tanh is assumed.",)
CHARACTERS = ImportedModel("PyTorch", "state dict (.pt)", (RNN,), LETTERS, "'stoi'")


@pytest.fixture(autouse=True)
def _nothing_held():
    imported_models.model_store.clear()
    yield
    imported_models.model_store.clear()


def found(imported: ImportedModel | str, name: str = "model.pt", **query: str) -> AppTest:
    """The page Import after a file of that name was dropped."""
    app = begun("import", **query)
    app.session_state[FOUND] = ("0", name, imported)
    return app.run()


def pressed_open(app: AppTest) -> AppTest:
    [button] = [button for button in app.button if button.label == "Open"]
    return button.click().run()


def chosen(app: AppTest, label: str, option: str) -> None:
    [control] = [control for control in app.button_group if control.label == label]
    control.set_value(option).run()


def texts(app: AppTest) -> str:
    parts = [*app.caption, *app.markdown, *app.error, *app.warning, *app.info, *app.text, *app.subheader]
    return "\n".join(part.value for part in parts).replace("\\", "")


def test_it_says_what_it_found():
    app = found(CHARACTERS)
    assert not app.exception
    table = app.dataframe[0].value
    assert table.iloc[0].to_dict() == {
        "Layer": 0,
        "In the file": "lstm0",
        "Cell": "LSTM",
        "Inputs": 6,
        "Units": 8,
        "Parameters": 32 * (6 + 8 + 2),
    }
    sentences = texts(app)
    for part in (
        "state dict (.pt)",
        "An assumption.",
        "58 entries for 60 classes",
        "'stoi'",
        f"{RNN.parameters:,} parameters",
    ):
        assert part in sentences


def test_a_whole_model_says_that_its_forward_was_not_run():
    relu = replace(chain_of(Layout(2, 3, Cell("RNN", candidate=RELU))), name="rnn")
    app = found(replace(CHARACTERS, chains=(relu,), vocabulary=(), whole="My_Net*", format="whole model (.pt)"))
    assert not app.exception
    sentences = texts(app)
    for part in ("weights read from a whole model", "its own forward was not run"):
        assert part in sentences
    assert "The file is a whole model of class My_Net*." in sentences
    # What the file itself says is not asked.
    assert "Nonlinearity" not in [control.label for control in app.button_group]
    app = pressed_open(app)
    (one,) = imported_models.model_store()._models.values()
    assert one.whole == "My_Net*"
    assert one.model.config.cell("layer0").candidate == RELU


def test_what_was_found_is_verified_and_drawn_before_any_other_page_knows_it(monkeypatch):
    drawn = []
    monkeypatch.setenv("GATESCOPE_LIVE_MEGABYTES", "16")
    monkeypatch.setattr("viz.live.explore_host._component", lambda **given: drawn.append(given))
    app = found(CHARACTERS)
    assert "verified" in texts(app)
    assert "1 LSTM layer of 8 units. " in texts(app)
    assert "Largest difference from torch's own LSTM" in texts(app)
    assert "opened" not in app.session_state or not app.session_state["opened"]
    data = drawn[-1]["data"]
    assert data["options"]["text"] == DEFAULT_TEXT
    assert [data["facts"][one]["name"] for one in data["models"]] == ["model", "model (untrained)"]
    assert (
        sum(name.startswith("weights/") for name in data) == 1
    )  # those before training are sent when they are asked for


def test_what_is_typed_into_the_picture_goes_along_and_what_the_browser_cannot_compute_is_drawn_here(monkeypatch):
    drawn = []
    monkeypatch.setenv("GATESCOPE_LIVE_MEGABYTES", "16")
    monkeypatch.setattr("viz.live.explore_host._component", lambda **given: drawn.append(given))
    app = found(CHARACTERS)
    example, options = DEFAULT_TEXT, {**drawn[-1]["data"]["options"], "text": "mine"}
    app.session_state[SEEN] = ("0", example, options, 7)  # as the browser reports it
    app.run()
    assert (drawn[-1]["data"]["options"]["text"], drawn[-1]["data"]["version"]) == ("mine", 7)
    assert pressed_open(app).session_state["text"] == "mine"
    monkeypatch.setenv("GATESCOPE_LIVE_MEGABYTES", "0")
    count = len(drawn)
    app = found(CHARACTERS)
    assert len(drawn) == count
    assert json.loads(app.get("plotly_chart")[0].proto.spec)["data"]


def test_open_makes_it_a_model_of_every_page_for_this_reader_only():
    app = pressed_open(found(CHARACTERS, "my char_rnn.pt"))
    assert not app.exception
    assert app.session_state["model"] == "my char_rnn"
    app.switch_page("viz/explore/page.py").run()
    assert app.selectbox(key="widget:model:").value == "my char_rnn"
    assert "my char_rnn · Yours" in app.selectbox(key="widget:model:").options
    assert "verified" in texts(app)
    assert "largest difference from torch's own LSTM" in texts(app)
    for page in ("step", "compare"):
        app.switch_page(f"viz/{page}/page.py").run()
        assert not app.exception
    other = AppTest.from_file(APP, default_timeout=60).run()
    assert "my char_rnn" not in " ".join(other.selectbox(key="widget:model:").options)


def test_a_link_finds_it_again_and_says_when_it_is_gone():
    app = pressed_open(found(CHARACTERS, "mine.pt"))
    [number] = app.session_state["opened"]
    again = AppTest.from_file(APP, default_timeout=60)
    again.query_params["opened"] = number
    again.query_params["model"] = "mine"
    again.run()
    assert again.selectbox(key="widget:model:").value == "mine"
    imported_models.model_store.clear()
    gone = AppTest.from_file(APP, default_timeout=60)
    gone.query_params["opened"] = number
    gone.query_params["model"] = "mine"
    gone.run()
    assert not gone.exception
    assert gone.selectbox(key="widget:model:").value == "shakespeare"
    assert "open its file again" in texts(gone)


def on_explore(app: AppTest) -> AppTest:
    app.switch_page("viz/explore/page.py").run()
    assert not app.exception
    return app


def typed(text: str, imported: ImportedModel, name: str = "mine.pt") -> AppTest:
    """Explore after that text was typed there, then a file opened."""
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.text_input(key="widget:text:line").set_value(text).run()
    app.switch_page("viz/import_model/page.py")
    app.session_state[FOUND] = ("0", name, imported)
    return on_explore(pressed_open(app.run()))


SMALL = replace(CHARACTERS, vocabulary=tuple("abcdefghijklmnopqrstuvwxyz "))
NUMBERS = ImportedModel("Keras", "archive", (chain_of(Layout(1, 5), outputs=1, activation="linear"),))


def test_the_text_that_was_typed_stays_and_what_the_model_does_not_know_is_named():
    app = typed("Mark, my words!", SMALL)
    assert app.text_input(key="widget:text:line").value == "Mark, my words!"
    assert "3 of 15 characters are not in this model's vocabulary, so they are not read: M  ,  !" in (
        warning.value.replace("\\", "") for warning in app.warning
    )
    heatmap = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
    assert "".join(label[-1] for label in heatmap["x"]) == "ark␣my␣words"
    app.selectbox(key="widget:model:").set_value("shakespeare").run()
    assert app.text_input(key="widget:text:line").value == "Mark, my words!"
    assert not app.warning
    assert app.session_state["text"] == "Mark, my words!"


def test_the_text_of_another_page_stays_too_where_most_of_it_is_known():
    app = on_explore(pressed_open(found(SMALL)))
    assert app.text_input(key="widget:text:line").value == DEFAULT_TEXT
    assert "so they are not read: J  U  L  I  E  T  :  O  R  , …" in texts(app)


def test_words_that_are_read_as_unknown_are_named_on_every_page():
    words = replace(CHARACTERS, vocabulary=("<unk>", "the", "king", "queen"))
    app = typed("the king of hearts", words)
    for page in ("explore", "step", "compare"):
        app.switch_page(f"viz/{page}/page.py").run()
        assert app.text_input(key="widget:text:line").value == "the king of hearts"
        assert "2 of 4 words are not in this model's vocabulary, so they are read as unknown: of  hearts" in texts(app)


@pytest.mark.parametrize("imported", [NUMBERS, replace(CHARACTERS, vocabulary=tuple("αβγδ"))])
def test_a_text_of_which_nothing_can_be_read_gives_way_to_an_example_and_comes_back(imported):
    app = typed("my own words", imported)
    shown = app.text_input(key="widget:text:line").value
    assert shown != "my own words"
    assert "This model cannot read your text, so this is an example." in texts(app)
    assert app.get("plotly_chart")
    app.selectbox(key="widget:model:").set_value("anbn").run()
    assert not app.exception
    app.selectbox(key="widget:model:").set_value("shakespeare").run()
    assert app.text_input(key="widget:text:line").value == "my own words"
    assert "cannot read your text" not in texts(app)


def test_numbers_that_were_typed_before_stay_and_those_of_the_page_go_first():
    assert typed("3 1 4", NUMBERS).text_input(key="widget:text:line").value == "3 1 4"


def test_the_line_that_shows_how_to_save_is_that_of_the_docs_and_works(tmp_path, monkeypatch):
    told = (Path(APP).parent / "docs" / "your_own_model.md").read_text(encoding="utf-8")
    for line in SAVING.values():
        assert told.count(f"\n{line}") == 1
    app = begun("import")
    assert [code.value.partition("\n")[0].partition("  #")[0] for code in app.code] == list(SAVING.values())
    monkeypatch.chdir(tmp_path)
    exec(SAVING["PyTorch"], {"torch": torch, "model": torch.nn.LSTM(2, 3), "stoi": {"b": 1, "a": 0}})  # noqa: S102 (the line itself)
    assert read_model("mine.pt").vocabulary == ("a", "b")


def test_a_second_one_of_the_name_gets_a_number_and_closing_leaves_the_other():
    app = pressed_open(found(CHARACTERS, "anbn.pt"))
    assert app.session_state["model"] == "anbn 2"
    app.switch_page("viz/import_model/page.py").run()
    [close] = [button for button in app.button if button.label == "Close anbn 2"]
    close.click().run()
    assert not app.exception
    assert app.session_state["opened"] == []


def test_a_file_that_could_not_be_read_is_one_sentence():
    app = found("this archive is <b>damaged</b>", "x<b>.pt")
    assert "x<b>.pt: this archive is <b>damaged</b>" in texts(app)
    assert not [button for button in app.button if button.label == "Open"]


def test_of_several_layers_one_is_chosen():
    both = ImportedModel(
        "PyTorch", "state dict", (RNN, replace(chain_of(Layout(3, 5, Cell("GRU"))), name="decoder")), LETTERS
    )
    app = found(both)
    [choice] = [box for box in app.selectbox if box.label == "Layers"]
    assert choice.options == ["rnn", "decoder"]
    choice.set_value(1).run()
    assert app.dataframe[0].value["Cell"].tolist() == ["GRU"]
    app = pressed_open(app)
    assert not app.exception
    mine = imported_models.model_store().get(app.session_state["opened"][0])
    assert mine.model.config.cell("layer0").type == "GRU"


def test_without_a_vocabulary_it_asks_for_one():
    app = found(replace(CHARACTERS, vocabulary=()))
    assert "paste the vocabulary" in texts(app).lower()
    [button] = [button for button in app.button if button.label == "Open"]
    assert button.disabled
    [area] = [area for area in app.text_area if area.label == "Entries"]
    area.set_value("".join(LETTERS)).run()
    app = pressed_open(app)
    assert app.session_state["model"] == "model"
    area_free = imported_models.model_store().get(app.session_state["opened"][0]).model.config.encoder
    assert area_free == VocabularyEncoder((*LETTERS, "", ""))


def test_too_long_a_vocabulary_is_refused_and_nothing_is_lost():
    app = found(replace(CHARACTERS, vocabulary=()))
    [area] = [area for area in app.text_area if area.label == "Entries"]
    area.set_value("\n".join(f"word{number}" for number in range(61))).run()
    assert "61 entries, but this model has 60 classes" in texts(app)
    assert next(area for area in app.text_area if area.label == "Entries").value.startswith("word0")


def test_numbers_are_read_from_a_table():
    weather = ImportedModel(
        "Keras", "archive", (chain_of(Layout(2, 5, reading="both"), outputs=1, activation="linear"),)
    )
    app = found(weather, "weather.keras")
    [area] = [area for area in app.text_area if area.label == "Numbers"]
    area.set_value("rain,wind\n1,2\n3,x").run()
    assert "Column 'wind' holds 'x' in line 3" in texts(app)
    [area] = [area for area in app.text_area if area.label == "Numbers"]
    area.set_value("rain,wind\n1,2\n3,4\n5,9").run()
    [standardise] = [box for box in app.checkbox if box.label == "Standardise each column"]
    standardise.check().run()
    app = pressed_open(app)
    assert app.session_state["text"] == "1:2 3:4 5:9"
    model = imported_models.model_store().get(app.session_state["opened"][0]).model
    assert model.config.encoder.names == ("rain", "wind")
    np.testing.assert_allclose(model.encode("1:2 3:4 5:9").values.mean(axis=0), 0, atol=1e-6)
    app.switch_page("viz/explore/page.py").run()
    assert "not verified" in texts(app)
    assert "Keras is not part of Gatescope" in texts(app)


def test_a_state_that_is_given_to_the_model_is_asked_for():
    layer = chain_of(Layout(1, 3))
    chain = replace(layer, given={"initial_hidden_l0": "h0", "initial_cell_l0": "c0"})
    app = found(ImportedModel("ONNX", "ONNX", (chain,)), "decoder.onnx")
    assert not [area for area in app.text_area if "layer 0" in area.label]
    chosen(app, "State before the first step", "typed numbers")

    def typed(label: str, text: str) -> None:
        [area] = [area for area in app.text_area if area.label == label]
        assert area.placeholder == "3 numbers, separated by commas; zeros if left empty"
        area.set_value(text).run()

    typed("Hidden state of layer 0 (h0)", "[1, -0.5]")
    assert "Hidden state of layer 0: 2 of 3 numbers." in texts(app)
    assert [button.disabled for button in app.button if button.label == "Open"] == [True]
    typed("Hidden state of layer 0 (h0)", "1, x, 2")
    assert "'x' is no number" in texts(app)
    typed("Hidden state of layer 0 (h0)", "nan, 1, 2")
    assert "must be finite numbers" in texts(app)
    typed("Hidden state of layer 0 (h0)", "3, 3, 3")
    typed("Hidden state of layer 0 (h0)", "[1, -0.5, 2e-1]")
    app = pressed_open(app)
    one = imported_models.model_store().get(app.session_state["opened"][0])
    model = one.model
    np.testing.assert_allclose(record(one.untrained, "1").layers["layer0"].initial_hidden, [1, -0.5, 0.2])
    begun = build_model(layer, initial_state={"initial_hidden_l0": [1.0, -0.5, 0.2]})
    assert model.digest == begun.digest
    recorded = record(model, "1 2").layers["layer0"]
    np.testing.assert_allclose(recorded.initial_hidden, [1, -0.5, 0.2])
    np.testing.assert_array_equal(recorded.initial_cell, np.zeros(3))
    np.testing.assert_array_equal(recorded.hidden, record(begun, "1 2").layers["layer0"].hidden)
    assert not [c for c in found(ImportedModel("ONNX", "ONNX", (layer,))).button_group if c.label.startswith("State")]


def test_numbers_may_be_typed_as_they_were_before_a_scaler_that_was_saved_beside():
    forecaster = chain_of(Layout(1, 5), outputs=1, activation="linear")
    alike = Scaler("'scaler' (MinMaxScaler) in the checkpoint", (20.0,), (5.0,))
    app = found(ImportedModel("PyTorch", "state dict", (forecaster,), scalers=(alike,)))
    [units] = [control for control in app.button_group if control.label == "Units"]
    assert units.value == "as the model reads them"
    assert "Typed numbers are scaled" not in texts(app)
    chosen(app, "Its outputs are", "values")
    chosen(app, "Units", "as they were before the scaler")
    said = texts(app)
    assert "Typed numbers are scaled by 'scaler' (MinMaxScaler) in the checkpoint." in said
    assert "Its predictions are taken to be scaled in the same way" in said
    assert not [box for box in app.checkbox if box.label == "Standardise each column"]
    app = pressed_open(app)
    model = imported_models.model_store().get(app.session_state["opened"][0]).model
    read = model.encode(next(iter(model.card.examples.values())))
    np.testing.assert_allclose(read.values[:, 0], [float(one) for one in wave(1).split()], atol=1e-6)
    np.testing.assert_allclose(model.encode("20 22.5").values, [[0], [0.5]])
    np.testing.assert_allclose(record(model, "20").prediction.value[0, 0], 5 * _raw(forecaster) + 20, atol=1e-5)
    app = found(ImportedModel("PyTorch", "state dict", (chain_of(Layout(2, 5)),), scalers=(alike,)))
    assert not [control for control in app.button_group if control.label == "Units"]


def _raw(chain) -> float:
    """What the model predicts in its own units, after a 0."""
    return float(record(build_model(chain, between="nothing"), "0").prediction.value[0, 0])


def test_a_table_on_import_says_what_was_assumed_and_asks_what_becomes_of_gaps():
    forecaster = ImportedModel("Keras", "archive", (chain_of(Layout(1, 5), outputs=1, activation="linear"),))
    app = found(forecaster, "weather.keras")
    [area] = [area for area in app.text_area if area.label == "Numbers"]
    area.set_value("Datum;Wert\n03.01.2020;3,5\n02.01.2020;\n01.01.2020;1,5").run()
    assert not app.exception
    for note in (
        "Decimal commas were read.",
        "newest first",
        "Not read as numbers: Datum.",
        "1 gap, in line 3.",
    ):
        assert note in texts(app)
    [gaps] = [one for one in app.button_group if one.label == "Gaps"]
    gaps.set_value("interpolate").run()
    app = pressed_open(app)
    assert app.session_state["text"] == "1.5 2.5 3.5"


@pytest.mark.parametrize("count", [4, 40])
def test_a_forecaster_reads_as_many_columns_as_it_has_pasted_or_from_a_file(tmp_path, count):
    forecaster = torch.nn.ModuleDict({"lstm": torch.nn.LSTM(count, 8), "fc": torch.nn.Linear(8, count)})
    torch.save(forecaster.state_dict(), tmp_path / "it.pt")
    rows = np.arange(3 * count).reshape(3, count) / 8
    content = "\n".join(",".join(map(str, row)) for row in rows.tolist())
    for pasted in (True, False):
        app = found(read_model(tmp_path / "it.pt"))
        if pasted:
            [area] = [area for area in app.text_area if area.label == "Numbers"]
            area.set_value(content).run()
        else:
            [dropped] = [one for one in app.file_uploader if one.label == "CSV file"]
            dropped.set_value(("it.csv", content.encode(), "text/csv")).run()
        assert f"3 timesteps of {count} numbers." in texts(app)
        app = pressed_open(app)
        model = imported_models.model_store().get(app.session_state["opened"][0]).model
        np.testing.assert_array_equal(model.encode(app.session_state["text"]).values, rows)


def test_a_table_is_typed_with_the_digits_it_varies_in():
    table = read_numbers("\n".join(f"{1.0834500001 + k * 1e-10:.10f};7" for k in range(5)), 2)
    assert text_of(table).split() == [f"{1.0834500001 + k * 1e-10:.10f}:7" for k in range(5)]


def test_a_constant_column_is_not_blown_up_when_standardised():
    weather = ImportedModel("Keras", "archive", (chain_of(Layout(2, 5), outputs=1, activation="linear"),))
    app = found(weather, "weather.keras")
    [area] = [area for area in app.text_area if area.label == "Numbers"]
    area.set_value("flat,rising\n" + "".join(f"0.123456,{k}\n" for k in range(100))).run()
    [standardise] = [box for box in app.checkbox if box.label == "Standardise each column"]
    standardise.check().run()
    assert "Constant, so read as 0: flat." in texts(app)
    app = pressed_open(app)
    model = imported_models.model_store().get(app.session_state["opened"][0]).model
    values = model.encode(app.session_state["text"]).values
    assert np.abs(values[:, 0]).max() < 1e-6
    np.testing.assert_allclose(values[:, 1].std(), 1, rtol=1e-6)


def test_no_widget_is_taken_for_a_value_of_the_link():
    keys = set()
    for chain in (RNN, replace(chain_of(Layout(2, 5, RNN_CELL), outputs=1, activation="unknown"), notes=UNTOLD)):
        app = found(ImportedModel("PyTorch", "state dict", (chain,)))
        widgets = [app.button_group, app.text_area, app.text_input, app.button, app.get("file_uploader")]
        names = [re.fullmatch(r"\$\$ID-[^-]+-(.+)", one.proto.id)[1] for kind in widgets for one in kind]
        keys |= {name.partition("-")[0] for name in names}
    assert {"dropped", "entries", "nonlinearity", "reads", "output", "between", "numbers", "open"} <= keys
    assert not any(key.startswith(state.WIDGET) for key in keys)


def test_a_state_dict_does_not_tell_tanh_from_relu_and_the_reader_does():
    rnn = replace(chain_of(Layout(1, 5, RNN_CELL), outputs=1, activation="unknown"), notes=UNTOLD)
    app = found(ImportedModel("PyTorch", "state dict", (rnn,)))
    chosen(app, "Nonlinearity", "relu")
    assert "tanh is assumed" not in texts(app)
    app = pressed_open(app)
    mine = imported_models.model_store().get(app.session_state["opened"][0])
    assert mine.model.config.cell("layer0").candidate == RELU
    assert mine.parity.difference < 1e-6
    keras = found(ImportedModel("Keras", "archive", (replace(rnn, notes=()),)))
    assert "Nonlinearity" not in [control.label for control in keras.button_group]


def test_one_number_of_which_a_loss_makes_a_probability_says_yes_or_no():
    chain = chain_of(Layout(1, 5), outputs=1, activation="unknown")
    app = found(ImportedModel("PyTorch", "state dict", (chain,)))
    chosen(app, "Its outputs are", "yes")
    assert "Until this is answered, no prediction is shown." in texts(app)
    assert "what stands before fc" in texts(app)
    chosen(app, "What stands between?", "last")
    assert "Output: one of 2 labels." in texts(app)
    model = imported_models.model_store().get(pressed_open(app).session_state["opened"][0]).model
    assert "after the last step alone" in model.card.summary
    recording = record(model, "0.5 -1")
    number = recording.layers["layer0"]["hidden"].to_numpy() @ chain.head.weight[0] + chain.head.bias[0]
    np.testing.assert_allclose(recording.prediction["probability"][:, 1], 1 / (1 + np.exp(-number)), atol=1e-6)


def test_logits_of_the_next_token_may_as_well_be_numbers():
    app = found(
        replace(CHARACTERS, chains=(replace(RNN, head=replace(RNN.head, activation="linear", between="nothing")),))
    )
    assert "Output: the next token." in texts(app)
    chosen(app, "Its outputs are", "values")
    assert "Output: 60 numbers." in texts(app)


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        (tuple("abcdefghijklmnopqrstuvwxyz .,RH"), "juliet o romeo, romeo wherefore art thou romeo"),
        (("<b>x</b>", "two words", "##ing", "**"), "<b>x</b> ##ing **"),
        (("<pad>", "the", "cat's", "cat"), "the cat"),
        (("ab", "bcd", "a", "b", "c"), "abc"),
    ],
)
def test_the_first_text_is_made_of_entries_that_a_text_can_hold(entries, text):
    encoder = VocabularyEncoder(entries)
    assert first_text(encoder).replace("?", "") == text
    assert len(encoder.encode(text))


def test_a_vocabulary_of_which_no_text_can_hold_an_entry_is_refused():
    with pytest.raises(ValueError, match="contains a space"):
        first_text(VocabularyEncoder(("two words", "three more words")))


def test_weights_that_are_no_numbers_open_with_a_banner():
    chain = chain_of(Layout(6, 8), classes=60, outputs=3)
    chain.weights["weight_hh_l0"][3, 2] = np.nan
    app = found(ImportedModel("ONNX", "graph", (chain,), LETTERS))
    assert "not numbers" in texts(app)
    app = pressed_open(app)
    app.switch_page("viz/explore/page.py").run()
    assert not app.exception
    assert "what depends on them stays blank" in texts(app)


def test_a_text_too_long_for_a_large_model_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(costs, "MAX_RECORDING_PRODUCTS", 10_000)
    app = pressed_open(found(CHARACTERS))
    assert "this text has 49 timesteps, but a model with 512 recurrent parameters reads at most 19" in texts(app)


def test_the_oldest_of_all_models_is_given_up_for_a_new_one(monkeypatch):
    model = build_model(RNN)
    one = Imported("a", model, "PyTorch", "", Parity(None, 1, ""), finite=True)
    monkeypatch.setattr(imported_models, "MAX_STORE_BYTES", 2 * one.bytes)
    store = ModelStore()
    first, second = store.add(one), store.add(replace(one, title="b"))
    assert store.get(first) is one
    third = store.add(replace(one, title="c"))
    assert store.get(second) is None
    assert store.get(first) is one
    assert store.get(third).title == "c"
    assert len({first, second, third}) == 3
    assert min(map(len, (first, second, third))) >= 12


def test_titles_and_badges():
    assert title_of("my.model.weights.h5") == "my.model"
    assert title_of("<script>.pt") == "script"
    assert title_of("模型.onnx") == "my model"
    one = Imported("a", build_model(RNN), "PyTorch", "", Parity(3e-7, 9, "torch's own LSTM"), finite=True)
    assert "green" in badge(one)
    assert "red" in badge(replace(one, parity=replace(one.parity, difference=1e-3)))
    assert "red" in badge(replace(one, parity=replace(one.parity, difference=float("nan"))))
    assert "gray" in badge(replace(one, parity=replace(one.parity, difference=None)))
    whole = badge(replace(one, whole="Net"))
    assert whole.startswith(badge(one))
    assert "its own forward was not run" in whole
    assert "Net" not in whole, "a class's name from a file is no Markdown"


def test_a_wave_and_a_table_are_typed_as_the_pages_read_them():
    model = build_model(chain_of(Layout(3, 4)))
    assert len(record(model, wave(3)).tokens) == 24
    table = read_numbers("1,2,3\n4,5,1e-7", 3)
    np.testing.assert_allclose(model.encode(text_of(table)).values, table.rows)
