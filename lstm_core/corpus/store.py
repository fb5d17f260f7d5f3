"""The folder that holds a corpus and what a model did with it: a zarr store, and a mark for each part that is recorded.

tokens/    over step: label (its place among the `labels` of corpus.json), document, group; what the model reads, id or value
layers/layer0/forget ...    over (step, unit), in chunks of steps
corpus.json    there when all tokens are: which model, which signals, where each document begins
parts/     a file for each part that is whole, with the state after it
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from lstm_core.corpus import plan
from lstm_core.corpus.numbers import Stored
from lstm_core.saving import OccupiedError, listed, write_bytes, write_text

ABOUT = "corpus.json"  # there when all tokens are
PARTS = "parts"
KIND, VERSION = "gatescope corpus", 1  # in the attributes of the store
OURS = {"zarr.json", "tokens", "layers"}  # what lies there before all tokens do


def begin(path: Path) -> None:
    """Make the folder, or make it empty where an earlier call was killed before all tokens were in it.

    Raises OccupiedError where something else lies there.
    """
    if path.exists() and not path.is_dir():
        raise OccupiedError(f"{path} is a file: give the name of a folder for the corpus")
    found = {one.name for one in path.iterdir()} if path.exists() else set()
    if found and not (found <= OURS and _is_ours(path)):
        raise OccupiedError(f"{path} holds other things ({listed(sorted(found))}): give the name of a new folder")
    zarr.create_group(str(path), overwrite=True, attributes={KIND: VERSION})


def _is_ours(path: Path) -> bool:
    try:
        return KIND in json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def about(path: Path) -> dict[str, Any] | None:
    """What stands in `corpus.json`; None where there is none."""
    try:
        found: dict[str, Any] = json.loads((path / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def write_about(path: Path, facts: Mapping[str, Any]) -> None:
    write_text(path / ABOUT, json.dumps({"version": VERSION, **facts}))


def add_signal(path: Path, layer: str, signal: str, *, steps: int, units: int, stored: Stored) -> None:
    zarr.create_array(
        str(path),
        name=f"layers/{layer}/{signal}",
        shape=(steps, units),
        chunks=(plan.CHUNK, units),
        dtype=stored.dtype,
        dimension_names=("step", "unit"),
        compressors=None,  # states hardly become smaller, and packing them takes as long as computing them
        chunk_key_encoding={"name": "v2", "separator": "."},  # all in one folder: "12.0" has the rows of chunk 12
        attributes=dict(stored.attributes),
        overwrite=True,
    )


def array(path: Path, name: str) -> zarr.Array[Any]:
    """The array of that name, to be read and written."""
    return zarr.open_array(str(path), path=name, mode="r+")


def mark(path: Path, part: int, state: np.ndarray | None) -> None:
    """Note that a part is whole, with the state after it for one that goes on there."""
    (path / PARTS).mkdir(exist_ok=True)
    write_bytes(path / PARTS / f"{part}", b"" if state is None else state.astype("<f4").tobytes())


def state_after(path: Path, part: int) -> np.ndarray:
    return np.fromfile(path / PARTS / f"{part}", "<f4")[None]


def is_whole(path: Path, part: int) -> bool:
    return (path / PARTS / f"{part}").exists()


def facts_of(path: Path, layer: str) -> dict[str, Any]:
    """What stands in `corpus.json` of a whole corpus that has this layer. Raises as `open_corpus` does."""
    facts = about(path)
    if facts is None:
        raise ValueError(f"{path} holds no corpus: record_corpus(model, source, {str(path)!r}) makes one")
    left = [number for number in range(facts["parts"]) if not is_whole(path, number)]
    if left:
        raise ValueError(
            f"{path} is recorded in part: {len(left)} of {facts['parts']} parts are missing. The same call of record_corpus goes on"
        )
    if layer not in facts["layers"]:
        raise KeyError(f"no layer {layer!r}: this corpus has {', '.join(facts['layers'])}")
    return facts


def open_corpus(path: str | os.PathLike[str], *, layer: str = "layer0") -> xr.Dataset:
    """What did the units of a layer do over a whole corpus?

    A dataset like a layer of a `Recording`, over ("step", "unit"), with dask arrays: nothing is read before it is asked for.
    Coordinates over step: `token` (label), `document` (number) and `group` (steps of one group are one character). The
    attribute `largest_error` of a signal says how far its stored numbers are from the recorded ones. Raises ValueError
    where no corpus lies there, or one that is not recorded to its end, and KeyError naming the layers that there are.
    """
    path = Path(path)
    facts = facts_of(path, layer)
    found: xr.Dataset = xr.open_zarr(path, group=f"layers/{layer}", chunks={}, consolidated=False)
    tokens = xr.open_zarr(path, group="tokens", chunks={}, consolidated=False)
    labels = np.array(facts["labels"], dtype=object)
    token = tokens["label"].data.map_blocks(lambda codes: labels[codes], dtype=object, meta=labels[:0])
    return found.assign_coords(
        token=("step", token),
        document=("step", tokens["document"].data),
        group=("step", tokens["group"].data),
        step=np.arange(found.sizes["step"]),
        unit=np.arange(found.sizes["unit"]),
    ).assign_attrs(facts["layers"][layer])
