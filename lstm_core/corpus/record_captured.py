"""What was captured of a module inside any model, as a corpus."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from lstm_core.capture.modules import CapturedModule
from lstm_core.capture.sequences import ReadSequence
from lstm_core.corpus.chunks import ChunkWriter
from lstm_core.corpus.numbers import USUAL, kept_signals
from lstm_core.corpus.store import add_signal, array, begin, mark, open_corpus, write_about
from lstm_core.corpus.tokens import write_tokens
from lstm_core.encoders import Tokens


def record_captured(
    captured: CapturedModule,
    store: str | os.PathLike[str],
    *,
    signals: Sequence[str] = USUAL,
    dtype: str = "",
    labels: Sequence[Sequence[str]] = (),
) -> xr.Dataset:
    """What did one recurrent module inside your own model do over everything that it read? As a corpus.

    `captured` is a part of what `capture` gave; every sequence that it read is a document. `labels` has the labels of each
    document's steps, their numbers by default. `store`, `signals` and `dtype` are as for `record_corpus`. Returns the first
    layer's dataset. Raises ValueError where nothing was captured, and for labels that are not as many as the steps.

    >>> import tempfile, torch
    >>> from lstm_core import capture
    >>> model = torch.nn.LSTM(2, 3)
    >>> with capture(model) as captured:
    ...     _ = model(torch.randn(7, 5, 2))  # five sequences of seven steps
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record_captured(captured[""], f"{folder}/corpus").cell.shape
    (35, 3)
    """
    documents = [reading.select(sequence=one) for reading in captured.readings for one in range(reading.sequences)]
    if not documents:
        raise ValueError(f"{captured!r}: there is nothing to keep; run the model inside the block of capture")
    path = Path(store)
    layers = documents[0].layers
    kept = kept_signals({name: layer.attrs["cell_type"] for name, layer in layers.items()}, signals, dtype)
    begin(path)
    offsets, names, _ = write_tokens(path, _tokens(documents, labels))
    writers = {}
    for layer, own in kept.items():
        for signal, stored in own.items():
            add_signal(path, layer, signal, steps=offsets[-1], units=layers[layer].sizes["unit"], stored=stored)
            name = f"layers/{layer}/{signal}"
            writers[layer, signal] = ChunkWriter(path / name, array(path, name), 0, offsets[-1])
    for at, document in zip(offsets[:-1], documents, strict=True):
        for (layer, signal), writer in writers.items():
            values = torch.from_numpy(document.layer(layer)[signal].to_numpy())
            writer.put(at, kept[layer][signal].stored(values))
    for writer in writers.values():
        writer.finish()
    about = {name: {key: layer.attrs[key] for key in ("cell_type", "direction")} for name, layer in layers.items()}
    write_about(path, {"layers": about, "parts": 1, "offsets": offsets, "labels": names})
    mark(path, 0, None)
    return open_corpus(path, layer=next(iter(layers)))


def _tokens(documents: Sequence[ReadSequence], labels: Sequence[Sequence[str]]) -> list[Tokens]:
    lengths = [document.layer(document.names[0]).sizes["step"] for document in documents]
    given = labels or [[str(step) for step in range(length)] for length in lengths]
    if [len(one) for one in given] != lengths:
        raise ValueError(
            f"the documents have {lengths[:5]} steps, and the labels are {[len(one) for one in given][:5]}"
        )
    return [Tokens(np.zeros(len(one), np.int64), tuple(one), np.arange(len(one))) for one in given]
