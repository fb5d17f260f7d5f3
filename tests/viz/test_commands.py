"""`gatescope export`, `gatescope site` and `gatescope corpus`, and that everything else starts the app."""

import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from streamlit.web import cli

from lstm_core.corpus import open_corpus
from tests.support.tensorflow_files import unzipped
from tests.viz.live.test_one_file import given
from viz import launch
from viz.commands import commands
from viz.live.limit import LIMIT

MADE = Path(__file__).parents[1] / "data" / "tensorflow"


@pytest.fixture(autouse=True)
def from_the_server() -> None:
    """Nothing is drawn by the server here."""


def run(*arguments: str):
    return CliRunner().invoke(commands, arguments)


def test_export_writes_one_file_and_prints_where(tmp_path):
    target = tmp_path / "page.html"
    found = run("export", "--model", "anbn", "--text", "SaabbT", "--unit", "3", "-o", str(target), "--embed")
    assert found.exit_code == 0, found.output
    size, frame = found.output.splitlines()
    assert size == f"{target}: {target.stat().st_size / 1e6:.2f} MB"
    assert frame.startswith('<iframe src="page.html#embed" title="As many b&#x27;s as a&#x27;s" ')
    options = given(target.read_text(encoding="utf-8"))["view"]["options"]
    assert (options["text"], options["unit"], options["step"]) == ("SaabbT", 3, None)
    assert run("export", "--model", "anbn", "-o", str(target)).exit_code == 0, "a page of ours is written again"


def test_a_file_of_another_framework_is_a_model_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state = {
        "lstm.weight_ih_l0": torch.ones(16, 2),
        "lstm.weight_hh_l0": torch.ones(16, 4),
        "e.weight": torch.ones(2, 2),
    }
    torch.save({"state_dict": state, "stoi": {"a": 0, "b": 1}}, "mine.pt")
    found = run("export", "--model", "mine.pt", "--text", "abba")
    assert found.exit_code == 0, found.output
    models = given((tmp_path / "mine.html").read_text(encoding="utf-8"))["view"]["models"]
    assert [one["name"] for one in models] == ["mine", "mine (untrained)"]


def test_a_model_in_several_files_is_given_file_by_file_or_as_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = unzipped(MADE / "basic_static.zip", tmp_path)
    given_files = [f"--model={folder.name}/model.ckpt.{part}" for part in ("data-00000-of-00001", "index", "meta")]
    found = run("export", *given_files, "--text", "3 1 4")
    assert found.exit_code == 0, found.output
    models = given((tmp_path / "model-ckpt.html").read_text(encoding="utf-8"))["view"]["models"]
    assert [one["name"] for one in models] == ["model.ckpt", "model.ckpt (untrained)"]
    monkeypatch.setattr("viz.commands.read_sandboxed", lambda paths, name: pytest.fail(f"{name}: {paths}"))
    with pytest.raises(pytest.fail.Exception, match=r"basic_static: \[.*basic_static"):
        CliRunner().invoke(commands, ["export", "--model", folder.name], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--model", "nobody"), "Error: there is no model 'nobody'; the models are: "),
        (("--model", "broken.pt"), "Error: "),
        (("--model", "anbn", "-o", "thesis.html"), "Error: thesis.html is not a page that Gatescope made"),
        (("--model", "brackets"), "Error: brackets has 0.0 MB of weights, but a page holds at most 0.01 MB."),
        (("--model", "anbn", "-o", "nowhere/page.html"), "Error: "),
    ],
)
def test_what_goes_wrong_is_one_sentence(arguments, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(LIMIT, "0.01")
    (tmp_path / "thesis.html").write_text("<p>mine")
    (tmp_path / "broken.pt").write_bytes(b"nothing")
    found = run("export", *arguments)
    assert found.exit_code == 1
    assert found.output.startswith(sentence)
    assert len(found.output.splitlines()) == 1
    assert (tmp_path / "thesis.html").read_text() == "<p>mine"


def test_site_writes_a_folder(tmp_path):
    folder = tmp_path / "site"
    found = run("site", str(folder), "--models", "anbn", "--models", "brackets")
    assert found.exit_code == 0, found.output
    assert found.output.splitlines()[-1] == f"The site is in {folder}: open {folder / 'index.html'}"
    assert (folder / "brackets.html").is_file()
    (folder / "mine.txt").touch()
    again = run("site", str(folder))
    assert again.exit_code == 1
    assert "holds 'mine.txt'" in again.output


def test_a_command_of_ours_starts_no_server(monkeypatch, capsys):
    monkeypatch.setattr(cli, "main", lambda: pytest.fail("a server was started"))
    monkeypatch.setattr(launch, "load", lambda: pytest.fail("the pages were loaded"))
    monkeypatch.setattr(sys, "argv", ["gatescope", "export", "--help"])
    with pytest.raises(SystemExit) as ended:
        launch.main()
    assert ended.value.code == 0
    assert "Write one HTML file" in capsys.readouterr().out


def test_help_names_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(cli, "main", lambda: None)
    monkeypatch.setattr(sys, "argv", ["gatescope", "--help"])
    with pytest.raises(SystemExit):
        launch.main()
    assert capsys.readouterr().out.startswith("gatescope export --help and gatescope site --help")


def test_corpus_records_a_folder_of_texts_and_says_what_is_wrong(tmp_path):
    (tmp_path / "texts").mkdir()
    for name, text in (("one", "SaabbT"), ("two", "SabT")):
        (tmp_path / "texts" / f"{name}.txt").write_text(text, encoding="utf-8")
    target = tmp_path / "corpus"
    asked = ["corpus", "anbn", str(tmp_path / "texts"), "-o", str(target)]
    assert run(*asked).stdout.splitlines()[-1] == f"{target}: 10 steps of 2 documents, 5 units"
    again = run(*asked, "--signal", "input")
    assert (again.exit_code, "holds another corpus" in again.output) == (1, True)
    assert open_corpus(target).cell.shape == (10, 5)
