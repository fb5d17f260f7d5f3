"""Which earlier tokens is a cell state made of, and which units remember a token?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.memory import in_order, memory, place_of, state
from lstm_core.given import checked

TINY = 1e-200  # what is left is nothing from here on: subnormal numbers would make products a hundred times slower
CHECKED = 32  # steps between two looks for what is that small: not even factors of 1e-3 get it to 1e-300 in between


@checked
def ledger(layer: xr.Dataset, step: int) -> xr.Dataset:
    """Which tokens wrote the cell state after `step`, and how much of each contribution is left?

    c_t = sum over k <= t of (product over k < j <= t of f_j) * i_k * g_k, and what is left of the initial cell: Murdoch &
    Szlam 2017, "Automatic rule extraction from long short term memory networks", section 3.2, exact. Returns,
    float64 over ("step", "unit") for the steps that were read up to `step`, in the order of reading: `written` (i_k * g_k),
    `left` (the product of forget gates, 0..1, 1 at `step` itself) and `contribution`, their product; over ("unit",)
    `initial`, what is left of the initial cell. A column of `contribution` and `initial` sum to the cell, see `ledger_error`.
    A gate that is NaN makes NaN of all that was written before it, in its unit alone.

    Of a GRU, whose memory is its hidden state, z stands for f and (1 - z_k) * n_k for i_k * g_k. Raises ValueError for a
    simple layer, and for a step that was not read.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import ledger
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> found = ledger(layer, step=7)
    >>> total = found.contribution.sum("step") + found.initial
    >>> bool(abs(total - layer.cell.sel(step=7)).max() < 1e-4)
    True
    """
    terms = memory(layer)
    end = place_of(layer, step) + 1
    left = np.empty((end, terms.keep.shape[1]))
    left[-1] = 1
    for k in range(end - 2, -1, -1):
        np.multiply(left[k + 1], terms.keep[k + 1], out=left[k])
        _drop_nothings(left[k], k)
    written = terms.written[:end]
    parts = {"written": written, "left": left, "contribution": left * written}
    found = _of_steps(layer, in_order(layer)[:end], parts, step)
    return found.assign(initial=("unit", left[0] * terms.keep[0] * terms.initial))


@checked
def remembered(layer: xr.Dataset, step: int) -> xr.Dataset:
    """Which units remember the token at `step`: how much of what it wrote is left at each later step?

    The ledger forwards. Returns, float64 over ("step", "unit") for `step` and all that are read after it, in the order of
    reading: `left`, the product of forget gates since (1 at `step` itself), and `contribution`, that times what `step`
    wrote. Raises ValueError as `ledger` does.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import remembered
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> remembered(layer, step=1).left.sel(step=1).values.tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    terms = memory(layer)
    begin = place_of(layer, step)
    keep = terms.keep[begin:]
    left = np.empty(keep.shape)
    left[0] = 1
    for later in range(1, len(keep)):
        np.multiply(left[later - 1], keep[later], out=left[later])
        _drop_nothings(left[later], later)
    parts = {"left": left, "contribution": left * terms.written[begin]}
    return _of_steps(layer, in_order(layer)[begin:], parts, step)


@checked
def ledger_error(found: xr.Dataset, layer: xr.Dataset) -> float:
    """The largest difference, over units, between the sum of a ledger's parts and the cell state.

    As a share of the largest value that the unit's memory had until then, or of 1 where it had none above: the recorded
    memory is float32, summed step by step, and has no more digits than that. Below 1e-5 unless something is wrong; NaN where
    any part of any unit is NaN or infinite, so choose the units that are known first.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import ledger, ledger_error
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> ledger_error(ledger(layer, step=7), layer) < 1e-5
    True
    """
    initial, states = memory(layer).initial, state(layer)[: place_of(layer, int(found.attrs["of_step"])) + 1]
    total = found["contribution"].sum("step", skipna=False).to_numpy() + found["initial"].to_numpy()
    reached = np.maximum(1, np.maximum(np.abs(initial), np.abs(states).max(axis=0)))
    with np.errstate(invalid="ignore"):  # infinite parts: their difference is NaN
        return float((np.abs(total - states[-1]) / reached).max())


@checked
def keepers(found: xr.Dataset, count: int) -> list[int]:
    """The units that remember a token best: those with the largest mean |contribution| over the later steps.

    `found` is what `remembered` returns; the best come first, ties by unit, and units with NaN last.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import keepers, remembered
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> len(keepers(remembered(layer, step=1), count=2))
    2
    """
    later = np.abs(
        found["contribution"].to_numpy()[1:] if found.sizes["step"] > 1 else found["contribution"].to_numpy()
    )
    best = np.argsort(-later.mean(axis=0), kind="stable")[:count]
    return [int(unit) for unit in found["unit"].to_numpy()[best]]


@checked
def best_remembered(layer: xr.Dataset, unit: int) -> int:
    """The step whose token a unit remembers best: the one with the largest |contribution|, summed over later steps.

    The step for which |written_k| times the sum of `left` over k and all later steps is largest, the first of equals; what is no
    number counts as nothing. Raises ValueError for a simple layer.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import best_remembered
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> 0 <= best_remembered(layer, unit=3) < 8
    True
    """
    own = memory(layer.sel(unit=[unit]))
    keep, written = own.keep[:, 0].astype(np.float64), np.abs(own.written[:, 0])
    lasting = np.ones(len(keep))
    for k in range(len(keep) - 2, -1, -1):
        lasting[k] += keep[k + 1] * lasting[k + 1]
    return int(layer["step"].to_numpy()[in_order(layer)][np.nan_to_num(written * lasting).argmax()])


def _drop_nothings(left: np.ndarray, step: int) -> None:
    if step % CHECKED == 0:
        left[left < TINY] = 0


def _of_steps(layer: xr.Dataset, places: np.ndarray, parts: dict[str, np.ndarray], step: int) -> xr.Dataset:
    return xr.Dataset(
        {name: (("step", "unit"), part) for name, part in parts.items()},
        coords={name: layer[name].isel(step=places) for name in ("step", "token", "group")} | {"unit": layer["unit"]},
        attrs={**layer.attrs, "of_step": step},
    )
