"""What pages say is to be found in a model of the zoo, measured: each figure that a reader sees stands in the text that is shown."""

import numpy as np
import pytest

import pretrained
from lstm_core import Intervention, record
from lstm_core.analysis import (
    Target,
    best_followers,
    feature_selectivity,
    gradients,
    ledger,
    saturation,
    text_features,
    timescale,
)
from lstm_core.training import Initial, initial_model
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.findings import FINDINGS, findings_on

COUNTS = FINDINGS["Look for this: break a model that counts"].text


def found(title: str):
    """A finding, the layer that read its text, and the cell state of its unit."""
    finding = FINDINGS[title]
    recording = record(pretrained.load(finding.model_name, device="cpu"), finding.text)
    layer = recording.layers["layer0"]
    features = text_features(recording)[[finding.values["feature"]]]
    followers = best_followers(feature_selectivity(layer, features, signals=["cell"]), count=layer.sizes["unit"])
    follower = followers[followers["unit"] == finding.values["unit"]].iloc[0]
    return finding, layer, layer["cell"].sel(unit=finding.values["unit"]).to_numpy(), follower


def left_of(layer, finding) -> tuple[np.ndarray, float]:
    """What is left at the finding's step of what each token wrote, and of what stood there before."""
    parts = ledger(layer, finding.values["step"]).sel(unit=finding.values["unit"]).sortby("step")
    return parts["contribution"].to_numpy(), float(parts["initial"])


def test_what_explore_offers_in_one_click_is_there():
    quotes, counts, untrained = findings_on("explore")
    cell = (
        record(pretrained.load("python", device="cpu"), quotes.text).layers["layer0"]["cell"].sel(unit=132).to_numpy()
    )
    marks = np.cumsum([letter == "'" for letter in quotes.text])
    inside = marks % 2 == 1  # from the opening mark on, before the closing one
    assert (marks[-1], inside.sum()) == (6, 5 + 13 + 13 + 3)
    assert cell[inside].min() > 0.6
    assert cell[~inside].max() < 0.3
    assert quotes.values == {"unit": 132}
    counter = record(pretrained.load("anbn", device="cpu"), counts.text).layers["layer0"]["cell"].sel(unit=0).to_numpy()
    steps = np.diff(counter)[:-1]  # but to the T
    np.testing.assert_allclose(steps, [1] * 12 + [-1] * 12, atol=0.02)
    before, after = (
        np.concatenate(
            [record(model, DEFAULT_TEXT).layers["layer0"][gate].to_numpy() for gate in ("input", "forget", "output")]
        )
        for model in (pretrained.untrained("shakespeare", device="cpu"), pretrained.load("shakespeare", device="cpu"))
    )
    assert 0.28 < before.min() < before.max() < 0.70
    assert ((after < 0.1) | (after > 0.9)).mean() > 0.55
    for finding, figures in (
        (quotes, ("132", "0.6", "0.3")),
        (counts, ("by 1",)),
        (untrained, ("0.28", "0.70", "0.1", "0.9")),
    ):
        assert all(figure in finding.look_for for figure in figures)


def test_the_counter_counts_as_the_page_says():
    finding, layer, _, follower = found("A unit that counts")
    contribution, initial = left_of(layer, finding)
    tokens = np.array(list(finding.text[: finding.values["step"] + 1]))
    written = (
        ledger(layer, finding.values["step"])["written"].sel(unit=finding.values["unit"]).sortby("step").to_numpy()
    )
    for symbol, sign in (("a", 1), ("b", -1)):
        least, most = (sign * written[tokens == symbol]).min(), (sign * written[tokens == symbol]).max()
        assert (least, most) == pytest.approx({"a": (1, 1), "b": (0.83, 1)}[symbol], abs=5e-3)
        assert np.all(sign * contribution[tokens == symbol] >= 0.78)
        assert np.all(sign * contribution[tokens == symbol] <= 1.001)
    assert np.abs(initial) < 0.01
    half_life = float(timescale(layer)["half_life"].sel(unit=finding.values["unit"]))
    assert half_life == pytest.approx(209, abs=1)
    assert half_life > len(finding.text)
    assert follower["correlation"] == pytest.approx(0.998, abs=6e-4)
    assert all(figure in finding.look_for for figure in ("−0.83", "0.78", "209", "0.998"))


def test_the_quotation_mark_is_remembered_as_the_page_says():
    finding, layer, cell, follower = found("A unit that knows it is inside quotation marks")
    contribution, initial = left_of(layer, finding)
    opening = finding.values["written_at"] - 1
    assert finding.text[opening] == "'"
    assert cell[finding.values["step"]] == pytest.approx(1.05, abs=5e-3)
    assert contribution[[opening, opening + 1]] == pytest.approx([0.20, 0.79], abs=5.1e-3)
    assert abs(contribution[:opening].sum() + initial) < 0.001
    assert follower["auc"] == pytest.approx(0.9996, abs=1e-4)
    assert all(figure in finding.look_for for figure in ("1.05", "0.20", "0.79", "0.001", "0.9996"))


def test_the_line_is_measured_as_the_page_says():
    finding, _, cell, _ = found("A unit that measures the line")
    ends = [step for step, letter in enumerate(finding.text) if letter == "\n"]
    starts = [0, *(end + 1 for end in ends[:-1])]
    second = cell[[start + 1 for start in starts[1:]]]
    assert (second.min(), second.max()) == pytest.approx((1.80, 1.92), abs=6e-3)
    assert cell[[end - 1 for end in ends]].max() < -0.6
    at_end = cell[ends]
    assert (at_end.min(), at_end.max()) == pytest.approx((-0.05, 0.37), abs=6e-3)
    for start, end in zip(starts[1:], ends[1:], strict=True):  # one tooth: up at its beginning, down to its end
        assert start <= start + int(cell[start:end].argmax()) <= start + 2
        assert int(cell[start:end].argmin()) >= (end - start) // 2
    assert all(figure in finding.look_for for figure in ("1.8 and 1.92", "−0.6", "−0.05 and 0.37"))


def test_counters_that_forget_half_expect_the_end_after_two_bs():
    clamps = [Intervention("layer0", "forget", 0.5, (0, 2))]
    for interventions, first in ((clamps, 2), ([], 10)):
        prediction = record(pretrained.load("anbn", device="cpu"), COUNTS, interventions=interventions).prediction
        end = prediction["probability"].sel({"class": "T"}).to_numpy()
        assert np.flatnonzero(end > 0.5)[0] == COUNTS.index("b") + first - 1


@pytest.mark.parametrize(("number", "figure", "first"), [(0, "1.7e-11", 1), (1, "2.1e-08", 0)])
def test_of_the_gradient_of_the_rnn_as_little_is_left_as_the_page_says(number, figure, first):
    example = findings_on("gradients")[number]
    baseline = pretrained.rnn_baseline(example.model_name, device="cpu")
    text = baseline.card.examples[example.text]
    step = example.values.get("target_step", 99)
    found = gradients(baseline, text, layer="layer0", target=Target(step, example.values.get("target_of")))["hidden"]
    norm = np.linalg.norm(found.transpose("step", "unit").to_numpy().astype(np.float64), axis=1)
    assert norm[first] / norm[step] == pytest.approx(float(figure), rel=0.04)
    assert figure in example.look_for


@pytest.mark.parametrize("name", pretrained.zoo())
def test_untrained_gates_hover_around_one_half_or_where_their_bias_has_them(name):
    trained = pretrained.load(name, device="cpu")
    card = trained.card
    model = initial_model(trained.config, Initial.from_json(card.training["initial"])).eval()
    text = DEFAULT_TEXT if name == "shakespeare" else next(iter(card.examples.values()))
    layer = record(model, text).layers["layer0"]
    bias = float(card.training["initial"]["forget_bias"])
    assert float(layer["input"].mean()) == pytest.approx(0.5, abs=0.1)
    assert float(layer["output"].mean()) == pytest.approx(0.5, abs=0.1)
    assert float(layer["forget"].mean()) == pytest.approx(1 / (1 + np.exp(-bias)), abs=0.05)


def test_not_every_training_drives_gates_to_their_ends():
    """So the page Compare says "often", and how often here."""

    def ends(name: str) -> float:
        model = pretrained.load(name, device="cpu")
        layer = record(model, next(iter(model.card.examples.values()))).layers["layer0"]
        return np.mean(
            [sum(saturation(layer[gate])[end] for end in ("below", "above")) for gate in ("input", "forget", "output")]
        )

    shares = {name: ends(name) for name in pretrained.zoo()}
    assert sum(share > 0.5 for share in shares.values()) >= 6
    assert shares["sentiment"] < 0.01
