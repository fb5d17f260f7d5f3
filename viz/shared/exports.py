"""Downloads: recordings and figures, whose names and contents say what they show.

A CSV says it only in its name: comment lines before the header would stop most readers, and columns that are the same in
every row would make it half as large again.
"""

import hashlib
import html
import io
import re
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from lstm_core import Recording, signals_of
from viz.figures.axes import escaped
from viz.shared.model_facts import title_of

MAX_ROWS = 5_000_000  # of a CSV: about 200 MB
LONGEST_SLUG = 40  # characters of a model's name or of a text within a file's name
LONGEST_QUOTE = 80  # characters of the text in a caption
WIDEST = 110  # characters of a line of a caption: some narrow charts have no room for more
NO_BREAK = "\N{NO-BREAK SPACE}"
LINE, ROOM = 15, 14  # pixels: a line of a caption, and the gap between it and the figure
TOOLBAR = 30  # pixels that the toolbar needs above the letters
CAPTION = "caption"  # the name of the annotation, by which it is found


@dataclass(frozen=True)
class About:
    """What an export shows: enough to make the picture again."""

    model_name: str
    text: str
    settings: tuple[tuple[str, str], ...] = ()  # name and value of each, in words
    link: str = ""  # the address without its server

    @property
    def quote(self) -> str:
        """The text on one line, cut if it is long."""
        whole = " ".join(self.text.split())
        return whole if len(whole) <= LONGEST_QUOTE else f"{whole[: LONGEST_QUOTE - 1]}…"

    @property
    def caption(self) -> str:
        """Model, text and settings in one line of plain text."""
        settings = [f"{name}: {value}".replace(" ", NO_BREAK) for name, value in self.settings]
        return " · ".join([maker(), title_of(self.model_name), f"“{self.quote}”", *settings])

    def file_name(self, chart: str, ending: str) -> str:
        """A name of letters, digits and hyphens, which every system accepts, whatever the model and the text are."""
        parts = [
            "gatescope",
            slug(self.model_name) or _digest(self.model_name),
            slug(chart),
            slug(self.text) or _digest(self.text),
        ]
        return f"{'-'.join(parts)}.{ending}"


@cache
def maker() -> str:
    """Gatescope, with its version if it is installed as a package."""
    try:
        return f"Gatescope {metadata.version('gatescope')}"
    except metadata.PackageNotFoundError:
        return "Gatescope"


def slug(text: str) -> str:
    """The words of a text as part of a file's name: at most LONGEST_SLUG characters; empty where it has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text[: 4 * LONGEST_SLUG]).encode("ascii", "ignore").decode().lower()
    joined = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(joined) <= LONGEST_SLUG:
        return joined
    return joined[: LONGEST_SLUG + 1].rpartition("-")[0] or joined[:LONGEST_SLUG]


def _digest(text: str) -> str:
    return f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def csv_table(recording: Recording, layer_name: str, steps: slice) -> bytes:
    """The long table of some steps of one layer, as CSV in UTF-8."""
    return as_csv(recording.to_dataframe(layers=[layer_name], steps=steps))


def as_csv(table: pd.DataFrame) -> bytes:
    """A table in UTF-8, numbers as they are, NaN as an empty field and infinity as inf. Lines end as RFC 4180 has it: else a lone carriage return would not be quoted."""
    return table.to_csv(index=False, lineterminator="\r\n").encode()


def csv_rows(recording: Recording, layer_name: str, steps: int) -> int:
    """The number of rows of that table."""
    shown = recording.layers[layer_name]
    return steps * shown.sizes["unit"] * len(signals_of(shown))


def zarr_archive(recording: Recording, about: About | None = None) -> bytes:
    """The whole recording as a zip; `Recording.load` reads it unpacked. Its prediction's attributes have what is in `about`."""
    if about is not None:
        told = {"model": about.model_name, "text": about.text, "link": about.link, "made_by": maker()}
        recording = Recording(recording.layers, recording.prediction.assign_attrs(told))
    with tempfile.TemporaryDirectory() as scratch:
        store = Path(scratch) / "recording.zarr"
        recording.save(store)
        return Path(shutil.make_archive(str(Path(scratch) / "zip"), "zip", scratch, store.name)).read_bytes()


def caption_below(about: About) -> tuple[dict[str, object], int]:
    """The annotation that says what a figure shows, escaped for Plotly, and how many pixels it needs below the figure.

    The caller moves it below the figure's margin, by `yshift`.
    """
    lines = [escaped(line) for line in wrap(about.caption, WIDEST, break_on_hyphens=False)]
    place = {"x": 0, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "showarrow": False}
    words = {"name": CAPTION, "text": "<br>".join(lines), "align": "left", "font": {"size": 11}}
    return {**words, **place}, LINE * len(lines) + ROOM


def captioned(figure: go.Figure, about: About) -> go.Figure:
    """The same figure with room for a toolbar above and a caption below: what it shows, and what made it."""
    made = go.Figure(figure)
    top, bottom = made.layout.margin.t or 0, made.layout.margin.b or 0
    caption, room = caption_below(about)
    made.add_annotation({**caption, "yshift": -bottom})
    made.update_layout(margin={"t": top + TOOLBAR, "b": bottom + room})
    if made.layout.height:
        made.update_layout(height=made.layout.height + TOOLBAR + room)
    return made


def standalone_html(figure: go.Figure, chart: str, about: About) -> bytes:
    """One HTML file that shows the figure anywhere, even offline; its head names model, text, settings and link."""
    page = io.StringIO()
    config = {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtons": [["toImage", "resetScale2d"]],
        "toImageButtonOptions": {"format": "png", "filename": about.file_name(chart, "png")[:-4], "scale": 2},
    }
    captioned(figure, about).write_html(page, include_plotlyjs=True, full_html=True, config=config)
    title = html.escape(f"{chart}: {title_of(about.model_name)}, “{about.quote}” - Gatescope")
    told = {
        "generator": maker(),
        "model": about.model_name,
        "text": about.text,
        "link": about.link,
        **dict(about.settings),
    }
    described = "".join(
        f'<meta name="{html.escape(name)}" content="{html.escape(value)}">' for name, value in told.items()
    )
    return page.getvalue().replace("<head>", f"<head><title>{title}</title>{described}", 1).encode("utf-8", "replace")
