"""A text of the reader's own is read in a process of its own: to its end, stopped and gone on with, or refused."""

import json
import time
from pathlib import Path

import pytest

import pretrained
from lstm_core.analysis import unit_cards
from lstm_core.corpus import open_corpus, record_corpus
from lstm_core.recording import SIGNALS
from lstm_core.surveys import Progress, SurveyFolder, Surveys, process
from lstm_core.surveys import pool as pools
from lstm_core.training import untrained_draws

TEXTS = ["S" + "a" * n + "b" * n + "T" for n in (1, 5, 2, 4, 3, 7) * 12]
TABLE = "\n".join(["text", *TEXTS]).encode()


def ended(surveys: Surveys, survey: str) -> Progress:
    end = time.monotonic() + 300  # it has a low priority: on a busy machine that is long
    while True:
        now = surveys.look(survey)
        assert now is not None
        if not now.active:
            return now
        assert time.monotonic() < end, f"still {now}"
        time.sleep(0.05)


def test_one_that_is_stopped_goes_on_to_the_cards_of_the_text(tmp_path):
    model = pretrained.load("anbn", device="cpu")
    surveys = Surveys(tmp_path / "surveys")
    survey = surveys.start(model, name="strings.csv", content=TABLE)
    waiting = surveys.start(model, name="strings.csv", content=TABLE)
    assert surveys.look(waiting) == Progress("waiting")
    surveys.stop(waiting)
    surveys.stop(survey)
    assert ended(surveys, survey).state == ended(surveys, waiting).state == "stopped"
    surveys.resume(survey)
    now = ended(surveys, survey)
    steps = sum(map(len, TEXTS))
    assert (now.state, now.done, now.steps, now.left_out) == ("finished", 21 * steps, 21 * steps, 0)
    folder = surveys.folder(survey)
    models = [model, *untrained_draws(model)]
    corpora = [record_corpus(one, TEXTS, tmp_path / f"{at}", signals=SIGNALS) for at, one in enumerate(models)]
    wanted = unit_cards(corpora[0], model, untrained=corpora[1:], documents=TEXTS)
    assert folder.cards("layer0") == json.loads(json.dumps(wanted))
    assert open_corpus(folder.corpus).sizes["step"] == steps


def test_a_text_that_the_model_cannot_read_fails_with_the_reason(tmp_path):
    folder = survey_of(tmp_path, "strings.txt", b"Sab\nT?")
    process.survey(folder.path)
    assert folder.progress.state == "failed"
    assert "strings.txt" in folder.progress.sentence
    assert folder.cards("layer0") is None


def test_of_a_long_text_so_much_is_read_as_has_room(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "most_steps", lambda *_: 50)
    folder = survey_of(tmp_path, "strings.csv", TABLE)
    process.survey(folder.path)
    now = folder.progress
    assert (now.state, now.done, now.left_out) == ("finished", 21 * 50, sum(map(len, TEXTS)) - 50)
    assert open_corpus(folder.corpus).sizes["step"] == 50


def test_room_is_what_the_signals_of_a_step_take(monkeypatch):
    model = pretrained.load("anbn", device="cpu")
    monkeypatch.setenv(process.VARIABLE, "1")
    assert process.most_steps(model, ["cell", "forget"]) == 1_000_000 // (5 * 2 + 5)
    assert process.most_steps(model, ["cell", "update"]) == 1_000_000 // (5 * 2)  # it has no update gate


def test_too_large_files_and_too_long_lines_are_refused_and_old_surveys_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(pools.Surveys, "_fill", lambda _: None)
    model, surveys = pretrained.load("anbn", device="cpu"), Surveys(tmp_path)
    with pytest.raises(ValueError, match=r"The file has 50\.0 MB: give one of at most 50 MB"):
        surveys.start(model, name="a.txt", content=bytes(pools.MAX_FILE_BYTES + 1))
    old = [survey_of(tmp_path, "old.txt", b"Sab", f"{number:016d}") for number in range(8)]
    started = [surveys.start(model, name="a.txt", content=b"SabT") for _ in range(pools.MAX_WAITING)]
    assert sum(folder.exists for folder in old) == pools.KEPT - 1
    with pytest.raises(ValueError, match="10 texts are already waiting"):
        surveys.start(model, name="a.txt", content=b"SabT")
    assert surveys.look(old[-1].path.name).state == "interrupted"
    assert all(surveys.look(one).state == "waiting" for one in started)
    assert surveys.folder("../../etc") is None


def survey_of(root: Path, name: str, content: bytes, id_: str = "one") -> SurveyFolder:
    return SurveyFolder.create(root / id_, pretrained.load("anbn", device="cpu"), name=name, content=content)
