import hashlib
import math

import numpy as np
import pytest
import torch

from lstm_core import ModelConfig, SequenceModel
from lstm_core.tasks import Text
from lstm_core.tasks.text import nats_per_token
from lstm_core.training import Settings, open_forget_gates
from lstm_core.training.run import Run
from tests.support.oracle import Oracle, always

TEXT = "".join(f"{number} and " for number in range(500))


def test_what_validates_and_what_is_held_out_is_not_learnt_from(numbers):
    task = Text(TEXT)
    learnt, validating, held_out = task.parts
    assert bytes(np.concatenate([validating, learnt, held_out]).tolist()).decode() == TEXT
    assert len(held_out) == len(TEXT) - int(len(TEXT) * 0.9)
    assert len(validating) == len(TEXT) // 50
    begin, end = len(validating), len(validating) + len(learnt)
    changed = Text("x" * begin + TEXT[begin:end] + "x" * len(held_out))
    for step in range(5):
        assert torch.equal(task.batch(step, 4, numbers).inputs, changed.batch(step, 4, numbers).inputs)


def test_strands_are_read_on_from_window_to_window_and_targets_are_the_next_byte(numbers):
    task = Text(TEXT, window=50)
    learnt = task.parts[0]
    length = len(learnt) // 3
    windows = math.ceil((length - 1) / 50)
    batches = [task.batch(step, 3, numbers) for step in range(windows + 1)]
    read = torch.cat([batch.inputs for batch in batches[:-1]], dim=1)
    wanted = torch.cat([batch.targets for batch in batches[:-1]], dim=1)
    for strand in range(3):
        own = learnt[strand * length : (strand + 1) * length]
        assert read[strand].tolist() == own[:-1].tolist()
        assert wanted[strand].tolist() == own[1:].tolist()
    assert [batch.state for batch in batches] == ["rolled", *["carried"] * (windows - 1), "rolled"]
    assert torch.equal(batches[-1].inputs, batches[0].inputs)
    assert sum(batch.tokens for batch in batches[:-1]) == 3 * (length - 1)


def test_carried_states_are_those_of_reading_on_and_rolled_ones_pass_to_the_next_strand(numbers):
    task = Text(TEXT[:2000], window=300)
    model = SequenceModel(ModelConfig(task.encoder, 3, 4), seed=0, device="cpu")
    open_forget_gates(model, 8.0)  # so that the state at the end tells where it began
    run = Run(model, Settings(batch=3, learning_rate=1e-12, warmup=0), task.describe())
    read: list[torch.Tensor] = []
    for step in range(3):
        batch = task.batch(step, 3, numbers)
        if batch.state == "rolled" and step:
            read = [torch.cat(read, dim=1).roll(1, dims=0)]
        run.learn(batch)
        read.append(batch.inputs)
        with torch.no_grad():
            _, (hidden, cell) = model(torch.cat(read, dim=1))
        torch.testing.assert_close(run.state[0], hidden, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(run.state[1], cell, atol=1e-4, rtol=1e-4)
        assert (cell - cell.roll(1, dims=1)).abs().max() > 0.1
    assert batch.state == "rolled"


def test_who_knows_nothing_needs_ln_256_nats_and_who_knows_the_text_none():
    task = Text(TEXT)
    assert task.test(always(task, [0.0] * 256)).value == pytest.approx(math.log(256), abs=1e-9)
    assert task.validate(always(task, [0.0] * 256)) == pytest.approx(math.log(256), abs=1e-9)

    held_out = torch.from_numpy(task.parts[2])

    def knows(ids: torch.Tensor) -> torch.Tensor:
        assert torch.equal(ids, held_out[:-1])
        return 100 * torch.nn.functional.one_hot(held_out[1:], 256).float()

    assert task.test(Oracle(task, knows)).value == pytest.approx(0, abs=1e-6)


def test_a_score_carries_its_state_over_windows(small_model):
    ids = np.frombuffer(b"abcabcabd " * 30, dtype=np.uint8).astype(np.int64)
    stream = torch.from_numpy(ids)
    logits, _ = small_model(stream[:-1])
    wanted = torch.nn.functional.cross_entropy(logits.double(), stream[1:]).item()
    assert nats_per_token(small_model, ids, window=7) == pytest.approx(wanted, abs=1e-6)
    with pytest.raises(ValueError, match="at least 2"):
        nats_per_token(small_model, ids[:1])


def test_classes_that_occur_are_those_of_the_text_or_of_an_alphabet():
    assert Text("ab\n" * 1000).expected == (10, 97, 98)
    assert Text("ab\n" * 1000, alphabet="xé").expected == (0x78, 0xA9, 0xC3)


@pytest.mark.parametrize("end", ["", "\n\n", "\nThe end", "é" * 30])
def test_an_example_is_long_enough_to_be_read(end):
    (shown,) = Text("one line that has no end " * 100 + end).examples().values()
    assert len(shown) == 160


def test_an_example_begins_with_a_paragraph_where_there_is_one():
    (shown,) = Text("one line that has no end\n\n" * 200).examples().values()
    assert shown.startswith("one line")


def test_the_standard_library_is_read_up_to_the_most_that_is_wanted():
    task = Text.from_library(most=20_000)
    assert 2_000 < len(task.text) <= 20_000
    assert "def " in Text.from_library(most=60_000).text
    assert "standard library of Python" in task.source


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "nineteen characters"}, "the text has 19 characters: give at least 20, or there is nothing"),
        ({"text": TEXT, "window": 0}, "window must be from 1 to 4,096 steps, not 0"),
        ({"text": TEXT, "window": 5000}, "window must be from 1 to 4,096 steps, not 5000"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Text(**options)


@pytest.mark.parametrize("length", [20, 21, 99, 100, 348, 1999])
@pytest.mark.parametrize("letters", ["so much depends upon a red wheel barrow ", "éü"])
def test_a_short_text_has_all_its_parts_and_is_read_whole_in_windows(numbers, length, letters):
    text = (letters * length)[:length]
    raw = text.encode()
    task = Text(text)
    learnt, validating, held_out = task.parts
    assert np.concatenate([validating, learnt, held_out]).tolist() == list(raw)
    assert min(map(len, task.parts)) >= 2
    model = SequenceModel(ModelConfig(task.encoder, 3, 4), seed=0, device="cpu")
    assert np.isfinite([task.validate(model), task.test(model).value]).all()
    batch = task.batch(0, 32, numbers)
    strands, steps = batch.inputs.shape
    # As many strands as can be a window of 64 and its next byte long, one at least and a batch at most.
    assert strands == min(32, max(1, len(learnt) // 65))
    each = len(learnt) // strands
    assert steps == min(64, each - 1)
    assert batch.targets[-1].tolist() == learnt[(strands - 1) * each + 1 :][:steps].tolist()
    read = [task.batch(step, 32, numbers).tokens for step in range(-(-(each - 1) // 64))]
    assert sum(read) == strands * (each - 1)
    for example in task.examples().values():
        assert len(model.encode(example)) >= 2


def test_a_text_that_is_just_long_enough_is_cut_as_ever(numbers):
    """Weights that were trained on it, and runs that go on, depend on these bytes."""
    text = TEXT[:2000]
    batch = Text(text).batch(0, 32, numbers)
    learnt = text.encode()[40:1800]
    wanted = [list(learnt[strand * 55 :][:54]) for strand in range(32)]
    assert batch.inputs.tolist() == wanted
    assert Text(text).caution(32) == ""
    assert list(Text(text).examples()) == ["Start of the held-out test text"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert Text(text).describe() == {"task": "text", "text": digest, "window": 64, "alphabet": ""}


def test_what_to_expect_of_a_short_text_is_said():
    caution = Text(TEXT[:348]).caution(32)
    assert "only 348 characters, fewer than 2,000: the model will learn it by heart" in caution
    assert "a score on the 35 bytes held out means little" in caution
    assert "Each step trains on 4 sequences instead of 32." in caution
    assert "instead of" not in Text(TEXT[:348]).caution(4)
    assert "Each step trains on 1 sequence instead" in Text(TEXT[:50]).caution(4)


def test_a_batch_of_more_strands_than_bytes_is_refused(numbers):
    with pytest.raises(ValueError, match="too few for a batch of 2000 strands: make the batch smaller"):
        Text(TEXT[:2000]).batch(0, 2000, numbers)
