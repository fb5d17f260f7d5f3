import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import islice

import pytest
from click.testing import CliRunner

from lstm_core import model_files, record, training_checkpoints
from lstm_core.tasks import Adding, Size, Text, make_task
from lstm_core.training import RESUME, Initial, Settings, finish, initial_model, probe, train
from lstm_core.training.__main__ import main
from tests.lstm_core.training.runs import TEXT, fresh

SHORT = ["adding", "--option", "length=5", "--steps", "4", "--batch", "4", "--hidden", "3"]


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path / "home"))


def run(*arguments: object):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_it_trains_and_leaves_a_model_where_the_app_finds_it(tmp_path):
    result = run(*SHORT, "--name", "my adder", "--seed", 3, "--no-keep-best")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "home" / "models" / "my adder"
    model = model_files.load(folder, device="cpu")
    assert (model.card.name, model.config.hidden) == ("my adder", 3)
    settings = replace(Adding.settings, steps=4, batch=4, seed=3, keep_best=False)
    assert Settings(**model.card.training["settings"]) == settings
    assert str(model.card.evaluation["score"]) in result.output
    assert [checkpoint.step for checkpoint in training_checkpoints.checkpoints(folder)] == [0, 1, 2, 4]
    assert not (folder / RESUME).exists()
    again = run(*SHORT, "--name", "My Adder")
    assert again.exit_code == 1
    assert "a model called 'My Adder' already exists" in again.output


def test_a_file_of_ones_own_is_learnt_from_and_a_run_that_was_cut_off_goes_on(tmp_path):
    (tmp_path / "series.csv").write_text("t,rain\n" + "\n".join(f"{k},{k % 7}" for k in range(300)))
    given = ["forecast", "--file", tmp_path / "series.csv", "--option", "column=rain", "--option", "window=20"]
    task = make_task("forecast", tmp_path / "series.csv", {"column": "rain", "window": 20})
    settings = replace(task.settings, steps=6, batch=4)
    config = task.config(Size(hidden=3))
    whole, cut = (initial_model(config, Initial.of(task, settings)) for _ in range(2))
    list(train(whole, task, settings))
    started = train(cut, task, settings, folder=tmp_path / "out")
    list(islice(started, 3))
    started.close()
    result = run(*given, "--steps", 6, "--batch", 4, "--hidden", 3, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    model = model_files.load(tmp_path / "out", device="cpu")
    assert model.digest == whole.digest
    assert record(model, next(iter(model.card.examples.values()))).prediction.attrs["kind"] == "values"
    refused = run(*given, "--out", tmp_path / "out")
    assert "already holds a model: choose another --out" in refused.output


def test_a_short_text_is_trained_on_with_a_warning(tmp_path):
    (tmp_path / "poem.txt").write_text("So much depends upon a red wheel barrow. " * 8)
    result = run("text", "--file", tmp_path / "poem.txt", "--steps", 3, "--hidden", 3, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Warning: The text has only 328 characters" in result.stderr
    assert "Each step trains on 4 sequences instead of 32" in result.stderr
    assert model_files.load(tmp_path / "out", device="cpu").card.training["data"] == "poem.txt (328 characters)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chess"], "Invalid value for 'TASK'"),
        (["adding", "--file", "nowhere.txt"], "does not exist"),
        (["adding", "--file", __file__], "adding makes up its own sequences: leave out the file"),
        (["adding", "--option", "length"], "--option 'length' should be NAME=VALUE"),
        (["adding", "--option", "length=1"], "length must be from 2 to 1000"),
        (["adding", "--option", "depth=1"], "adding has no option 'depth'"),
        (["adding", "--steps", "0"], "steps must be a whole number from 1 upwards, not 0"),
        (["adding", "--steps", "many"], "Invalid value for '--steps'"),
        (["adding", "--steps", "--batch", "3"], "--batch"),
        (["adding", "--optimizer", "magic"], "Invalid value for '--optimizer'"),
        (["adding", "--hidden", "0"], "hidden must be a whole number from 1"),
        (["adding", "--device", "abacus"], "this machine has: "),
        (["adding", "--name", "../up"], "is not a valid name"),
        (["adding", "--option", "length=5", "--steps", "9", "--optimizer", "SGD", "--warmup", "0", "--clip", "1e38",
          "--learning-rate", "1e38"], "try a smaller learning rate"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_a_sentence(arguments, message):
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output


def test_two_processes_learn_what_one_does_also_where_one_began(tmp_path):
    """The command itself, under torchrun: carried states, dropout, and a run that one process had begun."""
    (tmp_path / "text.txt").write_text(TEXT.text)
    options = {"steps": 16, "batch": 16, "dropout": 0.3, "input_dropout": 0.1, "seed": 2, "score_every": 8}
    options |= {"warmup": 0, "forget_bias": 2.0, "learning_rate": 0.02}  # so that it shows which states were carried on
    task = replace(TEXT, window=20)  # seven windows of sixteen strands
    settings = replace(Text.settings, weight_noise=0.01, **options)
    size = Size(hidden=5, embedding=3)
    whole = fresh(task, settings, size)
    list(train(whole, task, settings, folder=tmp_path / "one"))
    begun = train(fresh(task, settings, size), task, settings, folder=tmp_path / "two")
    list(islice(begun, 3))
    begun.close()
    given = {**options, "weight_noise": 0.01, "hidden": 5, "embedding": 3, "out": tmp_path / "two"}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m",
               "lstm_core.training", "text", "--file", str(tmp_path / "text.txt"), "--option", "window=20", *flags]  # fmt: skip
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=240, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    one, two = (training_checkpoints.checkpoints(tmp_path / name) for name in ("one", "two"))
    assert [checkpoint.step for checkpoint in two] == [0, 1, 2, 4, 8, 16]
    assert [checkpoint.loss for checkpoint in two] == pytest.approx([checkpoint.loss for checkpoint in one], abs=1e-6)
    assert [checkpoint.score for checkpoint in two[-2:]] == pytest.approx(
        [checkpoint.score for checkpoint in one[-2:]], abs=1e-5
    )
    assert ended.stdout.count("bits per character") == 1
    assert model_files.load(tmp_path / "two", device="cpu").card.training["task"] == "text"


def test_a_card_says_how_the_model_came_about_and_how_well_it_does(tmp_path):
    task, settings = Adding(length=5), Settings(steps=3, batch=4, seed=7, chrono=5)
    model = initial_model(task.config(Size(hidden=3)), Initial.of(task, settings))
    untrained = model.digest
    before, losses = task.test(model).value, [probe(model, task, settings)]
    list(train(model, task, settings))
    losses.append(probe(model, task, settings))
    card = finish(model, task, settings, tmp_path, name="toy", command="make toy", further={"pool": "of one"})
    again = model_files.load(tmp_path, device="cpu")
    assert again.card == card
    assert (card.name, card.summary, card.look_for) == ("toy", task.summary, task.look_for)
    assert card.examples == task.examples()
    training, evaluation = card.training, card.evaluation
    assert training == {
        "task": "adding", "command": "make toy", "data": task.source, "settings": training["settings"], "steps": 3,
        "initial": Initial.of(task, settings).to_json(), "untrained_digest": untrained, "pool": "of one",
        "losses": pytest.approx(losses, abs=1e-6),
    }  # fmt: skip
    rebuilt = initial_model(again.config, Initial.from_json(json.loads((tmp_path / "model.json").read_text())["card"]["training"]["initial"]))  # fmt: skip
    assert rebuilt.digest == untrained
    assert evaluation["score"] == pytest.approx(task.test(again).value, abs=1e-6)
    assert evaluation["untrained"] == pytest.approx(before, abs=1e-6)
    assert evaluation["others"] == {"always 1": pytest.approx(1 / 6, abs=1e-6)}
    assert (evaluation["higher_is_better"], evaluation["literature"]) == (False, task.literature)
    assert evaluation["held_out"] == "2,560 fresh rows of 5 numbers"
