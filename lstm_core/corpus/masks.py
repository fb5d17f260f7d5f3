"""When is each unit on? One bit a step and unit, made once for each condition and kept in the store of a corpus.

masks/<layer>/<signal>_<when>_<threshold>    over (unit, byte): eight steps a byte, the first in the highest bit. A file for
each PART of steps, written whole or not at all, so that what a killed search has made is used by the next one.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import zarr
from dask.delayed import delayed

from lstm_core.corpus.query import Condition, is_on
from lstm_core.corpus.scheduler import computed
from lstm_core.corpus.store import array
from lstm_core.saving import write_bytes

PART = 1 << 17  # steps of a file
BLOCK = 1 << 22  # numbers of a signal that are read at a time


@dataclass(frozen=True)
class Mask:
    """The bits of all units of a layer for one condition."""

    folder: Path
    units: int
    steps: int
    part: int  # steps of a file, a multiple of 8

    @property
    def parts(self) -> list[tuple[int, int]]:
        """The first step of each file, and where it ends."""
        return parts_of(self.steps, self.part)

    def file(self, number: int) -> Path:
        return self.folder / f"0.{number}"

    def write(self, number: int, bits: np.ndarray) -> None:
        """Keep what `packed` made of a part: (unit, byte)."""
        whole = np.zeros((self.units, self.part // 8), np.uint8)
        whole[:, : bits.shape[1]] = bits
        draft = self.file(number).with_suffix(f".{uuid4().hex}")  # two searches may make the same part
        write_bytes(draft, whole.tobytes())
        os.replace(draft, self.file(number))

    def read(self, unit: int, start: int, stop: int) -> np.ndarray:
        """Is a unit on, from step `start` up to `stop`? They may lie before 0 or after the end: the corpus is then a ring."""
        if start < 0 or start >= self.steps:
            turn = start // self.steps * self.steps
            return self.read(unit, start - turn, stop - turn)
        if stop > self.steps:
            return np.concatenate([self.read(unit, start, self.steps), self.read(unit, 0, stop - self.steps)])
        found = []
        for number in range(start // self.part, -(-stop // self.part)):
            low = max(start - number * self.part, 0) // 8
            high = -(-min(stop - number * self.part, self.part) // 8)
            at = unit * (self.part // 8) + low
            found.append(np.fromfile(self.file(number), np.uint8, high - low, offset=at))
        skipped = start % self.part % 8
        return np.unpackbits(np.concatenate(found))[skipped : skipped + stop - start].view(bool)


def parts_of(steps: int, size: int) -> list[tuple[int, int]]:
    return [(start, min(start + size, steps)) for start in range(0, steps, size)]


def packed(on: np.ndarray) -> np.ndarray:
    """(step, unit) as bits: (unit, byte)."""
    return np.packbits(on, axis=0).T


def joined_within(offsets: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Of each step from `start` up to `stop`: is the one before in its document? Documents begin at `offsets`."""
    found = np.ones(stop - start, bool)
    first, last = np.searchsorted(offsets, [start, stop])
    found[offsets[first:last] - start] = False
    return found


def masks_of(
    path: Path, layer: str, conditions: Iterable[Condition], offsets: np.ndarray, scheduler: Any = None
) -> list[Mask]:
    """The mask of each condition, with the bits of all units; what the store has not is computed part by part.

    Raises ValueError for signals and units that the layer has not.
    """
    conditions = list(conditions)
    there = sorted(one.name for one in (path / "layers" / layer).iterdir() if one.is_dir())
    kinds = {_kind(one): one for one in conditions}
    found = {}
    for kind, one in kinds.items():
        if one.signal not in there:
            raise ValueError(f"there is no signal {one.signal!r}: this corpus has {', '.join(there)} of {layer}")
        steps, units = array(path, f"layers/{layer}/{one.signal}").shape
        far = [other.unit for other in conditions if _kind(other) == kind and not 0 <= other.unit < units]
        if far:
            raise ValueError(f"there is no unit {far[0]}: {layer} has the units 0 to {units - 1}")
        found[kind] = add_mask(path, layer, one, steps=steps, units=units)
    computed(
        [
            delayed(_fill, pure=False)(path, layer, kinds[kind], mask, number, offsets)
            for kind, mask in found.items()
            for number in range(len(mask.parts))
            if not mask.file(number).exists()
        ],
        scheduler,
    )
    return [found[_kind(one)] for one in conditions]


def _kind(one: Condition) -> tuple[str, str, float]:
    """What conditions of one mask have in common."""
    return one.signal, one.when, one.threshold


def add_mask(path: Path, layer: str, one: Condition, *, steps: int, units: int) -> Mask:
    """Room for a mask in the store, or the one that is there."""
    name = f"masks/{layer}/{one.signal}_{one.when}_{one.threshold!r}"
    if not (path / name / "zarr.json").exists():
        zarr.create_array(
            str(path),
            name=name,
            shape=(units, -(-steps // 8)),
            chunks=(units, PART // 8),
            dtype="uint8",
            dimension_names=("unit", "byte"),
            compressors=None,
            chunk_key_encoding={"name": "v2", "separator": "."},
            attributes={"signal": one.signal, "when": one.when, "threshold": one.threshold},
        )
    return Mask(path / name, units, steps, 8 * array(path, name).chunks[1])


def drop_masks(path: Path, layer: str, most: int) -> None:
    """Delete the masks of a layer but the `most` that were made last. No search of this layer may be running."""
    every = sorted((path / "masks" / layer).glob("*/zarr.json"), key=lambda one: one.stat().st_mtime_ns)
    for one in every[: max(len(every) - most, 0)]:
        shutil.rmtree(one.parent, ignore_errors=True)


def _fill(path: Path, layer: str, one: Condition, mask: Mask, number: int, offsets: np.ndarray) -> None:
    """Compute a part of a mask, some steps at a time."""
    if mask.file(number).exists():
        return
    signal = array(path, f"layers/{layer}/{one.signal}")
    scale = np.float32(str(signal.attrs.get("scale_factor", 1)))
    start, stop = mask.parts[number]
    rows = max(signal.chunks[0], BLOCK // mask.units // signal.chunks[0] * signal.chunks[0])
    bits = []
    for at in range(start, stop, rows):
        first = max(at - 1, 0)  # for the difference
        values = np.asarray(signal[first : min(at + rows, stop)]).astype(np.float32) * scale
        on = is_on(values, joined_within(offsets, first, first + len(values)), one.when, one.threshold)
        bits.append(packed(on[at - first :]))
    mask.write(number, np.concatenate(bits, axis=1))
