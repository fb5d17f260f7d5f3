"""Figure to keep: the picture that the browser shows, as Plotly figures made here, with their downloads."""

from lstm_core import Recording, signals_of
from viz.explore.figure import TRACED, Shown, listen, show_heatmaps, show_unit
from viz.live.options import LiveOptions
from viz.shared import controls
from viz.shared.controls import Selection, Window
from viz.shared.downloads import choose_image_format
from viz.shared.passage import Passage
from viz.shared.reading import Reading, load_rows
from viz.shared.text_controls import recorded

MOST_STEPS = 200  # of a long text, its last, unless the reader has zoomed


def keep(model_name: str, passage: Passage, options: LiveOptions) -> None:
    """The same model, layer, signals, rows and steps, by the server's own numbers."""
    recording = recorded(model_name, passage)
    if recording is None:
        return
    choose_image_format()
    layer_name = options["layer"] if options["layer"] in recording.layers else next(iter(recording.layers))
    layer = recording.layers[layer_name]
    signals = [name for name in signals_of(layer) if name in options["signals"]] or list(signals_of(layer))
    window = _window(options, layer.sizes["step"])
    order = load_rows(Reading(model_name, passage, layer_name), options["sort"], options["which"], options["units"])
    shown = Shown(recording, model_name, passage, layer_name, window, signals, order)
    draw = show_heatmaps(shown)
    unit, step = _selected(recording, model_name, layer_name, options, order)
    marked = window.start <= step < window.stop
    selection = Selection(model_name, passage, layer_name, unit, step if marked else window.stop - 1)
    listen(shown, selection, chosen=marked)
    units = controls.choose_units(recording, layer_name, usual=TRACED)
    show_unit(shown, selection, draw, units, chosen=marked)


def _window(options: LiveOptions, steps: int) -> Window:
    start, stop = options["zoom"] or (max(0, steps - MOST_STEPS), steps)
    start = min(start, steps - 1)
    return Window(start, max(min(stop, steps), start + 1))


def _selected(
    recording: Recording, model_name: str, layer_name: str, options: LiveOptions, order: list[int]
) -> tuple[int, int]:
    sizes = recording.layers[layer_name].sizes
    unit = options["unit"]
    if unit is None:
        unit = controls.hinted(recording, layer_name, model_name)
    unit = order[0] if unit is None and order else unit or 0
    step = sizes["step"] - 1 if options["step"] is None else options["step"]
    return min(max(unit, 0), sizes["unit"] - 1), min(max(step, 0), sizes["step"] - 1)
