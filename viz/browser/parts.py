"""Data for a component, in parts whose ids say all that they depend on: a part is sent only once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

__all__ = ["Part", "message"]


@dataclass(frozen=True, eq=False)
class Part:
    """Data that the browser keeps: JSON facts, and flat float32, int32 or uint8 arrays, whose shapes are among the facts."""

    facts: dict[str, object] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def shapes(self) -> dict[str, list[int]]:
        return {name: list(array.shape) for name, array in self.arrays.items()}


def message(header: Mapping[str, object], parts: Mapping[str, Part]) -> dict[str, object]:
    """The message for `parts.js`: the header, the facts of each part, and each array as a table of one column, "part/array".

    Streamlit sends tables as Arrow.
    """
    tables = {
        f"{id_}/{name}": pd.DataFrame({"value": array.reshape(-1)})
        for id_, part in parts.items()
        for name, array in part.arrays.items()
    }
    return {
        "header": dict(header),
        "facts": {id_: {**part.facts, "shapes": part.shapes} for id_, part in parts.items()},
        **tables,
    }
