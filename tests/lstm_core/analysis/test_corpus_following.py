"""What units follow over a corpus, against all pairs of steps counted one by one."""

import numpy as np
import pytest
import xarray as xr
from scipy.special import expit, logit
from scipy.stats import rankdata, t

from lstm_core.analysis import claims, corpus_following, corpus_timescale, value_counts
from lstm_core.analysis.claims import auc_interval, correlation_interval
from lstm_core.analysis.corpus_features import corpus_features, halves
from lstm_core.analysis.draws import Strengths, false_discovery_rate, gains, gains_by_chance, most, share_as_good
from lstm_core.analysis.shuffles import Shuffles
from tests.lstm_core.analysis.test_unit_cards import BROKEN, LENGTHS, UNITS, corpus_of

NAMES = ["forget", "cell", "hidden"]  # in the order of a layer's signals


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FEWEST", "MOST"):
        monkeypatch.setattr(value_counts, name, 128)
    monkeypatch.setattr(claims, "AT_ONCE", 50)


def auc_of(values: np.ndarray, mark: np.ndarray) -> float:
    above = np.sign(values[mark][:, None] - values[~mark][None])
    return float((above / 2 + 0.5).mean())


def followed_corpus(**others):
    """Unit 1's cell is high after a bracket was opened, unit 3's hidden state falls with the letters of the word."""
    corpus = corpus_of(**others)
    features = corpus_features(corpus)
    inside = features.columns[features.names.index("inside brackets")]
    letters = features.columns[features.names.index("letters of the word so far")]
    cell, hidden = corpus["cell"].to_numpy().copy(), corpus["hidden"].to_numpy().copy()
    cell[:, 1] += np.where(inside, 6, 0).astype(np.float16)
    hidden[:, 3] = (hidden[:, 3] * 0.1 - letters / 20).astype(np.float16)
    return corpus_of(**others, cell=cell, hidden=hidden), features


def signed_scores(corpus, columns, binary, half) -> np.ndarray:
    """(half, signal, unit, feature): 2 AUC - 1 or the correlation, of all pairs."""
    found = np.empty((2, len(NAMES), UNITS, len(columns)))
    for part, signal, unit, feature in np.ndindex(found.shape):
        own = half == part
        values, column = corpus[NAMES[signal]].to_numpy()[own, unit].astype(np.float64), columns[feature][own]
        found[part, signal, unit, feature] = (
            2 * auc_of(values, column == 1) - 1 if binary[feature] else np.corrcoef(values, column)[0, 1]
        )
    return found


def gained(scores: np.ndarray, others: list[np.ndarray]) -> list[tuple[float, int, int]]:
    """Of each unit: by how much it is above the best of the others on the held-out half, with which signal and feature."""
    before, found = np.max([np.abs(one).max(axis=(1, 2)) for one in others], axis=0), []
    for unit in range(UNITS):
        chosen = {at: abs(scores[0, at[0], unit, at[1]]) for at in np.ndindex(scores.shape[1], scores.shape[3])}
        strong = [at for at, value in chosen.items() if value >= 0.5] or list(chosen)
        signal, feature = max(strong, key=lambda at: chosen[at] - before[0, at[1]])
        sign = np.sign(scores[0, signal, unit, feature])
        found.append((sign * scores[1, signal, unit, feature] - before[1, feature], signal, feature))
    return found


def test_scores_are_those_of_all_pairs_and_chosen_on_the_other_half():
    """Against three untrained models, of which one has read only the beginning of two documents, and not the last one."""
    corpus, features = followed_corpus()
    short = (700, 40, 1, 890, 300)
    draws = [corpus_of(1), corpus_of(2), corpus_of(3, lengths=short)]
    found = corpus_following(corpus, untrained=draws, shuffles=29)
    read = np.concatenate([np.arange(size) + at for at, size in zip(np.cumsum((0, *LENGTHS)), short, strict=False)])
    names = found["feature"].to_numpy().tolist()  # often enough in what all have read
    assert set(names) < set(features.names)
    features = features.only(np.isin(features.names, names))
    kinds, columns = features.binary, features.columns
    scores = signed_scores(corpus, columns, kinds, features.half)
    beside = [signed_scores(one, columns, kinds, features.half) for one in draws[:2]]
    edges = np.cumsum((0, *short))
    beside.append(signed_scores(draws[2], [one[read] for one in columns], kinds, halves(edges)))
    by_chance = [
        gain for place, one in enumerate(beside) for gain, *_ in gained(one, beside[:place] + beside[place + 1 :])
    ]
    best, part = np.max([np.abs(one[1]).max(axis=(0, 1)) for one in beside], axis=0), features.half == 1
    for unit, (gain, signal, feature) in enumerate(gained(scores, beside)):
        own, binary = found.sel(question="follows", unit=unit), kinds[feature]
        assert (own["follower"].item(), own["followed"].item()) == (NAMES[signal], features.names[feature])
        sign = np.sign(scores[0, signal, unit, feature])
        score, held = sign * scores[1, signal, unit, feature], columns[feature][part]
        assert own["sign"].item() == sign
        assert own["score"].item() == pytest.approx(0.5 + score / 2 if binary else score, abs=1e-12)
        assert own["untrained"].item() == pytest.approx(0.5 + best[feature] / 2 if binary else best[feature], abs=1e-12)
        assert own["p_untrained"].item() == (1 + sum(one >= gain - 1e-9 for one in by_chance)) / (1 + len(by_chance))
        assert own["low"] <= own["score"] <= own["high"]
        values = corpus[NAMES[signal]].to_numpy()[part, unit].astype(np.float64)
        if binary:
            assert own["mean_with"].item() == pytest.approx(values[held == 1].mean(), abs=1e-12)
        shuffled = Shuffles(held, 29, np.random.default_rng([0, feature])).columns(0, len(held))
        chance = [
            sign * (2 * auc_of(values, one == 1) - 1 if binary else np.corrcoef(values, one)[0, 1]) for one in shuffled
        ]
        chance = [0.5 + one / 2 if binary else one for one in chance]
        assert own["shuffled"].item() == pytest.approx(max(chance), abs=1e-12)
        assert own["p_shuffled"].item() == (1 + sum(one >= own["score"].item() - 1e-12 for one in chance)) / 30
        assert own["p"] == max(own["p_shuffled"], own["p_untrained"])
    assert found["followed"].sel(question="follows", unit=1).item() == "inside brackets"
    assert found["followed"].sel(question="follows", unit=3).item() == "letters of the word so far"
    assert found["sign"].sel(question="follows", unit=3).item() == -1
    assert (found["p_shuffled"].sel(question="follows", unit=[1, 3]) == 1 / 30).all()
    assert (found["p_untrained"].sel(question="follows", unit=[1, 3]) == 1 / 13).all()
    resets = found.sel(question="resets")
    assert set(resets["follower"].to_numpy()) == {"forget"}
    assert (resets["sign"] == -1).all()


def test_256_units_over_20000_steps_have_the_scores_of_ranks_exactly(monkeypatch):
    monkeypatch.undo()  # parts as large as usual
    numbers, lengths = np.random.default_rng(6), (9_000, 4_000, 6_000, 1_000)
    text = numbers.choice(list("the quick (brown) fox\n"), 20_000)
    drawn = np.clip(np.cumsum(numbers.normal(size=(20_000, 256)), axis=0) / 20, -9, 9).astype(np.float16)
    corpus = xr.Dataset(
        {"hidden": (("step", "unit"), drawn), "forget": (("step", "unit"), np.rint(255 / (1 + np.exp(-drawn))) / 255)},
        coords={
            "token": ("step", np.where(text == "\n", "⏎", np.where(text == " ", "␣", text)).astype(object)),
            "document": ("step", np.repeat(np.arange(4), lengths)),
            "group": ("step", np.concatenate([np.arange(one) for one in lengths])),
            "unit": np.arange(256),
        },
        attrs={"cell_type": "LSTM", "direction": "forward"},
    )
    corpus["forget"].encoding["dtype"] = np.dtype(np.uint8)
    features, found = corpus_features(corpus), corpus_following(corpus, shuffles=1)
    held = features.half == 1
    for signal in ("hidden", "forget"):
        ranks = rankdata(corpus[signal].to_numpy()[held], axis=0)
        for name, column, binary in zip(features.names, features.columns, features.binary, strict=True):
            ones = int(column[held].sum())
            if binary:
                auc = (ranks[column[held] == 1].sum(axis=0) - ones * (ones + 1) / 2) / (ones * (held.sum() - ones))
                assert (found["held_out"].sel(signal=signal, feature=name).to_numpy() == auc).all()
    own = found.sel(question="follows")
    for unit in np.flatnonzero(own["binary"]).tolist():
        at = {"signal": own["follower"][unit].item(), "feature": own["followed"][unit].item()}
        auc = found["held_out"].sel(at)[unit].item()
        assert own["score"][unit].item() == (auc if own["sign"][unit] > 0 else 1 - auc)


@pytest.mark.parametrize(
    ("draws", "said"),
    [
        ([corpus_of(1)], "one untrained model"),
        ([corpus_of(1), corpus_of(2).drop_vars("cell")], "untrained model 2 has no 'cell'"),
        ([corpus_of(1).isel(step=slice(1, None)), corpus_of(2)], "untrained model 1 has read another text"),
        ([corpus_of(1), corpus_of(2, lengths=(701, *LENGTHS[1:]))], "untrained model 2 has read another text"),
    ],
)
def test_untrained_models_that_cannot_be_compared_are_refused(draws, said):
    for find in (corpus_following, corpus_timescale) if "cell" not in said else (corpus_following,):
        with pytest.raises(ValueError, match=said):
            find(corpus_of(), untrained=draws)


def test_units_of_an_untrained_model_gain_as_much_as_those_of_others():
    """Of 40 times 12 models of 6 units, whose features are of different difficulty, one each: no more small p-values than chance gives."""
    numbers, found = np.random.default_rng(0), []
    for _ in range(40):
        easy = numbers.random(8)  # some are followed by any unit
        drawn = np.clip(easy + numbers.normal(scale=0.1, size=(12, 2, 3, 6, 8)), 0, 1)
        models = [Strengths(one, np.ones((3, 6, 8)), one.max(axis=(1, 2))) for one in drawn]
        own = gains(models[0], most(models[1:]), 0.5)[2]
        found.append(share_as_good(own, gains_by_chance(models[1:], 0.5)))
    p = np.concatenate(found)
    for level in (0.05, 0.2, 0.5):
        assert (p <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / len(p))
    assert share_as_good(np.array([np.nan, 0.5, 2.0]), np.array([0.5, 1.0, 0.1])).tolist()[1:] == [0.75, 0.25]


def test_a_broken_unit_follows_nothing_and_the_others_what_they_did():
    found, whole = (corpus_following(corpus_of(broken=broken), shuffles=9) for broken in (True, False))
    assert found["follower"].sel(question="follows", unit=BROKEN).item() != "cell"
    others = [unit for unit in range(UNITS) if unit != BROKEN]
    for name in ("score", "low", "shuffled", "p"):
        np.testing.assert_array_equal(found[name].sel(unit=others), whole[name].sel(unit=others))


def test_halves_are_of_documents_or_of_one_documents_steps():
    assert halves(np.array([0, 4, 6, 9])).tolist() == [0] * 4 + [1] * 5
    assert halves(np.array([0, 6])).tolist() == [0, 0, 0, 1, 1, 1]
    assert halves(np.array([0, 90, 100])).tolist() == [0] * 50 + [1] * 50


def test_shuffles_are_the_same_in_parts_and_keep_their_runs():
    column = np.random.default_rng(2).random(5000) < 0.3
    shuffled = Shuffles(column, 5, np.random.default_rng(0))
    whole = shuffled.columns(0, 5000)
    parts = np.concatenate([shuffled.columns(at, min(at + 333, 5000)) for at in range(0, 5000, 333)], axis=1)
    np.testing.assert_array_equal(whole, parts)
    assert whole.sum(axis=1).tolist() == [column.sum()] * 5
    assert len({tuple(row) for row in whole}) == 5
    changes = np.abs(np.diff(whole, axis=1)).sum(axis=1)
    assert np.abs(changes - np.abs(np.diff(column.astype(int))).sum()).max() <= 2  # runs are turned round, not cut


def block_sums(values: np.ndarray, mark: np.ndarray) -> np.ndarray:
    """Of (block, step): what `auc_interval` takes."""
    high, low = np.sort(values[mark]), np.sort(values[~mark])
    won = (np.searchsorted(low, values) + np.searchsorted(low, values, "right")) / 2
    lost = (np.searchsorted(high, values) + np.searchsorted(high, values, "right")) / 2
    return np.stack([mark, ~mark, won * mark, lost * ~mark], -1).sum(axis=1).astype(float)


def test_the_interval_of_blocks_of_one_step_is_that_of_delong():
    numbers = np.random.default_rng(8)
    mark = numbers.random((60, 1)) < 0.4
    values = numbers.normal(size=(60, 1)).round(1) + mark
    auc, low, high = auc_interval(block_sums(values, mark))
    above = np.sign(values[mark][:, None] - values[~mark][None]) / 2 + 0.5
    parts = above.mean(axis=1), above.mean(axis=0)
    error = np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts))
    wide = t.ppf(0.975, min(map(len, parts)) - 1) * error / (auc * (1 - auc))
    assert auc == pytest.approx(above.mean(), abs=1e-12)
    assert [low, high] == pytest.approx((expit(logit(auc) - wide), expit(logit(auc) + wide)), abs=1e-12)


def test_an_auc_of_0_or_1_is_as_certain_as_its_blocks_are_many():
    """Blocks of one kind each, 30 and 10: were 1 - 0.025^(1/10) of the blocks wrong, 10 were all right in 1 of 40 texts."""
    mark = np.repeat(np.arange(40)[:, None] < 30, 5, axis=1)
    sums = block_sums(np.where(mark, 2.0, 1.0), mark)
    assert auc_interval(sums) == pytest.approx((1, 0.025**0.1, 1))
    assert auc_interval(sums, -1) == pytest.approx((0, 0, 1 - 0.025**0.1))


def test_intervals_cover_what_is_true_also_where_steps_are_alike():
    """Blocks of 20 steps that share a value: as many independent ones as blocks. 95 % of 300 intervals, less three errors."""
    numbers, covered = np.random.default_rng(4), [0, 0]
    for _ in range(300):
        mark = numbers.random((50, 1)) < [[0.5]] * 50
        values = numbers.normal(size=(50, 1)) + mark
        mark, values = np.repeat(mark, 20, axis=1), np.repeat(values, 20, axis=1)
        auc, lowest, highest = auc_interval(block_sums(values, mark))
        assert auc == pytest.approx(auc_of(values.ravel(), mark.ravel()))
        covered[0] += lowest <= 0.7602499 <= highest  # Phi(1 / sqrt 2)
        x, y = values, values + numbers.normal(size=(50, 1))
        parts = (np.ones_like(x), x, x**2, y, y**2, x * y)
        score, lowest, highest = correlation_interval(np.stack(parts, -1).sum(axis=1))
        assert score == pytest.approx(np.corrcoef(x.ravel(), y.ravel())[0, 1])
        true = np.sqrt(1.25 / 2.25)  # of a variance 1 + 1/4 and as much noise as 1
        covered[1] += lowest <= true <= highest
    assert min(covered) >= 300 * 0.95 - 3 * np.sqrt(300 * 0.95 * 0.05)


def test_the_false_discovery_rate_is_that_of_benjamini_and_hochberg():
    p = np.array([0.04, 0.01, 0.03, 0.5])
    assert false_discovery_rate(p).tolist() == pytest.approx([0.04 * 4 / 3, 0.04, 0.04 * 4 / 3, 0.5])


def test_p_values_of_units_that_follow_nothing_are_uniform():
    """Of 32 units of slow noise: no more small ones than chance gives (binomial, three standard errors)."""
    numbers = np.concatenate(
        [corpus_following(corpus_of(seed), shuffles=19)["p"].sel(question="follows") for seed in range(8)]
    )
    assert (numbers <= 0.2).mean() < 0.2 + 3 * np.sqrt(0.2 * 0.8 / len(numbers))
    assert (numbers <= 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(numbers))


def test_of_units_that_are_all_nan_nothing_is_said():
    cell = corpus_of()["cell"].to_numpy().copy()
    cell[3] = np.nan
    corpus = corpus_of(cell=cell)[["cell"]]
    found = corpus_following(corpus, shuffles=9)
    assert found["score"].isnull().all()
    assert (found["followed"] == "").all()
