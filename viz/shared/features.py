"""What a feature of a text is called on screen; links and tables keep the names that `lstm_core` gives."""

import numpy as np

from viz.locale import N_, _

FEATURES = {  # of `lstm_core.analysis.text_features`, by the name in links and tables, where that is another
    "blank": N_("space"),
    "line end": N_("line break"),
    "sign of punctuation": N_("punctuation mark"),
    "beginning of a word": N_("start of a word"),
} | {
    name: name
    for name in (
        N_("letter"),
        N_("upper case"),
        N_("vowel"),
        N_("digit"),
        N_("letters of the word so far"),
        N_("letters of the word"),
        N_("unknown word"),
        N_("place in the line"),
        N_("far into the line"),
        N_("in the indentation"),
        N_("indentation"),
        N_("deep in the code"),
        N_("inside quotation marks"),
        N_("inside single quotation marks"),
        N_("inside double quotation marks"),
        N_("inside a docstring"),
        N_("inside a comment"),
        N_("inside brackets"),
        N_("bracket depth"),
        N_("a's so far"),
        N_("a's minus b's"),
        N_("b's minus c's"),
        N_("place in the sentence"),
        N_("place in the text"),
        N_("day of the year"),
        N_("sine of the day of the year"),
        N_("cosine of the day of the year"),
    )
}
SERIES = (  # each for many symbols or numbers
    N_("reads {which}"),
    N_("place in the period of {which}"),
    N_("sine of the place in the period of {which}"),
    N_("cosine of the place in the period of {which}"),
)
OWN = N_("Your own marking")


def feature_title(name: str) -> str:
    """The name of a feature in the reader's language; a name from the model itself, such as a number's, stays."""
    if name in (OWN, OWN.lower()):
        return _(OWN) if name == OWN else _(OWN).lower()
    if name in FEATURES:
        return _(FEATURES[name])
    for title in SERIES:
        beginning = title.removesuffix("{which}")
        if name.startswith(beginning):
            return _(title).format(which=name.removeprefix(beginning))
    return name


def recurs(values: np.ndarray) -> bool:
    """Does a feature change often enough to see a unit track it? It must leave its lowest value at least three times."""
    low = values == values.min()
    return int(np.count_nonzero(low[:-1] & ~low[1:])) >= 3
