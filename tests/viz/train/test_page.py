"""The page Train without a browser and without a process: what it says, and what it asks for."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

from lstm_core import SequenceModel, generate, record
from lstm_core.model_files import load
from lstm_core.runs import Curve, CurvePoint, Folder, Pool, Request, Snapshot, Status, saved_names
from lstm_core.runs.worker import work
from lstm_core.settings import Settings
from lstm_core.tasks import Size, make_task
from lstm_core.training import Initial, initial_model
from lstm_core.user_models import home
from tests.support.apps import begun
from tests.support.tiny import train_tiny
from viz.train import run_view, runs
from viz.train.curves import DRAWN, charts_of, curves, smooth, thin
from viz.train.run_view import _speed
from viz.train.runs import answer
from viz.train.shown import held_out_in_words, shown_points, units_of
from viz.train.starting import STAGES


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path))
    monkeypatch.delenv("GATESCOPE_MAX_RUNS", raising=False)
    runs.pool.clear()
    yield
    runs.pool.clear()


def opened(**query: str) -> AppTest:
    return begun("train", **query)


def test_a_task_brings_its_own_settings_and_another_task_its_others():
    app = opened()
    assert not app.exception
    assert app.number_input(key="widget:hidden:").value == make_task("text").size.hidden
    app.number_input(key="widget:hidden:").set_value(77).run()
    assert app.session_state["hidden"] == 77
    app.selectbox(key="widget:task:").set_value("anbn").run()
    assert not app.exception
    assert app.session_state["hidden"] is None
    task = make_task("anbn")
    assert app.number_input(key="widget:hidden:").value == task.size.hidden
    assert app.number_input(key="widget:training_steps:").value == task.settings.steps
    assert app.number_input(key="widget:rate:").value == task.settings.learning_rate
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
    shown = "\n".join(caption.value for caption in app.caption).replace("\\", "")
    for note in ("separated by tabs", "Decimal commas were read.", "newest first; they were put in order of time"):
        assert note in shown
    assert "2 gaps, the first in line 261." in shown  # of 301, the newest first
    [gaps] = [one for one in app.button_group if one.label == "Gaps"]
    assert gaps.value == ["last"] or gaps.value == "last"
    gaps.set_value("interpolate").run()
    assert app.session_state["gaps"] == "interpolate"
    [start] = [one for one in app.button if one.label == "Start training"]
    start.click().run()
    [folder] = [Folder(path) for path in (home() / "runs").iterdir() if path.is_dir()]
    assert folder.request.options == {"column": "Wert", "period": 0.0, "gaps": "interpolate"}
    runs.pool().stop(app.session_state["run"])


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


RUN = "A" * 16
TINY = Request("copy", Size(3, 1, 3), Settings(steps=10, batch=2, score_every=4))


def ended(tmp_path: Path) -> Folder:
    folder = Folder.create(tmp_path / "runs" / RUN, TINY, None)
    work(folder.path)
    return folder


def save_as(app: AppTest, name: str) -> AppTest:
    app.text_input[0].set_value(name)
    return next(button for button in app.button if button.label == "Save").click().run()


def shown(app: AppTest, kind: str) -> list[str]:
    assert not app.exception
    return [one.value.replace("\\", "") for one in getattr(app, kind)]


OPENS = ["Open on Explore", "Open on Compare", "Film"]


def opens(app: AppTest) -> list[str]:
    return [button.label for button in app.button if button.label in OPENS]


def test_a_model_is_saved_once_under_a_name_and_stays_saved_after_a_reload(tmp_path):
    folder = ended(tmp_path)
    app = opened(run=RUN)
    assert opens(app) == OPENS
    assert not (tmp_path / "models").exists()
    save_as(app, "mine")
    assert shown(app, "success") == ["Saved as **mine**: you can choose it on every page."]
    for again in ("mine", "MINE"):
        save_as(app, again)
        assert shown(app, "error") == []
        assert shown(app, "info") == ["This model is already saved as **mine**. Nothing has changed."]
        assert opens(app) == OPENS
    save_as(app, "../mine")
    assert "is not a valid name" in shown(app, "error")[0]
    assert opens(app) == OPENS
    save_as(app, "a copy")
    assert shown(app, "success") == ["Saved as **mine** and **a copy**: you can choose it on every page."]
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["a copy", "mine"]

    reloaded = opened(run=RUN)
    assert shown(reloaded, "success") == ["Saved as **mine** and **a copy**: you can choose it on every page."]
    assert opens(reloaded) == OPENS
    shutil.rmtree(tmp_path / "models" / "a copy")
    assert shown(opened(run=RUN), "success") == ["Saved as **mine**: you can choose it on every page."]
    assert saved_names(folder, tmp_path / "models") == ["mine"]


def test_a_run_that_has_no_name_gets_one_when_its_model_is_opened_and_the_film_is_that_of_its_training(tmp_path):
    folder = ended(tmp_path)
    train_tiny(tmp_path / "models" / "copy-1")
    for name in ("copy-2", "copy-2"):  # saved once
        app = opened(run=RUN)
        app.session_state["tab"] = "units"  # as the reader left Compare
        next(button for button in app.button if button.label == "Film").click().run()
        assert not app.exception
        assert saved_names(folder, tmp_path / "models") == [name]
        app.switch_page("viz/compare/page.py").run()
        assert not app.exception
        assert app.selectbox(key="widget:model:").value == name
        assert app.button_group(key="widget:tab:").value in ("film", ["film"])
    app = opened(run=RUN)
    next(button for button in app.button if button.label == "Open on Explore").click().run()
    assert not app.exception
    assert app.session_state["model"] == "copy-2"


def test_a_name_of_another_model_is_refused_and_what_was_saved_can_still_be_opened(tmp_path):
    ended(tmp_path)
    train_tiny(tmp_path / "models" / "theirs")
    (tmp_path / "models" / "damaged").mkdir()
    (tmp_path / "models" / "damaged" / "model.json").write_text("{")
    app = save_as(opened(run=RUN), "mine")
    for taken in ("theirs", "Shakespeare", "damaged"):
        save_as(app, taken)
        assert shown(app, "error") == [f"A model called {taken!r} already exists: choose another name"]
        assert shown(app, "success") == ["Saved as **mine**: you can choose it on every page."]
        assert opens(app) == OPENS


def test_all_numbers_of_a_run_are_of_one_moment(tmp_path, monkeypatch):
    folder = ended(tmp_path)
    folder.write(Status("running"))
    # As a page finds it between two snapshots: the curve is ahead of the weights.
    curve = Curve(folder.progress)
    curve.update()
    with safe_open(folder.now, "pt") as file:
        weights, described = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    save_file(weights, folder.now, {**described, "step": "6", "loss": "9.0"})
    shown = {}
    monkeypatch.setattr(run_view, "curves", lambda points, **_: shown.update(points=points))
    monkeypatch.setattr(run_view, "film", lambda frames, **_: shown.update(frame=frames[-1]))
    with folder.locked():
        app = opened(run=RUN)
    assert not app.exception
    assert app.get("progress")[0].proto.text.startswith("**Training** · step 6 of 10")
    assert app.get("progress")[0].proto.value == 60
    assert [point.step for point in shown["points"]] == [1, 2, 3, 4, 5, 6]
    losses = [point.loss for point in curve.points[:6]]
    assert (shown["frame"].step, shown["frame"].score) == (6, curve.points[3].score)
    assert shown["frame"].loss == pytest.approx(smooth(losses)[-1] / np.log(2))


def test_a_short_text_can_be_pasted_and_is_trained_on_with_a_warning(monkeypatch):
    started = []
    app = opened()
    monkeypatch.setattr(Pool, "start", lambda _, *asked: started.append(asked) or RUN)
    app.text_area(key="pasted-text").set_value(POEM).run()
    (warning,) = shown(app, "warning")
    assert warning.startswith(f"The text has only {len(POEM)} characters, fewer than 2,000: the model will learn it by")
    assert shown(app, "error") == []
    next(button for button in app.button if button.label == "Start training").click().run()
    request, content = started[0]
    assert (request.file, content.decode()) == ("pasted text.txt", POEM)


def test_a_pasted_text_teaches_its_own_letters_and_stays_on_this_machine(tmp_path, monkeypatch):
    wanted = []
    app = opened(hidden="4", training_steps="10")
    monkeypatch.setattr(Pool, "start", lambda _, *asked: wanted.append(asked) or RUN)
    [box] = [one for one in app.text_area if one.label == "Your own text"]
    box.set_value(POEM).run()
    next(button for button in app.button if button.label == "Start training").click().run()
    assert not app.exception
    assert not any("barrow" in str(value) for value in app.query_params.values())
    folder = Folder.create(tmp_path / "runs" / RUN, *wanted[0])
    assert POEM not in folder._request.read_text(encoding="utf-8")
    assert folder.file.read_text(encoding="utf-8") == POEM
    work(folder.path)
    model = load(folder.path, device="cpu")
    assert set(generate(model, "So much", 300, temperature=1.0, seed=0).labels) <= set(model.encode(POEM).labels)
    found = opened(run=RUN)
    assert any("pasted text.txt" in one for one in shown(found, "markdown"))


def test_a_text_that_is_too_long_is_refused_before_it_is_sent_anywhere(monkeypatch):
    monkeypatch.setattr(runs, "MAX_FILE_BYTES", 300)
    app = opened()
    [box] = [one for one in app.text_area if one.label == "Your own text"]
    box.set_value(POEM).run()
    assert shown(app, "error") == ["Pasted text.txt has 0.0 MB: give at most 0 MB, for example its beginning."]
    assert next(button for button in app.button if button.label == "Start training").disabled


def test_while_a_process_starts_the_page_says_what_it_has_written_down(tmp_path):
    folder = Folder.create(tmp_path / "runs" / RUN, TINY, None)
    folder.write(Status("running"))
    seen = []
    with folder.locked():
        for stage in ("", "process", "torch", "data"):
            if stage:
                folder.reach(stage)
            app = opened(run=RUN)
            seen.append(app.get("progress")[0].proto.text)
            [stages] = [one.value for one in app.markdown if "Importing PyTorch" in one.value]
            assert stages.count(":material/check_circle:") == len(folder.started) == len(seen) - 1
            assert stages.count("**") == 2  # one is going on
    assert [text.removeprefix("**Training** · ") for text in seen] == list(STAGES.values())


POEM = "So much depends upon a red wheel barrow glazed with rain water. " * 5


@pytest.mark.parametrize(
    ("task", "pasted", "warning", "error"),
    [
        ("text", "too short", "", "The text has 9 characters: give at least 20"),
        ("text", "  \n ", "", ""),
        ("sentiment", "a good film\tgood\na bad film\tbad\n" * 4, "There are only 8 sentences", ""),
        ("sentiment", "no label", "", "Line 1 of pasted sentences.tsv is not a sentence, a tab and a label"),
        ("forecast", "sales\n" + "1\n2\n4\n" * 20, "The series has only 60 numbers", ""),
        ("forecast", "sales\n1\n2\n", "", "The series has 2 numbers: give at least 20"),
    ],
)
def test_what_is_pasted_is_read_as_a_file_is(task, pasted, warning, error):
    app = opened(task=task)
    app.text_area(key=f"pasted-{task}").set_value(pasted).run()
    assert [one[: len(warning)] for one in shown(app, "warning")] == ([warning] if warning else [])
    assert [one[: len(error)] for one in shown(app, "error")] == ([error] if error else [])
    start = next(button for button in app.button if button.label == "Start training")
    assert start.disabled == bool(error)
    if pasted.strip():
        app.switch_page("viz/explore/page.py").run()
        app.switch_page("viz/train/page.py").run()
        assert app.text_area(key=f"pasted-{task}").value == pasted


def sentences(app: AppTest) -> list[str]:
    assert not app.exception
    return [one.value.replace("\\", "") for one in app.error]


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in its place")
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path / "file"))
    app = opened(task="anbn")
    app.button(key=next(one.key for one in app.button if one.label == "Start training")).click().run()
    (sentence,) = sentences(app)
    assert sentence.startswith(f"Gatescope cannot write to {tmp_path}/file/runs (Not a directory): ")
    assert sentence.endswith("set GATESCOPE_HOME to another folder and start again")


def test_without_any_home_the_page_says_what_to_set(monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", "~nobody-at-all/gs")
    (sentence,) = sentences(opened())
    assert "set GATESCOPE_HOME to a folder" in sentence


@pytest.mark.parametrize(
    ("file", "change", "wanted"),
    [
        ("request.json", {"priority": 3}, "another version of Gatescope: the request has priority"),
        ("request.json", {"task": "chess"}, "There is no task 'chess'"),
        ("status.json", {"state": "archived"}, "It was left by another version of Gatescope"),
    ],
)
def test_a_run_of_another_version_is_told_in_a_sentence(tmp_path, file, change, wanted):
    folder = Folder.create(tmp_path / "runs" / ("A" * 16), Request("adding", Size(6), Settings(steps=50)), None)
    path = folder.path / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert wanted in " ".join(sentences(opened(run="A" * 16)))


def test_the_curves_draw_what_there_is(monkeypatch):
    drawn = []
    monkeypatch.setattr("viz.train.curves._component", lambda **given: drawn.append(given["data"]["charts"]))
    curves(
        [CurvePoint(1, 2.0), CurvePoint(2), CurvePoint(3, 1.0, 0.5), CurvePoint(4, score=0.75)],
        steps=9,
        unit_of_loss="bits",
        measure="share",
        key="c",
    )
    loss, score = drawn[0]
    assert (loss["steps"], loss["faint"]) == ([1, 2, 3, 4], [2.0, None, 1.0, None])
    assert [value is None for value in loss["line"]] == [False, True, False, True]
    assert (score["steps"], score["line"]) == ([3, 4], [0.5, 0.75])
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


def test_what_a_run_has_in_nats_is_shown_in_bits_and_the_error_of_numbers_as_it_is():
    points = [CurvePoint(1, 2.0), CurvePoint(2, math.nan, 1.5)]
    loss, score = charts_of(shown_points(points, "text"), **units_of("text"))
    assert (loss["title"], score["title"]) == ("Loss: bits", "Score: bits per character")
    assert loss["faint"] == [pytest.approx(2.885390, rel=1e-6), None]  # 2 / ln 2
    assert score["line"] == pytest.approx([2.164043], rel=1e-6)
    loss, score = charts_of(
        shown_points(points, "anbn"), **units_of("anbn")
    )  # a loss in nats, a score that is a number
    assert (loss["title"], score["title"]) == ("Loss: bits", "Score: longest n that is still right")
    assert (loss["faint"][0], score["line"]) == (pytest.approx(2.885390, rel=1e-6), [1.5])
    loss, score = charts_of(shown_points(points, "forecast"), **units_of("forecast"))
    assert (loss["title"], score["title"]) == ("Loss: squared standard deviations", "Score: mean squared error")
    assert (loss["faint"], score["line"]) == ([2.0, None], [1.5])


def test_a_tested_score_is_told_in_bits_beside_what_it_is_compared_with():
    tested = {"score": 1.5, "untrained": 5.0, "measure": "nats per character", "others": {"a rule": 3.0}}
    assert held_out_in_words(tested) == "2.164 bits per character (before training 7.213; a rule 4.328)"
    shares = {"score": 0.25, "untrained": 0.125, "measure": "letters right (share)", "others": {}}
    assert held_out_in_words(shares) == "25% of letters right (before training 12.5%)"
    assert held_out_in_words({}) == held_out_in_words({"score": math.nan, "measure": "mean squared error"}) == ""


def test_the_speed_is_taken_of_what_was_measured():
    points = [CurvePoint(1, 1.0, None, 1.0, 100.0, 1.0), CurvePoint(2, 1.0), CurvePoint(3, 1.0, None, 1.0, 300.0, 3.0)]
    assert _speed(points, Snapshot(3, 1.0, 300.0, 3.0), 13) == ["200 tokens per second", "about 10 s left"]
    assert _speed(points, Snapshot(3, 1.0, math.nan, math.nan), 13) == []


def untaught(name: str) -> tuple[SequenceModel, str]:
    task = make_task(name)
    model = initial_model(task.config(Size(5, 1, 4)), Initial.of(task, task.settings))
    return model, next(iter(task.examples().values()))


def test_labels_are_said_with_their_chances():
    model, example = untaught("temporal_order")
    recording = record(model, example)
    chances = recording.prediction["probability"].isel(step=-1).to_numpy()
    _, prediction = answer(model, example, recording)
    labels = recording.prediction["class"].to_numpy()
    assert prediction.split() == [
        word for label, one in zip(labels, chances, strict=True) for word in (label, f"{one:.0%}")
    ]


def test_a_forecast_stands_beside_what_came():
    model, example = untaught("forecast")
    recording = record(model, example)
    _, prediction = answer(model, example, recording)
    rows = np.array([line.split() for line in prediction.splitlines()[1:]], dtype=float)
    np.testing.assert_allclose(rows[:, 0], recording.prediction["value"].to_numpy()[-6:-1, 0], atol=0.006)
    np.testing.assert_allclose(rows[:, 1], [float(number) for number in example.split()[-5:]], atol=0.006)


def test_a_text_goes_on_as_the_model_writes():
    model, example = untaught("text")
    _, prediction = answer(model, example, record(model, example))
    given, written = prediction.split("▸", 1)
    assert example.startswith(given)
    tokens = generate(model, given, runs.WRITTEN, temperature=0.8, seed=0)
    assert given + written == model.config.class_encoder.decode(tokens.ids)


def test_symbols_go_on_to_the_length_of_the_example():
    model, example = untaught("copy")
    _, prediction = answer(model, example, record(model, example))
    assert len(prediction) == len(example) + 1
    assert prediction.startswith(example[: len(example) // 2 + 1] + "▸")


def test_the_smooth_line_is_an_unbiased_mean():
    np.testing.assert_allclose(smooth([3.0] * 300), 3.0)
    # Of 200 values the reach is 3: each counts a third of what is left.
    values = [0.0] * 198 + [9.0, 0.0]
    np.testing.assert_allclose(smooth(values)[-2:], [3.0, 2.0], rtol=1e-6)
    assert smooth([]).size == 0


def test_a_loss_that_is_no_number_is_a_gap_and_the_mean_goes_on_after_it():
    values = [4.0, 2.0, np.nan, 3.0, np.inf, 1.0]
    np.testing.assert_array_equal(np.isnan(smooth(values)), [False, False, True, False, True, False])
    known = [value for value in values if np.isfinite(value)]
    np.testing.assert_array_equal(smooth(values)[[0, 1, 3, 5]], smooth(known))
    assert thin(values) == [4.0, 2.0, None, 3.0, None, 1.0]
    json.dumps(thin(values), allow_nan=False)


def test_a_long_line_is_thinned_and_keeps_its_end():
    assert thin([1.0, 2.0]) == [1.0, 2.0]
    thinned = thin(list(range(2_001)))
    assert len(thinned) <= DRAWN + 1
    assert thinned[-1] == 2_000
    assert thin([1.23456789]) == [1.234568]
    assert [f"{value:.4g}" for value in thin([0.441652]) if value is not None] == ["0.4417"]  # as where all digits are
