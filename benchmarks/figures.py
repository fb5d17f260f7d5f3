"""How long does each figure of Memory, Gradients and What if take to draw, compared with the heatmaps of Explore?

Medians over RUNS runs, all in turn: the figure made from its arrays and written as the JSON that goes to the browser, in one
process; and there read and painted by Plotly, in this machine's Chromium. For 200 characters and 256 units of the zoo's
model shakespeare. Target: both together at most 1.5 times Explore's six heatmaps.
"""

import statistics
from collections.abc import Callable, Sequence
from functools import partial

import plotly.graph_objects as go
import plotly.io as pio
from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs

import pretrained
from benchmarks.browser import find_browser
from benchmarks.machine import machine
from benchmarks.page import FLAGS
from benchmarks.recording import RUNS, medians
from lstm_core import GATES, SIGNALS, Intervention, record
from lstm_core import analysis as ask
from viz import figures
from viz.figures.decays import Curve
from viz.shared.prediction_text import prediction_panels

TEXT = ("She said 'I know not what to say', and then 'Farewell, my lord', and he was gone.\n" * 3)[:200]
UNIT, STEP, LAYER, TARGET = 108, 190, "layer0", 1.5


def drawings() -> dict[str, Callable[[], go.Figure]]:
    """Every figure by what it is called on its page, with its arrays worked out beforehand."""
    model, before = (make("shakespeare", device="cpu") for make in (pretrained.load, pretrained.untrained))
    recording = record(model, TEXT)
    layer, prediction = recording.layers[LAYER], recording.prediction
    order = ask.row_order(layer["hidden"], "variability")
    ledger, remembered = ask.ledger(layer, STEP), ask.remembered(layer, 10)
    shares = [ask.unit_saturation(one) for one in (layer, record(before, TEXT).layers[LAYER])]
    features = ask.text_features(recording)
    best = ask.best_followers(ask.feature_selectivity(layer, features[["upper case"]], signals=["cell"]), count=10)
    gradient = ask.gradients(model, TEXT, layer=LAYER, target=ask.Target(STEP))
    fading = [Curve(name, norm) for name, norm in ask.decay(ask.paths(gradient, layer)).items()]
    altered = record(model, TEXT, interventions=[Intervention(LAYER, "forget", 0.5, units=(UNIT,))])
    change = ask.change(recording, altered)
    *_, last = ask.knock_out(model, TEXT[:20], LAYER)
    pair, titles = (layer, altered.layers[LAYER]), ("as it is", "changed")
    return {
        "Explore: six heatmaps": lambda: figures.heatmaps(
            layer, signals=SIGNALS, order=order, **prediction_panels(prediction, slice(None))
        ),
        "Memory: ledger": lambda: figures.ledger(ledger, unit=UNIT, order=order),
        "Memory: who remembers a token": lambda: figures.remembered(remembered, units=range(6), chosen=3),
        "Memory: timescale": lambda: figures.timescale(ask.timescale(layer), chosen=UNIT),
        "Memory: half-life at each step": lambda: figures.half_lives(
            layer["forget"].sel(unit=UNIT), steps=len(TEXT), selected=STEP
        ),
        "Memory: open and shut": lambda: figures.saturation_points(
            shares, titles=("trained", "untrained"), chosen=UNIT
        ),
        "Memory: who follows a feature": lambda: figures.following(best, untrained=0.6),
        "Memory: unit and feature": lambda: figures.followed(layer["cell"].sel(unit=UNIT), features["upper case"]),
        "Gradients: map": lambda: figures.gradient_map(
            gradient["cell"], signal="cell", symbol="c", order=order, target=STEP
        ),
        "Gradients: ways": lambda: figures.decays(fading, shares=True),
        "What if: three signals compared": lambda: figures.comparison(
            *pair, titles=titles, signals=("forget", "cell", "hidden"), order=order
        ),
        "What if: four signals compared": lambda: figures.comparison(
            *pair, titles=titles, signals=(*GATES, "cell"), order=order
        ),
        "What if: all six signals compared": lambda: figures.comparison(
            *pair, titles=titles, signals=SIGNALS, order=order
        ),
        "What if: predictions and cost": lambda: figures.what_if_change(change),
        "What if: before and after": lambda: figures.before_after(prediction, altered.prediction, step=STEP),
        "What if: ranking": lambda: figures.knocked_out(last.effect, chosen=[UNIT]),
    }


def written(draw: Callable[[], go.Figure]) -> str:
    """A figure as the browser gets it."""
    return str(pio.to_json(draw(), validate=False))


PAINT = """async (text) => {
    const place = document.getElementById('figure'), began = performance.now(), figure = JSON.parse(text);
    await Plotly.newPlot(place, figure.data, figure.layout, {displaylogo: false});
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const took = performance.now() - began;
    Plotly.purge(place);
    return took / 1000;
}"""


def painted(texts: Sequence[str]) -> list[float]:
    """How many seconds does the browser take from each text to its picture?"""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_content('<div id="figure" style="width: 1200px"></div>')
        page.add_script_tag(content=get_plotlyjs())
        times = [[float(page.evaluate(PAINT, text)) for text in texts] for _ in range(RUNS + 2)]
        browser.close()
    return [statistics.median(each) for each in zip(*times[2:], strict=True)]


def main() -> None:
    calls = drawings()
    written_in = medians([partial(written, draw) for draw in calls.values()])
    painted_in = painted([written(draw) for draw in calls.values()])
    both = [one + other for one, other in zip(written_in, painted_in, strict=True)]
    print("| figure, 200 characters, H=256 | written, ms | painted, ms | both, times Explore's |")
    print("| --- | ---: | ---: | ---: |")
    for name, one, other, whole in zip(calls, written_in, painted_in, both, strict=True):
        print(f"| {name} | {one * 1e3:.0f} | {other * 1e3:.0f} | **{whole / both[0]:.2f}** |")
    missed = [name for name, whole in zip(calls, both, strict=True) if whole > TARGET * both[0]]
    print(
        f"\nTarget: at most {TARGET:g} times Explore's: {'missed by ' + ', '.join(missed) if missed else 'met'}. ",
        end="",
    )
    print(f"Medians of {RUNS} runs.\n{machine('plotly', 'orjson', 'xarray')}")


if __name__ == "__main__":
    main()
