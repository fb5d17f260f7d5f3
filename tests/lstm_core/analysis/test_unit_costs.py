"""What each unit costs over several documents: as `knock_out` has it of each alone."""

import math
import sys

import numpy as np
import pytest

from lstm_core.analysis import knock_out, unit_costs
from tests.lstm_core.corpus.test_record_corpus import documents
from tests.support import odd_models

LENGTHS = [9, 4, 9, 1, 30, 4]


@pytest.mark.parametrize("kind", ["grammar", "weather", "sum", "opinions", "both ways", "three layers", "gru"])
def test_costs_are_those_of_each_document_taken_together(kind):
    model = odd_models.model(kind)
    layer, read = model.config.layer_names[-1], documents(model, LENGTHS)
    found = unit_costs(model, read, layer, steps=50)
    together = [one.until(length) for one, length in zip(read, [9, 4, 9, 1, 27], strict=False)]
    assert found.attrs["steps"] == sum(map(len, together)) == 50
    effects = [list(knock_out(model, one, layer))[-1].effect for one in together]
    scale = 1 if found.attrs["units"] == "own" else math.log(2)
    saved = sum(np.nan_to_num(one["saved"]) * (len(read) - 1) for one, read in zip(effects, together, strict=True)) / 45
    changed = sum(one["changed"] * len(read) for one, read in zip(effects, together, strict=True)) / 50
    np.testing.assert_allclose(found["changed"], changed / scale, atol=1e-5)
    if kind in ("sum", "opinions"):
        assert found["cost"].isnull().all()
    else:
        np.testing.assert_allclose(found["cost"], saved / scale, atol=1e-5)


def test_few_units_at_a_time_give_the_same(monkeypatch):
    model = odd_models.model("grammar")
    whole = unit_costs(model, documents(model, LENGTHS), "layer0")
    monkeypatch.setattr(sys.modules[unit_costs.__module__], "TOGETHER", 1)
    found = unit_costs(model, documents(model, LENGTHS), "layer0")
    np.testing.assert_allclose(found["cost"], whole["cost"], atol=1e-6)


def test_a_long_document_is_read_in_part_where_there_are_others(monkeypatch):
    monkeypatch.setattr(sys.modules[unit_costs.__module__], "OF_ONE", 5)
    model = odd_models.model("grammar")
    assert unit_costs(model, documents(model, [30, 4]), "layer0", steps=20).attrs["steps"] == 10 + 4
    assert unit_costs(model, documents(model, [30]), "layer0", steps=20).attrs["steps"] == 20


def test_what_is_no_number_stays_none_and_without_readout_there_is_no_cost():
    broken = odd_models.model("no numbers")
    assert unit_costs(broken, documents(broken, [20]), "layer0").to_dataarray().isnull().all()
    with pytest.raises(ValueError, match="no readout"):
        unit_costs(odd_models.model("no readout"), ["abc"], "layer0")
