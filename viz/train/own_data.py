"""The reader's own training data, as a file or pasted into a box; one function reads both."""

import hashlib
from dataclasses import dataclass

import streamlit as st

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
    "text": Box(N_("Or paste a text"), "pasted text.txt", N_("A poem, a page, a program")),
    "sentiment": Box(N_("Or paste sentences"), "pasted sentences.tsv", N_("One per line, then a tab and its label")),
    "forecast": Box(
        N_("Or paste a series"), "pasted series.csv", N_("A name, then one number per line; or a CSV table")
    ),
}


def choose_data(name: str) -> Upload | None:
    """ "Your own file", and a box to paste into: the training data for that task, None for the task's own."""
    given = st.file_uploader(
        _("Your own file"),
        key=f"own-{name}",
        max_upload_size=MAX_FILE_BYTES // 10**6,
        help=_("{file}. Without a file, the task uses its own data.").format(file=_capitalised(_(FILES[name]))),
    )
    box = BOXES[name]
    pasted = st.text_area(
        _(box.label),
        key=f"pasted-{name}",
        placeholder=_(box.placeholder),
        height=120,
        persist_state="session",
        help=_("The text is read like a file. Click outside the box when you are done."),
    )
    content = given.getvalue() if given is not None else (pasted or "").encode("utf-8", "replace")
    if given is not None and (pasted or "").strip():
        st.caption(_("The file is used. Remove it to train on the pasted text."))
    if given is None and not content.strip():
        return None
    return Upload(given.name if given is not None else box.file, content, hashlib.sha256(content).hexdigest())


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
