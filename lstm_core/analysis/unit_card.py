"""What does a unit do over a corpus? All its numbers on one card."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.analysis.corpus_following import KEEPS, SHUFFLES, NothingToFollowError, corpus_following
from lstm_core.analysis.corpus_timescale import corpus_timescale
from lstm_core.analysis.gate_drivers import gate_drivers
from lstm_core.analysis.nearest_units import nearest_units
from lstm_core.analysis.promoted import promoted
from lstm_core.analysis.unit_costs import unit_costs
from lstm_core.analysis.unit_histograms import recorded_signals, unit_histograms
from lstm_core.analysis.unit_line import unit_line
from lstm_core.analysis.unit_passages import WINDOW, passage_spans, unit_passages
from lstm_core.analysis.unit_training import Checkpoints, gates_over_training, learnt_at
from lstm_core.analysis.value_counts import document_starts
from lstm_core.encoders import NumberEncoder, Tokens
from lstm_core.given import checked
from lstm_core.model import SequenceModel

NEAREST = 5
CURVE = 40  # steps
STATES = ("cell", "hidden")
DIGITS, FEWER, EXACT = 4, 3, 17  # of a number on a card; of what drives gates and of a curve; so many that none is lost
ANSWER = ("score", "low", "high", "p", "q", "p_shuffled", "shuffled", "mean_with", "p_untrained", "untrained")


@checked
def unit_cards(
    corpus: xr.Dataset,
    model: SequenceModel,
    *,
    layer_name: str = "layer0",
    untrained: Sequence[xr.Dataset] = (),
    documents: Sequence[str | Tokens] = (),
    checkpoints: Checkpoints = (),
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """What does each unit of a layer do over a corpus? A card a unit, of plain JSON types, NaN as None.

    `corpus` is that layer's dataset, from `lstm_core.corpus.open_corpus(store, layer=layer_name)`; `untrained` are two or more
    models with random weights, recorded over the same documents or the beginning of each (`lstm_core.training.untrained_draws`);
    without them the line says what any model of this architecture would do. Numbers are rounded to 4 digits, or 3. A card has
    `unit`, `layer`, `steps`, `line` (`unit_line`), `following` ("follows" and "resets" of `corpus_following`, None where nothing
    could be tested), `histograms` by signal, `passages` by signal and list (`unit_passages`): the `step` of each and its `value`,
    around which the passage is as long as the card's `window` (`passage_spans` gives its ends); `timescale`, `output`
    (`promoted`), `gates` (`gate_drivers`) and `nearest`, the 5 units of the strongest correlation; `curve`, up to 40 numbers
    of a `signal`, that of its line or else of the cell or hidden state, from the step `start` on, around the middle one of its
    top places. Parts whose signal is not recorded are None.

    Of `documents`, those that were recorded, `knock_out`: `cost`, `changed`, `steps` and `in` ("bits" or "own") of `unit_costs`. Of `checkpoints`, pairs of a training
    step and the corpus's beginning recorded by the model at that step, `gates_over_training` (`step`, and by signal the mean of a gate, the
    deviation of a state; `steps` is how many were read) and `learnt_at`. Else these are None, as for a model without readout.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import card_json, unit_cards
    >>> model = pretrained.load("anbn", device="cpu")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(model, ["S" + "a" * n + "b" * n + "T" for n in (1, 5, 2, 4) * 9], f"{folder}/corpus")
    ...     cards = unit_cards(corpus, model, shuffles=19)
    >>> len(cards), card_json(cards[0])[:10]
    (5, '{"unit": 0')
    """
    names, units = recorded_signals(corpus), corpus["unit"].to_numpy().tolist()
    histograms = unit_histograms(corpus)
    passages = {name: _passages(unit_passages(corpus, name)) for name in names}
    encoder = model.config.encoder
    numbers = encoder.names if isinstance(encoder, NumberEncoder) else ()
    try:
        following = corpus_following(corpus, untrained=untrained, numbers=numbers, shuffles=shuffles, seed=seed)
    except NothingToFollowError:
        following = None
    remembers = _half_lives(corpus, untrained)
    hidden = histograms["deviation"].sel(signal="hidden") if "hidden" in names else None
    tokens = set(pd.unique(np.asarray(corpus["token"].to_numpy(), dtype=object)).tolist())
    gates = None if hidden is None else gate_drivers(model, layer_name, hidden, occurring=tokens)
    output = promoted(model, layer_name)
    near = nearest_units(corpus) if "hidden" in names else None
    costs = unit_costs(model, documents, layer_name) if documents and model.config.outputs else None
    course, edges = gates_over_training(checkpoints) if checkpoints else None, document_starts(corpus)
    found = []
    for place, unit in enumerate(units):
        answers = {} if following is None else _answers(following.isel(unit=place))
        timescale = None if remembers is None else {str(key): remembers[key][place].item() for key in remembers}
        line = unit_line(answers.get("follows"), answers.get("resets"), timescale)
        shown = (line["follows"] or {}).get("signal") or next((one for one in STATES if one in names), names[0])
        card = {
            "unit": unit,
            "layer": layer_name,
            "steps": corpus.sizes["step"],
            "window": WINDOW,
            "line": line,
            "following": answers or None,
            "timescale": timescale,
            "histograms": {name: _histogram(histograms.sel(signal=name).isel(unit=place)) for name in names},
            "passages": {name: passages[name].get(unit, {}) for name in names},
            "output": output[place],
            "gates": None if gates is None else _plain(gates[place], digits=FEWER),
            "nearest": None if near is None else _nearest(near.isel(unit=place), place),
            "curve": _curve(corpus[shown], place, passages[shown].get(unit, {}), edges),
            "knock_out": None if costs is None else _cost(costs.isel(unit=place)),
            "gates_over_training": None if course is None else _course(course.isel(unit=place)),
        }
        found.append(card)
    claims = [card["line"]["follows"] for card in found]
    learnt = learnt_at(corpus, checkpoints, claims, numbers=numbers)
    return [_plain({**card, "learnt_at": step}) for card, step in zip(found, learnt, strict=True)]


@checked
def unit_card(
    corpus: xr.Dataset,
    model: SequenceModel,
    unit: int,
    *,
    layer_name: str = "layer0",
    untrained: Sequence[xr.Dataset] = (),
    documents: Sequence[str | Tokens] = (),
    checkpoints: Checkpoints = (),
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> dict[str, Any]:
    """What does one unit do over a corpus? Its card of `unit_cards`, which it needs all for: q is over all units.

    Raises KeyError for a unit that there is not.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import record_corpus
    >>> from lstm_core.analysis import unit_card
    >>> model = pretrained.load("anbn", device="cpu")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(model, ["S" + "a" * n + "b" * n + "T" for n in (1, 5, 2, 4) * 9], f"{folder}/corpus")
    ...     unit_card(corpus, model, 3, shuffles=19)["unit"]
    3
    """
    units: Sequence[int] = corpus["unit"].to_numpy().tolist()
    if unit not in units:
        raise KeyError(f"no unit {unit}: this layer has units {units[0]} to {units[-1]}")
    cards = unit_cards(
        corpus,
        model,
        layer_name=layer_name,
        untrained=untrained,
        documents=documents,
        checkpoints=checkpoints,
        shuffles=shuffles,
        seed=seed,
    )
    return cards[units.index(unit)]


def card_json(card: dict[str, Any]) -> str:
    """A card as JSON, which has no NaN.

    >>> card_json({"unit": 3})
    '{"unit": 3}'
    """
    return json.dumps(card, allow_nan=False, ensure_ascii=False)


def _half_lives(corpus: xr.Dataset, untrained: Sequence[xr.Dataset]) -> xr.Dataset | None:
    keep = KEEPS.get(corpus.attrs.get("cell_type", "LSTM"))
    return corpus_timescale(corpus, untrained=untrained) if keep in corpus else None


def _answers(found: xr.Dataset) -> dict[str, Any]:
    return {
        str(question): {
            "feature": own["followed"].item(),
            "signal": own["follower"].item(),
            "sign": own["sign"].item(),
            "binary": bool(own["binary"].item()),
            **{key: _plain(own[key].item(), digits=EXACT) for key in ANSWER if key in own},
        }
        for question in found["question"].to_numpy()
        for own in [found.sel(question=question)]
    }


def _histogram(found: xr.Dataset) -> dict[str, Any]:
    edge = found["edge"].to_numpy()
    numbers = {key: found[key].item() for key in ("mean", "deviation", "below", "above")}
    return {"count": found["count"].to_numpy().tolist(), "low": edge[0], "high": edge[-1], **numbers}


def _passages(found: pd.DataFrame) -> dict[int, dict[str, dict[str, list[Any]]]]:
    """By unit and list: the step and value of each place."""
    lists: dict[int, dict[str, dict[str, list[Any]]]] = {}
    for unit, name, step, value in found[["unit", "list", "step", "value"]].itertuples(index=False):
        own = lists.setdefault(int(unit), {}).setdefault(str(name), {"step": [], "value": []})
        own["step"].append(int(step))
        own["value"].append(float(value))
    return lists


def _curve(
    signal: xr.DataArray, place: int, lists: dict[str, dict[str, list[Any]]], edges: np.ndarray
) -> dict[str, Any] | None:
    """The signal around the middle one of its top places."""
    steps = lists.get("top", {}).get("step")
    if not steps:
        return None
    (start,), (stop,) = passage_spans(np.array([steps[len(steps) // 2]]), edges, window=CURVE)
    values = np.asarray(signal.transpose("step", "unit").data[start:stop, place]).tolist()
    return {"signal": signal.name, "start": start, "value": _plain(values, digits=FEWER)}


def _cost(found: xr.Dataset) -> dict[str, Any]:
    numbers = {key: found[key].item() for key in ("cost", "changed")}
    return {**numbers, "in": found.attrs["units"], "steps": found.attrs["steps"]}


def _course(found: xr.Dataset) -> dict[str, Any]:
    signals = {str(name): found[name].to_numpy().tolist() for name in found.data_vars}
    return {"step": found["training_step"].to_numpy().tolist(), **signals, "steps": found.attrs["steps"]}


def _nearest(row: xr.DataArray, place: int) -> list[tuple[int, float]]:
    values = row.to_numpy()
    order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable").tolist()
    others = [one for one in order if one != place and not np.isnan(values[one])]
    return [(int(row["other"][one]), float(values[one])) for one in others[:NEAREST]]


def _plain(value: Any, *, digits: int = DIGITS) -> Any:
    """With JSON's own types, and numbers of so many digits; what is not finite becomes None."""
    match value:
        case dict():
            return {str(key): _plain(one, digits=digits) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one, digits=digits) for one in value]
        case np.generic():
            return _plain(value.item(), digits=digits)
        case float():
            return float(f"{value:.{digits}g}") if math.isfinite(value) else None
    return value
