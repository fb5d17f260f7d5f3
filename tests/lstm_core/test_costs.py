"""How long texts may be, against sizes worked out by hand."""

from importlib import import_module

from lstm_core import ByteEncoder, ModelConfig, SequenceModel, costs
from lstm_core.analysis.gradients import max_gradient_steps
from lstm_core.analysis.knock_out import MAX_KNOCK_OUT_PRODUCTS, MIN_KNOCK_OUT_STEPS, knock_out_scope

MODEL = SequenceModel(ModelConfig(ByteEncoder(), 10, 100), seed=0)
WEIGHTS = 4 * 100 * (10 + 100 + 2)


def test_a_recording_is_limited_by_its_numbers_or_by_its_products():
    assert costs.recurrent_weights(MODEL) == WEIGHTS
    values = 6 * 100 + 10 + 2 * 256
    assert costs.max_recorded_steps(MODEL) == 100_000_000 // values
    wide = SequenceModel(ModelConfig(ByteEncoder(), 10, 1000), seed=0)
    assert costs.max_recorded_steps(wide) == 50_000_000_000 // costs.recurrent_weights(wide)
    assert costs.max_stepwise_steps(MODEL) == 25_000
    assert costs.max_stepwise_steps(wide) == 20_000_000_000 // costs.recurrent_weights(wide)


def test_gradients_by_a_kernel_are_limited_by_their_numbers():
    assert max_gradient_steps(MODEL, "layer0") == 50_000_000 // 800


def test_of_a_long_text_fewer_steps_are_tried_and_then_fewer_units(monkeypatch):
    module = import_module("lstm_core.analysis.knock_out")  # the package has its function under that name
    most = MAX_KNOCK_OUT_PRODUCTS // WEIGHTS
    assert knock_out_scope(MODEL, "layer0", 50, batch=32) == (100, 50)
    assert knock_out_scope(MODEL, "layer0", 10_000, batch=32) == (100, most // 100)
    monkeypatch.setattr(module, "MAX_KNOCK_OUT_PRODUCTS", 5_000 * WEIGHTS)
    assert knock_out_scope(MODEL, "layer0", 10_000, batch=32) == (50, MIN_KNOCK_OUT_STEPS)
    monkeypatch.setattr(module, "MAX_KNOCK_OUT_PRODUCTS", WEIGHTS)
    assert knock_out_scope(MODEL, "layer0", 10_000, batch=32) == (0, 0)
