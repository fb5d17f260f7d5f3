"""Files are read at arm's length: what a reader takes too much of is refused by the kernel, and nothing is left."""

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from lstm_core.importers import UnreadableFile, sandbox, sandbox_child
from lstm_core.importers.sandbox import DEFAULT_LIMITS, FOLDERS, STALE_SECONDS, read_sandboxed, sentence_of

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limits are as they should be on Linux only")
# What is not the point of a test has room enough on a busy machine, too.
SMALL = replace(DEFAULT_LIMITS, memory=500_000_000, seconds=60, written=20_000_000, patience=600.0)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """A temporary folder of its own, in which nothing may be left; what is told may be long."""
    monkeypatch.setattr(sandbox, "MAX_SENTENCE_CHARS", 100_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert not list(tmp_path.glob(f"{FOLDERS}*")), "a folder is left"


def told(misbehaving: str, content: bytes = b"content", limits=SMALL, **options) -> str:
    """The sentence that comes of a file which makes its reader do that."""
    with pytest.raises(UnreadableFile) as refused:
        read_sandboxed(
            content, "a.pt", limits=limits, reader=f"tests.support.misbehaving_readers:{misbehaving}", **options
        )
    return str(refused.value)


def test_the_reader_sees_the_file_and_nothing_of_the_server(monkeypatch, own_folder):
    monkeypatch.setenv("GATESCOPE_SECRET", "swordfish")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:swordfish@proxy")
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "77")
    seen = json.loads(told("tells", "grüße".encode()))
    assert not {"GATESCOPE_SECRET", "HTTPS_PROXY", "PATH", "USER", "LOGNAME"} & set(seen["environment"])
    assert not any("swordfish" in value for value in seen["values"])
    assert "GATESCOPE_MAX_UPLOAD_MB" in seen["environment"]
    assert seen["folder"] == []
    assert seen["beside"] == ["model", "work"]
    assert seen["content"] == "grüße"
    assert seen["name"] == "a.pt"
    assert seen["stdin"] == ""
    assert seen["leads"], "it has no process group of its own"
    assert Path(seen["where"]).parent == own_folder


def test_a_file_on_disk_is_read_apart_from_its_neighbours(own_folder):
    (own_folder / "secret").write_text("swordfish")
    (own_folder / "model.h5").write_text("inside")
    seen = json.loads(told("tells", own_folder / "model.h5"))
    assert seen["content"] == "inside"
    assert seen["beside"] == ["model", "work"]


def test_any_name_can_be_given():
    with pytest.raises(UnreadableFile) as refused:
        read_sandboxed(
            b"", "\0\n\ud800" + "x" * 300_000, reader="tests.support.misbehaving_readers:tells", limits=SMALL
        )
    assert json.loads(str(refused.value))["name"].startswith("\0\n\ud800xxx")


@LINUX
@pytest.mark.parametrize(
    ("misbehaving", "sentence"),
    [
        ("allocates", "more than 0.5 GB of memory"),
        ("recurses", "nested too deep"),
        ("spins", "more than 1 s of the processor"),
        ("crashes", "crashed the library of its format (SIGSEGV)"),
        ("is_killed", "the system ended the process"),
        ("garbage", "came back damaged"),
        ("wrong_model", "came back damaged"),
        ("too_much", "more than 20 MB"),
        ("prints_and_fails", "does not know"),
    ],
)
def test_what_a_reader_may_not_take_has_a_sentence(misbehaving, sentence, capfd):
    assert sentence in told(misbehaving, limits=replace(SMALL, seconds=1) if misbehaving == "spins" else SMALL)
    assert len(capfd.readouterr().err) < DEFAULT_LIMITS.log + 1_000


def test_who_takes_too_long_by_the_clock_is_ended():
    began = time.monotonic()
    assert "more than 0.5 s" in told("sleeps", limits=replace(SMALL, patience=0.5))
    assert time.monotonic() - began < 300  # it would sleep for 600 s


@LINUX
def test_the_seconds_of_the_processor_are_for_the_file_alone_and_whole(monkeypatch):
    limits = {}
    used = SimpleNamespace(ru_utime=2.6, ru_stime=0.3)  # for the libraries
    monkeypatch.setattr(sandbox_child.resource, "getrusage", lambda _: used)
    monkeypatch.setattr(sandbox_child.resource, "setrlimit", lambda kind, most: limits.update({kind: most}))
    sandbox_child.limit(replace(DEFAULT_LIMITS, seconds=1))
    ended, killed = limits[sandbox_child.resource.RLIMIT_CPU]
    assert 2.9 + 1 <= ended < 2.9 + 2
    assert killed == ended + 1


@LINUX
def test_files_are_limited_in_size_and_number():
    seen = json.loads(told("writes"))
    assert seen == {"error": errno.EFBIG, "bytes": SMALL.written}
    seen = json.loads(told("opens"))
    assert seen["error"] == errno.EMFILE
    assert seen["files"] < SMALL.files


def test_what_it_prints_is_no_part_of_the_answer():
    assert json.loads(told("prints")) == {"printed": True}


@LINUX
def test_what_it_started_ends_with_it():
    left = json.loads(told("forks"))["left"]
    assert until(lambda: not alive(left))


@LINUX
def test_it_ends_with_its_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    code = (
        "from lstm_core.importers.sandbox import ResourceLimits, read_sandboxed\n"
        "limits = ResourceLimits(patience=600.0)  # longer than this test waits for its end\n"
        "read_sandboxed(b'x', 'a', reader='tests.support.misbehaving_readers:sleeps', limits=limits)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(folder)})
    assert until(lambda: list(folder.glob("*/work/asleep")))
    children = children_of(server.pid)
    assert len(children) == 1
    server.kill()
    server.wait()
    assert until(lambda: not any(map(alive, children)))


def test_two_are_read_at_once_and_a_third_waits_its_turn(monkeypatch):
    reading_now, go_on = threading.Semaphore(0), threading.Event()

    def given(*_: object) -> bytes:
        reading_now.release()
        go_on.wait()
        return b'{"unreadable": "it was read"}\n'

    monkeypatch.setattr(sandbox, "_given", given)
    heard: list[str] = []
    three = [threading.Thread(target=lambda: heard.append(told("tells", queue=600.0))) for _ in range(3)]
    for one in three[:2]:
        one.start()
        assert reading_now.acquire(timeout=300)
    assert "2 other models are being read" in told("tells", queue=0.2)
    three[2].start()
    assert not reading_now.acquire(timeout=0.2)
    assert heard == []
    go_on.set()
    for one in three:
        one.join()
    assert heard == ["it was read"] * 3


def test_what_is_too_large_is_not_even_copied(monkeypatch, own_folder):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    assert "has 2 MB; Gatescope reads up to 1 MB" in told("tells", bytes(1_600_000))
    with (own_folder / "large").open("wb") as file:
        file.truncate(50_000_000_000)
    assert "has 50,000 MB" in told("tells", own_folder / "large")
    assert "holds no TensorFlow checkpoint" in told("tells", own_folder)


def test_folders_that_a_killed_server_left_are_swept(own_folder):
    for name, age in (("old", STALE_SECONDS + 10), ("new", 10.0)):
        folder = own_folder / f"{FOLDERS}{name}"
        folder.mkdir()
        (folder / "model").write_bytes(b"x")
        os.utime(folder, (time.time() - age,) * 2)
    told("tells")
    assert [one.name for one in own_folder.glob(f"{FOLDERS}*")] == [f"{FOLDERS}new"]
    (own_folder / f"{FOLDERS}new" / "model").unlink()
    (own_folder / f"{FOLDERS}new").rmdir()


def test_a_sentence_that_quotes_a_file_is_one_line_that_can_be_shown(monkeypatch):
    monkeypatch.setattr(sandbox, "MAX_SENTENCE_CHARS", 500)
    sentence = told("quotes", limits=DEFAULT_LIMITS)
    assert sentence.startswith("it is called \ufffd[31m\ufffd\ufffdxxx")
    assert sentence.endswith("x: give it another name")
    assert len(sentence) < 520


@LINUX
def test_every_end_has_its_own_sentence():
    codes = (None, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGBUS, -99, 1)
    sentences = {sentence_of(code, DEFAULT_LIMITS) for code in codes}
    assert len(sentences) == len(codes)


def until(holds: Callable[[], object], seconds: float = 300.0) -> bool:
    end = time.monotonic() + seconds
    while not (came_true := bool(holds())) and time.monotonic() < end:
        time.sleep(0.02)
    return came_true


def alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(process: int) -> list[int]:
    return [int(one) for task in Path(f"/proc/{process}/task").glob("*/children") for one in task.read_text().split()]
