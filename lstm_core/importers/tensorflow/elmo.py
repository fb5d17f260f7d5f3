"""ELMo's lm_weights.hdf5: two language models, one for each direction, as bilm-tf and AllenNLP write them.

RNN_0 reads forward and RNN_1 backward, and neither hears of the other. Each layer is an LSTMCell of TensorFlow's with a
projection: gates i, c, f, o, forget bias 1. From its second layer on, what a layer reads is added to what it gives
(use_skip_connections): the first two layers are a plain stack, whose gates and states are exact, and a third reads a sum.
Source: Peters et al. 2018, "Deep contextualized word representations"; bilm-tf, bilm/model.py.
"""

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Literal

import numpy as np

from lstm_core.importers.archive import opened_archive
from lstm_core.importers.imported import Chain, ImportedModel
from lstm_core.importers.keras.hdf5 import Hdf5, opened_hdf5
from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file
from lstm_core.importers.tensorflow.files import content_of
from lstm_core.importers.tensorflow.weights import lstm_weights
from lstm_core.stack import Layout

FORMAT = "ELMo weights (.hdf5)"
CELL = re.compile(r"(RNN_[01])/RNN/MultiRNNCell/Cell(\d{1,2})/LSTMCell")
PARTS = {"W_0": "kernel", "B": "bias", "W_P_0": "projection"}
SKIPPED = 1  # the first layer whose input is added to its output
FORGET_BIAS = 1.0
FORGETS = (
    "bilm's cells add 1 to the forget gate's bias at run time, which is not among the weights: it is included here."
)
AGAIN = "download the weights again, or write them again with bilm's dump_weights"

Way = Literal["forward", "reverse"]
WAYS: tuple[tuple[str, Way], ...] = (("RNN_0", "forward"), ("RNN_1", "reverse"))


@dataclass(frozen=True)
class Options:
    """What options.json says beside the weights; None where it is not there or does not say."""

    skips: bool | None = None
    clips: Mapping[str, float] | None = None  # by their names in it


@dataclass(frozen=True, eq=False)
class Stacked:
    """The layers of one direction, from the bottom."""

    root: str  # RNN_0
    way: Way
    layouts: list[Layout]
    weights: list[dict[str, np.ndarray]]  # named as torch does, without the number


def read_elmo(path: Path) -> ImportedModel | None:
    """The two language models in an HDF5 file, or in an archive of one and its options.json; None where it has none.

    Raises UnreadableFile for weights that do not fit together or are too large.
    """
    with path.open("rb") as file:
        if not file.read(2).startswith(b"PK"):
            with opened_hdf5(file) as opened:
                return _read(opened, Options())
    with opened_archive(path, stored=False) as archive:
        described, weights = sorted(archive.namelist(), key=lambda name: not name.lower().endswith(".json"))
        with opened_hdf5(BytesIO(content_of(archive, weights, 2 * largest_file()))) as opened:
            return _read(opened, _options(archive, described)) if _cells(opened) else None


def _options(archive: zipfile.ZipFile, name: str) -> Options:
    try:
        found = json.loads(content_of(archive, name, LIMITS.metadata))["lstm"]
        skips = found.get("use_skip_connections")
        clips = {
            clip: float(found[clip]) for clip in ("cell_clip", "proj_clip") if type(found.get(clip)) in (int, float)
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UnreadableFile(f"{name[:80]!r} is not the options.json of an ELMo: choose the weights alone") from error
    return Options(skips if isinstance(skips, bool) else None, clips)


def _cells(file: Hdf5) -> dict[str, dict[int, str]]:
    """Where each direction's layers lie, by their numbers."""
    found: dict[str, dict[int, str]] = {}
    for path in file.groups:
        match = CELL.fullmatch(path)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = path
    return found


def _read(file: Hdf5, options: Options) -> ImportedModel | None:
    cells = _cells(file)
    if not cells:
        return None
    notes: list[str] = []
    chains: list[Chain] = []
    embedding = "embedding" if "embedding" in file.datasets else ""
    total = prod(file.shape(embedding)) if embedding else 0
    for root, way in WAYS:
        layers = cells.get(root, {})
        total += sum(prod(file.shape(f"{path}/{part}")) for path in layers.values() for part in _parts(file, path))
        if chains and total > LIMITS.parameters:
            notes.append(f"{root} is not offered: with it there were more than {LIMITS.parameters:,} parameters.")
        elif layers:
            chains += _chains(file, _stacked(file, root, way, layers), embedding, options)
    # The stacks first, then what follows a skip connection.
    chains.sort(key=lambda one: -len(one.layouts))
    return ImportedModel(framework="TensorFlow", format=FORMAT, chains=tuple(chains), notes=tuple(notes))


def _parts(file: Hdf5, path: str) -> list[str]:
    return [part for part in PARTS if f"{path}/{part}" in file.datasets]


def _stacked(file: Hdf5, root: str, way: Way, layers: Mapping[int, str]) -> Stacked:
    if sorted(layers) != list(range(len(layers))):
        raise UnreadableFile(f"{root} has the cells {', '.join(map(str, sorted(layers)))}, and one is missing: {AGAIN}")
    if len(layers) > LIMITS.layers:
        raise UnreadableFile(f"{root} has {len(layers)} layers; Gatescope opens up to {LIMITS.layers}")
    found = Stacked(root, way, [], [])
    for number in range(len(layers)):
        path = layers[number]
        shapes = {part: file.shape(f"{path}/{part}") for part in _parts(file, path)}
        try:
            weights = lstm_weights({PARTS[part]: file.array(f"{path}/{part}") for part in shapes})
        except (KeyError, ValueError) as error:
            if isinstance(error, UnreadableFile):
                raise
            shown = ", ".join(f"{part} {shape}" for part, shape in shapes.items()) or "no weights"
            raise UnreadableFile(f"{path!r} has {shown}, which no cell of an ELMo has: {AGAIN}") from error
        units = len(weights["bias_ih"]) // 4
        weights["bias_ih"][units : 2 * units] += np.float32(FORGET_BIAS)
        projection = len(weights.get("weight_hr", ()))
        found.layouts.append(Layout(weights["weight_ih"].shape[1], units, projection=projection, reading=way))
        found.weights.append(weights)
    return found


def _chains(file: Hdf5, stacked: Stacked, embedding: str, options: Options) -> list[Chain]:
    """One direction: the layers that read each other's outputs, and each that reads a sum of them by itself."""
    count = len(stacked.layouts)
    together = count if options.skips is False else min(count, SKIPPED + 1)
    pieces = [range(together), *(range(number, number + 1) for number in range(together, count))]
    return [_chain(file, stacked, piece, embedding if not piece[0] else "", options) for piece in pieces]


def _chain(file: Hdf5, stacked: Stacked, piece: range, embedding: str, options: Options) -> Chain:
    suffix = "_reverse" if stacked.way == "reverse" else ""
    weights: dict[str, np.ndarray] = {}
    for place, number in enumerate(piece):
        weights |= {f"{kind}_l{place}{suffix}": one for kind, one in stacked.weights[number].items()}
    sources = tuple(f"{stacked.root}/Cell{number}" for number in piece)
    return Chain(
        name=f"{stacked.root} ({'forward' if stacked.way == 'forward' else 'backward'})"
        + (f", layer {piece[0] + 1}" if piece[0] else ""),
        sources=sources,
        layouts=tuple(stacked.layouts[number] for number in piece),
        weights=weights,
        embedding=file.array(embedding) if embedding else None,
        notes=tuple(_notes(piece, len(stacked.layouts), options, embedded=bool(embedding))),
    )


def _notes(piece: range, count: int, options: Options, *, embedded: bool) -> list[str]:
    notes = [FORGETS]
    if not piece[0] and not embedded:
        notes.append(
            "What the first layer reads was made of each word's letters by convolutions, which are not opened: give it such numbers."
        )
    if count > SKIPPED and options.skips is not False:
        told = "" if options.skips else ", as bilm's usual options have it (options.json tells)"
        notes.append(
            f"From the second layer on, what a layer reads is added to what it gives{told}: gates, cell and hidden states here are "
            "those before that sum, and what follows is shown apart."
        )
    notes.append(_clipped(options.clips))
    return [note for note in notes if note]


def _clipped(clips: Mapping[str, float] | None) -> str:
    """A sentence on what bilm cuts off and Gatescope does not."""
    if clips is None:
        return (
            "bilm's usual options cut the cell state and the projection off at 3 and -3 (cell_clip, proj_clip), which this file "
            "does not hold: here they are not cut off, and states may differ."
        )
    shown = ", ".join(f"{name} {one:g}" for name, one in clips.items())
    return f"bilm cuts states off ({shown}): here they are not, and states may differ." if shown else ""
