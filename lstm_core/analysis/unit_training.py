"""How did each unit come about in training: its gates at every checkpoint, and when it learnt what it follows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from lstm_core.analysis.corpus_features import corpus_features
from lstm_core.analysis.saturation import GATES_OF
from lstm_core.analysis.unit_histograms import recorded_signals
from lstm_core.analysis.value_counts import blocks
from lstm_core.given import checked

KEPT = 0.5  # of what was gained in training

Checkpoints = Sequence[
    tuple[int, xr.Dataset]
]  # the training step, and what the model at it did with the corpus's first steps


@checked
def gates_over_training(checkpoints: Checkpoints) -> xr.Dataset:
    """How open was each unit's gate on average at each checkpoint of the training, and how much did its states vary?

    `checkpoints` are pairs of a training step and what `lstm_core.corpus.open_corpus` gives of the text recorded by the model at that
    step. Returns over ("training_step", "unit") a variable for each signal: of a gate its mean, 0..1; of the candidate and
    of states the standard deviation. A unit that is NaN or infinite at some step of the text has NaN. Raises ValueError without checkpoints.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import gates_over_training
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.untrained("anbn", device="cpu"), ["SaabbT", "SabT"], f"{folder}/corpus")
    ...     found = gates_over_training([(0, corpus)])
    >>> found["forget"].sizes["unit"]
    5
    """
    if not checkpoints:
        raise ValueError("there are no checkpoints: give pairs of a training step and a corpus")
    first = checkpoints[0][1]
    gates = GATES_OF.get(first.attrs.get("cell_type", "LSTM"), ())
    found = {
        name: np.stack([_mean_and_deviation(one[name])[int(name not in gates)] for _, one in checkpoints])
        for name in recorded_signals(first)
    }
    return xr.Dataset(
        {name: (("training_step", "unit"), values) for name, values in found.items()},
        coords={"training_step": [step for step, _ in checkpoints], "unit": first["unit"].to_numpy()},
        attrs={"steps": first.sizes["step"]},
    )


@checked
def learnt_at(
    corpus: xr.Dataset,
    checkpoints: Checkpoints,
    claims: Sequence[Mapping[str, Any] | None],
    *,
    numbers: Sequence[str] = (),
) -> list[int | None]:
    """From which checkpoint on does each unit follow what it follows at the end?

    `claims` has for each unit what it follows (`feature`, `signal`, `sign` and `binary`, as in `follows` of `unit_line`) or None. The strength is
    2 AUC - 1 of a feature of yes or no, else the correlation, in the direction that the unit has at the end, over all steps of the
    text that the checkpoints read. At the checkpoint after 0 steps it is s_0 (0 where there is none), of the trained model on the same
    steps s. Answers the training step of the first checkpoint from which on all have at least s_0 + (s - s_0) / 2; None where
    the last has less, nothing is followed, or s is not above s_0. Checkpoints stand in order. Raises ValueError for such that read another text.

    >>> from lstm_core.analysis import learnt_at
    >>> import xarray as xr
    >>> learnt_at(xr.Dataset(coords={"unit": [0]}), [], [None])
    [None]
    """
    wanted = [place for place, claim in enumerate(claims) if claim]
    answers: list[int | None] = [None] * len(claims)
    if not checkpoints or not wanted:
        return answers
    steps = min(one.sizes["step"] for _, one in checkpoints)
    _check(corpus, checkpoints)
    features = corpus_features(corpus, numbers=numbers)
    columns = {name: column[:steps] for name, column in zip(features.names, features.columns, strict=True)}
    chosen = {place: claim for place in wanted if (claim := claims[place]) and claim["feature"] in columns}
    recorded = [one.isel(step=slice(steps)) for _, one in checkpoints]
    at = np.stack([_strengths(one, chosen, columns) for one in recorded])
    final = _strengths(corpus.isel(step=slice(steps)), chosen, columns)
    before = at[0] if checkpoints[0][0] == 0 else np.zeros(len(chosen))
    for number, place in enumerate(chosen):
        kept = at[:, number] >= before[number] + KEPT * (final[number] - before[number])
        if final[number] > before[number] and kept[-1]:
            first = len(kept) - int(np.argmin(np.append(kept[::-1], False)))
            answers[place] = int(checkpoints[first][0])
    return answers


def _check(corpus: xr.Dataset, checkpoints: Checkpoints) -> None:
    for step, one in checkpoints:
        length = one.sizes["step"]
        same = length <= corpus.sizes["step"] and np.array_equal(
            np.asarray(one["token"].data), np.asarray(corpus["token"].data[:length])
        )
        if not same:
            raise ValueError(
                f"the checkpoint after {step} steps of training has not read the corpus's first {length} steps"
            )


def _strengths(
    recorded: xr.Dataset, claims: Mapping[int, Mapping[str, Any]], columns: Mapping[str, np.ndarray]
) -> np.ndarray:
    """How strongly does each of these units follow its feature here? (claim,), NaN where it cannot be said."""
    values = {
        signal: recorded[signal].transpose("step", "unit").to_numpy().astype(np.float64)
        for signal in {claim["signal"] for claim in claims.values()}
    }
    return np.array(
        [
            claim["sign"]
            * _strength(values[claim["signal"]][:, place], columns[claim["feature"]], binary=claim["binary"])
            for place, claim in claims.items()
        ]
    )


def _strength(values: np.ndarray, column: np.ndarray, *, binary: bool) -> float:
    """2 AUC - 1 (Mann & Whitney 1947) or the correlation, -1..1."""
    if not np.isfinite(values).all() or (column == column[0]).all():
        return float("nan")
    if binary:
        ones = column != 0
        with_, without = int(ones.sum()), int((~ones).sum())
        above = rankdata(values)[ones].sum() - with_ * (with_ + 1) / 2
        return float(2 * above / (with_ * without) - 1)
    return 0.0 if values.std() == 0 else float(np.corrcoef(values, column)[0, 1])


def _mean_and_deviation(signal: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Over all steps, (unit,) each; part by part, about the first part's mean."""
    steps, shift = signal.sizes["step"], None
    total, squares = np.zeros(signal.sizes["unit"]), np.zeros(signal.sizes["unit"])
    for _, rows in blocks(signal):
        numbers = np.where(np.isfinite(rows), rows, np.nan).astype(np.float64)
        shift = numbers.mean(axis=0) if shift is None else shift
        numbers -= shift
        total += numbers.sum(axis=0)
        squares += (numbers**2).sum(axis=0)
    mean = total / steps
    return mean + (0 if shift is None else shift), np.sqrt(np.maximum(squares / steps - mean**2, 0))
