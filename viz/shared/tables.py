"""Tables to download: the numbers behind the figures of Memory, Gradients and What if.

Steps, units and features are numbered from 0, as in `lstm_core`; columns keep the names and the precision that the
analyses give them. Numbers are not rounded, and no row stands for several steps. As CSV, NaN is an empty field.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.analysis import best_followers, half_life

QUARTILES = ("lower_quartile", "median", "upper_quartile")


class Table(NamedTuple):
    """A table that is made on demand, and what is known before."""

    make: Callable[[], pd.DataFrame]
    about: str  # its columns, and what a row is if they do not show it
    rows: int = 0  # how many, if there may be too many


def ledger_table(found: xr.Dataset) -> pd.DataFrame:
    """Which steps wrote the memory: step, token, unit, written, left, contribution, from `ledger`.

    The first rows, without step and token, hold what remains of the initial state: `contribution` sums to the memory in each unit.
    """
    rows = _long(found[["written", "left", "contribution"]].sortby("step"), ("step", "unit"))
    before = pd.DataFrame({"unit": found["unit"].to_numpy(), "contribution": found["initial"].to_numpy()})
    whole = pd.concat([before, rows], ignore_index=True)
    return whole[list(rows)].astype({"step": "Int64"})


def remembered_table(found: xr.Dataset) -> pd.DataFrame:
    """How much of what one token wrote remains later: step, token, unit, left, contribution, from `remembered`."""
    return _long(found[["left", "contribution"]].sortby("step"), ("step", "unit"))


def timescale_table(found: xr.Dataset) -> pd.DataFrame:
    """How long each unit remembers, in steps, the longest first: from `timescale`, with its QUARTILES in columns."""
    ranked = found.sortby("rank")
    table = ranked[["rank", "half_life", "measured", "censored"]].to_dataframe().reset_index()
    return table.assign(
        **dict(zip(QUARTILES, ranked["quartiles"].transpose("quartile", "unit").to_numpy(), strict=True))
    )


def half_life_table(keep: xr.DataArray) -> pd.DataFrame:
    """One unit's half-life at each step, in steps: step, token, unit, forget (or update) and half_life."""
    values = {str(keep.name): keep, "half_life": half_life(keep)}
    rows = pd.DataFrame({name: one.to_numpy() for name, one in values.items()})
    for place, name in enumerate(("step", "token", "unit")):
        rows.insert(place, name, keep[name].to_numpy())
    return rows


def saturation_table(shares: Sequence[xr.Dataset], names: Sequence[str]) -> pd.DataFrame:
    """How often gates are saturated: model, gate, unit, below, above, from `unit_saturation`."""
    tables = [_long(one[["below", "above"]], ("gate", "unit")) for one in shares]
    return pd.concat(tables, keys=names, names=["model", None]).reset_index("model").reset_index(drop=True)


def followers_table(found: xr.Dataset) -> pd.DataFrame:
    """All that was searched, the best first: `best_followers` from `feature_selectivity`; NaN has no row."""
    return best_followers(found, count=found["score"].size)


def trace_table(signal: xr.DataArray, feature: xr.DataArray) -> pd.DataFrame:
    """One unit's signal and the feature: step, token, unit, signal, value, feature, feature_value."""
    return pd.DataFrame(
        {
            "step": signal["step"].to_numpy(),
            "token": signal["token"].to_numpy(),
            "unit": signal["unit"].item(),
            "signal": str(signal.name),
            "value": signal.to_numpy(),
            "feature": str(feature.name),
            "feature_value": feature.to_numpy(),
        }
    )


def gradient_table(part: xr.DataArray, symbol: str) -> pd.DataFrame:
    """A gradient with its sign: step, token, unit (or feature, or projection), with_respect_to, gradient."""
    across = str(next(name for name in part.dims if name != "step"))
    table = _long(part.to_dataset(name="gradient"), ("step", across))
    table.insert(3, "with_respect_to", symbol)
    return table


def decay_table(norm: xr.DataArray, symbol: str) -> pd.DataFrame:
    """The norm of a gradient by distance: distance, step, token, with_respect_to, norm, from `decay`."""
    table = _long(norm.to_dataset(name="norm"), ("distance",))
    table.insert(3, "with_respect_to", symbol)
    return table


def ways_table(split: xr.Dataset, baseline: xr.DataArray | None) -> pd.DataFrame:
    """The paths of a gradient: distance, step, token, and the norms total, belt, rest and, with a `baseline`, rnn."""
    ways = split[["total", "belt", "rest"]]
    if baseline is not None:
        ways = ways.assign(rnn=("distance", baseline.reindex(distance=split["distance"]).to_numpy()))
    return _long(ways, ("distance",))


def importance_table(found: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """How much a prediction depends on each token: step, token, network, importance, by the name of the network."""
    tables = []
    for network, one in found.items():
        table = _long(one.to_dataset(name="importance"), ("step",))
        table.insert(2, "network", network)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def change_table(found: xr.Dataset) -> pd.DataFrame:
    """How far each prediction moved: step, token, divergence (for values: feature, absolute) and cost, from `change`."""
    moved = "absolute" if "absolute" in found else "divergence"
    return _long(found[[moved, "cost"]], tuple(map(str, found[moved].dims)))


def before_after_table(before: xr.Dataset, after: xr.Dataset, step: int) -> pd.DataFrame:
    """The prediction after one step, all classes, the likeliest first: step, token, class, before, after, came.

    `before` and `after` are the predictions of two recordings; `came` is empty if the next token is unknown.
    """
    first, second = (one["probability"].sel(step=step).to_numpy() for one in (before, after))
    came = int(before["next_class"].sel(step=step))
    table = pd.DataFrame(
        {
            "step": step,
            "token": str(before["token"].sel(step=step).item()),
            "class": before["class"].to_numpy(),
            "before": first,
            "after": second,
            "came": np.arange(len(first)) == came if came >= 0 else None,
        }
    )
    return table.sort_values("before", ascending=False, kind="stable", ignore_index=True)


def comparison_table(before: xr.Dataset, after: xr.Dataset, signals: Sequence[str]) -> pd.DataFrame:
    """A layer before and after a change: signal, step, token, unit, before, after. Both have the same steps and units."""
    tables = [
        _long(xr.Dataset({"before": before[name], "after": after[name]}), ("step", "unit")).assign(
            signal=pd.Categorical([name], categories=list(signals)).repeat(before[name].size)
        )
        for name in signals
    ]
    return pd.concat(tables, ignore_index=True)[["signal", "step", "token", "unit", "before", "after"]]


def ranking_table(effect: xr.Dataset, order: Sequence[int]) -> pd.DataFrame:
    """The effect of losing each unit, in this order: unit, loss, saved, changed, from `knock_out`."""
    return effect[["loss", "saved", "changed"]].sel(unit=list(order)).to_dataframe().reset_index()


def _long(values: xr.Dataset, dims: tuple[str, ...]) -> pd.DataFrame:
    """A row for each place: the last of `dims` runs fastest. Steps have their token beside them; other labels are left out."""
    table = values.to_dataframe(dim_order=list(dims)).reset_index()
    at = ["step", "token"]
    labels = [*dims, *at] if "distance" in dims else [*at, *dims[1:]] if "step" in dims else list(dims)
    return table[[*labels, *map(str, values.data_vars)]]
