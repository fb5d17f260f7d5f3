"""A model and itself before training, for pages and notebooks; those that are too large are refused in a sentence."""

import pytest

import pretrained
from lstm_core.model_files import weights_as_bytes
from tests.support import odd_models
from viz.live.limit import LIMIT, fits, megabytes
from viz.live.options import defaults
from viz.live.pair import Pair, TooLargeError, pair_of
from viz.shared.unit_lines import line_in_words


def test_a_name_stands_for_a_model_and_itself_before_training():
    pair = pair_of("anbn")
    view = pair.view(pair.options(), [])
    assert [one["name"] for one in view["models"]] == ["anbn", "anbn (untrained)"]
    before = pretrained.untrained("anbn", device="cpu")
    assert pair.weights()[before.digest] == weights_as_bytes(before)
    assert [one["weights"] for one in view["models"]] == list(pair.weights())


def test_units_come_with_their_lines_where_there_are_cards_of_these_very_weights():
    pair = pair_of("anbn")
    cards = pretrained.units("anbn")["cards"]
    known = {card["unit"]: line_in_words(card["line"], "characters") for card in cards}
    assert "nothing found" in known.values()
    lines = pair.view(pair.options(), [])["lines"]
    assert lines == {"layer0": {unit: line for unit, line in known.items() if line != "nothing found"}}
    assert lines["layer0"]
    other = Pair("anbn", odd_models.model("gru"))
    assert other.view(other.options("a"), [])["lines"] == {}


def test_a_model_itself_stands_alone_unless_it_is_one_of_ours():
    assert pair_of(odd_models.model("gru")).untrained is None
    known = pair_of(pretrained.load("anbn", device="cpu"))
    assert known.name == "anbn"
    assert known.untrained is not None


def test_options_are_the_usual_ones_and_what_is_chosen():
    pair = pair_of("anbn")
    first = next(iter(pair.model.card.examples.values()))
    assert pair.options() == defaults() | {"text": first}
    assert pair.options("SabT", unit=3) == defaults() | {"text": "SabT", "unit": 3}
    with pytest.raises(ValueError, match="unknown options colour: a view has text, layer"):
        pair.options(colour="red")


def test_a_model_that_is_too_large_is_refused_in_a_sentence(monkeypatch):
    model = pretrained.load("brackets", device="cpu")
    monkeypatch.setenv(LIMIT, "0.02")
    assert not fits(model)
    with pytest.raises(TooLargeError, match=r"^brackets has 0\.0 MB of weights, but a page holds at most 0\.02 MB\."):
        Pair("brackets", model)
    monkeypatch.setenv(LIMIT, str(megabytes(model)))
    assert fits(model)


def test_a_name_that_there_is_not_is_a_key_error():
    with pytest.raises(KeyError, match="there is no model 'nobody'"):
        pair_of("nobody")
