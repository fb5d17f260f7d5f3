"""Who runs and who waits, with real processes where that is the point and with empty ones where it is not."""

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lstm_core import model_files, training_checkpoints
from lstm_core.runs import Curve, Folder, Pool, Request, Status, keep_model, most_at_once
from lstm_core.runs import pool as pools
from lstm_core.runs.request import plain_name
from lstm_core.runs.retention import DAYS_KEPT, sweep
from lstm_core.runs.worker_start import STAGES
from lstm_core.settings import Settings
from lstm_core.tasks import Size, make_task
from lstm_core.training import RESUME, Initial, initial_model, train

ROOT = Path(__file__).parents[3]
SETTINGS = Settings(steps=100, batch=4, learning_rate=1e-2, warmup=4, score_every=50, seed=1)
REQUEST = Request("copy", Size(6, 1, 5), SETTINGS)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def until(
    condition: Callable[[], object], seconds: float = 600
) -> None:  # runs have a low priority: on a busy machine that is long
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def digest_of(request: Request) -> str:
    task = make_task(request.task)
    model = initial_model(task.config(request.size), Initial.of(task, request.settings))
    for _ in train(model, task, request.settings):
        pass
    return model.digest


def reached(folder: Folder) -> int:
    curve = Curve(folder.progress)
    curve.update()
    return curve.points[-1].step if curve.points else 0


def test_two_run_at_once_unmixed_and_the_third_waits_for_its_turn(tmp_path):
    pool = Pool(tmp_path, most=2)
    requests = [replace(REQUEST, settings=replace(SETTINGS, seed=seed)) for seed in (1, 2, 3)]
    one, two, three = (pool.start(request) for request in requests)
    view = pool.look(three)
    assert view is not None
    assert (view.state, view.ahead) == ("queued", 2)
    pool.pause(one)  # which frees its place
    until(lambda: pool.look(one).state == "paused")
    assert reached(pool.folder(one)) < SETTINGS.steps
    known = (pool.folder(one).path / "start").read_text(encoding="utf-8")
    assert known.split() == list(STAGES)  # each once, in this order
    pool.resume(one)
    until(lambda: not any(pool.look(run).active for run in (one, two, three)))
    assert (pool.folder(one).path / "start").read_text(encoding="utf-8") == known  # of its second process alone
    for run, request in zip((one, two, three), requests, strict=True):
        assert pool.look(run).state == "finished", pool.folder(run).log.read_text()
        assert model_files.load(pool.folder(run).path, device="cpu").digest == digest_of(request)


# From within: whoever looks from outside may look too late.
KILLS_ITSELF = """
import os, signal, sys, threading, time
from pathlib import Path
from lstm_core.runs import worker

folder, last, pause = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
note, passed = worker.Journal.note, threading.Event()

def noted(journal, now, seconds, **options):
    told = note(journal, now, seconds, **options)
    if now.step > last:
        passed.set()
    return told

def kill():
    passed.wait()
    time.sleep(pause)
    os.kill(os.getpid(), signal.SIGKILL)

worker.Journal.note = noted
threading.Thread(target=kill, daemon=True).start()
worker.work(folder, save_every=1)
"""


def test_a_run_that_is_killed_at_any_moment_goes_on_to_the_same_bits(tmp_path):
    folder = Folder.create(tmp_path / "run", REQUEST, None)
    # Saves after every step: a kill is likely to hit one.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for seed in range(2):
        before, draw = reached(folder), random.Random(seed)  # noqa: S311 (moments, no secrets)
        given = (folder.path, before + draw.randint(2, 20), draw.random() * 0.02)
        ended = subprocess.run([sys.executable, "-c", KILLS_ITSELF, *map(str, given)], env=environment, check=False)
        assert ended.returncode == -signal.SIGKILL
    assert 0 < reached(folder) < SETTINGS.steps
    pool = Pool(tmp_path, most=1)
    moved = tmp_path / "AAAAAAAAAAAAAAAA"  # named as a run is
    folder.path.rename(moved)
    assert pool.look(moved.name).state == "interrupted"
    pool.resume(moved.name)
    until(lambda: not pool.look(moved.name).active)
    assert model_files.load(moved, device="cpu").digest == digest_of(REQUEST)
    curve = Curve(Folder(moved).progress)
    curve.update()
    told = [point.step for point in curve.points]
    # A step that was saved and not yet told when the kill came is missing from the curve, one a kill at most.
    assert told == sorted(set(told))
    assert len(told) >= SETTINGS.steps - 2


def test_a_run_whose_server_is_gone_saves_and_pauses(tmp_path):
    request = replace(REQUEST, settings=replace(SETTINGS, steps=50_000))
    code = (
        "import sys; from pathlib import Path; from lstm_core.runs import Pool, Request\n"
        "pool = Pool(Path(sys.argv[1]), most=1)\n"
        "print(pool.start(Request.from_json(sys.argv[2])), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path), request.to_json()]
    server = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    run = server.stdout.readline().strip()
    pool = Pool(tmp_path, most=1)
    until(lambda: reached(pool.folder(run)) > 0)
    assert pool.look(run).state == "running"  # of another server, whose process holds it
    server.kill()
    server.communicate()
    until(lambda: not pool.look(run).active)
    assert pool.look(run).state == "paused"
    assert "server was closed" in pool.look(run).sentence
    pool.stop(run)
    until(lambda: not pool.look(run).active)
    assert pool.look(run).state == "stopped"
    keep_model(pool.folder(run), tmp_path / "models" / "mine", "mine")
    loaded = model_files.load(tmp_path / "models" / "mine", device="cpu")
    assert loaded.card.name == "mine"
    assert len(training_checkpoints.checkpoints(tmp_path / "models" / "mine")) > 3
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["mine"]
    with pytest.raises(ValueError, match="'mine' already"):
        keep_model(pool.folder(run), tmp_path / "models" / "mine", "mine")


@pytest.fixture
def idle(monkeypatch):
    """Processes that do nothing until they are ended."""
    started: list[subprocess.Popen[bytes]] = []

    def process(_: Folder) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
        return started[-1]

    monkeypatch.setattr(pools, "_process", process)
    yield started
    monkeypatch.setattr(pools, "_process", over)  # what still waits in a line must not start within the next test
    for one in started:
        one.stdin.close()
        one.wait()
    until(lambda: not any(thread.name.startswith("run ") for thread in threading.enumerate()))


def over(_: Folder) -> subprocess.Popen[bytes]:
    raise OSError(errno.ESRCH, "the test is over")


def test_the_line_keeps_the_order_of_arrival(tmp_path, idle):
    pool = Pool(tmp_path, most=1)
    first, second, third, fourth = (pool.start(REQUEST) for _ in range(4))
    assert [pool.look(run).ahead for run in (second, third, fourth)] == [1, 2, 3]
    pool.pause(second)
    assert pool.look(second).state == "paused"
    pool.stop(third)
    assert pool.look(third).state == "stopped"
    pool.resume(second)
    assert [pool.look(run).ahead for run in (fourth, second)] == [1, 2]
    idle[0].stdin.close()
    until(lambda: len(idle) == 2)
    assert pool.look(fourth).state == "running"
    assert pool.look(first).state == "interrupted"
    pool.resume(first)
    assert [pool.look(run).ahead for run in (second, first)] == [1, 2]


def test_a_run_is_at_work_until_its_process_is_gone_and_what_it_was_told_late_is_done(tmp_path, idle):
    pool = Pool(tmp_path, most=2)
    run = pool.start(REQUEST)
    pool.folder(run).write(Status("paused"))  # as its process does, some moments before it is gone
    (pool.folder(run).path / RESUME).touch()
    assert pool.look(run).state == "running"
    pool.resume(run)
    pool.stop(run)
    assert len(idle) == 1
    idle[0].stdin.close()
    until(lambda: len(idle) == 2)
    assert pool.look(run).state == "running"
    assert pool.look(run).order == "stop"


def test_a_process_that_ends_with_an_error_of_its_own_is_a_failed_run(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "_process", lambda _: subprocess.Popen(["false"]))
    pool = Pool(tmp_path, most=1)
    run = pool.start(REQUEST)
    until(lambda: not pool.look(run).active)
    assert pool.look(run).state == "failed"
    assert "its log says more" in pool.look(run).sentence


def test_names_that_are_no_runs_lead_nowhere(tmp_path):
    pool = Pool(tmp_path / "runs", most=1)
    Folder.create(tmp_path / "outside", REQUEST, None)
    for name in ("", "../outside", "nothing", "A" * 16, str(tmp_path / "outside")):
        assert pool.look(name) is None
        pool.stop(name)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (replace(REQUEST, size=Size(513)), "Units can be from 1 to 512, not 513"),
        (replace(REQUEST, size=Size(8, 4)), "Layers can be from 1 to 3, not 4"),
        (replace(REQUEST, settings=Settings(steps=50_001)), "Steps can be from 10 to 50,000, not 50,001"),
        (replace(REQUEST, settings=Settings(learning_rate=11.0)), "Learning rate can be from"),
        (replace(REQUEST, task="chess"), "there is no task 'chess'"),
    ],
)
def test_what_is_beyond_the_limits_is_refused(tmp_path, request_, sentence):
    with pytest.raises(ValueError, match=sentence):
        Pool(tmp_path, most=1).start(request_)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"20\.0 MB: give one of at most 20 MB"):
        Pool(tmp_path, most=1).start(replace(REQUEST, task="text", file="long.txt"), b"x" * 20_000_001)


def test_a_file_keeps_a_name_without_folders():
    names = {"../../etc/passwd": "passwd", "C:\\a\\b.csv": "b.csv", "..": "file", "a\nb<i>.txt": "a_b_i_.txt"}
    assert {name: plain_name(name) for name in names} == names
    assert len(plain_name("ä" * 300)) == 80


def test_nonsense_for_the_number_of_runs_is_said(monkeypatch):
    monkeypatch.delenv(pools.VARIABLE, raising=False)
    assert most_at_once() == 2
    monkeypatch.setenv(pools.VARIABLE, "3")
    assert most_at_once() == 3
    for nonsense in ("0", "-1", "two", "1.5", "٣"):
        monkeypatch.setenv(pools.VARIABLE, nonsense)
        with pytest.raises(ValueError, match="must be a whole number from 1 to 1,000"):
            most_at_once()


def test_old_runs_are_swept_away_but_none_at_work(tmp_path):
    old = time.time() - (DAYS_KEPT + 1) * 86_400
    folders = {name: Folder.create(tmp_path / name, REQUEST, None) for name in ("old", "locked", "spared", "young")}
    for name in ("old", "locked", "spared"):
        os.utime(folders[name].path / "status.json", (old, old))
    with folders["locked"].locked():
        sweep(tmp_path, spare={"spared"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["locked", "spared", "young"]


def test_how_far_a_start_has_come_is_told_by_the_process_alone(tmp_path, idle):  # noqa: ARG001 (a process that says nothing)
    pool = Pool(tmp_path, most=1)
    folder = pool.folder(pool.start(REQUEST))
    assert folder.started == ()
    folder.reach("process")
    folder.reach("torch")
    (folder.path / "start").write_text("process\ntorch\ndat")  # half a line, or one of another version
    assert folder.started == ("process", "torch")
    folder.forget_start()
    assert folder.started == ()
