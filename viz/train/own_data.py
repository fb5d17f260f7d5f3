"""The reader's own training data, as a file or pasted into a box; one function reads both."""

import hashlib
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lstm_core.runs import MAX_FILE_BYTES
from lstm_core.tasks import FILES
from viz.locale import N_, _
from viz.train.runs import Upload


@dataclass(frozen=True)
class Box:
    """The box to paste into, of one task."""

    label: str
    file: str  # the name of the file that the pasted text becomes
    placeholder: str


BOXES = {
    "text": Box(
        N_("Your own text"), "pasted text.txt", N_("Paste a text, best of 2,000 characters or more; empty: Python code")
    ),
    "sentiment": Box(N_("Or paste sentences"), "pasted sentences.tsv", N_("One per line, then a tab and its label")),
    "forecast": Box(
        N_("Or paste a series"), "pasted series.csv", N_("A name, then one number per line; or a CSV table")
    ),
}
TALL = 96  # pixels of a box


def paste(name: str) -> str:
    """The box to paste into, of the task of that name: what is in it."""
    box = BOXES[name]
    return (
        st.text_area(
            _(box.label),
            key=f"pasted-{name}",
            placeholder=_(box.placeholder),
            height=TALL,
            persist_state="session",
            help=_(
                "It is read like a file, and empty, the task uses its own data. Click outside the box when you are done. "
                "It is stored in the run's folder on the machine that runs Gatescope, and is not part of the link."
            ),
        )
        or ""
    )


def give_file(name: str) -> UploadedFile | None:
    """ "Your own file"."""
    return st.file_uploader(
        _("Your own file"),
        key=f"own-{name}",
        max_upload_size=MAX_FILE_BYTES // 10**6,
        help=_("{file}. Without a file, the task uses its own data.").format(file=_capitalised(_(FILES[name]))),
    )


def own_data(name: str, pasted: str, given: UploadedFile | None) -> Upload | None:
    """The training data for that task: the file, or else what is in the box; None for the task's own."""
    content = given.getvalue() if given is not None else pasted.encode("utf-8", "replace")
    if given is not None and pasted.strip():
        st.caption(_("The file is used. Remove it to train on the pasted text."))
    if given is None and not content.strip():
        return None
    title = given.name if given is not None else BOXES[name].file
    return Upload(title, content, hashlib.sha256(content).hexdigest())


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
