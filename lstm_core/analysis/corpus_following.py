"""What does each unit follow over a corpus, and is that more than chance?"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from lstm_core.analysis.claims import Claims, measure
from lstm_core.analysis.corpus_features import CorpusFeatures, corpus_features
from lstm_core.analysis.corpus_scores import corpus_scores
from lstm_core.analysis.unit_histograms import recorded_signals
from lstm_core.given import checked

SHUFFLES = 499
STRONG = 0.5  # of 2 AUC - 1 or |correlation|: weaker ones are chosen only where a unit has none that is strong
APART = 10.0  # more than any gain
KEEPS = {"LSTM": "forget", "GRU": "update"}  # the gate that lets a memory go where it is shut


@checked
def corpus_following(
    corpus: xr.Dataset,
    *,
    untrained: xr.Dataset | None = None,
    numbers: Sequence[str] = (),
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> xr.Dataset:
    """What does each unit follow over a corpus, and at what is its memory reset?

    `corpus` is what `lstm_core.corpus.open_corpus` gives, `untrained` the same text recorded by the model before its training,
    and `numbers` the names of the numbers that the model reads at a step. The features are those of `text_features`, of each
    document. A unit's signal and feature are chosen on one half of the documents, and measured on the other; of one document,
    on its first and its second half. AUC (Mann & Whitney 1947, over all pairs of steps, ties counting half) for features of
    yes or no, else |correlation|; for the choice 2 AUC - 1 and |correlation| are on one scale. With `untrained`, of what is strong (0.5 on that scale) the choice is that which is
    furthest above the best of all units before training: which token is read can be told from any unit. A feature with fewer than 8 runs in a half is left out (attribute `left_out`): whatever drifts follows it.

    Returns over ("question", "unit"), "follows" for all signals, "resets" for the forget gate being lower with a feature of
    yes or no (where that gate is recorded): `followed` (the feature), `follower` (the signal), `sign` (-1 where the signal is lower with the feature),
    `binary`; `score` on the held-out half, in that direction, so that it can be below 0.5 or 0; `low` and `high`, its 95 %
    interval over 50 blocks of steps, which are taken as independent, not the steps (`auc_interval` and `correlation_interval` say how). `shuffled` is the best of so many
    scores with the feature's runs in another order, `p` the share of these that are as good, (1 + hits) / (1 + shuffles), and
    `q` the false-discovery rate over units (Benjamini & Hochberg 1995); `untrained` the best score of all units and signals
    before training, of that feature on the same steps. `mean_with` is the signal's mean at the steps with the feature. Beside these, `held_out` over ("signal", "unit", "feature") has
    each AUC or correlation on the held-out half. NaN and "" for a unit that is NaN or infinite at some step.

    Raises ValueError where no feature comes often enough, and for an untrained corpus of another length.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import corpus_following
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     texts = ["S" + "a" * n + "b" * n + "T" for n in (1, 5, 2, 4, 3, 7) * 6]
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), texts, f"{folder}/corpus")
    ...     found = corpus_following(corpus, shuffles=19)
    >>> found["score"].dims
    ('question', 'unit')
    """
    features = corpus_features(corpus, numbers=numbers)
    if not features.names:
        raise ValueError("no feature of this text comes often enough: record a longer text, of several documents")
    names = recorded_signals(corpus)
    scores = corpus_scores(corpus, names, features)
    twin = None
    if untrained is not None:
        if untrained.sizes["step"] != corpus.sizes["step"]:
            raise ValueError(
                f"the untrained model read {untrained.sizes['step']} steps, the model {corpus.sizes['step']}: record the same text"
            )
        twin = corpus_scores(untrained, [name for name in names if name in untrained], features)
    keep = KEEPS.get(corpus.attrs.get("cell_type", "LSTM"))
    asked = ["follows"] + (["resets"] if keep in names and features.binary.any() else [])
    found = [
        _answer(corpus, names, features, scores, twin, keep if one == "resets" else None, shuffles, seed)
        for one in asked
    ]
    held = scores.isel(half=1)
    return (
        xr.concat(found, xr.DataArray(asked, dims="question", name="question"))
        .assign(held_out=held["auc"].where(xr.DataArray(features.binary, dims="feature"), held["correlation"]))
        .assign_attrs(shuffles=shuffles, seed=seed, left_out=features.left_out, held_out_steps=int(features.half.sum()))
    )


def _answer(
    corpus: xr.Dataset,
    names: list[str],
    features: CorpusFeatures,
    scores: xr.Dataset,
    twin: xr.Dataset | None,
    keep: str | None,
    shuffles: int,
    seed: int,
) -> xr.Dataset:
    """One question; `keep` is the gate of "resets"."""
    strength, sign = _strength(scores.isel(half=0), features, keep)
    units = corpus.sizes["unit"]
    wanted = _wanted(strength, None if twin is None else _strength(twin.isel(half=0), features, keep)[0])
    best = wanted.transpose(1, 0, 2).reshape(units, -1).argmax(axis=1)
    signal, feature = np.divmod(best, len(features.names))
    unit = np.arange(units)
    known = ~np.isnan(strength[signal, unit, feature])
    claims = Claims(unit[known], signal[known], feature[known], sign[signal, unit, feature][known])
    found = measure(corpus, names, features, claims, shuffles, seed)
    p = (1 + (found["shuffled"] >= found["score"]).sum(axis=0)) / (1 + shuffles)
    columns = {key: found[key] for key in ("score", "low", "high")} | {"p": p, "q": false_discovery_rate(p)}
    columns["shuffled"] = found["shuffled"].max(axis=0, initial=-np.inf)
    columns["mean_with"] = scores["mean_with"].to_numpy()[1, claims.signal, claims.unit, claims.feature]
    if twin is not None:
        beside, _ = _strength(twin.isel(half=1), features, keep)
        most = np.where(np.isnan(beside), -np.inf, beside).max(axis=(0, 1))
        columns["untrained"] = np.where(features.binary, 0.5 + most / 2, most)[claims.feature]
    whole = {key: np.full(units, np.nan) for key in columns}
    for key, values in columns.items():
        whole[key][known] = values
    labels = np.array(features.names, dtype=object)[feature]
    return xr.Dataset(
        {key: ("unit", values) for key, values in whole.items()}
        | {
            "feature": ("unit", np.where(known, labels, "").astype(object)),
            "signal": ("unit", np.where(known, np.array(names, dtype=object)[signal], "").astype(object)),
            "sign": ("unit", np.where(known, sign[signal, unit, feature], 0)),
            "binary": ("unit", features.binary[feature] & known),
        },
        coords={"unit": corpus["unit"]},
    ).rename(signal="follower", feature="followed")


def _wanted(strength: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """What is chosen by: the strength, or by how much it is above the best before training, strong ones first."""
    found = np.where(np.isnan(strength), -np.inf, strength)
    if before is None:
        return found
    gain = found - np.where(np.isnan(before), -1.0, before).max(axis=(0, 1))
    return np.asarray(np.where(found >= STRONG, gain, gain - APART))


def _strength(scores: xr.Dataset, features: CorpusFeatures, keep: str | None) -> tuple[np.ndarray, np.ndarray]:
    """(signal, unit, feature): 2 AUC - 1 or |correlation|, and the sign; for `keep` of this gate, where it is lower, alone."""
    auc, correlation = (scores[key].transpose("signal", "unit", "feature").to_numpy() for key in ("auc", "correlation"))
    signed = np.where(features.binary, 2 * auc - 1, correlation)
    if keep is not None:
        wanted = (scores["signal"].to_numpy() == keep)[:, None, None] & features.binary
        return np.where(wanted, -signed, np.nan), np.full(signed.shape, -1)
    return np.abs(signed), np.where(signed < 0, -1, 1)


def false_discovery_rate(p: np.ndarray) -> np.ndarray:
    """The share of false ones among all that are at least as good, for each p-value: Benjamini & Hochberg 1995, step-up."""
    order = np.argsort(p, kind="stable")
    found = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(found[::-1])[::-1], 1)
    return q
