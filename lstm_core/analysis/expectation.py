"""What did the model expect, and how surprised was it?"""

import numpy as np
import xarray as xr

from lstm_core.given import checked
from lstm_core.readouts import Values, readout_type


@checked
def surprise(prediction: xr.Dataset) -> xr.DataArray:
    """The surprisal of each token in bits, -log2 p(token | all tokens before it).

    Takes a recording's `prediction`; returns bits over ("step",), at least 0. What is expected of step t
    is predicted after step t - 1, so the first step, of which nothing was expected, is NaN. This is Shannon's
    information content (1948, "A mathematical theory of communication", section 6).

    Of a model that predicts which tokens are legal, p is the chance of being legal that it gave to the token that
    came: no surprise then means that the token was allowed, not that it was the only one expected. Raises
    ValueError for a model that predicts labels or values instead.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import surprise
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> bits = surprise(recording.prediction)
    >>> bool(bits[0].isnull()), bool((bits[1:] >= 0).all())
    (True, True)
    """
    _check_tokens(prediction, "surprise")
    steps = prediction.sizes["step"]
    probability = prediction["probability"].to_numpy()
    next_class = prediction["next_class"].to_numpy()[:-1]
    tiny = np.finfo(np.float32).tiny  # a probability that rounded to zero counts as the smallest float32, 126 bits
    probability_of_next = np.maximum(probability[np.arange(steps - 1), next_class].astype(np.float64), tiny)
    bits = np.concatenate([[np.nan], -np.log2(probability_of_next)])
    return xr.DataArray(
        bits,
        dims="step",
        coords={name: prediction[name] for name in ("step", "token", "group")},
        attrs={"units": "bit"},
    )


@checked
def top_expected(prediction: xr.Dataset, count: int = 5) -> xr.Dataset:
    """Which tokens did the model predict as likeliest to come next, or to be legal next, after each step?

    Returns `label`, `probability` (0..1, the largest first) and `came` (whether that token did come next),
    over ("step", "rank"), rank 1 being the most likely; its attribute `kind` is the prediction's. Classes whose
    probability is NaN come last, with "" for a label. Raises ValueError for a model that predicts labels or values.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import top_expected
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> top_expected(recording.prediction, count=2).label.sel(step=0, rank=1).item()
    'a'
    """
    kind = _check_tokens(prediction, "top_expected")
    probability = prediction["probability"].to_numpy()
    best = _largest(probability, min(count, probability.shape[1]))
    count = best.shape[1]
    labels = prediction["class"].to_numpy()
    chances = np.take_along_axis(probability, best, 1)
    known = ~np.isnan(chances)
    return xr.Dataset(
        {
            "label": (("step", "rank"), np.where(known, labels[best], "")),
            "probability": (("step", "rank"), chances),
            "came": (("step", "rank"), known & (best == prediction["next_class"].to_numpy()[:, None])),
        },
        coords={name: prediction[name] for name in ("step", "token", "group")} | {"rank": np.arange(1, count + 1)},
        attrs={"kind": kind},
    )


@checked
def expected_change(prediction: xr.Dataset, count: int = 8, fallen: int = 2) -> xr.Dataset:
    """What is predicted next (or legal next) after each step, and how did the last token change that?

    Returns over ("step", "rank"): `class_index`, `probability` and `before` (the same token's probability one
    step earlier; NaN at the first step, before which nothing was predicted). The first `count` ranks are the
    likeliest, the largest first; the last `fallen` are those of the rest that lost most probability, the
    greatest loss first. Raises ValueError for a model that predicts labels or values: see `prediction_change`.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import expected_change
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> expected_change(recording.prediction, count=2, fallen=1).probability.shape
    (8, 3)
    """
    _check_tokens(prediction, "expected_change")
    both = prediction_change(prediction)
    probability, before = both["now"].to_numpy(), both["before"].to_numpy()
    classes = probability.shape[1]
    count = min(count, classes)
    fallen = min(fallen, classes - count)
    best = _largest(probability, count)
    loss = np.where(np.isnan(before), 0, before) - probability
    np.put_along_axis(loss, best, -np.inf, axis=1)
    shown = np.concatenate([best, _largest(loss, fallen)], axis=1)
    return xr.Dataset(
        {
            "class_index": (("step", "rank"), shown.astype(np.int32)),
            "probability": (("step", "rank"), np.take_along_axis(probability, shown, 1)),
            "before": (("step", "rank"), np.take_along_axis(before, shown, 1)),
        },
        coords={name: prediction[name] for name in ("step", "token", "group")}
        | {"rank": np.arange(1, shown.shape[1] + 1)},
        attrs={"likeliest": count},
    )


@checked
def prediction_change(prediction: xr.Dataset) -> xr.Dataset:
    """What does the model predict after each step, and what did it predict one step earlier? For every kind of model.

    Returns `now` and `before` (NaN at the first step) over the dims of the prediction's `probability`, 0..1, or
    of its `value`, in that value's own units.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import prediction_change
    >>> recording = record(pretrained.load("anbn"), "SaaabbbT")
    >>> prediction_change(recording.prediction).now.shape
    (8, 4)
    """
    numbers = prediction["value" if readout_type(prediction) is Values else "probability"]
    now = numbers.to_numpy()
    before = np.concatenate([np.full_like(now[:1], np.nan), now[:-1]])
    return xr.Dataset({"now": (numbers.dims, now), "before": (numbers.dims, before)}, coords=numbers.coords)


def _kind(prediction: xr.Dataset) -> str:
    return str(prediction.attrs.get("kind", "next"))


def _check_tokens(prediction: xr.Dataset, what: str) -> str:
    kind = _kind(prediction)
    if kind not in ("next", "legal"):
        raise ValueError(
            f"this model predicts {kind}, not the next token, so {what} is undefined: "
            f"prediction_change gives its predictions and how they changed"
        )
    return kind


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """The columns of the `count` largest values of each row, the largest first, ties by column, NaN last."""
    if not count:
        return np.empty((len(values), 0), dtype=np.int64)
    best = np.sort(np.argpartition(-values, count - 1, axis=1)[:, :count], axis=1)
    return np.take_along_axis(best, np.argsort(-np.take_along_axis(values, best, 1), axis=1, kind="stable"), 1)
