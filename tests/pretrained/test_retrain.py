"""`python -m pretrained NAME`: recipes, pools, and files that will not do."""

import math
import re

import pytest
from click.testing import CliRunner

from lstm_core import model_files, training_checkpoints
from lstm_core.settings import Settings
from lstm_core.tasks import Size, make_task
from pretrained import recipes
from pretrained.__main__ import main
from pretrained.recipes import Recipe
from pretrained.retrain import best_of


@pytest.fixture
def small(monkeypatch):
    """Recipes that are followed in a second."""
    settings = Settings(steps=6, batch=4, seed=3)
    monkeypatch.setitem(
        recipes.RECIPES,
        "shakespeare",
        Recipe("text", {"alphabet": "a b"}, Size(6, 1, 4), settings, file="a file", half=True, checkpoints=(2, 6)),
    )
    monkeypatch.setitem(
        recipes.RECIPES, "temporal_order", Recipe("temporal_order", {"length": 20}, Size(4), settings, pool=3)
    )


@pytest.mark.usefixtures("small")
def test_the_command_trains_saves_keeps_the_points_asked_for_and_shows_the_score(tmp_path):
    (tmp_path / "text.txt").write_text("to be or not to be, that is the question\n" * 60)
    arguments = ["shakespeare", "--data", str(tmp_path / "text.txt"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    model = model_files.load(tmp_path / "out", device="cpu")
    assert model.card.evaluation["score"] < model.card.evaluation["untrained"]
    assert f"{model.card.evaluation['score'] / math.log(2):.7g} bits per character" in result.output
    checkpoints = training_checkpoints.checkpoints(tmp_path / "out")
    assert [(checkpoint.step, checkpoint.exact) for checkpoint in checkpoints] == [(2, False), (6, False)]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "README.md", "model.json", "model.safetensors", "checkpoints",
    }  # fmt: skip


@pytest.mark.usefixtures("small")
def test_of_a_pool_the_best_is_taken_and_the_card_tells_the_spread(tmp_path):
    result = CliRunner().invoke(main, ["temporal_order", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    model = model_files.load(tmp_path, device="cpu")
    told = str(model.card.training["pool"])
    assert told.startswith("3 nets from 3 seeds")
    chosen = int(told.split("net ")[1].split(".")[0])
    assert model.card.training["initial"]["seed"] == 3 + chosen - 1
    least, most = re.search(r"the pool ranges from (\S+) to (\S+),", told).groups()
    assert float(least) <= model.card.evaluation["score"] <= float(most)
    assert told in (tmp_path / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("arguments", "content", "message"),
    [
        (["shakespeare"], None, "needs --data, the file found at a file"),
        (["shakespeare"], b"\xff\x81\xfe" * 900, "not UTF-8 text"),
        (["shakespeare"], b"\x00\x01" * 900, "not a text file"),
        (["shakespeare"], b"short", "5 characters: give at least 20,"),
        (["temporal_order"], b"any", "makes up its own sequences: leave out --data"),
    ],
)
def test_a_file_that_will_not_do_is_refused_in_a_sentence(tmp_path, arguments, content, message):
    if content is not None:
        (tmp_path / "file").write_bytes(content)
        arguments = [*arguments, "--data", str(tmp_path / "file")]
    result = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("scores", "best"),
    [([0.5, 0.9, 0.9], 1), ([math.nan, 0.2, 0.1], 1), ([0.2, math.nan, 0.3], 2), ([math.nan, math.nan], 0)],
)
def test_the_best_of_a_pool_is_a_number_where_there_is_one(scores, best):
    assert best_of(make_task("reber"), scores) == best  # higher is better
    assert best_of(make_task("adding"), [-score for score in scores]) == best
