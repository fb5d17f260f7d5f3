"""The sections of the page Import: how to save a model, the contents of a file, and the opened models."""

import pandas as pd
import streamlit as st

from lstm_core.importers import Chain, ImportedModel
from viz.import_model.controls import Plan, reads
from viz.import_model.readout_controls import describe_output
from viz.locale import N_, _
from viz.shared import imported_models
from viz.shared.imported_models import Imported, badge
from viz.shared.wording import layers_in_words, plain, shortened

CELLS = {"forward": "{cell}", "reverse": N_("{cell}, reading backwards"), "both": N_("{cell}, bidirectional")}

# As docs/your_own_model.md has them.
SAVING = {
    "PyTorch": 'torch.save({"state_dict": model.state_dict(), "stoi": stoi}, "mine.pt")',
    "Keras": 'model.save("mine.keras")',
    "ONNX": 'torch.onnx.export(model, example, "mine.onnx", dynamo=False)',
    "TensorFlow": 'tf.compat.v1.train.Saver().save(session, "./mine.ckpt")',
}
MORE = {
    "PyTorch": N_(
        '\n# stoi: {"a": 0, "b": 1, ...}; leave it out if there is none'
        '\n# or safetensors.torch.save_file(model.state_dict(), "mine.safetensors")'
    ),
    "Keras": "",
    "ONNX": N_("  # or external_data=False"),
    "TensorFlow": N_(
        "\n# drop mine.ckpt.index, mine.ckpt.data-00000-of-00001 and mine.ckpt.meta together"
        "\n# or a SavedModel: its folder, or the folder as a zip"
    ),
}


def how_to_save() -> None:
    """Ends with the tabs, which take the room of all of them until they are drawn: nothing below may move."""
    st.markdown(_("**How to save a model for this page**"))
    st.caption(
        _(
            "A state dict has parameters and no code. A whole pickled model opens too, but only its parameters are read: "
            "its code is never run. "
            "Vocabularies saved with the parameters (stoi, vocab, a TextVectorization layer) are found."
        )
    )
    for tab, (framework, line) in zip(st.tabs(list(SAVING)), SAVING.items(), strict=True):
        tab.code(line + _(MORE[framework]), language=None)  # the colours of code have too little contrast


def layer_table(chain: Chain) -> pd.DataFrame:
    """The layers from the bottom up: name, cell and sizes."""
    rows = []
    for number, (layout, source) in enumerate(zip(chain.layouts, chain.sources, strict=True)):
        parameters = sum(
            one.size for name, one in chain.weights.items() if name.removesuffix("_reverse").endswith(f"_l{number}")
        )
        rows.append(
            {
                _("Layer"): number,
                _("In the file"): shortened(source),
                _("Cell"): _(CELLS[layout.reading]).format(cell=layout.cell.type),
                _("Inputs"): layout.features,
                _("Units"): layout.units,
                _("Parameters"): parameters,
            }
        )
    return pd.DataFrame(rows)


def show_found(imported: ImportedModel, plan: Plan, one: Imported | str, file_name: str) -> None:
    """What the file holds: its layers, input and output, and whether its numbers have been verified."""
    verified = badge(one) if isinstance(one, Imported) else ""
    found = _("**Found: {format}** in {file}.").format(format=plain(imported.format), file=plain(shortened(file_name)))
    st.markdown(f"{found} {verified}")
    st.caption(plain(" ".join(facts(imported, plan, one))))


def show_layers(chain: Chain) -> None:
    with st.expander(_("Its layers")):
        st.dataframe(layer_table(chain), hide_index=True, width="stretch")


def facts(imported: ImportedModel, plan: Plan, one: Imported | str) -> list[str]:
    """Sentences about the network, in the order in which a text goes through it."""
    notes = [
        _("Input: {input}.").format(input=reads(plan.chain, plan.encoder)),
        _("Output: {output}.").format(output=describe_output(plan.output)),
        _("{count:,} parameters.").format(count=plan.chain.parameters),
    ]
    if imported.vocabulary and plan.chain.classes:
        found = _("The file has a vocabulary ({place}).")
        notes.insert(1, found.format(place=shortened(imported.vocabulary_from)))
    if imported.whole:
        notes.insert(0, _("The file is a whole model of class {name}.").format(name=shortened(imported.whole)))
    if isinstance(one, Imported):
        layers = layers_in_words(one.model.config)
        notes.insert(0, f"{layers[0].upper()}{layers[1:]}.")
        line = one.parity.line_in(_)
        notes.append(f"{line[0].upper()}{line[1:]}.")
    return notes


def list_opened() -> None:
    """The reader's opened models, each with its parity badge."""
    mine = imported_models.own_models()
    if not mine:
        return
    st.markdown(_("**Opened**"))
    for name, one in mine.items():
        st.markdown(f"**{plain(name)}**  {badge(one)}")
        st.caption(plain(f"{one.source}; {one.parity.line_in(_)}."))
        st.button(
            _("Close {name}").format(name=name),
            key=f"close-{name}",
            on_click=imported_models.unregister_model,
            args=(name,),
            type="tertiary",
            icon=":material/close:",
        )
