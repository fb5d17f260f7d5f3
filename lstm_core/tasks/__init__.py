"""What models can be taught, one task a file."""

from lstm_core.tasks.task import Batch, Score, Size, Task
from lstm_core.tasks.text import Text

__all__ = ["TASKS", "Batch", "Score", "Size", "Task"]

TASKS: dict[str, type[Task]] = {task.name: task for task in (Text,)}
