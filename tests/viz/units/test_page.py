"""The page Units: the table of all units, and one of them."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import record
from tests.support.apps import begun
from viz.shared.corpora import corpus_of
from viz.units.cached import passages_of


def words(app: AppTest) -> str:
    return "\n".join(str(one.value) for kind in ("markdown", "caption", "info", "error") for one in app.get(kind))


def test_the_table_has_a_row_for_each_unit_with_what_it_does():
    app = begun("units", model="anbn")
    assert not app.exception
    [table] = app.dataframe
    cards = pretrained.units("anbn")["cards"]
    assert sorted(table.value["unit"]) == [card["unit"] for card in cards]
    assert table.value["does"].str.contains("a's minus b's").sum() >= 2
    assert not table.value["does"].str.contains("correlation").any()  # that has a column of its own
    assert "of 5 units follow a property of the text" in words(app)


def test_a_unit_of_a_link_has_its_line_and_what_was_measured():
    app = begun("units", model="anbn", unit="3")
    assert not app.exception
    assert any(one.value.startswith("**Unit 3** · ") for one in app.markdown)
    assert not app.dataframe
    next(one for one in app.button if one.label == "All units").click()
    app.run()
    assert len(app.dataframe) == 1


@pytest.mark.parametrize("unit", ["99", "x"])
def test_a_unit_that_there_is_not_gives_way_to_the_table(unit):
    app = begun("units", model="anbn", unit=unit)
    assert not app.exception
    assert len(app.dataframe) == 1


def test_passages_have_the_values_that_the_model_has_there():
    corpus = corpus_of("anbn", "layer0")
    card = corpus.cards[1]
    found = passages_of(corpus, card, "cell", "anbn")
    assert set(found) == {"top", "bottom", *(f"fifth {number}" for number in range(1, 6))}
    recorded = corpus.recording["cell"].sel(unit=1).compute()
    for place, one in zip(card["passages"]["cell"]["top"]["step"], found["top"], strict=True):
        assert one["values"][one["at"]] == pytest.approx(float(recorded[place]), abs=1e-3)
        assert one["value"] == pytest.approx(float(recorded[place]), rel=1e-3)
        assert one["tokens"][one["at"]] == str(recorded["token"][place].item())


def test_a_passage_opens_as_a_text_in_which_the_model_reads_the_same_at_the_marked_steps():
    corpus = corpus_of("anbn", "layer0")
    card, model = corpus.cards[1], pretrained.load("anbn", device="cpu")
    recorded = corpus.recording["token"].to_numpy()
    for step, one in zip(
        card["passages"]["cell"]["fifth 5"]["step"], passages_of(corpus, card, "cell", "anbn")["fifth 5"], strict=True
    ):
        start, stop = one["span"]
        labels = list(record(model, one["text"]).layers["layer0"]["token"].to_numpy())
        begins = step - one["step"]
        assert labels == list(recorded[begins : begins + len(labels)])
        assert start <= one["step"] < stop <= len(labels)
        marked = np.array(one["values"][one["at"] - (one["step"] - start) :][: stop - start])
        mean = np.mean(one["values"])
        assert len(set(np.sign(marked - mean))) == 1
