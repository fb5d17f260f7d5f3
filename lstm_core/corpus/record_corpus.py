"""record_corpus: what does a model do over a text of a million steps?"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from dask.delayed import delayed
from tqdm import tqdm

from lstm_core.corpus.batch import needs_whole
from lstm_core.corpus.numbers import USUAL, kept_signals
from lstm_core.corpus.plan import Part, parts_of
from lstm_core.corpus.read_part import Kept, read_part
from lstm_core.corpus.scheduler import HERE, chosen, computed
from lstm_core.corpus.sources import Source, documents_of
from lstm_core.corpus.store import about, add_signal, begin, is_whole, open_corpus, write_about
from lstm_core.corpus.tokens import digest_of, write_tokens
from lstm_core.model import SequenceModel
from lstm_core.saving import OccupiedError
from lstm_core.stack import named_directions


def record_corpus(
    model: SequenceModel,
    source: Source,
    store: str | os.PathLike[str],
    *,
    signals: Sequence[str] = USUAL,
    streams: int = 64,
    dtype: str = "",
    scheduler: Any = None,
    progress: bool | Callable[[int, int], None] = False,
) -> xr.Dataset:
    """What do all units of `model` do over a whole corpus?

    `source` is a text file (one document), a folder of files, a table (.csv, .tsv: for a model of numbers one document of its
    columns, for others a document a line, of the column "text" or "sentence"), or an iterable of texts or `Tokens`. Each
    document begins with a fresh state; a long one is read in blocks that hand their state on. `streams` documents are read
    side by side.

    `store` becomes a folder in zarr's format, with the `signals` of each layer over (step, unit), those that a layer has:
    gates in uint8 (to 0.002), others in float16 (to 0.0005 of their size), or all in `dtype`. Killed in the middle, the
    same call goes on after the last part that is whole; a part has 131,072 to 524,288 steps. `scheduler` is "threads" or the
    address of a dask cluster whose workers see the same folders (or GATESCOPE_SCHEDULER); the numbers are the same.
    `progress` draws a bar, or is called with the steps that are done and the steps of all.

    Returns the first layer's dataset, as `open_corpus` opens it. Raises ValueError for a source that cannot be read and for
    signals that there are not; OccupiedError where `store` holds anything else, another corpus too.

    >>> import tempfile, pretrained
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     corpus.cell.shape, corpus.document.values.tolist()
    ((10, 5), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    """
    path = Path(store)
    kept = kept_signals({name: one.cell.type for name, one in named_directions(model.lstm).items()}, signals, dtype)
    kinds = {name: {signal: stored.dtype for signal, stored in own.items()} for name, own in kept.items()}
    question = {"model": model.digest, "signals": kinds, "streams": streams}
    facts = about(path)
    if facts is None:
        facts = _take_in(path, model, source, kept, question, progress)
    elif any(facts.get(name) != value for name, value in question.items()):
        raise OccupiedError(
            f"{path} holds another corpus, of another model, other signals or other streams: name a new folder"
        )
    elif facts["documents"] != digest_of(documents_of(model, source)):
        raise OccupiedError(f"{path} holds a corpus of other documents: name a new folder")
    offsets = np.array(facts["offsets"])
    parts = parts_of(offsets, streams, whole=needs_whole(model))
    with _bar(int(offsets[-1]), "record", progress) as told:
        told(_whole_steps(path, parts))
        _run(path, model, parts, offsets, kept, streams, scheduler, told)
    return open_corpus(path, layer=next(iter(facts["layers"])))


def _take_in(
    path: Path,
    model: SequenceModel,
    source: Source,
    kept: Kept,
    question: dict[str, Any],
    progress: bool | Callable[[int, int], None],
) -> dict[str, Any]:
    """Put the documents into the store, and room for what is recorded of them: what stands in `corpus.json` then."""
    begin(path)
    with _bar(0, "read", progress if progress is True else False) as told:
        offsets, labels, documents = write_tokens(path, documents_of(model, source), told)
    directions = named_directions(model.lstm)
    for layer, own in kept.items():
        for signal, stored in own.items():
            add_signal(path, layer, signal, steps=offsets[-1], units=directions[layer].units, stored=stored)
    layers = {
        name: {"cell_type": one.cell.type, "direction": "reverse" if one.reverse else "forward"}
        for name, one in directions.items()
    }
    parts = len(parts_of(np.array(offsets), question["streams"], whole=needs_whole(model)))
    facts = {**question, "layers": layers, "parts": parts, "documents": documents, "offsets": offsets, "labels": labels}
    write_about(path, facts)
    return facts


def _run(
    path: Path,
    model: SequenceModel,
    parts: Sequence[Part],
    offsets: np.ndarray,
    kept: Kept,
    streams: int,
    scheduler: Any,
    told: Callable[[int], None],
) -> None:
    """Compute all parts; one that goes on from the part before waits for it."""
    here = chosen(scheduler) in HERE
    reached = _whole_steps(path, parts)

    def look() -> None:
        nonlocal reached
        now = _whole_steps(path, parts)
        told(now - reached)
        reached = now

    read = partial(read_part, path, model, offsets=offsets, kept=kept, streams=streams, told=told if here else None)
    shared = delayed(read, pure=False)  # once in the graph, whose tasks would each have a copy of the model
    tasks: list[Any] = []
    for part in parts:
        before = tasks[-1] if part.continues else None
        tasks.append(delayed(_after, pure=False)(before, shared, part))
    computed(tasks, scheduler, watched=look)


def _whole_steps(path: Path, parts: Sequence[Part]) -> int:
    return sum(part.stop - part.start for part in parts if is_whole(path, part.number))


def _after(_before: int | None, read: Callable[[Part], int], part: Part) -> int:
    return read(part)


@contextmanager
def _bar(steps: int, what: str, progress: bool | Callable[[int, int], None]) -> Iterator[Callable[[int], None]]:
    """What is called with more steps that are done."""
    if callable(progress):
        done = 0

        def told(more: int) -> None:
            nonlocal done
            done += more
            progress(done, steps)

        yield told
        return
    with tqdm(total=steps or None, desc=what, unit=" steps", unit_scale=True, disable=not progress) as bar:
        yield lambda more: bar.update(more) and None
