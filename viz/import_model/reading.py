"""The uploader, and the reading of what is dropped on it."""

import hashlib
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lstm_core.importers import ImportedModel, UnreadableFile, largest_file
from lstm_core.importers.sandbox import read_sandboxed
from viz.import_model.controls import FOUND
from viz.import_model.dropped import batches, common_name, meant
from viz.locale import _
from viz.shared.wording import plain

DROPPED = "import_dropped"  # in the session: the numbers of the files that were dropped together, the newest last


def drop() -> list[UploadedFile]:
    """ "Model file": the file, or the files of one model, that were dropped last."""
    try:
        most = largest_file()
    except ValueError as error:
        st.error(plain(str(error)))
        return []
    given = st.file_uploader(
        _("Model file"),
        key="dropped-file",
        max_upload_size=most // 1_000_000,
        accept_multiple_files=True,
    )
    if not given:
        st.caption(
            ".pt .pth .bin .ckpt .pt2 .safetensors .pkl .npz  ·  .keras .h5 .hdf5 (+ .json)  ·  .onnx  ·  .index + .data-00000-of-00001 (+ .meta)"
            "  ·  + scaler.pkl"
        )
    dropped = st.session_state[DROPPED] = batches(st.session_state.get(DROPPED) or [], given)
    return [one for one in given if one in meant(given, dropped)]


def read(given: Sequence[UploadedFile]) -> None:
    """Read a file, or the files of one model, once, when they are dropped."""
    files = {one.name: one.getvalue() for one in given}
    name = common_name(list(files))
    digest = digest_of(files)
    if (st.session_state.get(FOUND) or ("",))[0] == digest:
        return
    with st.spinner(_("Reading the file in a separate process …")):
        try:
            result: ImportedModel | str = read_sandboxed(files, name)
        except UnreadableFile as error:
            result = str(error)
    st.session_state[FOUND] = (digest, name, result)


def digest_of(files: Mapping[str, bytes]) -> str:
    """The same for the same content; of several files their names count, too."""
    if len(files) == 1:
        return hashlib.sha256(next(iter(files.values()))).hexdigest()[:16]
    each = [name.encode() + hashlib.sha256(content).digest() for name, content in sorted(files.items())]
    return hashlib.sha256(b"".join(each)).hexdigest()[:16]
