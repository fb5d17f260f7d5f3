"""A static site: an index and a page for each model; a folder of anything else is not touched."""

import pytest

import pretrained
from lstm_core import model_files
from lstm_core.saving import OccupiedError
from tests.support import odd_models
from tests.viz.live.test_one_file import Elements, given
from viz.live.limit import LIMIT
from viz.live.pair import TooLargeError
from viz.live.site import MARK, write_site


def test_a_site_has_an_index_and_a_page_for_each_model(tmp_path):
    folder = tmp_path / "site"
    assert list(write_site(folder, ["anbn", "brackets", "anbn"])) == ["anbn: anbn.html", "brackets: brackets.html"]
    assert {path.name for path in folder.iterdir()} == {"index.html", "anbn.html", "brackets.html", MARK}
    index = Elements((folder / "index.html").read_text(encoding="utf-8"))
    assert [(attributes["href"], text.strip()) for attributes, text in index.of("a")] == [
        ("anbn.html", "As many b's as a's"),
        ("brackets.html", "Nested brackets"),
    ]
    assert not index.of("script")
    page = given((folder / "brackets.html").read_text(encoding="utf-8"))
    assert page["site"]
    assert [one["name"] for one in page["view"]["models"]] == ["brackets", "brackets (untrained)"]


def test_a_site_replaces_a_site_and_nothing_else(tmp_path):
    folder = tmp_path / "site"
    list(write_site(folder, ["anbn"]))
    list(write_site(folder, ["brackets"]))
    assert {path.name for path in folder.iterdir()} == {"index.html", "brackets.html", MARK}
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(OccupiedError, match=r"holds 'thesis.txt', which would be lost"):
        list(write_site(folder, ["anbn"]))
    assert (folder / "brackets.html").is_file()
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("mine")
    with pytest.raises(OccupiedError, match=r"holds 'index.html', which would be lost"):
        list(write_site(other, ["anbn"]))


def test_ones_own_models_are_in_it_and_those_that_cannot_be_shown_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pretrained, "zoo", list)
    for name in ("My model.", "my-model", "index", "big"):
        model_files.save(odd_models.model("gru"), tmp_path / "home" / "models" / name.rstrip("."))
    (tmp_path / "home" / "models" / "big" / model_files.WEIGHTS).write_bytes(b"broken")
    lines = list(write_site(tmp_path / "site"))
    assert sorted(line for line in lines if "left out" not in line) == [
        "My model: my-model.html",
        "index: index-2.html",
        "my-model: my-model-2.html",
    ]
    [left] = [line for line in lines if "left out" in line]
    assert left.startswith("big is left out: ")
    monkeypatch.setenv(LIMIT, "0")
    with pytest.raises(TooLargeError):
        list(write_site(tmp_path / "other", ["index"]))
    assert not (tmp_path / "other").exists()
