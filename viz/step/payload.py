"""What the browser needs to step by itself: a model's parameters and a window of its recording, as named arrays.

Everything is sent in parts. The id of a part says all that it depends on, so that a part which the browser already has
(the parameters, while the reader types) is not sent again.
"""

from math import floor, log10

import numpy as np
import xarray as xr

from lstm_core import Recording, Tokens, signals_of
from lstm_core.analysis import expected_change, prediction_change, surprise
from lstm_core.readouts import Labels, Nothing, Values, readout_type
from viz.browser.levels import levels
from viz.browser.parts import Part
from viz.shared.prediction_text import NOTHING
from viz.shared.wording import SPOKEN
from viz.theme import furthest, limits

MOST_VALUES = 20_000_000  # numbers that a browser gets whole
WINDOW_VALUES = 2_000_000  # numbers of steps where it gets a window of them
ALWAYS_EXACT = ("cell", "hidden", "reset")
MOST_EXACT = 8_000_000  # beyond this gates and candidate go as 256 levels: no eye sees more
RANKS = 8, 2  # expected next: the likeliest, and those that fell most


def window_around(step: int, steps: int, *, values_per_step: int, values_besides: int) -> tuple[int, int]:
    """Which steps are sent, from the first up to but not including the second?

    All of them, unless these and the weights are more than MOST_VALUES numbers: then WINDOW_VALUES of them, with
    `step` in their middle.
    """
    if steps * values_per_step + values_besides <= MOST_VALUES:
        return 0, steps
    length = min(steps, max(WINDOW_VALUES // values_per_step, 2))
    start = min(max(step - length // 2, 0), steps - length)
    return start, start + length


def values_per_step(units: int, features: int, outputs: int, *, signals: int = 6, projection: int = 0) -> int:
    """How many numbers does one step of one layer take?

    `features` is 0 where the layer reads embeddings, kept once; `outputs` is how many numbers the readout gives.
    """
    return signals * units + projection + features + 3 * max(sum(RANKS), outputs) + 2


def values_besides(units: int, features: int, *, gates: int = 4, sources: int | None = None) -> int:
    """How many numbers do the weights of one layer take? It reads `sources` numbers of its own: its units', unless told."""
    return gates * units * (features + (units if sources is None else sources) + 1)


def passage_part(tokens: Tokens, *, own: int, apart: bool = False) -> Part:
    """What is read, as a person reads it. `own` is how many steps are the reader's own; the rest was written.

    `apart` says that there are gaps between tokens, as between words and unlike between characters.
    """
    groups = tokens.groups
    first = np.searchsorted(groups, groups, side="left")
    length = np.searchsorted(groups, groups, side="right") - first
    pieces = {
        int(step): [int(step - first[step]) + 1, int(length[step])] for step in np.flatnonzero(length > 1).tolist()
    }
    spoken = {} if apart else SPOKEN
    return Part({"tokens": list(tokens.labels), "pieces": pieces, "own": own, "spoken": spoken, "apart": apart})


def weights_part(wires: xr.Dataset) -> Part:
    """W, U and b of one layer, and what else its cell has."""
    names = [name for name in ("weight_ih", "weight_hh", "bias", "recurrent_bias", "peephole") if name in wires]
    return Part({"gates": wires["gate"].to_numpy().tolist()}, {name: wires[name].to_numpy() for name in names})


def recording_part(
    recording: Recording, layer_name: str, wires: xr.Dataset, window: tuple[int, int], *, exact: bool = True
) -> Part:
    """A window of one layer's signals, what it reads there, and what the model predicts.

    All float32, unless `exact` is false: then gates and candidate are uint8 levels, for colours, and the browser
    makes their numbers from what is exact always: weights, states, a reset gate and what is read. What levels
    cannot say, NaN and a candidate beyond 1, stays as it is.

    `before_cell`, `before_hidden` and, of a layer with a projection, `before_projected` are the states from which the
    window's first-read step sets out. The last has no `before_hidden`: only what is projected is read again.
    """
    whole, steps = recording.layers[layer_name], slice(*window)
    shown = whole.isel(step=steps)
    reverse = whole.attrs["direction"] == "reverse"
    earlier = window[1] if reverse else window[0] - 1
    rows, row = np.unique(wires["row"].to_numpy()[steps], return_inverse=True)
    arrays = {name: shown[name].transpose("step", "unit").to_numpy() for name in signals_of(whole)}
    if not exact:
        plain = [name for name in arrays if name not in ALWAYS_EXACT and bool((np.abs(arrays[name]) <= 1).all())]
        arrays |= {name: levels(arrays[name], *limits(name)) for name in plain}
    said_again = "projected" if "projected" in whole else "hidden"
    if said_again == "projected":
        arrays["projected"] = shown["projected"].transpose("step", "projection").to_numpy()
    for name in (said_again, *(["cell"] if "cell" in whole else [])):
        known = 0 <= earlier < whole.sizes["step"]
        initial = whole["initial_cell" if name == "cell" else "initial_hidden"]
        arrays[f"before_{name}"] = (whole[name].isel(step=earlier) if known else initial).to_numpy()
    arrays |= {"read": wires["read"].to_numpy()[rows], "row": row.astype(np.int32)}
    prediction = prediction_part(recording.prediction, window)
    return Part({"start": window[0], "stop": window[1], **prediction.facts}, arrays | prediction.arrays)


def prediction_part(prediction: xr.Dataset, window: tuple[int, int]) -> Part:
    """What the model predicts at the steps of a window, and how that has changed; `kind` is the prediction's.

    Of tokens that come next, or may: the likeliest and those that fell most, `surprise`, and the class that
    `came`. Of labels: all of them. Of values: `value`, `value_before` and, of a forecast, `value_came`. Of nothing: why.
    """
    first = max(window[0] - 1, 0)  # one more, so that the window's first step too has a step before it
    near, inside = prediction.isel(step=slice(first, window[1])), slice(window[0] - first, None)
    kind = str(prediction.attrs["kind"])
    readout = readout_type(prediction)
    if readout is Nothing:
        return Part({"kind": kind, "why": NOTHING})
    if readout is Values:
        return _values(prediction, prediction_change(near).isel(step=inside), near.isel(step=inside))
    if readout is Labels:
        return _labels(prediction_change(near).isel(step=inside))
    expected = expected_change(near, *RANKS).isel(step=inside)
    classes, labels = expected["class_index"].to_numpy(), prediction["class"].to_numpy()
    facts: dict[str, object] = {
        "kind": kind,
        "likeliest": expected.attrs["likeliest"],
        "labels": {int(one): str(labels[one]) for one in np.unique(classes)},
    }
    arrays = {
        "expected": classes,
        "probability": expected["probability"].to_numpy(),
        "probability_before": expected["before"].to_numpy(),
        "surprise": surprise(near).to_numpy()[inside].astype(np.float32),
        "came": near["next_class"].to_numpy()[inside].astype(np.int32),
    }
    return Part(facts, arrays)


def _labels(change: xr.Dataset) -> Part:
    """Every label, in its own order."""
    steps, labels = change["now"].shape
    names = {number: str(label) for number, label in enumerate(change["class"].to_numpy())}
    arrays = {
        "expected": np.tile(np.arange(labels, dtype=np.int32), (steps, 1)),
        "probability": change["now"].to_numpy(),
        "probability_before": change["before"].to_numpy(),
    }
    return Part({"kind": "labels", "likeliest": labels, "labels": names}, arrays)


def _values(whole: xr.Dataset, change: xr.Dataset, shown: xr.Dataset) -> Part:
    facts: dict[str, object] = {
        "kind": "values",
        "ahead": bool(whole.attrs["ahead"]),
        "names": [str(name) for name in whole["feature"].to_numpy()],
        "digits": [decimals(column) for column in whole["value"].to_numpy().T],
    }
    arrays = {"value": change["now"].to_numpy(), "value_before": change["before"].to_numpy()}
    if facts["ahead"]:
        arrays["value_came"] = shown["came"].to_numpy()
    return Part(facts, {name: array.astype(np.float32) for name, array in arrays.items()})


def decimals(values: np.ndarray, significant: int = 4) -> int:
    """How many decimals has a number so that the largest of `values` has `significant` digits? From 0 to 8.

    More where these would not show how the values differ: then two digits of their range.
    """
    largest = furthest(values)
    if not largest:
        return 0
    known = values[np.isfinite(values)]
    variation = float(np.ptp(known.astype(np.float64)))
    apart = 1 - floor(log10(variation)) if variation else 0
    return min(max(significant - 1 - floor(log10(largest)), apart, 0), 8)
