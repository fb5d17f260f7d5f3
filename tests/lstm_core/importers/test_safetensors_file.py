"""Headers of safetensors that attack or make no sense."""

import pytest

from lstm_core.importers.pytorch.read import read_safetensors
from tests.support.hostile import refused, safetensors


@pytest.mark.parametrize(
    ("header", "numbers", "message"),
    [
        ("[]", 0, "does not describe tensors by name"),
        ("{", 0, "is not JSON"),
        ("[" * 5000, 0, "is not JSON"),
        ('{"a": 1, "a": 2}', 0, "has 'a' twice"),
        ('{"a": {"dtype": "F32", "dtype": "F64", "shape": [], "data_offsets": [0, 4]}}', 4, "has 'dtype' twice"),
        ('{"__metadata__": {"a": 1}}', 0, "does not describe tensors by name"),
        ('{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}', 8, "F32 of shape 3, 12 bytes, but has 8"),
        ('{"a": {"dtype": "F32", "shape": [1e3], "data_offsets": [0, 8]}}', 8, "no type, shape and place"),
        ('{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}', 8, "no type, shape and place"),
        ('{"a": {"dtype": "F32", "shape": [true], "data_offsets": [0, 4]}}', 4, "no type, shape and place"),
        ('{"a": {"dtype": "F32", "shape": [99999999999], "data_offsets": [0, 8]}}', 8, "no type, shape and place"),
        ('{"a": {"dtype": "X32", "shape": [2], "data_offsets": [0, 8]}}', 8, "no type, shape and place"),
        ('{"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], "data_offsets": [0, 4]}}', 4, "no type"),
        ('{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}', 9, "should have 8 bytes and has 9"),
        ('{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}', 12, "do not lie one after the other"),
        (
            '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, '
            '"b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}',
            12,
            "do not lie one after the other",
        ),
        (b"\xff\xfe{}", 0, "is not JSON"),
        ('{"a": {"dtype": "I8", "shape": [2], "data_offsets": [0, 2]}}', 2, "holds 1 tensors"),
    ],
)
def test_a_header_of_safetensors_that_makes_no_sense_is_named(tmp_path, header, numbers, message):
    refused(safetensors(tmp_path / "m.safetensors", header, bytes(numbers)), message, read_safetensors)


def test_a_header_is_measured_before_it_is_read(tmp_path):
    path = safetensors(tmp_path / "m.safetensors", b"{" + b" " * 44_000_000)
    refused(path, "has 44,000,001 bytes; Gatescope reads up to 1,000,000", read_safetensors)
    refused(safetensors(path, b"{}", length=2**64 - 1), "has 18,446,744,073,709,551,615 bytes", read_safetensors)
    refused(safetensors(path, b"{}", length=500), "should have 508 bytes and has 10", read_safetensors)
