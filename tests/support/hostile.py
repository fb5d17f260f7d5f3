"""Files that nobody should open, made on the spot."""

import io
import operator
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from lstm_core.importers import UnreadableFile
from lstm_core.importers.pytorch.read import read_pytorch

MAGIC = (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}})

NUMBERS = bytes(4 * 64)
HUGE = 10**10


class Stored:
    """Numbers that lie elsewhere in the file."""

    def __init__(self, numbers, kind=torch.FloatStorage, key="0"):
        self.numbers, self.kind, self.key = numbers, kind, key


class Called:
    """The result of a call, when it is unpickled; then `state` is put into it."""

    def __init__(self, function, *arguments, state=None):
        self.told = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.told


def tensor(stored, offset, size, stride, **more):
    return Called(torch._utils._rebuild_tensor_v2, stored, offset, size, stride, False, OrderedDict(), **more)


def pickled(value, *, legacy=False):
    class Pickler(pickle.Pickler):
        def persistent_id(self, one):
            if not isinstance(one, Stored):
                return None
            return ("storage", one.kind, one.key, "cpu", one.numbers, *([None] if legacy else []))

    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump(value)
    return buffer.getvalue()


def archive(path: Path, described: bytes, storages: dict[str, bytes] | None = None, **more: bytes) -> Path:
    """What torch.save would write with this pickle."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/data.pkl", described)
        file.writestr("model/version", b"3\n")
        for key, numbers in (storages or {}).items():
            file.writestr(f"model/data/{key}", numbers)
        for name, content in more.items():
            file.writestr(f"model/{name}", content)
    return path


def legacy(path: Path, value, storages: dict[str, bytes] | None = None) -> Path:
    """The same in the format before PyTorch 1.6; `storages` are of float32."""
    parts = [*(pickle.dumps(one, protocol=2) for one in MAGIC), pickled(value, legacy=True)]
    parts.append(pickle.dumps(list(storages or {}), protocol=2))
    parts += [struct.pack("<q", len(numbers) // 4) + numbers for numbers in (storages or {}).values()]
    path.write_bytes(b"".join(parts))
    return path


def safetensors(path: Path, header: str | bytes, numbers: bytes = b"", *, length: int | None = None) -> Path:
    told = header.encode() if isinstance(header, str) else header
    path.write_bytes(struct.pack("<Q", len(told) if length is None else length) + told + numbers)
    return path


def refused(path, message, reader=read_pytorch):
    with pytest.raises(UnreadableFile, match=message) as caught:
        reader(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


# In the old format whatever is in the file must belong to a tensor.
NO_TENSORS = "holds no tensors by name|stores other blocks of numbers than its tensors need"
TRICKS = {  # each a file of 1 or 2 KB that asks for gigabytes
    "stride": (
        {"weight_ih_l0": tensor(Stored(64), 0, (HUGE,), (1,))},
        "reaches for 10,000,000,000 numbers where the file stores 64",
    ),
    "expand": (
        {"weight_ih_l0": tensor(Stored(64), 0, (HUGE,), (0,))},
        "reaches for 10,000,000,000 numbers where the file stores 64",
    ),
    "offset": ({"weight_ih_l0": tensor(Stored(64), HUGE, (1,), (1,))}, "reaches for 10,000,000,001 numbers"),
    "negative": ({"weight_ih_l0": tensor(Stored(64), -1, (1,), (1,))}, "with an invalid size or strides"),
    "dimensions": ({"weight_ih_l0": tensor(Stored(64), 0, (1,) * 65, (1,) * 65)}, "with an invalid size or strides"),
    "storage": (
        {"weight_ih_l0": tensor(Stored(HUGE), 0, (1,), (1,))},
        "of the 40,000,000,000 bytes of its storage '0' it holds",
    ),
    "two sizes": (
        {"weight_ih_l0": tensor(Stored(64), 0, (1,), (1,)), "weight_hh_l0": tensor(Stored(HUGE), 0, (1,), (1,))},
        "describes its storage '0' twice",
    ),
    "minus": ({"weight_ih_l0": tensor(Stored(-1), 0, (0,), (1,))}, "in an unusual way"),
    "set": (
        {"weight_ih_l0": tensor(Stored(64), 0, (1,), (1,), state=(Stored(64), 0, (HUGE,), (1,)))},
        "calls torch._utils._rebuild_tensor_v2 in a way that torch.save never does",
    ),
    "bytearray": ({"w": Called(bytearray, HUGE)}, NO_TENSORS),
    "tensor": ({"w": Called(torch.Tensor, HUGE)}, NO_TENSORS),
    "untyped": ({"w": Called(torch.UntypedStorage, HUGE)}, NO_TENSORS),
    "range": ({"w": Called(list, Called(range, HUGE))}, NO_TENSORS),
    "repeated": ({"w": Called(operator.mul, [0], HUGE)}, NO_TENSORS),
}
