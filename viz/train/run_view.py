"""A run as its reader sees it: how it goes, what its model does at this moment, and the ways to end it."""

from math import isfinite

import streamlit as st

from lstm_core.model_files import CheckpointError
from lstm_core.runs import Curve, CurvePoint, Folder, Request, Snapshot, View
from lstm_core.runs.retention import DAYS_KEPT, MOST_KEPT
from lstm_core.tasks import TASKS
from viz.film import Frame, film, levels_of
from viz.shared import controls
from viz.shared.wording import plain
from viz.theme import limits
from viz.train.controls import say
from viz.train.curves import curves, smooth
from viz.train.runs import LONGEST, RunPreview, pool, run_preview
from viz.train.save_controls import choose_name

EVERY = 1.0  # seconds between two looks at a run that is trained
RECENT = 10.0  # seconds of work over which the speed is taken
ONE_LINE, WRITING = 90, 172  # characters; pixels
SIGNALS = ("input", "forget", "output", "cell")
STATES = {
    "queued": "Waiting in line",
    "running": "Training",
    "paused": "Paused",
    "interrupted": "Interrupted",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
}


def show_run(run: str) -> None:
    """The run with that id, live as long as it is trained or waits."""
    folder, view = pool().folder(run), pool().look(run)
    if folder is None or view is None:
        st.warning(
            f"This run is no longer here: runs are kept for {DAYS_KEPT} days, and at most the last {MOST_KEPT}. "
            "Start another on the left.",
            icon=":material/search_off:",
        )
        return
    try:
        request = folder.request
        request.check()
    except ValueError as error:  # of another version of Gatescope, or damaged
        say(str(error))
        return
    st.markdown(f"**{TASKS[request.task].title}**: {_layout(request)}")
    if view.state in ("stopped", "finished") and folder.has_model:
        choose_name(folder)
    # What is about to be replaced must not fade once a second.
    st.html("<style>.st-key-live [data-stale=true] { opacity: 1 !important; transition: none !important; }</style>")
    with st.container(key="live"):
        st.fragment(_live, run_every=EVERY if view.active else None)(run, folder, request, active=view.active)


def is_active(run: str) -> bool:
    view = pool().look(run)
    return view is not None and view.active


def _layout(request: Request) -> str:
    size, settings = request.size, request.settings
    layers = (
        f"{size.layers} layer{'s' if size.layers > 1 else ''} of {size.hidden} unit{'s' if size.hidden > 1 else ''}"
    )
    file = f", on {plain(request.file)}" if request.file else ""
    return f"{layers}, {settings.optimizer} at {settings.learning_rate:g}, seed {settings.seed}{file}"


def _live(run: str, folder: Folder, request: Request, *, active: bool) -> None:
    view = pool().look(run)
    if view is None or view.active != active:
        st.rerun()  # the whole page: what surrounds this looks at the state too
    try:
        now = run_preview(folder)  # all figures here are of this one snapshot; its step is known before it is written
        upto = 0 if now is None else now.snapshot.step
    except CheckpointError as error:  # the curve lies in a file of its own
        say(str(error))
        now, upto = None, request.settings.steps
    points = _points(folder, upto)
    _progress(view, request, points, None if now is None else now.snapshot)
    _buttons(run, view)
    # A run that goes on is seen against all of its steps, one that has ended against those it took.
    ended = now is not None and view.state in ("stopped", "finished", "failed")
    steps = now.snapshot.step if now is not None and ended else request.settings.steps
    curves(points, steps=steps, measure=TASKS[request.task].measure, key="curves")
    if now is not None:
        _preview(now, request, points)


def _points(folder: Folder, step: int) -> list[CurvePoint]:
    """The curve of that run up to that step, read on from where this visit left it."""
    known = st.session_state.get("curve")
    if known is None or known.path != folder.progress:
        known = st.session_state["curve"] = Curve(folder.progress)
    known.update()
    return [point for point in known.points if point.step <= step]


def _progress(view: View, request: Request, points: list[CurvePoint], now: Snapshot | None) -> None:
    steps = request.settings.steps
    step = now.step if now else 0
    said = [f"**{_state(view)}**"]
    if view.state == "queued":
        said.append(_waiting(view))
    elif view.state == "running" and now is None:
        said.append("its process is starting")
    else:
        said.append(f"step {step:,} of {steps:,}")
    if view.state == "running" and now is not None and not view.sentence:
        said += _speed(points, now, steps)
    st.progress(min(1.0, step / steps), text=" · ".join(said))
    if view.trouble:
        say(view.trouble)
    if view.state == "failed":
        say(view.sentence)
    elif view.state == "interrupted":
        st.warning(
            "Its process was ended from outside. **Resume** goes on from where it was saved last.",
            icon=":material/power_off:",
        )
    elif view.sentence:
        st.info(plain(view.sentence), icon=":material/info:")


def _state(view: View) -> str:
    if view.active and view.order:
        return "Pausing …" if view.order == "pause" else "Stopping …"
    return STATES[view.state]


def _waiting(view: View) -> str:
    are = "1 run is" if view.ahead == 1 else f"{view.ahead} runs are"
    return f"{are} ahead of yours, at most {pool().most} are trained at once: it starts by itself"


def _speed(points: list[CurvePoint], now: Snapshot, steps: int) -> list[str]:
    """Tokens a second and the time left, by what was done lately."""
    measured = [point for point in points if isfinite(point.tokens_per_second) and isfinite(point.seconds)]
    lately = [point for point in measured if point.seconds >= now.seconds - RECENT]
    if not lately or now.step <= lately[0].step:
        return []
    rate = sum(point.tokens_per_second for point in lately) / len(lately)
    each = (now.seconds - lately[0].seconds) / (now.step - lately[0].step)
    left = [f"about {_duration((steps - now.step) * each)} left"] if now.step < steps else []
    return [f"{_rounded(rate)} tokens per second", *left]


def _rounded(value: float) -> str:
    """A number that does not flicker: two digits that count."""
    return f"{float(f'{value:.2g}'):,.0f}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _buttons(run: str, view: View) -> None:
    """ "Pause", "Resume" and "Stop": those that do something now."""
    left, middle, _ = st.columns([2, 2, 6])
    with left:
        if view.state in ("paused", "interrupted"):
            st.button("Resume", on_click=pool().resume, args=(run,), icon=":material/play_arrow:", width="stretch")
        elif view.active:
            busy = bool(view.order or view.sentence)
            st.button(
                "Pause",
                on_click=pool().pause,
                args=(run,),
                icon=":material/pause:",
                disabled=busy,
                width="stretch",
                help="Saves the run and frees its slot. Resuming on this machine gives bit-identical results.",
            )
    with middle:
        if view.active or view.state in ("paused", "interrupted"):
            st.button(
                "Stop",
                on_click=pool().stop,
                args=(run,),
                icon=":material/stop:",
                disabled=bool(view.order == "stop" or (view.active and view.sentence)),
                width="stretch",
                help="Ends it as it is; then the model can be saved.",
            )


def _preview(now: RunPreview, request: Request, points: list[CurvePoint]) -> None:
    """What the model does with one sequence, as it is now."""
    if now.tested:
        st.caption(f"**Tested** on what it has never met: {plain(now.tested)}.")
    st.markdown(f"**{now.about}**")
    tall = len(now.says) > ONE_LINE or "\n" in now.says  # of one height then, so that nothing below it jumps
    st.code(now.says, language=None, wrap_lines=True, height=WRITING if tall else "content")
    layer = controls.choose_layer(now.recording) if len(now.recording.layers) > 1 else "layer0"
    shown = now.recording.layers[layer].isel(step=slice(0, LONGEST))
    reach = limits("cell", shown["cell"])[1]
    score = next((point.score for point in reversed(points) if point.score is not None), float("nan"))
    # The loss that the chart above says, which is a mean: that of one batch would be another number of the same name.
    loss = smooth([point.loss for point in points])[-1] if points else float("nan")
    frame = Frame(now.snapshot.step, float(loss), score, levels_of(shown, SIGNALS, cell_limit=reach))
    film(
        [frame],
        signals=SIGNALS,
        layer=shown,
        order=range(shown.sizes["unit"]),
        steps=request.settings.steps,
        measure=TASKS[request.task].measure,
        cell_limit=reach,
        live=True,
        title="The gates at this moment",
        key="gates",
    )
