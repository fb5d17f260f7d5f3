"""What the Step page puts on its stage: for the browser, the header of what is shown and the parts it needs."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, cached_property, partial

import streamlit as st
import xarray as xr

from lstm_core import SIGNALS_OF, LegalTokens, ModelConfig, NextToken, Tokens, generation_obstacle, layer_number, wiring
from viz.browser.parts import Part
from viz.shared.cached import load_limits, load_model, load_recording, load_tokens
from viz.shared.passage import HOTTEST, LARGEST_SEED, MOST_WRITTEN, PORTION, Passage
from viz.shared.wording import apart
from viz.step import payload
from viz.theme import described, inks

WINDOW = "stepper_window"
WRITING = {"portion": PORTION, "temperature": HOTTEST, "seed": LARGEST_SEED}


@dataclass(frozen=True)
class Stage:
    """One passage, one layer, one or two models that read it."""

    models: tuple[str, ...]
    passage: Passage
    layer: str
    unit: int
    step: int | None  # None: the end of the text

    @property
    def reverse(self) -> bool:
        return self.layer.endswith("_reverse")

    @property
    def number(self) -> int:
        """Which layer from the bottom, from 0."""
        return layer_number(self.layer)

    @cached_property
    def config(self) -> ModelConfig:
        return load_model(self.models[0]).config

    @property
    def projection(self) -> int:
        """How many numbers does the layer say, where these are not its units? 0 where they are."""
        return self.config.stack[self.number].projection if self.config.stack else 0

    @cached_property
    def tokens(self) -> Tokens:
        return load_tokens(self.models[0], self.passage)

    @property
    def steps(self) -> int:
        return len(self.tokens)

    @cached_property
    def own(self) -> int:
        """How many of the steps are the reader's own?"""
        return len(load_tokens(self.models[0], Passage(self.passage.text)))

    @cached_property
    def passage_id(self) -> str:
        return _id("passage", self.tokens.digest, self.own, self.apart)

    @cached_property
    def apart(self) -> bool:
        return apart(self.config.encoder)

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """How many numbers do a step and the weights take, of all models together?"""
        config, models = self.config, len(self.models)
        units, features, cell = config.units(self.layer), config.features(self.layer), config.cell(self.layer)
        # One-hot vectors are kept once too, but there may be as many as steps, each as long as the vocabulary.
        read = features if self.number or not config.classes or config.one_hot else 0
        said = 0 if isinstance(config.readout, NextToken | LegalTokens) else config.outputs
        per_step = payload.values_per_step(
            units, read, said, signals=len(SIGNALS_OF[cell.type]), projection=self.projection
        )
        besides = payload.values_besides(units, features, gates=len(cell.gates), sources=self.projection or units)
        return models * per_step, models * besides

    @cached_property
    def window(self) -> tuple[int, int]:
        """The steps that the browser gets: those it has while the reader stays among them, else new ones around the step."""
        step = self.steps - 1 if self.step is None else self.step
        key = (self.models, self.passage_id, self.layer)
        before, start, stop = st.session_state.get(WINDOW, (None, 0, 0))
        if before == key and start <= step < stop:
            return start, stop
        per_step, besides = self.sizes
        start, stop = payload.window_around(step, self.steps, values_per_step=per_step, values_besides=besides)
        st.session_state[WINDOW] = (key, start, stop)
        return start, stop

    @property
    def exact(self) -> bool:
        """Are there few enough numbers for all of them to be sent as recorded?"""
        start, stop = self.window
        per_step, besides = self.sizes
        return (stop - start) * per_step + besides <= payload.MOST_EXACT


def header(stage: Stage, *, temperature: float, seed: int) -> dict[str, object]:
    """What is shown, in plain JSON."""
    start, stop = stage.window
    config = stage.config
    return {
        "passage": stage.passage_id,
        "sides": [
            {"title": name, "weights": _weights_id(stage, name), "recording": _recording_id(stage, name)}
            for name in stage.models
        ],
        "layer": {
            "number": stage.number,
            "reverse": stage.reverse,
            "units": config.units(stage.layer),
            "cell": _cell(stage),
        },
        "steps": stage.steps,
        "own": stage.own,
        "window": [start, stop],
        "unit": stage.unit,
        "step": stage.step,
        "signals": _signals(stage),
        "themes": inks(),
        "writing": {"obstacle": _obstacle(stage), "temperature": temperature, "seed": seed, "limits": WRITING},
    }


def _cell(stage: Stage) -> dict[str, object]:
    """Which equations the browser draws and computes."""
    stack = stage.config.stack
    below = stack[stage.number - 1] if stack and stage.number else None
    given_on = below is not None and (bool(below.projection) or below.merge != "concat" or below.ends)
    own = {"peephole": bool(stack) and stack[stage.number].peephole, "projection": stage.projection}
    return {**asdict(stage.config.cell(stage.layer)), **own, "given_on": given_on}


def _obstacle(stage: Stage) -> str:
    """Why can the model not write on? Empty where it can."""
    why = generation_obstacle(stage.config)
    if why:
        return f"{why[0].upper()}{why[1:]}."
    if stage.passage.writing and stage.passage.writing.count >= MOST_WRITTEN:
        return f"{MOST_WRITTEN:,} tokens are written: take them back, or make the text longer yourself."
    return ""


def _signals(stage: Stage) -> list[dict[str, object]]:
    found = [load_limits(name, stage.passage, stage.layer) for name in stage.models]
    cell_type = stage.config.cell(stage.layer).type
    widest = {signal: max((one[signal] for one in found), key=lambda ends: ends[1]) for signal in found[0]}
    return [described(signal, ends=ends, cell_type=cell_type) for signal, ends in widest.items()]


def parts(stage: Stage) -> dict[str, Callable[[], Part]]:
    """What makes each part of the stage, by its id."""
    made: dict[str, Callable[[], Part]] = {stage.passage_id: partial(_passage, stage)}
    wires = cache(partial(_wiring, stage))  # both parts of a model need them
    for name in stage.models:
        made[_weights_id(stage, name)] = partial(lambda name: payload.weights_part(wires(name)), name)
        made[_recording_id(stage, name)] = partial(_recording, stage, name, wires)
    return made


def _passage(stage: Stage) -> Part:
    return payload.passage_part(stage.tokens, own=stage.own, apart=stage.apart)


def _recording(stage: Stage, name: str, wires: Callable[[str], xr.Dataset]) -> Part:
    recording = load_recording(name, stage.passage)
    return payload.recording_part(recording, stage.layer, wires(name), stage.window, exact=stage.exact)


def _wiring(stage: Stage, name: str) -> xr.Dataset:
    tokens = load_tokens(name, stage.passage)
    return wiring(load_model(name), tokens, load_recording(name, stage.passage), stage.layer)


def _weights_id(stage: Stage, name: str) -> str:
    return _id("weights", load_model(name).digest, stage.layer)


def _recording_id(stage: Stage, name: str) -> str:
    return _id("recording", load_model(name).digest, stage.layer, stage.passage_id, stage.window, stage.exact)


def _id(kind: str, *what: object) -> str:
    return f"{kind}-{hashlib.sha256(repr(what).encode()).hexdigest()[:20]}"
