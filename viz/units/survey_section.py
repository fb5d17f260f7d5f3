"""A text of the reader's own: chosen, read in a process of its own, watched, stopped and gone on with."""

import streamlit as st

from lstm_core.surveys import MAX_FILE_BYTES, Progress
from viz.locale import N_, _
from viz.shared import state
from viz.shared.cached import describe, load_model
from viz.shared.corpora import surveys
from viz.shared.wording import plain, step_nouns

KINDS = ["txt", "md", "py", "csv", "tsv"]
FILE = "survey_file"
LONG = 90  # seconds: from here on in minutes
STATES = {
    "waiting": N_("Another text is read first."),
    "recording": N_("Reading, with this model and with 20 of random weights: {done} of {steps} {tokens}. {left}"),
    "measuring": N_("All is read. Measuring every unit. {left}"),
    "stopped": N_("Stopped. {done} of {steps} {tokens} are recorded and kept ({megabytes} MB)."),
    "interrupted": N_("Interrupted, by a restart of the server. {done} of {steps} {tokens} are recorded and kept ({megabytes} MB)."),
}  # fmt: skip


def choose_corpus(model_name: str) -> None:
    """ "Corpus": the text that is shipped with the model, or a file of the reader's own."""
    survey = st.session_state["corpus"]
    if survey and surveys().look(survey) is None:
        st.warning(_("This link points to a text that is no longer on this server: read it again."))
        state.set_value("corpus", "")
    open_for = st.session_state["corpus"]  # another popover, which is closed, once a text is read
    with st.popover(_("Corpus"), icon=":material/article:", key=f"corpus-{open_for}"):
        if st.session_state["corpus"]:
            st.button(
                _("Back to the held-out text"),
                icon=":material/undo:",
                on_click=state.set_value,
                args=("corpus", ""),
                key="survey-back",
            )
        st.caption(
            _(
                "Read a text of your own with this model, and see what every unit does there: plain text, or a table with a "
                "column “text” (for a model of numbers: with its numbers as columns), up to {size} MB. It is read in a process "
                "of its own; only people with your link can see it."
            ).format(size=MAX_FILE_BYTES // 1_000_000)
        )
        file = st.file_uploader(
            _("Text file"),
            type=KINDS,
            key=FILE,
            max_upload_size=MAX_FILE_BYTES // 1_000_000,
            label_visibility="collapsed",
        )
        if (
            st.button(_("Read this text"), disabled=file is None, type="primary", key="survey-start")
            and file is not None
        ):
            _start(model_name, file.name, file.getvalue())


def _start(model_name: str, name: str, content: bytes) -> None:
    try:
        survey = surveys().start(load_model(model_name), name=name, content=content)
    except ValueError as error:
        st.error(str(error))
        return
    state.set_value("corpus", survey)
    state.set_value("unit", None)
    st.rerun()


def show_survey(model_name: str) -> bool:
    """How far the survey of the link has come, with what can be done; False where there is none, or its cards are there."""
    survey = st.session_state["corpus"]
    folder, now = (surveys().folder(survey), surveys().look(survey)) if survey else (None, None)
    if folder is None or now is None:
        return False
    if folder.request["model"] != load_model(model_name).digest:
        st.info(_("The file {name} was read with another model. Choose that model, or read the file again with this one under “Corpus”.").format(name=plain(folder.request["name"])))  # fmt: skip
        return True
    if now.state == "finished":
        _left_out(now, step_nouns(describe(model_name)[0].encoder))
        return False
    st.markdown(f"**{plain(folder.request['name'])}**")
    _watch(survey, step_nouns(describe(model_name)[0].encoder), was_active=now.active)
    return True


def _left_out(now: Progress, tokens: str) -> None:
    if now.left_out:
        st.caption(
            _("The text is longer than a recording may be here: its last {count} {tokens} were not read.").format(
                count=f"{now.left_out:,}", tokens=tokens
            )
        )


def _watch(survey: str, tokens: str, *, was_active: bool) -> None:
    @st.fragment(run_every=1.0 if was_active else None)
    def watched() -> None:
        now = surveys().look(survey)
        if now is None or (was_active and not now.active):
            st.rerun()
            return
        _show(survey, now, tokens)

    watched()


def _show(survey: str, now: Progress, tokens: str) -> None:
    if now.state == "failed":
        st.error(_("This text could not be read: {reason}").format(reason=plain(now.sentence)))
        return
    folder = surveys().folder(survey)
    megabytes = f"{(folder.size if folder and not now.active else 0) / 1e6:,.0f}"
    sentence = _(STATES[now.state]).format(
        done=f"{now.done:,}",
        steps=f"{now.steps:,}",
        tokens=tokens,
        left=_left(now),
        megabytes=megabytes,
    )
    if now.state in ("recording", "waiting"):
        st.progress(now.done / now.steps if now.steps else 0.0, text=sentence)
    elif now.state == "measuring":
        st.progress(1.0, text=sentence)
    else:
        st.markdown(sentence)
    if now.active:
        st.button(_("Stop"), icon=":material/stop:", on_click=surveys().stop, args=(survey,), key="survey-stop")
    else:
        st.button(
            _("Go on"), icon=":material/play_arrow:", on_click=surveys().resume, args=(survey,), key="survey-resume"
        )


def _left(now: Progress) -> str:
    """How long the reading will still take, or has taken so far."""
    if now.state == "measuring":
        return _("This takes a few times as long as the reading.")
    if not now.rate:
        return ""
    seconds = (now.steps - now.done) / now.rate
    if seconds > LONG:
        return _("About {minutes} minutes left.").format(minutes=f"{seconds / 60:.0f}")
    return _("About {seconds} seconds left.").format(seconds=f"{seconds:.0f}")
