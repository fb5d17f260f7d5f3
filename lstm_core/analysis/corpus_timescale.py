"""How long does each unit remember over a corpus, by its forget gate?"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from lstm_core.analysis.corpus_following import KEEPS
from lstm_core.analysis.draws import check_draws, false_discovery_rate, share_as_good
from lstm_core.analysis.value_counts import broken_units, scale_of, value_counts
from lstm_core.given import checked

HALF = float(np.log(0.5))
BYTE, FLOAT16 = 0.5 / 255, 2.0**-12  # the most that a gate between 0 and 1 is off, as it is stored


@checked
def corpus_timescale(corpus: xr.Dataset, *, untrained: Sequence[xr.Dataset] = ()) -> xr.Dataset:
    """After how many steps is half of a unit's memory gone, by the mean of ln f over all steps?

    Returns over ("unit",), in steps, `half_life`, and `low` and `high`: what it would be if every stored f were as much too
    high or too low as the store allows. A gate that is stored as 0 or 1 is taken to be halfway to what still rounds to it, so
    that none is shut or open for ever; hence no half-life is above 707 steps where gates are stored in uint8, or 5,678 in float16.
    `at_least` is true where `high` is more than twice the half-life: then all that is known is that it is at least `low`.

    With `untrained`, models of the same architecture with random weights as `corpus_following` takes them: `untrained`,
    the longest half-life of all their units; `p`, the share of these units that remember as long, (1 + hits) / (1 + units);
    and `q`, its false-discovery rate over the units (Benjamini & Hochberg 1995).

    Of a GRU, the update gate stands for f. Raises ValueError where that gate is not recorded, and as `corpus_following` does
    for `untrained`; NaN for units with NaN.

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
    check_draws(corpus, untrained, [keep])
    found = _half_lives(corpus[keep])
    found["at_least"] = found["high"] > 2 * found["half_life"]
    if untrained:
        beside = np.concatenate([_half_lives(one[keep])["half_life"] for one in untrained])
        known, beside = ~np.isnan(found["half_life"]), beside[~np.isnan(beside)]
        p = share_as_good(found["half_life"], beside)
        found |= {"untrained": np.where(known, beside.max(initial=0.0), np.nan), "p": p, "q": p.copy()}
        found["q"][known] = false_discovery_rate(p[known])
    return xr.Dataset(
        {key: ("unit", values) for key, values in found.items()},
        coords={"unit": corpus["unit"]},
        attrs={**corpus.attrs, "units": "step"},
    )


def _half_lives(gate: xr.DataArray) -> dict[str, np.ndarray]:
    """`half_life`, `low` and `high`, (unit,)."""
    scale = scale_of(gate)
    counts = value_counts(gate, scale)
    error = BYTE if scale.bytewise else FLOAT16
    levels = np.where(scale.finite, scale.levels, 0)
    tried = {
        "half_life": np.clip(levels, error / 2, 1 - error / 2),
        "low": np.clip(levels - error, 0, 1),
        "high": np.clip(levels + error, 0, 1),
    }
    broken, found = broken_units(counts, scale), {}
    for name, values in tried.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(counts > 0, counts * np.log(values), 0.0).sum(axis=1) / counts.sum(axis=1)
            found[name] = np.where(broken, np.nan, np.abs(HALF / logs))
    return found
