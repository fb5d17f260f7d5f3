"""How closely does every unit follow every feature, in each half of a corpus? From sums of ranks, part by part."""

import numpy as np
import xarray as xr

from lstm_core.analysis.corpus_features import CorpusFeatures
from lstm_core.analysis.value_counts import blocks, broken_units, scale_of, value_counts


def below_twice(counts: np.ndarray) -> np.ndarray:
    """Twice how many of all values are below each, equal ones counting half, along the last axis: int32."""
    return np.asarray(2 * np.cumsum(counts, axis=-1, dtype=np.int32) - counts, dtype=np.int32)


def corpus_scores(corpus: xr.Dataset, names: list[str], features: CorpusFeatures) -> xr.Dataset:
    """Over ("half", "signal", "unit", "feature"): `auc` (0..1, NaN for what is no feature of yes or no) and `correlation`.

    Also `mean_with`, the signal's mean at the steps that have a feature. Units that are NaN or infinite have NaN.
    """
    found = [_of_signal(corpus[name], features) for name in names]
    dims = ("signal", "half", "unit", "feature")
    return xr.Dataset(
        {key: (dims, np.stack([one[key] for one in found])) for key in ("auc", "correlation", "mean_with")},
        coords={"signal": names, "unit": corpus["unit"], "feature": features.names},
    ).transpose("half", ...)


def _of_signal(signal: xr.DataArray, features: CorpusFeatures) -> dict[str, np.ndarray]:
    scale, half = scale_of(signal), features.half
    counts = value_counts(signal, scale, half)
    broken = broken_units(counts.sum(axis=0), scale)
    levels = np.where(scale.finite, scale.levels, 0)
    steps = np.bincount(half, minlength=2).astype(np.float64)
    mean = counts @ levels / steps[:, None]
    spread = np.sqrt(np.maximum(counts @ levels**2 / steps[:, None] - mean**2, 0))
    ranks = below_twice(counts)
    del counts
    columns = [np.array([one[half == part].mean() for one in features.columns]) for part in (0, 1)]
    deviation = [np.array([one[half == part].std() for one in features.columns]) for part in (0, 1)]
    shape = 2, len(mean[0]), len(features.names)
    won, product = np.zeros(shape), np.zeros(shape)
    for start, numbers in blocks(signal):
        codes = scale.codes(numbers).T
        own, stop = half[start : start + len(numbers)], start + len(numbers)
        rows = np.stack([one[start:stop] for one in features.columns]).astype(np.float64)
        for part in (0, 1):
            if not (own == part).any():
                continue
            chosen, beside = np.ascontiguousarray(codes[:, own == part]), rows[:, own == part]
            won[part] += np.stack([table[line] for table, line in zip(ranks[part], chosen, strict=True)]) @ beside.T
            product[part] += (levels[chosen] - mean[part, :, None]) @ (beside - columns[part][:, None]).T
    with np.errstate(invalid="ignore", divide="ignore"):
        ones = np.stack(columns) * steps[:, None]
        pairs = ones * (steps[:, None] - ones)
        auc = (won / 2 - (ones**2 / 2)[:, None]) / np.where(pairs > 0, pairs, np.nan)[:, None]
        size = spread[..., None] * np.stack(deviation)[:, None] * steps[:, None, None]
        correlation = np.where(size > 0, product / size, 0.0)
        mean_with = mean[..., None] + product / ones[:, None]
    auc[:, :, ~features.binary] = np.nan
    mean_with[:, :, ~features.binary] = np.nan
    for one in (auc, correlation, mean_with):
        one[:, broken] = np.nan
    return {"auc": auc, "correlation": correlation, "mean_with": mean_with}
