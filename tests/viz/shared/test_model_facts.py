"""Titles, scores and licences of the shipped models equal their cards and docs/models.md."""

import re
from pathlib import Path

import pytest

import pretrained
from lstm_core import Card
from lstm_core.bits import measure_in_bits
from lstm_core.model_files import read_description
from viz.shared import model_facts
from viz.shared.model_facts import (
    FACTS,
    GROUPS,
    SAID,
    group_of,
    grouped,
    in_a_menu,
    peers_in_words,
    score_in_words,
    title_of,
    titles_beside,
    titles_of,
)

TABLE = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in TABLE.splitlines()
    if (cells := re.findall(r"(?<=\| )(?:\[(?=\w+\]))?([^|]*?)(?:\]\([^)]*\))? (?=\|)", line)) and cells[0] in FACTS
}


def card_of(name: str) -> Card:
    return read_description(pretrained.folder_of(name))[1]


def rnn_of(name: str) -> Card:
    return read_description(pretrained.folder_of(name) / pretrained.RNN_FOLDER)[1]


def number(text: str) -> float:
    """The last number of a text; a percentage as a share."""
    found = re.findall(r"(-?[\d.]+(?:e-?\d+)?)(%?)", text)[-1]
    return float(found[0]) / (100 if found[1] else 1)


def test_every_shipped_model_has_a_group_a_title_and_words_for_its_score():
    assert set(FACTS) == set(pretrained.zoo()) == set(ROWS)
    assert {facts.group for facts in FACTS.values()} == set(GROUPS[:-1])
    assert all(measure_in_bits(card_of(name).evaluation["measure"]) in SAID for name in FACTS)
    assert len({facts.title for facts in FACTS.values()}) == len(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_a_score_and_what_it_is_compared_with_are_those_of_the_table(name):
    _size, score, before, rnn, *_ = ROWS[name]
    said = score_in_words(name, card_of(name)).replace("°C²", "")
    assert number(said) == pytest.approx(float(re.findall(r"\*\*(.*?)\*\*", score)[0]), rel=5e-4)
    peers = peers_in_words(card_of(name), rnn_of(name))
    assert number(peers[0]) == pytest.approx(float(before), rel=5e-4)
    assert number(peers[1]) == pytest.approx(float(rnn), rel=5e-4)
    assert len(peers) == 2 + len(card_of(name).evaluation["others"])


def test_a_menu_has_the_groups_in_order_and_the_readers_own_last():
    found = grouped(["mine", *reversed(pretrained.zoo()), "adding 2"])
    assert list(found) == list(GROUPS)
    assert found["Language"] == ["shakespeare", "python", "sentiment"]
    assert found["Yours"] == ["mine", "adding 2"]
    assert list(grouped(["mine"])) == ["Yours"]
    assert group_of("brackets") == "Counting and grammar"


def test_a_line_of_the_menu_has_title_score_and_group():
    assert in_a_menu("anbn", card_of("anbn")) == "As many b's as a's · right up to n = 123 · Counting and grammar"
    line = in_a_menu("temperature", card_of("temperature"))
    assert line == "Melbourne's daily minimum temperature · mean squared error 4.54 °C² · Numbers and series"


@pytest.mark.parametrize("score", [None, float("nan"), "good"])
def test_a_model_without_a_score_has_none_in_words(score):
    assert score_in_words("mine", Card(evaluation={"score": score, "measure": "nats per character"})) == ""
    assert in_a_menu("mine", Card()) == "mine · Yours"
    assert peers_in_words(Card(), None) == []


def test_two_models_beside_each_other_are_told_apart_by_as_little_as_needs_be():
    assert title_of("anbn (untrained)") == "As many b's as a's, before training"
    assert title_of("mine (untrained)") == "mine, before training"
    assert titles_beside("anbn", "anbn (untrained)") == ("after training", "before training")
    assert titles_beside("anbn (untrained)", "anbn") == ("before training", "after training")
    assert titles_beside("anbn", "mine") == ("As many b's as a's", "mine")
    assert titles_of(["brackets", "Nested brackets", "anbn"]) == {
        "brackets": "Nested brackets (brackets)",
        "Nested brackets": "Nested brackets",
        "anbn": "As many b's as a's",
    }


def test_a_measure_without_words_of_its_own_is_said_as_it_is():
    card = Card(evaluation={"score": 0.5, "measure": "rows right (share)"})
    assert model_facts.score_in_words("mine", card) == "rows right (share): 50%"
