"""Tensors that begin elsewhere than torch's own do, as those from files and from numpy may."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from lstm_core import model_files
from lstm_core.device import ALIGNMENT

OFFSETS = (4, 16, 32)  # bytes behind an aligned address: what one float, SSE and AVX tell apart


def shifted(tensor: Tensor, offset: int) -> Tensor:
    """A copy of `tensor` that begins `offset` bytes behind an aligned address."""
    room = torch.empty(tensor.nbytes + 2 * ALIGNMENT, dtype=torch.uint8)
    start = -room.data_ptr() % ALIGNMENT + offset
    copy = room[start : start + tensor.nbytes].view(tensor.dtype).view(tensor.shape)
    return copy.copy_(tensor)


def is_aligned(tensor: Tensor) -> bool:
    """Does it begin where torch's own memory does, and lie there in one piece?"""
    return tensor.data_ptr() % ALIGNMENT == 0 and tensor.storage_offset() == 0 and tensor.is_contiguous()


def read_shifted(monkeypatch: pytest.MonkeyPatch, offset: int) -> None:
    """From now on let every tensor of numbers that is read from a safetensors file begin `offset` bytes off."""

    @contextmanager
    def opened(*arguments, **options) -> Iterator[SimpleNamespace]:
        with safe_open(*arguments, **options) as file:
            yield SimpleNamespace(
                keys=file.keys,
                metadata=file.metadata,
                get_slice=file.get_slice,
                get_tensor=lambda name: shifted(file.get_tensor(name), offset),
            )

    monkeypatch.setattr(model_files, "safe_open", opened)
