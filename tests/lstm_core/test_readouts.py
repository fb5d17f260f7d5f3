import json
import math

import pytest

from lstm_core import Labels, LegalTokens, NextToken, Values
from lstm_core.readouts import readout_from_json

VALUES = Values(("next temperature (°C)", "rain"), (11.0, 0.0), (4.0, 1.5), ahead=True)


@pytest.mark.parametrize("readout", [NextToken(), LegalTokens(), Labels(("yes", "no")), VALUES])
def test_readouts_survive_json(readout):
    assert readout_from_json(json.loads(json.dumps(readout.to_json()))) == readout


@pytest.mark.parametrize(
    "described",
    [
        None, {}, [], {"kind": "crystal ball"}, {"kind": "labels"}, {"kind": "labels", "labels": "ab"},
        {"kind": "labels", "labels": [1, 2]}, VALUES.to_json() | {"mean": ["1", 2.0]}, VALUES.to_json() | {"ahead": 1},
        VALUES.to_json() | {"names": [1, 2]},
    ],
)  # fmt: skip
def test_what_describes_no_readout_is_refused(described):
    with pytest.raises(ValueError, match=r"no readout is described by .*: the kinds are 'next', 'legal', 'labels'"):
        readout_from_json(described)


@pytest.mark.parametrize("labels", [[], ["one"], ["a", "a"], ["a", ""]])
def test_labels_are_at_least_two_different_words(labels):
    with pytest.raises(ValueError, match="at least two different words"):
        readout_from_json({"kind": "labels", "labels": labels})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": []}, "each value needs a name, a mean and a spread, not 0, 2 and 2"),
        ({"names": ["a", ""]}, "each value needs a name"),
        ({"spread": [1.0]}, "not 2, 2 and 1"),
        ({"spread": [1.0, 0.0]}, "spreads above 0"),
        ({"spread": [1.0, -2.0]}, "spreads above 0"),
        ({"mean": [math.inf, 0.0]}, "means must be finite"),
        ({"mean": [math.nan, 0.0]}, "means must be finite"),
    ],
)
def test_values_need_a_unit_that_can_be_undone(change, message):
    with pytest.raises(ValueError, match=message):
        readout_from_json(VALUES.to_json() | change)
