"""Figures that are only sent to a browser: as Plotly's JSON has them, without Plotly's own objects.

A `go.Figure` checks every value and copies every label, then copies all of it again to be sent, which takes longer than to
compute what it shows. Who changes a figure, or saves it, gets a `go.Figure`; tests hold both equal.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure, BasePlotlyType

from viz.figures.enlarged import enlarge

__all__ = ["figure", "only_sent"]

DTYPES = frozenset(("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"))  # what plotly.js has typed arrays for
_only_sent = ContextVar("only_sent", default=False)


class Specification(BaseFigure):
    """Data and layout of a figure, which can do nothing but be sent."""

    def __init__(self, data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> None:
        self._specified = enlarge({"data": plain(data), "layout": plain(layout)})

    def to_dict(self) -> dict[str, Any]:
        return self._specified


@contextmanager
def only_sent() -> Iterator[None]:
    """In this block `figure` makes a Specification."""
    before = _only_sent.set(True)
    try:
        yield
    finally:
        _only_sent.reset(before)


def figure(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> go.Figure:
    """The figure with these traces and this layout."""
    return Specification(data, layout) if _only_sent.get() else go.Figure({"data": data, "layout": layout})


def plain(value: Any) -> Any:
    """The same in JSON, but for lists of numbers and names: arrays become what plotly.js takes for typed arrays."""
    if isinstance(value, Mapping):
        return {_name(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        nested = value and isinstance(value[0], Mapping | list | tuple | np.ndarray)
        return [plain(one) for one in value] if nested else value
    if isinstance(value, np.ndarray):
        return _array(value)
    return value.to_plotly_json() if isinstance(value, BasePlotlyType) else value


def _name(name: str) -> str:
    """`xaxis` is the first axis; Plotly's objects also take `xaxis1` for it."""
    return name[:-1] if name in ("xaxis1", "yaxis1") else name


def _array(values: np.ndarray) -> Any:
    if values.dtype == np.int64 and values.size and values.min() >= -(2**31) and values.max() < 2**31:
        values = values.astype(np.int32)
    kind = values.dtype.str[1:]
    if kind not in DTYPES:
        return values.tolist()
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {"dtype": kind, "bdata": b64encode(values.tobytes()).decode("ascii"), **shape}
