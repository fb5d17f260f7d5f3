"""Numbers, a row of them at each step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.encoders.tokens import Tokens, groups_of
from lstm_core.encoders.typed_numbers import number_of, pieces_of, row_typed
from lstm_core.given import checked, no_text

MAX_PERIOD = 1e9  # steps
MAX_SPREADS = 1e9  # spreads from the mean
LABEL_DIGITS = 4  # digits below the spread in the label of a number that was not typed
RESOLUTION = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class NumberEncoder:
    """Reads rows of numbers, standardised: (number - mean) / spread for each of `names`.

    With a `period` (steps until it begins again: 365.25 for the days of a year), sine and cosine of the
    step's place in it are read as two features more.

    >>> encoder = NumberEncoder(("temperature",), mean=(10.0,), spread=(5.0,))
    >>> encoder.encode("10 15 20").labels
    ('10', '15', '20')
    """

    names: tuple[str, ...]  # of the numbers, with units: "temperature (°C)"
    mean: tuple[float, ...]
    spread: tuple[float, ...]  # standard deviations, above 0
    period: float = 0.0  # steps; 0 for none

    def __post_init__(self) -> None:
        no_text(names=self.names)
        if not self.names or not len(self.names) == len(self.mean) == len(self.spread):
            raise ValueError(
                f"each number needs a name, a mean and a spread, not "
                f"{len(self.names)}, {len(self.mean)} and {len(self.spread)}"
            )
        if not all(isinstance(name, str) and name for name in self.names):
            raise ValueError(f"the names of the numbers must be text, not {self.names}")
        finite = all(_is_number(value) and math.isfinite(value) for value in (*self.mean, *self.spread))
        if not finite or min(self.spread) <= 0:
            raise ValueError(f"means must be finite and spreads above 0, not {self.mean} and {self.spread}")
        if not _is_number(self.period) or not (self.period == 0 or 2 <= self.period <= MAX_PERIOD):
            raise ValueError(f"the period must be 0 (none) or at least 2 steps, not {self.period!r}")

    @property
    def features(self) -> int:
        """How many numbers are read at each step, the place in the period included?"""
        return len(self.names) + (2 if self.period else 0)

    @checked
    def encode(self, text: str) -> Tokens:
        """Which numbers are read at each step?

        Steps are separated by blanks, commas, semicolons or line ends, the numbers of one step by a colon: "20.7 17.9"
        or "0.53:0 0.21:1". Commas between digits are decimal marks where blanks or semicolons separate the steps and
        all steps fit that: "20,7 17,9" is 20.7 and then 17.9, but "20,7,17" is three steps (see `pieces_of`). Labels
        have a decimal point. With a period, "@182" says that the next step has place 182 in it (the first
        place is 1, which is also where a sequence begins by default). Raises ValueError, quoting the
        piece that is no number, or asking which of two numbers is meant.
        """
        rows: list[list[float]] = []
        labels: list[str] = []
        place, places = 1.0, []
        for piece in pieces_of(text, len(self.names)):
            if piece.startswith("@") and self.period:
                place = number_of(piece[1:], f"{piece!r} should be @ and a place from 1 to {self.period:g}, such as @1")
                if not 1 <= place < self.period + 1:
                    raise ValueError(f"{piece!r}: the places of this model's period go from 1 to {self.period:g}")
                continue
            rows.append(self._row(piece))
            labels.append(piece)
            places.append(place)
            place = place % self.period + 1 if self.period else place
        return self.of(np.array(rows).reshape(-1, len(self.names)), places=np.array(places), labels=labels)

    def of(
        self, numbers: np.ndarray, *, places: np.ndarray | None = None, labels: Sequence[str] | None = None
    ) -> Tokens:
        """The tokens for rows of `numbers`, (step, name), and each step's place in the period, from 1."""
        values = (numbers - np.array(self.mean)) / np.array(self.spread)
        if np.abs(values).max(initial=0.0) > MAX_SPREADS:
            row, which = np.argwhere(np.abs(values) > MAX_SPREADS)[0]
            least, most = (self.mean[which] + sign * MAX_SPREADS * self.spread[which] for sign in (-1, 1))
            raise ValueError(
                f"{numbers[row, which]:g} is out of range: {self.names[which]} goes from {least:g} to {most:g}"
            )
        if self.period:
            where = np.arange(1, len(values) + 1) if places is None else places
            angle = 2 * np.pi * (where - 1) / self.period
            values = np.column_stack([values, np.sin(angle), np.cos(angle)])
        shown = labels or [row_typed(row, self.spread, beyond=LABEL_DIGITS) for row in numbers.tolist()]
        return Tokens(
            ids=np.zeros(len(values), dtype=np.int64),
            labels=tuple(shown),
            groups=groups_of([1] * len(values)),
            values=values.astype(np.float32),
        )

    def places(self, tokens: Tokens) -> np.ndarray | None:
        """The place in the period, from 1, of each step of these tokens; None without a period.

        From the sine and cosine that are read, in float32: to a thousandth of a step.
        """
        if not self.period or tokens.values is None:
            return None
        sine, cosine = tokens.values[:, -2:].astype(np.float64).T
        turned = np.round(np.arctan2(sine, cosine) / (2 * np.pi) * self.period, 3)
        return np.asarray(turned % self.period + 1)

    def _row(self, piece: str) -> list[float]:
        wanted = f"{len(self.names)} number{'s' if len(self.names) > 1 else ''}"
        example = ":".join(f"{mean:.3g}" for mean in self.mean)
        advice = f"{piece!r} is not what this model reads: {wanted} a step ({', '.join(self.names)}), such as {example}"
        parts = piece.split(":")
        if len(parts) != len(self.names):
            raise ValueError(advice)
        return [number_of(part, advice) for part in parts]

    def to_json(self) -> dict[str, object]:
        return {
            "kind": "number",
            "names": list(self.names),
            "mean": list(self.mean),
            "spread": list(self.spread),
            "period": self.period,
        }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def mean_and_spread(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of each column of `numbers`, (row, column), in float64.

    The spread is 0 for a column that varies by less than float64 can tell from rounding: by one part in 2**52 of its size.
    """
    apart = numbers - numbers[0]  # exact where they are close to each other, unlike their sum
    spread = np.asarray(apart.std(axis=0))
    constant = (np.ptp(numbers, axis=0) == 0) | (spread <= RESOLUTION * np.abs(numbers).max(axis=0))
    return numbers[0] + apart.mean(axis=0), np.where(constant, 0.0, spread)
