"""What Explore shows above the heatmaps of what a model says, and in which words."""

from typing import TypedDict

import xarray as xr

from lstm_core.analysis import surprise, top_expected
from lstm_core.readouts import Readout
from viz.theme import least_changes

NOTHING = "The file of this model had no readout: there is nothing that it says about what it reads."
FEW = 10  # tokens: up to so many that may be legal have a row each


class Said(TypedDict, total=False):
    """What `viz.figures.heatmaps` takes of it."""

    surprise: xr.DataArray
    expected: xr.Dataset
    said: xr.Dataset
    said_least: list[float]


def said(prediction: xr.Dataset, steps: slice, readout: Readout | None = None) -> Said:
    """What there is to show of a recording's prediction, of these steps; surprise only where a token was expected.

    With the `readout` of its model, values that hardly differ are drawn so.
    """
    if prediction.attrs["kind"] == "nothing":
        return {}
    shown = prediction.isel(step=steps)
    if prediction.attrs["kind"] == "values" and readout is not None:
        return {"said": shown, "said_least": least_changes(readout)}
    if prediction.attrs["kind"] in ("labels", "values"):
        return {"said": shown}
    bits = surprise(prediction).isel(step=steps)
    if _few(prediction):
        return {"surprise": bits, "said": shown}
    return {"surprise": bits, "expected": top_expected(shown)}


def about_said(prediction: xr.Dataset, noun: str) -> str:
    """What is to be seen there, in one or two sentences."""
    if prediction.attrs["kind"] == "nothing":
        return NOTHING
    return f"Above them, {_above(prediction, noun)}"


def _above(prediction: xr.Dataset, noun: str) -> str:
    match prediction.attrs["kind"]:
        case "labels":
            return f"how likely the model makes each label after each {noun}, from 0 (pale) to 1 (dark)."
        case "values" if prediction.attrs["ahead"]:
            return (
                f"the line is what the model forecasts after each {noun}; the circle at the same {noun} is the number "
                "that came one step later."
            )
        case "values":
            return f"the number that the model says after each {noun}."
        case "legal":
            mark = f"a dot marks the {noun} that came" if _few(prediction) else f"[brackets] mark the {noun} that came"
            return (
                f"which {noun}s the model thinks may come next, each on its own from 0 (pale) to 1 (dark); {mark}. "
                "Surprise is −log2 of the chance of being legal that it gave to what came: 0 for what was allowed."
            )
    return f"what the model expected next: darker is likelier, and [brackets] mark the {noun} that came."


def _few(prediction: xr.Dataset) -> bool:
    return prediction.attrs["kind"] == "legal" and prediction.sizes["class"] <= FEW
