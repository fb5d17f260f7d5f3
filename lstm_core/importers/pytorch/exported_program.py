"""The weights of an exported program (.pt2, as torch.export.save writes it): JSON and plain numbers, no pickle, no code."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch
from torch import Tensor

from lstm_core.importers.archive import opened_archive
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.pytorch.stored import check_view
from lstm_core.importers.pytorch.torch_file import check_byte_order, checked_size
from lstm_core.importers.unsupported.archives import EXPORTED_AGAIN, WEIGHTS_CONFIG

# Numbers of torch's ScalarType and Layout, as torch._export.serde.schema has them.
DTYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float16,
    7: torch.float32, 8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
STRIDED = 7


def exported_weights(path: Path) -> dict[str, Tensor]:
    """Every weight of the program by its name in the model, in the order of its state dict.

    The file describes each weight in JSON and stores its numbers as they are in memory, each run of them in an entry of
    its own (torch 2.9 and later). Tensors of rare types are left out. Raises UnreadableFile.
    """
    checked_size(path)
    with opened_archive(path, stored=True) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        described = [found for name in sizes if (found := WEIGHTS_CONFIG.fullmatch(name))]
        weights: dict[str, Tensor] = {}
        stored: dict[str, bytearray] = {}  # a run of numbers that two weights share is read once
        for found in described:
            check_byte_order(archive, f"{found['root']}byteorder", sizes)
            start = f"{found['model']}." if len(described) > 1 else ""
            for name, told in _described(archive, found[0], sizes).items():
                folder = f"{found['root']}data/weights/"
                one = _weight(archive, folder, name, told, stored)
                if one is not None:
                    weights[start + name] = one
        return weights


def _described(archive: ZipFile, name: str, sizes: dict[str, int]) -> dict[str, Any]:
    if sizes[name] > LIMITS.metadata:
        raise UnreadableFile(
            f"what describes this program's weights has {sizes[name] / 1e6:,.1f} MB; Gatescope reads up to "
            f"{LIMITS.metadata / 1e6:,.0f} MB: {EXPORTED_AGAIN}"
        )
    try:
        found = json.loads(archive.read(name).decode("utf-8"))
        config = found["config"] if isinstance(found, dict) else None
    except (ValueError, KeyError, RecursionError) as error:
        raise UnreadableFile(
            f"what describes this program's weights is not as torch.export.save writes it ({str(error)[:80]}): {EXPORTED_AGAIN}"
        ) from error
    if not isinstance(config, dict):
        raise UnreadableFile(f"this program's weights are not described by name: {EXPORTED_AGAIN}")
    if len(config) > LIMITS.tensors:
        raise UnreadableFile(f"this file has {len(config):,} tensors; Gatescope reads up to {LIMITS.tensors:,}")
    return config


def _weight(archive: ZipFile, folder: str, name: str, told: Any, stored: dict[str, bytearray]) -> Tensor | None:
    """The weight that `told` describes; None where its type is a rare one."""
    match told:
        case {
            "path_name": str(file),
            "use_pickle": False,
            "tensor_meta": {
                "dtype": int(kind),
                "layout": int(layout),
                "sizes": list(sizes),
                "strides": list(strides),
                "storage_offset": {"as_int": int(offset)},
            },
        } if layout == STRIDED:
            pass
        case _:
            raise UnreadableFile(f"{name[:80]!r} of this program is not a plain tensor of numbers: {EXPORTED_AGAIN}")
    if kind not in DTYPES:
        return None
    entry = folder + file
    if entry not in stored:
        if entry not in archive.NameToInfo:
            raise UnreadableFile(f"this file is damaged: the numbers of {name[:80]!r} are missing; {EXPORTED_AGAIN}")
        stored[entry] = bytearray(archive.read(entry))
    dtype, numbers = DTYPES[kind], stored[entry]
    count = len(numbers) // dtype.itemsize
    shape, steps = ([_length(one) for one in lengths] for lengths in (sizes, strides))
    check_view(count, offset, shape, steps)
    run = torch.frombuffer(numbers, dtype=dtype, count=count) if count else torch.empty(0, dtype=dtype)
    return run.as_strided(shape, steps, offset)


def _length(told: Any) -> Any:
    """A length of torch's SymInt; None, which no tensor has, for one that is not a number."""
    return told.get("as_int") if isinstance(told, dict) else None
