"""What other versions of Gatescope left: read as far as it is known, or told in one sentence."""

import json
import math

import pytest

from lstm_core import model_files, training_checkpoints
from lstm_core.model_files import CheckpointError, read_tensors
from lstm_core.runs import Curve, Folder, Pool, Request, Status, last_snapshot, load_snapshot
from lstm_core.runs.curve import CurvePoint, Journal
from lstm_core.runs.worker import work
from lstm_core.saving import write_tensors
from lstm_core.settings import Settings
from lstm_core.tasks import Adding, Size
from lstm_core.training import RESUME, Initial, Progress, initial_model, train

REQUEST = Request("copy", Size(6, 1, 5), Settings(steps=100, batch=4))


def read(path, *lines: str) -> list[CurvePoint]:
    path.write_text("".join(f"{line}\n" for line in lines))
    curve = Curve(path)
    assert curve.update()
    return curve.points


def test_a_curve_of_an_earlier_version_is_read(tmp_path):
    assert read(tmp_path / "c", "[1, 2.5, null, 0.1, 900.0, 0.5]", "[2, 2.0, 0.75, 0.2, 800.0, 1.0]") == [
        CurvePoint(1, 2.5, None, 0.1, 900.0, 0.5),
        CurvePoint(2, 2.0, 0.75, 0.2, 800.0, 1.0),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[3, 1.5]",  # fewer columns, and more
        "[3, 1.5, null, null, null, null, 0.01, 77]",
        '{"loss": 1.5, "step": 3}',
        '{"step": 3, "loss": 1.5, "score": null, "rate": 0.01, "gradient_norm": "large"}',
    ],
)
def test_what_a_line_does_not_tell_is_blank_and_what_is_unknown_is_left_out(tmp_path, line):
    (point,) = read(tmp_path / "c", line)
    assert (point.step, point.loss, point.score) == (3, 1.5, None)
    assert all(map(math.isnan, (point.gradient_norm, point.tokens_per_second, point.seconds)))


def test_a_line_without_a_step_is_no_point(tmp_path):
    lines = ('{"loss": 1.0}', "[]", "7", "null", '"text"', '{"step": "3"}', '{"step": true}', "{", '{"step": 4}')
    assert [point.step for point in read(tmp_path / "c", *lines)] == [4]


def test_a_curve_of_an_earlier_version_goes_on_and_its_rows_have_names(tmp_path):
    path = tmp_path / "c"
    path.write_text("[1, 2.5, null, 0.1, 900.0, 7.5]\n[2, 2.0]\n[3, 1.")  # the last line was cut off by a kill
    journal = Journal(path, steps=10)
    assert journal.seconds == 7.5
    journal.note(Progress(3, 10, 1.5, None, math.nan, 800.0), 0.5)
    journal.close()
    assert json.loads(path.read_text().splitlines()[-1]) == {
        "step": 3, "loss": 1.5, "score": None, "gradient_norm": None, "tokens_per_second": 800.0, "seconds": 8.0,
    }  # fmt: skip
    curve = Curve(path)
    curve.update()
    assert [(point.step, point.loss) for point in curve.points] == [(1, 2.5), (2, 2.0), (3, 1.5)]


def test_the_first_line_that_was_cut_off_takes_no_other_with_it(tmp_path):
    (tmp_path / "c").write_text('{"step": 1, "lo')
    journal = Journal(tmp_path / "c", steps=10)
    journal.note(Progress(1, 10, 1.5, None, 0.1, 800.0), 0.5)
    journal.close()
    curve = Curve(tmp_path / "c")
    curve.update()
    assert [point.step for point in curve.points] == [1]


def test_a_status_of_another_version_is_read_or_told_in_a_sentence(tmp_path):
    assert Status.from_json('{"state": "paused", "since": 3}') == Status("paused")
    for text in ("{}", "[]", "3", "", "{", '{"sentence": "x"}'):
        status = Status.from_json(text)
        assert status.state == "failed"
        assert status.sentence.startswith("How it stood cannot be read any more")
    later = Status.from_json('{"state": "archived"}')
    assert later == Status(
        "failed", "It was left by another version of Gatescope, as 'archived', which this one does not know."
    )
    folder = Folder.create(tmp_path / ("A" * 16), REQUEST, None)
    (folder.path / "status.json").write_text('{"state": "archived"}')
    view = Pool(tmp_path, most=1).look("A" * 16)
    assert (view.state, view.sentence) == ("failed", later.sentence)


def test_a_request_of_an_earlier_version_is_read_and_one_that_asks_for_more_is_refused(tmp_path):
    asked = json.loads(REQUEST.to_json())
    del asked["options"], asked["settings"]["weight_noise"], asked["size"]["layers"]
    assert Request.from_json(json.dumps(asked)) == REQUEST
    asked["settings"]["momentum"] = 0.8
    with pytest.raises(
        ValueError, match=r"another version of Gatescope: .*settings has momentum, which .* Start a new run"
    ):
        Request.from_json(json.dumps(asked))
    for wrong in ([], {"task": "copy"}, asked | {"size": 3}, asked | {"settings": {}, "priority": 1}):
        with pytest.raises(ValueError, match="new run"):
            Request.from_json(json.dumps(wrong))
    folder = Folder.create(tmp_path / "run", REQUEST, None)
    (folder.path / "request.json").write_text(json.dumps(asked))
    work(folder.path)
    assert folder.status.state == "failed"
    assert "momentum" in folder.status.sentence


def test_first_weights_are_rebuilt_from_an_earlier_versions_description():
    assert Initial.from_json({"seed": 3, "expected": [1, 2]}) == Initial(seed=3, expected=(1, 2))
    for wrong in ({"seed": 3, "orthogonal": True}, None, 3):
        with pytest.raises(ValueError, match="first weights"):
            Initial.from_json(wrong)


def test_a_snapshot_without_all_numbers_is_shown_and_one_without_a_step_is_told(tmp_path):
    folder = Folder.create(tmp_path / "run", REQUEST, None)
    model = initial_model(Adding(length=5).config(Size(hidden=3)), Initial())
    model_files.save(model, folder.first)
    write_tensors(folder.now, dict(model.state_dict()), {"step": "7", "learning_rate": "0.1"})
    now = last_snapshot(folder)
    assert now.step == 7
    assert all(map(math.isnan, (now.loss, now.tokens_per_second, now.seconds)))
    assert load_snapshot(folder)[1].digest == model.digest
    write_tensors(folder.now, dict(model.state_dict()), {"loss": "1.0"})
    with pytest.raises(CheckpointError, match="does not tell its step"):
        last_snapshot(folder)


def test_a_checkpoint_without_a_score_is_read(small_model, tmp_path):
    path = training_checkpoints.save_checkpoint(tmp_path, small_model, 4, loss=1.5, score=0.5)
    write_tensors(path, dict(small_model.state_dict()), {"step": "4", "loss": "1.5", "gradient": "3"})
    (point,) = training_checkpoints.checkpoints(tmp_path)
    assert (point.step, point.loss) == (4, 1.5)
    assert math.isnan(point.score)


def changed(path, change) -> None:
    tensors, described = read_tensors(path)
    change(tensors, described)
    write_tensors(path, tensors, described)


def begun(folder):
    task, settings = Adding(length=5), Settings(steps=6, batch=4, keep_best=True, score_every=2)
    model = initial_model(task.config(Size(hidden=3)), Initial.of(task, settings))
    run = train(model, task, settings, folder=folder)
    for _ in range(3):
        next(run)
    run.close()
    return train(initial_model(task.config(Size(hidden=3)), Initial.of(task, settings)), task, settings, folder=folder)


def test_a_run_that_an_earlier_version_began_goes_on(tmp_path):
    run = begun(tmp_path)

    def older(_, described):
        of = json.loads(described["of"])
        del of["settings"]["embedding_spread"], of["settings"]["schedule"]
        described["of"] = json.dumps(of)

    changed(tmp_path / RESUME, older)
    assert next(run).step == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _, told: told.pop("step"), "does not tell at which step the run was"),
        (lambda _, told: told.update(best="good"), "does not tell at which step the run was"),
        (lambda _, told: told.update(of="{}"), "with other settings or data"),
        (lambda tensors, _: tensors.pop("best.readout.bias"), "lacks the best weights"),
    ],
)
def test_a_save_that_does_not_tell_all_is_refused_in_a_sentence(tmp_path, change, sentence):
    run = begun(tmp_path)
    changed(tmp_path / RESUME, change)
    with pytest.raises(CheckpointError, match=sentence):
        next(run)
