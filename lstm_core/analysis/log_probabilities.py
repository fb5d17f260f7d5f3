"""Log-probabilities of a prediction, exact for probabilities near 0 and 1."""

import numpy as np
import xarray as xr
from scipy.special import log_expit, log_softmax

from lstm_core.readouts import LegalTokens, readout_type

TINY = float(np.finfo(np.float32).tiny)  # without logits, a chance that rounded to zero counts as the smallest float32


def log_chance(prediction: xr.Dataset) -> np.ndarray:
    """ln p of every class after every step, (step, class), float64.

    From the `logit` of a recording's prediction, so that a chance may be e^-300 or a legal token's 1 - e^-50. Of a
    prediction that has none, from its `probability`, of at least the smallest float32. A step at which the softmax is NaN,
    since a logit is NaN or infinite upwards, is NaN for every class.
    """
    if "logit" not in prediction:
        return np.asarray(np.log(np.maximum(_numbers(prediction["probability"]), TINY)))
    logit = _numbers(prediction["logit"])
    if readout_type(prediction) is LegalTokens:
        return np.asarray(log_expit(logit))
    known = np.isfinite(logit.max(axis=1, keepdims=True))
    return np.where(known, log_softmax(np.where(known, logit, 0), axis=1), np.nan)


def log_chance_against(prediction: xr.Dataset) -> np.ndarray:
    """ln(1 - p) for each token to be legal, (step, class), float64, as `log_chance`."""
    if "logit" not in prediction:
        return np.asarray(np.log(np.maximum(1 - _numbers(prediction["probability"]), TINY)))
    return np.asarray(log_expit(-_numbers(prediction["logit"])))


def logarithms(prediction: xr.Dataset) -> tuple[np.ndarray, ...]:
    """ln p of every class; for legal tokens ln(1 - p) too. Predictions are compared by these."""
    if readout_type(prediction) is LegalTokens:
        return log_chance(prediction), log_chance_against(prediction)
    return (log_chance(prediction),)


def _numbers(part: xr.DataArray) -> np.ndarray:
    return part.transpose("step", "class").to_numpy().astype(np.float64)
