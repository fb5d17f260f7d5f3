"""What is to be trained: the widgets of the page Train, and the Request they make together.

Everything a reader leaves alone is as the task itself suggests, also when the task is changed.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from lstm_core.runs import LARGEST_FILE, LAYERS, STEPS, UNITS, Request
from lstm_core.settings import OPTIMIZERS, Settings
from lstm_core.tasks import FILES, TASKS, Size, Task
from viz.browser.address import Between
from viz.shared import state
from viz.shared.table_controls import choose_gaps, show_notes
from viz.shared.wording import plain
from viz.train.own_data import choose_data
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
    """What the reader has put together, and the file to learn from."""

    request: Request
    upload: Upload | None
    problem: str  # why it cannot be started; "" where it can
    caution: str = ""  # what should be known before it is


def choose_task() -> str:
    """ "Task": its name."""
    state.reset_unless("task", TASKS)
    return str(
        state.widget(
            st.selectbox,
            "task",
            "Task",
            list(TASKS),
            format_func=lambda one: TASKS[one].title,
            on_change=_as_the_task_suggests,
        )
    )


def choose_settings(name: str) -> Wanted:
    """All that belongs to the task of that name: size, settings, and a file where it can read one."""
    task: type[Task] = TASKS[name]
    st.caption(f"{task.summary}  \n**Look for:** {task.look_for}")
    left, right = st.columns(2)
    with left:
        hidden = _whole("hidden", "Units", task.size.hidden)
        optimizer = _optimizer(task.settings.optimizer)
        steps = _whole("training_steps", "Steps", task.settings.steps)
    with right:
        layers = _whole("depth", "Layers", task.size.layers)
        rate = _decimal("rate", "Learning rate", task.settings.learning_rate, least=0.0)
        seed = _whole("training_seed", "Seed", task.settings.seed, least=0)
    with st.expander("More settings"):
        bias = _decimal(
            "forget_bias",
            "Forget bias",
            task.settings.forget_bias,
            help="Added to the bias of every forget gate before training, so that an untaught unit remembers.",
        )
        chrono = _whole(
            "chrono",
            "Chrono: longest lag",
            task.settings.chrono,
            least=0,
            help="Steps over which units are to remember from the start (Tallec & Ollivier 2018); 0 for the forget bias.",
        )
    upload, options, problem = _choose_file(name) if name in FILES else (None, {}, "")
    if task.literature:
        st.caption(f"**Reached elsewhere:** {task.literature}")
    st.caption(
        f"Units {UNITS[0]} to {UNITS[1]}, layers {LAYERS[0]} to {LAYERS[1]}, steps {STEPS[0]} to {STEPS[1]:,}"
        + (f", files up to {LARGEST_FILE // 10**6} MB." if name in FILES else ".")
    )
    try:
        settings = _settings(task.settings, steps, optimizer, rate, seed, bias, chrono)
        request = Request(name, replace(task.size, hidden=hidden, layers=layers), settings, options, _name(upload))
        request.check()
    except ValueError as error:
        return Wanted(Request(name, Size(), Settings()), None, str(error))
    caution = caution_of(name, options, settings.batch, upload) if upload and not problem else ""
    return Wanted(request, upload, problem, caution)


def _settings(
    usual: Settings, steps: int, optimizer: str, rate: float, seed: int, bias: float, chrono: int
) -> Settings:
    """The task's own settings with the reader's; a short training warms up shortly and is scored often enough."""
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


def _choose_file(name: str) -> tuple[Upload | None, dict[str, Any], str]:
    """The reader's own data, and of a table its "Column": the file, the options of the task, and what is wrong with it."""
    upload = choose_data(name)
    if upload is None:
        return None, {}, ""
    options: dict[str, Any] = {}
    if name == "forecast":
        facts = table_facts(upload.digest, upload)
        columns = list(facts.gaps)
        if columns:
            left, right = st.columns(2)
            with left:
                options["column"] = st.selectbox(
                    "Column", columns, index=len(columns) - 1, key=f"column of {upload.digest}"
                )
            with right:
                options["period"] = _decimal(
                    "period", "Period", 0.0, least=0.0, help="Steps until a season begins again; 0 for none."
                )
            options |= choose_gaps(*facts.gaps[options["column"]])
        show_notes(facts.notes)
    problem = problem_with(name, options, upload)
    return upload, options, problem


def _name(upload: Upload | None) -> str:
    return upload.name if upload else ""


def _optimizer(usual: str) -> str:
    return str(_own(st.selectbox, "optimiser", "Optimiser", usual, OPTIMIZERS, OPTIMIZERS))


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
    """A widget that begins with what the task suggests. Only another choice is kept, and stands in the link."""
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
    """One sentence of what is wrong, which may quote what a reader gave."""
    first, *_ = problem.split()
    begun = first.capitalize() if first.isalpha() else first  # the name of a file stays as it is
    st.error(plain(begun + problem[len(first) :]), icon=":material/error:")
