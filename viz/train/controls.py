"""What to train: the widgets of the page Train, and the Request they make together.

Every setting that the reader does not change has the task's own default, also after another task is chosen.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from lstm_core.runs import LAYERS, MAX_FILE_BYTES, STEPS, UNITS, Request
from lstm_core.settings import OPTIMIZERS, Settings
from lstm_core.tasks import FILES, TASKS, Size, Task
from viz.browser.address import Between
from viz.locale import _
from viz.shared import state
from viz.shared.table_controls import choose_gaps, show_notes
from viz.shared.wording import plain
from viz.train.own_data import give_file, own_data, paste
from viz.train.runs import Upload, caution_of, problem_with, table_facts

OWN = (
    "hidden",
    "depth",
    "optimiser",
    "rate",
    "training_steps",
    "training_seed",
    "forget_bias",
    "chrono",
    "period",
    "gaps",
)
MOST = 10**9  # what a number's widget takes; the limits are those of the request, with its sentences


@dataclass(frozen=True)
class Wanted:
    """The reader's settings, and the file to train on."""

    request: Request
    upload: Upload | None
    problem: str  # why it cannot start; "" if it can
    caution: str = ""  # a warning before the start


def choose_task() -> str:
    """ "Task": its name."""
    state.reset_unless("task", TASKS)
    return str(
        state.widget(
            st.selectbox,
            "task",
            _("Task"),
            list(TASKS),
            format_func=lambda one: _(TASKS[one].title),
            on_change=_as_the_task_suggests,
        )
    )


def explain(name: str) -> None:
    """What the page is about, what the task of that name is, and what can be asked for."""
    task: type[Task] = TASKS[name]
    st.write(
        _(
            "Pick a task, start, and watch noise become gates that open and shut for a reason. The model trains on this "
            "machine in a separate process: you can leave the page, and its link finds the run again."
        )
    )
    st.caption(f"{_(task.summary)}  \n" + look_for(name))
    if task.literature:
        st.caption(_("**Published:** {results}").format(results=_(task.literature)))
    st.caption(_limits(files=name in FILES))


def look_for(name: str) -> str:
    """What may be found in a model of that task, in Markdown."""
    return _("**Look for:** {look_for}").format(look_for=_(TASKS[name].look_for))


def choose_settings(name: str, pasted: str | None) -> Wanted:
    """The settings of the task of that name: size, optimiser, and its data, if it can read the reader's own.

    `pasted` is what the reader has pasted; None where the box comes below, beside the file.
    """
    task: type[Task] = TASKS[name]
    left, right = st.columns(2)
    with left:
        hidden = _whole("hidden", _("Units"), task.size.hidden)
        steps = _whole("training_steps", _("Steps"), task.settings.steps)
    with right:
        layers = _whole("depth", _("Layers"), task.size.layers)
        rate = _decimal("rate", _("Learning rate"), task.settings.learning_rate, least=0.0)
    with st.expander(_("More settings")):
        optimizer = _optimizer(task.settings.optimizer)
        seed = _whole("training_seed", _("Seed"), task.settings.seed, least=0)
        bias = _decimal(
            "forget_bias",
            _("Forget bias"),
            task.settings.forget_bias,
            help=_("Added to every forget gate's bias before training, so that an untrained unit remembers."),
        )
        chrono = _whole(
            "chrono",
            _("Chrono: longest lag"),
            task.settings.chrono,
            least=0,
            help=_("How many timesteps units remember at first (Tallec & Ollivier 2018). 0: use the forget bias."),
        )
    upload, options, problem = _choose_file(name, pasted) if name in FILES else (None, {}, "")
    try:
        settings = _settings(task.settings, steps, optimizer, rate, seed, bias, chrono)
        request = Request(name, replace(task.size, hidden=hidden, layers=layers), settings, options, _name(upload))
        request.check()
    except ValueError as error:
        return Wanted(Request(name, Size(), Settings()), None, str(error))
    caution = caution_of(name, options, settings.batch, upload) if upload and not problem else ""
    return Wanted(request, upload, problem, caution)


def _limits(*, files: bool) -> str:
    """What can be asked for."""
    if files:
        limits = _("Units {units}, layers {layers}, training steps {steps}, files up to {size} MB.")
    else:
        limits = _("Units {units}, layers {layers}, training steps {steps}.")
    units, layers, steps = (f"{least:,}–{most:,}" for least, most in (UNITS, LAYERS, STEPS))
    return limits.format(units=units, layers=layers, steps=steps, size=MAX_FILE_BYTES // 10**6)


def _settings(
    usual: Settings, steps: int, optimizer: str, rate: float, seed: int, bias: float, chrono: int
) -> Settings:
    """The task's settings with the reader's changes; a short run warms up briefly and is scored often enough."""
    return replace(
        usual,
        steps=steps,
        optimizer=optimizer,
        learning_rate=rate,
        seed=seed,
        forget_bias=bias,
        chrono=chrono,
        warmup=min(usual.warmup, steps // 10),
        score_every=min(usual.score_every, max(1, steps // 20)),
    )


def _as_the_task_suggests() -> None:
    for key in OWN:
        state.set_value(key, state.PARAMETERS[key].default)


def _choose_file(name: str, pasted: str | None) -> tuple[Upload | None, dict[str, Any], str]:
    """The reader's own data and, for a table, its "Column": the file, the task's options, and any problem."""
    given = give_file(name)
    upload = own_data(name, paste(name) if pasted is None else pasted, given)
    if upload is None:
        return None, {}, ""
    options: dict[str, Any] = {}
    if name == "forecast":
        facts = table_facts(upload)
        columns = list(facts.gaps)
        if columns:
            left, right = st.columns(2)
            with left:
                options["column"] = st.selectbox(
                    _("Column"), columns, index=len(columns) - 1, key=f"column-{upload.digest}"
                )
            with right:
                options["period"] = _decimal(
                    "period", _("Period"), 0.0, least=0.0, help=_("Length of a season in timesteps; 0 for none.")
                )
            options |= choose_gaps(*facts.gaps[options["column"]])
        show_notes(facts.notes)
    problem = problem_with(name, options, upload)
    return upload, options, problem


def _name(upload: Upload | None) -> str:
    return upload.name if upload else ""


def _optimizer(usual: str) -> str:
    return str(_own(st.selectbox, "optimiser", _("Optimiser"), usual, OPTIMIZERS, OPTIMIZERS))


def _whole(key: str, label: str, usual: int, *, least: int = 1, help: str | None = None) -> int:  # noqa: A002 (Streamlit's own word)
    return int(
        _own(
            st.number_input,
            key,
            label,
            usual,
            Between(least, MOST),
            min_value=least,
            max_value=MOST,
            help=help,
        )
    )


def _decimal(key: str, label: str, usual: float, *, least: float = -1e9, help: str | None = None) -> float:  # noqa: A002 (Streamlit's own word)
    return float(
        _own(
            st.number_input,
            key,
            label,
            usual,
            Between(least, MOST),
            min_value=least,
            max_value=float(MOST),
            format="%g",
            help=help,
        )
    )


def _own(
    widget: Callable[..., Any],
    key: str,
    label: str,
    usual: Any,
    allowed: Container[Any],
    *rest: Any,
    **options: Any,
) -> Any:
    """A widget that begins with the task's default. Only another choice is stored, and appears in the link."""
    nothing = state.PARAMETERS[key].default
    state.reset_unless(key, allowed)
    if st.session_state[key] == nothing:
        state.set_value(key, usual)
    answer = state.widget(widget, key, label, *rest, **options)
    if answer is None:
        answer = usual
    if answer == usual:
        st.session_state[key] = nothing
    return answer


def say(problem: str) -> None:
    """Show a problem, one sentence that may quote the reader's input."""
    first, *_ = problem.split()
    begun = first.capitalize() if first.isalpha() else first  # the name of a file stays as it is
    st.error(plain(begun + problem[len(first) :]), icon=":material/error:")
