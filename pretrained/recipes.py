"""How each model of the zoo was trained; `python -m pretrained NAME` trains it again."""

import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lstm_core.settings import Settings
from lstm_core.tasks.task import Size, Task
from lstm_core.tasks.text import Text


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a model becomes, but the data of its file."""

    task: Callable[[Path | None], Task]  # takes the file with its data, or None where it needs none
    size: Size
    settings: Settings
    file: str = ""  # where the public file is found; "" where none is needed
    pool: int = 1  # nets, from as many seeds, of which the one that validates best is taken
    half: bool = False  # keep the checkpoints of the time-lapse in half precision
    points: tuple[int, ...] | None = None  # the steps of its time-lapse; all that were kept, by default


def _text(alphabet: str, title: str) -> Callable[[Path | None], Task]:
    def task(path: Path | None) -> Task:
        return Text.from_file(path or Path(), alphabet=alphabet, title_of_text=title)

    return task


RECIPES = {
    "shakespeare": Recipe(
        task=_text("\n !$&',-.3:;?" + string.ascii_letters, "tinyshakespeare.txt of karpathy/char-rnn"),
        size=Size(hidden=256, embedding=32),
        settings=Settings(steps=5880, dropout=0.2, forget_bias=0.0, seed=1),
        file="github.com/karpathy/char-rnn, data/tinyshakespeare/input.txt",
        half=True,
        points=(128, 1024),
    ),
}
