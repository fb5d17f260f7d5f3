"""The units of the numbers that an imported model reads and predicts: its own, or those from before a scaler."""

from dataclasses import dataclass, replace

import streamlit as st

from lstm_core import Values
from lstm_core.importers import Chain, ImportedModel, Scaler, input_scaler, output_scaler
from viz.import_model.readout_controls import Output
from viz.locale import N_, _
from viz.shared.wording import plain, shortened

AS_READ, BEFORE = N_("as the model reads them"), N_("as they were before the scaler")


@dataclass(frozen=True)
class Units:
    """The scalers that are applied; None for numbers in the model's own units."""

    read: Scaler | None = None
    predicted: Scaler | None = None

    def of_output(self, output: Output) -> Output:
        """The output with its numbers in these units."""
        if self.predicted is None or not isinstance(output.readout, Values):
            return output
        scaled = replace(output.readout, mean=self.predicted.center, spread=self.predicted.spread)
        return replace(output, readout=scaled)


def choose_units(imported: ImportedModel, chain: Chain, output: Output, key: str) -> Units:
    """ "Units", asked only where a scaler of the model's numbers was saved beside it."""
    if chain.classes:
        return Units()
    features = chain.layouts[0].features
    read = input_scaler(imported.scalers, features)
    predicted = None
    if isinstance(output.readout, Values):
        predicted = output_scaler(imported.scalers, len(output.readout.names), features)
    if read is None and predicted is None:
        return Units()
    asked = st.segmented_control(
        _("Units"),
        [AS_READ, BEFORE],
        default=AS_READ,
        required=True,
        wrap=True,
        key=f"units-{key}",
        format_func=_,
        help=_(
            "A scaler was saved beside the model. With it you can type numbers as they were before they were scaled."
        ),
    )
    if asked == AS_READ:
        return Units()
    if read is not None:
        st.caption(_("Typed numbers are scaled by {name}.").format(name=plain(shortened(read.name))))
    if predicted is not None and predicted is read:
        st.caption(
            _("Its predictions are taken to be scaled in the same way, and are shown in the units of its inputs.")
        )
    elif predicted is not None:
        st.caption(_("Its predictions are turned back by {name}.").format(name=plain(shortened(predicted.name))))
    return Units(read, predicted)
