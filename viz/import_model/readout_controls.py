"""What an imported file leaves open of its readout: what its outputs are, and what they are called."""

from dataclasses import replace

import streamlit as st

from lstm_core import Labels, NextToken, Nothing, Values
from lstm_core.importers import Chain, Head, number_readout, usual_readout
from lstm_core.readouts import Readout
from viz.shared.wording import shortened

SAYS = {"next": "the next token", "labels": "labels", "yes": "yes or no", "values": "numbers"}


def choose_readout(chain: Chain, key: str) -> tuple[Head | None, Readout]:
    """ "Its outputs are", where the file does not tell; and "Names of its outputs" for labels.

    Linear outputs may be numbers, or logits of which a loss made probabilities.
    """
    head, readout = chain.head, usual_readout(chain)
    if head is None or isinstance(readout, Nothing):
        return head, readout
    outputs = len(head.weight)
    if head.activation in ("unknown", "linear"):
        fitting = ["next"] * (outputs == chain.classes > 1) + ["labels" if outputs > 1 else "yes", "values"]
        usual = "next" if isinstance(readout, NextToken) else "labels" if isinstance(readout, Labels) else "values"
        asked = st.segmented_control(
            "Its outputs are",
            fitting,
            default=usual,
            required=True,
            format_func=SAYS.__getitem__,
            key=f"says-{key}",
            help="The file does not show what becomes of the last linear layer's outputs.",
        )
        head = replace(head, activation="sigmoid") if asked == "yes" else head
        readout = _asked(asked, outputs)
    if not isinstance(readout, Labels):
        return head, readout
    given = st.text_input(
        "Names of its outputs",
        key=f"labels-{key}",
        placeholder=", ".join(readout.labels[:4]) + (" …" if len(readout.labels) > 4 else ""),
    )
    names = tuple(shortened(name.strip()) for name in given.split(",") if name.strip())
    if not names:
        return head, readout
    if len(names) != len(readout.labels) or len(set(names)) != len(names):
        st.caption(f"{len(readout.labels)} different names are needed, with commas between them.")
        return head, readout
    return head, Labels(names)


def _asked(asked: str, outputs: int) -> Readout:
    match asked:
        case "next":
            return NextToken()
        case "labels":
            return Labels(tuple(f"class {number}" for number in range(outputs)))
        case "yes":
            return Labels(("no", "yes"))
    return number_readout(outputs)


def says(readout: Readout) -> str:
    """What the readout says, for a reader."""
    match readout:
        case Nothing():
            return "nothing: the file shows no linear layer after them"
        case Labels(labels):
            return f"one of {len(labels)} labels"
        case Values(names):
            return f"{len(names)} number{'s' if len(names) > 1 else ''}"
        case NextToken():
            return "the next token"
    return "which tokens may come next"
