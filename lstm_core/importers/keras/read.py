"""Keras files, read without Keras: .keras, .h5 with and without a configuration, .weights.h5."""

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from lstm_core.importers.archive import opened_archive
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.keras.chains import chains_of
from lstm_core.importers.keras.graph import Graph, Node, graphs
from lstm_core.importers.keras.hdf5 import SIGNATURE, Hdf5, opened_hdf5
from lstm_core.importers.keras.vocabulary import Asset, vocabulary_of
from lstm_core.importers.keras.weights import CONTAINERS, Store, in_order, named_store, numbered_store, snake_case
from lstm_core.importers.keras.weights_only import assumed_by_name, assumed_by_shape
from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file
from lstm_core.importers.unsupported.archives import is_weights_with_settings

WEIGHTS = "model.weights.h5"
CONV_LSTM = "convlstm"
Parts = tuple[list[Graph], Store, list[str]]


def read_keras(path: Path) -> ImportedModel:
    """Read a Keras file.

    Raises UnreadableFile, with a sentence of what is wrong and what to do, for anything that cannot be opened.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(SIGNATURE))
            if size > largest_file():
                raise UnreadableFile(
                    f"the file has {size / 1e6:,.0f} MB; Gatescope reads up to {largest_file() / 1e6:,.0f} MB"
                )
            if start == SIGNATURE:
                with opened_hdf5(file) as opened:
                    return _plain(opened)
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read ({error.strerror}): upload it again") from error
    if not start.startswith(b"PK"):
        raise UnreadableFile(
            "this is neither a .keras archive nor an HDF5 file: save the model with model.save('it.keras')"
        )
    with opened_archive(path, stored=False) as archive:
        return _archive(archive)


def _archive(archive: zipfile.ZipFile) -> ImportedModel:
    names = set(archive.namelist())
    if is_weights_with_settings(names):
        return _with_settings(archive, names)
    if not {"config.json", WEIGHTS} <= names:
        raise UnreadableFile(
            f"this archive has no config.json and {WEIGHTS}, so it is no .keras file: save the model with model.save('it.keras')"
        )
    config = _object(_member(archive, "config.json"), "config.json")
    about = _object(_member(archive, "metadata.json"), "metadata.json") if "metadata.json" in names else {}
    version = _version(about.get("keras_version"), otherwise=3)
    # The archive's directory was checked: it is not larger than it says, which is within the limits.
    with opened_hdf5(BytesIO(_unpacked(archive, WEIGHTS, 2 * largest_file()))) as weights:
        if _lists_layers(config):
            parts: Parts = list(graphs(config)), numbered_store(weights), []
        else:
            parts = assumed_by_shape(weights)
            own = str(config.get("class_name"))[:60]
            parts[2].insert(0, f"The model is a class of its own, {own!r}, whose code is not in the file.")
            return model_of(f"Keras {version} archive (.keras)", parts, version, _assets(archive), told=False)
        logits = _softmax_loss(config.get("compile_config"))
        return model_of(f"Keras {version} archive (.keras)", parts, version, _assets(archive), logits=logits)


def _with_settings(archive: zipfile.ZipFile, names: set[str]) -> ImportedModel:
    """Weights alone, and the layers' settings in the JSON beside them, as model.to_json() writes it."""
    [described] = [name for name in names if name.lower().endswith(".json")]
    [weights] = names - {described}
    config = _object(_member(archive, described), repr(described[:80]))
    with opened_hdf5(BytesIO(_unpacked(archive, weights, 2 * largest_file()))) as file:
        if file.text("", "model_config") is not None:
            return _plain(file)
        if not _lists_layers(config):
            raise UnreadableFile(f"{described[:80]!r} lists no layers: give the JSON that model.to_json() writes")
        numbered = file.texts("", "layer_names") is None
        store = numbered_store(file) if numbered else named_store(file, "")
        version = (
            3 if numbered else _version(config.get("keras_version") or file.text("", "keras_version"), otherwise=2)
        )
        parts: Parts = list(graphs(config)), store, []
        return model_of(f"Keras {version} weights with their JSON (.h5, .json)", parts, version)


def _plain(file: Hdf5) -> ImportedModel:
    text = file.text("", "model_config")
    root = "model_weights" if "model_weights" in file.groups else ""
    told = file.text("", "keras_version") or file.text(root, "keras_version")
    if text is not None:
        version = _version(told, otherwise=2)
        config = _object(text.encode("utf-8", "replace"), "model_config")
        if not _lists_layers(config):
            raise UnreadableFile("model_config lists no layers: save the model with model.save('it.keras')")
        training = file.text("", "training_config")
        logits = training is not None and _softmax_loss(_object(training.encode("utf-8", "replace"), "training_config"))
        parts = list(graphs(config)), named_store(file, root), list[str]()
        return model_of(f"Keras {version} model (.h5)", parts, version, logits=logits)
    if file.texts(root, "layer_names") is not None:
        version = _version(told, otherwise=2)
        # Keras on its own had hard_sigmoid before 2.3, that in TensorFlow ("2.2.4-tf") never.
        early = re.match(r"(1|2\.[0-2])\.", told or "") is not None and "tf" not in (told or "")
        parts = assumed_by_name(file, root, gate="hard_sigmoid" if early else "sigmoid")
        return model_of(f"Keras {version} weights (.h5)", parts, version)
    if not any(path.endswith("/vars") or path == "vars" for path in file.groups):
        raise UnreadableFile("this HDF5 file was not written by Keras: save the model with model.save('it.keras')")
    return model_of("Keras 3 weights (.weights.h5)", assumed_by_shape(file), 3, told=False)


def _softmax_loss(compiled: object) -> bool:
    """Was the model trained with a loss that is of one class of several? As Keras 2 and 3 write it."""
    match compiled:
        case {"loss": str(name)} | {"loss": {"class_name": str(name)}}:
            return snake_case(name) in ("categorical_crossentropy", "sparse_categorical_crossentropy")
    return False


def model_of(
    kind: str, parts: Parts, version: int, asset: Asset = lambda _node: None, *, logits: bool = False, told: bool = True
) -> ImportedModel:
    """What layers, their tensors and notes are as a model of format `kind`; `asset`, `logits`, `told`: see `chains_of`.

    Raises UnreadableFile where no layer can be opened.
    """
    found, store, notes = parts
    chains, refused = chains_of(found, store, version, logits=logits, told=told)
    if not chains:
        raise UnreadableFile(refused[0].removesuffix(".") if refused else _no_layer(found, told))
    vocabulary, where = vocabulary_of(found, asset)
    return ImportedModel(
        framework="Keras",
        format=kind,
        chains=tuple(chains),
        vocabulary=vocabulary,
        vocabulary_from=where,
        notes=(*notes, *refused),
    )


def _no_layer(found: list[Graph], told: bool) -> str:
    """Why is there nothing to open? `told`: does the file list its layers?"""
    nodes = [node for graph in found for node in graph.nodes.values()]
    for node in nodes:
        own, by_name = (CONV_LSTM in one.lower().replace("_", "") for one in (node.kind, node.name))
        if own or by_name:
            return (
                f"{node.name[:80]!r} {'is' if own else 'is called like'} a ConvLSTM: each of its gates is an image, one number a "
                "place, and Gatescope shows gates of units; upload a model with an LSTM, GRU or SimpleRNN layer"
            )
    if not told:
        return "no weights in this file have the shapes of an LSTM, GRU or SimpleRNN: upload a model that has one of these layers"
    return (
        "none of the layers that this file lists is an LSTM, GRU or SimpleRNN: if a layer of your own class has one inside, save "
        "the weights alone, model.save_weights('model.weights.h5'), and upload those"
    )


def _lists_layers(config: Mapping[str, Any]) -> bool:
    match config.get("config"):
        case {"layers": list()}:
            return True
        case list():
            return config.get("class_name") == "Sequential"
    return False


def _assets(archive: zipfile.ZipFile) -> Callable[[Node], list[str] | None]:
    """A layer's vocabulary.txt: Keras puts it where it puts the layer's weights."""

    def lines(node: Node) -> list[str] | None:
        kind = re.compile(rf"assets/({'|'.join(CONTAINERS)})/{snake_case(node.kind)}(_\d{{1,6}})?/vocabulary\.txt")
        own = {PurePosixPath(name).parts[2]: name for name in archive.namelist() if kind.fullmatch(name)}
        numbered = in_order(list(own))
        if node.ordinal >= len(numbered):
            return None
        try:
            return _member(archive, own[numbered[node.ordinal]]).decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"the vocabulary of {node.name[:80]!r} is not UTF-8: save the model again") from error

    return lines


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    return _unpacked(archive, name, LIMITS.metadata)


def _unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    size = archive.getinfo(name).file_size
    if size > most:
        raise UnreadableFile(f"{name} has {size:,} bytes; Gatescope reads up to {most:,}")
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError) as error:
        raise UnreadableFile(f"{name} in this archive is damaged ({str(error)[:80]}): upload the file again") from error


def _object(text: bytes, name: str) -> dict[str, Any]:
    if len(text) > LIMITS.metadata:
        raise UnreadableFile(f"{name} has {len(text):,} bytes; Gatescope reads up to {LIMITS.metadata:,}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"{name} is not the JSON that Keras writes ({str(error)[:80]}): save the model again"
        ) from error
    if not isinstance(found, dict):
        raise UnreadableFile(f"{name} is not the JSON that Keras writes (no object): save the model again")
    return found


def _version(told: object, *, otherwise: int) -> int:
    found = re.match(r"\d", told) if isinstance(told, str) else None
    return otherwise if found is None else 2 if int(found[0]) < 3 else 3
