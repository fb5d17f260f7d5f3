"""Where Gatescope keeps what it makes: found once, told in a sentence where it cannot be written, not needed to read."""

import errno
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pretrained
from lstm_core import model_files, training_checkpoints, user_models
from lstm_core.runs import Folder, Pool, Request, keep_model
from lstm_core.runs import pool as pools
from lstm_core.settings import Settings
from lstm_core.tasks import Size

REQUEST = Request("copy", Size(6, 1, 5), Settings(steps=100, batch=4))


@pytest.mark.parametrize(
    ("given", "wanted"), [("gs", "{here}/gs"), ("./a/../gs", "{here}/gs"), ("~/gs", "{user}/gs"), ("/x/gs", "/x/gs"),
                          ("", "{user}/.gatescope"), (" ", "{user}/.gatescope")],
)  # fmt: skip
def test_home_is_one_absolute_folder(tmp_path, monkeypatch, given, wanted):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("GATESCOPE_HOME", given)
    assert str(user_models.home()) == wanted.format(here=tmp_path, user=tmp_path / "user")


@pytest.fixture
def commands(monkeypatch):
    """The commands and surroundings of the processes that a pool starts, none of which trains."""
    seen: list[dict[str, object]] = []
    real = subprocess.Popen

    def popen(command, **options):
        seen.append({"command": command, **options})
        return real(["true"])

    monkeypatch.setattr(pools.subprocess, "Popen", popen)
    return seen


def test_a_runs_process_is_told_absolute_folders(tmp_path, monkeypatch, commands):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATESCOPE_HOME", "gs")
    monkeypatch.setattr(sys, "path", ["", "beside", *sys.path])
    for root in (user_models.home() / "runs", Path("gs/runs")):
        pool = Pool(root, most=1)
        run = pool.start(REQUEST)
        seen = commands.pop()
        assert seen["command"][3] == str(tmp_path / "gs" / "runs" / run)
        assert seen["env"]["GATESCOPE_HOME"] == str(tmp_path / "gs")
        assert seen["env"]["PYTHONPATH"].split(os.pathsep)[:2] == [str(tmp_path), str(tmp_path / "beside")]


def nobody(*_: object) -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_without_any_home_the_zoo_is_there_and_saving_says_why_not(monkeypatch):
    monkeypatch.delenv("GATESCOPE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", nobody)
    monkeypatch.setattr(Path, "home", classmethod(nobody))
    assert pretrained.names() == pretrained.zoo()
    assert pretrained.folder_of("anbn").name == "anbn"
    with pytest.raises(ValueError, match=r"GATESCOPE_HOME is not set .* set GATESCOPE_HOME to a folder"):
        user_models.new_model_dir("mine", taken=[])
    monkeypatch.setenv("GATESCOPE_HOME", "~nobody-at-all/gs")
    assert pretrained.names() == pretrained.zoo()
    with pytest.raises(ValueError, match="GATESCOPE_HOME is '~nobody-at-all/gs'"):
        user_models.home()


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/1/nothing"])
def test_the_zoo_is_there_where_home_is_no_folder(tmp_path, monkeypatch, place):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path / place))
    assert pretrained.names() == pretrained.zoo()


def test_the_zoo_is_there_where_the_shelf_cannot_be_read(monkeypatch):
    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    zoo = pretrained.zoo()
    monkeypatch.setattr(pretrained, "zoo", lambda: zoo)
    monkeypatch.setattr(Path, "glob", denied)
    assert pretrained.names() == zoo


def filled(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("full", "reason"), [(False, r"\(Not a directory\): make it a folder that can be written"), (True, r"\(No space left on device\): make room there")]
)  # fmt: skip
def test_a_home_that_cannot_be_written_is_one_sentence_and_a_line_of_the_log(
    small_model, tmp_path, monkeypatch, caplog, full, reason
):
    run = Folder(tmp_path / "run")
    model_files.save(small_model, run.path)
    training_checkpoints.save_checkpoint(run.path, small_model, 0, loss=1.0, score=1.0)
    home = tmp_path / "home"
    if full:
        monkeypatch.setattr(Path, "mkdir", filled)
    else:
        home.write_text("in its place")
    pool = Pool(home / "runs", most=1)
    sentence = (
        rf"^Gatescope cannot write to {home}/\S+ {reason}, or set GATESCOPE_HOME to another folder and start again$"
    )
    for attempt in (lambda: pool.start(REQUEST), lambda: keep_model(run, home / "models" / "mine", "mine")):
        caplog.clear()
        with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match=sentence) as met:
            attempt()
        assert "Errno" not in str(met.value)
        assert [record.getMessage() for record in caplog.records] == [str(met.value)]


def test_a_run_whose_end_cannot_be_written_makes_room_for_the_next_and_says_why(tmp_path, monkeypatch):
    pool = Pool(tmp_path, most=1)
    monkeypatch.setattr(pools, "_process", lambda _: subprocess.Popen(["false"]))
    monkeypatch.setattr(Folder, "write", filled)
    monkeypatch.setattr(Folder, "create", classmethod(created))
    first, second = pool.start(REQUEST), pool.start(REQUEST)
    for run in (first, second):
        for _ in range(500):
            if not pool.look(run).active:
                break
            time.sleep(0.02)
        assert pool.look(run).state == "interrupted"
        assert "No space left on device" in pool.look(run).trouble


def created(cls, path, request, _content):
    path.mkdir(parents=True)
    (path / "request.json").write_text(request.to_json())
    (path / "status.json").write_text('{"state": "running"}')
    return cls(path)


def test_a_number_of_runs_that_is_far_too_long_is_told(monkeypatch):
    monkeypatch.setenv(pools.VARIABLE, "9" * 5000)
    with pytest.raises(ValueError, match="must be a whole number from 1 to 1,000"):
        pools.most_at_once()
