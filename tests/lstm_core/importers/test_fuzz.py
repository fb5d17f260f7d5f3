"""Damaged files of every format come to nothing but the importer's own error: `tests/fuzz` says how they are damaged."""

import json
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstm_core.importers import UnreadableFile
from lstm_core.importers.build import build_model
from lstm_core.importers.sandbox import DEFAULT_LIMITS, MAX_SENTENCE_CHARS, unpacked
from tests.fuzz import FORMATS
from tests.fuzz.fork_pool import OPENED, REFUSED, Outcome, outcomes
from tests.fuzz.mutations import damaged
from tests.fuzz.run import chunk_of
from tests.fuzz.structures import mutated_json
from tests.support.models import two_chains

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are watched through /proc")
FILES = 25  # an example
EXAMPLES = settings(
    max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
# libhdf5 crashes of one damaged file in some thousands, or never ends: that is what the child is for.
HDF5 = ("h5", "keras")
HDF5_MAY = {"SIGSEGV", "SIGABRT", "SIGFPE", "SIGBUS", "SIGXCPU"}


@pytest.mark.parametrize("form", FORMATS)
def test_undamaged_files_are_opened(form, fork_pool, originals):
    found = fork_pool.submit(outcomes, originals[form]).result()
    assert [one.kind for one in found] == [OPENED] * len(originals[form]), [one.message for one in found]


@pytest.mark.parametrize("form", FORMATS)
def test_damaged_files_are_opened_or_refused_with_a_sentence(form, fork_pool, originals):
    seen: set[str] = set()

    @EXAMPLES
    @given(seed=st.integers(0, 2**32))
    def holds(seed: int) -> None:
        for index, one in read(fork_pool, form, originals[form], seed):
            seen.add(one.kind)
            where = f"python -m tests.fuzz.run {form} --seed {seed} --replay {index}: {one.kind}\n{one.message}"
            assert one.contained, where
            assert one.kind in {OPENED, REFUSED} | (HDF5_MAY if form in HDF5 else set()), where
            assert one.kind != REFUSED or is_sentence(one.message), where

    holds()
    assert REFUSED in seen, "nothing was damaged"


def read(fork_pool: ProcessPoolExecutor, form: str, originals: list[bytes], seed: int) -> list[tuple[int, Outcome]]:
    allowed = replace(DEFAULT_LIMITS, seconds=2 if form in HDF5 else 60, patience=600.0)
    return fork_pool.submit(chunk_of, form, originals, seed, range(FILES), limits=allowed).result()


def is_sentence(message: str) -> bool:
    return 20 < len(message) <= MAX_SENTENCE_CHARS + 10 and message.isprintable() and "Traceback" not in message


def test_a_damaged_answer_of_the_child_is_refused(fork_pool):
    """What the server itself reads: a child that a file has taken over may answer anything."""
    # In the fork pool, since here jaxtyping checks all types by itself.
    answer = b"{}\n" + two_chains().to_bytes()
    assert fork_pool.submit(answers_that_harm, answer, 300).result() == []


def answers_that_harm(answer: bytes, count: int) -> list[str]:
    """What of damaged answers was neither opened nor refused with a sentence?"""
    found = []
    for number in range(count):
        chance = random.Random(number)  # noqa: S311 (damage that comes again, not a secret)
        changed = (damaged, redescribed, redescribed)[number % 3](answer, chance)
        try:
            model = unpacked(changed)
            model.to_bytes()
            for chain in model.chains:
                build_model(chain)  # what a page does with it, and shows
                " ".join((chain.name, *chain.sources, *chain.notes, *model.vocabulary, *model.notes)).encode()
        except UnreadableFile as error:
            found += [] if is_sentence(str(error)) else [str(error)]
    return found


def redescribed(answer: bytes, chance: random.Random) -> bytes:
    """The answer with something else in the description that lies in its header."""
    parcel = answer[3:]
    length = int.from_bytes(parcel[:8], "little")
    header = json.loads(parcel[8 : 8 + length])
    described = mutated_json(header["__metadata__"]["imported"].encode(), chance)
    header["__metadata__"]["imported"] = described.decode(errors="surrogatepass")
    text = json.dumps(header).encode()
    return b"{}\n" + len(text).to_bytes(8, "little") + text + parcel[8 + length :]


def test_the_fork_pool_sees_what_goes_wrong(fork_pool):
    """Or the tests above could not fail."""
    reader = "tests.support.misbehaving_readers:{}".format
    expected = {"crashes": "SIGSEGV", "allocates": "memory", "recurses": "depth", "prints_and_fails": "defect"}
    found = {
        misbehaving: fork_pool.submit(outcomes, [b"x", b"y"], reader=reader(misbehaving)).result()
        for misbehaving in expected
    }
    assert {misbehaving: {one.kind for one in several} for misbehaving, several in found.items()} == {
        misbehaving: {kind} for misbehaving, kind in expected.items()
    }
    assert "KeyError" in found["prints_and_fails"][0].message
    (ran, _) = fork_pool.submit(outcomes, [b"x", b"y"], reader=reader("unpickles")).result()
    assert ran.kind == "defect"
    assert "code of a file was run: [\"pickle.find_class ('gatescope_canary', 'trap')" in ran.message
    (left,) = fork_pool.submit(outcomes, [b"x"], reader=reader("forks")).result()
    assert left.left == 1
    assert not left.contained
    assert Outcome(OPENED, "", 0.0, 0).contained
