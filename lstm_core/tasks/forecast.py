"""Which number comes next?"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch

from lstm_core.device import aligned
from lstm_core.encoders import NumberEncoder
from lstm_core.encoders.number import mean_and_spread
from lstm_core.encoders.typed_numbers import MAX_NUMBER, typed
from lstm_core.model import SequenceModel
from lstm_core.readouts import Values
from lstm_core.settings import Settings
from lstm_core.tables import WAYS, Table, check_way, filled
from lstm_core.tasks.files import read_table, usual_column
from lstm_core.tasks.task import Batch, Score, Size, Task

MIN_NUMBERS = 20  # fewer leave the naive mean and the linear rival, which see RECENT, next to nothing to learn
ENOUGH = 200  # numbers: a shorter series is learnt by heart, and in windows of at most half of what is learnt from
DIGITS = 10  # of a number in an example, at least: more than float32 tells apart
MIN_SPREAD = 1 / MAX_NUMBER  # of a spread, so that its square is a number
RECENT = 7  # numbers that the naive mean and the linear rival see


@dataclass(frozen=True)
class Forecast(Task):
    """Read numbers one by one and predict the next: the last fifth is held out, the tenth before it validates.

    With a `period` (365.25 days, 12 months), the place in it is read too, as sine and cosine. Scored on one
    stream from the beginning of the series, and compared with naive forecasts and a linear one.

    >>> Forecast.made_up(count=100).column
    'made-up temperature (°C)'
    """

    numbers: tuple[float, ...] = field(repr=False)
    places: tuple[float, ...] = field(repr=False, default=())  # of each number in its period, from 1
    column: str = "number"
    period: float = 0.0
    window: int = 60  # steps that are learnt from at once
    title_of_data: str = "a made-up series"

    name: ClassVar[str] = "forecast"
    title: ClassVar[str] = "Next number of a series"
    summary: ClassVar[str] = "Reads a series number by number and forecasts the next."
    look_for: ClassVar[str] = (
        "Do some cell states track the last number, and others move slowly, with the mean of many?"
    )
    literature: ClassVar[str] = ""
    measure: ClassVar[str] = "mean squared error"
    higher_is_better: ClassVar[bool] = False
    predicts_numbers: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=16)
    settings: ClassVar[Settings] = Settings(steps=1500, learning_rate=5e-3, warmup=50, keep_best=True)

    def __post_init__(self) -> None:
        if len(self.numbers) < MIN_NUMBERS:
            raise ValueError(f"the series has {len(self.numbers)} numbers: give at least {MIN_NUMBERS}")
        if not np.abs(self.numbers).max() <= MAX_NUMBER:
            raise ValueError(f"numbers must be from {-MAX_NUMBER:g} to {MAX_NUMBER:g}: give the series in larger units")
        _, spread = self._scale
        if spread == 0:
            raise ValueError(_constant(self.numbers[: self.cuts[0]]))
        if spread < MIN_SPREAD:
            raise ValueError(f"the series changes by about {spread:.1g} only: give it in smaller units")
        if self.window < 2 or (self.window >= self.cuts[0] and len(self.numbers) >= ENOUGH):
            raise ValueError(f"window must be from 2 to {self.cuts[0] - 1} steps, not {self.window}")
        _ = self.encoder  # refuses a period that is none

    @classmethod
    def from_file(
        cls, path: Path, *, column: str = "", period: float = 0.0, called: str = "", gaps: str = "", **options: Any
    ) -> "Forecast":
        """The task for one column of a CSV file; by default the last one that holds only numbers.

        `called` is what its numbers are, with their unit, where the column's own name does not say. `gaps` says what becomes
        of numbers that are missing: "last", "interpolate" or "drop" (see `lstm_core.tables.filled`). Where another column
        holds dates, rows are put in their order, and a period of about 365 or of 12 has its places from them. Raises
        ValueError for a file that is no table, a column that does not hold numbers, or gaps without a way to treat them.
        """
        check_way(gaps)
        table = read_table(path)
        found = table.column(column or usual_column(table))
        missing = int(found.gaps.sum())
        if missing and not gaps:
            raise ValueError(
                f"column {found.name!r} has {missing:,} gap{'s' if missing > 1 else ''} (the first in line "
                f"{table.first_gap(found)}): choose how gaps are filled or dropped, {' or '.join(f'gaps={way}' for way in WAYS)}"
            )
        numbers, complete = filled(found.numbers, gaps or "drop")
        title = f"{path.name} ({missing:,} gap{'s' if missing > 1 else ''} {WAYS[gaps]})" if missing else path.name
        return cls(
            tuple(numbers.tolist()),
            column=called or found.name,
            period=period,
            **{
                "places": tuple(_places(table, period)[complete].tolist()) if period else (),
                "title_of_data": title,
                **options,
            },
        )

    @classmethod
    def made_up(cls, *, seed: int = 0, count: int = 3000, **options: Any) -> "Forecast":
        """Days of a made-up climate: a season, and weather that lasts some days."""
        random = np.random.default_rng([10_000_223, seed])
        weather = np.zeros(count)
        for day in range(1, count):
            weather[day] = 0.7 * weather[day - 1] + random.normal(0, 1.6)
        days = np.arange(count)
        numbers = 11 + 6 * np.cos(2 * np.pi * days / 365.25) + weather
        places = tuple((days % 365.25 + 1).tolist())
        usual: dict[str, object] = {"places": places, "column": "made-up temperature (°C)", "period": 365.25}
        return cls(tuple(np.round(numbers, 1).tolist()), **{**usual, **options})

    @cached_property
    def cuts(self) -> tuple[int, int]:
        """Where the validation part begins, and where the held-out part begins."""
        count = len(self.numbers)
        return int(count * 0.7), int(count * 0.8)

    @cached_property
    def _scale(self) -> tuple[float, float]:
        """The mean and standard deviation of the training part, in float64; 0 for a constant."""
        mean, spread = mean_and_spread(np.array(self.numbers[: self.cuts[0]])[:, None])
        return float(mean[0]), float(spread[0])

    @cached_property
    def encoder(self) -> NumberEncoder:
        mean, spread = self._scale
        return NumberEncoder((self.column,), (mean,), (spread,), period=self.period)

    @property
    def readout(self) -> Values:
        encoder = self.encoder
        return Values((f"next {self.column}",), encoder.mean, encoder.spread, ahead=True)

    @property
    def source(self) -> str:
        return f"{self.title_of_data}, {self.column} ({len(self.numbers):,} numbers)"

    @cached_property
    def _standardised(self) -> np.ndarray:
        """The input at every step of the series, (step, feature) float32."""
        places = np.array(self.places) if self.places else None
        values = self.encoder.of(np.array(self.numbers)[:, None], places=places).values  # noqa: PD011 (no pandas)
        return np.zeros((0, 1), dtype=np.float32) if values is None else values

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (windows at random)
        window = self._at_once
        starts = random.integers(0, self.cuts[0] - window, size)
        pieces = np.stack([self._standardised[start : start + window + 1] for start in starts])
        targets = torch.from_numpy(pieces[:, 1:, :1].copy())
        return Batch(
            torch.from_numpy(pieces[:, :-1].copy()), targets, torch.ones(targets.shape[:2]), tokens=size * window
        )

    @property
    def _at_once(self) -> int:
        """The number of steps per batch; fewer than wanted if the series is short."""
        return self.window if len(self.numbers) >= ENOUGH else min(self.window, self.cuts[0] // 2)

    def caution(self, batch: int) -> str:  # noqa: ARG002 (windows are drawn at random, so the batch size does not matter)
        count, held_out, window = len(self.numbers), len(self.numbers) - self.cuts[1], self._at_once
        if count >= ENOUGH:
            return ""
        shorter = f" Each sequence has {window} steps instead of {self.window}." if window < self.window else ""
        return (
            f"The series has only {count} numbers, fewer than {ENOUGH}: the model will learn it by heart, "
            f"and a score on the {held_out} held out means little.{shorter}"
        )

    def validate(self, model: SequenceModel) -> float:
        return self._error(self.forecasts(model), *self.cuts)

    def test(self, model: SequenceModel) -> Score:
        first, last = self.cuts[1], len(self.numbers)
        rivals = {name: self._error(forecast, first, last) for name, forecast in self.rivals().items()}
        return Score(
            self._error(self.forecasts(model), first, last),
            self.measure,
            f"the last fifth of the series, {last - first:,} numbers, each forecast from all before it",
            rivals,
        )

    def forecasts(self, model: SequenceModel) -> np.ndarray:
        """What does `model` predict for each number of the series, having read all before it? NaN for the first."""
        model.eval()
        with torch.inference_mode():
            forecast = model(aligned(torch.from_numpy(self._standardised[:-1]), model.device))[0][:, 0].cpu().numpy()
        return np.concatenate([[np.nan], forecast.astype(np.float64) * self.encoder.spread[0] + self.encoder.mean[0]])

    def rivals(self) -> dict[str, np.ndarray]:
        """What do simple forecasts predict for each number of the series?"""
        numbers = np.array(self.numbers)
        series = pd.Series(numbers)
        found = {
            "last value": series.shift(1).to_numpy(),
            f"mean of the last {RECENT}": series.rolling(RECENT).mean().shift(1).to_numpy(),
        }
        if self.period and round(self.period) <= self.cuts[1]:
            found["one period ago"] = series.shift(round(self.period)).to_numpy()
        linear = "linear, from the last 7" + (" and the season" if self.period else "")
        return found | {linear: self._linear(numbers)}

    def _linear(self, numbers: np.ndarray) -> np.ndarray:
        """An autoregression with the season, fitted by least squares to the training and validation parts.

        On standardised numbers, so that it is as exact in any units.
        """
        mean, spread = self._scale
        numbers = (numbers - mean) / spread
        columns = [np.roll(numbers, lag) for lag in range(1, RECENT + 1)] + [np.ones(len(numbers))]
        columns += list(self._standardised[:, 1:].T)  # the place of the number itself is known beforehand
        inputs = np.column_stack(columns)
        weights, *_ = np.linalg.lstsq(inputs[RECENT : self.cuts[1]], numbers[RECENT : self.cuts[1]], rcond=None)
        return np.asarray(inputs @ weights) * spread + mean

    def _error(self, forecast: np.ndarray, first: int, last: int) -> float:
        return float(np.mean((forecast[first:last] - np.array(self.numbers)[first:last]) ** 2))

    def examples(self) -> Mapping[str, str]:
        first = self.cuts[1]
        middle = (first + len(self.numbers)) // 2
        return {
            "Start of the held-out series": self._typed(first),
            "Middle of the held-out series": self._typed(middle),
        }

    def _typed(self, start: int) -> str:
        place = f"@{self.places[start]:.{DIGITS}g} " if self.places and self.period else ""
        shown = self.numbers[start : start + self.window]
        return place + " ".join(typed(number, self._scale[1], least=DIGITS) for number in shown)

    def describe(self) -> dict[str, object]:
        digest = hashlib.sha256(repr((self.numbers, self.places)).encode()).hexdigest()
        return {"task": self.name, "numbers": digest, "period": self.period, "window": self.window}


def _places(table: Table, period: float) -> np.ndarray:
    """The place of each row in the period, (row,): from the dates, or counted."""
    if table.dates is not None and not np.isnat(table.dates).any():
        dates = pd.DatetimeIndex(table.dates)
        if 365 <= period <= 366:
            return dates.day_of_year.to_numpy(dtype=np.float64)
        if period == 12:
            return dates.month.to_numpy(dtype=np.float64)
    return np.arange(len(table.lines)) % period + 1


def _constant(numbers: Sequence[float]) -> str:
    if min(numbers) == max(numbers):
        return (
            "the series never changes in its first 70%, which is learnt from: give one that has something to forecast"
        )
    return (
        f"the series changes by less than 1 part in 2**52 of its size ({numbers[0]!r}), which is rounding: "
        "take a constant off it, or give one that has something to forecast"
    )
