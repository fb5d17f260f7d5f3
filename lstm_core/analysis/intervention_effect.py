"""How did an intervention change the predictions, and what did that cost?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.expectation import top_expected
from lstm_core.analysis.log_probabilities import log_chance, logarithms
from lstm_core.given import checked
from lstm_core.readouts import LegalTokens, NextToken, Nothing, Values, readout_type
from lstm_core.recording import Recording


@checked
def change(original: Recording, altered: Recording, *, count: int = 5) -> xr.Dataset:
    """How do the predictions of an altered recording differ from the original's, step by step?

    Of a model that predicts probabilities, `divergence` over ("step",), in nats: the Kullback-Leibler divergence (Kullback & Leibler
    1951, "On information and sufficiency") of the altered chances q from the original p, the sum over classes of p ln(p / q);
    where each class may be legal on its own, the sum of p ln(p / q) + (1 - p) ln((1 - p) / (1 - q)). Of one that predicts values,
    `absolute` over ("step", "feature"), in their own units. Of both, `cost` over ("step",): by how much the altered loss
    of `losses` is higher, NaN where it is not known what came. Of a model that predicts which token comes next or is legal
    next `label_before`, `probability_before`, `label_after` and `probability_after` over ("step", "rank"): the `count`
    likeliest. The attribute `mean_cost` is the mean over the steps at which it is known what came, NaN where a loss among
    them is or where there are none; `known_steps` is how many there are. Raises ValueError for recordings of different texts or
    models, and of a model without a readout.

    >>> import pretrained
    >>> from lstm_core import record, silence
    >>> from lstm_core.analysis import change
    >>> model = pretrained.load("anbn")
    >>> altered = record(model, "SaabbT", interventions=[silence("layer0", (2,))])
    >>> found = change(record(model, "SaabbT"), altered)
    >>> found.divergence.dims, bool((found.divergence >= 0).all())
    (('step',), True)
    """
    before, after = original.prediction, altered.prediction
    _check(original, altered)
    found: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    of_values = readout_type(before) is Values
    if of_values:
        found["absolute"] = (("step", "feature"), np.abs(_numbers(after["value"]) - _numbers(before["value"])))
    else:
        found["divergence"] = (("step",), divergence(before, after))
    cost = losses(after) - losses(before)
    found["cost"] = (("step",), cost)
    coords = {name: before[name] for name in ("step", "token", "group")}
    if readout_type(before) in (NextToken, LegalTokens):
        for name, one in (("before", top_expected(before, count)), ("after", top_expected(after, count))):
            found |= {f"{part}_{name}": (("step", "rank"), one[part].to_numpy()) for part in ("label", "probability")}
            coords["rank"] = one["rank"]
    known = what_came_is_known(before)
    return xr.Dataset(
        found,
        coords=coords | ({"feature": before["feature"]} if of_values else {}),
        attrs={"kind": before.attrs["kind"], "mean_cost": mean_known(cost, known), "known_steps": int(known.sum())},
    )


@checked
def divergence(before: xr.Dataset, after: xr.Dataset) -> np.ndarray:
    """The Kullback-Leibler divergence of one prediction from another at each step, in nats: see `change`.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import divergence
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> divergence(recording.prediction, recording.prediction).max().item()
    0.0
    """
    return divergence_of(logarithms(before), logarithms(after))


def divergence_of(before: tuple[np.ndarray, ...], after: tuple[np.ndarray, ...]) -> np.ndarray:
    """`divergence`, of what `logarithms` gives of the two."""
    total = sum(_relative(p, q) for p, q in zip(before, after, strict=True))
    return np.asarray(np.maximum(total, 0))  # rounded chances do not sum to one exactly


@checked
def losses(prediction: xr.Dataset, known: tuple[np.ndarray, ...] | None = None) -> np.ndarray:
    """The loss of each prediction, over ("step",). NaN where the target is unknown, and where the prediction is NaN.

    -ln p of the token that came next, in nats (of one that is legal or not, of its being legal); of a forecast, the
    absolute error in its own units, the mean of several. Of labels and other values nothing is known.
    Its `logarithms` may be `known`.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import losses
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> losses(recording.prediction).shape
    (8,)
    """
    if readout_type(prediction) is Values:
        return np.asarray(np.abs(_numbers(prediction["value"]) - _numbers(prediction["came"])).mean(axis=1))
    came = prediction["next_class"].to_numpy()
    chances = log_chance(prediction) if known is None else known[0]
    log_p = np.take_along_axis(chances, np.maximum(came, 0)[:, None], axis=1)[:, 0]
    return np.where(came < 0, np.nan, -log_p)


def what_came_is_known(prediction: xr.Dataset) -> np.ndarray:
    """The steps whose target is known, so that the prediction has a loss: booleans over ("step",)."""
    if readout_type(prediction) is Values:
        return np.asarray(~np.isnan(_numbers(prediction["came"])).any(axis=1))
    return np.asarray(prediction["next_class"].to_numpy() >= 0)


def mean_known(found: np.ndarray, known: np.ndarray) -> float:
    """The mean of `found` over the `known` steps; NaN if any of them is NaN, or if there are none."""
    return float(found[known].mean()) if known.any() else float("nan")


def _relative(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The sum over classes of p ln(p / q), of ln p and ln q; where p is 0, so is its part."""
    p = np.exp(before)
    return np.asarray(np.multiply(p, before - after, out=np.zeros_like(p), where=p != 0).sum(axis=1))


def _numbers(part: xr.DataArray) -> np.ndarray:
    return part.to_numpy().astype(np.float64)


def _check(original: Recording, altered: Recording) -> None:
    before, after = original.prediction, altered.prediction
    if original.tokens != altered.tokens:
        raise ValueError(
            f"the recordings are of different texts, of {len(original.tokens)} and {len(altered.tokens)} steps: "
            f"record the same one twice"
        )
    kinds = [(one.attrs.get("kind", ""), dict(one.sizes)) for one in (before, after)]
    if kinds[0] != kinds[1]:
        raise ValueError(f"the recordings are of models with different outputs: {kinds[0]}, {kinds[1]}")
    for name in ("class", "feature"):
        if name in before.coords and not np.array_equal(before[name], after[name]):
            apart = np.flatnonzero(before[name].to_numpy() != after[name].to_numpy())[0]
            theirs = [str(one[name].to_numpy()[apart]) for one in (before, after)]
            raise ValueError(
                f"the recordings are of models with different outputs: their {name} {apart} is {theirs[0]!r} and {theirs[1]!r}"
            )
    if readout_type(before) is Nothing:
        raise ValueError("this model has no readout, so no prediction can change")
