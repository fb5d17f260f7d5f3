"""What an imported file does not say of its readout: the kind of output, and the names."""

from dataclasses import dataclass, replace

import streamlit as st

from lstm_core import Labels, NextToken, Nothing, Values
from lstm_core.importers import Chain, Head, number_readout, usual_readout
from lstm_core.readouts import Between, Readout
from viz.locale import N_, _, ngettext
from viz.shared.wording import plain, shortened

OUTPUT_KINDS = {"next": N_("the next token"), "labels": N_("labels"), "yes": N_("yes or no"), "values": N_("numbers")}
BETWEEN: dict[Between, str] = {
    "nothing": N_("nothing"),
    "relu": N_("ReLU"),
    "last": N_("the last step only"),
    "mean": N_("mean over steps"),
    "max": N_("maximum over steps"),
}
OF_A_WHOLE = {  # of a model that was trained to predict something of a whole sequence: what its predictions at each step are
    "last": N_(
        "It was trained to predict after the last step alone; before that, it shows what it would predict there."
    ),
    "mean": N_("It reads the mean over all steps; before the last, the mean over the steps so far."),
    "max": N_("It reads the maximum over all steps; before the last, the maximum over the steps so far."),
}


@dataclass(frozen=True, eq=False)
class Output:
    """What is done with the output of the layers."""

    head: Head | None
    readout: Readout
    between: Between | None = None


def choose_readout(chain: Chain, key: str) -> Output:
    """ "Its outputs are" and "What stands between?", if the file does not say; and "Names of its outputs" for labels.

    Linear outputs may be numbers, or logits that the loss turned into probabilities.
    """
    head = chain.head
    readout = usual_readout(chain, "nothing")
    if head is None or isinstance(readout, Nothing):
        return Output(head, readout)
    between: Between | None = None
    if head.activation in ("unknown", "linear"):
        untold = head.between is None
        head, readout = _choose_kind(chain, head, readout, key)
        if untold and not isinstance(readout, NextToken):
            between = _choose_between(head, key)
            if between is None:
                return Output(head, Nothing())
    return Output(head, _choose_names(readout, key) if isinstance(readout, Labels) else readout, between)


def _choose_kind(chain: Chain, head: Head, usual: Readout, key: str) -> tuple[Head, Readout]:
    """ "Its outputs are", the likelier first."""
    outputs = len(head.weight)
    kinds = ["labels" if outputs > 1 else "yes", "values"]
    if isinstance(usual, Values):
        kinds.reverse()
    asked = st.segmented_control(
        _("Its outputs are"),
        ["next"] * (outputs == chain.classes > 1) + kinds,
        default="next" if isinstance(usual, NextToken) else kinds[0],
        required=True,
        wrap=True,
        format_func=lambda one: _(OUTPUT_KINDS[one]),
        key=f"output-{key}",
        help=_("The file does not show how the outputs of the last linear layer are used."),
    )
    return replace(head, activation="sigmoid") if asked == "yes" else head, _asked(asked, outputs)


def _choose_between(head: Head, key: str) -> Between | None:
    """ "What stands between?": what no file of weights shows. None until it is said."""
    asked: Between | None = st.segmented_control(
        _("What stands between?"),
        list(BETWEEN),
        wrap=True,
        format_func=lambda one: _(BETWEEN[one]),
        key=f"between-{key}",
        help=_(
            "What your model computes between its last recurrent layer and {layer}: weights alone do not show it, and a "
            "prediction without it would be wrong."
        ).format(layer=plain(shortened(head.name))),
    )
    if asked is None:
        st.caption(_("Until this is answered, no prediction is shown."))
    return asked


def _choose_names(readout: Labels, key: str) -> Labels:
    """ "Names of its outputs"."""
    given = st.text_input(
        _("Names of its outputs"),
        key=f"labels-{key}",
        placeholder=", ".join(readout.labels[:4]) + (" …" if len(readout.labels) > 4 else ""),
    )
    names = tuple(shortened(name.strip()) for name in given.split(",") if name.strip())
    if not names:
        return readout
    if len(names) != len(readout.labels) or len(set(names)) != len(names):
        wanted = _("{count} different names are needed, separated by commas.")
        st.caption(wanted.format(count=len(readout.labels)))
        return readout
    return Labels(names)


def _asked(asked: str, outputs: int) -> Readout:
    match asked:
        case "next":
            return NextToken()
        case "labels":
            return Labels(tuple(f"class {number}" for number in range(outputs)))
        case "yes":
            return Labels(("no", "yes"))
    return number_readout(outputs)


def describe_output(output: Output) -> str:
    """The model's output, in words."""
    match output.readout:
        case Nothing():
            if output.head is not None:
                return _("not shown, until it is known what stands before {layer}").format(
                    layer=plain(shortened(output.head.name))
                )
            return _("none, because the file has no linear layer that surely reads these")
        case Labels(labels):
            return _("one of {count} labels").format(count=len(labels))
        case Values(names):
            return ngettext("{count:,} number", "{count:,} numbers", len(names)).format(count=len(names))
        case NextToken():
            return _("the next token")
    return _("which tokens may come next")
