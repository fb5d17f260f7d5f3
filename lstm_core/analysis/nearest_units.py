"""Which units are most alike?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.value_counts import blocks
from lstm_core.given import checked


@checked
def nearest_units(corpus: xr.Dataset) -> xr.DataArray:
    """How closely do the hidden states of each two units go together over a corpus?

    Returns the correlation over ("unit", "other"), -1..1, from one pass; 1 with itself; 0 for what does not change, and NaN for units that are NaN or infinite at
    some step, also beside others.
    Raises ValueError where hidden states are not recorded.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import nearest_units
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     nearest_units(corpus).shape
    (5, 5)
    """
    if "hidden" not in corpus:
        raise ValueError("the hidden states of this corpus are not recorded: record_corpus(..., signals=('hidden',))")
    units, steps = corpus.sizes["unit"], corpus.sizes["step"]
    gram, total, shift = np.zeros((units, units)), np.zeros(units), None
    for _, rows in blocks(corpus["hidden"]):
        numbers = np.where(np.isfinite(rows), rows, np.nan).astype(np.float64)
        shift = numbers.mean(axis=0) if shift is None else shift
        numbers -= shift
        gram += numbers.T @ numbers
        total += numbers.sum(axis=0)
    gram -= np.outer(total, total) / steps
    size = np.sqrt(np.maximum(np.diag(gram), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(np.outer(size, size) == 0, 0.0, gram / np.outer(size, size))
    found[np.diag_indices(units)] = np.where(np.isnan(size), np.nan, 1.0)
    named = {"unit": corpus["unit"].to_numpy(), "other": corpus["unit"].to_numpy()}
    return xr.DataArray(np.clip(found, -1, 1), dims=("unit", "other"), coords=named)
