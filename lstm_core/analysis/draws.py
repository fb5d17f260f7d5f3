"""What do untrained models of the same architecture follow on the same text? That is the chance that a trained unit has to beat."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xarray as xr

from lstm_core.analysis.corpus_features import CorpusFeatures, halves, often
from lstm_core.analysis.corpus_scores import corpus_scores
from lstm_core.analysis.value_counts import document_starts

AT_ONCE = 2  # draws: each takes some hundred megabytes
FEWEST = 2  # each is compared with the others
ROUNDING = 1e-9  # of an AUC or a correlation: values that are that close are equal


@dataclass(frozen=True, eq=False)
class Strengths:
    """How closely units follow features, on one scale: 2 AUC - 1, or |correlation|; NaN for what is not asked or no number."""

    strength: np.ndarray  # (half, signal, unit, feature), 0 or more on the half that is chosen by
    sign: np.ndarray  # (signal, unit, feature): 1, or -1 where the signal is lower with the feature
    best: np.ndarray  # (half, feature): of all signals and units, -1 where there is none


def strengths(scores: xr.Dataset, binary: np.ndarray, keep: str | None) -> Strengths:
    """Of what `corpus_scores` found; with `keep`, of that gate being lower with a feature of yes or no alone."""
    auc, correlation = (
        scores[key].transpose("half", "signal", "unit", "feature").to_numpy() for key in ("auc", "correlation")
    )
    signed = np.where(binary, 2 * auc - 1, correlation)
    if keep is None:
        sign = np.where(signed[0] < 0, -1, 1)
    else:
        wanted = (scores["signal"].to_numpy() == keep)[:, None, None] & binary
        signed, sign = np.where(wanted, signed, np.nan), np.full(signed.shape[1:], -1)
    best = np.abs(signed) if keep is None else -signed
    return Strengths(signed * sign, sign, np.where(np.isnan(best), -1.0, best).max(axis=(1, 2)))


def most(draws: Sequence[Strengths]) -> np.ndarray:
    """The best of all units and signals of these draws: (half, feature)."""
    return np.asarray(np.max([one.best for one in draws], axis=0))


def gains(own: Strengths, before: np.ndarray, strong: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each unit is said to follow: the signal, the feature (unit,), and by how much more than `before` on the held-out half.

    Chosen on the first half: of what is at least `strong`, what is furthest above `before`. NaN for a unit that is no number.
    """
    chosen = np.where(np.isnan(own.strength[0]), -np.inf, own.strength[0])
    wanted = chosen - before[0] - np.where(chosen >= strong, 0.0, 10.0)  # more than any gain
    units = wanted.shape[1]
    signal, feature = np.divmod(wanted.transpose(1, 0, 2).reshape(units, -1).argmax(axis=1), wanted.shape[2])
    return signal, feature, own.strength[1, signal, np.arange(units), feature] - before[1, feature]


def gains_by_chance(draws: Sequence[Strengths], strong: float) -> np.ndarray:
    """`gains` of each unit of each draw over the best of the other draws."""
    found = [gains(one, most([*draws[:place], *draws[place + 1 :]]), strong)[2] for place, one in enumerate(draws)]
    every = np.concatenate(found)
    return np.asarray(every[~np.isnan(every)])


def share_as_good(values: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    """(1 + how many by chance are at least as large) / (1 + all): a p-value of each, where all come from one distribution."""
    ordered = np.sort(by_chance)
    better = len(ordered) - np.searchsorted(ordered, values - ROUNDING, side="left")
    return np.asarray(np.where(np.isnan(values), np.nan, (1 + better) / (1 + len(ordered))))


def false_discovery_rate(p: np.ndarray) -> np.ndarray:
    """The share of false ones among all that are at least as good, for each p-value: Benjamini & Hochberg 1995, step-up."""
    order = np.argsort(p, kind="stable")
    found = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(found[::-1])[::-1], 1)
    return q


def check_draws(corpus: xr.Dataset, untrained: Sequence[xr.Dataset], names: Sequence[str]) -> list[np.ndarray]:
    """The steps of the corpus that each untrained model has read. Raises ValueError where they are too few or not comparable."""
    if 0 < len(untrained) < FEWEST:
        raise ValueError(
            "one untrained model does not show what chance is: give two or more, such as those of lstm_core.training.untrained_draws"
        )
    return [_steps_read(corpus, one, names, number) for number, one in enumerate(untrained, 1)]


def draw_scores(
    untrained: Sequence[xr.Dataset], read: Sequence[np.ndarray], names: list[str], features: CorpusFeatures
) -> tuple[CorpusFeatures, list[xr.Dataset]]:
    """The scores of each untrained model, and the features that come often enough in what all of them have read."""
    parts = [(features.at(steps, halves(document_starts(one)))) for one, steps in zip(untrained, read, strict=True)]
    kept = np.array([all(often(part, place) for part in parts) for place in range(len(features.names))], bool)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda one, part: corpus_scores(one, names, part.only(kept)), untrained, parts))
    return features.only(kept), found


def _steps_read(corpus: xr.Dataset, draw: xr.Dataset, names: Sequence[str], number: int) -> np.ndarray:
    missing = [name for name in names if name not in draw]
    if missing:
        raise ValueError(f"untrained model {number} has no {missing[0]!r} recorded: record the same signals of it")
    starts, own = document_starts(corpus), document_starts(draw)
    lengths = np.diff(own)
    if len(own) <= len(starts) and (lengths <= np.diff(starts)[: len(lengths)]).all():
        steps = np.concatenate([np.arange(one, one + size) for one, size in zip(starts, lengths, strict=False)])
        if (np.asarray(corpus["token"].data)[steps] == np.asarray(draw["token"].data)).all():
            return steps
    raise ValueError(
        f"untrained model {number} has read another text: record the same documents with it, or the beginning of each"
    )
