"""Where in a corpus is each unit high, low, and in between?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.analysis.saturation import GATES_OF
from lstm_core.analysis.value_counts import Scale, coded_blocks, document_starts, scale_of
from lstm_core.given import checked

WINDOW = 60  # steps
TOP, EACH, PARTS = 20, 5, 5
SEED = 0


@checked
def unit_passages(
    corpus: xr.Dataset, signal: str, *, window: int = WINDOW, top: int = TOP, each: int = EACH
) -> pd.DataFrame:
    """Where is a signal of each unit highest, lowest, and in each fifth of its values? Places to be read, not only the tops.

    Each document of `corpus` is cut into windows of so many steps from its beginning, the last one shorter. A unit's list
    "top" has the `top` highest of all windows' highest values, in falling order; "bottom" likewise the lowest, for signals
    that are no gates. The lists "fifth 1" to "fifth 5" are of the values at the middle of each window: these are sorted,
    cut into five parts of equal number, and `each` places are drawn from each part, the same at every call. A place that is nearer than
    a window to one chosen before it, in the same document, is passed over: so no two passages of a unit overlap. Of equal
    values the first comes first. Where the corpus is short, lists have fewer places, or none.

    Returns a row for each place: `unit`, `list`, `step` of the value, `value`, and the passage around it, from the step
    `start` to before `stop`: a window's length, or less at a document's ends. Units that are NaN or infinite at some step have no rows.
    Raises KeyError naming the signals there are, and ValueError for a window of no steps.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import unit_passages
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     found = unit_passages(corpus, "cell", window=4)
    >>> found[found["unit"] == 0][["list", "step"]].to_numpy().tolist()
    [['top', 2], ['top', 7]]
    """
    if signal not in corpus:
        raise KeyError(f"no signal {signal!r}: this corpus has {', '.join(map(str, corpus.data_vars))}")
    if window < 1:
        raise ValueError(f"a window has 1 step or more, not {window}")
    windows = _windows(document_starts(corpus), window)
    scale = scale_of(corpus[signal])
    high, low, middle = _extremes(corpus[signal], scale, windows)
    order = np.random.default_rng(SEED).permutation(len(windows.starts))
    signed = signal not in GATES_OF.get(corpus.attrs.get("cell_type", "LSTM"), ())
    rows: list[tuple[int, str, int, float]] = []
    for place, unit in enumerate(corpus["unit"].to_numpy().tolist()):
        if scale.finite[[high.codes[place].max(), low.codes[place].min()]].all():
            lists = _chosen(high, low, middle, place, windows, order, top=top, each=each, signed=signed)
            rows += [(unit, name, step, float(scale.levels[code])) for name, step, code in lists]
    return _table(rows, windows)


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of all documents, one after the other."""

    starts: np.ndarray  # (window,)
    lengths: np.ndarray
    documents: np.ndarray  # the document of each
    edges: np.ndarray  # where documents begin, and the number of steps last
    size: int


@dataclass(frozen=True, eq=False)
class Picked:
    """One step of each window: its code and where it is, (unit, window)."""

    codes: np.ndarray
    steps: np.ndarray


def _windows(edges: np.ndarray, size: int) -> Windows:
    counts = -(-np.diff(edges) // size)
    documents = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(documents)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = edges[documents] + within * size
    return Windows(starts, np.minimum(size, edges[documents + 1] - starts), documents, edges, size)


def _extremes(signal: xr.DataArray, scale: Scale, windows: Windows) -> tuple[Picked, Picked, Picked]:
    """The highest, the lowest and the middle step of each window."""
    picked: list[list[tuple[np.ndarray, np.ndarray]]] = [[], [], []]
    for first, last, start, codes in _whole_windows(coded_blocks(signal, scale), windows):
        begin, length = windows.starts[first:last, None], windows.lengths[first:last, None]
        # A short window repeats its last step, which argmax, the first of equals, never prefers.
        at = begin - start + np.minimum(np.arange(windows.size), length - 1)
        own = codes[:, at]
        half = np.broadcast_to(length[:, 0] // 2, own.shape[:2])
        for one, which in zip(picked, (own.argmax(-1), own.argmin(-1), half), strict=True):
            one.append((np.take_along_axis(own, which[..., None], -1)[..., 0], begin[:, 0] + which))
    high, low, middle = (Picked(*(np.concatenate(part, 1) for part in zip(*one, strict=True))) for one in picked)
    return high, low, middle


def _whole_windows(
    parts: Iterable[tuple[int, np.ndarray]], windows: Windows
) -> Iterator[tuple[int, int, int, np.ndarray]]:
    """The windows from a first to before a last that lie within (start, codes); what is cut goes on with the next part."""
    ends, first = windows.starts + windows.lengths, 0
    left = np.empty((0, 0), np.uint16)
    for start, codes in parts:
        own = np.concatenate([left, codes], 1) if left.size else codes
        begin = start + codes.shape[1] - own.shape[1]
        last = int(np.searchsorted(ends, begin + own.shape[1], side="right"))
        if last > first:
            yield first, last, begin, own
            left = own[:, ends[last - 1] - begin :]
        else:
            left = own
        first = last


def _chosen(
    high: Picked,
    low: Picked,
    middle: Picked,
    unit: int,
    windows: Windows,
    order: np.ndarray,
    *,
    top: int,
    each: int,
    signed: bool,
) -> Iterator[tuple[str, int, int]]:
    """The list, step and code of each place of one unit."""
    taken: dict[int, list[int]] = {}
    highest = np.argsort(-high.codes[unit].astype(np.int64), kind="stable")
    ranked = np.argsort(middle.codes[unit], kind="stable")
    lists = [("top", high, highest, top)]
    if signed:
        lists.append(("bottom", low, np.argsort(low.codes[unit], kind="stable"), top))
    for number, part in enumerate(np.array_split(ranked, PARTS), 1):
        lists.append((f"fifth {number}", middle, part[np.argsort(order[part])], each))
    for name, picked, wanted, count in lists:
        left = count
        for one in wanted.tolist():
            if left <= 0:
                break
            step = int(picked.steps[unit, one])
            if _is_free(taken, one, step, windows):
                taken.setdefault(one, []).append(step)
                left -= 1
                yield name, step, int(picked.codes[unit, one])


def _is_free(taken: dict[int, list[int]], window: int, step: int, windows: Windows) -> bool:
    """Is a step of this window at least a window away from all that are taken? Only its neighbours can be nearer."""
    return not any(
        abs(step - other) < windows.size
        for near in (window - 1, window, window + 1)
        if near in taken and windows.documents[near] == windows.documents[window]
        for other in taken[near]
    )


def _table(rows: list[tuple[int, str, int, float]], windows: Windows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["unit", "list", "step", "value"])
    table["start"], table["stop"] = passage_spans(table["step"].to_numpy(np.int64), windows.edges, window=windows.size)
    return table


def passage_spans(steps: np.ndarray, edges: np.ndarray, *, window: int = WINDOW) -> tuple[np.ndarray, np.ndarray]:
    """From which step to before which goes the passage around each of these steps? A window's length, within its document.

    `edges` are the steps at which documents begin, and the number of all steps last. The place itself stands in the middle,
    or nearer to an end where the document begins or ends.

    >>> import numpy as np
    >>> [ends.tolist() for ends in passage_spans(np.array([1, 7]), np.array([0, 6, 10]), window=4)]
    [[0, 6], [3, 9]]
    """
    document = np.searchsorted(edges, steps, side="right") - 1
    start = steps - window // 2
    return np.maximum(start, edges[document]), np.minimum(start + window, edges[document + 1])
