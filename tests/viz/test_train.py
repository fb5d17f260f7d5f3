"""The page Train without a browser and without a process: what it says, and what it asks for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lstm_core import SequenceModel, record, write
from lstm_core.runs import Folder, Request
from lstm_core.runs.worker import work
from lstm_core.settings import Settings
from lstm_core.shelf import home
from lstm_core.tasks import Size, make_task
from lstm_core.training import Initial, initial_model
from viz import training
from viz.curves import DRAWN, smooth, thin
from viz.training import answer

APP = str(Path(__file__).parents[2] / "app.py")


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path))
    monkeypatch.delenv("GATESCOPE_MAX_RUNS", raising=False)
    training.pool.clear()
    yield
    training.pool.clear()


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    app.switch_page("viz/pages/train.py")
    for name, value in query.items():
        app.query_params[name] = value
        app.session_state[name] = value
    return app.run()


def test_a_task_brings_its_own_settings_and_another_task_its_others():
    app = opened()
    assert not app.exception
    assert app.number_input(key="hidden-widget").value == make_task("text").size.hidden
    app.number_input(key="hidden-widget").set_value(77).run()
    assert app.session_state["hidden"] == 77
    app.selectbox(key="task-widget").set_value("anbn").run()
    assert not app.exception
    assert app.session_state["hidden"] is None
    task = make_task("anbn")
    assert app.number_input(key="hidden-widget").value == task.size.hidden
    assert app.number_input(key="training_steps-widget").value == task.settings.steps
    assert app.number_input(key="rate-widget").value == task.settings.learning_rate
    assert any(task.look_for in caption.value for caption in app.caption)
    assert any(task.literature in caption.value for caption in app.caption)


def test_nonsense_for_the_number_of_runs_is_one_sentence(monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_RUNS", "many")
    app = opened()
    assert not app.exception
    assert "must be a whole number from 1 to 1,000" in app.error[0].value.replace("\\", "")


def given(app: AppTest, content: bytes, name: str = "table.csv") -> AppTest:
    [upload] = [one for one in app.file_uploader if one.label == "Your own file"]
    return upload.set_value((name, content, "text/csv")).run()


def german(gaps: bool) -> bytes:
    """300 days, the newest first, with decimal commas; as Excel writes them in UTF-16."""
    days = pd.date_range("2020-01-01", periods=300)
    rows = [f"{day:%d.%m.%Y}\t{'' if gaps and k in (5, 40) else f'{k % 9},{k % 7}'}" for k, day in enumerate(days)]
    return ("Datum\tWert\r\n" + "\r\n".join(reversed(rows))).encode("utf-16")


def test_a_table_as_people_write_it_says_what_was_assumed_and_asks_what_becomes_of_gaps():
    app = given(opened(task="forecast"), german(gaps=True))
    assert not app.exception
    assert not app.error
    said = "\n".join(caption.value for caption in app.caption).replace("\\", "")
    for note in ("separated by tabs", "Decimal commas were read.", "newest first; they were put in order of time"):
        assert note in said
    assert "2 gaps, the first in line 261." in said  # of 301, the newest first
    [gaps] = [one for one in app.button_group if one.label == "Gaps"]
    assert gaps.value == ["last"] or gaps.value == "last"
    gaps.set_value("interpolate").run()
    assert app.session_state["gaps"] == "interpolate"
    [start] = [one for one in app.button if one.label == "Start training"]
    start.click().run()
    [folder] = [Folder(path) for path in (home() / "runs").iterdir() if path.is_dir()]
    assert folder.request.options == {"column": "Wert", "period": 0.0, "gaps": "interpolate"}
    training.pool().stop(app.session_state["run"])


def test_nothing_is_asked_of_gaps_where_there_are_none():
    app = given(opened(task="forecast"), german(gaps=False))
    assert "Gaps" not in [one.label for one in app.button_group]
    assert not app.error


def test_a_failed_run_says_why_and_nothing_of_its_traceback(tmp_path):
    settings = Settings(steps=50, batch=4, optimizer="SGD", learning_rate=10.0, warmup=0, clip=1e30)
    run = tmp_path / "runs" / ("A" * 16)
    folder = Folder.create(run, Request("adding", Size(6), settings), None)
    work(folder.path)
    app = opened(run="A" * 16)
    assert not app.exception
    sentence = app.error[0].value.replace("\\", "")
    assert sentence.startswith("At step ")
    assert "try a smaller learning rate (now 10)" in sentence
    assert "Traceback" not in " ".join(str(one.value) for one in (*app.markdown, *app.error, *app.info))


def untaught(name: str) -> tuple[SequenceModel, str]:
    task = make_task(name)
    model = initial_model(task.config(Size(5, 1, 4)), Initial.of(task, task.settings))
    return model, next(iter(task.examples().values()))


def test_labels_are_said_with_their_chances():
    model, example = untaught("temporal_order")
    recording = record(model, example)
    chances = recording.prediction["probability"].isel(step=-1).to_numpy()
    _, says = answer(model, example, recording)
    labels = recording.prediction["class"].to_numpy()
    assert says.split() == [word for label, one in zip(labels, chances, strict=True) for word in (label, f"{one:.0%}")]


def test_a_forecast_stands_beside_what_came():
    model, example = untaught("forecast")
    recording = record(model, example)
    _, says = answer(model, example, recording)
    rows = np.array([line.split() for line in says.splitlines()[1:]], dtype=float)
    np.testing.assert_allclose(rows[:, 0], recording.prediction["value"].to_numpy()[-6:-1, 0], atol=0.006)
    np.testing.assert_allclose(rows[:, 1], [float(number) for number in example.split()[-5:]], atol=0.006)


def test_a_text_goes_on_as_the_model_writes():
    model, example = untaught("text")
    _, says = answer(model, example, record(model, example))
    given, written = says.split("▸", 1)
    assert example.startswith(given)
    tokens = write(model, given, training.WRITTEN, temperature=0.8, seed=0)
    assert given + written == model.config.class_encoder.decode(tokens.ids)


def test_symbols_go_on_to_the_length_of_the_example():
    model, example = untaught("copy")
    _, says = answer(model, example, record(model, example))
    assert len(says) == len(example) + 1
    assert says.startswith(example[: len(example) // 2 + 1] + "▸")


def test_the_smooth_line_is_an_unbiased_mean():
    np.testing.assert_allclose(smooth([3.0] * 300), 3.0)
    # Of 200 values the reach is 3: each counts a third of what is left.
    values = [0.0] * 198 + [9.0, 0.0]
    np.testing.assert_allclose(smooth(values)[-2:], [3.0, 2.0], rtol=1e-6)
    assert smooth([]).size == 0


def test_a_long_line_is_thinned_and_keeps_its_end():
    assert thin([1.0, 2.0]) == [1.0, 2.0]
    thinned = thin(list(range(2_001)))
    assert len(thinned) <= DRAWN + 1
    assert thinned[-1] == 2_000
    assert thin([1.23456789]) == [1.2346]
