"""Which of the files that were dropped, together or one after the other, is the model that is meant."""

from dataclasses import dataclass

import pytest

from lstm_core.importers import UnreadableFile
from viz.import_model import reading
from viz.import_model.controls import FOUND
from viz.import_model.dropped import batches, common_name, meant
from viz.shared.imported_models import title_of

INDEX, DATA, META = "ck.index", "ck.data-00000-of-00001", "ck.meta"


@dataclass(frozen=True)
class File:
    name: str
    file_id: str
    content: bytes = b""

    def getvalue(self) -> bytes:
        return self.content


def names(*dropped: tuple[str, ...]) -> list[str]:
    """What is meant after these were dropped, those of a tuple together."""
    listed: list[File] = []
    before: list[list[str]] = []
    for batch in dropped:
        listed += [File(name, str(len(listed) + number)) for number, name in enumerate(batch)]
        before = batches(before, listed)
    return [one.name for one in meant(listed, before)]


@pytest.mark.parametrize(
    ("dropped", "wanted"),
    [
        ([("a.pt",)], ["a.pt"]),
        ([("a.pt",), ("b.h5",)], ["b.h5"]),
        ([("b.h5",), ("model.json",)], ["b.h5", "model.json"]),
        ([("model.json",), ("a.pt",), ("b.H5",)], ["model.json", "b.H5"]),
        ([("a.h5",), ("b.hdf5",), ("model.json",)], ["b.hdf5", "model.json"]),
        ([("model.json",)], ["model.json"]),
        ([("b.h5", "model.json")], ["b.h5", "model.json"]),
        ([("a.pt", "b.pt")], ["a.pt", "b.pt"]),  # a sentence says that these are two
        ([("a.pt",), ("Scaler_x.pkl",)], ["a.pt", "Scaler_x.pkl"]),
        ([("a.pt",), ("model.pkl",)], ["model.pkl"]),
        ([("a.pt", "b.pt"), ("scaler.pkl",)], ["scaler.pkl"]),
        ([("a.npz", "x.joblib", "y.joblib")], ["a.npz", "x.joblib", "y.joblib"]),
        ([(INDEX, DATA)], [INDEX, DATA]),
        ([(INDEX,), (DATA,), (META,)], [INDEX, DATA, META]),
        ([(INDEX, DATA), ("a.pt",)], ["a.pt"]),
        ([("a.pt",), (INDEX, DATA)], [INDEX, DATA]),
        ([(INDEX, DATA), ("other.index",)], ["other.index"]),
        ([(INDEX, DATA, META), (INDEX, DATA)], [INDEX, DATA, META]),
        ([("checkpoint", INDEX, DATA)], ["checkpoint", INDEX, DATA]),
        (
            [("saved_model.pb", "keras_metadata.pb"), ("variables.index", "variables.data-00000-of-00001")],
            ["saved_model.pb", "keras_metadata.pb", "variables.index", "variables.data-00000-of-00001"],
        ),
        ([], []),
    ],
)
def test_the_newest_file_is_meant_or_the_model_of_which_it_is_a_part(dropped, wanted):
    assert names(*dropped) == wanted


def test_a_file_that_is_taken_back_leaves_the_one_before():
    first, second = File("a.pt", "1"), File("b.pt", "2")
    before = batches(batches([], [first]), [first, second])
    assert before == [["1"], ["2"]]
    assert meant([first], batches(before, [first])) == [first]
    assert batches(before, []) == []


def test_a_model_in_several_files_has_the_name_of_its_index():
    assert common_name([DATA, INDEX, META]) == INDEX
    assert title_of(common_name([DATA, INDEX, META])) == "ck"
    assert title_of(common_name(["variables.index", "saved_model.pb"])) == "saved_model"
    assert common_name(["a.pt"]) == "a.pt"


def test_all_parts_are_read_at_once_and_only_once(monkeypatch):
    asked = []

    def read(files, name):
        asked.append((dict(files), name))
        raise UnreadableFile("no")

    monkeypatch.setattr(reading, "read_sandboxed", read)
    monkeypatch.setattr(reading.st, "session_state", {})
    given = [File(DATA, "1", b"data"), File(INDEX, "2", b"index")]
    reading.read(given)
    reading.read(given[::-1])
    assert asked == [({DATA: b"data", INDEX: b"index"}, INDEX)]
    assert reading.st.session_state[FOUND][1:] == (INDEX, "no")
    reading.read([File(DATA, "1", b"other"), given[1]])
    assert len(asked) == 2
