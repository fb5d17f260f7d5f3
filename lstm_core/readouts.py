"""Readouts: what a model's linear readout predicts after each step."""

import math
from dataclasses import dataclass
from typing import Literal

import xarray as xr

from lstm_core.given import no_text


@dataclass(frozen=True)
class NextToken:
    """Which class comes next: softmax over the encoder's own classes.

    >>> NextToken().to_json()
    {'kind': 'next'}
    """

    def to_json(self) -> dict[str, object]:
        return {"kind": "next"}


@dataclass(frozen=True)
class LegalTokens:
    """Which classes may come next: a sigmoid for each of the encoder's classes, so that several can be likely.

    What Gers & Schmidhuber (2001, sec. III) ask of a net that reads a formal language.

    >>> LegalTokens().to_json()
    {'kind': 'legal'}
    """

    def to_json(self) -> dict[str, object]:
        return {"kind": "legal"}


@dataclass(frozen=True)
class Labels:
    """The label of the sequence so far: softmax over `labels`.

    >>> Labels(("negative", "positive")).to_json()
    {'kind': 'labels', 'labels': ['negative', 'positive']}
    """

    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        no_text(labels=self.labels)
        if len(set(self.labels)) != len(self.labels) or len(self.labels) < 2 or not all(self.labels):
            raise ValueError(f"labels must be at least two different words, not {self.labels}")

    def to_json(self) -> dict[str, object]:
        return {"kind": "labels", "labels": list(self.labels)}


@dataclass(frozen=True)
class Values:
    """Which numbers: readout * spread + mean for each of `names`.

    `ahead` says that the k-th value is a forecast of the k-th number that is read at the next step.

    >>> Values(("temperature",), mean=(10.0,), spread=(5.0,), ahead=True).ahead
    True
    """

    names: tuple[str, ...]  # with units
    mean: tuple[float, ...]
    spread: tuple[float, ...]  # above 0
    ahead: bool = False

    def __post_init__(self) -> None:
        no_text(names=self.names)
        if not self.names or not len(self.names) == len(self.mean) == len(self.spread) or not all(self.names):
            raise ValueError(
                f"each value needs a name, a mean and a spread, not "
                f"{len(self.names)}, {len(self.mean)} and {len(self.spread)}"
            )
        if not all(math.isfinite(value) for value in (*self.mean, *self.spread)) or min(self.spread) <= 0:
            raise ValueError(f"means must be finite and spreads above 0, not {self.mean} and {self.spread}")

    def to_json(self) -> dict[str, object]:
        return {
            "kind": "values",
            "names": list(self.names),
            "mean": list(self.mean),
            "spread": list(self.spread),
            "ahead": self.ahead,
        }


@dataclass(frozen=True)
class Nothing:
    """No readout: the model's file has recurrent layers only.

    >>> Nothing().to_json()
    {'kind': 'nothing'}
    """

    def to_json(self) -> dict[str, object]:
        return {"kind": "nothing"}


Readout = NextToken | LegalTokens | Labels | Values | Nothing
# What stands between the top layer's output and the readout: "relu" of it; "mean" or "max", unit by unit, over the steps
# so far; "last" where the model was trained to predict after a sequence's last step alone, which changes no number.
Between = Literal["nothing", "relu", "last", "mean", "max"]
_OF_KIND: dict[str, type[Readout]] = {
    "next": NextToken,
    "legal": LegalTokens,
    "labels": Labels,
    "values": Values,
    "nothing": Nothing,
}


def readout_type(found: xr.Dataset) -> type[Readout]:
    """Which type of readout made these predictions? NextToken, unless their attribute `kind` names another.

    >>> import xarray as xr
    >>> readout_type(xr.Dataset(attrs={"kind": "values"})) is Values
    True
    """
    return _OF_KIND[str(found.attrs.get("kind", "next"))]


def readout_from_json(fields: object) -> Readout:
    """Which readout did `to_json` describe? Raises ValueError for anything else."""
    match fields:
        case {"kind": "next"}:
            return NextToken()
        case {"kind": "legal"}:
            return LegalTokens()
        case {"kind": "nothing"}:
            return Nothing()
        case {"kind": "labels", "labels": list(labels)} if all(isinstance(label, str) for label in labels):
            return Labels(tuple(labels))
        case {
            "kind": "values",
            "names": list(names),
            "mean": list(mean),
            "spread": list(spread),
            "ahead": bool(ahead),
        } if all(isinstance(name, str) for name in names) and all(isinstance(v, float | int) for v in (*mean, *spread)):
            return Values(tuple(names), tuple(mean), tuple(spread), ahead=ahead)
    raise ValueError(
        f"no readout is described by {str(fields)[:100]}: the kinds are 'next', 'legal', 'labels', 'values' and 'nothing'"
    )
