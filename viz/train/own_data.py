"""What a reader gives to learn from, dropped in as a file or pasted into a box; both are read by one function."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from lstm_core.runs import LARGEST_FILE
from lstm_core.tasks import FILES
from viz.train.runs import Upload


@dataclass(frozen=True)
class Box:
    """The box to paste into, of one task."""

    label: str
    file: str  # what is pasted becomes a file of this name
    placeholder: str


BOXES = {
    "text": Box("Or paste a text", "pasted text.txt", "A poem, a page, a program"),
    "sentiment": Box("Or paste sentences", "pasted sentences.tsv", "One a line, with a tab and its label"),
    "forecast": Box("Or paste a series", "pasted series.csv", "A name, then one number a line; or a table as CSV"),
}


def choose_data(name: str) -> Upload | None:
    """ "Your own file", and a box to paste into: what the task of that name is to learn from, None for its own data."""
    given = st.file_uploader(
        "Your own file",
        key=f"own-{name}",
        max_upload_size=LARGEST_FILE // 10**6,
        help=f"{FILES[name][0].upper()}{FILES[name][1:]}. Without one, the task brings its own.",
    )
    box = BOXES[name]
    pasted = st.text_area(
        box.label,
        key=f"pasted-{name}",
        placeholder=box.placeholder,
        height=120,
        persist_state="session",
        help="It is read as a file with the same content would be. Click outside the box when you are done.",
    )
    content = given.getvalue() if given is not None else (pasted or "").encode("utf-8", "replace")
    if given is not None and (pasted or "").strip():
        st.caption("The file is used. Remove it to train on what you pasted.")
    if given is None and not content.strip():
        return None
    return Upload(given.name if given is not None else box.file, content, hashlib.sha256(content).hexdigest())
