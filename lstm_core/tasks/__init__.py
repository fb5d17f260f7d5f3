"""What models can be taught, one task a file."""

from pathlib import Path
from typing import Any

from lstm_core.tasks.task import Batch, Score, Size, Task
from lstm_core.tasks.text import Text

__all__ = ["TASKS", "Batch", "Score", "Size", "Task", "make_task"]

TASKS: dict[str, type[Task]] = {task.name: task for task in (Text,)}


def make_task(name: str, file: Path | None, options: dict[str, Any]) -> Task:
    """The task of that name, for the reader's own file where there is one. Raises ValueError for what it cannot be."""
    task: Any = TASKS[name]
    if file is not None:
        made: Task = task.from_file(file, **options)
    elif name == "text":
        made = Text.from_library(**options)
    else:
        made = task(**options)
    return made
