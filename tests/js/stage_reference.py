"""What the server sends the stepper of a text, for models of every kind, as plain JSON; the models are those of engine_reference.py."""

from dataclasses import asdict

import numpy as np

import pretrained
from lstm_core import Recording, SequenceModel, layer_number, record, signals_of, wiring
from lstm_core.analysis import most_varying
from tests.support import odd_models
from viz.browser.parts import Part
from viz.live.description import described
from viz.shared.wording import apart
from viz.step import payload
from viz.theme import described as signal_described
from viz.theme import limits

TEXT = "sent é in parts, 🎭"
STAGES = [  # model, layer, text; the first two are shown beside themselves before training
    ("shakespeare", "layer0", "Now is the winter\nof our discontent"),
    ("anbn", "layer0", "SaaabbbT"),
    ("both ways", "layer0", TEXT),
    ("both ways", "layer0_reverse", TEXT),
    ("both ways", "layer1", "x"),
    ("peepholes", "layer0", TEXT),
    ("uneven", "layer0_reverse", TEXT),
    ("uneven", "layer1", TEXT),
    ("uneven", "layer1_reverse", TEXT),
    ("uneven", "layer2", TEXT),
    ("gru", "layer0", TEXT),
    ("rnn", "layer1", TEXT),
    ("opinions", "layer0", "It is a wonderful unheard film, but the end was terrible."),
    ("grammar", "layer0", "SaaabbbTSabT"),
    ("weather", "layer0", "@100 6.7 5.9 8.1 7.2 9.4"),
    ("sum", "layer0", "0.53:0 0.21:1 0.94:0 0.07:1"),
    ("no readout", "layer0", "Hark"),
    ("no numbers", "layer0", "Hark who"),
]
BESIDE = 2


def stage_reference() -> list[dict[str, object]]:
    return [_stage(*case, beside=number < BESIDE) for number, case in enumerate(STAGES)]


def _stage(name: str, layer: str, text: str, *, beside: bool) -> dict[str, object]:
    models = [name, f"{name} untrained"] if beside else [name]
    recordings = [record(_model(one), text) for one in models]
    model, config = _model(name), _model(name).config
    cell_type = config.cell(layer).type
    ends = [{one: limits(one, found.layers[layer][one]) for one in _signals(found, layer)} for found in recordings]
    return {
        "name": f"{name}, {layer}",
        "text": text,
        "layer": layer,
        "models": [
            {"folder": one, "facts": described(one, config, _model(one).card, weights=_model(one).digest)}
            for one in models
        ],
        "signals": [
            signal_described(one, ends=limits(one), cell_type=cell_type) for one in _signals(recordings[0], layer)
        ],
        "limits": {one: max((own[one] for own in ends), key=lambda pair: pair[1]) for one in ends[0]},
        "cell": {**asdict(config.cell(layer)), **_own(model, layer)},
        "unit": most_varying(recordings[0].layers[layer]["hidden"], 1)[0],
        "passage": _passage(model, text),
        "sides": [_side(_model(one), text, found, layer) for one, found in zip(models, recordings, strict=True)],
    }


def _passage(model: SequenceModel, text: str) -> dict[str, object]:
    tokens = model.encode(text)
    return payload.passage_part(tokens, own=len(tokens), apart=apart(model.config.encoder)).facts


def _model(name: str) -> SequenceModel:
    if name.removesuffix(" untrained") not in pretrained.zoo():
        return odd_models.model(name)
    load = pretrained.untrained if name.endswith(" untrained") else pretrained.load
    return load(name.removesuffix(" untrained"), device="cpu")


def _signals(recording: Recording, layer: str) -> list[str]:
    return list(map(str, signals_of(recording.layers[layer])))


def _own(model: SequenceModel, layer: str) -> dict[str, object]:
    stack, number = model.config.stack, layer_number(layer)
    below = stack[number - 1] if stack and number else None
    return {
        "peephole": bool(stack) and stack[number].peephole,
        "projection": stack[number].projection if stack else 0,
        "given_on": below is not None and (bool(below.projection) or below.merge != "concat" or below.ends),
    }


def _side(model: SequenceModel, text: str, recording: Recording, layer: str) -> dict[str, object]:
    wires = wiring(model, model.encode(text), recording, layer)
    window = (0, len(recording.tokens))
    return {
        "weights": sent(payload.weights_part(wires)),
        "recording": sent(payload.recording_part(recording, layer, wires, window)),
    }


def sent(part: Part) -> dict[str, object]:
    """A part as JSON has it."""
    arrays = {name: {"kind": array.dtype.name, "values": in_a_row(array)} for name, array in part.arrays.items()}
    return {"facts": {**part.facts, "shapes": part.shapes}, "arrays": arrays}


def in_a_row(values: np.ndarray) -> list[float | None]:
    """None for NaN and infinity, which JSON has not."""
    return [value.item() if np.isfinite(value) else None for value in values.reshape(-1)]
