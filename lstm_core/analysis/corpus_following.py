"""What does each unit follow over a corpus, and is that more than chance?"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from lstm_core.analysis.claims import Claims, measure
from lstm_core.analysis.corpus_features import CorpusFeatures, corpus_features
from lstm_core.analysis.corpus_scores import corpus_scores
from lstm_core.analysis.draws import (
    check_draws,
    draw_scores,
    false_discovery_rate,
    gains,
    gains_by_chance,
    most,
    share_as_good,
    strengths,
)
from lstm_core.analysis.unit_histograms import recorded_signals
from lstm_core.given import checked

SHUFFLES = 499
STRONG = 0.5  # of 2 AUC - 1 or |correlation|: weaker ones are chosen only where a unit has none that is strong
KEEPS = {"LSTM": "forget", "GRU": "update"}  # the gate that lets a memory go where it is shut


class NothingToFollowError(ValueError):
    """No feature of a text comes often enough to say that a unit follows it."""


@checked
def corpus_following(
    corpus: xr.Dataset,
    *,
    untrained: Sequence[xr.Dataset] = (),
    numbers: Sequence[str] = (),
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> xr.Dataset:
    """What does each unit follow over a corpus, and at what is its memory reset?

    `corpus` is what `lstm_core.corpus.open_corpus` gives, and `numbers` the names of the numbers that the model reads at a step.
    `untrained` are models of the same architecture with random weights (`lstm_core.training.untrained_draws`), two or
    more, each recorded over the same documents or over the beginning of each. The features are those of `text_features`, of
    each document. A unit's signal and feature are chosen on one half of the documents, and measured on the other; of one
    document, on its first and its second half. AUC (Mann & Whitney 1947, over all pairs of steps, ties counting half) for features
    of yes or no, else |correlation|; for the choice 2 AUC - 1 and |correlation| are on one scale. Of what is strong (0.5 on
    that scale) the choice is that which is furthest above the best of all units of all untrained models: any unit tells which
    token is read. A feature with fewer than 8 runs in a half is left out (attribute `left_out`): whatever drifts follows it.

    Returns over ("question", "unit"), "follows" for all signals, "resets" for the forget gate being lower with a feature of yes or no
    (where that gate is recorded): `followed` (the feature), `follower` (the signal), `sign` (-1 where the signal is lower
    with the feature), `binary`; `score` on the held-out half, in that direction, so that it can be below 0.5 or 0; `low` and
    `high`, its 95 % interval over 50 blocks of steps, which are taken as independent, not the steps (`auc_interval` and
    `correlation_interval` say how). `mean_with` is the signal's mean at the steps with the feature. Against chance:

    - `p_shuffled` is the share of shuffles that are as good, (1 + hits) / (1 + shuffles), where a shuffle is the feature with its runs in
      another order; `shuffled` the best of their scores. It asks whether the unit has to do with the text at all.
    - `untrained` is the best score of all units and signals of all untrained models, of that feature on the half held out, and
      `p_untrained` the share of all units of all untrained models that gain as much on that half over the best of the
      other untrained models, each with a signal and feature chosen as here: (1 + hits) / (1 + units), no less than
      1 / (1 + units). It asks whether this unit is like those of a model that has learnt nothing. Both are NaN without untrained
      models, and for "resets", where the AUC of a gate that hardly moves can be 1: there `corpus_timescale` compares
      the memory that is reset.
    - `p` is the larger of these two, and `q` its false-discovery rate over all units (Benjamini & Hochberg 1995, which holds for
      units that are independent or depend positively on each other).

    Beside these, `held_out` over ("signal", "unit", "feature") has each AUC or correlation on the held-out half. NaN and "" for a
    unit that is NaN or infinite at some step.

    Raises ValueError where no feature comes often enough, and for untrained models that are fewer than two, have read another
    text, or have other signals.

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
    names = recorded_signals(corpus)
    read = check_draws(corpus, untrained, names)
    features, beside = draw_scores(untrained, read, names, corpus_features(corpus, numbers=numbers))
    if not features.names:
        raise NothingToFollowError(
            "no feature of this text comes often enough: record a longer text, of several documents"
        )
    scores = corpus_scores(corpus, names, features)
    keep = KEEPS.get(corpus.attrs.get("cell_type", "LSTM"))
    asked = ["follows"] + (["resets"] if keep in names and features.binary.any() else [])
    found = [
        _answer(
            corpus,
            names,
            features,
            scores,
            beside if one == "follows" else [],
            keep if one == "resets" else None,
            shuffles,
            seed,
        )
        for one in asked
    ]
    held = scores.isel(half=1)
    return (
        xr.concat(found, xr.DataArray(asked, dims="question", name="question"))
        .assign(held_out=held["auc"].where(xr.DataArray(features.binary, dims="feature"), held["correlation"]))
        .assign_attrs(
            shuffles=shuffles,
            seed=seed,
            draws=len(untrained),
            left_out=features.left_out,
            held_out_steps=int(features.half.sum()),
        )
    )


def _answer(
    corpus: xr.Dataset,
    names: list[str],
    features: CorpusFeatures,
    scores: xr.Dataset,
    beside: Sequence[xr.Dataset],
    keep: str | None,
    shuffles: int,
    seed: int,
) -> xr.Dataset:
    """One question; `keep` is the gate of "resets", `beside` the scores of the untrained models."""
    own = strengths(scores, features.binary, keep)
    draws = [strengths(one, features.binary, keep) for one in beside]
    before = most(draws) if draws else np.zeros((2, len(features.names)))
    signal, feature, gained = gains(own, before, STRONG)
    unit = np.arange(len(signal))
    known = ~np.isnan(gained)
    claims = Claims(unit[known], signal[known], feature[known], own.sign[signal, unit, feature][known])
    found = measure(corpus, names, features, claims, shuffles, seed)
    p = (1 + (found["shuffled"] >= found["score"]).sum(axis=0)) / (1 + shuffles)
    columns = {key: found[key] for key in ("score", "low", "high", "mean_with")} | {"p_shuffled": p}
    columns["shuffled"] = found["shuffled"].max(axis=0, initial=-np.inf)
    if draws:
        columns["untrained"] = np.where(features.binary, 0.5 + before[1] / 2, before[1])[claims.feature]
        columns["p_untrained"] = share_as_good(gained[known], gains_by_chance(draws, STRONG))
        p = np.maximum(p, columns["p_untrained"])
    columns |= {"p": p, "q": false_discovery_rate(p)}
    whole = {key: np.full(len(unit), np.nan) for key in (*columns, "p_untrained", "untrained")}
    for key, values in columns.items():
        whole[key][known] = values
    labels = np.array(features.names, dtype=object)[feature]
    return xr.Dataset(
        {key: ("unit", values) for key, values in whole.items()}
        | {
            "feature": ("unit", np.where(known, labels, "").astype(object)),
            "signal": ("unit", np.where(known, np.array(names, dtype=object)[signal], "").astype(object)),
            "sign": ("unit", np.where(known, own.sign[signal, unit, feature], 0)),
            "binary": ("unit", features.binary[feature] & known),
        },
        coords={"unit": corpus["unit"]},
    ).rename(signal="follower", feature="followed")
