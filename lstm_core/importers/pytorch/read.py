"""Files of PyTorch -> our layers: what torch.save, torch.jit.save and torch.export.save wrote, and safetensors. Nothing in them is ever executed."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.pytorch.chains import chains_of, with_one_hot
from lstm_core.importers.pytorch.exported_program import exported_weights
from lstm_core.importers.pytorch.safetensors_file import read_file
from lstm_core.importers.pytorch.state_dict import Found, NothingRecurrent, state_dict
from lstm_core.importers.pytorch.storages import Source
from lstm_core.importers.pytorch.stored import is_stored, stored_in
from lstm_core.importers.pytorch.torch_file import Opened, opened
from lstm_core.importers.pytorch.vocabulary import read_metadata, vocabulary_in
from lstm_core.importers.pytorch.whole_model import activations_in
from lstm_core.importers.saved_scalers import MAX_COLUMNS, plain_numbers, with_scalers
from lstm_core.importers.unsupported.pickles import vocabulary_alone


def read_pytorch(path: Path) -> ImportedModel:
    """Read the recurrent layers of a file of torch.save or torch.jit.save (.pt, .pth, .bin, .ckpt), of either format.

    A state dict, a checkpoint with one in it, or a whole model. Nothing in the file is run: its pickle is followed, and
    of a program in it only the weights are read. Raises UnreadableFile.
    """
    with opened(path) as file:
        return read_opened(file)


def read_opened(file: Opened) -> ImportedModel:
    """The recurrent layers of what was pickled. Raises UnreadableFile."""
    listed = isinstance(file.saved, list | tuple)
    saved = {str(place): one for place, one in enumerate(file.saved)} if listed else file.saved
    try:
        found = state_dict(file.saved, file.source)
    except NothingRecurrent as error:
        told = vocabulary_alone(file.names)
        if told:
            raise UnreadableFile(told) from error
        raise
    model = _model(found, saved, file.format, "the checkpoint", ordered=True)
    return with_scalers(model, saved, lambda value: _numbers(value, file.source), "the checkpoint")


def read_exported(path: Path) -> ImportedModel:
    """Read the recurrent layers of an exported program (.pt2): its weights only, never its program.

    Raises UnreadableFile when there are none.
    """
    return _model(state_dict(exported_weights(path)), {}, "exported program (.pt2)", "the file", ordered=True)


def read_safetensors(path: Path) -> ImportedModel:
    """Read PyTorch's recurrent layers in a safetensors file. Raises UnreadableFile if there are none."""
    tensors, metadata = read_file(path)
    told = "safetensors (.safetensors)"
    # Such a file has its names in the order of the alphabet, whatever the model's.
    return _model(state_dict(tensors), read_metadata(metadata), told, "the file's metadata", ordered=False)


def read_arrays(arrays: Mapping[str, np.ndarray], told: str) -> ImportedModel:
    """PyTorch's recurrent layers among arrays that are named as in a state dict. Raises UnreadableFile, NothingRecurrent."""
    # Numbers of the other byte order are none that torch has.
    tensors = {
        name: torch.from_numpy(one.astype(one.dtype.newbyteorder("="), order="C")) for name, one in arrays.items()
    }
    return with_scalers(
        _model(state_dict(tensors), {}, told, "the file", ordered=True), arrays, plain_numbers, "the file"
    )


def _numbers(value: Any, source: Source) -> np.ndarray | None:
    """A small tensor, or numbers that are none, as an array."""
    found = plain_numbers(value)
    if found is not None or not is_stored(value):
        return found
    try:
        tensor = stored_in(value, source)
        if tensor is None or prod(tensor.shape) > MAX_COLUMNS:
            return None
        return np.asarray(tensor.read().double().numpy())
    except UnreadableFile:  # it is of a rare kind, and no weight
        return None


def _model(found: Found, beside: Any, told: str, where: str, *, ordered: bool) -> ImportedModel:
    chains, notes = chains_of(found.tensors, ordered=ordered, described=found.modules)
    classes = next((chain.classes for chain in chains if chain.classes), chains[0].layouts[0].features)
    vocabulary, called = vocabulary_in(beside, classes)
    model = ImportedModel(
        framework="PyTorch",
        format=told if not found.whole else told.replace("state dict", "whole model"),
        chains=chains,
        vocabulary=vocabulary,
        vocabulary_from=f"{called!r} in {where}" if vocabulary else "",
        whole=found.whole,
        notes=(*found.notes, *notes, *_functions(found)),
    )
    if vocabulary and not any(chain.classes for chain in chains):
        told_by = with_one_hot(chains, len(vocabulary), repr(called))
        model = replace(model, chains=told_by)
        if not any(chain.classes for chain in told_by):
            model = replace(model, vocabulary=(), vocabulary_from="")
    return model


def _functions(found: Found) -> list[str]:
    """A sentence on what a whole model computes somewhere, for its forward, which says where, was not run."""
    names = activations_in(found.modules)
    if not names:
        return []
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return [f"The model also has {shown}: where it is applied stands in the model's forward, which was not run."]
