import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import pretrained
from pretrained import recipes
from pretrained.__main__ import main


def test_shakespeare_is_in_the_zoo_with_its_score_in_the_json_and_on_the_card():
    assert "shakespeare" in pretrained.names()
    model = pretrained.load("shakespeare", device="cpu")
    assert (model.config.layers, model.config.hidden, model.config.bidirectional) == (1, 256, False)
    assert not model.training
    folder = Path(pretrained.__file__).parent / "shakespeare"
    score = json.loads((folder / "model.json").read_text())["card"]["evaluation"]["nats_per_character"]
    assert score == model.card.evaluation["nats_per_character"] <= 1.56
    assert f"{score:.4f}" in (folder / "README.md").read_text()


def test_the_untrained_model_is_what_training_began_from_to_the_bit():
    trained, untrained = pretrained.load("shakespeare", device="cpu"), pretrained.untrained("shakespeare", device="cpu")
    assert untrained.digest == trained.card.training["untrained_digest"]
    assert untrained.digest == pretrained.untrained("shakespeare", device="cpu").digest
    assert untrained.config == trained.config
    assert not torch.equal(untrained.lstm.weight_hh_l0, trained.lstm.weight_hh_l0)


def test_a_recipe_that_changed_is_noticed(monkeypatch):
    recipe = recipes.RECIPES["shakespeare"]
    changed = replace(recipe, settings=replace(recipe.settings, seed=recipe.settings.seed + 1))
    monkeypatch.setitem(recipes.RECIPES, "shakespeare", changed)
    with pytest.raises(RuntimeError, match="not those its training began from"):
        pretrained.untrained("shakespeare")


def test_the_trained_model_has_learnt_english():
    """On a passage that no play holds, it needs far fewer nats than before training."""
    from lstm_core.training import evaluate

    text = "KING:\nI would the night were longer, gentle friend,\nFor in the dark we may forget our age.\n"
    scores = {}
    for model in (pretrained.load("shakespeare", device="cpu"), pretrained.untrained("shakespeare", device="cpu")):
        scores[model.digest] = evaluate(model, model.encode(text).ids)
    trained, untrained = scores.values()
    assert trained < 2.0 < 4.0 < untrained


def test_an_unknown_name_names_the_models_there_are():
    with pytest.raises(KeyError, match=r"no model is called 'nobody'; there are: .*shakespeare"):
        pretrained.load("nobody")


@pytest.fixture
def tiny(monkeypatch):
    """A recipe that is trained in a second."""
    recipe = recipes.RECIPES["shakespeare"]
    small = replace(
        recipe,
        config=replace(recipe.config, hidden=12, embedding=6),
        settings=replace(recipe.settings, epochs=2, batch=4, window=16),
    )
    monkeypatch.setitem(recipes.RECIPES, "shakespeare", small)


@pytest.mark.usefixtures("tiny")
def test_the_command_trains_saves_and_shows_the_score(tmp_path):
    from lstm_core import checkpoint

    (tmp_path / "text.txt").write_text("to be or not to be, that is the question\n" * 40)
    arguments = ["shakespeare", "--data", str(tmp_path / "text.txt"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    model = checkpoint.load(tmp_path / "out", device="cpu")
    evaluation = model.card.evaluation
    assert evaluation["nats_per_character"] < evaluation["untrained_nats_per_character"]
    assert str(evaluation["nats_per_character"]) in result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "README.md",
        "model.json",
        "model.safetensors",
    ]


@pytest.mark.usefixtures("tiny")
def test_the_command_refuses_a_file_that_is_no_text(tmp_path):
    (tmp_path / "bytes.bin").write_bytes(b"\xff\xfe\x00\x81" * 100)
    result = CliRunner().invoke(
        main, ["shakespeare", "--data", str(tmp_path / "bytes.bin"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code != 0
    assert "not UTF-8 text" in result.output
