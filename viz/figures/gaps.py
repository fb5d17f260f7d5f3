"""NaN and infinite values have no colour in a figure: they are gaps."""

import numpy as np


def with_gaps(values: np.ndarray) -> np.ndarray:
    """The same values with NaN for what is infinite; Plotly leaves NaN out, but gives infinity the last colour."""
    known = np.isfinite(values)
    return values if known.all() else np.where(known, values, np.array(np.nan, dtype=values.dtype))
