"""What is sent to the stepper in the browser."""

import numpy as np
import pytest

from lstm_core import SIGNALS, ByteEncoder, ModelConfig, SequenceModel, record, wiring
from viz.stepper import payload
from viz.stepper.assets import modules

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
    names = [name for name, _ in modules()]
    assert names[-1] == "stepper"
    assert names.index("format") < names.index("cell")
    (tmp_path / "one.js").write_text('import { a } from "./two.js";')
    (tmp_path / "two.js").write_text('import { b } from "./one.js";')
    with pytest.raises(ValueError, match="one -> two -> one"):
        modules("one", tmp_path)
