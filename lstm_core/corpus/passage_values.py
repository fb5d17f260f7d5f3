"""What stands in passages of a corpus, and what did a unit do there?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from dask.base import compute

from lstm_core.analysis.unit_passages import WINDOW
from lstm_core.equality import ByValue
from lstm_core.given import checked


@dataclass(frozen=True, eq=False)
class PassageValues(ByValue):
    """One passage: the step at which it starts, and for each of its steps the token's label and the unit's value."""

    start: int
    tokens: tuple[str, ...]
    values: np.ndarray  # (step,) float32


@checked
def passage_values(
    corpus: xr.Dataset, unit: int, signal: str, steps: Sequence[int], *, window: int = WINDOW
) -> list[PassageValues]:
    """What stands around these steps, and what did a unit's signal do there? For each a passage, as `unit_passages` cuts it.

    `corpus` is what `open_corpus` gives; only the chunks that the passages lie in are read. A passage has at most `window` steps, with the
    given one in the middle, and ends with its document. Raises KeyError for a signal and IndexError for steps and units that there are not.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import passage_values, record_corpus
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     found = passage_values(corpus, 0, "cell", [2, 7], window=4)
    >>> [(one.start, "".join(one.tokens), len(one.values)) for one in found]
    [(0, 'Saab', 4), (6, 'Sab', 3)]
    """
    if signal not in corpus:
        raise KeyError(f"no signal {signal!r}: this corpus has {', '.join(map(str, corpus.data_vars))}")
    if not 0 <= unit < corpus.sizes["unit"]:
        raise IndexError(f"there is no unit {unit}: this layer has units 0 to {corpus.sizes['unit'] - 1}")
    total = corpus.sizes["step"]
    wrong = [step for step in steps if not 0 <= step < total]
    if wrong:
        raise IndexError(f"there is no step {wrong[0]}: this corpus has steps 0 to {total - 1}")
    starts = np.asarray(steps, np.int64) - window // 2
    around = [np.arange(max(start, 0), min(start + window, total)) for start in starts.tolist()]
    every = np.unique(np.concatenate([*around, np.zeros(0, np.int64)]))
    wanted = corpus[signal].isel(unit=unit).data[every], corpus["token"].data[every], corpus["document"].data[every]
    values, token, document = map(np.asarray, compute(*wanted))
    found = []
    for step, near in zip(steps, around, strict=True):
        at = np.searchsorted(every, near)
        own = at[document[at] == document[np.searchsorted(every, step)]]
        found.append(PassageValues(int(every[own[0]]), tuple(token[own].tolist()), values[own].astype(np.float32)))
    return found
