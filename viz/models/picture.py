"""A small picture of a model's gates, for its card."""

import io

from PIL import Image, ImageDraw, ImageFont

from lstm_core import Recording, signals_of
from lstm_core.analysis import most_telling
from viz.live.still import pixels
from viz.theme import cell_type_of, palette, signal_of

MOST_STEPS = 48
WIDE, TALL, GAP, LETTERS, LABEL = 1120, 72, 6, 32, 32  # pixels; a card shows it half as large


def gates_picture(recording: Recording, *, dark: bool) -> bytes:
    """A PNG of the gates of the most telling units of the first layer, over its first steps; of an RNN, its hidden state."""
    shown = next(iter(recording.layers.values())).isel(step=slice(0, MOST_STEPS))
    kind = cell_type_of(shown)
    names = [name for name in signals_of(shown) if signal_of(name, kind).gate] or ["hidden"]
    rows, base = most_telling(shown), palette(dark)
    picture = Image.new("RGB", (WIDE, LETTERS + len(names) * (TALL + GAP) - GAP), base.paper)
    draw = ImageDraw.Draw(picture)
    column = (WIDE - LABEL) / shown.sizes["step"]
    labels = [str(label) for label in shown["token"].to_numpy()]
    if all(len(label) == 1 for label in labels):
        for step, letter in enumerate(labels):
            plain = letter if letter.isascii() or "\u00a0" < letter < "\u0180" else "·"
            draw.text((LABEL + column * (step + 0.5), 0), plain, base.ink, ImageFont.load_default(22), anchor="ma")
    for number, name in enumerate(names):
        top, signal = LETTERS + number * (TALL + GAP), signal_of(name, kind)
        draw.text((LABEL / 2 - 4, top + TALL / 2), signal.symbol, base.ink, ImageFont.load_default(26), anchor="mm")
        cells = Image.fromarray(pixels(shown[name].isel(unit=rows), dark=dark))
        picture.paste(cells.resize((WIDE - LABEL, TALL), Image.Resampling.NEAREST), (LABEL, top))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
