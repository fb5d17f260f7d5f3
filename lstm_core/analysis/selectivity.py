"""Which units are selective for a feature of the text?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.given import checked
from lstm_core.recording import signals_of

SHUFFLES = 20
LEAST_TURN = 8  # a shuffled feature is turned round by this part of the text or more
STILL = 1e-9  # standard deviation below which a unit does not change


@checked
def feature_selectivity(
    layer: xr.Dataset,
    features: xr.Dataset,
    *,
    signals: Sequence[str] | None = None,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> xr.Dataset:
    """How closely does each unit track each feature of the text, and how closely would it by chance?

    `layer` is (step, unit); `features` are numbers over its steps, as `text_features` or `marking` makes them; `signals`
    are those searched, all of the layer by default. Returns over ("signal", "unit", "feature"): `correlation` (Pearson, -1..1;
    0 for what does not change), and `auc` of features that are 0 or 1 (else NaN): the chance that the signal at a step that has the
    feature is above that at a step that has not, ties counting half, Mann & Whitney 1947, eq. 1; 0.5 is chance level. It is given
    from 0.5 to 1, turned round where the signal is lower with the feature: `sign` is -1 there, 1 elsewhere, and for other
    features the correlation's sign. `score` is what units are ranked by: the AUC of a 0/1 feature, else |correlation|.
    A signal of a unit that is NaN or infinite at some step has NaN for all of these and the sign 0, and is never among the
    best; so has a feature that is NaN at some step, for all units.

    Over ("feature",), `chance` is the best score of all these signals and units in `shuffles` searches of that feature
    shuffled (NaN where all scores are): its runs, cut wherever it comes back to its lowest value, in another order, and the whole turned round
    by a random number of steps, an eighth of the text at least, or a feature that comes once would stay where it is. So runs
    keep their lengths, which a shuffle of single steps would not, and the search is as wide. A score above `chance` is reached by chance in about one of `shuffles` + 1 texts, for each feature; but not of one
    that only rises or comes once, such as the place in the text: any cell that drifts follows it. Raises ValueError when
    the steps are not the same, and without features.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import feature_selectivity, text_features
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> found = feature_selectivity(recording.layers["layer0"], text_features(recording), signals=["cell"], shuffles=2)
    >>> found.score.dims
    ('signal', 'unit', 'feature')
    """
    if not features.data_vars:
        raise ValueError("no feature varies over this text: use a longer text or mark its steps")
    if not np.array_equal(features["step"].to_numpy(), layer["step"].to_numpy()):
        raise ValueError(
            f"the features have {features.sizes['step']} steps, the layer {layer.sizes['step']}: both must be of one recording"
        )
    chosen = list(signals_of(layer) if signals is None else signals)
    values = np.concatenate([layer[name].transpose("unit", "step").to_numpy() for name in chosen]).astype(np.float64)
    columns = np.stack([one.to_numpy().astype(np.float64) for one in features.data_vars.values()])
    values[~np.isfinite(values).all(axis=1)] = np.nan
    columns[~np.isfinite(columns).all(axis=1)] = np.nan
    binary = ((columns == 0) | (columns == 1)).all(axis=1)
    by_value, ranks = _standardised(values), pd.DataFrame(values).rank(axis=1).to_numpy()
    correlation, auc = by_value @ _standardised(columns).T, _auc(ranks, columns)
    chance = _chance(by_value, ranks, columns, binary, shuffles, np.random.default_rng(seed))
    above = np.where(binary, auc - 0.5, correlation)
    sign = np.where(np.isnan(above), 0, np.where(above < 0, -1, 1))
    auc = np.where(binary, _symmetric(auc), np.nan)
    score = np.where(binary, auc, np.abs(correlation))
    dims, shape = ("signal", "unit", "feature"), (len(chosen), layer.sizes["unit"], len(columns))
    parts = {"correlation": correlation, "auc": auc, "sign": sign, "score": score}
    return xr.Dataset(
        {name: (dims, part.reshape(shape)) for name, part in parts.items()}
        | {"chance": ("feature", chance), "binary": ("feature", binary)},
        coords={"signal": chosen, "unit": layer["unit"], "feature": list(map(str, features.data_vars))},
        attrs={"shuffles": shuffles, "seed": seed},
    )


@checked
def best_followers(found: xr.Dataset, *, feature: str | None = None, count: int = 10) -> pd.DataFrame:
    """The units that track a feature best, or any feature if none is named.

    `found` is what `feature_selectivity` returns. A row for each: feature, signal, unit, score, sign, correlation, auc, chance,
    and `beyond_chance` (true where score is above chance); the highest score first (AUC from 0.5 and |correlation|
    from 0 are put on one scale for that, 0..1, where features of both kinds are ranked together), ties by signal and unit.
    Raises KeyError naming the features there are.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import best_followers, feature_selectivity, text_features
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> found = feature_selectivity(recording.layers["layer0"], text_features(recording), signals=["cell"], shuffles=2)
    >>> len(best_followers(found, count=3))
    3
    """
    names = found["feature"].to_numpy().tolist()
    if feature is not None and feature not in names:
        raise KeyError(f"no feature {feature!r}: these were searched: {', '.join(names)}")
    part = found if feature is None else found.sel(feature=[feature])
    strength = part["score"].where(~part["binary"], 2 * part["score"] - 1).transpose(*part["score"].dims).to_numpy()
    places = np.argsort(-np.nan_to_num(strength, nan=-1).reshape(-1), kind="stable")[:count]
    places = places[~np.isnan(strength.reshape(-1)[places])]
    at = np.unravel_index(places, strength.shape)
    labels = {dim: part[dim].to_numpy()[which] for dim, which in zip(part["score"].dims, at, strict=True)}
    table = pd.DataFrame({name: labels[name] for name in ("feature", "signal", "unit")})
    for name in ("score", "sign", "correlation", "auc"):
        table[name] = part[name].to_numpy()[at]
    table["chance"] = part["chance"].to_numpy()[at[-1]]
    table["beyond_chance"] = table["score"] > table["chance"]
    return table


def shuffled_runs(column: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """The values with their runs shuffled: cut wherever they return to the minimum, then rotated by at least an eighth."""
    low = column == column.min()
    run = np.cumsum(low & ~np.append(True, low[:-1]))
    order = np.argsort(numbers.permutation(run[-1] + 1)[run], kind="stable")
    least = max(1, len(column) // LEAST_TURN)
    return np.roll(column[order], numbers.integers(least, max(least, len(column) - least), endpoint=True))


def _chance(
    by_value: np.ndarray,
    ranks: np.ndarray,
    columns: np.ndarray,
    binary: np.ndarray,
    shuffles: int,
    numbers: np.random.Generator,
) -> np.ndarray:
    """The best score of any signal over `shuffles` shuffles of each column; 0 without shuffles, NaN without a number."""
    best = np.zeros(len(columns))
    for one, column in enumerate(columns if shuffles else columns[:0]):
        shuffled = np.stack([shuffled_runs(column, numbers) for _ in range(shuffles)])
        found = _symmetric(_auc(ranks, shuffled)) if binary[one] else np.abs(by_value @ _standardised(shuffled).T)
        best[one] = np.where(np.isnan(found), -np.inf, found).max() if not np.isnan(found).all() else np.nan
    return best


def _standardised(values: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and length 1, so that products are correlations; rows of 0 for what does not change."""
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    still = length <= STILL * np.sqrt(values.shape[1])
    return np.asarray(np.where(still, 0, centred) / np.where(still, 1, length))


def _auc(ranks: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(signal, column) from the ranks of the signals' values and columns of 0 and 1: U / (n1 * n0)."""
    ones = columns.sum(axis=1)
    pairs = ones * (columns.shape[1] - ones)
    won = ranks @ columns.T - ones * (ones + 1) / 2
    return np.asarray(np.where(pairs > 0, won / np.maximum(pairs, 1), 0.5 + 0 * won))


def _symmetric(auc: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(auc, 1 - auc))
