"""From a file and the reader's answers to a model for every page."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from lstm_core import Card
from lstm_core.importers import ImportedModel, build_model, parity
from viz.import_model.controls import Plan
from viz.import_model.readout_controls import OF_A_WHOLE
from viz.locale import N_, _
from viz.shared import imported_models
from viz.shared.cached import reading_obstacle
from viz.shared.example_picker import take_imported
from viz.shared.imported_models import Imported
from viz.shared.wording import shortened

PAGES = Path(__file__).parents[1]
MADE = "import_made"  # in the session: (what it was made of, the model or why there is none)


def made(imported: ImportedModel, plan: Plan, digest: str, file_name: str) -> Imported | str:
    """The model of that file and plan, or in a sentence why there is none. The last one is kept."""
    chain = plan.chain
    of = (digest, file_name, chain.name, chain.layouts, chain.one_hot, chain.head and chain.head.activation)
    state = tuple(one.tobytes() for name, one in chain.weights.items() if name.startswith("initial_"))
    key = (*of, state, plan.encoder, plan.output.readout, plan.output.between, plan.example)
    known = st.session_state.get(MADE)
    if known is None or known[0] != key:
        with st.spinner(_("Opening …")):
            try:
                known = key, _made(imported, plan, file_name)
            except ValueError as error:
                known = key, str(error)
        st.session_state[MADE] = known
    found: Imported | str = known[1]
    return found


def _made(imported: ImportedModel, plan: Plan, file_name: str) -> Imported:
    """Raises ValueError, one sentence, where the plan does not fit the model or its example is too long."""
    model = build_model(plan.chain, encoder=plan.encoder, readout=plan.output.readout, between=plan.output.between)
    title = imported_models.title_of(file_name)
    model.card = described(title, file_name, imported, plan)
    tokens = model.encode(plan.example)
    too_much = reading_obstacle(model, len(tokens))
    if too_much:
        raise ValueError(too_much)
    return Imported(
        title=title,
        model=model,
        framework=imported.initialised_by or imported.framework,
        source=_("{framework}: {layers} of {file}").format(
            framework=imported.framework, layers=shortened(plan.chain.name), file=shortened(file_name)
        ),
        parity=parity(model, tokens, imported.framework),
        finite=plan.chain.finite,
        whole=imported.whole,
        given=tuple(plan.chain.given),
    )


def open_model(one: Imported, typed: str, page: str) -> None:
    """Make it a model for this reader on every page, on the text that was typed for it, and go to `page`."""
    name = imported_models.register_model(replace(one))  # each time another, which can be closed alone
    take_imported(name, typed)
    st.switch_page(PAGES / page / "page.py")


def described(title: str, file_name: str, imported: ImportedModel, plan: Plan) -> Card:
    summary = _("Your own file {file}: {format}.").format(file=shortened(file_name), format=imported.format)
    if plan.output.between in OF_A_WHOLE:
        summary = f"{summary} {_(OF_A_WHOLE[plan.output.between])}"
    return Card(name=title, summary=summary, examples={N_("A first look"): plan.example})
