"""The text that is read: typed, taken from the examples, or written on by a model; and its recording."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lstm_core import NumberEncoder, Recording, generation_obstacle
from lstm_core.encoders import Encoder, known_part
from lstm_core.encoders.typed_numbers import about_commas
from viz.shared import state
from viz.shared.cached import UNTRAINED, describe, load_recording, model_names, unreadable
from viz.shared.example_picker import kept_aside, model_chosen, offered, take, take_back, take_instead
from viz.shared.imported_models import Imported, badge, lost, own
from viz.shared.passage import MOST_WRITTEN, PORTION, Passage, Writing
from viz.shared.wording import kind, not_known, plain, step_noun, to_type, what_it_reads

LONGEST = 20_000  # characters that are read
LONGEST_NUMBERS = 200_000  # characters, of a model that reads numbers: some ten for each


def choose_text(text_box: DeltaGenerator | None = None) -> tuple[str, Passage]:
    """ "Model", "Example", "Several lines" and "Text": the model's name, and the passage it reads.

    The text itself goes into `text_box` where one is given.
    """
    names = model_names()
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        state.reset_unless("model", names)
        model = state.widget(st.selectbox, "model", "Model", names, help=_about_models(names))
    model_chosen(model)
    with middle:
        _examples(model)
    with right:
        needed = "\n" in st.session_state["text"]
        if needed and not st.session_state["lines"]:
            state.set_value("lines", True)
        state.widget(
            st.toggle,
            "lines",
            "Several lines",
            disabled=needed,
            help="This text has several lines." if needed else "A box for pasted text instead of one line.",
        )
    _about(model)
    with text_box or st.container():
        encoder = describe(model)[0].encoder
        text = _text(to_type(encoder), LONGEST_NUMBERS if kind(encoder) == "numbers" else LONGEST)
        text = _known(text, encoder)
        commas = about_commas(text, len(encoder.names)) if isinstance(encoder, NumberEncoder) else ""
        if commas:
            st.caption(plain(commas))
        return model, Passage(text, _writing() if text else None)


def _examples(model: str) -> None:
    """ "Example": texts that show something, for this model."""
    texts = offered(model)
    key = f"example-{model}"  # what another model's list had chosen is none of this one's

    def pick() -> None:
        if st.session_state[key] is not None:
            take(texts[st.session_state[key]])

    st.selectbox(
        "Example",
        list(texts),
        index=None,
        key=key,
        placeholder="Pick a text that shows something" if texts else "None for this model",
        on_change=pick,
        disabled=not texts,
    )


def _about(model: str) -> None:
    """What can be typed for this model, and what there is to see in it."""
    config, card = describe(model)
    look_for = f" **Look for:** {card.look_for}" if card.look_for else ""
    st.caption(f"**{plain(model)}** {what_it_reads(config)}.{look_for}")
    mine = own().get(model.removesuffix(UNTRAINED))
    if mine is not None:
        _about_own(mine)
    if lost():
        st.warning(
            "This link has an imported model that is not held here any more (the server was started anew, or others took "
            "its place): open its file again on the page Import.",
            icon=":material/upload_file:",
        )


def _about_own(mine: Imported) -> None:
    """The parity badge of an imported model, and what is wrong with its weights."""
    st.caption(f"{badge(mine)} {plain(mine.parity.line)}. {plain(mine.source)}.")
    if not mine.finite:
        st.warning(
            "Some of this model's weights are not numbers (NaN or infinite): what depends on them stays blank.",
            icon=":material/warning:",
        )


def _text(placeholder: str, longest: int) -> str:
    """The line or the box labelled "Text", both with one value; at most `longest` characters of it are read."""
    _cut(longest)
    if st.session_state["lines"]:
        state.widget(
            st.text_area,
            "text",
            "Text",
            height=140,
            help="Press Ctrl+Enter to read it.",
            kind="box",
            on_change=take_back,
        )
    else:
        state.widget(
            st.text_input, "text", "Text", live=True, placeholder=placeholder, kind="line", on_change=take_back
        )
    left_out = st.session_state["left_out"]
    if left_out:
        st.warning(
            f"Only the first {longest:,} characters are read: the last {left_out:,} were left out. "
            "To see those, paste them alone."
        )
    return str(st.session_state["text"])


def _known(text: str, encoder: Encoder) -> str:
    """What is read of the text in the box, which stays as it is; a sentence says what the model does not know of it.

    A text of which it knows nothing is given back whole: whoever reads it says why it cannot.
    """
    known = known_part(encoder, text)
    if kept_aside():
        st.caption(
            "This model cannot read your own text, so an example stands here. Yours comes back with a model that reads it."
        )
    if known.left_out and not known.share:
        return text
    sentence = plain(not_known(known, encoder))
    if known.left_out and sentence:
        st.warning(sentence, icon=":material/content_cut:")
    elif sentence:
        st.caption(sentence)
    return known.text


def _cut(longest: int) -> None:
    """Before the widget is drawn: drop what is too long to read, and remember how much that was."""
    text = st.session_state["text"]
    if len(text) > longest:
        # Set only when it must be: what is set here replaces what the reader may be typing meanwhile.
        state.set_value("text", text[:longest])
        st.session_state.update({"cut_text": text[:longest], "left_out": len(text) - longest})
    elif text != st.session_state.get("cut_text"):
        st.session_state.update({"cut_text": None, "left_out": 0})


def write_on(writer: str, temperature: float, seed: int) -> None:
    """Let a model write a portion more than it has; another way of writing begins anew at the text's end."""
    same = (writer, temperature, seed) == tuple(st.session_state[key] for key in ("writer", "temperature", "seed"))
    already = (st.session_state["written"] or 0) if same else 0
    values = {"writer": writer, "temperature": temperature, "seed": seed}
    for key, value in (values | {"written": min(already + PORTION, MOST_WRITTEN)}).items():
        state.set_value(key, value)


def _writing() -> Writing | None:
    """What the address or the button "Let it write" asked for, with a way back."""
    names = model_names()
    state.reset_unless("written")
    asked = st.session_state["writer"]
    state.reset_unless(
        "writer", [name for name in [asked] if name in names and not generation_obstacle(describe(name)[0])]
    )
    state.reset_unless("temperature")
    state.reset_unless("seed")
    writer, count, temperature, seed = (st.session_state[key] for key in ("writer", "written", "temperature", "seed"))
    if count is None or writer not in names:
        return None
    left, right = st.columns([8, 2], vertical_alignment="center")
    left.caption(
        f"The last {count} tokens were written by **{plain(writer)}** (temperature {temperature:g}, seed {seed})."
    )
    right.button("Take it back", on_click=take_back, icon=":material/undo:", type="tertiary")
    return Writing(writer, count, temperature, seed)


def recorded(model: str, passage: Passage) -> Recording | None:
    """The recording to show, or None after a sentence that says why there is none."""
    if not passage.text:
        noun = step_noun(describe(model)[0].encoder)
        st.info(f"Type a text above, or pick an example, to see every gate at every {noun}.", icon=":material/edit:")
        return None
    try:
        return load_recording(model, passage)
    except ValueError as error:
        st.warning(f"This text cannot be read by {plain(model)}:")
        st.text(str(error))
        texts = offered(model)
        if texts and model == st.session_state["model"]:
            st.button("Take an example", on_click=take_instead, args=(model,), icon=":material/edit:")
        return None


def recorded_beside(recording: Recording, other: str, passage: Passage) -> Recording | None:
    """What `other` did with the same passage, step for step; None after a sentence that says why there is nothing."""
    peer = recorded(other, passage)
    if peer is None or len(peer.tokens) == len(recording.tokens):
        return peer
    st.warning(
        f"{plain(other)} reads this text in {len(peer.tokens):,} steps, not in {len(recording.tokens):,}: "
        "leave out characters of several bytes, or choose another model to compare with."
    )
    return None


def _about_models(names: list[str]) -> str:
    summaries = {name: describe(name)[1].summary for name in names if not name.endswith(UNTRAINED)}
    lines = [f"- **{plain(name)}**: {plain(summary)}" for name, summary in summaries.items() if summary]
    lines += [f"- **{plain(name)}** cannot be opened: {plain(why)}" for name, why in unreadable().items()]
    return "\n".join([*lines, "- **(untrained)**: the very weights a model had before training."])
