"""Pickles by themselves, as pickle.dump and joblib.dump write them: a model of torch's, or a whole Keras file within."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from lstm_core.importers.archive import as_file, opened_archive
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.inert import ZLIB, Followed, Record, follow, shown
from lstm_core.importers.keras.read import read_keras
from lstm_core.importers.limits import UnreadableFile, largest_file
from lstm_core.importers.pytorch.read import read_opened
from lstm_core.importers.pytorch.state_dict import NothingRecurrent
from lstm_core.importers.pytorch.storages import Source, nowhere
from lstm_core.importers.pytorch.torch_file import Opened
from lstm_core.importers.saved_scalers import is_scaler, plain_numbers, with_scalers
from lstm_core.importers.unsupported.files import KERAS_AGAIN, TORCH_AGAIN
from lstm_core.importers.unsupported.pickles import others_pickle

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
KERAS_ENTRIES = {"config.json", "model.weights.h5"}
OF_JOBLIB = re.compile(r"joblib\.numpy_pickle ")
MAX_VISITED = 200_000  # values of a pickle that are looked through


def read_pickled(path: Path) -> ImportedModel:
    """Read the recurrent layers in a pickle, which is followed and never run. Raises UnreadableFile."""
    content = path.read_bytes()
    packed = content.startswith(ZLIB)
    if packed:
        content = _unpacked(content)
    followed = follow(BytesIO(content))
    kind = "pickle of joblib (.joblib" if any(map(OF_JOBLIB.match, followed.names)) else "pickle (.pkl"
    told = f"{kind}, compressed)" if packed else f"{kind})"
    keras = _keras_file(followed.made)
    if keras is not None:
        found = with_scalers(_read_keras(keras), followed.made, plain_numbers, "the pickle")
        return replace(found, format=f"{found.format} in a pickle")
    try:
        return read_opened(Opened(followed.made, Source(BytesIO(), nowhere), told, tuple(followed.names)))
    except NothingRecurrent as error:
        raise UnreadableFile(_what(followed)) from error


def with_pickled_scalers(model: ImportedModel, pickles: Mapping[str, bytes]) -> ImportedModel:
    """The model with the scalers in pickles beside it, by their names. Raises UnreadableFile for one that is damaged."""
    notes = []
    for name, content in pickles.items():
        made = follow(BytesIO(_unpacked(content) if content.startswith(ZLIB) else content)).made
        several = dict(enumerate(made)) if isinstance(made, list | tuple) else {0: made}
        stem = PurePosixPath(name).stem
        named = {stem if len(several) == 1 else f"{stem}.{place}": one for place, one in several.items()}
        before = model.scalers
        found = with_scalers(model, named, plain_numbers, repr(name[-80:])).scalers
        model = replace(model, scalers=(*found, *before))
        if not found:
            notes.append(f"{name[-80:]!r} has no scaler with a column for each number of this model: it is not used.")
    return replace(model, notes=(*model.notes, *notes))


def _unpacked(content: bytes) -> bytes:
    machine = zlib.decompressobj()
    try:
        found = machine.decompress(content, largest_file())
    except zlib.error as error:
        raise UnreadableFile(
            f"this file is compressed with zlib, as joblib does it, and damaged or cut off ({error}): upload it whole"
        ) from error
    if machine.unconsumed_tail:
        raise UnreadableFile(
            f"this file unpacks to more than {largest_file() / 1e6:,.0f} MB, which is all that Gatescope reads: {TORCH_AGAIN}"
        )
    return found


def _keras_file(made: Any) -> bytes | None:
    """The first Keras file that a pickle holds as a string of bytes."""
    waiting, seen = [made], {id(made)}
    while waiting:
        value = waiting.pop()
        inside: list[Any] = []
        match value:
            case bytes() if _is_keras_file(value):
                return value
            case Record():
                inside = [value.arguments, value.state, value.listed, value.pairs]
            case dict():
                inside = list(value.values())
            case list() | tuple():
                inside = list(value)
        fresh = [one for one in inside if isinstance(one, bytes | Record | dict | list | tuple) and id(one) not in seen]
        seen.update(map(id, fresh))
        if len(seen) > MAX_VISITED:
            return None
        waiting += reversed(fresh)
    return None


def _is_keras_file(content: bytes) -> bool:
    if content.startswith(ZIP):
        return all(entry.encode() in content for entry in KERAS_ENTRIES)
    return content.startswith(HDF5)


def _read_keras(content: bytes) -> ImportedModel:
    with as_file(content) as path:
        if content.startswith(ZIP):
            with opened_archive(path, stored=False) as archive:
                if not set(archive.namelist()) >= KERAS_ENTRIES:
                    raise UnreadableFile(f"the archive in this pickle is no Keras model: {KERAS_AGAIN}")
        return read_keras(path)


def _what(followed: Followed) -> str:
    """A sentence on a pickle that was followed and has no recurrent weights by name."""
    made, names = followed.made, list(followed.names)
    if isinstance(made, Record) and is_scaler(made):
        return (
            f"this file is a scaler ({shown(made.name)}) without a model: choose it together with the file of its model"
        )
    own = f" ({shown(made.name)})" if isinstance(made, Record) else ""
    told = others_pickle(names, own)
    if told:
        return told
    kinds = {dict: "a dictionary", list: "a list", str: "a text"}
    what = own.strip(" ()") or next((told for kind, told in kinds.items() if isinstance(made, kind)), "plain values")
    return f"this file is a pickle of {what} in which no recurrent layer's weights were found: {TORCH_AGAIN}"
