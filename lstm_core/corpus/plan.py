"""Which steps of a corpus are read together: parts of whole chunks, and in each the documents side by side.

A part can be recorded by any process, and again after a kill, with the same numbers: what it holds depends only on the
documents. A document that began in the part before is read again from its beginning if that is near; else it goes on with
the state that the part before has left.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

CHUNK = 2048  # steps of a stored chunk
LEAST, MOST = 1 << 17, 1 << 19  # steps of a part
NEAR = 8  # what is read again is at most this fraction of a part


@dataclass(frozen=True)
class Part:
    """The steps from `start` to `stop` of a corpus. Does its first document go on from the part before?"""

    number: int
    start: int
    stop: int
    continues: bool = False


@dataclass(frozen=True)
class Piece:
    """Steps of one document that are read one after the other, from `start`; those from `shown` are kept."""

    start: int
    shown: int
    stop: int
    fresh: bool  # does it begin with the document?

    @property
    def steps(self) -> int:
        return self.stop - self.start


def parts_of(offsets: np.ndarray, streams: int, *, whole: bool = False) -> list[Part]:
    """The parts of a corpus whose documents begin at `offsets`, of which the last is the number of all steps.

    A part has about as many steps as `streams` documents, within LEAST and MOST. With `whole`, for layers that read
    backwards, documents are never cut.
    """
    steps, documents = int(offsets[-1]), len(offsets) - 1
    size = min(max(streams * steps // max(documents, 1), LEAST), MOST)
    size = -(-size // CHUNK) * CHUNK
    edges = [*range(0, steps, size), steps]
    found = []
    for number, (start, stop) in enumerate(pairwise(edges)):
        began = int(offsets[np.searchsorted(offsets, start, side="right") - 1])
        found.append(Part(number, start, stop, continues=not whole and start - began > size // NEAR))
    return found


def pieces_of(part: Part, offsets: np.ndarray, *, whole: bool = False) -> list[Piece]:
    """What is read for a part, the longest pieces first."""
    first = int(np.searchsorted(offsets, part.start, side="right")) - 1
    last = int(np.searchsorted(offsets, part.stop, side="left"))
    found = []
    for begin, end in pairwise(offsets[first : last + 1].tolist()):
        start = part.start if part.continues and begin < part.start else begin
        stop = end if whole else min(end, part.stop)
        found.append(Piece(start, max(begin, part.start), stop, fresh=start == begin))
    return sorted(found, key=lambda one: (-one.steps, one.start))
