"""Safetensors files: the header is checked before any tensor is read."""

import json
from collections import Counter
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.pytorch.torch_file import checked_size

MAX_HEADER_BYTES = 1_000_000  # bytes: a tensor takes about a hundred
MAX_DIMENSIONS = 16
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32,
    "U64": 64, "I64": 64, "F64": 64, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip
READ = ("F16", "BF16", "F32", "F64", "U8", "I8", "I16", "I32", "I64", "BOOL")


def read_file(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Every tensor of a safetensors file, mapped and not read yet, and the file's metadata.

    Tensors of rare types (8 bits and fewer, complex) are left out. Raises UnreadableFile.
    """
    header, metadata = _checked_header(path)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {name: file.get_tensor(name) for name in header if header[name]["dtype"] in READ}, metadata
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError) as error:
        raise UnreadableFile(f"this safetensors file cannot be read ({str(error)[:150]}): save it again") from error


def _checked_header(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The description of each tensor, and the metadata."""
    size = checked_size(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > MAX_HEADER_BYTES:
            raise UnreadableFile(
                f"this is not a safetensors file, or its header has {length:,} bytes; Gatescope reads up to {MAX_HEADER_BYTES:,}"
            )
        if size < 8 + length:
            raise UnreadableFile(_cut_off(8 + length, size))
        text = file.read(length)
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except UnreadableFile:
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"the header of this safetensors file is not JSON ({str(error)[:80]}): save it with safetensors.torch.save_file"
        ) from error
    metadata = header.pop("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise UnreadableFile("the header of this safetensors file does not describe tensors by name: save it again")
    if len(header) > LIMITS.tensors:
        raise UnreadableFile(f"this file has {len(header):,} tensors; Gatescope reads up to {LIMITS.tensors:,}")
    _check_places(header, size - 8 - length)
    return header, metadata


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise UnreadableFile(f"the header of this safetensors file has {twice[:80]!r} twice: save it again")
    return found


def _check_places(header: dict[str, Any], size: int) -> None:
    """Raise UnreadableFile unless the tensors lie one after the other in `size` bytes, each as large as its shape."""
    places = []
    for name, told in header.items():
        match told:
            case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(begin), int(end)]} if (
                dtype in BITS
                and len(told) == 3
                and len(shape) <= MAX_DIMENSIONS
                and _whole((*shape, begin, end), 8 * size)
            ):
                needed = prod(shape) * BITS[dtype]
                if needed != 8 * (end - begin):
                    raise UnreadableFile(
                        f"{name[:80]!r} of this safetensors file is {dtype} of shape {'x'.join(map(str, shape))}, "
                        f"{needed // 8:,} bytes, but has {end - begin:,}: save it again"
                    )
                places.append((begin, end))
            case _:
                raise UnreadableFile(
                    f"{name[:80]!r} of this safetensors file has no type, shape and place in its {size:,} bytes that "
                    "make sense: save it again, or upload it whole"
                )
    reached = 0
    for begin, end in sorted(places):
        if begin != reached:
            raise UnreadableFile(
                f"the tensors of this safetensors file do not lie one after the other (byte {begin:,} follows "
                f"{reached:,}): save it again"
            )
        reached = end
    if reached != size:
        raise UnreadableFile(_cut_off(reached, size))


def _whole(numbers: Iterable[Any], most: int) -> bool:
    return all(type(number) is int and 0 <= number <= most for number in numbers)


def _cut_off(wanted: int, there: int) -> str:
    return f"this safetensors file should have {wanted:,} bytes and has {there:,}: it is damaged or cut off; upload it whole"
