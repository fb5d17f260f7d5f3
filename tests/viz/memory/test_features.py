"""What features are called on screen."""

import pytest

from lstm_core.analysis.character_features import character_features
from lstm_core.analysis.word_features import word_features
from viz.shared.features import FEATURES, OWN, SERIES, feature_title

FOUND = {
    "text": character_features("Say no to it, Tom"),
    "symbols": character_features("SaabbccT"),
    "words": word_features(["It", "is", "(", "a", ")", "film", "."]),
}


@pytest.mark.parametrize("kind", FOUND)
def test_every_feature_of_a_text_is_in_the_catalogue(kind):
    beginnings = tuple(title.removesuffix("{which}") for title in SERIES)
    assert [name for name in FOUND[kind] if name not in FEATURES and not name.startswith(beginnings)] == []


def test_a_title_is_the_fields_word_or_the_name_itself():
    assert feature_title("blank") == "space"
    assert feature_title("inside quotation marks") == "inside quotation marks"
    assert feature_title("mean temperature (°C)") == "mean temperature (°C)"
    assert [feature_title(name) for name in (OWN, OWN.lower())] == ["Your own marking", "your own marking"]


def test_a_symbol_or_a_number_in_a_name_is_kept():
    assert feature_title("reads S") == "reads S"
    assert feature_title("cosine of the place in the period of 24") == "cosine of the place in the period of 24"
