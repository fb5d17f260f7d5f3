"""Request: what a user asks to train, within the limits of a shared machine."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from lstm_core.described import from_fields
from lstm_core.settings import Settings
from lstm_core.tasks import TASKS, Size

UNITS = (1, 512)  # a layer
LAYERS = (1, 3)
STEPS = (10, 50_000)
RATES = (1e-6, 10.0)
BIASES = (-10.0, 10.0)
LAGS = (2, 10_000)
SEEDS = (0, 2**31 - 1)
MAX_FILE_BYTES = 20_000_000  # bytes


@dataclass(frozen=True)
class Request:
    """A run as it was requested: everything that decides its result except the data of its file."""

    task: str  # a name in TASKS
    size: Size
    settings: Settings
    options: Mapping[str, object] = field(default_factory=dict)  # of the task
    file: str = ""  # the name of the reader's own file; "" where the task makes up its sequences

    def check(self) -> None:
        """Raise ValueError, one sentence, for values outside this machine's limits."""
        if self.task not in TASKS:
            raise ValueError(f"there is no task {self.task!r}: choose one of {', '.join(TASKS)}")
        settings = self.settings
        lag = settings.chrono or LAGS[0]
        for name, value, (least, most) in (
            ("Units", self.size.hidden, UNITS),
            ("Layers", self.size.layers, LAYERS),
            ("Steps", settings.steps, STEPS),
            ("Learning rate", settings.learning_rate, RATES),
            ("Seed", settings.seed, SEEDS),
            ("Forget bias", settings.forget_bias, BIASES),
            ("Chrono", lag, LAGS),
        ):
            if not least <= value <= most:
                low, high, given = (f"{one:,}" if isinstance(one, int) else f"{one:g}" for one in (least, most, value))
                raise ValueError(f"{name} can be from {low} to {high}, not {given}.")

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """The request that `to_json` wrote; what an older version lacks has its default.

        Raises ValueError, one sentence, for what this version does not know: it would train something else.
        """
        given = json.loads(text)
        if not is_request(text):
            raise ValueError("This is not a training request: start a new run.")
        try:
            parts = {
                "size": from_fields(Size, given["size"], "size"),
                "settings": from_fields(Settings, given["settings"], "list of settings"),
            }
            return from_fields(cls, given | parts, "request")
        except ValueError as error:
            raise ValueError(
                f"This run was requested by another version of Gatescope: {error}. Start a new run."
            ) from error


def is_request(text: str) -> bool:
    """Did `Request.to_json`, of any version, write this? Raises ValueError if it is not JSON."""
    given = json.loads(text)
    return isinstance(given, dict) and {"task", "size", "settings"} <= set(given)


def plain_name(name: str) -> str:
    """A file's name without folders and special characters."""
    last = re.split(r"[/\\]", name)[-1]
    safe = re.sub(r"[^\w .()-]", "_", last).strip(" .")
    return safe[-80:].strip(" .") or "file"
