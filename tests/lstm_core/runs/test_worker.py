"""What a run's process does, in this very process: no start of Python to pay for."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from lstm_core import model_files, record, training_checkpoints
from lstm_core.runs import Curve, Folder, Request, curve, last_snapshot, load_snapshot, snapshot
from lstm_core.runs.curve import Journal
from lstm_core.runs.worker import Orders, work
from lstm_core.settings import Settings
from lstm_core.tasks import Size, make_task
from lstm_core.training import Initial, Progress, initial_model, train

REQUEST = Request(
    "copy",
    Size(6, 1, 5),
    Settings(steps=40, batch=4, learning_rate=1e-2, warmup=4, score_every=20, seed=3, keep_best=True),
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def created(tmp_path, request=REQUEST, content=None) -> Folder:
    return Folder.create(tmp_path / "run", request, content)


def trained(request=REQUEST):
    """The model that the request asks for, trained without any of what is tested here."""
    task = make_task(request.task)
    model = initial_model(task.config(request.size), Initial.of(task, request.settings))
    for _ in train(model, task, request.settings):
        pass
    return task, model


@pytest.fixture
def told(monkeypatch):
    """Tell the process things after so many steps of it."""

    def tell(order: str, after: int) -> None:
        steps = iter(range(1, 10_000))
        monkeypatch.setattr(Orders, "now", lambda _: order if next(steps) >= after else "")

    return tell


def test_a_run_ends_with_a_tested_model_its_time_lapse_and_its_curve(tmp_path):
    folder = created(tmp_path)
    work(folder.path)
    task, wanted = trained()
    model = model_files.load(folder.path, device="cpu")
    assert folder.status.state == "finished"
    assert model.digest == wanted.digest
    assert model.card.evaluation["score"] == pytest.approx(task.test(wanted).value, abs=1e-6)
    assert model.card.training["steps"] == 40
    assert [point.step for point in training_checkpoints.checkpoints(folder.path)] == [0, 1, 2, 4, 8, 16, 32, 40]
    curve = Curve(folder.progress)
    assert curve.update()
    assert [point.step for point in curve.points] == list(range(1, 41))
    assert curve.points[-1].score == pytest.approx(task.validate(train_to_the_end()), abs=1e-6)
    assert not folder.has_begun


def train_to_the_end():
    return trained(dataclasses.replace(REQUEST, settings=dataclasses.replace(REQUEST.settings, keep_best=False)))[1]


@pytest.mark.parametrize("after", [1, 17])
def test_a_paused_run_goes_on_to_the_same_bits(tmp_path, told, monkeypatch, after):
    folder = created(tmp_path)
    told("pause", after)
    work(folder.path)
    assert folder.status.state == "paused"
    now = load_snapshot(folder)
    assert now is not None
    assert now[0].step == after
    monkeypatch.undo()
    work(folder.path)
    assert model_files.load(folder.path).digest == trained()[1].digest
    curve = Curve(folder.progress)
    curve.update()
    assert [point.step for point in curve.points] == list(range(1, 41))


def test_a_stopped_run_has_the_model_it_had_then(tmp_path, told):
    request = dataclasses.replace(REQUEST, settings=dataclasses.replace(REQUEST.settings, keep_best=False))
    folder = created(tmp_path, request)
    told("stop", 10)
    work(folder.path)
    assert folder.status.state == "stopped"
    model = model_files.load(folder.path, device="cpu")
    assert model.card.training["steps"] == 10
    task = make_task("copy")
    wanted = initial_model(task.config(request.size), Initial.of(task, request.settings))
    for now in train(wanted, task, request.settings):
        if now.step == 10:
            break
    assert model.digest == wanted.eval().digest
    assert training_checkpoints.checkpoints(folder.path)[-1].step == 10


def test_a_loss_that_is_no_number_fails_with_its_sentence(tmp_path, capsys):
    settings = Settings(steps=50, batch=4, optimizer="SGD", learning_rate=10.0, warmup=0, clip=1e30)
    folder = created(tmp_path, Request("adding", Size(6), settings))
    work(folder.path)
    assert folder.status.state == "failed"
    assert "try a smaller learning rate (now 10)" in folder.status.sentence
    assert "Traceback" not in folder.status.sentence
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("task", "name", "content", "sentence"),
    [
        ("text", "empty.txt", b"", "empty.txt is empty"),
        ("text", "picture.png", b"\x89PNG\0\0" * 900, "not a text file"),
        ("text", "short.txt", b"one line", "8 characters: give at least 20,"),
        ("forecast", "words.csv", b"day,sky\n1,blue\n2,grey\n", "2 numbers: give at least 20"),
        ("forecast", "line.csv", b"day,sky\n", "only one line"),
    ],
)
def test_a_file_that_will_not_do_fails_with_its_sentence(tmp_path, task, name, content, sentence):
    folder = created(tmp_path, Request(task, Size(6), REQUEST.settings, file=name), content)
    work(folder.path)
    assert folder.status.state == "failed"
    assert sentence in folder.status.sentence


@pytest.mark.parametrize(
    ("task", "file", "content"),
    [
        ("text", "poem.txt", "So much depends upon a red wheel barrow glazed with rain water. " * 5),
        ("text", "twenty.txt", "twenty characters é!"),
        ("forecast", "year.csv", "sales\n" + "".join(f"{112 + step % 12}\n" for step in range(144))),
        ("sentiment", "few.tsv", "a good film\tgood\na bad film\tbad\n" * 4),
    ],
)
def test_a_few_data_are_trained_on(tmp_path, task, file, content):
    settings = dataclasses.replace(REQUEST.settings, steps=10, batch=32)
    folder = created(tmp_path, Request(task, Size(6, 1, 5), settings, file=file), content.encode())
    work(folder.path)
    assert folder.status.state == "finished", folder.status.sentence
    model = model_files.load(folder.path, device="cpu")
    assert np.isfinite(model.card.evaluation["score"])
    for example in model.card.examples.values():
        record(model, example)


def test_every_snapshot_is_of_a_step_that_the_curve_tells_by_then(tmp_path, told, monkeypatch):
    monkeypatch.setattr(curve, "LINES", 10)  # a line every fourth step
    monkeypatch.setattr(snapshot, "EVERY", 0.0)
    monkeypatch.setattr(snapshot, "SHARE", float("inf"))
    folder, pairs, write = created(tmp_path), [], snapshot.write_tensors

    def watched(*arguments: object, **options: object) -> None:
        write(*arguments, **options)
        pairs.append((last_snapshot(folder).step, told_steps(folder)[-1]))

    monkeypatch.setattr(snapshot, "write_tensors", watched)
    told("pause", 18)
    work(folder.path)
    assert pairs == [(step, step) for step in (1, 4, 8, 12, 16, 18)]
    told("", 1)
    work(folder.path)
    assert pairs[6:] == [(step, step) for step in (19, 20, 24, 28, 32, 36, 40)]


def told_steps(folder: Folder) -> list[int]:
    read = Curve(folder.progress)
    read.update()
    return [point.step for point in read.points]


def test_a_run_that_another_process_works_on_is_left_alone(tmp_path):
    folder = created(tmp_path)
    with folder.locked() as mine:
        assert mine
        work(folder.path)
    assert folder.status.state == "queued"


def test_the_curve_takes_no_half_lines_and_takes_back_what_is_told_again(tmp_path):
    path = tmp_path / "curve"
    curve = Curve(path)
    assert not curve.update()
    lines = [json.dumps([step, step / 2, None, 1.0, 100.0, step * 0.1]) for step in range(1, 6)]
    path.write_text("\n".join(lines[:3]) + "\n" + lines[3][:7])
    assert curve.update()
    assert [point.step for point in curve.points] == [1, 2, 3]
    with path.open("a") as file:
        file.write("\n" + lines[1] + "\n" + lines[2] + "\n")
    assert curve.update()
    assert [point.loss for point in curve.points] == [0.5, 1.0, 1.5]
    assert not curve.update()


def test_a_long_run_has_a_short_curve_of_mean_losses(tmp_path):
    journal = Journal(tmp_path / "curve", 2_500)
    for step in range(1, 2_501):
        journal.note(Progress(step, 2_500, float(step), None, 1.0, 10.0), 0.5)
    journal.close()
    curve = Curve(tmp_path / "curve")
    curve.update()
    assert len(curve.points) == 1_250
    np.testing.assert_allclose([point.loss for point in curve.points], np.arange(1.5, 2_500, 2))
    assert curve.points[-1].seconds == 1_250
