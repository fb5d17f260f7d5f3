"""What a save may replace, what it leaves alone, and what is left of one that is killed."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr
import zarr
from click.testing import CliRunner

from lstm_core import Recording, model_files, record, training_checkpoints
from lstm_core.runs import Folder, Request, keep_model
from lstm_core.runs.retention import DAYS_KEPT, sweep
from lstm_core.runs.worker import work
from lstm_core.saving import STALE_SECONDS, OccupiedError, whole_folder, write_text
from lstm_core.settings import Settings
from lstm_core.tasks import Adding, Size
from lstm_core.training import RESUME, Initial, initial_model, train
from lstm_core.training.__main__ import main as train_command
from pretrained.__main__ import main as retrain_command

REQUEST = Request("copy", Size(6, 1, 5), Settings(steps=100, batch=4))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def notes(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")


def repository(folder: Path) -> None:
    (folder / ".git" / "objects").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main")


def foreign_store(folder: Path) -> None:
    zarr.open_group(folder, mode="w", attributes={"layers": ["layer0"]}).create_array("mine", shape=(3,), dtype="f4")


def store_of_the_same_groups(folder: Path) -> None:
    xr.DataTree.from_dict({"/layers": xr.Dataset(), "/prediction": xr.Dataset()}).to_zarr(folder, consolidated=False)


def recording_with_notes(folder: Path) -> None:
    folder.mkdir()
    store_of_the_same_groups(folder)
    (folder / "layers" / "notes.txt").write_text("mine")


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (notes, "'notes.txt'"),
        (repository, r"'\.git'"),
        (foreign_store, "'mine'"),
        (store_of_the_same_groups, "'layers'"),
        (recording_with_notes, "'layers'"),
    ],
)
def test_a_recording_replaces_no_folder_that_is_something_else(small_model, tmp_path, make, named):
    target = tmp_path / "there"
    make(target)
    before = contents(target)
    with pytest.raises(
        FileExistsError, match=rf"there holds .*{named}.* would be lost: choose an empty or a new folder"
    ):
        record(small_model, "abc").save(target)
    assert contents(target) == before
    assert os.listdir(tmp_path) == ["there"]


def test_a_recording_in_which_the_reader_has_put_notes_is_not_replaced(small_model, tmp_path):
    record(small_model, "abc").save(tmp_path / "r")
    for place in ("notes.txt", "layers/layer0/notes.txt", "layers/layer0/forget/c/notes.txt"):
        (tmp_path / "r" / place).write_text("mine")
        with pytest.raises(OccupiedError, match=place):
            record(small_model, "abcd").save(tmp_path / "r")
        (tmp_path / "r" / place).unlink()
    (tmp_path / "r" / ".DS_Store").write_text("by a file manager")
    record(small_model, "abcd").save(tmp_path / "r")
    assert Recording.load(tmp_path / "r").tokens == tuple("abcd")


def test_the_working_folder_and_those_above_it_are_not_replaced(small_model, tmp_path, monkeypatch):
    (tmp_path / "within").mkdir()
    monkeypatch.chdir(tmp_path / "within")
    for place in (".", "..", tmp_path):
        with pytest.raises(OccupiedError, match="is the current folder: choose a folder in it"):
            record(small_model, "abc").save(place)
    record(small_model, "abc").save("new")
    assert Recording.load("new").tokens == tuple("abc")


def test_a_file_is_not_replaced_and_an_empty_folder_is_filled(small_model, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OccupiedError, match="file is a file, but a recording is a folder"):
        record(small_model, "abc").save(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    record(small_model, "abc").save(tmp_path / "empty")
    (tmp_path / "link").symlink_to("empty")
    record(small_model, "abcd").save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert Recording.load(tmp_path / "empty").tokens == tuple("abcd")


def test_a_save_that_fails_leaves_the_old_recording_and_nothing_beside_it(small_model, tmp_path, monkeypatch):
    old = record(small_model, "abc")
    old.save(tmp_path / "r")
    write = xr.DataTree.to_zarr

    def full(tree: xr.DataTree, folder: Path, **options: object) -> None:
        write(tree, folder, **options)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(xr.DataTree, "to_zarr", full)
    with pytest.raises(OSError, match="No space"):
        record(small_model, "abcd").save(tmp_path / "r")
    assert Recording.load(tmp_path / "r") == old
    assert os.listdir(tmp_path) == ["r"]


KILLED = """
import os, signal, sys
from pathlib import Path
from lstm_core.saving import whole_folder
moment, rename = int(sys.argv[1]), Path.rename
def dies(path, target):
    global moment
    moment -= 1
    if moment == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(path, target)
Path.rename = dies
with whole_folder(Path("r"), ours=lambda folder: [], kind="a test") as folder:
    (folder / "value").write_text("new")
    if moment == 0:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_a_kill_at_any_moment_loses_neither_the_old_nor_what_is_swept_later(tmp_path, moment):
    """While it is written, before the old one is moved aside, and before the new one is in its place."""
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "value").write_text("old")
    # The library's file alone: the package would take seconds to import torch.
    root = Path(__file__).parents[2]
    light = (
        f"import sys, types; package = types.ModuleType('lstm_core'); package.__path__ = [{str(root / 'lstm_core')!r}]\n"
        "sys.modules['lstm_core'] = package\n"
        "for name, part in (('safetensors.torch', 'save_file'), ('torch', 'Tensor')):\n"
        "    stub = types.ModuleType(name); setattr(stub, part, None); sys.modules[name] = stub\n"
    )
    ended = subprocess.run([sys.executable, "-c", light + KILLED, str(moment)], cwd=tmp_path, check=False)
    assert ended.returncode == -signal.SIGKILL
    drafts = [one for one in tmp_path.iterdir() if one.name != "r"]
    assert len(drafts) == 1
    assert (tmp_path / "r").exists() == (moment < 2)
    for one in drafts:
        os.utime(one, (time.time() - 2 * STALE_SECONDS,) * 2)
    with whole_folder(tmp_path / "r", ours=lambda _: [], kind="a test") as folder:
        assert (tmp_path / "r" / "value").read_text() == "old"
        (folder / "value").write_text("newer")
    assert contents(tmp_path) == {"r/value": b"newer"}


def test_a_recording_whose_replacement_was_killed_is_loaded(small_model, tmp_path):
    old = record(small_model, "abc")
    old.save(tmp_path / "r")
    beside = tmp_path / ".r-abcdefgh.saving"  # as a kill between the two moves leaves it
    beside.mkdir()
    (tmp_path / "r").rename(beside / "old")
    os.utime(beside, (time.time() - 60,) * 2)
    assert Recording.load(tmp_path / "r") == old


def another_programs(folder: Path) -> None:
    (folder / "model.json").write_text(json.dumps({"modelTopology": {}, "weightsManifest": []}))


def weights_alone(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"of another program")


@pytest.mark.parametrize(("make", "named"), [(another_programs, "model.json"), (weights_alone, "model.safetensors")])
def test_a_model_is_not_written_over_another_programs(small_model, tmp_path, make, named):
    make(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(OccupiedError, match=rf"holds '{named}' that Gatescope did not write"):
        model_files.save(small_model, tmp_path)
    for command, arguments in (
        (train_command, ["adding", "--option", "length=5", "--steps", "4", "--batch", "4", "--hidden", "3"]),
        (retrain_command, ["temporal_order"]),
    ):
        ended = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path)])
        assert ended.exit_code == 1
        assert "did not write, which would be lost" in ended.output
    assert contents(tmp_path) == before


def test_a_model_goes_beside_other_files_and_over_an_earlier_one(small_model, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    model_files.save(small_model, tmp_path)
    small_model.initialize(9)
    model_files.save(small_model, tmp_path)
    assert model_files.load(tmp_path, device="cpu").digest == small_model.digest
    assert set(contents(tmp_path)) == {"notes.txt", "model.json", "model.safetensors"}
    with pytest.raises(OccupiedError, match="is a file, but a model is a folder"):
        model_files.save(small_model, tmp_path / "notes.txt")


@pytest.mark.parametrize("moment", range(1, 4))
def test_a_models_save_that_is_cut_off_leaves_the_old_one_or_the_new(small_model, tmp_path, monkeypatch, moment):
    model_files.save(small_model, tmp_path)
    old = model_files.load(tmp_path, device="cpu").digest
    small_model.initialize(9)
    left, replace = [moment], Path.replace

    def stops(path: Path, target: Path) -> Path:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", stops)
    with pytest.raises(KeyboardInterrupt):
        model_files.save(small_model, tmp_path)
    monkeypatch.undo()
    found = model_files.load(tmp_path, device="cpu").digest
    assert found == (small_model.digest if moment == 3 else old)
    model_files.save(small_model, tmp_path)
    assert model_files.load(tmp_path, device="cpu").digest == small_model.digest


def test_a_time_lapse_is_not_written_over_other_files(small_model, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "000000004.safetensors").write_bytes(b"mine")
    with pytest.raises(OccupiedError, match="is not a training checkpoint"):
        training_checkpoints.save_checkpoint(tmp_path, small_model, 4, loss=1.0, score=1.0)
    training_checkpoints.save_checkpoint(tmp_path, small_model, 2, loss=1.0, score=1.0)
    with pytest.raises(OccupiedError, match=r"holds 'checkpoints/000000004\.safetensors'"):
        training_checkpoints.clear(tmp_path)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2


@pytest.mark.parametrize("name", ["checkpoints/best.pt", "README.md", ".pool/notes.txt"])
def test_a_model_of_the_zoo_is_not_trained_into_a_folder_of_other_things(tmp_path, name):
    mine = tmp_path / "project" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    ended = CliRunner().invoke(retrain_command, ["adding", "--out", str(tmp_path / "project")])
    assert ended.exit_code == 1
    assert f"holds '{name}', which would be lost" in ended.output
    assert contents(tmp_path / "project") == {name: b"mine"}


def test_a_finished_model_is_not_trained_over(tmp_path):
    task, settings = Adding(length=5), Settings(steps=2, batch=4)
    model = initial_model(task.config(Size(hidden=3)), Initial.of(task, settings))
    list(train(model, task, settings, folder=tmp_path))
    model_files.save(model, tmp_path)
    (tmp_path / RESUME).unlink()
    before = contents(tmp_path)
    with pytest.raises(OccupiedError, match="holds a trained model, whose checkpoints would be lost"):
        list(train(model, task, settings, folder=tmp_path))
    ended = CliRunner().invoke(retrain_command, ["adding", "--out", str(tmp_path)])
    assert "already holds a model: choose another --out" in ended.output
    assert contents(tmp_path) == before


def test_a_folder_that_holds_no_run_is_left_as_it_is(tmp_path):
    (tmp_path / "lock").write_text("mine")
    (tmp_path / "status.json").write_text("mine too")
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="holds no run"):
        work(tmp_path)
    with Folder(tmp_path).locked():
        assert contents(tmp_path) == before


def test_only_runs_are_swept_away(tmp_path):
    folder = Folder.create(tmp_path / "run", REQUEST, None)
    (tmp_path / "mine").mkdir()
    for name in ("request.json", "status.json"):
        (tmp_path / "mine" / name).write_text('{"url": "http://example.org", "answer": 42}')
    old = time.time() - (DAYS_KEPT + 1) * 86_400
    for one in (folder.path, tmp_path / "mine"):
        os.utime(one / "status.json", (old, old))
    sweep(tmp_path, spare=())
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


def test_a_run_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("lstm_core.runs.folder.write_text", lambda *_: write_text(Path("/proc/no"), ""))
    with pytest.raises(OSError, match="/proc/no"):
        Folder.create(tmp_path / "run", Request("text", Size(), Settings(), file="a.txt"), b"text")
    assert not list(tmp_path.iterdir())


def test_a_kept_model_replaces_nothing_and_can_be_read_by_others(small_model, tmp_path):
    folder = Folder(tmp_path / "run")
    model_files.save(small_model, folder.path)
    training_checkpoints.save_checkpoint(folder.path, small_model, 0, loss=1.0, score=1.0)
    keep_model(folder, tmp_path / "models" / "mine", "mine")
    assert model_files.load(tmp_path / "models" / "mine", device="cpu").card.name == "mine"
    assert (tmp_path / "models" / "mine").stat().st_mode & 0o777 == tmp_path.joinpath("run").stat().st_mode & 0o777
    (tmp_path / "models" / "notes").mkdir()
    (tmp_path / "models" / "notes" / "a.txt").write_text("mine")
    (tmp_path / "models" / "file").write_text("mine")
    before = contents(tmp_path / "models")
    for name in ("mine", "notes", "file"):
        with pytest.raises(ValueError, match=f"a model called '{name}' already exists"):
            keep_model(folder, tmp_path / "models" / name, name)
    assert contents(tmp_path / "models") == before


def test_pictures_and_cases_are_not_written_over_other_files(tmp_path):
    from docs.screenshots import check_free, main
    from tests.fuzz.run import main as fuzz

    (tmp_path / "step-plain-1280-dark.png").write_bytes(b"an earlier one")
    check_free(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    ended = CliRunner().invoke(main, ["http://localhost:1", "--all", str(tmp_path)])
    assert "holds 'notes.txt': choose an empty or a new folder" in ended.output
    ended = CliRunner().invoke(fuzz, ["onnx", "--replay", "1", "--keep", str(tmp_path / "notes.txt")])
    assert "is there already, and would be lost" in ended.output
    assert (tmp_path / "notes.txt").read_text() == "mine"
