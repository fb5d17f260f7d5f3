"""What units follow over a corpus, against all pairs of steps counted one by one."""

import numpy as np
import pytest

from lstm_core.analysis import claims, corpus_following, value_counts
from lstm_core.analysis.claims import auc_interval, correlation_interval
from lstm_core.analysis.corpus_features import corpus_features, halves
from lstm_core.analysis.corpus_following import false_discovery_rate
from lstm_core.analysis.shuffles import Shuffles
from tests.lstm_core.analysis.test_unit_cards import BROKEN, UNITS, corpus_of

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


def test_scores_are_those_of_all_pairs_and_chosen_on_the_other_half():
    corpus, features = followed_corpus()
    found = corpus_following(corpus, untrained=corpus_of(1), shuffles=29)
    part = [features.half == 0, features.half == 1]
    values = {name: corpus[name].to_numpy().astype(np.float64) for name in NAMES}
    twin = {name: corpus_of(1)[name].to_numpy().astype(np.float64) for name in NAMES}

    def signed(numbers, column, binary, own):
        if binary:
            return 2 * auc_of(numbers[own], column[own] == 1) - 1
        return np.corrcoef(numbers[own], column[own])[0, 1]

    for unit in range(UNITS):
        tried = {
            (name, feature): signed(values[name][:, unit], column, binary, part[0])
            for name in NAMES
            for feature, column, binary in zip(features.names, features.columns, features.binary, strict=True)
        }
        before = {
            feature: max(
                abs(signed(twin[one][:, other], column, binary, part[0])) for one in NAMES for other in range(UNITS)
            )
            for feature, column, binary in zip(features.names, features.columns, features.binary, strict=True)
        }
        strong = [key for key, value in tried.items() if abs(value) >= 0.5] or list(tried)
        name, feature = max(strong, key=lambda key: abs(tried[key]) - before[key[1]])
        strength = tried[name, feature]
        own = found.sel(question="follows", unit=unit)
        assert (own["follower"].item(), own["followed"].item()) == (name, feature)
        place = features.names.index(feature)
        column, binary = features.columns[place], features.binary[place]
        score = signed(values[name][:, unit], column, binary, part[1]) * np.sign(strength)
        assert own["sign"].item() == np.sign(strength)
        assert own["score"].item() == pytest.approx(0.5 + score / 2 if binary else score, abs=1e-12)
        most = max(abs(signed(twin[one][:, other], column, binary, part[1])) for one in NAMES for other in range(UNITS))
        assert own["untrained"].item() == pytest.approx(0.5 + most / 2 if binary else most, abs=1e-12)
        assert own["low"] <= own["score"] <= own["high"]
        held = column[part[1]]
        shuffled = Shuffles(held, 29, np.random.default_rng([0, place])).columns(0, len(held))
        chance = [signed(values[name][part[1], unit], one, binary, slice(None)) * np.sign(strength) for one in shuffled]
        chance = [0.5 + one / 2 if binary else one for one in chance]
        assert own["shuffled"].item() == pytest.approx(max(chance), abs=1e-12)
        assert own["p"].item() == (1 + sum(one >= own["score"].item() - 1e-12 for one in chance)) / 30
    assert found["followed"].sel(question="follows", unit=1).item() == "inside brackets"
    assert found["followed"].sel(question="follows", unit=3).item() == "letters of the word so far"
    assert found["sign"].sel(question="follows", unit=3).item() == -1
    assert (found["p"].sel(question="follows", unit=[1, 3]) == 1 / 30).all()
    resets = found.sel(question="resets")
    assert set(resets["follower"].to_numpy()) == {"forget"}
    assert (resets["sign"] == -1).all()


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


def test_intervals_cover_what_is_true_also_where_steps_are_alike():
    """Blocks of 20 steps that share a value: as many independent ones as blocks. 95 % of 300 intervals, less three errors."""
    numbers, covered = np.random.default_rng(4), [0, 0]
    for _ in range(300):
        mark = numbers.random((50, 1)) < [[0.5]] * 50
        values = numbers.normal(size=(50, 1)) + mark
        mark, values = np.repeat(mark, 20, axis=1), np.repeat(values, 20, axis=1)
        high, low = np.sort(values[mark]), np.sort(values[~mark])
        won = (np.searchsorted(low, values) + np.searchsorted(low, values, "right")) / 2
        lost = (np.searchsorted(high, values) + np.searchsorted(high, values, "right")) / 2
        clusters = np.stack([mark, ~mark, won * mark, lost * ~mark], -1).sum(axis=1).astype(float)
        auc, lowest, highest = auc_interval(clusters)
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
