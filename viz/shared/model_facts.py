"""What a reader is told of a model beside its layout: group, title, score, what the score is compared with, data, licence."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from lstm_core import Card
from lstm_core.bits import measure_in_bits, score_in_bits
from viz.locale import N_, _

LANGUAGE, COUNTING, NUMBERS, YOURS = (
    N_("Language"),
    N_("Counting and grammar"),
    N_("Numbers and series"),
    N_("Yours"),
)
GROUPS = (LANGUAGE, COUNTING, NUMBERS, YOURS)
UNTRAINED = " (untrained)"  # behind the name of a model: itself before training
GENERATED = N_("none needed: the data are generated")


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a shipped model and is not in its card."""

    group: str  # one of GROUPS
    title: str  # short: it stands in a menu
    licence: str = GENERATED  # of the data
    link: str = ""  # to the data
    unit: str = ""  # of the score, where its measure names none


FACTS: Mapping[str, ModelFacts] = {
    "shakespeare": ModelFacts(
        LANGUAGE,
        N_("Shakespeare, byte by byte"),
        N_("Shakespeare's plays are in the public domain; the repository that they are taken from has the MIT licence"),
        "https://github.com/karpathy/char-rnn/tree/master/data/tinyshakespeare",
    ),
    "python": ModelFacts(
        LANGUAGE,
        N_("Python code, byte by byte"),
        N_("Python Software Foundation License, version 2"),
        "https://github.com/python/cpython/tree/v3.11.7/Lib",
    ),
    "sentiment": ModelFacts(
        LANGUAGE,
        N_("Film reviews, word by word"),
        N_("the authors of the Stanford Sentiment Treebank state none"),
        "https://nlp.stanford.edu/sentiment/",
    ),
    "anbn": ModelFacts(COUNTING, N_("As many b's as a's")),
    "anbncn": ModelFacts(COUNTING, N_("As many b's and c's as a's")),
    "brackets": ModelFacts(COUNTING, N_("Nested brackets")),
    "embedded_reber": ModelFacts(COUNTING, N_("Embedded Reber grammar")),
    "temporal_order": ModelFacts(COUNTING, N_("Which came first, X or Y?")),
    "adding": ModelFacts(NUMBERS, N_("Adding two marked numbers")),
    "temperature": ModelFacts(
        NUMBERS,
        N_("Melbourne's daily minimum temperature"),
        N_("none is stated with the file; its source is the Australian Bureau of Meteorology"),
        "https://github.com/jbrownlee/Datasets/blob/master/daily-min-temperatures.names",
        "°C²",
    ),
}
# How a score is said, by its measure where it is shown: a share as a percentage.
SAID = {
    N_("bits per character"): N_("{score} bits per character"),
    N_("mean squared error"): N_("mean squared error {score}"),
    N_("mean squared error of the sum"): N_("mean squared error {score}"),
    N_("longest n that is still right"): N_("right up to n = {score}"),
    N_("closing brackets right (share)"): N_("{score} of closing brackets right"),
    N_("strings right at every step (share)"): N_("{score} of strings right"),
    N_("sequences right (share)"): N_("{score} of sequences right"),
    N_("letters right (share)"): N_("{score} of letters right"),
    N_("sentences right (share), after the last word"): N_("{score} of sentences right"),
}
BEFORE, RNN = N_("before training"), N_("a tanh RNN of the same size")


def group_of(name: str) -> str:
    """The group of a model, in English: one of GROUPS."""
    return FACTS[name].group if name in FACTS else YOURS


def title_of(name: str) -> str:
    """What a reader knows a model by; the reader's own keep their names."""
    trained = name.removesuffix(UNTRAINED)
    title = _(FACTS[trained].title) if trained in FACTS else trained
    return title if name == trained else _("{model}, before training").format(model=title)


def titles_of(names: Iterable[str]) -> dict[str, str]:
    """The title of each model; with its name behind it where the reader has given that title to another."""
    found = {name: title_of(name) for name in names}
    often = Counter(found.values())
    return {name: title if often[title] == 1 or title == name else f"{title} ({name})" for name, title in found.items()}


def titles_beside(one: str, other: str) -> tuple[str, str]:
    """What two models are called where they stand beside each other: of one model before and after training, only that."""
    before = name_before(one), name_before(other)
    if before[0] == before[1]:
        titles = {True: _("before training"), False: _("after training")}
        return titles[one == before[0]], titles[other == before[0]]
    found = titles_of((one, other))
    return found[one], found[other]


def name_before(name: str) -> str:
    """The name of the same model before training."""
    return name.removesuffix(UNTRAINED) + UNTRAINED


def grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """The models of each group that has any: those shipped in the order of FACTS, then the reader's own as they come."""
    found = list(names)
    ordered = [*(name for name in FACTS if name in found), *(name for name in found if name not in FACTS)]
    return {group: mine for group in GROUPS if (mine := [name for name in ordered if group_of(name) == group])}


def score_in_words(name: str, card: Card) -> str:
    """The score on held-out data, with its unit; "" where there is none."""
    score = card.evaluation.get("score")
    if not isinstance(score, int | float) or not isfinite(score):
        return ""
    measure = str(card.evaluation["measure"])
    number = _number(score, measure)
    if name in FACTS and FACTS[name].unit:
        number += f" {FACTS[name].unit}"
    shown = measure_in_bits(measure)
    if shown in SAID:
        return _(SAID[shown]).format(score=number)
    return _("{measure}: {score}").format(measure=_(shown), score=number)


def peers_in_words(card: Card, rnn: Card | None) -> list[str]:
    """What the score is compared with, each with its own: the model before training, a tanh RNN, and simple rules."""
    evaluation = card.evaluation
    measure, others = str(evaluation.get("measure", "")), evaluation.get("others")
    peers: dict[str, object] = {BEFORE: evaluation.get("untrained")}
    if rnn is not None:
        peers[RNN] = rnn.evaluation.get("score")
    peers |= others if isinstance(others, dict) else {}
    return [
        _("{peer} {score}").format(peer=_(peer), score=_number(value, measure))
        for peer, value in peers.items()
        if isinstance(value, int | float) and isfinite(value)
    ]


def in_a_menu(name: str, card: Card) -> str:
    """One line: title, score and group."""
    return " · ".join(part for part in (title_of(name), score_in_words(name, card), _(group_of(name))) if part)


def _number(value: float, measure: str) -> str:
    """A share as a percentage, nats as bits: one unit on all pages, as surprisal has it."""
    if "(share)" in measure:
        return f"{100 * value:.4g}%"
    return f"{score_in_bits(value, measure):.4g}"
