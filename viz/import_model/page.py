"""Import: a reader's own model file, its contents, and the questions that it leaves open."""

import hashlib

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lstm_core.importers import ImportedModel, UnreadableFile, largest_file
from lstm_core.importers.sandbox import read_sandboxed
from viz.import_model.controls import FOUND, choose_chain, choose_reading
from viz.import_model.opening import open_model
from viz.import_model.sections import facts, how_to_save, layer_table, list_opened
from viz.locale import _
from viz.shared import state
from viz.shared.wording import plain, shortened


def page() -> None:
    state.begin("import")
    st.title(_("See the gates of your own model"), anchor=False)
    st.caption(
        _(
            "Drop a PyTorch, Keras or ONNX file, and every page shows the model's gates on your text. The file is read in a "
            "separate process, and no code in it runs. Only people with your link can see it."
        )
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        given = drop()
    with right:
        if given is not None:
            read(given)
        found = st.session_state.get(FOUND)
        if found is None:
            how_to_save()
        elif isinstance(found[2], str):
            st.error(plain(f"{shortened(found[1])}: {found[2]}"), icon=":material/error:")
            how_to_save()
        else:
            offer(*found)
    with left:
        list_opened()
    state.finish()


def drop() -> UploadedFile | None:
    """ "Model file"."""
    try:
        most = largest_file()
    except ValueError as error:
        st.error(plain(str(error)))
        return None
    given = st.file_uploader(
        _("Model file"),
        key="dropped-file",
        max_upload_size=most // 1_000_000,
    )
    st.caption(".pt .pth .bin .ckpt .pt2 .safetensors  ·  .keras .h5 .hdf5  ·  .onnx")
    return given


def read(given: UploadedFile) -> None:
    """Read a file once, when it is dropped."""
    content = given.getvalue()
    digest = hashlib.sha256(content).hexdigest()[:16]
    if (st.session_state.get(FOUND) or ("",))[0] == digest:
        return
    with st.spinner(_("Reading the file in a separate process …")):
        try:
            result: ImportedModel | str = read_sandboxed(content, given.name)
        except UnreadableFile as error:
            result = str(error)
    st.session_state[FOUND] = (digest, given.name, result)


def offer(digest: str, file_name: str, imported: ImportedModel) -> None:
    """The file's contents, the open questions, and "Open"."""
    st.subheader(_("Found: {format}").format(format=plain(imported.format)), anchor=False)
    st.caption(_("In {file}.").format(file=plain(shortened(file_name))))
    for note in imported.notes:
        st.caption(plain(note))
    chain = choose_chain(imported, digest)
    st.dataframe(layer_table(chain), hide_index=True, width="stretch")
    for note in chain.notes:
        st.caption(plain(note))
    if not chain.finite:
        st.warning(
            _(
                "Some parameters are not numbers (NaN or infinite). The model still opens; what depends on them stays blank."
            ),
            icon=":material/warning:",
        )
    plan = choose_reading(imported, chain, digest)
    facts(imported, plan)
    if plan.problem:
        st.info(plain(plan.problem[0].upper() + plan.problem[1:] + "."), icon=":material/edit:")
    # With the file in its key, a press opens the file that the reader saw, not one that was read meanwhile.
    if st.button(
        _("Open"),
        key=f"open-{digest}",
        type="primary",
        icon=":material/open_in_new:",
        disabled=plan.encoder is None,
    ):
        open_model(imported, plan, file_name)


page()
