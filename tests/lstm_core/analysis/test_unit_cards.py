"""What every unit does over a corpus: each answer as numpy gives it from all numbers at once."""

import json
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

import pretrained
from lstm_core import ByteEncoder, ModelConfig, SequenceModel, record, wiring
from lstm_core.analysis import (
    card_json,
    corpus_timescale,
    gate_drivers,
    nearest_units,
    passage_spans,
    preactivation_terms,
    promoted,
    unit_cards,
    unit_costs,
    unit_histograms,
    unit_line,
    unit_passages,
    unit_saturation,
    value_counts,
)
from lstm_core.analysis.value_counts import document_starts
from lstm_core.config import Layout
from lstm_core.corpus import record_corpus
from lstm_core.readouts import Nothing
from lstm_core.training import untrained_draws
from tests.support import odd_models

UNITS, BROKEN = 4, 2
LENGTHS = (700, 40, 1, 900, 333, 26)  # steps of documents


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the documents lie across many parts."""
    monkeypatch.setattr(value_counts, "FEWEST", 128)
    monkeypatch.setattr(value_counts, "MOST", 128)


def corpus_of(seed: int = 0, *, lengths=LENGTHS, broken: bool = False, **signals) -> xr.Dataset:
    """Slow random states in float16, gates in 1/255ths; the signals are given or drawn."""
    numbers, steps = np.random.default_rng(seed), sum(lengths)
    drawn = numbers.normal(size=(3, steps, UNITS))
    for step in range(1, steps):
        drawn[:, step] = 0.9 * drawn[:, step - 1] + 0.4 * drawn[:, step]
    found = {
        "cell": drawn[0] * 3,
        "hidden": np.tanh(drawn[1]),
        "forget": np.rint(255 / (1 + np.exp(-3 * drawn[2]))) / 255,
    }
    found = {name: signals.get(name, values) for name, values in found.items()}
    found = {name: values if name == "forget" else values.astype(np.float16) for name, values in found.items()}
    if broken:
        found["cell"] = found["cell"].copy()
        found["cell"][5, BROKEN] = np.nan
    text = np.random.default_rng(7).choice(list("the quick (brown) fox\n"), 2000)  # the same for all
    text = np.concatenate([text[at : at + size] for at, size in zip(np.cumsum((0, *LENGTHS)), lengths, strict=False)])
    corpus = xr.Dataset(
        {name: (("step", "unit"), values) for name, values in found.items()},
        coords={
            "token": ("step", np.where(text == "\n", "⏎", np.where(text == " ", "␣", text)).astype(object)),
            "document": ("step", np.repeat(np.arange(len(lengths)), lengths)),
            "group": ("step", np.concatenate([np.arange(one) for one in lengths])),
            "step": np.arange(steps),
            "unit": np.arange(UNITS),
        },
        attrs={"cell_type": "LSTM", "direction": "forward"},
    )
    corpus["forget"].encoding["dtype"] = np.dtype(np.uint8)
    return corpus.chunk(step=100)


def test_histograms_and_shares_are_those_of_all_values_at_once():
    corpus = corpus_of()
    found = unit_histograms(corpus)
    for signal, bounds in (("cell", None), ("hidden", (-1, 1)), ("forget", (0, 1))):
        for unit in range(UNITS):
            values = corpus[signal][:, unit].to_numpy().astype(np.float64)
            own = found.sel(signal=signal, unit=unit)
            count, edge = np.histogram(values, 64, bounds)
            np.testing.assert_array_equal(own["count"], count)
            np.testing.assert_array_equal(own["edge"], edge)
            assert own["mean"].item() == pytest.approx(values.mean(), rel=1e-12)
            assert own["deviation"].item() == pytest.approx(values.std(), rel=1e-12)
    gates = corpus.assign(dict.fromkeys(("input", "output"), corpus["forget"])).compute()
    wanted = unit_saturation(gates).sel(gate="forget")
    for name in ("below", "above"):
        np.testing.assert_array_equal(found[name].sel(signal="forget"), wanted[name])
        assert found[name].sel(signal="cell").isnull().all()


def test_a_unit_that_is_nan_at_a_step_has_nan_and_others_stay_the_same():
    found, whole = unit_histograms(corpus_of(broken=True)), unit_histograms(corpus_of())
    own = found.sel(signal="cell", unit=BROKEN)
    assert own[["mean", "deviation", "edge"]].to_dataarray().isnull().all()
    assert not own["count"].any()
    xr.testing.assert_identical(found.drop_sel(unit=BROKEN), whole.drop_sel(unit=BROKEN))


def test_passages_are_those_that_a_search_of_all_steps_finds():
    window, corpus = 25, corpus_of()
    edges = np.concatenate([[0], np.cumsum(LENGTHS)])
    starts = np.concatenate([np.arange(begin, end, window) for begin, end in pairwise(edges)])
    ends = np.minimum(starts + window, edges[np.searchsorted(edges, starts, side="right")])
    order = np.random.default_rng(0).permutation(len(starts))
    document = corpus["document"].to_numpy()
    for signal in ("cell", "forget"):
        found = unit_passages(corpus, signal, window=window, top=8, each=3)
        for unit in range(UNITS):
            values = corpus[signal][:, unit].to_numpy()
            high = [begin + int(values[begin:end].argmax()) for begin, end in zip(starts, ends, strict=True)]
            low = [begin + int(values[begin:end].argmin()) for begin, end in zip(starts, ends, strict=True)]
            middle = starts + (ends - starts) // 2
            lists = {"top": (sorted(high, key=lambda step: (-values[step], step)), 8)}
            if signal == "cell":
                lists["bottom"] = (sorted(low, key=lambda step: (values[step], step)), 8)
            ranked = sorted(range(len(middle)), key=lambda one: (values[middle[one]], one))
            for number, part in enumerate(np.array_split(ranked, 5), 1):
                lists[f"fifth {number}"] = (middle[sorted(part, key=lambda one: order[one])].tolist(), 3)
            taken: list[int] = []
            for name, (steps, count) in lists.items():
                own: list[int] = []
                for step in steps:
                    if len(own) < count and all(
                        abs(step - one) >= window or document[step] != document[one] for one in taken
                    ):
                        own.append(step)
                        taken.append(step)
                rows = found[(found["unit"] == unit) & (found["list"] == name)]
                assert rows["step"].tolist() == own
                assert rows["value"].to_numpy() == pytest.approx(values[own].astype(float), abs=1e-12)
    assert (document[found["start"]] == document[found["stop"] - 1]).all()
    assert (found["stop"] - found["start"]).max() == window
    assert unit_passages(corpus_of(broken=True), "cell")["unit"].unique().tolist() == [0, 1, 3]


def test_half_lives_and_neighbours_are_those_of_all_numbers_at_once():
    corpus = corpus_of()
    gate = np.clip(corpus["forget"].to_numpy(), 0.25 / 255, 1 - 0.25 / 255)
    found = corpus_timescale(corpus)
    assert found["half_life"].to_numpy() == pytest.approx(np.log(0.5) / np.log(gate).mean(axis=0), rel=1e-9)
    assert (found["low"] <= found["half_life"]).all()
    assert (found["half_life"] <= found["high"]).all()
    assert not found["at_least"].any()
    open_ = corpus_of(forget=np.where(np.arange(UNITS) == 1, 1.0, corpus["forget"].to_numpy()))
    found = corpus_timescale(open_, untrained=[corpus, corpus_of(1)])
    assert found["at_least"].to_numpy().tolist() == [False, True, False, False]
    assert found["low"][1].item() == pytest.approx(np.log(0.5) / np.log(254.5 / 255))
    others = np.concatenate([corpus_timescale(one)["half_life"] for one in (corpus, corpus_of(1))])
    assert (found["untrained"] == others.max()).all()
    wanted = [(1 + (others >= own).sum()) / 9 for own in found["half_life"].to_numpy()]
    assert found["p"].to_numpy().tolist() == pytest.approx(wanted)
    hidden = corpus["hidden"].to_numpy().astype(np.float64)
    np.testing.assert_allclose(nearest_units(corpus), np.corrcoef(hidden.T), atol=1e-12)


def test_logits_are_the_bias_and_what_units_are_said_to_promote():
    model = pretrained.load("anbn", device="cpu")
    found = promoted(model, "layer0", count=99)
    hidden = record(model, "SaaabbbT").layers["layer0"]["hidden"].to_numpy()
    labels = list(model.config.class_encoder.class_labels)
    weight = np.zeros((len(labels), len(found)))
    for unit, one in enumerate(found):
        for label, push in one["promoted"] + one["suppressed"]:
            weight[labels.index(label), unit] = push
    logits = hidden @ weight.T + model.readout.bias.detach().numpy()
    np.testing.assert_allclose(logits, record(model, "SaaabbbT").prediction["logit"], atol=1e-5)
    assert promoted(odd_models.model("three layers"), "layer0")[0]["reason"]


def test_what_pushes_a_gate_is_what_its_preactivation_changes_by():
    model = pretrained.load("anbn", device="cpu")
    found = gate_drivers(model, "layer0", xr.DataArray([0.5, 1, 2, 3, 4], dims="unit"), count=99)
    recording = record(model, "SabT")
    wired = wiring(model, "SabT", recording, "layer0")
    terms = preactivation_terms(recording.layers["layer0"], wired, 3).sel(gate="forget")
    own = found[3]["forget"]
    pushes = dict(own["tokens_up"] + own["tokens_down"])
    heard = terms.sel(term="from_input").to_numpy()
    assert pushes["a"] - pushes["b"] == pytest.approx(heard[1] - heard[2], abs=1e-5)
    some = gate_drivers(model, "layer0", xr.DataArray(np.ones(5), dims="unit"), occurring={"a", "b"}, count=99)[3][
        "forget"
    ]
    pushes = dict(some["tokens_up"] + some["tokens_down"])
    assert set(pushes) == {"a", "b"}
    assert pushes["a"] - pushes["b"] == pytest.approx(heard[1] - heard[2], abs=1e-5)
    weights = wired["weight_hh"].sel(gate="forget", unit=3).to_numpy() * [0.5, 1, 2, 3, 4]
    units = dict(own["units_up"] + own["units_down"])
    assert [units[one] for one in range(5)] == pytest.approx(weights.tolist(), rel=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [({}, True), ({"q": 0.06}, False), ({"score": 0.74}, False), ({"low": 0.7}, False), ({"untrained": None}, True)],
)
def test_a_line_says_what_beats_chance_and_the_model_before_training(changed, said):
    answer = {"feature": "blank", "signal": "cell", "sign": 1, "binary": True, "score": 0.9, "low": 0.85, "high": 0.93}
    answer |= {"q": 0.01, "shuffled": 0.6, "untrained": 0.8, "mean_with": 0.1, **changed}
    memory = {"half_life": 6.0, "low": 5.5, "at_least": False, "untrained": 2.0, "q": 0.01}
    found = unit_line(answer, answer, memory)
    assert (found["follows"] is not None) == said == (found["resets"] is not None)
    assert unit_line(answer, {**answer, "mean_with": 0.6}, memory)["resets"] is None
    assert not unit_line(None, None, memory)["nothing"]
    assert unit_line(None, None, {**memory, "at_least": True})["remembers"] == {"half_life": 5.5, "at_least": True}
    for worse in ({"half_life": 4.9}, {"untrained": 7.0}, {"q": 0.06}, {"half_life": np.nan}):
        assert unit_line(None, None, memory | worse)["nothing"]


def test_cards_of_the_counters_say_that_they_count_and_no_untrained_model_does(tmp_path, monkeypatch):
    """Both counters of the zoo's model, against 20 models of random weights; one of these against 20 others."""
    monkeypatch.undo()  # parts as large as usual, which is faster
    numbers, model = np.random.default_rng(0), pretrained.load("anbn", device="cpu")
    texts = ["S" + "a" * n + "b" * n + "T" for n in numbers.integers(1, 30, 60).tolist()]
    models = [model, *untrained_draws(model, 21)]
    corpora = [record_corpus(one, texts, tmp_path / str(at)) for at, one in enumerate(models)]
    course = [(0, corpora[1]), (8000, corpora[0])]
    cards = unit_cards(corpora[0], model, untrained=corpora[1:-1], documents=texts, checkpoints=course, shuffles=199)
    counting = [card["unit"] for card in cards if (card["line"]["follows"] or {}).get("feature") == "a's minus b's"]
    assert counting == [0, 2]
    assert all(json.loads(card_json(card)) == card for card in cards)
    for unit in counting:
        assert cards[unit]["learnt_at"] == 8000
        assert cards[unit]["curve"]["signal"] == cards[unit]["line"]["follows"]["signal"]
    costs, histograms = unit_costs(model, texts, "layer0"), unit_histograms(corpora[0])
    edges = document_starts(corpora[0])
    for unit, card in enumerate(cards):
        assert card["knock_out"]["cost"] == pytest.approx(costs["cost"][unit].item(), rel=1e-3)
        for signal, over_training in card["gates_over_training"].items():
            if signal not in ("step", "steps"):
                kind = "mean" if signal in ("input", "forget", "output") else "deviation"
                wanted = histograms[kind].sel(signal=signal, unit=unit).item()
                assert over_training[1] == pytest.approx(wanted, rel=1e-3)
        curve = card["curve"]
        values = corpora[0][curve["signal"]][curve["start"] :, unit].to_numpy()[: len(curve["value"])]
        assert 0 < len(values) == len(curve["value"]) <= 40
        assert curve["value"] == pytest.approx(values, rel=1e-2, abs=1e-9)
        for signal, lists in card["passages"].items():
            table = unit_passages(corpora[0], signal, window=card["window"])
            for name, own in table[table["unit"] == unit].groupby("list"):
                assert lists[name]["step"] == own["step"].tolist()
                assert lists[name]["value"] == pytest.approx(own["value"].tolist(), rel=1e-3)
                ends = passage_spans(own["step"].to_numpy(), edges, window=card["window"])
                assert [one.tolist() for one in ends] == [own["start"].tolist(), own["stop"].tolist()]
    cards = unit_cards(corpora[-1], models[-1], untrained=corpora[1:-1], shuffles=19)
    assert not [card["line"] for card in cards if card["line"]["follows"]]


def test_a_card_without_checkpoints_or_a_readout_has_none_and_so_has_a_unit_that_is_nan():
    model = SequenceModel(ModelConfig.of_stack(ByteEncoder(), (Layout(4, UNITS),), readout=Nothing()), seed=0)
    for card in unit_cards(corpus_of(broken=True, lengths=(700, 40)), model, documents=["some text"], shuffles=1):
        assert card["knock_out"] is card["gates_over_training"] is card["learnt_at"] is None
        assert (card["curve"] is None) == (card["unit"] == BROKEN)
