"""The tasks that models can be trained on, one a file."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

from lstm_core.tasks.adding import Adding
from lstm_core.tasks.brackets import Brackets
from lstm_core.tasks.copying import Copying
from lstm_core.tasks.counting import AnBn, AnBnCn
from lstm_core.tasks.forecast import Forecast
from lstm_core.tasks.reber import EmbeddedReber, Reber
from lstm_core.tasks.sentiment import Sentiment
from lstm_core.tasks.task import Batch, Score, Size, Task
from lstm_core.tasks.temporal_order import TemporalOrder
from lstm_core.tasks.text import Text

__all__ = [
    "FILES",
    "TASKS",
    "Adding",
    "AnBn",
    "AnBnCn",
    "Batch",
    "Brackets",
    "Copying",
    "EmbeddedReber",
    "Forecast",
    "Reber",
    "Score",
    "Sentiment",
    "Size",
    "Task",
    "TemporalOrder",
    "Text",
    "make_task",
]

_ALL: tuple[type[Task], ...] = (
    Text, Reber, EmbeddedReber, AnBn, AnBnCn, Brackets, Adding, TemporalOrder, Copying, Sentiment, Forecast,
)  # fmt: skip
TASKS = {task.name: task for task in _ALL}

FILES = {
    "text": "a text file (UTF-8 or UTF-16)",
    "sentiment": "a file with a sentence, a tab and a label in each line",
    "forecast": "a CSV file with a column of numbers",
}
"""Which tasks take a file of the reader's own, and of what kind."""


def make_task(name: str, file: Path | None = None, options: dict[str, Any] | None = None) -> Task:
    """The task of that name, on a file of the user's if one is given, with options by field name.

    Without a file, `text` reads Python's standard library and the others make up their sequences. Raises
    ValueError, saying what to do, for a task, a file or an option that is invalid.

    >>> make_task("anbn", options={"longest": 5}).longest
    5
    """
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; the tasks are: {', '.join(TASKS)}")
    chosen = dict(options or {})
    if file is not None and name not in FILES:
        raise ValueError(f"{name} makes up its own sequences: leave out the file")
    makers: dict[str, Any] = {"text": Text.from_library, "sentiment": Sentiment.made_up, "forecast": Forecast.made_up}
    if file is not None:
        makers = {"text": Text.from_file, "sentiment": Sentiment.from_file, "forecast": Forecast.from_file}
        chosen["path"] = file
    make = makers.get(name, TASKS[name])
    chosen |= _checked(name, make, options or {})
    task: Task = make(**chosen)
    return task


def _checked(name: str, make: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, each of the kind of its default. Raises ValueError for one that the task does not have."""
    usual: dict[str, Any] = {own.name: own.default for own in fields(TASKS[name])}  # type: ignore[arg-type]  # all are dataclasses
    usual |= {own.name: own.default for own in signature(make).parameters.values()}
    usual = {own: default for own, default in usual.items() if isinstance(default, int | float | str)}
    checked: dict[str, Any] = {}
    for option, value in options.items():
        if option not in usual:
            there = f"it has {', '.join(usual)}" if usual else "it has none"
            raise ValueError(f"{name} has no option {option!r}: {there}")
        kind = type(usual[option])
        if kind is not str and not (type(value) is int or (kind is float and type(value) is float)):
            raise ValueError(f"{option} must be a {'whole ' if kind is int else ''}number, not {value!r}")
        checked[option] = kind(value)
    return checked
