"""First weights: what torch draws, and the same bits whatever the processor can do."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig
from lstm_core.drawing import normal, uniform
from lstm_core.model import weights_digest
from lstm_core.training import Initial, initial_model

PLAIN = "lstm_core.training.Initial(seed=3, embedding_spread=0.5)", Initial(seed=3, embedding_spread=0.5)
SPREAD = "lstm_core.training.Initial(seed=4, chrono=70)", Initial(seed=4, chrono=70)
CONFIG = ModelConfig(ByteEncoder(), 5, 40, layers=2, bidirectional=True)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def test_a_seed_draws_the_same_bits_where_the_processor_has_no_wide_registers():
    """torch then takes other ways to the same numbers: its own draws differ in their last bits."""
    code = (
        "import lstm_core.training, torch\n"
        "from lstm_core import ByteEncoder, ModelConfig\n"
        "from lstm_core.model import weights_digest\n"
        "print(torch.backends.cpu.get_cpu_capability())\n"
        "config = ModelConfig(ByteEncoder(), 5, 40, layers=2, bidirectional=True)\n"
        f"for initial in ({PLAIN[0]}, {SPREAD[0]}):\n"
        "    print(weights_digest(lstm_core.training.initial_model(config, initial)))\n"
    )
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": "default"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    capability, *digests = ran.stdout.split()
    assert capability not in ("AVX2", "AVX512")
    assert digests == [weights_digest(initial_model(CONFIG, one)) for _, one in (PLAIN, SPREAD)]


@pytest.mark.parametrize("shape", [(16,), (3, 40), (7, 11), (200, 100), (5,)])
def test_normal_numbers_are_those_of_box_and_muller(shape):
    found = normal(shape, seeded())
    assert (found.dtype, found.shape) == (torch.float32, shape)
    assert torch.equal(found, normal(shape, seeded()))
    count = found.numel()
    if count < 16:  # torch's own way for few
        assert torch.equal(found, torch.empty(shape).normal_(generator=seeded()))
        return
    generator = seeded()
    drawn = torch.rand(count, generator=generator).double()
    rows = [*drawn[: count // 16 * 16].split(16)]
    if count % 16:  # the last sixteen are drawn once more, over some of those before
        rows.append(torch.rand(16, generator=generator).double())
    made = [
        torch.cat([(-2 * (1 - row[:8]).log()).sqrt() * turn(2 * np.pi * row[8:]) for turn in (torch.cos, torch.sin)])
        for row in rows
    ]
    wanted = torch.cat(made)
    if count % 16:
        wanted = torch.cat([torch.cat(made[:-1])[: count - 16], made[-1]])
    torch.testing.assert_close(found.flatten().double(), wanted, atol=2e-6, rtol=0)


def test_uniform_numbers_lie_evenly_between_their_limits():
    found = uniform((400, 50), -0.25, 0.5, seeded())
    wanted = torch.rand(400, 50, generator=seeded()).double() * 0.75 - 0.25
    torch.testing.assert_close(found.double(), wanted, atol=3e-8, rtol=0)
    assert (found.min() >= -0.25) & (found.max() <= 0.5)


def test_draws_go_on_where_the_last_ended_and_leave_torchs_own_generator_alone():
    torch.manual_seed(1)
    before, generator = torch.get_rng_state(), seeded()
    first, second = normal((20, 5), generator), uniform((20, 5), 0.0, 1.0, generator)
    assert torch.equal(before, torch.get_rng_state())
    ours, theirs = generator.get_state(), seeded()
    torch.testing.assert_close(first, torch.empty(20, 5).normal_(generator=theirs), atol=5e-6, rtol=0)
    torch.testing.assert_close(second, torch.empty(20, 5).uniform_(generator=theirs), atol=2e-7, rtol=0)
    assert torch.equal(ours, theirs.get_state())
