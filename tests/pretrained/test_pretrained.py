"""The zoo: what each model reached, that its weights do reach it, and where it began."""

import json
import shutil

import pytest
import torch

import pretrained
from lstm_core import model_files
from lstm_core.tasks import make_task
from lstm_core.tasks.text import nats_per_token
from lstm_core.training_checkpoints import load_checkpoint
from pretrained.cards import card_text
from pretrained.recipes import RECIPES
from pretrained.table import table

# What each has to reach on held-out data, and whether more is better.
TARGETS = {
    "shakespeare": (1.56, False),
    "python": (1.3, False),  # no target was set: about what it reached
    "embedded_reber": (1.0, True),
    "anbn": (100, True),
    "anbncn": (28, True),
    "brackets": (0.93, True),
    "adding": (0.002, False),
    "temporal_order": (0.995, True),
    "sentiment": (0.80, True),
    "temperature": (4.75, False),
}
UNAIDED = [name for name, recipe in RECIPES.items() if not recipe.file and name != "python"]


def test_the_zoo_has_a_recipe_for_each_of_its_models():
    assert set(pretrained.zoo()) == set(TARGETS) == set(RECIPES)


@pytest.mark.parametrize(("name", "target"), TARGETS.items())
def test_a_model_reaches_its_target_and_its_card_says_what_its_json_says(name, target):
    model = pretrained.load(name, device="cpu")
    reached, (goal, more) = model.card.evaluation["score"], target
    assert reached >= goal if more else reached <= goal
    assert model.card.evaluation["higher_is_better"] == more
    assert (pretrained.folder_of(name) / "README.md").read_text(encoding="utf-8") == card_text(model)
    assert not model.training
    for example in model.card.examples.values():
        model.encode(example)


@pytest.mark.parametrize("name", UNAIDED)
def test_the_weights_do_reach_the_score_on_the_card(name):
    model, recipe = pretrained.load(name, device="cpu"), RECIPES[name]
    score = make_task(recipe.task, options=dict(recipe.options)).test(model)
    assert score.value == pytest.approx(model.card.evaluation["score"], abs=1e-6)  # as it is rounded
    assert score.measure == model.card.evaluation["measure"]


def test_brackets_in_distribution_are_nearly_all_right():
    (share,) = pretrained.load("brackets", device="cpu").card.evaluation["others"].values()
    assert share >= 0.995


@pytest.mark.parametrize("name", TARGETS)
def test_the_untrained_model_is_what_training_began_from_to_the_bit(name):
    trained, untrained = pretrained.load(name, device="cpu"), pretrained.untrained(name, device="cpu")
    assert untrained.digest == trained.card.training["untrained_digest"]
    assert untrained.config == trained.config
    assert not torch.equal(untrained.lstm.weight_hh_l0, trained.lstm.weight_hh_l0)


@pytest.mark.parametrize("name", TARGETS)
def test_the_time_lapse_is_small_in_order_and_on_the_way_from_untrained_to_trained(name):
    checkpoints, model = pretrained.checkpoints(name), pretrained.load(name, device="cpu")
    assert sum(checkpoint.path.stat().st_size for checkpoint in checkpoints) <= 3_000_000
    assert [checkpoint.step for checkpoint in checkpoints] == sorted({checkpoint.step for checkpoint in checkpoints})
    assert checkpoints[-1].step <= model.card.training["steps"]
    first, last = model.card.training["losses"]
    assert last < first
    assert load_checkpoint(checkpoints[0], model.config).config == model.config
    if checkpoints[-1].step == model.card.training["steps"]:
        assert checkpoints[-1].loss == pytest.approx(last, rel=1e-3, abs=1e-6)
    if checkpoints[0].step == 0:
        assert checkpoints[0].loss == pytest.approx(first, rel=1e-6)
        assert load_checkpoint(checkpoints[0], model.config).digest == model.card.training["untrained_digest"]


def test_the_whole_zoo_is_small():
    sizes = [path.stat().st_size for path in pretrained.FOLDER.rglob("*") if path.is_file()]
    assert sum(sizes) <= 25_000_000


def test_weights_that_cannot_be_rebuilt_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path))
    folder = tmp_path / "models" / "mine"
    shutil.copytree(pretrained.folder_of("anbn"), folder)
    assert pretrained.untrained("mine", device="cpu").digest == pretrained.untrained("anbn", device="cpu").digest
    described = json.loads((folder / model_files.CONFIG).read_text(encoding="utf-8"))
    described["card"]["training"]["initial"]["seed"] += 1
    (folder / model_files.CONFIG).write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(RuntimeError, match="not those its training began from"):
        pretrained.untrained("mine", device="cpu")


def test_shakespeare_has_learnt_english():
    """On a passage that no play holds, it needs far fewer nats than before training."""
    text = "KING:\nI would the night were longer, gentle friend,\nFor in the dark we may forget our age.\n"
    trained, untrained = (
        nats_per_token(model, model.encode(text).ids)
        for model in (
            pretrained.load("shakespeare", device="cpu"),
            pretrained.untrained("shakespeare", device="cpu"),
        )
    )
    assert trained < 2.0 < 4.0 < untrained


def test_the_table_of_the_docs_is_that_of_the_cards():
    assert table() in (pretrained.FOLDER.parent / "docs" / "models.md").read_text(encoding="utf-8")


def test_an_unknown_name_names_the_models_there_are():
    with pytest.raises(KeyError, match=r"there is no model 'nobody'; the models are: .*shakespeare"):
        pretrained.load("nobody")
