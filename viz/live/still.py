"""A picture of a recording, for where nothing runs: a notebook on GitHub or out of nbconvert."""

import io

import numpy as np
import xarray as xr
from PIL import Image, ImageDraw, ImageFont

from lstm_core import Recording, signals_of
from lstm_core.analysis import most_telling
from viz.theme import cell_type_of, limits, palette, scale, signal_of

__all__ = ["pixels", "still"]

WIDE, LABEL, MARGIN = 900, 130, 12  # pixels
TALL, LETTERS, GAP, HEAD = 66, 24, 4, 28
SCALE = 2  # pixels of the file for each of these
LONGEST = 100  # letters of a title
MOST_LETTERS = 90  # steps that have a letter each


def still(recording: Recording, title: str, *, layer: str = "") -> bytes:
    """A PNG of the most telling units of a layer, the first by default: every signal at every step, in its own colours."""
    shown = recording.layers[layer or next(iter(recording.layers))]
    names = signals_of(shown)
    rows = most_telling(shown)
    height = 2 * MARGIN + HEAD + LETTERS + len(names) * (TALL + GAP)
    base = palette(False)
    picture = Image.new("RGB", ((WIDE + 2 * MARGIN) * SCALE, height * SCALE), base.paper)
    draw = ImageDraw.Draw(picture)
    write = _Writer(draw, base.ink)
    write(title if len(title) <= LONGEST else f"{title[: LONGEST - 3]}...", MARGIN, MARGIN, 15)
    top = MARGIN + HEAD
    _letters(shown, write, top)
    for number, name in enumerate(names):
        signal, y = signal_of(name, cell_type_of(shown)), top + LETTERS + number * (TALL + GAP)
        draw.rectangle([MARGIN * SCALE, y * SCALE, (MARGIN + 4) * SCALE, (y + TALL) * SCALE], signal.colour)
        write(f"{signal.symbol}  {signal.title}", MARGIN + 10, y + TALL / 2 - 9, 13)
        cells = Image.fromarray(pixels(shown[name].isel(unit=rows), dark=False))
        size = ((WIDE - LABEL) * SCALE, TALL * SCALE)
        picture.paste(cells.resize(size, Image.Resampling.NEAREST), ((MARGIN + LABEL) * SCALE, y * SCALE))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def pixels(values: xr.DataArray, *, dark: bool) -> np.ndarray:
    """The colours (unit, step, channel) of a signal, 0 to 255; those of paper where a value is no number."""
    low, high = limits(str(values.name), values)
    stops = scale(str(values.name), dark=dark)
    parts = np.array([_channels(colour) for _position, colour in stops])
    at = (values.transpose("unit", "step").to_numpy() - low) / (high - low)
    places = [position for position, _colour in stops]
    channels = [np.interp(np.nan_to_num(at), places, parts[:, channel]) for channel in range(3)]
    found = np.stack(channels, axis=-1)
    found[~np.isfinite(at)] = _channels(palette(dark).paper)
    return found.round().astype(np.uint8)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _letters(shown: xr.Dataset, write: "_Writer", top: float) -> None:
    steps = shown.sizes["step"]
    if steps > MOST_LETTERS:
        return
    column = (WIDE - LABEL) / steps
    for step, label in enumerate(shown["token"].to_numpy().tolist()):
        write(label, MARGIN + LABEL + column * (step + 0.5), top, min(14, max(6, column)), most=column)


class _Writer:
    """Writes words with Pillow's own font, which has Latin letters; others become a dot."""

    def __init__(self, draw: ImageDraw.ImageDraw, ink: str) -> None:
        self.draw, self.ink = draw, ink

    def __call__(self, words: str, x: float, y: float, size: float, *, most: float | None = None) -> None:
        """At (x, y), or around x where at most `most` pixels are free: cut to what fits there."""
        font = ImageFont.load_default(size * SCALE)
        plain = "".join(letter if letter.isascii() or "\u00a0" < letter < "\u0180" else "·" for letter in words)
        plain = plain.replace("\n", " ")
        if most is not None:
            while plain and self.draw.textlength(plain, font) > most * SCALE:
                plain = plain[:-1]
        self.draw.text((x * SCALE, y * SCALE), plain, self.ink, font, anchor="la" if most is None else "ma")
