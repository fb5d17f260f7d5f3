"""Pickles are followed, whatever is in them, and nothing that they name is imported or called."""

import collections
import os
import pickle
from argparse import Namespace
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from lstm_core.importers import UnreadableFile
from lstm_core.importers.inert import Global, Record, array_in, follow, following, is_pickle
from tests.fuzz.canary import NAME, trap, watching
from tests.support.hostile import Called
from tests.support.pickles import Config, joblib_dumped

PROTOCOLS = range(6)


def made(value, protocol=2):
    return follow(BytesIO(pickle.dumps(value, protocol=protocol))).made


class Slotted:
    __slots__ = ("one", "other")

    def __init__(self):
        self.one, self.other = 1, "2"


class Named(dict):
    """As a library's dictionary of hyperparameters."""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_values_are_what_they_are(protocol):
    values = {
        "numbers": [1, -5, 2**40, 2**70, 0.5, float("inf"), True, False, None],
        "texts": ["", "a\nb", "ä", "\U0001f600", b"\x00\xff", bytearray(b"\x01")],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        3: {"a": {"b": {}}},
    }
    found = made(values, protocol)
    assert found["texts"][:5] == values["texts"][:5]
    assert {name: one for name, one in found.items() if name != "texts"} == {
        name: one for name, one in values.items() if name != "texts"
    }
    assert bytes(found["texts"][5]) == b"\x01"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_are_records_of_their_class_and_state(protocol):
    found = made(
        [
            Namespace(hidden=8),
            PurePosixPath("runs/1"),
            {"a", "b"},
            Slotted() if protocol > 1 else Namespace(one=1, other="2"),
            Named(lr=0.1),
            Config,
        ],
        protocol,
    )
    arguments, path, chars, slotted, named, kind = found
    assert (arguments.name, arguments.class_name, dict(arguments)) == ("argparse Namespace", "Namespace", {"hidden": 8})
    assert (path.class_name, path.arguments) == ("PurePosixPath", ("runs", "1"))
    assert (chars.class_name, sorted(chars.listed)) == ("set", ["a", "b"])
    assert dict(slotted) == {"one": 1, "other": "2"}
    assert (named.class_name, dict(named)) == ("Named", {"lr": 0.1})
    assert kind == Global("tests.support.pickles Config")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_dictionaries_of_the_standard_library_are_dictionaries(protocol):
    values = [
        collections.OrderedDict([("a", 1), ("b", 2)]),
        collections.defaultdict(int, {"a": 0}),
        collections.Counter("aab"),
    ]
    assert made(values, protocol) == [{"a": 1, "b": 2}, {"a": 0}, {"a": 2, "b": 1}]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_and_numbers_of_numpy(protocol, order):
    values = {
        "matrix": np.asarray(np.arange(6, dtype="f4").reshape(2, 3), order=order),
        "texts": np.array(["a", "bc"]),
        "other end": np.arange(3, dtype=">i2"),
        "numbers": [np.float64(0.5), np.int64(3), np.bool_(True), np.str_("a")],
    }
    found = made(values, protocol)
    for name in ("matrix", "texts", "other end"):
        np.testing.assert_array_equal(array_in(found[name]), values[name])
    assert found["numbers"] == [0.5, 3, True, "a"]


def test_arrays_that_do_not_fit_their_bytes_are_none():
    whole = pickle.dumps(np.arange(3, dtype="f4"), protocol=2)
    assert array_in(made(np.arange(3, dtype="f4"))) is not None
    for old, new in (
        (b"K\x03\x85", b"K\x04\x85"),
        (b"f4", b"O8"),
        (b"f4", b"V4"),
        (b"K\x03\x85", b"J\xff\xff\xff\xff\x85"),
    ):
        changed = whole.replace(old, new)
        assert changed != whole
        assert array_in(follow(BytesIO(changed)).made) is None


def test_letters_that_there_are_not():
    content = pickle.dumps([np.str_("abc"), np.array(["abc"])], protocol=4).replace(b"b\0\0\0", b"b\0\0\x7f")
    number, texts = follow(BytesIO(content)).made
    assert isinstance(number, Record)
    assert array_in(texts) is None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_a_pickle_names_is_neither_imported_nor_called(protocol):
    with trap() as function:
        content = pickle.dumps(
            [Called(function, 1), Namespace(of=function), {"a": Called(function)}], protocol=protocol
        )
    with pytest.raises(ModuleNotFoundError), watching() as canary:
        pickle.loads(content)  # noqa: S301 (else this test could not fail)
    assert {one.partition(" ")[0] for one in canary.seen} == {"pickle.find_class", "import"}
    with watching() as canary:
        called, arguments, held = follow(BytesIO(content)).made
    assert canary.seen == []
    assert (called.name, called.arguments) == (f"{NAME} trap", (1,))
    assert arguments["of"] == Global(f"{NAME} trap")
    assert isinstance(held["a"], Record)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("function", [os.system, eval, open, __import__])
def test_what_is_only_an_attack_is_refused(protocol, function, tmp_path):
    content = pickle.dumps({"a": [Called(function, f"touch {tmp_path / 'marker'}")]}, protocol=protocol)
    for damaged in (content, content[:-1]):
        with pytest.raises(
            UnreadableFile, match="which is no part of a model, and a program that loads the file would run it"
        ):
            follow(BytesIO(damaged))
    assert not list(tmp_path.iterdir())


def test_a_class_within_a_class_and_a_method_keep_their_names():
    part = b"cbuiltins\ngetattr\n(ctests.support.pickles\nConfig\nX\x06\x00\x00\x00updatetR"
    method, made_by_it = follow(BytesIO(b"\x80\x02(" + part + part + b"K\x01\x85Rt.")).made
    assert method == Global("tests.support.pickles Config.update")
    assert (made_by_it.name, made_by_it.class_name) == ("tests.support.pickles Config.update", "update")


COPIED = {  # each copies what it holds once, again and again
    "a text": b"(c_codecs\nencode\nq\x01X\x00\x00\x01\x00" + b"x" * 65_536 + b"q\x02X\x06\x00\x00\x00latin1q\x030"
    + b"h\x01h\x02h\x03\x86R" * 400 + b"t.",
    "pairs": b"(ccollections\nOrderedDict\nq\x01]q\x02(](K\x01K\x02eq\x03" + b"h\x03" * 1_000 + b"e" + b"h\x01h\x02\x85R" * 20 + b"t.",
}  # fmt: skip


@pytest.mark.parametrize("kind", COPIED)
def test_copies_are_counted(kind, monkeypatch):
    follow(BytesIO(b"\x80\x02" + COPIED[kind]))  # within the usual limit
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    with pytest.raises(UnreadableFile, match="copies what it holds again and again"):
        follow(BytesIO(b"\x80\x02" + COPIED[kind]))


def test_a_second_state_is_added():
    (found,) = follow(
        BytesIO(b"\x80\x02(cargparse\nNamespace\n)\x81}X\x01\x00\x00\x00aK\x01sb}X\x01\x00\x00\x00bK\x02sbt.")
    ).made
    assert dict(found) == {"a": 1, "b": 2}


def test_keys_that_take_years_to_hash_are_inert():
    key = ()
    for _ in range(60):
        key = (key, key)
    body = b"\x80\x02}" + pickle.dumps(key, protocol=2)[2:-1] + b"Ns."
    (found,) = follow(BytesIO(body)).made
    assert isinstance(found, Record)
    plain, large = made({(1, "a"): 2, 2**100: 3})
    assert plain == (1, "a")
    assert isinstance(large, Record)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x80\x02", b"\x80\x02}", b"\x80\x02.", b"\x80\x02s.", b"\x80\x02h\x07.", b"\x80\x02K\x01}b.", b"\x80\x02K\x01K\x01R.",
        b"\x80\x02K\x01K\x02a.", b"\x80\x02K\x01K\x02K\x03s.", b"\x80\x02}]Ns.", b"\x80\x02\x82\x01.", b"\x80\x09N.", b"\x80\x05\x97.",
        b"\x80\x02\x8e\xff\xff\xff\xff\xff\x00\x00\x00.", b"\x80\x02X\xff\xff\xff\xff.", b"\x80\x04K\x01K\x02\x93.", b"\x80\x02t.",
    ],
)  # fmt: skip
def test_a_pickle_that_makes_no_sense_is_damaged(body):
    with pytest.raises(UnreadableFile, match=r"damaged or cut off \("):
        follow(BytesIO(body))


def test_steps_are_counted_and_one_pickle_is_read_at_a_time(monkeypatch):
    pickles = BytesIO(pickle.dumps(3, protocol=2) + b"more")
    assert follow(pickles).made == 3
    assert pickles.read() == b"more"
    monkeypatch.setattr(following, "MAX_PICKLE_STEPS", 100)
    with pytest.raises(UnreadableFile, match="more than 100 steps"):
        follow(BytesIO(b"\x80\x02" + b"N" * 200 + b"."))


def test_texts_of_python_2_are_named():
    with pytest.raises(UnreadableFile, match="texts that are not ASCII, as Python 2 wrote them, or it is damaged"):
        follow(BytesIO(b"S'\\xf0'\n."))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_is_known_by_its_beginning(protocol):
    for value in ({"a": 1}, [1], Namespace(a=1), collections.OrderedDict(a=1), Path("a")):
        assert is_pickle(pickle.dumps(value, protocol=protocol)), value
    for text in (
        b"",
        b"hello",
        b"class A:\n    pass\n",
        b"(define a 1)",
        b"a,b\n1,2\n",
        b"{}",
        b"[1]",
        b"PK\x03\x04",
        b"x^2 + y",
    ):
        assert not is_pickle(text), text


def test_steps_within_arrays_of_objects_are_counted_with_the_others(monkeypatch):
    content = joblib_dumped([np.array([[1, 2, 3]] * 10, object)] * 3)
    steps = follow(BytesIO(content)).steps
    assert steps > 3 * 30
    monkeypatch.setattr(following, "MAX_PICKLE_STEPS", steps - 10)
    with pytest.raises(UnreadableFile, match=r"more than [0-9]+ steps"):
        follow(BytesIO(content))
