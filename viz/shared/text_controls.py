"""The text: typed, taken from the examples, or continued by a model; and its recording."""

import streamlit as st

from lstm_core import NumberEncoder, Recording, generation_obstacle
from lstm_core.encoders import Encoder, known_part
from lstm_core.encoders.typed_numbers import about_commas
from viz.locale import N_, _, ngettext
from viz.shared import state
from viz.shared.cached import (
    describe,
    load_recording,
    model_names,
)
from viz.shared.example_picker import kept_aside, offered, take, take_back, take_instead
from viz.shared.model_facts import title_of
from viz.shared.passage import MOST_WRITTEN, PORTION, Passage, Writing
from viz.shared.wording import kind, not_known, plain, step_noun, to_type

KEPT_ASIDE = N_(
    "This model cannot read your text, so this is an example. Yours comes back with a model that can read it."
)
LONGEST = 20_000  # characters
LONGEST_NUMBERS = 200_000  # characters, for a model that reads numbers: some ten for each


def choose_lines() -> None:
    """ "Several lines": a box in place of the line "Text"."""
    needed = "\n" in st.session_state["text"]
    if needed and not st.session_state["lines"]:
        state.set_value("lines", True)
    state.widget(
        st.toggle,
        "lines",
        _("Several lines"),
        disabled=needed,
        help=_("This text has several lines.") if needed else _("A box for pasted text, instead of one line."),
    )


def choose_passage(model_name: str, *, labelled: bool = True) -> Passage:
    """ "Text": the passage that the model reads, after sentences on what it does not know of it."""
    encoder = describe(model_name)[0].encoder
    longest = LONGEST_NUMBERS if kind(encoder) == "numbers" else LONGEST
    text = _text(to_type(encoder), longest, labelled=labelled)
    text = _known(text, encoder)
    commas = about_commas(text, len(encoder.names)) if isinstance(encoder, NumberEncoder) else ""
    if commas:
        st.caption(plain(commas))
    return Passage(text, about_writing() if text else None)


def choose_example(model_name: str) -> None:
    """ "Example": texts that show something, for this model."""
    texts = offered(model_name)
    key = f"example-{model_name}"  # each model's list has a choice of its own

    def pick() -> None:
        if st.session_state[key] is not None:
            take(texts[st.session_state[key]])

    st.selectbox(
        _("Example"),
        list(texts),
        format_func=_,
        index=None,
        key=key,
        placeholder=_("Pick a text that shows something") if texts else _("None for this model"),
        on_change=pick,
        disabled=not texts,
        label_visibility="collapsed",
    )


def _text(placeholder: str, longest: int, *, labelled: bool) -> str:
    """The line or the box labelled "Text", both with the same value; at most `longest` characters are read."""
    _cut(longest)
    if st.session_state["lines"]:
        state.widget(
            st.text_area,
            "text",
            _("Text"),
            height=140 if labelled else 100,
            help=_("Press Ctrl+Enter to read it."),
            kind="box",
            on_change=take_back,
            label_visibility="visible" if labelled else "collapsed",
        )
    else:
        state.widget(
            st.text_input,
            "text",
            _("Text"),
            live=True,
            placeholder=placeholder,
            kind="line",
            on_change=take_back,
            label_visibility="visible" if labelled else "collapsed",
        )
    left_out = st.session_state["left_out"]
    if left_out:
        st.warning(
            _(
                "Only the first {count} characters are read; the last {left_out} are left out. To see those, paste them alone."
            ).format(count=f"{longest:,}", left_out=f"{left_out:,}")
        )
    return str(st.session_state["text"])


def _known(text: str, encoder: Encoder) -> str:
    """The part of the text that the model can read; a sentence says what it does not know. The text box stays as it is.

    A text of which it knows nothing is returned whole: reading it fails with the reason.
    """
    if kept_aside():
        st.caption(_(KEPT_ASIDE))
    known, sentence, left_out = known_in_words(text, encoder)
    if sentence and left_out:
        st.warning(plain(sentence), icon=":material/content_cut:")
    elif sentence:
        st.caption(plain(sentence))
    return known


def known_in_words(text: str, encoder: Encoder) -> tuple[str, str, bool]:
    """The part of the text that the model can read, a sentence on what it does not know, and whether that is left out."""
    known = known_part(encoder, text)
    if known.left_out and not known.share:
        return text, "", False
    return known.text, not_known(known, encoder), known.left_out


def _cut(longest: int) -> None:
    """Before the widget is drawn: drop what is beyond the limit, and remember how much that was."""
    text = st.session_state["text"]
    if len(text) > longest:
        # Set only if necessary: a value set here replaces what the reader may be typing.
        state.set_value("text", text[:longest])
        st.session_state.update({"cut_text": text[:longest], "left_out": len(text) - longest})
    elif text != st.session_state.get("cut_text"):
        st.session_state.update({"cut_text": None, "left_out": 0})


def write_on(writer: str, temperature: float, seed: int) -> None:
    """Let a model generate another portion; with other settings it starts again at the end of the reader's text."""
    same = (writer, temperature, seed) == tuple(st.session_state[key] for key in ("writer", "temperature", "seed"))
    already = (st.session_state["written"] or 0) if same else 0
    values = {"writer": writer, "temperature": temperature, "seed": seed}
    for key, value in (values | {"written": min(already + PORTION, MOST_WRITTEN)}).items():
        state.set_value(key, value)


def writing_asked() -> Writing | None:
    """The continuation that the address or the button "Let it write" asked for."""
    names = model_names()
    state.reset_unless("written")
    asked = st.session_state["writer"]
    state.reset_unless(
        "writer", [name for name in [asked] if name in names and not generation_obstacle(describe(name)[0])]
    )
    state.reset_unless("temperature")
    state.reset_unless("seed")
    writer, count, temperature, seed = (st.session_state[key] for key in ("writer", "written", "temperature", "seed"))
    return None if count is None or writer not in names else Writing(writer, count, temperature, seed)


def about_writing() -> Writing | None:
    """The continuation that was asked for, with a button to remove it."""
    found = writing_asked()
    if found is None:
        return None
    writer, count, temperature, seed = found.writer, found.count, found.temperature, found.seed
    left, right = st.columns([8, 2], vertical_alignment="center")
    sentence = ngettext(
        "The last token was generated by **{model}** (temperature {temperature}, seed {seed}).",
        "The last {count} tokens were generated by **{model}** (temperature {temperature}, seed {seed}).",
        count,
    )
    left.caption(sentence.format(count=count, model=plain(title_of(writer)), temperature=f"{temperature:g}", seed=seed))
    right.button(_("Remove the generated text"), on_click=take_back, icon=":material/undo:", type="tertiary")
    return found


def recorded(model_name: str, passage: Passage) -> Recording | None:
    """The recording to show, or None after a sentence that says why not."""
    if not passage.text:
        noun = step_noun(describe(model_name)[0].encoder)
        about = _("Type a text above, or pick an example, to see every gate at every {token}.").format(token=noun)
        st.info(about, icon=":material/edit:")
        return None
    try:
        return load_recording(model_name, passage)
    except ValueError as error:
        st.warning(_("“{model}” cannot read this text:").format(model=plain(title_of(model_name))))
        st.text(str(error))
        texts = offered(model_name)
        if texts and model_name == st.session_state["model"]:
            st.button(_("Take an example"), on_click=take_instead, args=(model_name,), icon=":material/edit:")
        return None


def recorded_beside(recording: Recording, other: str, passage: Passage) -> Recording | None:
    """The recording of `other` on the same passage, step for step; None after a sentence that says why not."""
    peer = recorded(other, passage)
    if peer is None or len(peer.tokens) == len(recording.tokens):
        return peer
    st.warning(
        _(
            "“{model}” reads this text in {steps} timesteps, not in {wanted}: leave out characters of several bytes, or "
            "choose another model to compare with."
        ).format(model=plain(title_of(other)), steps=f"{len(peer.tokens):,}", wanted=f"{len(recording.tokens):,}")
    )
    return None
