import re
from functools import cache

import numpy as np
import pytest

from lstm_core.tasks import EmbeddedReber, Reber
from tests.support.oracle import reader

GRAMMAR = re.compile(r"B(?:TS*X(?:XT*VP)*(?:S|XT*VV)|PT*V(?:PXT*V)*(?:V|PS))E")
ENDINGS = ("", "E", "SE", "VE", "XSE", "VVE", "TXSE")  # the shortest way out of each node


@cache
def legal(text: str) -> str:
    """Which symbols lead on to a string of the grammar, by its regular expression alone?"""
    return "".join(s for s in "BTSXPVE" if any(GRAMMAR.fullmatch(text + s + ending) for ending in ENDINGS))


def embedded_legal(text: str, *, outer: str = "") -> str:
    inner = text[2:]
    if len(text) < 3:
        return "TP" if len(text) == 1 else "B"
    if GRAMMAR.fullmatch(inner):
        return outer or text[1]
    return "E" if GRAMMAR.fullmatch(inner[:-1]) else legal(inner)


def test_strings_are_of_the_grammar_and_every_legal_symbol_is_named():
    random = np.random.default_rng(0)
    strings = [Reber().string(random) for _ in range(200)]
    for text, allowed in strings:
        assert GRAMMAR.fullmatch(text)
        assert [set(symbols) for symbols in allowed] == [set(legal(text[:k])) for k in range(1, len(text))]
    found = dict(strings)
    assert [set(symbols) for symbols in found["BTXSE"]] == [set("TP"), set("SX"), set("SX"), set("E")]
    assert 0.4 < np.mean([text[1] == "T" for text in found]) < 0.6
    assert max(map(len, found)) > 15


def test_embedded_strings_end_as_they_began():
    random = np.random.default_rng(0)
    strings = dict(EmbeddedReber().string(random) for _ in range(200))
    for text, allowed in strings.items():
        assert re.fullmatch(rf"B(?:T{GRAMMAR.pattern}T|P{GRAMMAR.pattern}P)E", text)
        assert [set(symbols) for symbols in allowed] == [set(embedded_legal(text[:k])) for k in range(1, len(text))]
    assert {text[1] for text in strings} == {"T", "P"}


def test_who_knows_the_grammar_is_always_right_and_who_knows_half_of_it_is_not():
    task = Reber()
    assert task.validate(reader(task, legal)) == 1.0
    assert task.validate(reader(task, lambda text: "TP" if text == "B" else "SX")) == 0.0
    # Right but where P V is followed by P or V: which strings pass there, the regular expression says.
    random = np.random.default_rng([10_000_019, 1])
    share = np.mean([re.search(r"[PTX]V", task.string(random)[0]) is None for _ in range(200)])
    assert task.validate(reader(task, lambda text: "ST" if text[-1] == "V" else legal(text))) == pytest.approx(share)


def test_who_forgets_the_second_symbol_gets_half_of_the_embedded_strings():
    task = EmbeddedReber()
    assert task.validate(reader(task, embedded_legal)) == 1.0
    says_t, says_p = (
        task.validate(reader(task, lambda text, outer=outer: embedded_legal(text, outer=outer))) for outer in "TP"
    )
    assert says_t == pytest.approx(0.5, abs=0.12)
    assert says_t + says_p == pytest.approx(1)


def test_examples_are_of_the_grammar():
    assert all(GRAMMAR.fullmatch(text) for text in Reber().examples().values())
    assert all(GRAMMAR.fullmatch(text[2:-2]) and text[1] == text[-2] for text in EmbeddedReber().examples().values())
