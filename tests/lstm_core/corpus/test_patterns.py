"""A pattern is found wherever it is, as a loop over all steps would find it, and chance is what shuffled units give."""

import tracemalloc
from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.stats import kstest

from lstm_core.corpus import (
    Condition,
    Query,
    conditions_met,
    find_pattern,
    fitting_query,
    masks,
    open_corpus,
    passages,
    patterns,
    query_of,
    share_on,
    store,
)
from lstm_core.corpus.numbers import stored_as
from lstm_core.corpus.tokens import write_tokens
from lstm_core.encoders import Tokens


def corpus_of(path: Path, lengths: Sequence[int], **signals: np.ndarray) -> Path:
    """A store with these signals, over documents of these lengths that read abc...z again and again."""
    store.begin(path)
    letters = [[chr(97 + step % 26) for step in range(one)] for one in lengths]
    documents = [Tokens(np.zeros(len(one), int), tuple(one), np.arange(len(one))) for one in letters]
    offsets, labels, _ = write_tokens(path, documents)
    for name, values in signals.items():
        kind = stored_as(name)
        store.add_signal(path, "layer0", name, steps=offsets[-1], units=values.shape[1], stored=kind)
        rows = np.round(values * 255).astype(np.uint8) if kind.dtype == "uint8" else values.astype(np.float16)
        store.array(path, f"layers/layer0/{name}")[:] = rows
    store.write_about(path, {"layers": {"layer0": {}}, "parts": 0, "offsets": offsets, "labels": labels})
    return path


def random_runs(steps: int, units: int, *, on: float, off: float, seed: int = 0) -> np.ndarray:
    """Signals of 0 and 1 that stay there for as many steps on the average."""
    drawn = np.random.default_rng(seed)
    columns = []
    for _ in range(units):
        lengths = np.column_stack([drawn.geometric(1 / mean, steps) for mean in (off, on)]).ravel()
        begun = drawn.integers(0, int(on + off))
        columns.append(np.repeat(np.arange(2 * steps) % 2, lengths)[begun : begun + steps])
    return np.column_stack(columns).astype(np.float32)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "PART", 256)


# ---- by a plain loop --------------------------------------------------------------------------------------------------


def on_by_loop(values: list[float], documents: list[int], one: Condition) -> list[bool]:
    def holds(step: int) -> bool:
        if one.when == "above":
            return values[step] > one.threshold
        if one.when == "below":
            return values[step] < one.threshold
        if step == 0 or documents[step] != documents[step - 1]:
            return False
        return values[step] > values[step - 1] if one.when == "rising" else values[step] < values[step - 1]

    return [holds(step) for step in range(len(values))]


def runs_by_loop(on: list[bool], documents: list[int]) -> list[tuple[int, int]]:
    found = []
    for step, now in enumerate(on):
        if not now:
            continue
        if step and on[step - 1] and documents[step - 1] == documents[step]:
            found[-1] = found[-1][0], step + 1
        else:
            found.append((step, step + 1))
    return found


def places_by_loop(
    rows: list[list[bool]], documents: list[int], query: Query, least: int
) -> dict[tuple[int, int], float]:
    runs = [runs_by_loop(row, documents) for row in rows]
    scores = {}
    for k in range(least, len(rows) + 1):
        for start, stop in runs_by_loop([sum(each) >= k for each in zip(*rows, strict=True)], documents):
            if stop - start > 4 * query.length:
                continue
            total = 0.0
            for own in runs:
                meeting = [(a, b) for a, b in own if a < stop and b > start]
                within = sum(min(b, stop) - max(a, start) for a, b in meeting)
                before = min(max([0, *(start - a for a, _ in meeting)]), 4 * query.length)
                after = min(max([0, *(b - stop for _, b in meeting)]), 4 * query.length)
                total += within / (stop - start + before * query.off_before + after * query.off_after)
            lengths = sorted([stop - start, query.length])
            scores[start, stop] = total / len(rows) * (lengths[0] / lengths[1])
    best = {}
    for (start, stop), score in scores.items():
        outer = [s for (a, b), s in scores.items() if a <= start and stop <= b and (a, b) != (start, stop)]
        inner = [s for (a, b), s in scores.items() if start <= a and b <= stop and (a, b) != (start, stop)]
        if score > max(outer, default=-1) and score >= max(inner, default=-1):
            best[start, stop] = score
    return best


def level_by_loop(rows: list[list[bool]], documents: list[int], share: float, enough: int) -> int:
    for k in range(ceil(share * len(rows)), 0, -1):
        if len(runs_by_loop([sum(each) >= k for each in zip(*rows, strict=True)], documents)) >= enough:
            return k
    return 1


MIXED = (
    Condition(0, "cell", 0.25),
    Condition(1, "cell", -0.25, "below"),
    Condition(2, "cell", 0.25),
    Condition(2, "forget", 0.6),
    Condition(3, "forget", 0.3, "below"),
    Condition(4, "cell", when="rising"),
    Condition(5, "cell", when="falling"),
)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    ("share", "enough", "ends", "length"),
    [
        (0.5, 1, (True, True), 6),
        (0.7, 40, (True, False), 3),
        (0.1, 1, (False, True), 12),
        (1.0, 1000, (False, False), 1),
    ],
)
def test_all_places_are_those_of_a_plain_loop_with_the_same_scores(tmp_path, monkeypatch, share, enough, ends, length):
    monkeypatch.setattr(patterns, "ENOUGH", enough)
    lengths = [1, 300, 2, 217, 90, 33]
    drawn = np.random.default_rng(3)
    steps = sum(lengths)
    smooth = np.cumsum(drawn.normal(size=(steps, 6)), 0)
    cell = np.sin(smooth / 3) + drawn.normal(size=smooth.shape) / 20
    forget = 1 / (1 + np.exp(-3 * cell[:, ::-1].clip(-1, 1)))
    cell[50, 0] = np.nan
    path = corpus_of(tmp_path / "corpus", lengths, cell=cell, forget=forget)
    query = Query(MIXED, length, *ends)
    found = find_pattern(path, query, most=10**6, share=share, shuffles=2, seed=7, scheduler="synchronous")

    corpus = open_corpus(path)
    documents = corpus.document.values.tolist()
    values = {name: corpus[name].values.astype(np.float64) for name in ("cell", "forget")}
    rows = [on_by_loop(values[one.signal][:, one.unit].tolist(), documents, one) for one in MIXED]
    turns = np.random.default_rng(7).integers(0, steps, (2, 6))[:, [0, 1, 2, 2, 3, 4, 5]]
    shifted = [[np.roll(row, turn).tolist() for row, turn in zip(rows, each, strict=True)] for each in turns]
    least = level_by_loop(shifted[0], documents, share, ceil(enough / 2))
    expected = places_by_loop(rows, documents, query, least)
    assert len(expected) > 20
    assert found.attrs["together"] == least
    ordered = sorted(expected, key=lambda one: (-expected[one], one[0]))
    assert list(zip(found.start, found.stop, strict=True)) == ordered
    assert found.score.tolist() == [expected[one] for one in ordered]
    assert found.document.tolist() == [documents[start] for start, _ in ordered]

    by_chance = [score for each in shifted for score in places_by_loop(each, documents, query, least).values()]
    p = [(1 + sum(score >= own for score in by_chance)) / (1 + len(by_chance)) for own in found.score]
    np.testing.assert_allclose(found.p_value, p, rtol=1e-12)
    steps_up = [p[rank] * len(p) / (rank + 1) for rank in range(len(p))]
    np.testing.assert_allclose(found.fdr, [min(1, *steps_up[rank:]) for rank in range(len(p))], rtol=1e-12)


# ---- motifs and chance ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jitter", [0, 1])
def test_motifs_planted_in_noise_are_all_found_first(tmp_path, jitter):
    steps, units, length, motif = 20_000, 24, 10, np.arange(0, 24, 2)
    drawn = np.random.default_rng(1)
    values = random_runs(steps, units, on=8, off=30)
    planted = np.sort(drawn.permutation(np.arange(100, steps - 100, 100))[:40])
    for at in planted:
        for unit in motif:
            start, stop = at + drawn.integers(-jitter, jitter + 1), at + length + drawn.integers(-jitter, jitter + 1)
            values[start - 3 : stop + 3, unit] = 0
            values[start:stop, unit] = 1
    lengths = [5000, 15_000]
    path = corpus_of(tmp_path / "corpus", lengths, cell=values)
    query = Query(tuple(Condition(int(unit), "cell", 0.5) for unit in motif), length)
    if not jitter:
        marked = query_of(open_corpus(path), int(planted[3]), int(planted[3]) + length, threshold=0.5)
        assert {*marked.units} >= {*motif.tolist()}
    found = find_pattern(path, query, most=60)
    first = found[: len(planted)]
    assert np.abs(np.sort(first.start) - planted).max() <= jitter
    assert np.abs(np.sort(first.stop) - planted - length).max() <= jitter
    assert (first.fdr <= 0.05).all()
    assert (found.fdr[len(planted) + 2 :] > 0.05).all()
    if not jitter:
        assert (first.score == 1).all()


def test_p_values_of_shuffled_units_are_uniform_and_those_of_planted_motifs_are_not(tmp_path):
    steps, units = 60_000, 10
    values = random_runs(steps, units, on=15, off=25, seed=5)
    query = Query(tuple(Condition(unit, "cell", 0.5) for unit in range(units)), 20)
    path = corpus_of(tmp_path / "shuffled", [steps], cell=values)
    found = find_pattern(path, query, most=10**6, shuffles=10)
    assert len(found) > 1000
    assert kstest(found.p_value, "uniform").pvalue > 0.05
    assert found.fdr.min() > 0.05
    for at in range(100, steps - 100, 400):
        values[at : at + 20] = 1
    planted = find_pattern(corpus_of(tmp_path / "planted", [steps], cell=values), query, most=10**6, shuffles=10)
    assert kstest(planted.p_value, "uniform").pvalue < 1e-6


# ---- documents, the ends, the store ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_parts")
def test_a_place_ends_with_its_document(tmp_path):
    lengths = [7, 300, 1, 5]
    values = np.ones((sum(lengths), 2), np.float32)
    path = corpus_of(tmp_path / "corpus", lengths, cell=values)
    found = find_pattern(path, Query((Condition(0, "cell", 0.5), Condition(1, "cell", 0.5)), 100))
    edges = np.cumsum([0, *lengths]).tolist()
    assert sorted(zip(found.start, found.stop, strict=True)) == list(pairwise(edges))
    assert found.sort_values("start").document.tolist() == [0, 1, 2, 3]
    rising = find_pattern(path, Query((Condition(0, "cell", when="rising"),), 3))
    assert rising.empty
    assert passages(open_corpus(path), rising).empty


def test_a_unit_that_was_on_before_counts_less_only_where_it_should_be_off(tmp_path):
    values = np.zeros((100, 2), np.float32)
    values[20:30] = values[60:70] = 1
    values[15:20, 1] = 1
    path = corpus_of(tmp_path / "corpus", [100], cell=values)
    query = Query((Condition(0, "cell", 0.5), Condition(1, "cell", 0.5)), 10)
    strict = find_pattern(path, query, share=1.0)
    assert strict[["start", "stop"]].values.tolist() == [[60, 70], [20, 30]]
    assert strict.score.tolist() == [1, (1 + 10 / 15) / 2]
    loose = find_pattern(path, Query(query.conditions, 10, off_before=False), share=1.0)
    assert loose.score.tolist() == [1, 1]
    layer = open_corpus(path)
    assert query_of(layer, 20, 30, threshold=0.5).units == (0,)
    assert query_of(layer, 20, 30, threshold=0.5, off_before=False).units == (0, 1)


@pytest.mark.usefixtures("small_parts")
def test_bits_are_kept_for_the_next_search_and_for_no_other_threshold(tmp_path, monkeypatch):
    values = random_runs(1000, 3, on=10, off=10) * np.array([0.4, 0.4, 0.9])
    path = corpus_of(tmp_path / "corpus", [1000], cell=values)
    query = Query((Condition(0, "cell", 0.3), Condition(2, "cell", 0.3)), 5)
    first = find_pattern(path, query)
    files = sorted((path / "masks/layer0/cell_above_0.3").glob("0.*"))
    assert len(files) == 4
    files[1].unlink()
    made = []
    fill = masks._fill
    monkeypatch.setattr(masks, "_fill", lambda *given: (made.append(given[-2]), fill(*given)))
    assert find_pattern(path, query).equals(first)
    assert made == [1]
    higher = Query(tuple(Condition(one.unit, "cell", 0.5) for one in query.conditions), 5)
    assert find_pattern(path, higher).stop.max() <= 1000
    assert sorted(made[1:]) == [0, 1, 2, 3]
    assert find_pattern(path, higher).score.max() <= 0.5  # unit 0 is never on
    assert open_corpus(path).cell.shape == (1000, 3)


@pytest.mark.usefixtures("small_parts")
def test_threads_find_what_one_after_the_other_finds(tmp_path):
    values = random_runs(3000, 6, on=10, off=20)
    query = Query(tuple(Condition(unit, "cell", 0.5) for unit in range(6)), 8)
    path = corpus_of(tmp_path / "corpus", [1200, 1800], cell=values)
    there = corpus_of(tmp_path / "again", [1200, 1800], cell=values)
    one, two = find_pattern(path, query, scheduler="threads"), find_pattern(there, query, scheduler="synchronous")
    assert one.equals(two)
    assert one.attrs == two.attrs


def test_memory_does_not_grow_with_the_corpus(tmp_path, monkeypatch):
    monkeypatch.setattr(masks, "PART", 8192)
    monkeypatch.setattr(masks, "BLOCK", 1 << 16)
    monkeypatch.setattr(patterns, "ENOUGH", 1)
    peaks = []
    query = Query(tuple(Condition(unit, "cell", 0.5) for unit in range(16)), 8)
    for steps in (30_000, 240_000):
        values = np.tile(random_runs(30_000, 16, on=10, off=40), (steps // 30_000, 1))
        path = corpus_of(tmp_path / f"{steps}", [steps], cell=values)
        del values
        tracemalloc.start()
        find_pattern(path, query, scheduler="synchronous")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_bits_are_made_from_few_steps_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(masks, "BLOCK", 1 << 16)
    steps, units = 60_000, 64
    path = corpus_of(tmp_path / "corpus", [steps], cell=np.zeros((steps, units), np.float16))
    tracemalloc.start()
    masks.masks_of(path, "layer0", [Condition(3, "cell", 0.5)], np.array([0, steps]), "synchronous")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < steps * units  # a quarter of the signal in float32


# ---- what is asked -----------------------------------------------------------------------------------------------------


def test_a_marked_span_becomes_a_query_that_can_be_edited():
    cell = np.array([[0.0, 0, 0.9, -0.9], [0.9, 0.9, 0.9, -0.9], [0.9, 0.9, 0.9, -0.9], [0.9, 0, 0, 0]])
    layer = xr.Dataset({"cell": (("step", "unit"), cell)}, coords={"step": range(4), "unit": range(4)})
    query = query_of(layer, 1, 3, threshold=0.5)
    assert query == Query((Condition(1, "cell", 0.5),), 2)
    both = query_of(layer, 1, 3, threshold=0.5, off_before=False)
    assert both.conditions == (*query.conditions, *(Condition(2, "cell", 0.5), Condition(3, "cell", -0.5, "below")))
    assert query_of(layer, 1, 2, threshold=0.5, when=["rising"], signal=["cell"]).units == (0, 1)
    more = query.with_units(Condition(0, "cell", when="rising"), query.conditions[0])
    assert more.units == (1, 0)
    assert more.without_units(1).conditions == (Condition(0, "cell", when="rising"),)
    documents = layer.assign_coords(document=("step", [0, 1, 1, 1]))
    assert query_of(documents, 1, 3, threshold=0.5).units == (1, 2, 3)  # all that was before is another document
    assert query_of(documents, 0, 1, threshold=0.5).units == (2, 3)


def test_the_threshold_is_the_one_at_which_most_units_switch_with_the_span():
    def layer(*rows: list[float]) -> xr.Dataset:
        values = np.array(rows, np.float32).T
        units = {"unit": np.arange(values.shape[1])}
        return xr.Dataset({"cell": (("step", "unit"), values)}, coords=units)

    every = layer(
        [0, 3, 3, 0, 0], [0, 9, 8, 0, 9], [1, 6, 6, 1, 1], [-1, -5, -5, 0, 0], [7, 7, 7, 7, 7], [7, 7, 7, 0, 0]
    )
    for thresholds in ([2.0, 4.0, 8.5], [8.5, 4.0, 2.0]):
        found = fitting_query(every, 1, 3, signal="cell", thresholds=thresholds)
        assert (found.units, found.off_before, found.off_after) == ((0, 1, 2, 3), True, True)
        assert {one.threshold for one in found.conditions} == {2.0, -2.0}
    after = fitting_query(every, 1, 3, signal="cell", thresholds=[4.0], off=(False, True))
    assert after.units == (1, 2, 5, 3)
    # No two units switch with the span on any side: of the thresholds that fit as many units, the highest.
    found = fitting_query(every.isel(unit=[4, 5]), 1, 3, signal="cell", thresholds=[2.0, 6.0, 8.0])
    assert (found.units, found.off_before, found.off_after) == ((4, 5), False, False)
    assert {one.threshold for one in found.conditions} == {6.0}
    # At the end of the text no unit is seen to switch off.
    assert not fitting_query(every.isel(unit=[4]), 3, 5, signal="cell", thresholds=[2.0]).off_after
    with pytest.raises(ValueError, match="no unit is on"):
        fitting_query(every, 1, 3, signal="cell", thresholds=[50.0])


def test_where_conditions_hold_is_what_a_plain_loop_says_in_a_text_and_in_a_corpus(tmp_path):
    values = random_runs(400, 3, on=4, off=4).astype(np.float32) * np.array([1, 0.5, 0.25], np.float32)
    layer = xr.Dataset({"hidden": (("step", "unit"), values)}, coords={"unit": np.arange(3)})
    conditions = (
        Condition(0, "hidden", 0.5),
        Condition(1, "hidden", 0.2, "below"),
        Condition(2, "hidden", when="rising"),
        Condition(2, "hidden", when="falling"),
    )
    query = Query(conditions, length=3)
    met = conditions_met(layer, query)
    for one, row in zip(conditions, met, strict=True):
        assert row.tolist() == on_by_loop(values[:, one.unit].tolist(), [0] * 400, one)
    path = corpus_of(tmp_path / "corpus", [400], hidden=values)
    spans = [(0, 7), (123, 321), (399, 400)]
    for (start, stop), share in zip(spans, share_on(path, query, spans), strict=True):
        np.testing.assert_allclose(share, met[:, start:stop].mean(axis=0))


def test_all_bits_but_the_newest_are_dropped_and_made_again(tmp_path):
    path = corpus_of(tmp_path / "corpus", [300], cell=random_runs(300, 4, on=5, off=5))
    queries = [Query((Condition(1, "cell", at), Condition(2, "cell", at)), length=5) for at in (0.1, 0.2, 0.3)]
    found = [find_pattern(path, query) for query in queries]
    masks.drop_masks(path, "layer0", 1)
    assert [one.name for one in (path / "masks" / "layer0").glob("cell*")] == ["cell_above_0.3"]
    for query, before in zip(queries, found, strict=True):
        assert find_pattern(path, query).equals(before)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda layer: query_of(layer, 1, 3, threshold=0.5, signal="gate"), "no signal 'gate': this layer has cell"),
        (lambda layer: query_of(layer, 3, 3, threshold=0.5), "lies within the steps 0 to 8, and 3 to 3 does not"),
        (lambda layer: query_of(layer, 3, 5, threshold=0.5), "lie in several documents: mark a span of one"),
        (lambda layer: query_of(layer, 1, 3, threshold=2.0), "lower the threshold or mark other steps"),
        (lambda _: Condition(0, "cell", 0.5, "over"), "above, below, rising, falling, not 'over'"),
        (lambda _: Condition(0, "cell", np.nan), "a finite number, not nan"),
        (lambda _: Query((Condition(0, "cell", 0.5),) * 2, 3), "twice: drop one of them"),
        (lambda _: Query((Condition(0, "cell", 0.5),), 3).without_units(0), "needs one unit at least"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(tmp_path, asked, sentence):
    path = corpus_of(tmp_path / "corpus", [4, 4], cell=np.ones((8, 2), np.float32))
    with pytest.raises(ValueError, match=sentence):
        asked(open_corpus(path))


def test_units_signals_and_layers_that_there_are_not_are_named(tmp_path):
    path = corpus_of(tmp_path / "corpus", [8], cell=np.ones((8, 2), np.float32))
    with pytest.raises(ValueError, match="no unit 2: layer0 has the units 0 to 1"):
        find_pattern(path, Query((Condition(2, "cell", 0.5),), 3))
    with pytest.raises(ValueError, match="no signal 'hidden': this corpus has cell of layer0"):
        find_pattern(path, Query((Condition(1, "hidden", 0.5),), 3))
    with pytest.raises(KeyError, match="no layer 'layer1'"):
        find_pattern(path, Query((Condition(1, "cell", 0.5),), 3), layer="layer1")
    with pytest.raises(ValueError, match="holds no corpus"):
        find_pattern(tmp_path / "nowhere", Query((Condition(1, "cell", 0.5),), 3))


def test_passages_are_read_within_their_document(tmp_path):
    values = np.zeros((60, 1), np.float32)
    values[2:5] = values[28:32] = values[57:60] = 1
    path = corpus_of(tmp_path / "corpus", [30, 30], cell=values)
    found = find_pattern(path, Query((Condition(0, "cell", 0.5),), 3))
    read = passages(open_corpus(path), found.sort_values("start"), around=4)
    assert read[["start", "before", "within", "after"]].values.tolist() == [
        [2, "ab", "cde", "fghi"],
        [28, "yzab", "cd", ""],
        [30, "", "ab", "cdef"],
        [57, "xyza", "bcd", ""],
    ]
