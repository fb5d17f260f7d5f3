"""How long does each unit remember over a corpus, by its forget gate?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.corpus_following import KEEPS
from lstm_core.analysis.value_counts import broken_units, scale_of, value_counts
from lstm_core.given import checked

HALF = float(np.log(0.5))


@checked
def corpus_timescale(corpus: xr.Dataset) -> xr.Dataset:
    """After how many steps is half of a unit's memory gone, by the mean of ln f over all steps?

    Returns over ("unit",), in steps, `half_life`, and `low` and `high`: what it would be if every stored f were as much too
    high or too low as the store allows (`largest_error`). A gate in uint8 that is stored as 0 or 1 is taken to be
    halfway to what still rounds to it, so that none is shut or open for ever; hence no half-life is above 707 steps there.
    Of a GRU, the update gate stands for f. Raises ValueError where that gate is not recorded; NaN for units with NaN.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import corpus_timescale
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     corpus_timescale(corpus)["half_life"].dims
    ('unit',)
    """
    keep = KEEPS.get(corpus.attrs.get("cell_type", "LSTM"))
    if keep is None or keep not in corpus:
        raise ValueError(f"the {keep or 'forget'} gate of this corpus is not recorded: there is no timescale")
    scale = scale_of(corpus[keep])
    counts = value_counts(corpus[keep], scale)
    error = 0.5 / 255 if scale.bytewise else 0.0
    levels = np.where(scale.finite, scale.levels, 0)
    tried = {
        "half_life": np.clip(levels, error / 2, 1 - error / 2),
        "low": np.clip(levels - error, 0, 1),
        "high": np.clip(levels + error, 0, 1),
    }
    broken, found = broken_units(counts, scale), {}
    for name, gate in tried.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(counts > 0, counts * np.log(gate), 0.0).sum(axis=1) / counts.sum(axis=1)
            found[name] = ("unit", np.where(broken, np.nan, np.abs(HALF / logs)))
    return xr.Dataset(found, coords={"unit": corpus["unit"]}, attrs={**corpus.attrs, "units": "step"})
