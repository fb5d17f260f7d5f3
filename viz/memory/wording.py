"""The longer sentences of the Memory page, and those that depend on what was found."""

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.analysis import best_followers
from viz.figures.blocks import block_length
from viz.figures.half_lives import in_steps
from viz.figures.ledger import MAX_CELLS
from viz.locale import N_, _
from viz.shared.cached import describe
from viz.shared.controls import Selection
from viz.shared.features import feature_title
from viz.shared.model_facts import UNTRAINED
from viz.shared.wording import plain, step_noun, step_nouns
from viz.theme import SIGNAL


def names_of_steps(selection: Selection) -> dict[str, str]:
    """What one step of the model's text and several are called, such as "character" and "characters"."""
    encoder = describe(selection.model_name)[0].encoder
    return {"token": step_noun(encoder), "tokens": step_nouns(encoder)}


def columns_in_words(found: xr.Dataset, layer: xr.Dataset, names: dict[str, str]) -> str:
    """What is a column of the ledger, and which steps has the layer read?"""
    length, backwards = block_length(found, heatmaps=1, most=MAX_CELLS), layer.attrs.get("direction") == "reverse"
    if length == 1:
        sentence = (
            _("Each column is a {token}, from the end down to step {step}.")
            if backwards
            else _("Each column is a {token}, up to step {step}.")
        )
    else:
        sentence = (
            _("Each column is the sum over {count} {tokens}, from the end down to step {step}.")
            if backwards
            else _("Each column is the sum over {count} {tokens}, up to step {step}.")
        )
    return sentence.format(**names, count=length, step=found.attrs["of_step"])


def sums_in_words(error: float, memory: str) -> str:
    """How far is the sum of a ledger's parts from the memory?"""
    if not np.isfinite(error):
        return _("The parts are not numbers, so they have no sum.")
    return _("Check: the parts add up to the {memory}, relative error {error}.").format(
        memory=memory, error=f"{error:.1e}"
    )


LEDGER_RULE = N_(
    "What a unit holds is a sum of what every timestep wrote, times what later gates left of it. The strip shows these parts: warm "
    "raises the memory, cool lowers it. The curve follows one part: 1 keeps all of it, 0 has erased it. Click the strip to choose another."
)
FOLLOWED_RULE = N_(
    "Its memory is compared with each feature that comes at least three times, or with the feature that is chosen under “What units track”; by chance: "
    "the best of 20 shuffles of that feature."
)


def holding_in_words(written: xr.Dataset, unit: int, token: int) -> str:
    """How much does a unit hold after a step, how much of that did one token write, and how much of it remains?"""
    own = written.sel(unit=unit)
    with np.errstate(invalid="ignore"):
        whole = float(own["contribution"].sum(skipna=False) + own["initial"])
    step = int(written.attrs["of_step"])
    values = {"unit": unit, "step": step, "at": token, "sum": signed(whole)}
    if not np.isfinite(whole):
        return _("What unit {unit} holds after step {step} is not a number.").format(**values)
    if token not in own["step"].to_numpy():
        return _("Unit {unit} holds **{sum}** after step {step}, before it has read step {at}.").format(**values)
    part = own.sel(step=token)
    values |= {
        "token": plain(str(part["token"].item())),
        "written": signed(float(part["written"])),
        "left": in_percent(float(part["left"])),
        "now": signed(float(part["contribution"])),
    }
    return _(
        "Unit {unit} holds **{sum}** after step {step}. “{token}” at step {at} wrote **{written}**; **{left}** of that remains: {now}."
    ).format(**values)


def signed(value: float) -> str:
    """A number with its sign, in two decimals; 0 without a sign where they would be 0."""
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}" if abs(value) >= 0.005 else "0.00"


def in_percent(share: float) -> str:
    """A share in whole percent, but "under 1%" where that would be 0."""
    return f"{share:.0%}" if share >= 0.01 or share == 0 else _("under 1%")


def following_in_words(found: xr.Dataset | None, unit: int, signal: str, chosen: str) -> str:
    """Which feature of the text does a unit follow best, or how well the `chosen` one?"""
    if found is None or not np.isfinite(found["score"].to_numpy()).any():
        return _("Nothing in this text comes often enough to see unit {unit} follow it.").format(unit=unit)
    feature = chosen if chosen in found["feature"].to_numpy() else None
    best = best_followers(found, feature=feature)
    known = best[best["beyond_chance"]]
    if known.empty:
        return _("**Unit {unit} follows nothing in this text beyond chance.**").format(unit=unit)
    first = known.iloc[0]
    if np.isnan(first["auc"]):
        sentence = _(
            "**Unit {unit} follows “{feature}”**: correlation of its {signal} {score}, by chance up to {chance}."
        )
    elif first["sign"] > 0:
        sentence = _(
            "**Unit {unit} follows “{feature}”**: its {signal} is higher with it, AUC {score}, by chance up to {chance}."
        )
    else:
        sentence = _(
            "**Unit {unit} follows “{feature}”**: its {signal} is lower with it, AUC {score}, by chance up to {chance}."
        )
    score = first["correlation"] if np.isnan(first["auc"]) else first["auc"]
    return sentence.format(
        unit=unit,
        feature=plain(feature_title(str(first["feature"]))),
        signal=_(SIGNAL[signal].title).lower(),
        score=f"{score:.4g}".replace("-", "−"),
        chance=f"{first['chance']:.2f}",
    )


def half_lives_in_words(found: xr.Dataset, unit: int) -> str:
    """How long does one unit remember, in a sentence?"""
    own = found.sel(unit=unit)
    gate, measured = own["half_life"].item(), own["measured"].item()
    if np.isnan(gate):
        return _("The gates of unit {unit} are not numbers, so it has no half-life.").format(unit=unit)
    sentence = (
        _("Unit {unit} ranks {rank} of {units}. Half-life: {gate} by its gate; as measured, longer than this text.")
        if np.isinf(measured)
        else _("Unit {unit} ranks {rank} of {units}. Half-life: {gate} by its gate; {measured} as measured.")
    )
    rank, units = own["rank"].item(), found.sizes["unit"]
    return sentence.format(unit=unit, rank=rank, units=units, gate=in_steps(gate), measured=in_steps(measured))


def saturation_in_words() -> str:
    return _(
        "Each point is a unit, each chart a gate (Karpathy et al. 2015). Right: saturated open, like the forget gate of a unit that "
        "never forgets. Top: saturated shut. Lower left: rarely saturated."
    )


def circles_in_words(names: list[str]) -> str:
    """Which model do the circles show? The second, if there is one."""
    if len(names) < 2:
        return ""
    before = names[1].endswith(UNTRAINED)
    sentence = _("Circles: the same units before training.") if before else _("Circles: the same units after training.")
    return f"{sentence} "


def cut_in_words(used: int, steps: int) -> str:
    """A sentence after a blank if only the last steps were counted, or else nothing."""
    if used == steps:
        return ""
    sentence = _("With this many units, only the last {used} of {steps} steps are counted.")
    return f" {sentence.format(used=f'{used:,}', steps=f'{steps:,}')}"


def verdict(first: pd.Series, before: float | None, *, where: str) -> str:
    """Does the best unit track the feature, and is that learnt? `before` is the best score of the untrained model."""
    if not first["beyond_chance"]:
        return _("**No unit tracks it beyond chance** {where}.").format(where=where)
    found = (
        _("**Unit {unit} tracks it beyond chance** {where}: its {signal} is higher with it.")
        if first["sign"] > 0
        else _("**Unit {unit} tracks it beyond chance** {where}: its {signal} is lower with it.")
    ).format(unit=first["unit"], where=where, signal=_(SIGNAL[first["signal"]].title).lower())
    if before is None:
        return found
    if before < first["score"]:
        return f"{found} {_('No unit did so well before training.')}"
    sentence = _("The untrained model does it too ({score}), so training did not teach it.")
    return f"{found} {sentence.format(score=f'{before:.3f}')}"


def measure_in_words(best: pd.DataFrame, names: dict[str, str]) -> str:
    """What do the bars measure?"""
    if best["auc"].isna().all():
        return _(
            "The feature is a number, so bars show its |correlation| with the signal: 1 is a straight line, 0 is none."
        )
    return _(
        "AUC: how often the signal is higher (or lower) at a {token} with the feature than at a {token} without it, of all such "
        "pairs. 1 is always, 0.5 is chance."
    ).format(**names)
