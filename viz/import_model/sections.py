"""What the page Import shows: how to save a model, what was found in a file, and what was opened."""

import pandas as pd
import streamlit as st

from lstm_core.importers import Chain, ImportedModel
from viz.import_model.controls import Plan, reads
from viz.import_model.readout_controls import says
from viz.shared import imported_models
from viz.shared.imported_models import badge
from viz.shared.wording import plain, shortened

CELLS = {"forward": "", "reverse": ", reading backwards", "both": ", both ways"}


# As docs/your_own_model.md has them.
SAVING = {
    "PyTorch": 'torch.save({"state_dict": model.state_dict(), "stoi": stoi}, "mine.pt")',
    "Keras": 'model.save("mine.keras")',
    "ONNX": 'torch.onnx.export(model, example, "mine.onnx", dynamo=False)',
}
MORE = {
    "PyTorch": """
# stoi: {"a": 0, "b": 1, ...}; leave it out if there is none
# or safetensors.torch.save_file(model.state_dict(), "mine.safetensors")""",
    "Keras": "",
    "ONNX": "  # or external_data=False",
}


def how_to_save() -> None:
    st.markdown("**How to save a model for this page**")
    for tab, (framework, line) in zip(st.tabs(list(SAVING)), SAVING.items(), strict=True):
        tab.code(line + MORE[framework])
    st.caption(
        "A state dict is weights alone: no code. Whole pickled models are not read, for reading them means running what is in "
        "them. Vocabularies kept beside the weights (`stoi`, `vocab`, a TextVectorization layer) are found."
    )


def layer_table(chain: Chain) -> pd.DataFrame:
    """The layers from the bottom: what each is called, its cell, its sizes."""
    rows = []
    for number, (layout, source) in enumerate(zip(chain.layouts, chain.sources, strict=True)):
        weights = sum(
            one.size for name, one in chain.weights.items() if name.removesuffix("_reverse").endswith(f"_l{number}")
        )
        rows.append(
            {
                "Layer": number,
                "In the file": shortened(source),
                "Cell": layout.cell.type + CELLS[layout.reading],
                "Reads": layout.features,
                "Units": layout.units,
                "Weights": weights,
            }
        )
    return pd.DataFrame(rows)


def facts(imported: ImportedModel, plan: Plan) -> None:
    source = ""
    if imported.vocabulary and plan.chain.classes:
        source = f"; the file brings a vocabulary ({shortened(imported.vocabulary_from)})"
    st.markdown(
        plain(
            f"Reads {reads(plan.chain, plan.encoder)}{source}. Says {says(plan.readout)}. "
            f"{plan.chain.parameters:,} weights in all."
        )
    )


def list_opened() -> None:
    """What this reader has opened, each with its parity badge."""
    mine = imported_models.own_models()
    if not mine:
        return
    st.markdown("**Opened**")
    for name, one in mine.items():
        st.markdown(f"**{plain(name)}**  {badge(one)}")
        st.caption(plain(f"{one.source}; {one.parity.line}."))
        st.button(
            f"Close {name}",
            key=f"close-{name}",
            on_click=imported_models.unregister_model,
            args=(name,),
            type="tertiary",
            icon=":material/close:",
        )
