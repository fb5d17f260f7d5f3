"""The model: chosen from the menu, before or after training; what it reads, and what is wrong with it."""

import streamlit as st

from viz.locale import _
from viz.shared import state
from viz.shared.cached import describe, has_untrained, model_names, trained, trained_names
from viz.shared.example_picker import model_chosen
from viz.shared.imported_models import badge, lost_models, own_models
from viz.shared.model_facts import UNTRAINED, grouped, in_a_menu, title_of
from viz.shared.wording import plain, what_it_reads

BEFORE = "before_training"  # in the session: "Before training"; the link has it in the model's name


def choose_model() -> str:
    """ "Model", without its label: the model's name. A text that it cannot use may give way to an example of its own."""
    state.reset_unless("model", model_names())
    menu = _menu(before=st.session_state["model"].endswith(UNTRAINED))
    name = state.widget(
        st.selectbox, "model", _("Model"), list(menu), format_func=menu.__getitem__, label_visibility="collapsed"
    )
    model_chosen(name)
    return str(name)


def _menu(*, before: bool) -> dict[str, str]:
    """A line for each model, in the order of their groups; where the switch is on, for each as it is before training."""
    names = [name for group in grouped(trained_names()).values() for name in group]
    return {
        name + UNTRAINED if before and has_untrained(name) else name: in_a_menu(name, describe(name)[1])
        for name in names
    }


def choose_before() -> None:
    """ "Before training": the same model with its initial parameters, where these are known.

    Compare and Step show a model beside itself before training, so there the switch stands only where a link, or another
    page, has chosen the untrained model, which the reader must be able to leave.
    """
    name = st.session_state["model"]
    before = name.endswith(UNTRAINED)
    if not has_untrained(name) or not (before or st.session_state["page"] not in ("compare", "step")):
        return
    if st.session_state.get(BEFORE) != before:
        state.set_value(BEFORE, before)
    state.widget(
        st.toggle,
        BEFORE,
        _("Before training"),
        on_change=_switched,
        width="content",
    )


def _switched() -> None:
    """The reader has turned "Before training": the same model before, or after, training."""
    take_before(st.session_state[f"{state.WIDGET}{BEFORE}:"])


def take_before(before: bool) -> None:
    """Let all pages show the model as it was before training, or after it."""
    shown = st.session_state["model"]
    name = trained(shown) + UNTRAINED if before and has_untrained(shown) else trained(shown)
    if name != shown:
        state.set_value("model", name)


def chosen_model() -> str:
    """The model of the link, or of the reader; the text is another if this model cannot read the one there was."""
    state.reset_unless("model", model_names())
    model_name = str(st.session_state["model"])
    model_chosen(model_name)
    return model_name


def about_model(model_name: str) -> None:
    """What can be typed for this model, and what to look for in it."""
    config, card = describe(model_name)
    about = f"**{plain(title_of(model_name))}**: {what_it_reads(config)}."
    if card.look_for:
        about += " " + _("**Look for:** {finding}").format(finding=_(card.look_for))
    st.caption(about)
    mine = own_models().get(trained(model_name))
    if mine is not None:
        st.caption(f"{badge(mine)} {plain(mine.parity.line_in(_))}. {plain(mine.source)}.")


def warn_of_model(model_name: str) -> None:
    """What is wrong with the parameters of an imported model, and models of the link that are not here."""
    mine = own_models().get(trained(model_name))
    if mine is not None and not mine.finite:
        st.warning(
            _("Some of this model's parameters are not numbers (NaN or infinite): what depends on them stays blank."),
            icon=":material/warning:",
        )
    if lost_models():
        st.warning(
            _(
                "This link points to an imported model that is no longer on the server (it restarted, or the model was "
                "evicted): open its file again on the page Import."
            ),
            icon=":material/upload_file:",
        )
