"""How closely does every unit follow every feature, in each half of a corpus? From sums of ranks, part by part."""

import numpy as np
import xarray as xr

from lstm_core.analysis.corpus_features import CorpusFeatures
from lstm_core.analysis.value_counts import blocks, broken_units, scale_of, value_counts


def below_twice(counts: np.ndarray) -> np.ndarray:
    """Twice how many of all values are below each, equal ones counting half, along the last axis: int32."""
    return np.asarray(2 * np.cumsum(counts, axis=-1, dtype=np.int32) - counts, dtype=np.int32)


def corpus_scores(corpus: xr.Dataset, names: list[str], features: CorpusFeatures) -> xr.Dataset:
    """Over ("half", "signal", "unit", "feature"): `auc` of features of yes or no (0..1) and `correlation` of others (-1..1).

    Each is NaN for the others, and for units that are NaN or infinite.
    """
    found = [_of_signal(corpus[name], features) for name in names]
    dims = ("signal", "half", "unit", "feature")
    return xr.Dataset(
        {key: (dims, np.stack([one[key] for one in found])) for key in ("auc", "correlation")},
        coords={"signal": names, "unit": corpus["unit"], "feature": features.names},
    ).transpose("half", ...)


def _of_signal(signal: xr.DataArray, features: CorpusFeatures) -> dict[str, np.ndarray]:
    scale, half, binary = scale_of(signal), features.half, features.binary
    counts = value_counts(signal, scale, half)
    broken = broken_units(counts[0], scale) | broken_units(counts[1], scale)
    taken = np.flatnonzero(counts.any(axis=(0, 1)))
    first, last = taken[[0, -1]]  # of a state in float16 hardly half of the codes: beyond them is nothing to add up
    counts = counts[..., first : last + 1]
    levels = np.where(scale.finite, scale.levels, 0)[first : last + 1]
    steps = np.bincount(half, minlength=2).astype(np.float64)
    moments = np.stack([levels, levels**2], axis=1)
    mean, square = np.moveaxis(
        np.stack([own @ moments / count for own, count in zip(counts, steps, strict=True)]), -1, 0
    )
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    ranks = below_twice(counts)
    del counts
    kinds = [[one for one, yes in zip(features.columns, binary, strict=True) if yes == kind] for kind in (True, False)]
    shape = 2, len(broken)
    won, product = np.zeros((*shape, len(kinds[0]))), np.zeros((*shape, len(kinds[1])))
    middle = np.array([[one[half == part].mean() for one in kinds[1]] for part in (0, 1)]).reshape(2, -1)
    for start, numbers in blocks(signal):
        codes = scale.codes(numbers).T - first.astype(np.uint16)
        own, stop = half[start : start + len(numbers)], start + len(numbers)
        for part in np.unique(own).tolist():
            chosen = np.ascontiguousarray(codes[:, own == part])
            marks, counted = ([one[start:stop][own == part] for one in columns] for columns in kinds)
            if marks:
                beside = np.stack(marks, axis=1).astype(np.float64)
                won[part] += (
                    np.stack([table[line] for table, line in zip(ranks[part], chosen, strict=True)]).astype(float)
                    @ beside
                )
            if counted:
                product[part] += (levels[chosen] - mean[part, :, None]) @ (np.stack(counted, axis=1) - middle[part])
    auc, correlation = np.full((2, *shape, len(binary)), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        ones = np.array([[one[half == part].sum() for one in kinds[0]] for part in (0, 1)], float).reshape(2, -1)
        pairs = ones * (steps[:, None] - ones)
        auc[..., binary] = (won / 2 - (ones**2 / 2)[:, None]) / np.where(pairs > 0, pairs, np.nan)[:, None]
        deviation = np.array([[one[half == part].std() for one in kinds[1]] for part in (0, 1)]).reshape(2, -1)
        size = spread[..., None] * deviation[:, None] * steps[:, None, None]
        correlation[..., ~binary] = np.where(size > 0, product / size, 0.0)
    for one in (auc, correlation):
        one[:, broken] = np.nan
    return {"auc": auc, "correlation": correlation}
