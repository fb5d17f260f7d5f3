"""A run as the reader sees it: its progress, its model at this moment, and the buttons that pause or end it."""

from math import isfinite

import streamlit as st

from lstm_core.model_files import CheckpointError
from lstm_core.runs import Curve, CurvePoint, Folder, Request, Snapshot, View
from lstm_core.runs.retention import DAYS_KEPT, MAX_ENDED_RUNS
from lstm_core.tasks import TASKS
from viz.film import Frame, film, levels_of
from viz.locale import N_, _, ngettext
from viz.shared.layer_controls import choose_layer
from viz.shared.wording import plain
from viz.theme import limits
from viz.train.controls import look_for, say
from viz.train.curves import curves, smooth
from viz.train.runs import ENDED, LONGEST, RunPreview, pool, run_preview
from viz.train.save_controls import offer_model
from viz.train.shown import held_out_in_words, shown_points, units_of
from viz.train.starting import comes_back, present, show_start

EVERY = 1.0  # seconds between two updates during training
RECENT = 10.0  # seconds of work over which the speed is averaged
SHARES = (2, 3)  # of the width: curves, and the gates beside them
SIGNALS = ("input", "forget", "output", "cell")
STYLE = """<style>
/* Streamlit fades elements that are about to be replaced: not once a second. */
.st-key-live [data-stale=true] { opacity: 1 !important; transition: none !important; }
.st-key-live, .st-key-live .stVerticalBlock { gap: 0.5rem; }
.st-key-live [data-testid="stAlertContainer"] { padding: 0.4rem 1rem; }
.st-key-curves { min-height: 313px; } /* their place is kept until they are drawn */
@media (max-width: 640px) { /* a run comes before the settings of another */
  [data-testid="stLayoutWrapper"]:has(> .st-key-page-picture .st-key-live) { order: -1; }
}
</style>"""
STATES = {
    "queued": N_("Waiting in line"),
    "running": N_("Training"),
    "paused": N_("Paused"),
    "interrupted": N_("Interrupted"),
    "stopped": N_("Stopped"),
    "finished": N_("Finished"),
    "failed": N_("Failed"),
}


def show_run(run: str) -> None:
    """The run with that id, updated live while it trains or waits."""
    folder, view = pool().folder(run), pool().look(run)
    if folder is None or view is None:
        gone = _(
            "This run is no longer here: runs are kept for {days} days, and at most the last {most}. Start another on the "
            "left."
        )
        st.warning(gone.format(days=DAYS_KEPT, most=MAX_ENDED_RUNS), icon=":material/search_off:")
        return
    try:
        request = folder.request
        request.check()
    except ValueError as error:  # of another version of Gatescope, or damaged
        say(str(error))
        return
    st.html(STYLE)
    with st.container(key="live"):
        if view.active:
            st.fragment(_live, run_every=EVERY)(run, folder, request, active=True)
        else:
            _live(run, folder, request, active=False)


def show_none(task: str, steps: int) -> None:
    """The places of curves and gates before there is a run."""
    st.html(STYLE)
    st.info(
        _("No model yet. Press **Start training**; the defaults work (1–5 minutes)."),
        icon=":material/model_training:",
    )
    left, right = st.columns(SHARES)
    with left:
        curves([], steps=steps, **units_of(task), key="curves")
    with right:
        st.markdown(look_for(task))


def is_active(run: str) -> bool:
    view = pool().look(run)
    return view is not None and view.active


def _layout(request: Request) -> str:
    size, settings = request.size, request.settings
    text = _("{layers} of {units}, {optimizer} at {rate:g}, seed {seed}")
    if request.file:
        text = _("{layers} of {units}, {optimizer} at {rate:g}, seed {seed}, on {file}")
    return text.format(
        layers=ngettext("{count} layer", "{count} layers", size.layers).format(count=size.layers),
        units=ngettext("{count} unit", "{count} units", size.hidden).format(count=size.hidden),
        optimizer=settings.optimizer,
        rate=settings.learning_rate,
        seed=settings.seed,
        file=plain(request.file),
    )


def _live(run: str, folder: Folder, request: Request, *, active: bool) -> None:
    view = pool().look(run)
    if view is None or view.active != active:
        st.rerun()  # the whole page: its other parts depend on the state too
    try:
        now = run_preview(folder)  # one snapshot for all that is shown; the curve may be a few steps ahead of it
        upto = 0 if now is None else now.snapshot.step
    except CheckpointError as error:  # the curve lies in a file of its own
        say(str(error))
        now, upto = None, request.settings.steps
    points = shown_points(_points(folder, upto), request.task)
    snapshot = None if now is None else now.snapshot
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_(TASKS[request.task].title)}**: {_layout(request)}", width="stretch")
        if view.state in ENDED:
            st.markdown(f"**{_state(view)}** · {_step(snapshot, request)}", width="content")
        _buttons(run, view)
    _progress(view, folder, request, points, snapshot)
    if view.state in ENDED and folder.has_model:
        offer_model(folder, request)
    # The axis of a run that goes on has all its training steps; after its end, those that were done.
    over = now is not None and view.state in (*ENDED, "failed")
    steps = now.snapshot.step if now is not None and over else request.settings.steps
    left, right = st.columns(SHARES)
    with left:
        curves(points, steps=steps, **units_of(request.task), key="curves")
        if now is not None:
            _prediction(now)
    with right:
        if now is not None:
            _gates(now, request, points)
        elif view.active:
            show_start(folder.started, waiting=view.state == "queued")


def _points(folder: Folder, step: int) -> list[CurvePoint]:
    """The curve of that run up to that training step; only new lines of its file are read."""
    known = st.session_state.get("curve")
    if known is None or known.path != folder.progress:
        known = st.session_state["curve"] = Curve(folder.progress)
    known.update()
    return [point for point in known.points if point.step <= step]


def _progress(view: View, folder: Folder, request: Request, points: list[CurvePoint], now: Snapshot | None) -> None:
    steps = request.settings.steps
    step = now.step if now else 0
    facts = [f"**{_state(view)}**"]
    if view.state == "queued":
        facts.append(_waiting(view))
    elif view.state == "running" and now is None:
        facts.append(_(present(folder.started)))
    else:
        facts.append(_step(now, request))
        if view.state == "running" and comes_back(folder.started):
            facts.append(_(present(folder.started)))
        elif view.state == "running" and now is not None and not view.sentence:
            facts += _speed(points, now, steps)
    if view.state not in ENDED:
        st.progress(min(1.0, step / steps), text=" · ".join(facts))
    if view.trouble:
        say(view.trouble)
    if view.state == "failed":
        say(view.sentence)
    elif view.state == "interrupted":
        st.warning(
            _("The training process was killed. **Resume** continues from the last save."),
            icon=":material/power_off:",
        )
    elif view.sentence:
        st.info(plain(view.sentence), icon=":material/info:")


def _step(now: Snapshot | None, request: Request) -> str:
    step = now.step if now else 0
    return _("step {step:,} of {steps:,}").format(step=step, steps=request.settings.steps)


def _state(view: View) -> str:
    if view.active and view.order:
        return _("Pausing …") if view.order == "pause" else _("Stopping …")
    return _(STATES[view.state])


def _waiting(view: View) -> str:
    waiting = ngettext(
        "{count} run is ahead of yours, at most {most} train at once: yours starts automatically",
        "{count} runs are ahead of yours, at most {most} train at once: yours starts automatically",
        view.ahead,
    )
    return waiting.format(count=view.ahead, most=pool().most)


def _speed(points: list[CurvePoint], now: Snapshot, steps: int) -> list[str]:
    """Tokens per second and the time left, from the last seconds of work."""
    measured = [point for point in points if isfinite(point.tokens_per_second) and isfinite(point.seconds)]
    lately = [point for point in measured if point.seconds >= now.seconds - RECENT]
    if not lately or now.step <= lately[0].step:
        return []
    rate = sum(point.tokens_per_second for point in lately) / len(lately)
    each = (now.seconds - lately[0].seconds) / (now.step - lately[0].step)
    found = [_("{rate} tokens per second").format(rate=_rounded(rate))]
    if now.step < steps:
        found.append(_("about {duration} left").format(duration=_duration((steps - now.step) * each)))
    return found


def _rounded(value: float) -> str:
    """Two significant digits, so that the number does not flicker."""
    return f"{float(f'{value:.2g}'):,.0f}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return _("{count} s").format(count=max(1, round(seconds)))
    if seconds < 5400:
        return _("{count} min").format(count=round(seconds / 60))
    return _("{count} h").format(count=f"{seconds / 3600:.1f}")


def _buttons(run: str, view: View) -> None:
    """ "Pause", "Resume" and "Stop": those that work in the present state."""
    if view.state in ("paused", "interrupted"):
        st.button(_("Resume"), on_click=pool().resume, args=(run,), icon=":material/play_arrow:")
    elif view.active:
        st.button(
            _("Pause"),
            on_click=pool().pause,
            args=(run,),
            icon=":material/pause:",
            disabled=bool(view.order or view.sentence),
            help=_("Saves the run and frees its slot. Resuming on this machine gives bit-identical results."),
        )
    if view.active or view.state in ("paused", "interrupted"):
        st.button(
            _("Stop"),
            on_click=pool().stop,
            args=(run,),
            icon=":material/stop:",
            disabled=bool(view.order == "stop" or (view.active and view.sentence)),
            help=_("Ends the run now. Then you can save the model."),
        )


def _prediction(now: RunPreview) -> None:
    """How well the model did on other sequences, once that is known; and what it predicts for one, last: nothing below may jump."""
    if tested := held_out_in_words(now.evaluation):
        st.caption(_("**Tested** on held-out sequences: {result}.").format(result=plain(tested)))
    st.markdown(f"**{_(now.about)}**")
    st.code(now.prediction, language=None, wrap_lines=True)


def _gates(now: RunPreview, request: Request, points: list[CurvePoint]) -> None:
    """The model's signals on that sequence now."""
    layer_name = choose_layer(now.recording) if len(now.recording.layers) > 1 else "layer0"
    shown = now.recording.layers[layer_name].isel(step=slice(0, LONGEST))
    reach = limits("cell", shown["cell"])[1]
    score = next((point.score for point in reversed(points) if point.score is not None), float("nan"))
    # The smooth loss of the chart beside it: the loss of a single batch would be another number of the same name.
    loss = smooth([point.loss for point in points])[-1] if points else float("nan")
    frame = Frame(now.snapshot.step, float(loss), score, levels_of(shown, SIGNALS, cell_limit=reach))
    film(
        [frame],
        signals=SIGNALS,
        layer=shown,
        order=range(shown.sizes["unit"]),
        steps=request.settings.steps,
        **units_of(request.task),
        cell_limit=reach,
        live=True,
        title=_("The gates at this moment"),
        key="gates",
    )
