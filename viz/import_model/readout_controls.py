"""What an imported file does not say of its readout: the kind of output, and the names."""

from dataclasses import replace

import streamlit as st

from lstm_core import Labels, NextToken, Nothing, Values
from lstm_core.importers import Chain, Head, number_readout, usual_readout
from lstm_core.readouts import Readout
from viz.locale import N_, _, ngettext
from viz.shared.wording import shortened

OUTPUT_KINDS = {"next": N_("the next token"), "labels": N_("labels"), "yes": N_("yes or no"), "values": N_("numbers")}


def choose_readout(chain: Chain, key: str) -> tuple[Head | None, Readout]:
    """ "Its outputs are", if the file does not say; and "Names of its outputs" for labels.

    Linear outputs may be numbers, or logits that the loss turned into probabilities.
    """
    head, readout = chain.head, usual_readout(chain)
    if head is None or isinstance(readout, Nothing):
        return head, readout
    outputs = len(head.weight)
    if head.activation in ("unknown", "linear"):
        fitting = ["next"] * (outputs == chain.classes > 1) + ["labels" if outputs > 1 else "yes", "values"]
        usual = "next" if isinstance(readout, NextToken) else "labels" if isinstance(readout, Labels) else "values"
        asked = st.segmented_control(
            _("Its outputs are"),
            fitting,
            default=usual,
            required=True,
            wrap=True,
            format_func=lambda one: _(OUTPUT_KINDS[one]),
            key=f"output-{key}",
            help=_("The file does not show how the outputs of the last linear layer are used."),
        )
        head = replace(head, activation="sigmoid") if asked == "yes" else head
        readout = _asked(asked, outputs)
    if not isinstance(readout, Labels):
        return head, readout
    given = st.text_input(
        _("Names of its outputs"),
        key=f"labels-{key}",
        placeholder=", ".join(readout.labels[:4]) + (" …" if len(readout.labels) > 4 else ""),
    )
    names = tuple(shortened(name.strip()) for name in given.split(",") if name.strip())
    if not names:
        return head, readout
    if len(names) != len(readout.labels) or len(set(names)) != len(names):
        wanted = _("{count} different names are needed, separated by commas.")
        st.caption(wanted.format(count=len(readout.labels)))
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


def describe_output(readout: Readout) -> str:
    """The model's output, in words."""
    match readout:
        case Nothing():
            return _("none, because the file has no linear layer after these")
        case Labels(labels):
            return _("one of {count} labels").format(count=len(labels))
        case Values(names):
            return ngettext("{count:,} number", "{count:,} numbers", len(names)).format(count=len(names))
        case NextToken():
            return _("the next token")
    return _("which tokens may come next")
