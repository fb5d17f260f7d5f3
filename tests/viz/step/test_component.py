"""What is sent to the stepper in the browser."""

from pathlib import Path

import numpy as np
import pytest

from lstm_core import SIGNALS, ByteEncoder, ModelConfig, Recording, SequenceModel, record, signals_of, wiring
from lstm_core.analysis import previous, surprise
from tests.support import odd_models
from viz.browser.modules import modules
from viz.shared import reading
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.step import component, payload, stage

TEXT = "sent é in parts"


@pytest.fixture(scope="module")
def model():
    return SequenceModel(ModelConfig(ByteEncoder(), 3, 4, layers=2, bidirectional=True), seed=1, device="cpu").eval()


def part(model, layer, window, **options):
    recording = record(model, TEXT)
    return payload.recording_part(
        recording, layer, wiring(model, model.encode(TEXT), recording, layer), window, **options
    )


@pytest.mark.parametrize("layer", ["layer0", "layer1", "layer0_reverse", "layer1_reverse"])
@pytest.mark.parametrize("window", [(0, 16), (5, 9), (15, 16)])
def test_a_window_carries_what_its_first_read_step_sets_out_from(model, layer, window):
    whole = record(model, TEXT).layers[layer]
    sent = part(model, layer, window)
    start, stop = window
    for name in SIGNALS:
        np.testing.assert_array_equal(sent.arrays[name], whole[name].to_numpy()[start:stop])
        assert sent.shapes[name] == [stop - start, 4]
    earlier = stop if layer.endswith("_reverse") else start - 1
    for name in ("cell", "hidden"):
        known = 0 <= earlier < 16
        wanted = whole[name].to_numpy()[earlier] if known else whole[f"initial_{name}"].to_numpy()
        np.testing.assert_array_equal(sent.arrays[f"before_{name}"], wanted)


def test_a_window_carries_what_was_expected_just_before_it(model):
    whole, sent = part(model, "layer0", (0, 16)), part(model, "layer0", (5, 9))
    for name in ("expected", "probability", "probability_before", "surprise", "came"):
        np.testing.assert_array_equal(sent.arrays[name], whole.arrays[name][5:9], err_msg=name)
    assert np.isnan(whole.arrays["probability_before"][0]).all()


def test_each_step_finds_what_it_reads(model):
    recording = record(model, TEXT)
    ids = model.encode(TEXT).ids
    sent = part(model, "layer0", (5, 9))
    embedded = model.embedding.weight.detach().numpy()[ids[5:9]]
    np.testing.assert_array_equal(sent.arrays["read"][sent.arrays["row"]], embedded)
    above = part(model, "layer1", (5, 9))
    below = np.concatenate([recording.layers[name]["hidden"].to_numpy() for name in ("layer0", "layer0_reverse")], 1)
    np.testing.assert_array_equal(above.arrays["read"][above.arrays["row"]], below[5:9])


def test_levels_are_within_half_a_level_of_the_values(model):
    sent, whole = part(model, "layer0", (0, 16), exact=False), record(model, TEXT).layers["layer0"]
    for name, (low, high) in {"input": (0, 1), "forget": (0, 1), "output": (0, 1), "candidate": (-1, 1)}.items():
        assert sent.arrays[name].dtype == np.uint8
        values = low + sent.arrays[name] / 255 * (high - low)
        np.testing.assert_allclose(values, whole[name], atol=(high - low) / 510 + 1e-6)
    assert sent.arrays["cell"].dtype == sent.arrays["hidden"].dtype == np.float32


def test_all_steps_are_sent_up_to_20_million_numbers():
    assert payload.window_around(7, 1000, values_per_step=19_000, values_besides=1_000_000) == (0, 1000)
    assert payload.window_around(7, 1000, values_per_step=19_000, values_besides=1_000_001) == (0, 105)
    assert payload.window_around(500, 1000, values_per_step=40_000, values_besides=0) == (475, 525)
    assert payload.window_around(999, 1000, values_per_step=40_000, values_besides=0) == (950, 1000)
    assert payload.window_around(1, 3, values_per_step=10**8, values_besides=0) == (0, 2)  # never none


def test_the_bytes_of_a_character_are_counted(model):
    sent = payload.passage_part(model.encode("aé🎭"), own=3)
    assert sent.facts["pieces"] == {1: [1, 2], 2: [2, 2], 3: [1, 4], 4: [2, 4], 5: [3, 4], 6: [4, 4]}


def test_modules_come_after_those_they_import(tmp_path):
    names = [name for name, _ in modules("stepper", Path(component.__file__).parent)]
    assert names[-1] == "stepper"
    assert names.index("format") < names.index("drawing") < names.index("gru")
    (tmp_path / "one.js").write_text('import { a } from "./two.js";')
    (tmp_path / "two.js").write_text('import { b } from "./one.js";')
    with pytest.raises(ValueError, match="one -> two -> one"):
        modules("one", tmp_path)


def said_of(name: str, text: str, window: tuple[int, int]):
    one = odd_models.model(name)
    recording = record(one, text)
    wires = wiring(one, one.encode(text), recording, "layer0")
    return recording, payload.recording_part(recording, "layer0", wires, window)


def test_every_label_is_sent_in_its_own_order_and_as_it_was_before():
    recording, sent = said_of("opinions", "a wonderful film , and long", (2, 5))
    probability = recording.prediction["probability"].to_numpy()
    np.testing.assert_array_equal(sent.arrays["probability"], probability[2:5])
    np.testing.assert_array_equal(sent.arrays["probability_before"], probability[1:4])
    np.testing.assert_array_equal(sent.arrays["expected"], [[0, 1, 2, 3]] * 3)
    assert sent.facts["labels"] == {0: "very negative", 1: "negative", 2: "neutral", 3: "positive"}
    assert sent.facts["kind"] == "labels"
    assert not {"surprise", "came"} & set(sent.arrays)


def test_legal_tokens_are_sent_with_their_surprise():
    recording, sent = said_of("grammar", "SaabbT", (0, 6))
    assert sent.facts["kind"] == "legal"
    np.testing.assert_allclose(sent.arrays["surprise"], surprise(recording.prediction).astype(np.float32))
    assert sent.arrays["came"].tolist() == [1, 1, 2, 2, 3, -1]
    assert sent.shapes["expected"] == [6, 4]


@pytest.mark.parametrize(("name", "text"), [("weather", "@100 12.5 13 11.9 14"), ("sum", "0.5:0 0.25:1 1:0 0.75:1")])
def test_values_are_sent_with_what_was_said_before_and_what_came(name, text):
    recording, sent = said_of(name, text, (0, 4))
    value = recording.prediction["value"].to_numpy().astype(np.float32)
    np.testing.assert_array_equal(sent.arrays["value"], value)
    np.testing.assert_array_equal(sent.arrays["value_before"][1:], value[:-1])
    assert np.isnan(sent.arrays["value_before"][0]).all()
    assert sent.facts["ahead"] == (name == "weather")
    if name == "weather":
        np.testing.assert_allclose(sent.arrays["value_came"][:, 0], [13, 11.9, 14, np.nan], rtol=1e-6)
        later = said_of(name, text, (2, 4))[1]
        np.testing.assert_array_equal(later.arrays["value_before"], value[1:3])
    else:
        assert "value_came" not in sent.arrays
    one = odd_models.model(name)
    np.testing.assert_array_equal(sent.arrays["read"][sent.arrays["row"]], one.encode(text).values)


@pytest.mark.parametrize(
    ("values", "digits"),
    [([-25.1, 3], 2), ([1.2], 3), ([253], 1), ([125_000], 0), ([0.00012], 7), ([0], 0), ([9.9], 3)],
)
def test_values_have_four_digits_at_their_largest(values, digits):
    assert payload.decimals(np.array(values, dtype=np.float32)) == digits


def test_words_and_numbers_stand_apart_and_characters_do_not():
    words = payload.passage_part(odd_models.model("opinions").encode("a film"), own=2, apart=True)
    assert words.facts["apart"]
    assert words.facts["tokens"] == ["a", "film"]
    assert not payload.passage_part(odd_models.model("grammar").encode("SaT"), own=3).facts["apart"]


def of_variant(name: str, layer_name: str, window: tuple[int, int], *, exact: bool = True):
    one = odd_models.model(name)
    recording = record(one, TEXT)
    wires = wiring(one, one.encode(TEXT), recording, layer_name)
    return (
        recording.layers[layer_name],
        wires,
        payload.recording_part(recording, layer_name, wires, window, exact=exact),
    )


@pytest.mark.parametrize(
    ("name", "layer"),
    [("gru", "layer0"), ("rnn", "layer1"), ("peepholes", "layer0"), ("uneven", "layer1_reverse"), ("uneven", "layer2")],
)
@pytest.mark.parametrize("window", [(0, 16), (5, 9)])
def test_every_cell_sends_its_own_signals_and_the_states_it_sets_out_from(name, layer, window):
    whole, wires, sent = of_variant(name, layer, window)
    for signal in signals_of(whole):
        np.testing.assert_array_equal(sent.arrays[signal], whole[signal].to_numpy()[slice(*window)])
    states = ["hidden", "cell"] if "cell" in whole else ["hidden"]
    assert [key for key in sent.arrays if key.startswith("before")] == [f"before_{state}" for state in states]
    step = window[1] - 1 if whole.attrs["direction"] == "reverse" else window[0]
    for state in states:
        np.testing.assert_array_equal(sent.arrays[f"before_{state}"], previous(whole, state).isel(step=step))
    weights = payload.weights_part(wires)
    assert ("peephole" in weights.arrays) == (name == "peepholes")
    assert ("recurrent_bias" in weights.arrays) == (whole.attrs["cell_type"] == "GRU")
    assert weights.facts["gates"] == wires["gate"].to_numpy().tolist()


def test_what_is_projected_is_what_the_next_step_is_given():
    whole, wires, sent = of_variant("uneven", "layer0_reverse", (5, 9))
    np.testing.assert_array_equal(sent.arrays["projected"], whole["projected"].to_numpy()[5:9])
    np.testing.assert_array_equal(sent.arrays["before_projected"], whole["projected"].to_numpy()[9])
    assert "before_hidden" not in sent.arrays
    assert payload.weights_part(wires).shapes["weight_hh"] == [4, 9, 3]


def test_what_levels_cannot_say_stays_a_number():
    gru = of_variant("gru", "layer0", (0, 16), exact=False)[2].arrays
    assert {name for name, array in gru.items() if array.dtype == np.uint8} == {"update", "candidate"}
    broken = of_variant("no numbers", "layer0", (0, 16), exact=False)[2].arrays
    assert not [name for name, array in broken.items() if array.dtype == np.uint8]
    recording = record(odd_models.model("gru"), TEXT)
    whole = recording.layers["layer0"]
    far = Recording({"layer0": whole.assign(candidate=whole["candidate"] * 3)}, recording.prediction)
    wires = wiring(odd_models.model("gru"), odd_models.model("gru").encode(TEXT), recording, "layer0")
    assert payload.recording_part(far, "layer0", wires, (0, 16), exact=False).arrays["candidate"].dtype == np.float32


def test_a_model_without_a_readout_sends_why():
    sent = said_of("no readout", TEXT, (2, 5))[1]
    assert (sent.facts["kind"], sent.facts["why"]) == ("nothing", NOTHING)
    assert "probability" not in sent.arrays


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("gru", "layer0"),
        ("rnn", "layer1"),
        ("uneven", "layer0_reverse"),
        ("uneven", "layer1"),
        ("uneven", "layer2"),
    ],
)
def test_the_numbers_that_are_counted_are_those_that_are_sent(name, layer, monkeypatch):
    monkeypatch.setattr(reading, "load_model", odd_models.model)
    whole, wires, sent = of_variant(name, layer, (0, 16))
    per_step, besides = stage.Stage(name, Passage(TEXT), layer, 0, None).sizes
    weights = payload.weights_part(wires).arrays
    assert besides == sum(weights[one].size for one in ("weight_ih", "weight_hh", "bias"))
    read = () if layer.startswith("layer0") else ("read",)  # embeddings are kept once
    names = [one for one in (*signals_of(whole), "projected", *read) if one in sent.arrays]
    assert per_step == sum(sent.arrays[one].size for one in names) // 16 + 3 * 10 + 2
