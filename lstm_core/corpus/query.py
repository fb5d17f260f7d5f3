"""A pattern to look for: units that are on together for some steps, taken from a marked span and edited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

WHEN = ("above", "below", "rising", "falling")


@dataclass(frozen=True)
class Condition:
    """When is a unit on?

    "above": its signal is above `threshold`. "below": it is below `threshold`, such as -0.5 for a signed signal.
    "rising" and "falling": it is above or below its value at the step before; `threshold` plays no part, and at the first
    step of a document the unit is off. NaN is off.
    """

    unit: int
    signal: str
    threshold: float = 0.0
    when: str = "above"

    def __post_init__(self) -> None:
        if self.when not in WHEN:
            raise ValueError(f"a unit can be {', '.join(WHEN)}, not {self.when!r}")
        if not np.isfinite(self.threshold):
            raise ValueError(f"a threshold is a finite number, not {self.threshold}")
        object.__setattr__(self, "unit", int(self.unit))
        object.__setattr__(self, "threshold", 0.0 if self.when in ("rising", "falling") else float(self.threshold))


@dataclass(frozen=True)
class Query:
    """Units that are on together, and for how many steps.

    `off_before` and `off_after`: should they be off just before and just after? Where not, it does not count for how
    long a unit was on before, or stays on.
    """

    conditions: tuple[Condition, ...]
    length: int
    off_before: bool = True
    off_after: bool = True

    def __post_init__(self) -> None:
        if not self.conditions:
            raise ValueError("a query needs one unit at least")
        if len(set(self.conditions)) < len(self.conditions):
            raise ValueError("a query has the same unit with the same condition twice: drop one of them")
        if self.length < 1:
            raise ValueError(f"a query is of one step at least, not of {self.length}")

    def with_units(self, *more: Condition) -> "Query":
        """This query with more units.

        >>> Query((Condition(3, "cell", 0.5),), 8).with_units(Condition(5, "forget", 0.9)).units
        (3, 5)
        """
        new = [one for one in dict.fromkeys(more) if one not in self.conditions]
        return replace(self, conditions=(*self.conditions, *new))

    def without_units(self, *units: int) -> "Query":
        """This query without all conditions of these units. Raises ValueError if none would be left."""
        return replace(self, conditions=tuple(one for one in self.conditions if one.unit not in units))

    @property
    def units(self) -> tuple[int, ...]:
        """The units, each once."""
        return tuple(dict.fromkeys(one.unit for one in self.conditions))


def query_of(
    layer: xr.Dataset,
    start: int,
    stop: int,
    *,
    threshold: float,
    signal: str | Sequence[str] = "cell",
    when: Sequence[str] = ("above", "below"),
    off_before: bool = True,
    off_after: bool = True,
) -> Query:
    """Which units are on throughout the steps from `start` up to, not including, `stop`?

    `layer` is a layer of a `Recording`, or what `open_corpus` gives. A unit is on where one of its signals `signal` is above
    `threshold` or below -`threshold`, or, as `when` says, "rising" or "falling". With `off_before` and `off_after` only
    units are taken that are off at the step just before and just after, or whose document begins or ends there.
    Raises ValueError for signals and steps that there are not, for a span across documents, and where no unit is on.

    >>> import pretrained
    >>> from lstm_core import record
    >>> layer = record(pretrained.load("anbn", device="cpu"), "SaaabbbT").layers["layer0"]
    >>> query_of(layer, 1, 4, threshold=0.5, signal="forget", off_before=False, off_after=False).length
    3
    """
    steps = layer.sizes["step"]
    if not 0 <= start < stop <= steps:
        raise ValueError(f"a span lies within the steps 0 to {steps}, and {start} to {stop} does not")
    first = max(start - 2, 0)  # whether a unit rises just before takes two steps
    near = layer.isel(step=slice(first, stop + 1))
    document = near["document"].to_numpy() if "document" in near.coords else np.zeros(near.sizes["step"], int)
    begin, end = start - first, stop - first
    if document[begin] != document[end - 1]:
        raise ValueError(f"the steps {start} to {stop} lie in several documents: mark a span of one")
    joined = np.append(False, document[1:] == document[:-1])
    found = []
    for name in [signal] if isinstance(signal, str) else list(signal):
        values = near[_known(layer, name)].transpose("step", "unit").to_numpy()
        for kind in when:
            at = -threshold if kind == "below" else threshold
            on = is_on(values, joined, kind, at)
            wanted = on[begin:end].all(axis=0)
            if off_before and joined[begin]:
                wanted &= ~on[begin - 1]
            if off_after and end < len(on) and joined[end]:
                wanted &= ~on[end]
            found += [Condition(int(unit), name, at, kind) for unit in layer["unit"].to_numpy()[wanted]]
    if not found:
        ends = " and off just before and after as asked" if off_before or off_after else ""
        raise ValueError(
            f"no unit is on throughout the steps {start} to {stop}{ends}: lower the threshold or mark other steps"
        )
    return Query(tuple(found), stop - start, off_before, off_after)


def conditions_met(layer: xr.Dataset, query: Query) -> np.ndarray:
    """Where does each condition of a query hold in a layer of a `Recording`? Over (condition, step).

    >>> import pretrained
    >>> from lstm_core import record
    >>> layer = record(pretrained.load("anbn", device="cpu"), "SaabbT").layers["layer0"]
    >>> conditions_met(layer, Query((Condition(1, "forget", 0.5),), length=2)).astype(int).tolist()
    [[0, 1, 1, 0, 1, 1]]
    """
    joined = np.arange(layer.sizes["step"]) > 0
    rows = []
    for one in query.conditions:
        values = layer[_known(layer, one.signal)].sel(unit=[one.unit]).transpose("step", "unit").to_numpy()
        rows.append(is_on(values, joined, one.when, one.threshold)[:, 0])
    return np.array(rows)


def is_on(values: np.ndarray, joined: np.ndarray, when: str, threshold: float) -> np.ndarray:
    """Where a `Condition` holds: (step, unit). `joined` says of each step whether the one before is in its document.

    In float32, so that a threshold is not rounded to what float16 has.
    """
    values = values.astype(np.float32, copy=False)
    match when:
        case "above":
            return values > np.float32(threshold)
        case "below":
            return values < np.float32(threshold)
    on = np.zeros(values.shape, bool)
    on[1:] = values[1:] > values[:-1] if when == "rising" else values[1:] < values[:-1]
    on[~joined] = False
    return on


def _known(layer: xr.Dataset, name: str) -> str:
    there = [one for one in layer.data_vars if layer[one].dims == ("step", "unit")]
    if name not in there:
        raise ValueError(f"there is no signal {name!r}: this layer has {', '.join(map(str, there))}")
    return name
