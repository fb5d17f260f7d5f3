"""Letters in the cells of a heatmap, each in the ink that can be read on the colour of its cell.

Plotly's own choice is a grey that is hard to read on orange.
"""

from collections.abc import Sequence

import numpy as np

from viz.theme import ink_on

LEVELS = 64  # of a colour scale, that have an ink each


def on_cells(
    letters: Sequence[Sequence[str]], levels: np.ndarray, stops: Sequence[tuple[float, str]], *, dark: bool
) -> list[list[str]]:
    """`letters` (row, column), escaped, in the ink for the colour at `levels`, the same shape: 0 to 1 of the scale `stops`.

    What is NaN has no colour, and its letter no ink of its own.
    """
    inks = [ink_on(level / LEVELS, stops, dark=dark) for level in range(LEVELS + 1)]

    def written(letter: str, level: float) -> str:
        if not letter or not np.isfinite(level):
            return letter
        return f'<span style="color:{inks[round(min(max(level, 0.0), 1.0) * LEVELS)]}">{letter}</span>'

    return [list(map(written, row, found)) for row, found in zip(letters, levels.tolist(), strict=True)]
