"""The numbers that an imported model reads: the widgets that ask for them, and their encoder."""

from dataclasses import replace
from math import pi, sin

import numpy as np
import streamlit as st

from lstm_core import NumberEncoder
from lstm_core.encoders import Encoder
from lstm_core.encoders.number import mean_and_spread
from lstm_core.encoders.typed_numbers import row_typed
from lstm_core.importers import Chain, Scaler, Table, number_encoder, read_numbers
from viz.locale import _, ngettext
from viz.shared.table_controls import choose_gaps, show_notes
from viz.shared.wording import plain, shortened

WAVE = 12  # steps in a period


def choose_numbers(chain: Chain, scaler: Scaler | None, key: str) -> tuple[Encoder, str]:
    """ "Numbers": pasted, or a CSV file; a sine wave if there are none. `scaler` is what they are scaled by."""
    features = chain.layouts[0].features
    wanted = ngettext(
        "One line per timestep, {count} column; or drop a CSV file below",
        "One line per timestep, {count} columns; or drop a CSV file below",
        features,
    )
    given = st.text_area(
        _("Numbers"),
        key=f"numbers-{key}",
        height=120,
        placeholder=wanted.format(count=features),
    )
    file = st.file_uploader(_("CSV file"), key=f"csv-{key}", max_upload_size=5, type=["csv", "tsv", "txt"])
    content = given or (file.getvalue() if file is not None else None)
    encoder = number_encoder(features, scaler)
    if content is None or content == "":
        st.caption(_("Without your own numbers, the input is a sine wave; you can type others on every page."))
        return encoder, wave(features, scaler)
    table = read_numbers(content, features)
    if table.gaps:
        table = read_numbers(content, features, **choose_gaps(table.gaps, table.first_gap))
    show_notes(table.notes)
    standardised = scaler is None and st.checkbox(
        _("Standardise each column"),
        key=f"standardise-{key}",
        help=_("Mean 0, standard deviation 1: use this if the model was trained on standardised inputs."),
    )
    st.caption(
        _("{timesteps} of {numbers}.").format(
            timesteps=ngettext("{count:,} timestep", "{count:,} timesteps", len(table.rows)).format(
                count=len(table.rows)
            ),
            numbers=ngettext("{count:,} number", "{count:,} numbers", features).format(count=features),
        )
    )
    return _named(encoder, table, standardised=standardised), text_of(table)


def _named(encoder: NumberEncoder, table: Table, *, standardised: bool) -> NumberEncoder:
    """The encoder with the table's column names and, if they are standardised, their means and standard deviations."""
    names = tuple(map(shortened, table.names)) if all(table.names) else ()
    found = replace(encoder, names=names or encoder.names)
    if not standardised:
        return found
    mean, spread = mean_and_spread(table.rows)
    constant = [name for name, one in zip(found.names, spread, strict=True) if one == 0]
    if constant:
        st.caption(_("Constant, so read as 0: {columns}.").format(columns=plain(", ".join(constant))))
    return replace(found, mean=tuple(mean.tolist()), spread=tuple((spread + (spread == 0)).tolist()))


def text_of(table: Table) -> str:
    """A table as it is typed on the pages: spaces between steps, colons between the numbers of a step.

    With enough digits for the spread of each column, so that the model reads the table's own series.
    """
    _, spread = mean_and_spread(table.rows)
    spread = np.where(spread > 0, spread, np.maximum(np.abs(table.rows).max(axis=0), 1.0))
    return " ".join(row_typed(row, spread.tolist()) for row in table.rows.tolist())


def wave(features: int, scaler: Scaler | None = None) -> str:
    """Two periods of a sine, each feature a little later than the one before; as it was before the scaler."""
    rows = [
        [round(sin(2 * pi * (step / WAVE - feature / (2 * features))), 2) + 0.0 for feature in range(features)]
        for step in range(2 * WAVE)
    ]
    if scaler is None:
        return " ".join(":".join(f"{number:g}" for number in row) for row in rows)
    scaled = np.array(rows) * scaler.spread + scaler.center
    return " ".join(row_typed(row, scaler.spread) for row in scaled.tolist())
