"""From a file and the reader's answers to a model for every page."""

from pathlib import Path

import streamlit as st

from lstm_core import Card
from lstm_core.importers import ImportedModel, build_model, parity
from viz.import_model.controls import Plan
from viz.locale import N_, _
from viz.shared import imported_models
from viz.shared.cached import reading_obstacle
from viz.shared.example_picker import take_imported
from viz.shared.imported_models import Imported
from viz.shared.wording import plain, shortened

EXPLORE = Path(__file__).parents[1] / "explore" / "page.py"


def open_model(imported: ImportedModel, plan: Plan, file_name: str) -> None:
    """Make it a model for this reader on every page, and go to Explore."""
    with st.spinner(_("Opening …")):
        try:
            model = build_model(plan.chain, encoder=plan.encoder, readout=plan.readout)
            title = imported_models.title_of(file_name)
            model.card = described(title, file_name, imported, plan)
            tokens = model.encode(plan.example)
            too_much = reading_obstacle(model, len(tokens))
            if too_much:
                raise ValueError(too_much)
            found = parity(model, tokens, imported.framework)
        except ValueError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
    name = imported_models.register_model(
        Imported(
            title=title,
            model=model,
            framework=imported.initialised_by or imported.framework,
            source=_("{framework}: {layers} of {file}").format(
                framework=imported.framework, layers=shortened(plan.chain.name), file=shortened(file_name)
            ),
            parity=found,
            finite=plan.chain.finite,
        )
    )
    take_imported(name, plan.typed)
    st.switch_page(EXPLORE)


def described(title: str, file_name: str, imported: ImportedModel, plan: Plan) -> Card:
    summary = _("Your own file {file}: {format}.").format(file=shortened(file_name), format=imported.format)
    return Card(name=title, summary=summary, examples={N_("A first look"): plan.example})
