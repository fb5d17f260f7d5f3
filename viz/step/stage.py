"""What the Step page sends to the browser: a header that says what is shown, and the parts that this needs."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, cached_property, partial

import streamlit as st
import xarray as xr

from lstm_core import SIGNALS_OF, LegalTokens, ModelConfig, NextToken, generation_obstacle, layer_number, wiring
from viz.browser.parts import Part
from viz.live.options import Card
from viz.locale import _
from viz.shared.cached import load_tokens
from viz.shared.model_facts import title_of
from viz.shared.passage import HOTTEST, LARGEST_SEED, MOST_WRITTEN, PORTION, Passage
from viz.shared.reading import Reading, load_limits
from viz.shared.wording import apart, step_noun, step_nouns
from viz.step import payload
from viz.theme import described, inks

WINDOW = "stepper_window"
WRITING = {"portion": PORTION, "temperature": HOTTEST, "seed": LARGEST_SEED}


@dataclass(frozen=True)
class Stage(Reading):
    """One passage, one layer, one or two models that read it."""

    unit: int
    step: int | None  # None: the first that the layer reads
    beside: str = ""  # the name of the second model; empty without one

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The same passage and layer, by each of the models."""
        names = (self.model_name, self.beside) if self.beside else (self.model_name,)
        return tuple(Reading(name, self.passage, self.layer_name) for name in names)

    @property
    def reverse(self) -> bool:
        return self.layer_name.endswith("_reverse")

    @property
    def number(self) -> int:
        """Which layer from the bottom, from 0."""
        return layer_number(self.layer_name)

    @cached_property
    def config(self) -> ModelConfig:
        return self.model.config

    @property
    def projection(self) -> int:
        """The size of the layer's projection; 0 if its output is its units."""
        return self.config.stack[self.number].projection if self.config.stack else 0

    @property
    def steps(self) -> int:
        return len(self.tokens)

    @property
    def written(self) -> int:
        """How many tokens has a model generated after that?"""
        return self.passage.writing.count if self.passage.writing else 0

    @cached_property
    def own(self) -> int:
        """How many steps are of the reader's own text?"""
        return len(load_tokens(self.model_name, Passage(self.passage.text)))

    @cached_property
    def passage_id(self) -> str:
        return _id("passage", self.tokens.digest, self.own, self.apart)

    @cached_property
    def apart(self) -> bool:
        return apart(self.config.encoder)

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """How many numbers do a step and the weights take, of all models together?"""
        config, models = self.config, len(self.readings)
        units, features, cell = (
            config.units(self.layer_name),
            config.features(self.layer_name),
            config.cell(self.layer_name),
        )
        # One-hot vectors are kept once too, but there may be as many as steps, each as long as the vocabulary.
        read = features if self.number or not config.classes or config.one_hot else 0
        outputs = 0 if isinstance(config.readout, NextToken | LegalTokens) else config.outputs
        per_step = payload.values_per_step(
            units, read, outputs, signals=len(SIGNALS_OF[cell.type]), projection=self.projection
        )
        besides = payload.values_besides(units, features, gates=len(cell.gates), sources=self.projection or units)
        return models * per_step, models * besides

    @cached_property
    def window(self) -> tuple[int, int]:
        """The steps that the browser gets: those it already has if the step is among them, or else new ones around it."""
        step = (self.steps - 1 if self.reverse else 0) if self.step is None else self.step
        key = (self.readings, self.passage_id)
        before, start, stop = st.session_state.get(WINDOW, (None, 0, 0))
        if before == key and start <= step < stop:
            return start, stop
        per_step, besides = self.sizes
        start, stop = payload.window_around(step, self.steps, values_per_step=per_step, values_besides=besides)
        st.session_state[WINDOW] = (key, start, stop)
        return start, stop

    @property
    def exact(self) -> bool:
        """Are there few enough numbers to send all of them as recorded?"""
        start, stop = self.window
        per_step, besides = self.sizes
        return (stop - start) * per_step + besides <= payload.MOST_EXACT


def header(stage: Stage, *, temperature: float, seed: int, card: Card = "signals") -> dict[str, object]:
    """What is shown, in plain JSON."""
    start, stop = stage.window
    config = stage.config
    return {
        "passage": stage.passage_id,
        "sides": [
            {"title": title_of(one.model_name), "weights": _weights_id(one), "recording": _recording_id(stage, one)}
            for one in stage.readings
        ],
        "layer": {
            "number": stage.number,
            "reverse": stage.reverse,
            "units": config.units(stage.layer_name),
            "cell": _cell(stage),
        },
        "steps": stage.steps,
        "own": stage.own,
        "window": [start, stop],
        "unit": stage.unit,
        "step": stage.step,
        "card": card,
        "signals": _signals(stage),
        "themes": inks(),
        "nouns": [step_noun(config.encoder), step_nouns(config.encoder)],
        "writing": writing_offer(config, temperature, seed, written=stage.written),
    }


def writing_offer(config: ModelConfig, temperature: float, seed: int, *, written: int = 0) -> dict[str, object]:
    """ "Let it write": its settings, or why the model cannot generate text; `written` tokens it has generated already."""
    return {
        "obstacle": _obstacle(config, written),
        "temperature": temperature,
        "seed": seed,
        "limits": WRITING,
        "tokens": step_nouns(config.encoder),
    }


def _cell(stage: Stage) -> dict[str, object]:
    """The cell whose equations the browser draws and computes."""
    stack = stage.config.stack
    below = stack[stage.number - 1] if stack and stage.number else None
    given_on = below is not None and (bool(below.projection) or below.merge != "concat" or below.ends)
    own = {"peephole": bool(stack) and stack[stage.number].peephole, "projection": stage.projection}
    return {**asdict(stage.config.cell(stage.layer_name)), **own, "given_on": given_on}


def _obstacle(config: ModelConfig, written: int) -> str:
    """Why can the model not generate text? Empty if it can."""
    why = _(generation_obstacle(config))
    if why:
        return f"{why[0].upper()}{why[1:]}."
    if written >= MOST_WRITTEN:
        return _("{count} tokens are generated: remove them, or type a longer text.").format(count=f"{MOST_WRITTEN:,}")
    return ""


def _signals(stage: Stage) -> list[dict[str, object]]:
    found = [load_limits(one) for one in stage.readings]
    cell_type = stage.config.cell(stage.layer_name).type
    widest = {signal: max((one[signal] for one in found), key=lambda ends: ends[1]) for signal in found[0]}
    return [described(signal, ends=ends, cell_type=cell_type) for signal, ends in widest.items()]


def parts(stage: Stage) -> dict[str, Callable[[], Part]]:
    """A function that makes each part, by its id."""
    made: dict[str, Callable[[], Part]] = {stage.passage_id: partial(_passage, stage)}
    wires = cache(_wiring)  # both parts of a model need them
    for one in stage.readings:
        made[_weights_id(one)] = partial(lambda one: payload.weights_part(wires(one)), one)
        made[_recording_id(stage, one)] = partial(_recording, stage, one, wires)
    return made


def _passage(stage: Stage) -> Part:
    return payload.passage_part(stage.tokens, own=stage.own, apart=stage.apart)


def _recording(stage: Stage, one: Reading, wires: Callable[[Reading], xr.Dataset]) -> Part:
    return payload.recording_part(one.recording, one.layer_name, wires(one), stage.window, exact=stage.exact)


def _wiring(one: Reading) -> xr.Dataset:
    return wiring(one.model, one.tokens, one.recording, one.layer_name)


def _weights_id(one: Reading) -> str:
    return _id("weights", one.model.digest, one.layer_name)


def _recording_id(stage: Stage, one: Reading) -> str:
    return _id("recording", one.model.digest, one.layer_name, stage.passage_id, stage.window, stage.exact)


def _id(kind: str, *what: object) -> str:
    return f"{kind}-{hashlib.sha256(repr(what).encode()).hexdigest()[:20]}"
