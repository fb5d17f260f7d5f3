"""How each model of the zoo was trained; `python -m pretrained NAME` retrains it."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lstm_core.settings import Settings
from lstm_core.tasks import TASKS, Size, Task, make_task


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a model except the data in its file. Size and settings are the task's own unless given."""

    task: str
    options: Mapping[str, object] = field(default_factory=dict)
    own_size: Size | None = None
    own_settings: Settings | None = None
    file: str = ""  # where the public file is found; "" where none is needed
    pool: int = 1  # nets, from as many seeds, of which the one that validates best is taken
    half: bool = False  # save the training checkpoints in half precision
    checkpoints: tuple[int, ...] | None = None  # the steps of its training checkpoints; all that were saved, by default
    examples: Mapping[str, str] = field(default_factory=dict)  # sequences to look at, before the task's own

    def make(self, file: Path | None) -> Task:
        return make_task(self.task, file, dict(self.options))

    @property
    def size(self) -> Size:
        return self.own_size or TASKS[self.task].size

    @property
    def settings(self) -> Settings:
        return self.own_settings or TASKS[self.task].settings


RECIPES = {
    "shakespeare": Recipe(
        "text",
        {
            "alphabet": "\n !$&',-.3:;?" + string.ascii_letters,
            "title_of_text": "tinyshakespeare.txt of karpathy/char-rnn",
        },
        own_size=Size(hidden=256, embedding=32),
        own_settings=Settings(steps=5880, dropout=0.2, forget_bias=0.0, seed=1),
        file="github.com/karpathy/char-rnn, data/tinyshakespeare/input.txt",
        half=True,
        checkpoints=(16, 128, 1024, 4096),
    ),
    "python": Recipe(
        "text",
        {"most": 4_000_000},
        own_size=Size(hidden=192, embedding=32),
        own_settings=Settings(steps=5000, dropout=0.05, forget_bias=0.0, seed=1),
        half=True,
        checkpoints=(8, 32, 128, 512, 2048, 4096),
        examples={
            "Blocks within blocks": (
                "def first(values):\n    for value in values:\n        if value is not None:\n            return value\n"
                "    return None\n"
            ),
            "Strings and a comment": "name = 'it is (not) code'  # nor is (this)\ntext = \"a 'quoted' word\"\n",
            "Brackets over lines": "table = [\n    (1, {'a': [2, 3]}),\n    (4, {}),\n]\n",
            "A docstring": 'def area(width, height):\n    """Return the area."""\n    return width * height\n',
        },
    ),
    "embedded_reber": Recipe("embedded_reber"),
    "anbn": Recipe("anbn", pool=8),
    "anbncn": Recipe("anbncn", pool=6),
    "brackets": Recipe("brackets"),
    "adding": Recipe("adding"),
    "temporal_order": Recipe("temporal_order"),
    "sentiment": Recipe(
        "sentiment",
        file="Stanford Sentiment Treebank, two classes, whole sentences: train.tsv with dev.tsv and test.tsv beside it",
        half=True,
        checkpoints=(32, 128, 512),
    ),
    "temperature": Recipe(
        "forecast",
        {"column": "Temp", "period": 365.25, "called": "minimum temperature (°C)"},
        file="daily-min-temperatures.csv (Melbourne 1981-1990, Australian Bureau of Meteorology; github.com/jbrownlee/Datasets)",
    ),
}
