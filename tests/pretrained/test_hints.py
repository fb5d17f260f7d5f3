"""What readers are told to look for in a model of the zoo is there, to the last digit that is printed."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

import pretrained
from lstm_core import SequenceModel, model_files
from lstm_core.training import Initial, initial_model
from pretrained import cards
from pretrained.hints import HINTS, OF_AN_RNN, agrees
from pretrained.recipes import RECIPES


@pytest.mark.parametrize(
    ("name", "printed", "right", "wrong"),
    [
        ("mean", "0.25", (0.2451, 0.2549), (0.244, 0.256)),
        ("fall", "7.5", (7.46, 7.54), (7.4, 7.6)),
        ("above_kept", "0.92", (0.9201, 0.929), (0.919, 0.931)),
        ("below_off", "0.005", (0.0041, 0.0049), (0.0038, 0.0053)),
        ("cell", "-2.30", (-2.2996,), (2.3, -2.31)),
    ],
)
def test_a_figure_agrees_with_what_rounds_to_it_and_a_bound_with_what_lies_just_inside(name, printed, right, wrong):
    assert all(agrees(name, printed, value) for value in right)
    assert not any(agrees(name, printed, value) for value in wrong)


@pytest.mark.parametrize("name", HINTS)
def test_every_figure_of_a_hint_is_measured_on_its_model(name):
    hint = HINTS[name]
    assert set(hint.figures) == set(re.findall(r"\{(\w+)\}", hint.words))
    assert hint.wrong(pretrained.load(name, device="cpu")) == {}


@pytest.mark.parametrize("name", pretrained.zoo())
def test_the_card_has_the_hint_and_the_unit_that_it_names_first(name):
    model, hint = pretrained.load(name, device="cpu"), HINTS[name]
    assert (model.card.look_for, model.card.unit) == (hint.text, hint.unit)
    first = re.search(r"[Uu]nits? (\d+)", hint.text)
    assert first is not None
    assert int(first.group(1)) == hint.unit < model.config.hidden


@pytest.mark.parametrize("name", pretrained.rnn_baselines())
def test_the_card_of_an_rnn_speaks_of_no_gate_that_it_has_not(name):
    baseline = pretrained.rnn_baseline(name, device="cpu")
    assert (baseline.card.look_for, baseline.card.unit) == (OF_AN_RNN, None)
    assert (pretrained.folder_of(name) / "rnn" / "README.md").read_text(encoding="utf-8") == cards.card_text(baseline)


def test_there_is_a_hint_for_each_recipe():
    assert set(HINTS) == set(RECIPES) == set(pretrained.zoo())


def fresh(name: str) -> SequenceModel:
    """The model with the card it has and weights as training begins from; to the bit only on processors like the one it was trained on."""
    model = pretrained.load(name, device="cpu")
    before = initial_model(model.config, Initial.from_json(model.card.training["initial"]))
    before.card = model.card
    return before.eval()


def test_no_hint_holds_before_training():
    """Figures that any weights have would say nothing of what was learnt."""
    for name, hint in HINTS.items():
        assert hint.wrong(fresh(name)), name


def test_writing_the_hints_again_changes_no_card_and_no_weights(tmp_path):
    for folder in ("anbn/rnn", "brackets"):
        source, copy = pretrained.FOLDER / folder, tmp_path / folder
        shutil.copytree(source, copy)
        described = json.loads((source / model_files.CONFIG).read_text(encoding="utf-8"))
        cards.give_hint(copy, described["card"]["look_for"], described["card"].get("unit"))
        for file in (model_files.CONFIG, model_files.WEIGHTS, "README.md"):
            assert (copy / file).read_bytes() == (source / file).read_bytes()


def test_a_hint_that_does_not_hold_is_not_written(monkeypatch):
    monkeypatch.setattr(cards, "zoo", lambda: ["anbn"])
    monkeypatch.setattr(cards, "load", lambda name, device: fresh(name))  # noqa: ARG005 (named as its caller names it)
    monkeypatch.setattr(cards, "give_hint", lambda *_: pytest.fail("it was written"))
    result = CliRunner().invoke(cards.main)
    assert result.exit_code == 1
    assert "the hint of anbn does not hold: below_off is" in result.output
