"""What a component is sent in parts, each under an id that says all it depends on: what the browser has is not sent again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

__all__ = ["Part", "message"]


@dataclass(frozen=True, eq=False)
class Part:
    """Something the browser keeps: plain facts, and flat float32, int32 or uint8 arrays with their shapes among the facts."""

    facts: dict[str, object] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def shapes(self) -> dict[str, list[int]]:
        return {name: list(array.shape) for name, array in self.arrays.items()}


def message(header: Mapping[str, object], parts: Mapping[str, Part]) -> dict[str, object]:
    """What `parts.js` takes in: the header, each part's facts, and every array as a table of one column, "part/array".

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
