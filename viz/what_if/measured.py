"""What a change does to the predictions, in one sentence."""

import numpy as np
import xarray as xr

from lstm_core.readouts import Values, readout_type
from viz.figures.before_after import percent
from viz.locale import _
from viz.shared.wording import in_digits, plain


def measured(
    found: xr.Dataset, before: xr.Dataset, after: xr.Dataset, step: int, noun: str, *, chosen: bool = False
) -> str:
    """By how much the loss rises, and what happens at one step, where the predictions move most unless it was `chosen`.

    `found` is in bits; `before` and `after` are the predictions of both runs. In Markdown.
    """
    where = _("after step {step}, “{token}”") if chosen else _("largest change after step {step}, “{token}”")
    token = plain(str(before["token"].sel(step=step).item()))
    moved = _value(before, after, step) if readout_type(before) is Values else _probability(before, after, step)
    return f"**{_loss(found, before, noun)}**; {where.format(step=step, token=token)}: {moved}."


def _loss(found: xr.Dataset, before: xr.Dataset, noun: str) -> str:
    cost = found.attrs["mean_cost"]
    if not found.attrs["known_steps"]:
        return _("The right answer is not known here, so there is no cost")
    if not np.isfinite(cost):
        return _("At some steps the loss is NaN or infinite, with or without the change")
    if "absolute" in found:
        names = plain(", ".join(str(name) for name in before["feature"].to_numpy()))
        title = _("The error of {names} falls by {value}") if cost < 0 else _("The error of {names} rises by {value}")
        return title.format(names=names, value=f"{abs(cost):.3g}")
    title = (
        _("The loss falls by {value} bits per {token}") if cost < 0 else _("The loss rises by {value} bits per {token}")
    )
    return title.format(value=f"{abs(cost):.3f}", token=noun)


def _probability(before: xr.Dataset, after: xr.Dataset, step: int) -> str:
    """Of the token that came or, where that is unknown or as likely as before, of the one whose probability changes most."""
    first, second = (one["probability"].sel(step=step).to_numpy().astype(np.float64) for one in (before, after))
    came = int(before["next_class"].sel(step=step))
    moved = came >= 0 and percent(first[came]) != percent(second[came])
    best = came if moved else int(np.nan_to_num(np.abs(second - first)).argmax())
    sentence = _("“{label}” goes from {before} to {after}")
    if best == came:
        sentence = _("“{label}”, which came, goes from {before} to {after}")
    shown = {"before": plain(percent(first[best])), "after": plain(percent(second[best]))}
    return sentence.format(label=plain(str(before["class"].to_numpy()[best])), **shown)


def _value(before: xr.Dataset, after: xr.Dataset, step: int) -> str:
    """Of the value that moved most there."""
    was, now, came = (
        one.sel(step=step).to_numpy().astype(np.float64) for one in (before["value"], after["value"], before["came"])
    )
    most = int(np.nan_to_num(np.abs(now - was)).argmax())
    text = _("{name} goes from {before} to {after}")
    if not np.isnan(came[most]):
        text = _("{name} goes from {before} to {after}, and {came} came")
    return text.format(
        name=plain(str(before["feature"].to_numpy()[most])),
        before=in_digits(was[most], ".4g"),
        after=in_digits(now[most], ".4g"),
        came=f"{came[most]:.4g}",
    )
