"""Charts as pages show them, and their download buttons."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording
from viz.browser.presenting import LARGER, presenting
from viz.figures.enlarged import enlarged
from viz.figures.specification import only_sent
from viz.figures.stack import LEAST_WIDTH, NARROWEST
from viz.locale import _
from viz.shared.exported import about as about_shown
from viz.shared.exports import MAX_ROWS, as_csv, csv_rows, csv_table, standalone_html, zarr_archive
from viz.shared.tables import Table

IMAGES = ("PNG", "SVG")
PROJECTOR = 720  # pixels: the height of the screens that pages are made for
TALLEST = 2.5  # times as high as on such a screen
IMAGE = "image_format"  # in the session


def choose_image_format() -> None:
    """What the button in the corner of every figure saves: pixels, or lines and letters to edit."""
    st.segmented_control(
        _("Image format"),
        IMAGES,
        key=IMAGE,
        default=IMAGES[0],
        help=_("What the camera in a figure's corner saves."),
        required=True,
    )


def show(make: Callable[[], go.Figure], *, key: str, alt: str, grows: float = 0.0) -> None:
    """The figure that `make` draws, at full width; a button in its corner saves it as an image, under a name that says what it shows.

    One that `grows` gets this share of what the window is taller than a projector's, and while it is presented all the height there is.
    """
    shown = about_shown()
    image = str(st.session_state.get(IMAGE) or IMAGES[0]).lower()
    config = {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage", "resetScale2d"]],
        "toImageButtonOptions": {"format": image, "filename": shown.file_name(key, image)[:-4], "scale": 2},
    }
    with only_sent(), enlarged(LARGER if presenting() else 1.0):
        figure = make()
    layout = figure.to_dict()["layout"]
    st.html(f"<style>{_room(key, layout, grows=grows)}</style>")
    st.plotly_chart(figure, key=key, theme=None, config=config, alt=alt, height="stretch" if grows else "content")


def _room(key: str, layout: Mapping[str, Any], *, grows: float) -> str:
    """The style sheet of a chart, which has its place before it is drawn; on a phone it is scrolled sideways in it."""
    least = layout.get("meta", {}).get(LEAST_WIDTH, NARROWEST)
    style = f"@media screen and (max-width: 640px) {{ .st-key-{key} [data-testid=stFullScreenFrame] {{ min-width: {least}px; }} }}"
    if not grows:
        return style
    tall = layout["height"]
    return (
        f"{style} .st-key-{key} {{ height: {tall}px; }} "
        f"@media screen and (min-width: 641px) {{ .st-key-{key} {{ height: clamp({tall}px, {tall}px + {grows} * (100vh - {PROJECTOR}px), {TALLEST * tall:.0f}px); }} }}"
    )


def figure_downloads(
    title: str,
    make: Callable[[], go.Figure],
    *,
    key: str,
    table: Table | None = None,
    others: Sequence[tuple[str, str, Table]] = (),
) -> None:
    """A button for a figure as stand-alone HTML and, with a `table`, one for its numbers; files are made on demand.

    `others` are further tables: the title of each, its key and its numbers.
    """
    shown = about_shown()
    with st.container(horizontal=True):
        st.download_button(
            _("{title} as HTML").format(title=title),
            data=lambda: standalone_html(make(), title, shown),
            file_name=shown.file_name(key, "html"),
            mime="text/html",
            key=f"{key}-html",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
            help=_("One file that works offline. The camera in the figure's corner saves a PNG."),
        )
        if table is not None:
            table_download(title, table, key=key)
        for title_of, key_of, other in others:
            table_download(title_of, other, key=key_of)


def table_download(title: str, table: Table, *, key: str) -> None:
    """A button for a table as CSV, made on demand."""
    too_many = table.rows > MAX_ROWS
    notes = [_("Unrounded numbers: {columns}.").format(columns=table.about)]
    if too_many:
        limit = _("{rows} rows are more than {most}: show fewer steps.")
        notes.append(limit.format(rows=f"{table.rows:,}", most=f"{MAX_ROWS:,}"))
    st.download_button(
        _("{title} as CSV").format(title=title),
        data=lambda: as_csv(table.make()),
        file_name=about_shown().file_name(key, "csv"),
        mime="text/csv",
        key=f"{key}-csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/table:",
        disabled=too_many,
        help=" ".join(notes),
    )


def recording_downloads(
    recording: Recording, layer_name: str, steps: slice, *, boxes: Sequence[DeltaGenerator]
) -> None:
    """Buttons for the recorded numbers: CSV of what is shown, zarr of everything."""
    left, right = boxes
    shown = about_shown()
    rows = csv_rows(recording, layer_name, steps.stop - steps.start)
    too_many = rows > MAX_ROWS
    notes = [_("{rows} rows: layer, step, token, unit, signal, value of the steps shown.").format(rows=f"{rows:,}")]
    if too_many:
        notes.append(_("That is more than {most}: show fewer steps, or use zarr.").format(most=f"{MAX_ROWS:,}"))
    with left:
        st.download_button(
            _("Recording as CSV"),
            data=lambda: csv_table(recording, layer_name, steps),
            file_name=shown.file_name("recording", "csv"),
            mime="text/csv",
            on_click="ignore",
            icon=":material/table:",
            disabled=too_many,
            help=" ".join(notes),
        )
    with right:
        st.download_button(
            _("Recording as zarr (zip)"),
            data=lambda: zarr_archive(recording, shown),
            file_name=shown.file_name("recording", "zarr.zip"),
            mime="application/zip",
            on_click="ignore",
            icon=":material/folder_zip:",
            help=_("All layers and steps, for xarray. Recording.load reads the unpacked folder."),
        )
