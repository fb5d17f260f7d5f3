"""Does a unit follow a feature on the half of the corpus that it was not chosen by? With an interval, and by chance."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.stats import t

from lstm_core.analysis.corpus_features import CorpusFeatures
from lstm_core.analysis.corpus_scores import below_twice
from lstm_core.analysis.shuffles import Shuffles
from lstm_core.analysis.value_counts import blocks, scale_of

BLOCKS = 50  # of the held-out half
COVERED = 0.95
AT_ONCE = 16384  # steps at which shuffles are made


@dataclass(frozen=True, eq=False)
class Claims:
    """`unit` (its place) follows `feature` with `signal`, by their numbers; all (claim,)."""

    unit: np.ndarray
    signal: np.ndarray
    feature: np.ndarray
    sign: np.ndarray  # 1, or -1 where the signal is lower with the feature


def measure(
    corpus: xr.Dataset, names: list[str], features: CorpusFeatures, claims: Claims, shuffles: int, seed: int
) -> dict[str, np.ndarray]:
    """On the held-out half: `score`, `low`, `high`, `mean_with` (claim,) and `shuffled` (shuffle, claim), in the direction of `sign`.

    `mean_with` is the signal's mean at the steps with the feature, NaN for what is no feature of yes or no.
    """
    sums = _Sums(features, claims, shuffles, seed)
    wanted = {signal: np.flatnonzero(claims.signal == signal) for signal in np.unique(claims.signal).tolist()}
    for signal, own in wanted.items():
        sums.count(corpus[names[signal]], own)
    if wanted:  # of a corpus whose units are all NaN nothing is claimed
        sums.add([(corpus[names[signal]], own) for signal, own in wanted.items()])
    return sums.found()


class _Sums:
    def __init__(self, features: CorpusFeatures, claims: Claims, shuffles: int, seed: int) -> None:
        self.held = np.flatnonzero(features.half)
        self.columns = {one: features.columns[one][self.held] for one in np.unique(claims.feature).tolist()}
        self.binary, self.claims, self.steps = features.binary[claims.feature], claims, len(self.held)
        self.shuffles = {
            one: Shuffles(column, shuffles, np.random.default_rng([seed, one])) for one, column in self.columns.items()
        }
        count = len(claims.unit)
        self.above: dict[int, np.ndarray] = {}  # by claim and code: twice the steps with the feature that are below
        self.below: dict[int, np.ndarray] = {}  # twice those without it
        self.mean, self.mean_with = np.zeros(count), np.full(count, np.nan)
        self.clusters = np.zeros((count, BLOCKS, 6))
        self.by_chance = np.zeros((shuffles, count))

    def count(self, signal: xr.DataArray, own: np.ndarray) -> None:
        """Count the values of these claims' units, with the feature and without."""
        scale = scale_of(signal)
        counts = np.zeros((len(own), 2, len(scale.levels)), np.int32)
        for codes, start, stop in self._held_blocks(signal, own):
            for place, claim in enumerate(own.tolist()):
                column = self.columns[int(self.claims.feature[claim])][start:stop]
                for part, chosen in enumerate((column == 0, column != 0)):
                    found = np.bincount(codes[place][chosen])
                    counts[place, part, : len(found)] += found.astype(np.int32)
        levels = np.where(scale.finite, scale.levels, 0)
        for place, claim in enumerate(own.tolist()):
            self.mean[claim] = counts[place].sum(0) @ levels / self.steps
            if self.binary[claim]:
                self.mean_with[claim] = counts[place, 1] @ levels / counts[place, 1].sum()
                self.below[claim], self.above[claim] = below_twice(counts[place])

    def add(self, wanted: list[tuple[xr.DataArray, np.ndarray]]) -> None:
        """Add up what is asked of all claims; each signal has its own. A shuffle is made once for all of them."""
        claims = np.concatenate([own for _signal, own in wanted])
        feature = self.claims.feature[claims]
        for parts in zip(*(self._lines(signal, own) for signal, own in wanted), strict=True):
            start, stop = parts[0][1:]
            lines = np.concatenate([part[0] for part in parts])
            for one in np.unique(feature).tolist():
                places = np.flatnonzero(feature == one)
                for begin in range(start, stop, AT_ONCE):
                    end = min(begin + AT_ONCE, stop)
                    shuffled = self.shuffles[one].columns(begin, end)
                    self.by_chance[:, claims[places]] += shuffled @ lines[places, begin - start : end - start].T

    def _lines(self, signal: xr.DataArray, own: np.ndarray) -> Iterator[tuple[np.ndarray, int, int]]:
        """What is added up of each claim at each step, (claim, step), from a held-out step on to before another."""
        scale = scale_of(signal)
        levels = np.where(scale.finite, scale.levels, 0)
        for codes, start, stop in self._held_blocks(signal, own):
            lines = np.stack([self._line(claim, line, levels) for claim, line in zip(own.tolist(), codes, strict=True)])
            for claim, code, line in zip(own.tolist(), codes, lines, strict=True):
                self._add_clusters(claim, code, line, start, stop)
            yield lines, start, stop

    def _line(self, claim: int, codes: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Twice the rank from 1/2 on, or the distance from the mean."""
        if self.binary[claim]:
            return np.asarray(self.below[claim][codes] + self.above[claim][codes], dtype=np.float64)
        return np.asarray(levels[codes] - self.mean[claim])

    def _held_blocks(self, signal: xr.DataArray, own: np.ndarray) -> Iterator[tuple[np.ndarray, int, int]]:
        """The codes of these claims' units, (claim, step), from a held-out step on to before another."""
        scale, units = scale_of(signal), self.claims.unit[own]
        for start, numbers in blocks(signal):
            first, last = np.searchsorted(self.held, [start, start + len(numbers)])
            if last > first:
                rows = numbers[self.held[first:last] - start][:, units]
                yield np.ascontiguousarray(scale.codes(rows).T), int(first), int(last)

    def _add_clusters(self, claim: int, codes: np.ndarray, line: np.ndarray, start: int, stop: int) -> None:
        column = self.columns[int(self.claims.feature[claim])][start:stop].astype(np.float64)
        cluster = np.arange(start, stop) * BLOCKS // self.steps
        if self.binary[claim]:
            won, lost = self.below[claim][codes] / 2, self.above[claim][codes] / 2
            parts: tuple[np.ndarray, ...] = (column, 1 - column, won * column, lost * (1 - column))
        else:
            y = column - self.columns[int(self.claims.feature[claim])].mean()
            parts = (np.ones_like(y), line, line**2, y, y**2, line * y)
        for number, part in enumerate(parts):
            self.clusters[claim, :, number] += np.bincount(cluster, part, BLOCKS)

    def found(self) -> dict[str, np.ndarray]:
        count, sign = len(self.claims.unit), self.claims.sign
        score, low, high = np.full((3, count), np.nan)
        for claim in range(count):
            own = self.clusters[claim]
            find = auc_interval if self.binary[claim] else correlation_interval
            score[claim], low[claim], high[claim] = find(own, int(sign[claim]))
            if self.binary[claim]:
                ones, zeros = own[:, 0].sum(), own[:, 1].sum()
                auc = (self.by_chance[:, claim] / 2 - ones**2 / 2) / (ones * zeros)
                self.by_chance[:, claim] = 0.5 + sign[claim] * (auc - 0.5)
            else:
                size = np.sqrt(own[:, 2].sum() * own[:, 4].sum())
                self.by_chance[:, claim] *= sign[claim] / size if size else 0
        return {"score": score, "low": low, "high": high, "mean_with": self.mean_with, "shuffled": self.by_chance}


def auc_interval(clusters: np.ndarray, sign: int = 1) -> tuple[float, float, float]:
    """The AUC and its 95 % interval from blocks of steps: Obuchowski 1997, "Nonparametric analysis of clustered ROC curve data", eq. 3-6.

    `clusters` is (block, 4 or more): steps with the feature, steps without, and summed over each of these the steps of the other
    kind that are below it. DeLong et al. 1988 take each step as independent, which is what this is for blocks of one step; here
    blocks are, so that neighbours that are alike do not count as many. The limits are of the logit, with Student's t. Where the
    AUC is 0 or 1 there is no spread to go by: of the k blocks of the rarer kind none has a step on the wrong side, which is
    likelier than 2.5 % only where fewer than 1 - 0.025^(1/k) of all blocks have one (as Clopper & Pearson 1934 for 0 of k); so far
    the limit goes.
    """
    m, n, won, lost = clusters[:, :4].T
    ones, zeros, size = m.sum(), n.sum(), len(m)
    auc = won.sum() / (ones * zeros)
    with_, without = won / zeros - m * auc, n * (1 - auc) - lost / ones
    count = max(int((m > 0).sum()), 2), max(int((n > 0).sum()), 2)
    variance = (
        count[0] / (count[0] - 1) * (with_**2).sum() / ones**2
        + count[1] / (count[1] - 1) * (without**2).sum() / zeros**2
        + 2 * size / (size - 1) * (with_ * without).sum() / (ones * zeros)
    )
    auc = auc if sign > 0 else 1 - auc
    if not 0 < auc < 1:
        nearest = ((1 - COVERED) / 2) ** (1 / min(count))
        return (1.0, nearest, 1.0) if auc >= 1 else (0.0, 0.0, 1 - nearest)
    at = np.log(auc / (1 - auc))
    wide = t.ppf((1 + COVERED) / 2, min(count) - 1) * np.sqrt(max(variance, 0)) / (auc * (1 - auc))
    return auc, float(1 / (1 + np.exp(wide - at))), float(1 / (1 + np.exp(-wide - at)))


def correlation_interval(clusters: np.ndarray, sign: int = 1) -> tuple[float, float, float]:
    """A correlation and its 95 % interval, by leaving out each block of steps in turn (jackknife; Efron & Tibshirani 1993, ch. 11).

    `clusters` is (block, 6): steps, and the sums of x, x^2, y, y^2 and x y. The limits are of Fisher's z.
    """
    clusters = clusters[clusters[:, 0] > 0]
    rows = np.vstack([clusters.sum(axis=0), clusters.sum(axis=0) - clusters])
    n, x, xx, y, yy, xy = rows.T
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.sqrt(np.maximum((n * xx - x**2) * (n * yy - y**2), 0))
        found = np.where(size > 0, (n * xy - x * y) / size, 0.0)
    score, rest = sign * found[0], np.arctanh(np.clip(sign * found[1:], -1 + 1e-12, 1 - 1e-12))
    blocks_ = len(rest)
    error = np.sqrt((blocks_ - 1) / blocks_ * ((rest - rest.mean()) ** 2).sum())
    at, wide = np.arctanh(np.clip(score, -1 + 1e-12, 1 - 1e-12)), t.ppf((1 + COVERED) / 2, blocks_ - 1) * error
    return float(score), float(np.tanh(at - wide)), float(np.tanh(at + wide))
