"""What Explore shows of a model's predictions, above the heatmaps, and in which words."""

from typing import TypedDict

import xarray as xr

from lstm_core import readouts
from lstm_core.analysis import surprise, top_expected
from lstm_core.readouts import Labels, LegalTokens, Nothing, Readout, Values, readout_type
from viz.locale import N_, _
from viz.theme import least_changes

NOTHING = N_("This model's file has no readout, so it makes no predictions.")
FEW = 10  # tokens: up to so many that may be legal have a row each


class PredictionPanels(TypedDict, total=False):
    """The arguments of `viz.figures.heatmaps` about predictions."""

    surprise: xr.DataArray
    expected: xr.Dataset
    prediction: xr.Dataset
    least: list[float]


def prediction_panels(
    prediction: xr.Dataset, steps: slice, readout: Readout | None = None, *, count: int = 5
) -> PredictionPanels:
    """What to show of a recording's predictions at these steps; surprisal only for predicted tokens.

    Of many tokens it shows `count`, the likeliest.

    With the `readout` of its model, values that hardly differ look so.
    """
    if readout_type(prediction) is Nothing:
        return {}
    shown = prediction.isel(step=steps)
    if readout_type(prediction) is Values and readout is not None:
        return {"prediction": shown, "least": least_changes(readout)}
    if readout_type(prediction) in (Labels, Values):
        return {"prediction": shown}
    bits = surprise(prediction).isel(step=steps)
    if _few(prediction):
        return {"surprise": bits, "prediction": shown}
    return {"surprise": bits, "expected": top_expected(shown, count=count)}


def about_predictions(prediction: xr.Dataset, tokens: tuple[str, str], *, count: int = 5) -> str:
    """What is shown there, in one or two sentences. `tokens` are the names of one step and of several."""
    return _above(prediction).format(token=tokens[0], tokens=tokens[1], count=count)


def _above(prediction: xr.Dataset) -> str:
    match readout_type(prediction):
        case readouts.Nothing:
            return _(NOTHING)
        case readouts.Labels:
            return _("Above: the probability of each label after each {token}, from 0 (pale) to 1 (dark).")
        case readouts.Values if prediction.attrs["ahead"]:
            return _(
                "Above: the line is the model's forecast after each {token}; the circle at the same {token} is the number "
                "that came one step later."
            )
        case readouts.Values:
            return _("Above: the model's output after each {token}.")
        case readouts.LegalTokens:
            shown = (
                _(
                    "Above: which {tokens} may come next, each from 0 (pale) to 1 (dark); a dot marks the {token} that came."
                )
                if _few(prediction)
                else _(
                    "Above: which {tokens} may come next, each from 0 (pale) to 1 (dark); [brackets] mark the {token} that came."
                )
            )
            about = _(
                "Surprisal is −log2 of the probability that the model gave to the {token} that came: 0 for what was allowed."
            )
            return f"{shown} {about}"
    return _("Above: the {count} likeliest next {tokens} (darker = likelier; [brackets] = what really came).")


def _few(prediction: xr.Dataset) -> bool:
    return readout_type(prediction) is LegalTokens and prediction.sizes["class"] <= FEW
