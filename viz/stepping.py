"""What the Step page puts on its stage: for the browser, the header of what is shown and the parts it needs."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
import xarray as xr

from lstm_core import ModelConfig, wiring
from lstm_core.recording import SIGNALS
from viz.loaders import digest_of, load_cell_limit, load_model, load_recording, load_tokens
from viz.passage import Passage
from viz.stepper import payload
from viz.stepper.payload import Part
from viz.theme import SIGNAL, limits, palette, probability_scale, scale

WINDOW = "stepper_window"


@dataclass(frozen=True)
class Stage:
    """One passage, one layer, one or two models that read it."""

    models: tuple[str, ...]
    passage: Passage
    layer: str
    unit: int
    step: int | None  # None: the step read last

    @property
    def reverse(self) -> bool:
        return self.layer.endswith("_reverse")

    @property
    def config(self) -> ModelConfig:
        return load_model(self.models[0]).config

    @property
    def steps(self) -> int:
        return len(load_tokens(self.models[0], self.passage))

    @property
    def passage_id(self) -> str:
        own = own_steps(self.models[0], self.passage)
        return _id("passage", digest_of(load_tokens(self.models[0], self.passage)), own)


def own_steps(model: str, passage: Passage) -> int:
    """How many steps of a passage are the reader's own?"""
    return len(load_tokens(model, Passage(passage.text)))


def window(stage: Stage) -> tuple[int, int]:
    """The steps that the browser gets: those it has while the reader stays among them, else new ones around the step."""
    last = 0 if stage.reverse else stage.steps - 1
    step = last if stage.step is None else stage.step
    key = (stage.models, stage.passage_id, stage.layer)
    before, start, stop = st.session_state.get(WINDOW, (None, 0, 0))
    if before == key and start <= step < stop:
        return start, stop
    feature, number = stage.config.embedding, int(stage.layer.removeprefix("layer").removesuffix("_reverse"))
    if number:
        feature = stage.config.hidden * stage.config.directions
    start, stop = payload.window_around(
        step,
        stage.steps,
        values_per_step=len(stage.models) * payload.values_per_step(stage.config.hidden, feature if number else 0),
        values_besides=len(stage.models) * payload.values_besides(stage.config.hidden, feature),
    )
    st.session_state[WINDOW] = (key, start, stop)
    return start, stop


def header(stage: Stage, *, title: str, temperature: float, seed: int) -> dict[str, object]:
    """What is shown, in plain JSON."""
    start, stop = window(stage)
    config = stage.config
    return {
        "passage": stage.passage_id,
        "sides": [
            {"title": name, "weights": _weights_id(stage, name), "recording": _recording_id(stage, name)}
            for name in stage.models
        ],
        "layer": {"title": title, "reverse": stage.reverse, "units": config.hidden, "count": config.layers},
        "steps": stage.steps,
        "window": [start, stop],
        "unit": stage.unit,
        "step": stage.step,
        "signals": _signals(stage),
        "probability": {mode: probability_scale(dark=mode == "dark") for mode in ("light", "dark")},
        "themes": {mode: _inks(mode == "dark") for mode in ("light", "dark")},
        "writing": {"possible": not config.bidirectional, "temperature": temperature, "seed": seed},
    }


def _signals(stage: Stage) -> list[dict[str, object]]:
    cell = max(load_cell_limit(name, stage.passage, stage.layer) for name in stage.models)
    return [
        {
            "name": name,
            "title": SIGNAL[name].title,
            "symbol": SIGNAL[name].symbol,
            "colour": SIGNAL[name].colour,
            "opposite": SIGNAL[name].opposite or SIGNAL[name].colour,
            "meaning": SIGNAL[name].meaning,
            "limits": (-cell, cell) if name == "cell" else limits(name),
            "scale": {mode: scale(name, dark=mode == "dark") for mode in ("light", "dark")},
        }
        for name in SIGNALS
    ]


def _inks(dark: bool) -> dict[str, str]:
    base = palette(dark)
    return {"paper": base.paper, "zero": base.zero, "ink": base.ink, "faint": base.faint, "grid": base.grid}


def parts(stage: Stage) -> dict[str, Callable[[], Part]]:
    """What makes each part of the stage, by its id."""
    own = own_steps(stage.models[0], stage.passage)
    made: dict[str, Callable[[], Part]] = {
        stage.passage_id: lambda: payload.passage_part(load_tokens(stage.models[0], stage.passage), own=own)
    }
    for name in stage.models:
        made[_weights_id(stage, name)] = partial(_weights, stage, name)
        made[_recording_id(stage, name)] = partial(_recording, stage, name)
    return made


def _weights(stage: Stage, name: str) -> Part:
    return payload.weights_part(_wiring(stage, name))


def _recording(stage: Stage, name: str) -> Part:
    recording = load_recording(name, stage.passage)
    return payload.recording_part(recording, stage.layer, _wiring(stage, name), window(stage))


def _wiring(stage: Stage, name: str) -> xr.Dataset:
    tokens = load_tokens(name, stage.passage)
    return wiring(load_model(name), tokens, load_recording(name, stage.passage), stage.layer)


def _weights_id(stage: Stage, name: str) -> str:
    return _id("weights", load_model(name).digest, stage.layer)


def _recording_id(stage: Stage, name: str) -> str:
    return _id("recording", load_model(name).digest, stage.layer, stage.passage_id, window(stage))


def _id(kind: str, *what: object) -> str:
    return f"{kind}-{hashlib.sha256(repr(what).encode()).hexdigest()[:20]}"
