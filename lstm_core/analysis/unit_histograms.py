"""How are each unit's values spread over a corpus?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.saturation import GATES_OF, HIGH, LOW
from lstm_core.analysis.value_counts import Scale, broken_units, scale_of, value_counts
from lstm_core.given import checked
from lstm_core.recording import signals_of

BINS = 64
RANGES = {
    **{gate: (0.0, 1.0) for gates in GATES_OF.values() for gate in gates},
    "candidate": (-1.0, 1.0),
    "hidden": (-1.0, 1.0),
}


@checked
def unit_histograms(corpus: xr.Dataset) -> xr.Dataset:
    """How often does each unit have which values, and at what share of the steps is its gate nearly closed or nearly open?

    `corpus` is what `lstm_core.corpus.open_corpus` gives; each signal is read once, part by part. Returns over ("signal",
    "unit"): `mean` and `deviation` (standard deviation); `below` and `above`, the shares 0..1 of the steps below 0.1 and above
    0.9, as in `unit_saturation`, NaN for what is no gate; `count` over ("signal", "unit", "bin"), how many steps have a
    value in each of 64 equal bins, the last with its upper edge, as numpy.histogram counts; and their `edge` over
    ("signal", "unit", "edge"). Bins go over the signal's range, 0 to 1 for a gate, -1 to 1 for candidate and hidden state;
    over the unit's own range for a cell state, which has none, and for a unit that is ever outside of it.

    A unit that is NaN or infinite at some step has NaN, and no counts. Signals stored in float32 are counted as float16.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import unit_histograms
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     found = unit_histograms(corpus)
    >>> found["count"].sum("bin").sel(signal="forget").values.tolist()
    [10, 10, 10, 10, 10]
    """
    names = recorded_signals(corpus)
    gates = GATES_OF.get(corpus.attrs.get("cell_type", "LSTM"), ())
    found = [_of_signal(corpus[name], RANGES.get(name), gate=name in gates) for name in names]
    dims = {"count": ("unit", "bin"), "edge": ("unit", "edge")}
    return xr.Dataset(
        {
            key: (("signal", *dims.get(key, ("unit",))), np.stack([one[key] for one in found]))
            for key in ("count", "edge", "mean", "deviation", "below", "above")
        },
        coords={"signal": names, "unit": corpus["unit"]},
        attrs={**corpus.attrs, "steps": corpus.sizes["step"]},
    )


def recorded_signals(corpus: xr.Dataset) -> list[str]:
    """The signals that a corpus has. Raises ValueError for one without any."""
    names = [name for name in signals_of(corpus) if name in corpus]
    if not names:
        raise ValueError(
            "this corpus has none of the layer's signals: record_corpus(..., signals=('cell', 'hidden', 'forget'))"
        )
    return names


def _of_signal(signal: xr.DataArray, bounds: tuple[float, float] | None, *, gate: bool) -> dict[str, np.ndarray]:
    scale = scale_of(signal)
    counts = value_counts(signal, scale)
    broken = broken_units(counts, scale)
    rows = [_of_unit(own, scale, bounds, gate=gate, broken=bool(bad)) for own, bad in zip(counts, broken, strict=True)]
    return {key: np.stack([row[key] for row in rows]) for key in rows[0]}


def _of_unit(
    counts: np.ndarray, scale: Scale, bounds: tuple[float, float] | None, *, gate: bool, broken: bool
) -> dict[str, np.ndarray]:
    nothing = np.array(np.nan)
    if broken:
        known = {"mean": nothing, "deviation": nothing, "below": nothing, "above": nothing}
        return {"count": np.zeros(BINS, np.int64), "edge": np.full(BINS + 1, np.nan), **known}
    codes = np.flatnonzero(counts)
    values, times = scale.levels[codes], counts[codes].astype(np.int64)
    steps, mean = times.sum(), np.average(values, weights=times)
    inside = bounds is not None and bounds[0] <= values[0] and values[-1] <= bounds[1]
    counted, edge = np.histogram(values, BINS, bounds if inside else None, weights=times)
    return {
        "count": counted.astype(np.int64),
        "edge": edge,
        "mean": mean,
        "deviation": np.sqrt(np.average((values - mean) ** 2, weights=times)),
        "below": np.array(times[values < LOW].sum() / steps) if gate else nothing,
        "above": np.array(times[values > HIGH].sum() / steps) if gate else nothing,
    }
