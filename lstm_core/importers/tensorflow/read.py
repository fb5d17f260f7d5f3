"""SavedModels and checkpoints of TensorFlow, in a zip or as several files, read without TensorFlow. Nothing in them is run."""

import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from lstm_core.importers.archive import opened_archive
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.keras.chains import chains_of as keras_chains_of
from lstm_core.importers.keras.vocabulary import vocabulary_of
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.protobuf_fields import TooManyFieldsError
from lstm_core.importers.tensorflow.bundle import FIRST_FORMAT, Bundle
from lstm_core.importers.tensorflow.chains import chains_of
from lstm_core.importers.tensorflow.files import TOGETHER, Parts, bundle_of, content_of, parts_of
from lstm_core.importers.tensorflow.graph import GraphFacts, graph_facts
from lstm_core.importers.tensorflow.keras_model import (
    Described,
    KerasModel,
    described_in_graph,
    described_in_metadata,
)
from lstm_core.importers.tensorflow.object_graph import KEY, ObjectGraph
from lstm_core.importers.tensorflow.variables import variables_of

Told = TypeVar("Told")
KERAS_VERSION = 2  # Keras 3 writes no settings into a SavedModel


@dataclass(frozen=True, eq=False)
class _Read:
    """What the files beside the tensors say."""

    facts: GraphFacts
    described: Described
    notes: tuple[str, ...]


def read_tensorflow(path: Path) -> ImportedModel:
    """Read the recurrent layers of a SavedModel or a checkpoint, whose files lie in the zip archive at `path`.

    Raises UnreadableFile, with a sentence of what is wrong and what to do, for anything that cannot be opened.
    """
    with opened_archive(path, stored=False) as archive:
        parts = parts_of(archive)
        bundle = bundle_of(archive, parts)
        beside = _beside(archive, parts)
        objects = bundle.text(KEY)
        model = None
        if beside.described and objects is not None:
            model = KerasModel(beside.described, ObjectGraph(objects), bundle)
            found = _keras(model)
            if found is not None:
                return replace(found, notes=(*parts.notes, *found.notes))
        return _tensorflow(bundle, parts, beside, model)


def read_table_alone(path: Path) -> ImportedModel:
    """An .index file without its weights, or a checkpoint of TensorFlow's first format. Always raises UnreadableFile."""
    if path.stat().st_size > LIMITS.metadata:  # far more than names take
        raise UnreadableFile(FIRST_FORMAT)
    Bundle(path.read_bytes(), {}, TOGETHER, alone=True)
    raise UnreadableFile(
        "this file is the index of a TensorFlow checkpoint, which says where its weights are but does not have them: choose the "
        ".data-00000-of-00001 file with it, and the .meta file if there is one"
    )


def _keras(model: KerasModel) -> ImportedModel | None:
    """A Keras model whose layers are all described; None for one of a class of its own."""
    graphs = model.graphs()
    if not graphs:
        return None
    chains, refused = keras_chains_of(graphs, model.store(), KERAS_VERSION)
    if not chains:
        raise UnreadableFile(
            refused[0].removesuffix(".")
            if refused
            else "none of the layers that this SavedModel describes is an LSTM, GRU or SimpleRNN: if a layer of your own class has one "
            "inside, save the weights alone, model.save_weights('model.weights.h5'), and upload those"
        )
    vocabulary, where = vocabulary_of(graphs, lambda _node: None)
    return ImportedModel(
        framework="TensorFlow",
        format="SavedModel of Keras 2",
        chains=tuple(chains),
        vocabulary=vocabulary,
        vocabulary_from=where,
        initialised_by="Keras",
        notes=tuple(refused),
    )


def _tensorflow(bundle: Bundle, parts: Parts, beside: _Read, model: KerasModel | None) -> ImportedModel:
    variables = variables_of(bundle, beside.facts.order)
    chains, refused = chains_of(variables, bundle, beside.facts, model)
    keras = all(group.keras for group in variables.groups)
    told = "TensorFlow SavedModel" if parts.saved_model else "TensorFlow checkpoint"
    return ImportedModel(
        framework="TensorFlow",
        format=f"{told} of Keras layers" if keras else told,
        chains=chains,
        initialised_by="Keras" if keras else None,
        notes=(*parts.notes, *beside.notes, *refused),
    )


def _beside(archive: zipfile.ZipFile, parts: Parts) -> _Read:
    """The graph and Keras's settings, as far as they are there and not too large."""
    facts, notes = GraphFacts(), []
    described: Described = {}
    if parts.graph:
        size = archive.getinfo(parts.graph).file_size
        try:
            if size > LIMITS.metadata:
                raise TooManyFieldsError
            graph = content_of(archive, parts.graph, LIMITS.metadata)
            facts = _read(lambda: graph_facts(memoryview(graph), saved_model=parts.saved_model), parts.graph)
            if parts.saved_model and not parts.keras:
                described = _read(lambda: described_in_graph(graph), parts.graph)
        except TooManyFieldsError:
            facts = GraphFacts(read=True, left_out=True)
            notes.append(
                f"Its graph has {size / 1e6:,.1f} MB, which is too much to be read: what only it tells is assumed."
            )
    if parts.keras:
        metadata = content_of(archive, parts.keras, LIMITS.metadata)
        with suppress(TooManyFieldsError):  # then names and sizes tell
            described = _read(lambda: described_in_metadata(metadata), parts.keras)
    return _Read(facts, described, tuple(notes))


def _read(reading: Callable[[], Told], name: str) -> Told:
    try:
        return reading()
    except (UnreadableFile, TooManyFieldsError):
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{name[-80:]!r} is damaged ({str(error)[:80]}): {TOGETHER}") from error
