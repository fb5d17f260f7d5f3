"""Which character comes next? Any text file."""

import hashlib
import math
import platform
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from lstm_core.encoders import ByteEncoder
from lstm_core.model import SequenceModel
from lstm_core.settings import Settings
from lstm_core.tasks.files import read_text
from lstm_core.tasks.task import Batch, Score, Size, Task

MIN_CHARS = 20  # characters: the tenth held out and the part that validates need a next character each, so two
ENOUGH = 2_000  # characters: a shorter text is learnt by heart, and in fewer sequences at once
MIN_PART_BYTES = 2  # of a part
MAX_WINDOW = 4_096  # steps
EXAMPLE_CHARS = 160  # characters of an example
VALIDATED = 10_000  # bytes of the validation part that a score reads


@dataclass(frozen=True)
class Text(Task):
    """Read a text byte by byte and predict the next byte.

    The text is read as one stream: its first fiftieth validates, its last tenth is held out, the rest is cut into
    as many strands as a batch has sequences; a text of fewer than ENOUGH characters only into as many as can be a
    window long. States are carried from window to window and never reset: at the end of an epoch each strand hands its state to the strand whose text comes next. A model that
    was reset every epoch drifts when it reads a longer stream than a strand.

    >>> Text("to be or not to be " * 100).window
    64
    """

    text: str = field(repr=False)
    title_of_text: str = "a text"
    window: int = 64  # steps of truncated backpropagation through time
    alphabet: str = ""  # characters that occur; by default those of the text

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "Next character of a text"
    summary: ClassVar[str] = "Reads text byte by byte and predicts the next character."
    look_for: ClassVar[str] = (
        "Do output or forget gates close at spaces or at line ends? Does a unit switch at quotation marks or brackets?"
    )
    literature: ClassVar[str] = (
        "Karpathy, Johnson & Li 2015 (arXiv:1506.02078) found cells that track quotes, line length and brackets in "
        "character models, on other texts, so the scores cannot be compared."
    )
    measure: ClassVar[str] = "nats per character"
    higher_is_better: ClassVar[bool] = False
    size: ClassVar[Size] = Size(hidden=128, embedding=32)
    settings: ClassVar[Settings] = Settings(steps=3000, dropout=0.1, forget_bias=0.0)

    def __post_init__(self) -> None:
        if len(self.text) < MIN_CHARS:
            raise ValueError(
                f"the text has {len(self.text):,} characters: give at least {MIN_CHARS:,}, "
                f"or there is nothing to learn from and to test on"
            )
        if not 1 <= self.window <= MAX_WINDOW:
            raise ValueError(f"window must be from 1 to {MAX_WINDOW:,} steps, not {self.window}")

    @classmethod
    def from_file(cls, path: Path, **options: Any) -> "Text":
        """The task for a UTF-8 text file. Raises ValueError for a file that is none, or is too short."""
        return cls(text=read_text(path), **{"title_of_text": path.name, **options})

    @classmethod
    def from_library(cls, *, most: int = 300_000, **options: Any) -> "Text":
        """The task for source code: modules of the running Python's standard library, up to `most` characters.

        Its top-level modules, whole, in an order that is shuffled but always the same.
        """
        folder = Path(sysconfig.get_path("stdlib"))
        modules = sorted(folder.glob("*.py"), key=lambda path: hashlib.sha256(path.name.encode()).digest())
        pieces: list[str] = []
        length = 0
        for module in modules:
            piece = module.read_text(encoding="utf-8", errors="replace")
            if length + len(piece) <= most:
                pieces.append(piece)
                length += len(piece)
        version = ".".join(platform.python_version_tuple())
        title = f"{len(pieces)} modules of the standard library of Python {version}"
        return cls(text="".join(pieces), **{"title_of_text": title, **options})

    @property
    def encoder(self) -> ByteEncoder:
        return ByteEncoder()

    @property
    def source(self) -> str:
        return f"{self.title_of_text} ({len(self.text):,} characters)"

    @property
    def expected(self) -> tuple[int, ...]:
        letters = self.alphabet or "".join(sorted(set(self.text)))
        return tuple(sorted(set(self.encoder.encode(letters).ids.tolist())))

    @cached_property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The bytes for training, for validation, and held out."""
        ids = self.encoder.encode(self.text).ids
        validating, held_out = max(MIN_PART_BYTES, len(ids) // 50), int(len(ids) * 0.9)
        return ids[validating:held_out], ids[:validating], ids[held_out:]

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (a text goes on as it does)
        strands = self._strands(size)
        per_epoch = math.ceil((strands.shape[1] - 1) / self.window)
        start = step % per_epoch * self.window
        piece = strands[:, start : start + self.window + 1]
        targets = torch.from_numpy(piece[:, 1:])
        return Batch(
            inputs=torch.from_numpy(piece[:, :-1]),
            targets=targets,
            weights=torch.ones(targets.shape),
            tokens=targets.numel(),
            state="carried" if start else "rolled",
        )

    def _strands(self, count: int) -> np.ndarray:
        ids = self.parts[0]
        count = self._at_once(count)
        length = len(ids) // count
        if length < 2:
            raise ValueError(f"{len(ids)} bytes are too few for a batch of {count} strands: make the batch smaller")
        return ids[: count * length].reshape(count, length)

    def _at_once(self, batch: int) -> int:
        """The number of sequences per batch; fewer than wanted if the text is short, so that each fills a window."""
        if len(self.text) >= ENOUGH:
            return batch
        return max(1, min(batch, len(self.parts[0]) // (self.window + 1)))

    def caution(self, batch: int) -> str:
        if len(self.text) >= ENOUGH:
            return ""
        held_out = self.parts[2]
        at_once = self._at_once(batch)
        pieces = f" Each step trains on {at_once} sequence{'s' if at_once > 1 else ''} instead of {batch}."
        return (
            f"The text has only {len(self.text):,} characters, fewer than {ENOUGH:,}: the model will learn it by heart, "
            f"and a score on the {len(held_out):,} bytes held out means little.{pieces if at_once < batch else ''}"
        )

    def validate(self, model: SequenceModel) -> float:
        return nats_per_token(model, self.parts[1][:VALIDATED])

    def test(self, model: SequenceModel) -> Score:
        held_out = self.parts[2]
        return Score(
            nats_per_token(model, held_out),
            self.measure,
            f"the last tenth of the text, {len(held_out):,} bytes, read as one stream from a zero state",
        )

    def examples(self) -> Mapping[str, str]:
        held_out = self.encoder.decode(self.parts[2])
        breaks = [held_out.find(end) + len(end) for end in ("\n\n", "\n") if end in held_out[:-EXAMPLE_CHARS]]
        start = breaks[0] if breaks else 0
        found = {"Start of the held-out test text": held_out[start : start + EXAMPLE_CHARS]}
        if len(self.text) >= ENOUGH or len(held_out) >= EXAMPLE_CHARS:
            return found
        return {"End of the text (its last tenth is held out)": self.text[-EXAMPLE_CHARS:], **found}

    def describe(self) -> dict[str, object]:
        digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        return {"task": self.name, "text": digest, "window": self.window, "alphabet": self.alphabet}


def nats_per_token(model: SequenceModel, ids: np.ndarray, *, window: int = 4096) -> float:
    """The mean loss in nats per token on a stream that is read once, from a zero state.

    The mean of -ln p(next token) over all tokens but the first, state carried throughout.
    """
    if len(ids) < 2:
        raise ValueError(f"a stream of {len(ids)} tokens has no next token to expect: give at least 2")
    stream = torch.as_tensor(ids)
    total, state = 0.0, None
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(ids) - 1, window):
            piece = stream[start : start + window + 1].to(model.device)
            logits, state = model(piece[:-1], state)
            total += nn.functional.cross_entropy(logits.double(), piece[1:], reduction="sum").item()
    return total / (len(ids) - 1)
