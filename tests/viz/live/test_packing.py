"""Weights as text: lossless, small, and nothing that HTML could take for something else."""

import zlib

import numpy as np
import pytest

import pretrained
from lstm_core.model_files import weights_as_bytes
from viz.live.packing import LETTERS, packed


def unpacked(text: str) -> bytes:
    """By the book, one letter at a time."""
    size, _, letters = text.partition(" ")
    value, small = 0, bytearray()
    for at, letter in enumerate(letters, 1):
        value = 85 * value + LETTERS.index(letter)
        if at % 5 == 0:
            small += value.to_bytes(4, "big")
            value = 0
    planes = zlib.decompress(bytes(small[: int(size)]))
    found = bytearray(len(planes))
    start = 0
    for plane in range(4):
        length = len(found[plane::4])
        found[plane::4] = planes[start : start + length]
        start += length
    return bytes(found)


@pytest.mark.parametrize("size", range(10))
def test_every_length_comes_back(size):
    content = bytes(range(250, 250 - size, -1))
    assert unpacked(packed(content)) == content


def test_weights_come_back_to_the_bit():
    content = weights_as_bytes(pretrained.load("brackets", device="cpu"))
    assert unpacked(packed(content)) == content


def test_letters_mean_nothing_in_html():
    assert len(set(LETTERS)) == 85
    assert not set(LETTERS) & set("<>&\"'`\\ ")


def test_trained_weights_take_a_tenth_less_than_in_base64():
    weights = np.random.default_rng(0).normal(size=50_000).astype(np.float32).tobytes()
    assert len(packed(weights)) < 0.9 * 4 / 3 * len(zlib.compress(weights, 9))
