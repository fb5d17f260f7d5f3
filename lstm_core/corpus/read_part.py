"""One part of a corpus: read, and written into the store. What a worker is asked to do."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lstm_core.corpus.batch import Block, Reader, needs_whole, reader_of
from lstm_core.corpus.chunks import ChunkWriter
from lstm_core.corpus.numbers import Stored
from lstm_core.corpus.plan import Part, Piece, pieces_of
from lstm_core.corpus.store import array, is_whole, mark, state_after
from lstm_core.corpus.tokens import inputs_of
from lstm_core.model import SequenceModel
from lstm_core.record import full_float32, run_layers

Kept = Mapping[str, Mapping[str, Stored]]  # by layer and signal


def read_part(
    path: Path,
    model: SequenceModel,
    part: Part,
    *,
    offsets: np.ndarray,
    kept: Kept,
    streams: int,
    told: Callable[[int], None] | None = None,
) -> int:
    """Record a part, unless that was done; `told` hears how many more of its steps are kept. Returns the part's number."""
    if is_whole(path, part.number):
        return part.number
    whole = needs_whole(model)
    pieces = pieces_of(part, offsets, whole=whole)
    first = min(one.start for one in pieces)
    writers = _writers(path, part, kept)
    state = None
    with torch.inference_mode(), full_float32():
        inputs = inputs_of(path, first, max(one.stop for one in pieces)).to(model.device)
        if whole:
            blocks = _whole_documents(model, pieces, inputs, first)
        else:
            reader = reader_of(model)
            before = torch.from_numpy(state_after(path, part.number - 1)) if part.continues else None
            wanted = {signal for own in kept.values() for signal in own}
            blocks = _side_by_side(reader, pieces, inputs, first, before, streams=streams, wanted=wanted)
        for block in blocks:
            if not whole and part.stop not in offsets:
                for lane, piece in enumerate(block.pieces):
                    if block.starts[lane] + block.lengths[lane] == piece.stop == part.stop:
                        state = reader.state_at(block, lane).cpu().numpy()[0]
            _keep(block, writers, kept)
            if told is not None:
                told(_kept_steps(block, part))
    for writer in writers.values():
        writer.finish()
    mark(path, part.number, state)
    return part.number


def _kept_steps(block: Block, part: Part) -> int:
    """Without what was read again, or beyond the part."""
    lanes = zip(block.pieces, block.starts, block.lengths, strict=True)
    return sum(max(min(at + own, part.stop) - max(at, piece.shown), 0) for piece, at, own in lanes)


def _side_by_side(
    reader: Reader,
    pieces: Sequence[Piece],
    inputs: Tensor,
    first: int,
    before: Tensor | None,
    *,
    streams: int,
    wanted: Collection[str],
) -> Iterator[Block]:
    for at in range(0, len(pieces), streams):
        yield from reader.read(pieces[at : at + streams], inputs, first, before, wanted)


def _whole_documents(model: SequenceModel, pieces: Sequence[Piece], inputs: Tensor, first: int) -> Iterator[Block]:
    for piece in pieces:
        x = model.embedding(inputs[piece.start - first : piece.stop - first])
        steps, _ = run_layers(model.lstm, x, None)
        signals = {
            name: {one: signal[:, None] for one, signal in zip(step._fields, step, strict=True)}
            for name, step in steps.items()
        }
        yield Block([piece], [piece.start], [piece.steps], signals)


def _writers(path: Path, part: Part, kept: Kept) -> dict[tuple[str, str], ChunkWriter]:
    found = {}
    for layer, signals in kept.items():
        for signal in signals:
            name = f"layers/{layer}/{signal}"
            found[layer, signal] = ChunkWriter(path / name, array(path, name), part.start, part.stop)
    return found


def _keep(block: Block, writers: Mapping[tuple[str, str], ChunkWriter], kept: Kept) -> None:
    for (layer, signal), writer in writers.items():
        rows = kept[layer][signal].stored(block.signals[layer][signal])
        for lane, (piece, at, own) in enumerate(zip(block.pieces, block.starts, block.lengths, strict=True)):
            hidden = max(piece.shown - at, 0)  # read again for its state alone
            if own > hidden:
                writer.put(at + hidden, rows[hidden:own, lane])
