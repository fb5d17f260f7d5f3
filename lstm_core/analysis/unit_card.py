"""What does a unit do over a corpus? All its numbers on one card."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from lstm_core.analysis.corpus_following import KEEPS, SHUFFLES, NothingToFollowError, corpus_following
from lstm_core.analysis.corpus_timescale import corpus_timescale
from lstm_core.analysis.gate_drivers import gate_drivers
from lstm_core.analysis.nearest_units import nearest_units
from lstm_core.analysis.promoted import promoted
from lstm_core.analysis.unit_histograms import recorded_signals, unit_histograms
from lstm_core.analysis.unit_line import unit_line
from lstm_core.analysis.unit_passages import unit_passages
from lstm_core.encoders import NumberEncoder
from lstm_core.given import checked
from lstm_core.model import SequenceModel

NEAREST = 5
ANSWER = ("score", "low", "high", "p", "q", "p_shuffled", "shuffled", "mean_with", "p_untrained", "untrained")


@checked
def unit_cards(
    corpus: xr.Dataset,
    model: SequenceModel,
    *,
    layer_name: str = "layer0",
    untrained: Sequence[xr.Dataset] = (),
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """What does each unit of a layer do over a corpus? A card a unit, of plain JSON types, NaN as None.

    `corpus` is that layer's dataset, from `lstm_core.corpus.open_corpus(store, layer=layer_name)`; `untrained` are two or more
    models with random weights, recorded over the same documents or the beginning of each
    (`lstm_core.training.untrained_draws`); without them the line says what any model of this architecture would do. A card has `unit`, `layer`, `steps`, `line` (`unit_line`), `following` ("follows" and
    "resets" of `corpus_following`, None where nothing could be tested), `histograms` and `passages` by signal, `timescale`, `output` (`promoted`), `gates`
    (`gate_drivers`) and `nearest`, the 5 units of the strongest correlation. Parts whose signal is not recorded are None.

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
    passages = {name: dict(iter(unit_passages(corpus, name).groupby("unit"))) for name in names}
    encoder = model.config.encoder
    numbers = encoder.names if isinstance(encoder, NumberEncoder) else ()
    try:
        following = corpus_following(corpus, untrained=untrained, numbers=numbers, shuffles=shuffles, seed=seed)
    except NothingToFollowError:
        following = None
    remembers = _half_lives(corpus, untrained)
    hidden = histograms["deviation"].sel(signal="hidden") if "hidden" in names else None
    gates = None if hidden is None else gate_drivers(model, layer_name, hidden)
    output = promoted(model, layer_name)
    near = nearest_units(corpus) if "hidden" in names else None
    found = []
    for place, unit in enumerate(units):
        answers = {} if following is None else _answers(following.isel(unit=place))
        timescale = None if remembers is None else {str(key): remembers[key][place].item() for key in remembers}
        card = {
            "unit": unit,
            "layer": layer_name,
            "steps": corpus.sizes["step"],
            "line": unit_line(answers.get("follows"), answers.get("resets"), timescale),
            "following": answers or None,
            "timescale": timescale,
            "histograms": {name: _histogram(histograms.sel(signal=name).isel(unit=place)) for name in names},
            "passages": {
                name: passages[name][unit].drop(columns="unit").to_dict("records") if unit in passages[name] else []
                for name in names
            },
            "output": output[place],
            "gates": None if gates is None else gates[place],
            "nearest": None if near is None else _nearest(near.isel(unit=place), place),
        }
        found.append(_plain(card))
    return found


@checked
def unit_card(
    corpus: xr.Dataset,
    model: SequenceModel,
    unit: int,
    *,
    layer_name: str = "layer0",
    untrained: Sequence[xr.Dataset] = (),
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
    cards = unit_cards(corpus, model, layer_name=layer_name, untrained=untrained, shuffles=shuffles, seed=seed)
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
            **{key: _plain(own[key].item()) for key in ANSWER if key in own},
        }
        for question in found["question"].to_numpy()
        for own in [found.sel(question=question)]
    }


def _histogram(found: xr.Dataset) -> dict[str, Any]:
    edge = found["edge"].to_numpy()
    numbers = {key: found[key].item() for key in ("mean", "deviation", "below", "above")}
    return {"count": found["count"].to_numpy().tolist(), "low": edge[0], "high": edge[-1], **numbers}


def _nearest(row: xr.DataArray, place: int) -> list[tuple[int, float]]:
    values = row.to_numpy()
    order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable").tolist()
    others = [one for one in order if one != place and not np.isnan(values[one])]
    return [(int(row["other"][one]), float(values[one])) for one in others[:NEAREST]]


def _plain(value: Any) -> Any:
    """With JSON's own types; what is not finite becomes None."""
    match value:
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case np.generic():
            return _plain(value.item())
        case float() if not math.isfinite(value):
            return None
    return value
