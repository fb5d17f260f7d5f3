"""Who said it? What each earlier token, a phrase, or the way from an empty text adds to the prediction at this step."""

from collections.abc import Callable
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from lstm_core import Nothing, Values
from viz.figures import shares
from viz.locale import _
from viz.shared import state
from viz.shared.cached import describe
from viz.shared.controls import choose_place, is_dark
from viz.shared.downloads import show
from viz.shared.reading import Reading
from viz.shared.tabs import show_tab
from viz.shared.wording import in_digits, plain, step_noun, step_nouns
from viz.step.cached import load_decomposition, load_integrated_gradients, load_token_shares
from viz.step.held_section import show_held

CHOICES = 10
MOST_STEPS = 1_000  # of a text whose phrases and gradients are taken apart: some seconds


def show_said(reading: Reading) -> None:
    """The section below the stepper, of the step and the unit that it shows. Of a model without a readout there is none."""
    config = describe(reading.model_name)[0]
    if isinstance(config.readout, Nothing):
        return
    unit, chosen = choose_place(reading.recording, reading.layer_name, reading.model_name)
    first = len(reading.tokens) - 1 if reading.layer_name.endswith("_reverse") else 0
    step = first if chosen is None else int(chosen)
    st.subheader(_("Who said it?"), anchor=False)
    tabs = {
        "tokens": (
            _("By earlier {token}").format(token=step_noun(config.encoder)),
            partial(_by_token, reading, step, unit),
        ),
        "phrase": (_("A phrase"), partial(_phrase, reading, step)),
        "integrated": (_("Integrated gradients"), partial(_integrated, reading, step)),
        "held": (_("Let it write with this unit held"), partial(show_held, reading, step, unit)),
    }
    show_tab(tabs)


def _choose_label(reading: Reading, step: int) -> str:
    """The output that is explained: the likeliest, unless the reader chooses another."""
    predicted = reading.recording.prediction.sel(step=step)
    if "value" in predicted:
        names = [str(name) for name in predicted["feature"].to_numpy()]
        titles = {name: name for name in names}
    else:
        chances = predicted["probability"].to_numpy()
        best = np.argsort(-np.nan_to_num(chances), kind="stable")[:CHOICES]
        every = predicted["class"].to_numpy()
        titles = {str(every[at]): f"{every[at]}  {chances[at]:.1%}" for at in best}
    state.reset_unless("explained", titles, default=next(iter(titles)))
    chosen = state.widget(
        st.selectbox, "explained", _("Prediction"), list(titles), format_func=lambda name: titles.get(name, name)
    )
    if chosen == next(iter(titles)):
        st.session_state["explained"] = state.PARAMETERS["explained"].default  # the likeliest at any step
    return str(chosen)


def _by_token(reading: Reading, step: int, unit: int) -> None:
    config = describe(reading.model_name)[0]
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        label = _choose_label(reading, step)
    top = config.stacked_layers[-1]
    with right:
        alone = reading.layer_name in top and st.toggle(_("Unit {unit} only").format(unit=unit), key="shares-of-unit")
    try:
        found = load_token_shares(reading, step, label)
    except ValueError as error:
        st.info(_in_a_sentence(error))
        return
    parts = found[["share", "initial", "remainder"]]
    if alone:
        parts = parts.sel(layer=reading.layer_name, unit=unit)
    each = parts["share"].sum([dim for dim in parts["share"].dims if dim != "step"], skipna=False)
    read = each.sel(step=slice(None, step)) if not config.bidirectional else each
    sums = {name: float(parts[name].sum(skipna=False)) for name in ("share", "initial", "remainder")}
    numbers = {name: _signed(value) for name, value in sums.items()}
    if alone:
        sentence = _(
            "Unit {unit} adds {whole} to {output}: the {tokens} read so far {share}, the initial state {initial}, and "
            "{remainder} is what the tanh takes away. That part belongs to no single {token}."
        )
    else:
        sentence = _(
            "{output} is {value}: the {tokens} read so far add {share}, the bias {bias}, the initial state {initial}, and "
            "{remainder} is what the tanh takes away. That part belongs to no single {token}."
        )
    values = {"bias": _signed(float(found["bias"])), "value": _number(float(found["value"]))}
    whole = _signed(sum(sums.values()))
    nouns = {"tokens": step_nouns(config.encoder), "token": step_noun(config.encoder)}
    st.markdown(
        sentence.format(
            output=_output(reading, label, first=not alone), unit=unit, whole=whole, **numbers, **values, **nouns
        )
    )
    _draw(lambda dark: shares(read, step=step, dark=dark), _("Bars: what each {token} adds to the prediction"), nouns)
    st.caption(
        _(
            "Each {token} wrote to the cell states, the forget gates kept a part of it, and the output gates and the readout's weights "
            "turn that part into a share of the logit (Murdoch and Szlam, 2017)."
        ).format(**nouns)
    )


def _phrase(reading: Reading, step: int) -> None:
    config = describe(reading.model_name)[0]
    labels = reading.tokens.labels
    nouns = {"tokens": step_nouns(config.encoder), "token": step_noun(config.encoder)}
    if _too_long(len(labels), nouns):
        return
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        label = _choose_label(reading, step)
    steps = range(1, len(labels) + 1)
    with right:
        if len(labels) > 1:
            usual = (max(1, step), step + 1)  # this token and the one before
            first, last = st.select_slider(
                _("Phrase, from and to step"), steps, value=usual, key=f"phrase-{reading.tokens.digest}"
            )
        else:
            first = last = 1
    try:
        found = load_decomposition(reading, first - 1, last)
    except ValueError as error:
        st.info(_in_a_sentence(error))
        return
    now = found.sel({"step": step, "class": label})
    parts = {name: float(now[name]) for name in ("phrase", "rest", "bias")}
    numbers = {name: _signed(value) for name, value in parts.items()}
    phrase = (" " if config.encoder.to_json()["kind"] in ("word", "number") else "").join(labels[first - 1 : last])
    st.markdown(
        _(
            "“**{phrase}**” adds {phrase_share} to {output} after step {step}, all that involves other {tokens} adds {rest}, and "
            "the bias {bias}: together {value}."
        ).format(
            phrase=plain(phrase),
            phrase_share=numbers["phrase"],
            rest=numbers["rest"],
            bias=numbers["bias"],
            output=_output(reading, label, first=False),
            step=step + 1,
            value=_number(sum(parts.values())),
            **nouns,
        )
    )
    over = found["phrase"].sel({"class": label})
    _draw(lambda dark: shares(over, step=step, dark=dark), _("Bars: what the phrase adds to each prediction"), nouns)
    st.caption(
        _(
            "Contextual decomposition (Murdoch, Liu and Yu, 2018): every state is a part from the phrase and a part from everything else. "
            "Each bar is what the phrase adds to the logit after that step."
        )
    )


def _integrated(reading: Reading, step: int) -> None:
    config = describe(reading.model_name)[0]
    nouns = {"tokens": step_nouns(config.encoder), "token": step_noun(config.encoder)}
    if _too_long(len(reading.tokens.labels), nouns):
        return
    left, _right = st.columns([2, 3])
    with left:
        label = _choose_label(reading, step)
    found = load_integrated_gradients(reading, step, label)
    numbers = {name: _number(float(found.attrs[name]), ".3f") for name in ("value", "baseline_value")}
    st.markdown(
        _(
            "{output} is {value}; with all embeddings zero it is {baseline_value}. The bars add up to the difference, with a "
            "completeness error of {error}."
        ).format(
            output=_output(reading, label, first=True), error=in_digits(float(found.attrs["error"]), ".1e"), **numbers
        )
    )
    each = found["share"] if config.bidirectional else found["share"].sel(step=slice(None, step))
    _draw(lambda dark: shares(each, step=step, dark=dark), _("Bars: the integrated gradient of each {token}"), nouns)
    st.caption(
        _(
            "Integrated gradients (Sundararajan, Taly and Yan, 2017): gradients on the way from zero embeddings to this text, at {points} "
            "points."
        ).format(points=found.attrs["points"])
    )


def _signed(value: float) -> str:
    return _number(value, "+.2f")


def _number(value: float, form: str = ".2f") -> str:
    return in_digits(value, form).replace("-", "−")


def _output(reading: Reading, label: str, *, first: bool) -> str:
    """What is explained, at the beginning of a sentence or within it."""
    if isinstance(describe(reading.model_name)[0].readout, Values):
        sentence = _("The output “**{label}**”") if first else _("the output “**{label}**”")
    else:
        sentence = _("The logit of “**{label}**”") if first else _("the logit of “**{label}**”")
    return sentence.format(label=plain(label))


def _draw(make: Callable[[bool], go.Figure], alt: str, nouns: dict[str, str]) -> None:
    show(lambda: make(is_dark()), key="said", alt=alt.format(**nouns))


def _too_long(steps: int, nouns: dict[str, str]) -> bool:
    if steps <= MOST_STEPS:
        return False
    st.info(_("This is computed for texts of up to {most} {tokens}.").format(most=f"{MOST_STEPS:,}", **nouns))
    return True


def _in_a_sentence(error: ValueError) -> str:
    text = str(error)
    return plain(f"{text[:1].upper()}{text[1:]}.")
