"""What holds for every task."""

import json

import numpy as np
import pytest
import torch

from lstm_core import SequenceModel, Values, record
from lstm_core.tasks import FILES, TASKS, Task, make_task
from lstm_core.training import Initial, Settings, initial_model
from lstm_core.training.run import Run
from tests.support.oracle import TINY

OPTIONS = {"text": {"most": 20_000}, "sentiment": {"count": 200}, "forecast": {"count": 500}, "adding": {"length": 12}}
OTHERS = {
    "text": {"most": 20_000, "window": 5}, "sentiment": {"count": 200, "seed": 5}, "forecast": {"count": 500, "seed": 5},
    "adding": {"length": 13}, "temporal_order": {"length": 30}, "copy": {"lag": 3}, "brackets": {"depth": 3},
    "anbn": {"longest": 3}, "anbncn": {"longest": 3},
}  # fmt: skip


def made(name: str) -> Task:
    return make_task(name, options=OPTIONS.get(name))


@pytest.mark.parametrize("name", TASKS)
def test_one_seed_gives_one_batch_and_another_step_another(name):
    one, same, other = (made(name).batch(step, 8, np.random.default_rng([3, step])) for step in (0, 0, 1))
    for tensor in ("inputs", "targets", "weights"):
        assert torch.equal(getattr(one, tensor), getattr(same, tensor))
    if name not in ("anbn", "anbncn"):  # every batch holds every n
        assert one.inputs.shape != other.inputs.shape or not torch.equal(one.inputs, other.inputs)


@pytest.mark.parametrize("name", TASKS)
def test_a_model_can_read_what_is_learnt_from_and_every_example(name):
    task = made(name)
    settings = Settings(batch=4, warmup=0, steps=5)
    model = initial_model(task.config(TINY), Initial.of(task, settings))
    loss, norm = Run(model, settings, task.describe()).learn(task.batch(0, 4, np.random.default_rng(0)))
    assert loss > 0
    assert norm > 0
    assert task.predicts_numbers == isinstance(task.readout, Values)
    assert task.examples()
    for text in task.examples().values():
        assert record(model, text).prediction.attrs["kind"] == task.readout.to_json()["kind"]


@pytest.mark.parametrize("name", TASKS)
def test_padding_and_only_padding_is_left_out_of_the_tokens(name):
    batch = made(name).batch(0, 8, np.random.default_rng(0))
    assert batch.inputs.shape[:2] == batch.targets.shape[:2] == batch.weights.shape
    assert batch.weights.dtype == torch.float32
    assert int((batch.weights > 0).sum()) <= batch.tokens <= batch.weights.numel()


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_described_by_all_that_decides_it(name):
    described = json.dumps(made(name).describe())
    assert described == json.dumps(made(name).describe())
    if name in OTHERS:
        assert described != json.dumps(make_task(name, options=OTHERS[name]).describe())


@pytest.mark.parametrize("name", ["reber", "embedded_reber", "copy", "temporal_order", "sentiment", "forecast", "text"])
def test_an_untaught_model_is_scored_and_left_as_it_was(name):
    task = made(name)
    model = SequenceModel(task.config(TINY), device="cpu")
    before = {weights: tensor.clone() for weights, tensor in model.state_dict().items()}
    score = task.test(model)
    assert np.isfinite([score.value, task.validate(model), *score.others.values()]).all()
    assert all(torch.equal(before[weights], tensor) for weights, tensor in model.state_dict().items())


def test_tasks_say_what_a_reader_must_know():
    assert set(FILES) <= set(TASKS)
    for name in TASKS:
        task = made(name)
        assert task.name == name
        assert task.summary.endswith(".")
        assert "?" in task.look_for  # a task promises nothing of a model that is not trained yet
        assert task.better(2.0, 1.0) == task.higher_is_better == (not task.better(1.0, 2.0))
        assert not task.better(1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("chess", {}, "there is no task 'chess'; the tasks are: text, reber"),
        ("adding", {"lag": 3}, "adding has no option 'lag': it has length"),
        ("reber", {"length": 3}, "reber has no option 'length': it has none"),
        ("text", {"path": "x"}, "text has no option 'path'"),
        ("adding", {"length": 2.5}, "length must be a whole number, not 2.5"),
        ("adding", {"length": "long"}, "length must be a whole number, not 'long'"),
        ("forecast", {"period": "year"}, "period must be a number, not 'year'"),
        ("forecast", {"count": 10}, "the series has 10 numbers: give at least 20"),
        ("sentiment", {"count": 0}, "0 different labels"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(name, options, message):
    with pytest.raises(ValueError, match=message):
        make_task(name, options=options)


def test_a_task_that_makes_up_its_own_sequences_takes_no_file(tmp_path):
    with pytest.raises(ValueError, match="adding makes up its own sequences: leave out the file"):
        make_task("adding", tmp_path / "x")


def test_a_whole_number_will_do_for_any_number_and_for_a_name(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("2010,2011\n" + "\n".join(f"{k % 7},{k % 5}" for k in range(300)))
    task = make_task("forecast", path, {"column": 2010, "period": 7})
    assert task.column == "2010"
    assert task.encoder.features == 3


@pytest.mark.parametrize(
    "name", ["reber", "embedded_reber", "brackets", "copy", "temporal_order", "sentiment", "adding", "text"]
)
def test_the_score_of_a_model_that_says_nan_is_nan(name):
    """Not the share of which the first class happens to be right: that is where the largest of NaN is."""
    task = made(name)
    model = SequenceModel(task.config(TINY), device="cpu")
    with torch.no_grad():
        model.readout.bias[0] = torch.nan
    assert np.isnan(task.validate(model))


@pytest.mark.parametrize("name", ["anbn", "anbncn"])
def test_a_counter_that_says_nan_counts_up_to_nothing(name):
    task = made(name)
    model = SequenceModel(task.config(TINY), device="cpu")
    with torch.no_grad():
        model.readout.bias[:] = torch.nan
    assert task.validate(model) == 0


@pytest.mark.parametrize("name", ["reber", "adding"])
def test_nan_is_the_worst_of_scores(name):
    task = made(name)
    assert task.better(0.5, np.nan)
    assert not task.better(np.nan, 0.5)
    assert not task.better(np.nan, np.nan)
    assert task.better(0.5, 0.4) == task.higher_is_better
