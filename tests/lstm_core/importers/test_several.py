"""A model in several files: which belong together, and which of several models is meant."""

import os

import numpy as np
import pytest

from lstm_core.importers import UnreadableFile, read_model, read_sandboxed
from lstm_core.importers.several import MAX_FILES, MAX_FOLDER_ENTRIES, check_together, named, pack
from tests.support import tensorflow_files as made

CELL = {"rnn/basic_rnn_cell/kernel": np.ones((5, 3), np.float32)}


def checkpoint(name: str, value: float = 1.0) -> dict[str, bytes]:
    return made.checkpoint({key: one * np.float32(value) for key, one in CELL.items()}, name)


def written(folder, files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def weight(found) -> float:
    return float(found.chains[0].weights["weight_ih_l0"][0, 0])


def test_what_belongs_to_no_model_is_not_packed(tmp_path):
    one, other = written(tmp_path, {"a.pt": b"x", "b.pt": b"y"})
    for read in (read_model, read_sandboxed):
        with pytest.raises(UnreadableFile, match=r"these 2 files \('a.pt', 'b.pt'\) are no parts of one model"):
            read([one, other])
        with pytest.raises(UnreadableFile, match="no file was given"):
            read([])
        with pytest.raises(UnreadableFile, match="holds no TensorFlow checkpoint or SavedModel"):
            read(tmp_path)
    with pytest.raises(UnreadableFile, match="is not a file"):
        read_sandboxed([one, tmp_path / "nowhere.index"])
    with pytest.raises(UnreadableFile, match=f"these are {MAX_FILES + 1} files"):
        check_together([f"{number}.data-00000-of-00001" for number in range(MAX_FILES + 1)])


def test_two_files_of_one_name_are_not_told_apart(tmp_path):
    files = [*written(tmp_path / "a", checkpoint("ck")), *written(tmp_path / "b", checkpoint("ck"))]
    with pytest.raises(UnreadableFile, match=r"two of these files are called 'ck.index'"):
        read_model(files)


@pytest.mark.parametrize("name", ["../../evil.index", "a/../../b.index", ""])
def test_a_name_that_leads_out_of_its_folder_is_not_read(name, tmp_path):
    with pytest.raises(UnreadableFile, match="leads out of its folder"):
        pack({name: b"x", "ck.data-00000-of-00001": b"y"}, tmp_path / "model")
    archive = made.zipped({**checkpoint("ck"), "../ck.meta": b"x"}, tmp_path / "it.zip")
    assert archive
    with pytest.raises(UnreadableFile, match="points outside its archive"):
        read_model(tmp_path / "it.zip")


def test_links_in_a_folder_are_not_followed(tmp_path):
    written(tmp_path / "elsewhere", {"secret.index": b"x"})
    written(tmp_path / "model", checkpoint("ck"))
    os.symlink(tmp_path / "elsewhere" / "secret.index", tmp_path / "model" / "secret.index")
    os.symlink(tmp_path / "elsewhere", tmp_path / "model" / "more")
    assert sorted(named([tmp_path / "model"])) == ["ck.data-00000-of-00001", "ck.index"]


def test_a_folder_of_very_many_files_is_not_searched(tmp_path):
    for number in range(MAX_FOLDER_ENTRIES + 1):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(UnreadableFile, match="holds more than 1,000 files"):
        read_model(tmp_path)


def test_of_several_checkpoints_the_newest_is_opened_and_named(tmp_path):
    files = checkpoint("ck-900", 2.0) | checkpoint("ck-1000", 3.0)
    made.zipped(files, tmp_path / "it.zip", folder="run/")
    found = read_model(tmp_path / "it.zip")
    assert weight(found) == 3
    assert found.notes == ("Of 2 checkpoints ('ck-900', 'ck-1000') the newest is opened, 'ck-1000'.",)


def test_what_tensorflow_wrote_down_as_the_newest_is(tmp_path):
    """With the path of the machine on which it was trained."""
    files = checkpoint("best", 2.0) | checkpoint("last-7", 3.0)
    listing = (
        b'model_checkpoint_path: "/home/someone/run/best"\nall_model_checkpoint_paths: "/home/someone/run/last-7"\n'
    )
    made.zipped({**files, "checkpoint": listing}, tmp_path / "it.zip")
    assert weight(read_model(tmp_path / "it.zip")) == 2
    made.zipped(files, tmp_path / "it.zip")
    with pytest.raises(UnreadableFile, match=r"holds 2 TensorFlow checkpoints \('best', 'last-7'\): choose"):
        read_model(tmp_path / "it.zip")


def test_what_macos_and_windows_do_to_archives_changes_nothing(tmp_path):
    files = {f"run\\{name}": content for name, content in checkpoint("ck").items()}
    stray = {f"__MACOSX/run/._{name}": b"x" for name in checkpoint("ck")}
    made.zipped({**files, **stray, "run/._ck.index": b"x"}, tmp_path / "it.zip")
    assert weight(read_model(tmp_path / "it.zip")) == 1


def test_all_data_files_of_a_checkpoint_in_shards_are_needed(tmp_path):
    files = made.checkpoint({"rnn/basic_rnn_cell/bias": np.ones(3, np.float32), **CELL}, "ck", shards=2)
    paths = written(tmp_path, files)
    assert weight(read_model(paths)) == 1
    with pytest.raises(UnreadableFile, match="in the data file number 2 of this checkpoint, which is missing"):
        read_model([path for path in paths if "data-00001" not in path.name])


def test_a_graph_beyond_the_limits_is_left_out_and_that_is_said(tmp_path):
    written(tmp_path, {**checkpoint("ck"), "ck.meta": bytes(8_100_000)})
    found = read_model(tmp_path)
    assert "Its graph has 8.1 MB, which is too much to be read" in found.notes[0]
    written(tmp_path, {"ck.meta": b"\xff" * 100})
    with pytest.raises(UnreadableFile, match=r"'ck.meta' is damaged"):
        read_model(tmp_path)
