"""Files to take home: recordings and figures."""

import io
import shutil
import tempfile
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from lstm_core import Recording, signals_of

MAX_ROWS = 5_000_000  # of a CSV: about 200 MB


def csv_table(recording: Recording, layer: str, steps: slice) -> bytes:
    """The long table of some steps of one layer, as CSV in UTF-8."""
    return as_csv(recording.to_dataframe(layers=[layer], steps=steps))


def as_csv(table: pd.DataFrame) -> bytes:
    """A table in UTF-8, numbers as they are, NaN as an empty field and infinity as inf. Lines end as RFC 4180 has it: else a lone carriage return would not be quoted."""
    return table.to_csv(index=False, lineterminator="\r\n").encode()


def csv_rows(recording: Recording, layer: str, steps: int) -> int:
    """How many rows that table has."""
    shown = recording.layers[layer]
    return steps * shown.sizes["unit"] * len(signals_of(shown))


def zarr_archive(recording: Recording) -> bytes:
    """The whole recording as a zip; unpacked, `Recording.load` reads it."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Path(scratch) / "recording.zarr"
        recording.save(store)
        return Path(shutil.make_archive(str(Path(scratch) / "zip"), "zip", scratch, store.name)).read_bytes()


def standalone_html(figure: go.Figure, title: str) -> bytes:
    """One HTML file that shows the figure anywhere, also without a network."""
    page = io.StringIO()
    figure.write_html(page, include_plotlyjs=True, full_html=True, config={"displaylogo": False, "responsive": True})
    return page.getvalue().replace("<head>", f"<head><title>{title}</title>", 1).encode()
